"""Signing in: how often somebody may try, and how many passwords are checked at once.

django-axes asks `SignInHandler` before a password is hashed, and keeps the tries in its tables. A
try is counted before its password is checked and taken back if the password was right, so that
tries at the same instant count as well. The limits:

* ten tries an hour for a name from an address,
* fifty tries an hour from an address, whatever the names,
* a hundred tries a day for a name from addresses where it has never signed in. So nobody can keep
  somebody out of their own account from elsewhere.
"""

import datetime
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address, ip_network
from threading import Semaphore
from typing import Any

from axes.handlers.base import AxesHandler
from axes.models import AccessFailureLog, AccessLog
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from stemobs.clients import find_client, find_network
from stemobs.curation.roles import read_rights
from stemobs.http.errors import make_error_response

log = logging.getLogger(__name__)

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
TRIES_OF_NAME_AND_ADDRESS = 10  # an hour
TRIES_OF_ADDRESS = 50  # an hour
TRIES_OF_NAME = 100  # a day
# How long an address from which somebody signed in is known as theirs.
KNOWN_FOR = datetime.timedelta(days=90)
LONGEST_NAME = 255  # as in the tables of django-axes
# Hashing a password takes a core for a third of a second. One at a time leaves readers the others.
HASHING = Semaphore(1)
LONGEST_WAIT = 1  # second
# One is checked and one waits. More waiting threads would be taken from readers.
PLACES = Semaphore(2)


class SignInHandler(AxesHandler):
    """Counts tries to sign in, and tells django-axes who must wait."""

    def is_allowed(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        """Whether a name may be tried from the address of a request; counts the try if so."""
        name, address = read_name(credentials), request.axes_ip_address
        if is_over_a_limit(name, address, spared=0):
            return False
        request.sign_in_try = AccessFailureLog.objects.create(username=name, ip_address=address)
        # Tries at the same instant see one another only now.
        if is_over_a_limit(name, address, spared=1):
            request.sign_in_try.delete()
            return False
        return True

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **_kwargs: Any
    ) -> None:
        """Log a failed try without name and address, and delete the tries of former days."""
        if getattr(request, "axes_locked_out", False):
            log.warning("Somebody was refused who tried to sign in too often.")
        else:
            log.info("Somebody tried to sign in in vain.")
        AccessFailureLog.objects.filter(attempt_time__lt=timezone.now() - DAY).delete()

    def user_logged_in(self, sender: Any, request: Any, user: Any, **_kwargs: Any) -> None:
        """Forget the tries of a user from this address, and remember the address as theirs."""
        name = user.get_username()[:LONGEST_NAME]
        own = {"username": name, "ip_address": request.axes_ip_address}
        AccessFailureLog.objects.filter(**own).delete()
        AccessLog.objects.filter(**own).delete()
        AccessLog.objects.filter(attempt_time__lt=timezone.now() - KNOWN_FOR).delete()
        AccessLog.objects.create(**own)

    def reset_attempts(
        self,
        *,
        ip_address: str | None = None,
        username: str | None = None,
        ip_or_username: bool = False,
    ) -> int:
        """Forget the tries of a name, of an address or of both, for `manage.py axes_reset_…`."""
        wanted = {"ip_address": ip_address, "username": username}
        tries = AccessFailureLog.objects.filter(**{k: v for k, v in wanted.items() if v})
        return tries.delete()[0]


def read_name(credentials: dict[str, Any] | None) -> str:
    return str((credentials or {}).get("username") or "")[:LONGEST_NAME]


def is_over_a_limit(name: str, address: str | None, spared: int) -> bool:
    """Whether so many tries are on record, besides the `spared` own one, that none is allowed."""
    tries = AccessFailureLog.objects.order_by()
    of_last_hour = tries.filter(attempt_time__gt=timezone.now() - HOUR, ip_address=address)
    of_name = tries.filter(attempt_time__gt=timezone.now() - DAY, username=name)
    return (
        is_reached(of_last_hour.filter(username=name), TRIES_OF_NAME_AND_ADDRESS + spared)
        # Without an address, as on a Unix socket, everybody would count as one.
        or (address is not None and is_reached(of_last_hour, TRIES_OF_ADDRESS + spared))
        or (is_reached(of_name, TRIES_OF_NAME + spared) and not is_known(name, address))
    )


def is_reached(tries: QuerySet[Any], limit: int) -> bool:
    return tries[:limit].count() >= limit


def is_known(name: str, address: str | None) -> bool:
    """Whether somebody signed in by this name from this address not long ago."""
    since = timezone.now() - KNOWN_FOR
    return AccessLog.objects.filter(
        username=name, ip_address=address, attempt_time__gt=since
    ).exists()


def find_address(request: HttpRequest) -> str | None:
    """Return the client's address, of IPv6 its network; None if it is not an address."""
    network = find_network(find_client(request))
    with suppress(ValueError):
        return str(ip_network(network).network_address if "/" in network else ip_address(network))
    return None


@contextmanager
def taking(semaphore: Semaphore, seconds: float) -> Iterator[bool]:
    """Take a place for the block if one gets free in time, and yield whether it did."""
    is_taken = semaphore.acquire(timeout=seconds)
    try:
        yield is_taken
    finally:
        if is_taken:
            semaphore.release()


class OnePasswordAtATime(ModelBackend):
    """Django's own check of names and passwords, by one thread of a process at a time.

    What somebody may do is read in one query with their role, where Django asks two.
    """

    def authenticate(
        self,
        request: Any,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Any:
        with taking(PLACES, 0) as has_place, taking(HASHING, LONGEST_WAIT * has_place) as is_alone:
            if has_place and is_alone:
                return super().authenticate(request, username, password, **kwargs)
        withdraw_try(request)
        raise PermissionDenied

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not user_obj.is_active or user_obj.is_superuser or obj is not None:
            return super().get_all_permissions(user_obj, obj)
        return read_rights(user_obj)


def withdraw_try(request: Any) -> None:
    """Take back a try whose password was not checked, and have it answered by `refuse_sign_in`."""
    if (counted := getattr(request, "sign_in_try", None)) is not None:
        counted.delete()
        request.is_sign_in_busy = request.axes_locked_out = True


def refuse_sign_in(
    request: HttpRequest, response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Return the page for whoever tried too often; it does not tell whether the name exists."""
    if getattr(request, "is_sign_in_busy", False):
        detail = _("Too many people are signing in at this moment. Please try again.")
        busy = make_error_response(request, 503, detail)
        busy.headers["Retry-After"] = "2"
        return busy
    detail = _("Those were too many tries to sign in. Wait an hour and try again.")
    refused = make_error_response(request, 429, detail)
    refused.headers["Retry-After"] = str(int(HOUR.total_seconds()))
    return refused
