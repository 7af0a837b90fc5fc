"""The second factor of signing in: a code of an app or a recovery code, if the site asks for one.

It is asked for together with name and password, and one message tells that something of the three
is wrong. So nobody learns that a password was right, and wrong codes count as tries to sign in.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from stemobs.entries.publication import has_given_code

RECOVERY_CODES = 10
LONGEST_CODE = 20  # characters, with spaces


class SignInForm(AdminAuthenticationForm):
    """The form for name and password, and for a code if the site asks for one."""

    code = forms.CharField(
        label=_("Code of your app, or a recovery code"),
        max_length=LONGEST_CODE,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settings.REQUIRE_OTP:
            told = _("Name, password or code is not right. Type the code that is shown now.")
            self.error_messages = {**self.error_messages, "invalid_login": told}
        else:
            del self.fields["code"]

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if settings.REQUIRE_OTP:
            user.otp_device = use_code(user, self.cleaned_data.get("code", ""))
            if user.otp_device is None:
                raise self.get_invalid_login_error()


class CurationSite(AdminSite):
    """The admin, which lets nobody in who did not give a code, if the site asks for one."""

    login_form = SignInForm

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and has_given_code(request.user)


def use_code(user: Any, code: str) -> Any:
    """Return the device of a user that takes a code, which it takes only once; None if none does.

    After a wrong code only devices of its kind have to wait: apps show digits, paper has more.
    """
    code = code.replace(" ", "").lower()
    devices = (TOTPDevice if code.isdecimal() else StaticDevice).objects.devices_for_user(
        user, True
    )
    with transaction.atomic():
        for device in devices.select_for_update():
            if device.verify_token(code):
                return device
    return None


def make_devices(user: Any) -> tuple[TOTPDevice, list[str]]:
    """Give a user a new secret for an app and new recovery codes in place of former ones."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
        app = TOTPDevice.objects.create(user=user, name="app")
        paper = StaticDevice.objects.create(user=user, name="recovery codes")
        codes = [StaticToken.random_token() for _number in range(RECOVERY_CODES)]
        for code in codes:
            paper.token_set.create(token=code)
    return app, codes
