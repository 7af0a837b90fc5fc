"""One catalogue a request: from the first filter to the last template tag it is the same.

What is promised:

* Whoever is not signed in is answered from one state of the database. `read_one_state` begins a
  transaction that only reads and sees nothing of what others commit meanwhile. The catalogue is of
  that state, rows are read in it, and the ETag is made of its revision.
* Whoever is signed in has one catalogue as well, but rows may be newer than it: a session may be
  written in the same request, which a transaction that only reads does not allow. What is made for
  such a request is not kept for others, and its answer is marked by its content, not by a revision.
* A file that is sent while it is read is begun in one state, which settles which rows it has and
  in which order; each row is told as it is when its turn comes (`read_latest`). The ETag is that of
  the state in which it began: never newer than what the file holds. A workbook is of one state.
* Within a transaction of the caller, as in most tests, that transaction decides what is seen.
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
    """The state that a request reads, and the catalogue of that state, once somebody asks."""

    moment: Moment
    held: Catalogue | None  # what was kept when the request came

    @cached_property
    def catalogue(self) -> Catalogue:
        return keeper.catalogue_at(self.moment, self.held)


class UnboundReading:
    """For a request without a state of its own: the latest catalogue when it is first asked for."""

    @cached_property
    def catalogue(self) -> Catalogue:
        return keeper.current().set_apart()


@contextmanager
def read_one_state(request: HttpRequest) -> Iterator[Moment]:
    """Answer a request from one state of the database; nothing can be written meanwhile."""
    # First, so that it cannot be later than the state that is read.
    held = keeper.kept
    with hold_one_state(connection):
        reading = Reading(read_latest_moment(connection), held)
        keep_reading(request, reading)
        yield reading.moment


@contextmanager
def read_latest() -> Iterator[Catalogue]:
    """Read the latest state, with its catalogue, when a request is over but its file is not."""
    held = keeper.kept
    with hold_one_state(connection):
        yield Reading(read_latest_moment(connection), held).catalogue


def get_request_catalogue(request: HttpRequest) -> Catalogue:
    """Return the catalogue to answer a request with: always the same one."""
    # The API's framework puts a request of its own around Django's.
    plain = getattr(request, "_request", request)
    reading = getattr(plain, "reading", None)
    if reading is None:
        reading = UnboundReading()
        keep_reading(plain, reading)
    return reading.catalogue


def keep_reading(request: Any, reading: Reading | UnboundReading) -> None:
    """Keep on a request what it reads; Django's request has no place for it."""
    request.reading = reading
