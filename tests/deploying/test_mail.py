"""Tests of mail to the administrator: that a service has failed, and whether mail arrives."""

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.once

ADDRESS = "administrator@example.org"


def test_the_administrator_is_told_which_service_has_failed_and_where_to_look(
    settings: LazySettings, mailoutbox: list[EmailMessage]
) -> None:
    settings.ADMINS = [("", ADDRESS)]
    call_command("tell_failure", "stem-dump.service")
    (mail,) = mailoutbox
    assert mail.to == [ADDRESS]
    assert "stem-dump.service has failed" in mail.subject
    assert "journalctl --unit stem-dump.service" in mail.body
    assert settings.SITE_URL in mail.body


def test_without_an_address_the_command_fails_and_says_so(
    settings: LazySettings, mailoutbox: list[EmailMessage]
) -> None:
    settings.ADMINS = []
    with pytest.raises(CommandError, match="ADMIN_EMAIL is not set"):
        call_command("tell_failure", "stem-dump.service")
    assert mailoutbox == []


def test_mail_that_cannot_be_sent_is_named_as_such(settings: LazySettings) -> None:
    settings.ADMINS = [("", ADDRESS)]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    with pytest.raises(CommandError, match="mail cannot be sent"):
        call_command("tell_failure", "stem-dump.service")


def test_a_mail_can_be_sent_to_try_whether_it_arrives(
    settings: LazySettings, mailoutbox: list[EmailMessage]
) -> None:
    settings.ADMINS = [("", ADDRESS)]
    call_command("sendtestemail", "--admins")
    assert [mail.to for mail in mailoutbox] == [[ADDRESS]]
