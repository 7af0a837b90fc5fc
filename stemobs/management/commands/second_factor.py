"""The command `second_factor`: a secret for an app and recovery codes, for one user."""

from base64 import b32encode
from textwrap import wrap
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from stemobs.curation.second_factor import make_devices


class Command(BaseCommand):
    help = (
        "Give somebody a new secret for the app that shows codes, and ten recovery codes, in place "
        "of former ones. With REQUIRE_OTP=true nobody can sign in without."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the name by which they sign in")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is nobody called {options['username']}.")
        app, codes = make_devices(user)
        secret = " ".join(wrap(b32encode(app.bin_key).decode().lower(), 4))
        self.stdout.write(
            f"Type this secret into an app that shows codes, as a code by time (TOTP):\n\n"
            f"  {secret}\n\nOr open this address with it:\n\n  {app.config_url}\n\n"
            f"Recovery codes, each for one time without the app. Keep them on paper:\n"
        )
        for code in codes:
            self.stdout.write(f"  {code[:4]} {code[4:]}")
