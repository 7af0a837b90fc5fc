"""The second factor of signing in: a code of an app or a recovery code, if the site asks for one.

It is asked for together with name and password, and one message tells that something of the three
is wrong. So nobody learns that a password was right, and wrong codes count as tries to sign in.
"""

from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from stemobs.curation.kept_forms import read_form, read_kept, write_kept
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
    """The admin, which lets nobody in who did not give a code, if the site asks for one.

    What somebody sends who is not signed in any more is kept while they sign in again.
    """

    login_form = SignInForm

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and has_given_code(request.user)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        shown = super().admin_view(view, cacheable)

        @wraps(shown)
        def keep_or_show(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            kept = self.keep_sent(request)
            return self.ask_to_sign_in(request, kept) if kept else shown(request, *args, **kwargs)

        return keep_or_show

    def keep_sent(self, request: HttpRequest) -> str:
        """Return what was sent by somebody who has to sign in first; "" if nothing was."""
        is_sent = request.method == "POST" and request.path != reverse("admin:logout")
        form = read_form(request) if is_sent and not self.has_permission(request) else None
        return write_kept(form) if form else ""

    def ask_to_sign_in(self, request: HttpRequest, kept: str) -> HttpResponse:
        """Answer a form of somebody who is not signed in by the form to sign in, which keeps it."""
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "form": self.login_form(request),
            "app_path": reverse("admin:login"),
            "next": request.get_full_path(),
            "username": request.user.get_username(),
            "kept": kept,
            "is_just_kept": True,
        }
        return TemplateResponse(request, "admin/login.html", context, status=403)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        kept, form = read_kept(request)
        response = super().login(request, {**(extra_context or {}), "kept": kept})
        if form is None or response.status_code != 302:
            return response
        context = {
            **self.each_context(request),
            "title": _("Send it now"),
            "kept": form,
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/kept.html", context)


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
