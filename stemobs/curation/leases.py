"""Leases: a job that is run by a timer never runs twice at the same time.

No lock is held in the database, so a connection may come and go. A run that was killed renews its
lease no more, and the next one may begin when that is over.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from programmes.models import Lease

LASTS = timedelta(minutes=2)
RENEWED_EVERY = timedelta(seconds=20)
Now = Callable[[], datetime]


class HeldElsewhere(Exception):
    """Another run has the lease; `lease` says who, and until when."""

    def __init__(self, lease: Lease) -> None:
        super().__init__(lease.name)
        self.lease = lease


class Lost(Exception):
    """The lease was over before it was renewed, and somebody else may have it."""


class HeldLease:
    """A lease that this process holds."""

    def __init__(self, name: str, holder: str, now: Now) -> None:
        self.name, self.holder, self.now = name, holder, now
        self.renewed_at = now()

    def renew(self) -> None:
        """Hold the lease for longer; raise Lost if it is no longer ours. Quick if it was just."""
        now = self.now()
        if now - self.renewed_at < RENEWED_EVERY:
            return
        mine = Lease.objects.filter(name=self.name, holder=self.holder, until__gt=now)
        if not mine.update(until=now + LASTS):
            raise Lost(self.name)
        self.renewed_at = now

    def give_back(self, **noted: datetime) -> None:
        mine = Lease.objects.filter(name=self.name, holder=self.holder)
        mine.update(holder="", until=None, **noted)


@contextmanager
def hold_lease(name: str, now: Now = timezone.now) -> Iterator[HeldLease]:
    """Hold the lease of a job, and note when it ended; raise HeldElsewhere if it runs already."""
    take_lease(name, holder := name_holder(), now())
    lease = HeldLease(name, holder, now)
    try:
        yield lease
    except BaseException:
        lease.give_back()
        raise
    lease.give_back(ended_at=now())


def take_lease(name: str, holder: str, now: datetime) -> None:
    """Take a lease that nobody holds, else raise HeldElsewhere. Of two at once, one gets it."""
    lease, _made = Lease.objects.get_or_create(name=name)
    free = Lease.objects.filter(Q(until=None) | Q(until__lte=now), name=name)
    if not free.update(holder=holder, until=now + LASTS):
        lease.refresh_from_db()
        raise HeldElsewhere(lease)


def name_holder() -> str:
    return f"{socket.gethostname()[:80]} {os.getpid()}"
