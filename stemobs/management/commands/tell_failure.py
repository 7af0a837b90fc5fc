"""`manage.py tell_failure`: write to the administrator that a service has failed."""

import socket
from typing import Any

from django.conf import settings
from django.core.mail import mail_admins
from django.core.management.base import BaseCommand, CommandError, CommandParser

TOLD = """{unit} on {host} has failed, for {site}.

To see why: journalctl --unit {unit}
When the cause is mended: systemctl restart {unit}
"""


class Command(BaseCommand):
    help = "Write to ADMIN_EMAIL that a service of systemd has failed."
    # What is wrong with the settings may be why it failed.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("unit", help="the name of the service, such as stem-dump.service")

    def handle(self, *args: Any, unit: str, **options: Any) -> None:
        if not settings.ADMINS:
            raise CommandError("Nobody was told, because ADMIN_EMAIL is not set.")
        told = TOLD.format(unit=unit, host=socket.gethostname(), site=settings.SITE_URL)
        try:
            mail_admins(f"{unit} has failed", told)
        except OSError as error:
            raise CommandError(f"Nobody was told, because mail cannot be sent: {error}") from error
