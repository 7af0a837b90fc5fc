"""The catalogue as this process knows it: indexes that are renewed when the revision has moved."""

import gc
import logging
import os
from collections import ChainMap
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock, Thread
from typing import Any

from django.db import connection, models

from partnerships.models import Partnership
from programmes.models import Change
from stemobs.catalogue.index import Index
from stemobs.catalogue.moments import Moment, hold_one_state, read_changes_since, read_latest_moment
from stemobs.catalogue.organisations import read_organisations
from stemobs.catalogue.programmes import read_programmes
from stemobs.catalogue.triggers import EVERYTHING

log = logging.getLogger(__name__)

# From this share of all programmes on, reading them all is no slower than one by one.
LARGE_SHARE = 0.1
MANY = 1_000
MOST = 20_000

Store = MutableMapping[Hashable, Any]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """One state of the catalogue; it never changes, so it can be used for a whole request."""

    moment: Moment
    programmes: Index
    organisations: Index
    # False inside a transaction, whose writes nobody else may see yet.
    is_shared: bool = True
    # What holds until a vocabulary changes, and what holds for this state only.
    lasting: Store = field(default_factory=dict)
    cards: Store = field(default_factory=dict)
    marked_cards: Store = field(default_factory=dict)
    answers: Store = field(default_factory=dict)

    @property
    def revision(self) -> int:
        return self.moment.number

    def programme_count(self, facet: str, value: str) -> int:
        """Return how many published programmes have a value of a facet."""
        return len(self.programmes.find_with_value(facet, [value]))

    def list_terms(self, model: type[models.Model], key: str = "slug") -> Mapping[str, str]:
        """Return the names of a vocabulary by slug or code, in its own order."""

        def make() -> dict[str, str]:
            rows = model._default_manager.values_list(key, "name")
            return {str(value): name for value, name in rows}

        return self.make_once(model, make)

    def make_once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what `make` makes, made once until a vocabulary changes."""
        if key not in self.lasting:
            self.lasting[key] = make()
        return self.lasting[key]

    def make_once_in_this_state(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what `make` makes, made once until anything in the catalogue changes."""
        if key not in self.answers:
            self.answers[key] = make()
        return self.answers[key]

    def set_apart(self) -> "Catalogue":
        """Return the same state for one reader: what is made from now on is not kept for others.

        What was made before is used. For whoever may read rows that are newer than this state.
        """
        stores = ("lasting", "cards", "marked_cards", "answers")
        own: dict[str, Any] = {name: ChainMap({}, getattr(self, name)) for name in stores}
        return replace(self, is_shared=False, **own)


def build_catalogue() -> Catalogue:
    """Read the whole catalogue."""
    programmes, organisations = Index(), Index()
    with hold_one_state(connection):
        moment = read_latest_moment(connection)
        read = (
            programmes.read_documents(read_programmes()),
            organisations.read_documents(read_organisations()),
        )
    return Catalogue(moment, programmes.with_entries(read[0]), organisations.with_entries(read[1]))


def renew_catalogue(old: Catalogue) -> Catalogue:
    """Return the catalogue with what changed since an older state read again."""
    with hold_one_state(connection):
        moment, changed = read_latest_moment(connection), read_changes_since(old.revision)
        # No higher number: the database was restored from a backup.
        if moment.number <= old.revision or not is_small_change(changed, old):
            read = None
        else:
            organisations = changed[Change.Subject.ORGANISATION]
            programmes = changed[Change.Subject.PROGRAMME] | find_programmes_of_organisations(
                organisations
            )
            read = (
                old.programmes.read_documents(read_programmes(programmes)),
                old.organisations.read_documents(read_organisations(organisations)),
            )
    if read is None:
        return build_catalogue()
    return Catalogue(
        moment,
        old.programmes.with_entries(read[0], programmes),
        old.organisations.with_entries(read[1], organisations),
        lasting=old.lasting,
    )


def is_small_change(changed: Mapping[str, set[int]], old: Catalogue) -> bool:
    """Whether reading what changed takes less than reading everything."""
    indexes = {
        Change.Subject.PROGRAMME: old.programmes,
        Change.Subject.ORGANISATION: old.organisations,
    }
    return not changed[EVERYTHING] and all(
        len(changed[subject]) <= max(MANY, min(LARGE_SHARE * len(index), MOST))
        for subject, index in indexes.items()
    )


def find_programmes_of_organisations(organisations: Iterable[int]) -> set[int]:
    """Return the programmes that are found by the names of these organisations."""
    if not organisations:
        return set()
    rows = Partnership.objects.filter(organisation__in=organisations).order_by()
    return set(rows.values_list("programme_id", flat=True))


@contextmanager
def pause_garbage_collection() -> Iterator[None]:
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

    def current(self) -> Catalogue:
        """Return the catalogue with all that is committed, or written in this transaction."""
        kept = self.kept
        if kept and kept.moment == read_latest_moment(connection):
            return kept
        if connection.in_atomic_block:
            return self.read_unshared()
        with self.lock:
            # Once more: another thread may have done it meanwhile.
            kept = self.kept
            return self.go_on_from(kept, read_latest_moment(connection))

    def catalogue_at(self, moment: Moment, held: Catalogue | None) -> Catalogue:
        """Return the catalogue of the state that this connection reads, the latest or not.

        `held` is what was kept before that state was looked at, and so no later than it.
        """
        if held and held.moment == moment:
            return held
        if connection.in_atomic_block:
            return self.read_unshared()
        with self.lock:
            kept = self.kept
            is_later = kept is None or kept.revision > moment.number
            return self.go_on_from(held if is_later else kept, moment)

    def go_on_from(self, start: Catalogue | None, moment: Moment) -> Catalogue:
        """Return the catalogue of a moment, with what changed since `start` read again.

        The caller holds the lock. It is kept, unless what is kept has gone further than `start`.
        """
        if start and start.moment == moment:
            return start
        with pause_garbage_collection():
            found = renew_catalogue(start) if start else build_catalogue()
        if self.kept is start:
            self.kept = found
        return found

    def read_unshared(self) -> Catalogue:
        """Return the catalogue as this transaction sees it, which nobody else may see yet."""
        found = renew_catalogue(self.kept) if self.kept else build_catalogue()
        return replace(found, is_shared=False, lasting={}, cards={}, marked_cards={}, answers={})

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
get_current_catalogue = keeper.current
os.register_at_fork(after_in_child=keeper.begin_anew)
