"""Tests of signing in with a code besides the password."""

import io
import re
import time
from typing import Any

import pytest
from axes.models import AccessFailureLog
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from stemobs.curation.accounts import check_accounts
from stemobs.curation.second_factor import RECOVERY_CODES, make_devices
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PASSWORD = "seventeen red hens"
TOLD = "Name, password or code is not right."


@pytest.fixture
def ada(settings: LazySettings) -> User:
    """Somebody with a password, on a site that asks for a code."""
    settings.REQUIRE_OTP = True
    # Hashing as in production would take a third of a second for every try.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return User.objects.create_superuser("ada", password=PASSWORD)


def sign_in(code: str, password: str = PASSWORD, client: Client | None = None) -> Any:
    sent = {"username": "ada", "password": password, "code": code}
    return (client or Client()).post(reverse("admin:login"), sent)


def show_code(app: TOTPDevice) -> str:
    """Return the code that the app of somebody shows now."""
    now = TOTP(app.bin_key)
    now.time = time.time()
    return f"{now.token():06}"


def test_a_code_of_the_app_lets_in_once(ada: User) -> None:
    app, _codes = make_devices(ada)
    client, code = Client(), show_code(app)
    assert sign_in(code, client=client).status_code == 302
    assert client.get(reverse("admin:index")).status_code == 200
    draft = builders.make_programme(state="draft")
    assert client.get(reverse("programme", args=[draft.slug])).status_code == 200
    assert TOLD in sign_in(code).text


def test_each_recovery_code_lets_in_once_as_it_was_printed(ada: User) -> None:
    printed = io.StringIO()
    call_command("second_factor", "ada", stdout=printed)
    codes = re.findall(r"^  (\w{4} \w{4})$", printed.getvalue(), flags=re.M)
    assert len(codes) == RECOVERY_CODES
    assert sign_in(codes[0].upper()).status_code == 302
    assert TOLD in sign_in(codes[0]).text


@pytest.mark.parametrize("code", ["", "123456", "abcd efgh", "１２３４５６"])
def test_nobody_gets_in_without_the_code_or_learns_that_the_password_was_right(
    ada: User, code: str
) -> None:
    make_devices(ada)
    for password in (PASSWORD, "a wrong one"):
        assert TOLD in sign_in(code, password).text
    assert AccessFailureLog.objects.count() == 2  # so codes cannot be tried without end


def test_a_code_of_somebody_else_and_a_former_one_let_nobody_in(ada: User) -> None:
    other, _codes = make_devices(User.objects.create(username="other"))
    assert TOLD in sign_in(show_code(other)).text
    former, codes = make_devices(ada)
    make_devices(ada)
    assert TOLD in sign_in(show_code(former)).text
    assert TOLD in sign_in(codes[0]).text


def test_a_session_without_a_code_opens_neither_the_admin_nor_drafts(
    ada: User, client: Client
) -> None:
    client.force_login(ada)
    draft = builders.make_programme(state="draft")
    assert client.get(reverse("programme", args=[draft.slug])).status_code == 404
    page = client.get(reverse("admin:index"))
    assert page.headers["Location"].startswith(reverse("admin:login"))
    assert "You are signed in as ada" in client.get(page.headers["Location"]).text


def test_without_the_setting_no_code_is_asked_for(ada: User, settings: LazySettings) -> None:
    settings.REQUIRE_OTP = False
    assert "code" not in Client().get(reverse("admin:login")).context["form"].fields
    assert sign_in("").status_code == 302


def test_the_command_names_somebody_who_is_not_there() -> None:
    with pytest.raises(CommandError, match="There is nobody called eve"):
        call_command("second_factor", "eve")


def test_the_check_of_accounts_names_who_has_no_code(ada: User, settings: LazySettings) -> None:
    bob = User.objects.create(username="bob", is_staff=True)
    User.objects.create(username="carol", is_staff=True, is_active=False)
    (found,) = check_accounts(databases=["default"])
    assert (found.id, found.msg[-14:]) == ("stemobs.W005", " 2 (ada, bob).")
    assert "manage.py second_factor NAME" in str(found.hint)
    make_devices(ada)
    TOTPDevice.objects.filter(user=ada).delete()  # recovery codes alone let in too
    make_devices(bob)
    assert check_accounts(databases=["default"]) == []
    settings.REQUIRE_OTP = False
    make_devices(bob)[0].delete()
    assert check_accounts(databases=["default"]) == []
