"""The catalogue of a request: every filter, view and template tag of a request uses the same one.

Guarantees:

* A request without a signed-in user is answered from one snapshot of the database.
  `read_one_state` begins a read-only transaction that sees no later commits. The catalogue, all
  rows and the revision in the ETag belong to that snapshot.
* A request of a signed-in user has one catalogue too, but rows may be newer than the catalogue:
  the request may write a session, which a read-only transaction does not allow. Results made for
  such a request are not cached for others, and its ETag is made of the content of the answer.
* A file that is streamed starts in one snapshot, which decides the rows and their order. Each row
  is then read when its turn comes (`read_latest`), and may be newer. The ETag is that of the first
  snapshot, so it is never newer than the file. A workbook comes from one snapshot.
* Inside a transaction that the caller opened, as in most tests, that transaction decides.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection
from django.http import HttpRequest

from stemobs.catalogue.catalogue import Catalogue, keeper
from stemobs.catalogue.moments import Moment, hold_one_state, read_latest_moment


@dataclass
class Reading:
    """The snapshot that a request reads, and its catalogue, which is fetched on first use."""

    moment: Moment
    held: Catalogue | None  # the catalogue that the process had when the request began

    @cached_property
    def catalogue(self) -> Catalogue:
        return keeper.catalogue_at(self.moment, self.held)


class UnboundReading:
    """The reading of a request without a snapshot: the latest catalogue at its first use."""

    @cached_property
    def catalogue(self) -> Catalogue:
        return keeper.current().set_apart()


@contextmanager
def read_one_state(request: HttpRequest) -> Iterator[Moment]:
    """Answer a request from one snapshot of the database; nothing can be written in the block."""
    # Taken before the snapshot begins, so that it cannot be newer than the snapshot.
    held = keeper.kept
    with hold_one_state(connection):
        reading = Reading(read_latest_moment(connection), held)
        keep_reading(request, reading)
        yield reading.moment


@contextmanager
def read_latest() -> Iterator[Catalogue]:
    """Yield the catalogue of the latest state, for a streamed file whose request has ended."""
    held = keeper.kept
    with hold_one_state(connection):
        yield Reading(read_latest_moment(connection), held).catalogue


def get_request_catalogue(request: HttpRequest) -> Catalogue:
    """Return the catalogue of a request: the same one however often it is called."""
    # Django REST framework wraps Django's request in one of its own.
    plain = getattr(request, "_request", request)
    reading = getattr(plain, "reading", None)
    if reading is None:
        reading = UnboundReading()
        keep_reading(plain, reading)
    return reading.catalogue


def keep_reading(request: Any, reading: Reading | UnboundReading) -> None:
    """Store a reading on a request as an attribute that Django's own class does not declare."""
    request.reading = reading
