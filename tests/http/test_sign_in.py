"""Tests of the limits on signing in: who must wait, for how long, and what it costs readers."""

import datetime
from collections.abc import Callable, Iterator

import pytest
from axes.models import AccessFailureLog, AccessLog
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from stemobs.http.sign_in import HASHING

RIGHT, WRONG = "a right password 1", "a wrong one"
SIGN_IN = "/admin/login/"

SignIn = Callable[..., HttpResponse]


@pytest.fixture
def sign_in(db: None, settings: LazySettings) -> SignIn:
    """Return a function that tries to sign in by name, password and address, in a new browser."""
    # Hashing as in production would take a third of a second for every try.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.create_user("ada", password=RIGHT, is_staff=True)

    def attempt(name: str, password: str = WRONG, address: str = "192.0.2.1") -> HttpResponse:
        form = {"username": name, "password": password}
        return Client().post(SIGN_IN, form, REMOTE_ADDR=address)

    return attempt


def statuses_of(responses: Iterator[HttpResponse]) -> list[int]:
    """Return the statuses; a try that fails is 200 (the form again), one that succeeds 302."""
    return [response.status_code for response in responses]


def test_a_name_can_be_tried_ten_times_an_hour_from_an_address(sign_in: SignIn) -> None:
    assert statuses_of(sign_in("ada") for _ in range(12)) == [200] * 10 + [429] * 2
    assert sign_in("ada", RIGHT).status_code == 429
    assert sign_in("ada", RIGHT, "198.51.100.7").status_code == 302


def test_who_tried_too_often_is_told_when_to_come_back(sign_in: SignIn) -> None:
    refused = [sign_in("nobody") for _ in range(11)][-1]
    assert refused.headers["Retry-After"] == "3600"
    assert refused.headers["Cache-Control"] == "no-store"
    assert "too many tries to sign in" in refused.content.decode()
    assert "nobody" not in refused.content.decode()


def test_the_right_password_in_time_clears_the_count(sign_in: SignIn) -> None:
    assert statuses_of(sign_in("ada") for _ in range(9)) == [200] * 9
    assert sign_in("ada", RIGHT).status_code == 302
    assert statuses_of(sign_in("ada") for _ in range(11)) == [200] * 10 + [429]


def test_tries_that_were_refused_do_not_prolong_the_wait(sign_in: SignIn) -> None:
    statuses_of(sign_in("ada") for _ in range(30))
    assert AccessFailureLog.objects.count() == 10
    AccessFailureLog.objects.update(attempt_time=timezone.now() - datetime.timedelta(minutes=61))
    assert sign_in("ada", RIGHT).status_code == 302


def test_an_address_can_try_fifty_times_an_hour_whatever_the_names(sign_in: SignIn) -> None:
    found = statuses_of(sign_in(f"name-{number}") for number in range(60))
    assert found == [200] * 50 + [429] * 10


def test_a_network_of_ipv6_counts_as_one_address(sign_in: SignIn) -> None:
    tried = statuses_of(sign_in("ada", address=f"2001:db8::{number}") for number in range(1, 13))
    assert tried == [200] * 10 + [429] * 2
    assert sign_in("ada", RIGHT, "2001:db8:0:1::1").status_code == 302


def test_many_addresses_try_a_name_a_hundred_times_a_day_at_most(sign_in: SignIn) -> None:
    assert sign_in("ada", RIGHT, "192.0.2.1").status_code == 302
    tried = statuses_of(sign_in("ada", address=f"198.51.100.{number}") for number in range(120))
    assert tried == [200] * 100 + [429] * 20
    # Where she signed in before, she still can; elsewhere nobody can by her name.
    assert sign_in("ada", RIGHT, "192.0.2.1").status_code == 302
    assert sign_in("ada", RIGHT, "203.0.113.9").status_code == 429


def test_an_address_is_forgotten_as_known_after_ninety_days(sign_in: SignIn) -> None:
    sign_in("ada", RIGHT, "192.0.2.1")
    AccessLog.objects.update(attempt_time=timezone.now() - datetime.timedelta(days=91))
    statuses_of(sign_in("ada", address=f"198.51.100.{number}") for number in range(100))
    assert sign_in("ada", RIGHT, "192.0.2.1").status_code == 429


def test_tries_of_former_days_are_deleted(sign_in: SignIn) -> None:
    sign_in("ada")
    AccessFailureLog.objects.update(attempt_time=timezone.now() - datetime.timedelta(hours=25))
    sign_in("bea")
    assert [row.username for row in AccessFailureLog.objects.all()] == ["bea"]


def test_an_operator_can_forget_the_tries_of_a_name(sign_in: SignIn) -> None:
    statuses_of(sign_in("ada") for _ in range(11))
    call_command("axes_reset_username", "ada")
    assert sign_in("ada", RIGHT).status_code == 302


@pytest.mark.parametrize("address", ["", "unix:", "not an address", "999.1.1.1"])
def test_a_client_without_an_address_can_sign_in(sign_in: SignIn, address: str) -> None:
    assert sign_in("ada", "wrong", address).status_code == 200
    assert sign_in("ada", RIGHT, address).status_code == 302


@pytest.mark.parametrize("name", ["x" * 300, "ada\0", "ада", "' OR 1=1", ""])
def test_odd_names_are_wrong_names(sign_in: SignIn, name: str) -> None:
    assert statuses_of(sign_in(name) for _ in range(3)) == [200] * 3


def test_neither_names_nor_passwords_nor_addresses_are_logged(
    sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    statuses_of(sign_in("somebody@school.example", "my secret") for _ in range(12))
    ours = "\n".join(row.getMessage() for row in caplog.records if row.name != "django.db.backends")
    assert "tried to sign in" in ours
    for secret in ("somebody", "my secret", "192.0.2.1"):
        assert secret not in ours


def test_only_one_password_of_a_process_is_checked_at_a_time(sign_in: SignIn) -> None:
    with HASHING:
        busy = sign_in("ada", RIGHT)
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "2")
    assert AccessFailureLog.objects.count() == 0
    assert sign_in("ada", RIGHT).status_code == 302
