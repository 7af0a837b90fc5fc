"""The catalogue as this process knows it: indexes that are renewed when the revision has moved."""

import gc
import logging
import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock, Thread
from typing import Any

from django.db import connection, models
from django.http import HttpRequest

from partnerships.models import Partnership
from programmes.models import Change
from stemobs.catalogue.index import Index
from stemobs.catalogue.organisations import read_organisations
from stemobs.catalogue.programmes import read_programmes
from stemobs.catalogue.triggers import EVERYTHING, Moment, changed_since, latest, one_state

log = logging.getLogger(__name__)

# From this share of all programmes on, reading them all is no slower than one by one.
LARGE_SHARE = 0.1
MANY = 1_000
MOST = 20_000


@dataclass(frozen=True, eq=False)
class Catalogue:
    """One state of the catalogue; it never changes, so it can be used for a whole request."""

    moment: Moment
    programmes: Index
    organisations: Index
    # False inside a transaction, whose writes nobody else may see yet.
    is_shared: bool = True
    # What holds until a vocabulary changes, and what holds for this state only.
    lasting: dict[Hashable, Any] = field(default_factory=dict)
    cards: dict[Hashable, Any] = field(default_factory=dict)
    marked_cards: dict[Hashable, Any] = field(default_factory=dict)
    answers: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def revision(self) -> int:
        return self.moment.number

    def programme_count(self, facet: str, value: str) -> int:
        """Return how many published programmes have a value of a facet."""
        return len(self.programmes.having(facet, [value]))

    def terms(self, model: type[models.Model], key: str = "slug") -> Mapping[str, str]:
        """Return the names of a vocabulary by slug or code, in its own order."""

        def make() -> dict[str, str]:
            rows = model._default_manager.values_list(key, "name")
            return {str(value): name for value, name in rows}

        return self.once(model, make)

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what `make` makes, made once until a vocabulary changes."""
        if key not in self.lasting:
            self.lasting[key] = make()
        return self.lasting[key]

    def once_in_this_state(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what `make` makes, made once until anything in the catalogue changes."""
        if key not in self.answers:
            self.answers[key] = make()
        return self.answers[key]


def build() -> Catalogue:
    """Read the whole catalogue."""
    programmes, organisations = Index(), Index()
    with one_state(connection):
        moment = latest(connection)
        read = programmes.read(read_programmes()), organisations.read(read_organisations())
    return Catalogue(moment, programmes.with_entries(read[0]), organisations.with_entries(read[1]))


def renewed(old: Catalogue) -> Catalogue:
    """Return the catalogue with what changed since an older state read again."""
    with one_state(connection):
        moment, changed = latest(connection), changed_since(old.revision)
        # No higher number: the database was restored from a backup.
        if moment.number <= old.revision or not is_little(changed, old):
            read = None
        else:
            organisations = changed[Change.Subject.ORGANISATION]
            programmes = changed[Change.Subject.PROGRAMME] | programmes_of(organisations)
            read = (
                old.programmes.read(read_programmes(programmes)),
                old.organisations.read(read_organisations(organisations)),
            )
    if read is None:
        return build()
    return Catalogue(
        moment,
        old.programmes.with_entries(read[0], programmes),
        old.organisations.with_entries(read[1], organisations),
        lasting=old.lasting,
    )


def is_little(changed: Mapping[str, set[int]], old: Catalogue) -> bool:
    """Whether reading what changed takes less than reading everything."""
    indexes = {
        Change.Subject.PROGRAMME: old.programmes,
        Change.Subject.ORGANISATION: old.organisations,
    }
    return not changed[EVERYTHING] and all(
        len(changed[subject]) <= max(MANY, min(LARGE_SHARE * len(index), MOST))
        for subject, index in indexes.items()
    )


def programmes_of(organisations: Iterable[int]) -> set[int]:
    """Return the programmes that are found by the names of these organisations."""
    if not organisations:
        return set()
    rows = Partnership.objects.filter(organisation__in=organisations).order_by()
    return set(rows.values_list("programme_id", flat=True))


@contextmanager
def uncollected() -> Iterator[None]:
    """Make things that stay without looking through all of them for garbage again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


class Keeper:
    """Keeps the latest catalogue of this process. Reading takes no lock, renewing does."""

    def __init__(self) -> None:
        self.kept: Catalogue | None = None
        self.lock = Lock()
        self.builder: Thread | None = None

    def current(self, moment: Moment | None = None) -> Catalogue:
        """Return the catalogue with all that is committed, or written in this transaction.

        `moment` is the latest revision, if somebody has just read it.
        """
        kept = self.kept
        if kept and kept.moment == (moment or latest(connection)):
            return kept
        if connection.in_atomic_block:
            return replace(
                self.renew(), is_shared=False, lasting={}, cards={}, marked_cards={}, answers={}
            )
        with self.lock:
            # Once more: another thread may have done it meanwhile.
            if self.kept is None or self.kept.moment != latest(connection):
                with uncollected():
                    self.kept = self.renew()
            return self.kept

    def renew(self) -> Catalogue:
        return renewed(self.kept) if self.kept else build()

    def build_in_background(self) -> None:
        """Begin to build the catalogue, unless that is under way or done."""
        if not self.is_ready and not (self.builder and self.builder.is_alive()):
            self.builder = Thread(target=self.try_to_build, name="catalogue", daemon=True)
            self.builder.start()

    @property
    def is_ready(self) -> bool:
        """Whether the catalogue was built, so that nobody has to wait for it."""
        return self.kept is not None

    def begin_anew(self) -> None:
        """Forget, in a forked process, what a thread holds that did not come along."""
        self.lock = Lock()
        self.builder = None

    def try_to_build(self) -> None:
        try:
            self.current()
        # Nobody waits for this thread: whoever asks next tries again, and is told what is wrong.
        except Exception as error:
            log.warning("The catalogue cannot be read yet: %s", error)
        finally:
            connection.close()


keeper = Keeper()
current = keeper.current
os.register_at_fork(after_in_child=keeper.begin_anew)


def catalogue_of(request: HttpRequest) -> Catalogue:
    """Return the catalogue to answer a request with."""
    return keeper.current(getattr(request, "moment", None))
