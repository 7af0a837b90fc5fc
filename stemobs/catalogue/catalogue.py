"""The catalogue in the memory of a process: search indexes, renewed when the revision changes."""

import gc
import json
import logging
import os
from collections import ChainMap
from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
)
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock, Thread
from time import sleep, thread_time
from typing import Any

from django.db import connection, connections, models

from partnerships.models import Partnership
from programmes.models import Change, Edit, RetiredTerm, Version
from stemobs.catalogue.index import Index
from stemobs.catalogue.organisations import read_organisations
from stemobs.catalogue.others import read_findings
from stemobs.catalogue.programmes import Vocabularies, read_programmes
from stemobs.catalogue.states.moments import (
    Moment,
    hold_one_state,
    read_changes_since,
    read_latest_moment,
)
from stemobs.catalogue.triggers.tables import (
    EVERYTHING,
    describe_recorded_table,
    list_recorded_models,
)
from stemobs.databases.faults import describe_fault, find_availability
from stemobs.databases.limits import DatabaseRefused
from stemobs.databases.replicas import uses_replicas
from stemobs.databases.shown import NotedState
from stemobs.databases.written import ask_about

log = logging.getLogger(__name__)

# Limits on how many changed rows are read singly rather than reading everything again: this share
# of all rows, but at least MANY and at most MOST.
LARGE_SHARE = 0.1
MANY = 1_000
MOST = 20_000
# How often, and every how many seconds, a primary is asked that seems to be behind its replicas.
TIMES_SETTLING = 25
SETTLING = 0.02

Store = MutableMapping[Any, Any]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """An immutable state of the catalogue: the indexes of one revision, and caches for it."""

    moment: Moment
    programmes: Index
    organisations: Index
    findings: Index
    # False if it was read inside a transaction, whose writes other requests must not see yet.
    is_shared: bool = True
    # Caches. `lasting` is valid until a vocabulary changes, a card until what it shows changes, an
    # answer for this state only. The key of a card ends with the id of its row.
    lasting: Store = field(default_factory=dict)
    cards: Store = field(default_factory=dict)
    marked_cards: Store = field(default_factory=dict)
    answers: Store = field(default_factory=dict)

    @property
    def revision(self) -> int:
        return self.moment.number

    def programme_count(self, facet: str, value: str) -> int:
        """Return the number of published programmes that have this value of a facet."""
        return len(self.programmes.find_with_value(facet, [value]))

    def list_terms(self, model: type[models.Model], key: str = "slug") -> Mapping[str, str]:
        """Return the names of a vocabulary's terms by slug or code, in the vocabulary's order."""

        def make() -> dict[str, str]:
            rows = model._default_manager.values_list(key, "name")
            return {str(value): name for value, name in rows}

        return self.make_once(model, make)

    def list_retired_terms(self, model: type[models.Model]) -> Mapping[str, str]:
        """Return the slugs of the terms that a vocabulary offers no more.

        Each comes with the slug of the term that it was merged into, "" if it is still there.
        """

        def make() -> dict[str, str]:
            rows = RetiredTerm.objects.filter(vocabulary=model._meta.model_name)
            return dict(rows.values_list("slug", "into"))

        return self.make_once((RetiredTerm, model), make)

    def make_once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return the result of `make()`, cached until a vocabulary changes."""
        if key not in self.lasting:
            self.lasting[key] = make()
        return self.lasting[key]

    def make_once_in_this_state(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return the result of `make()`, cached until anything in the catalogue changes."""
        if key not in self.answers:
            self.answers[key] = make()
        return self.answers[key]

    def set_apart(self) -> "Catalogue":
        """Return a copy of this state for one request, whose new cache entries others do not see.

        Existing cache entries are used. The copy is for requests that may read rows newer than
        this state, so that what they make of such rows is not shared.
        """
        stores = ("lasting", "cards", "marked_cards", "answers")
        own: dict[str, Any] = {name: ChainMap({}, getattr(self, name)) for name in stores}
        return replace(self, is_shared=False, **own)


@contextmanager
def pause_garbage_collection() -> Iterator[None]:
    """Turn garbage collection off within the block, then exempt all objects made from it for good.

    The collector would otherwise look through the many long-lived objects of an index repeatedly.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


@pause_garbage_collection()
def build_catalogue() -> Catalogue:
    """Read the whole catalogue from the database, all in one state."""
    programmes, organisations, findings = Index(), Index(), Index()
    with hold_one_state(connection):
        moment = read_latest_moment(connection)
        read = (
            programmes.read_documents(read_programmes()),
            organisations.read_documents(read_organisations()),
            findings.read_documents(read_findings()),
        )
    return Catalogue(
        moment,
        programmes.with_entries(read[0]),
        organisations.with_entries(read[1]),
        findings.with_entries(read[2]),
    )


def renew_catalogue(old: Catalogue) -> Catalogue:
    """Return the latest catalogue, made from an older one by reading again only what changed.

    If too much changed, or the database was restored from a backup, everything is read.
    """
    with hold_one_state(connection):
        moment, changed = read_latest_moment(connection), read_changes_since(old.revision)
        # A revision that is not higher, or of another history, means that the database was restored
        # from a backup.
        is_other = moment.number <= old.revision or moment.history != old.moment.history
        if is_other or not is_small_change(changed, old):
            read = None
        else:
            organisations = changed[Change.Subject.ORGANISATION]
            programmes = changed[Change.Subject.PROGRAMME] | find_programmes_of_organisations(
                organisations
            )
            vocabularies = old.make_once(Vocabularies, Vocabularies)
            read = (
                old.programmes.read_documents(read_programmes(programmes, vocabularies)),
                old.organisations.read_documents(read_organisations(organisations)),
                old.findings.read_documents(read_findings(programmes)),
            )
            are_cards_left = not has_changed_what_many_show(old.revision)
    if read is None:
        return build_catalogue()
    new = Catalogue(
        moment,
        old.programmes.with_entries(read[0], programmes),
        old.organisations.with_entries(read[1], organisations),
        old.findings.with_entries(
            read[2], set(old.findings.find_with_value("programme", programmes))
        ),
        lasting=old.lasting,
    )
    if not are_cards_left:
        return new
    gone = programmes | organisations
    return replace(
        new,
        cards=leave_cards(old.cards, gone),
        marked_cards=leave_cards(old.marked_cards, gone),
    )


def leave_cards(cards: Store, gone: Collection[int]) -> Store:
    """Return the cards of all rows but those that are gone; both kinds of rows count as one."""
    # A copy, because readers of the old state go on adding to it.
    return {key: card for key, card in dict(cards).items() if key[-1] not in gone}


def has_changed_what_many_show(number: int) -> bool:
    """Whether a row changed after a revision that is about nobody, such as a source or a unit.

    Any card may show it, and no mark says so. A new row, or one that was not public, is on none.
    """
    edits = [pk for (pk,) in ask_about("edits", list_edits_since, [number])]
    for (was,) in ask_about("versions", list_versions_of_others, edits):
        before = json.loads(was) if isinstance(was, str) else was
        if before.get("is_public", True):
            return True
    return False


def list_edits_since(numbers: Collection[int]) -> models.QuerySet[Any, Any]:
    [number] = numbers
    return Edit.objects.filter(revision__gt=number).order_by().values_list("pk")


def list_versions_of_others(edits: Collection[int]) -> models.QuerySet[Any, Any]:
    """Return what edits found in rows that they changed, of tables that mark nothing."""
    tables = map(describe_recorded_table, list_recorded_models())
    versions = Version.objects.filter(
        edit__in=edits, model__in=[one.label for one in tables if not one.marks]
    )
    return versions.exclude(operation=Version.Operation.INSERT).order_by().values_list("was")


def is_small_change(changed: Mapping[str, set[int]], old: Catalogue) -> bool:
    """Whether so few rows changed that reading only these is faster than reading everything."""
    indexes = {
        Change.Subject.PROGRAMME: old.programmes,
        Change.Subject.ORGANISATION: old.organisations,
    }
    return not changed[EVERYTHING] and all(
        len(changed[subject]) <= max(MANY, min(LARGE_SHARE * len(index), MOST))
        for subject, index in indexes.items()
    )


def is_far_behind(held: Catalogue, moment: Moment) -> bool:
    """Whether so much has changed since a catalogue that reading it takes long."""
    return held.moment != moment and not is_small_change(read_changes_since(held.revision), held)


def find_programmes_of_organisations(organisations: Iterable[int]) -> set[int]:
    """Return the ids of the programmes that are found by the names of these organisations."""
    if not organisations:
        return set()
    rows = Partnership.objects.filter(organisation__in=organisations).order_by()
    return set(rows.values_list("programme_id", flat=True))


def refuse_while_away() -> None:
    """Raise an error if another thread found the database away while this one waited for it."""
    if find_availability().is_away:
        raise DatabaseRefused("The database is away.")


def wait_for_primary(newest: NotedState | None) -> None:
    """Wait for a moment if the primary is behind what a replica has shown.

    A replica may be ahead for an instant, because a commit is sent to it before it is visible on
    the primary. If that lasts, a backup was restored, and the primary is right.
    """
    for _turn in range(TIMES_SETTLING):
        moment = read_latest_moment(connection)
        found = NotedState("", moment.history, moment.number)
        if not (newest and found.continues(newest) and found.number < newest.number):
            break
        sleep(SETTLING)


class Keeper:
    """Holds the latest catalogue of this process; reading takes no lock, renewing takes one."""

    def __init__(self) -> None:
        self.kept: Catalogue | None = None
        # What was read already, and is kept once all processes of the host have read it.
        self.ahead: Catalogue | None = None
        self.renewals = 0  # how often another one was kept
        self.spent = 0.0  # seconds of CPU that reading these took
        self.lock = Lock()
        self.builder: Thread | None = None

    def current(self) -> Catalogue:
        """Return the latest catalogue: of all committed writes, or of those in this transaction."""
        kept = self.kept
        if kept and uses_replicas():
            wait_for_primary(NotedState("", kept.moment.history, kept.revision))
        moment = read_latest_moment(connection)
        # A health check or a curator may be the first, or the only one, to find the database back.
        find_availability().note_success()
        if known := self.find(moment):
            return known
        if connection.in_atomic_block:
            return self.read_unshared()
        with self.lock:
            # Read `kept` again: another thread may have renewed it while this one waited.
            kept = self.kept
            refuse_while_away()
            return self.go_on_from(kept, read_latest_moment(connection))

    def catalogue_at(self, moment: Moment, held: Catalogue | None) -> Catalogue:
        """Return the catalogue of a given moment, which need not be the latest one.

        `moment` is the database state that the connection reads. `held` is the catalogue that
        was kept before that state was determined, and so is never newer than it.
        """
        if held and held.moment == moment:
            return held
        if known := self.find(moment):
            return known
        if connection.in_atomic_block:
            return self.read_unshared()
        with self.lock:
            kept = self.kept
            is_later = kept is None or kept.revision > moment.number
            refuse_while_away()
            return self.go_on_from(held if is_later else kept, moment)

    def go_on_from(self, start: Catalogue | None, moment: Moment) -> Catalogue:
        """Return the catalogue of a moment, made from `start` by reading again what changed.

        The caller holds the lock. The new catalogue is kept for later requests only if `start`
        is the kept one; otherwise the kept one is newer.
        """
        if start and start.moment == moment:
            return start
        if known := self.find(moment):
            return known
        found = self.read_on_from(start)
        if self.kept is start:
            self.keep(found)
        return found

    def read_on_from(self, start: Catalogue | None) -> Catalogue:
        """Return the catalogue of the state that this thread reads, made from an older one if any.

        The caller holds the lock.
        """
        begun = thread_time()
        try:
            return renew_catalogue(start) if start else build_catalogue()
        finally:
            self.spent += thread_time() - begun

    def find(self, moment: Moment) -> Catalogue | None:
        """Return the catalogue of a moment, if this process has read it already."""
        known = (self.kept, self.ahead)
        return next((one for one in known if one and one.moment == moment), None)

    def keep(self, found: Catalogue) -> None:
        self.kept = found
        self.renewals += 1

    def read_ahead(self, start: Catalogue) -> Catalogue:
        """Read on from a catalogue for those who need the state at once, and keep it later."""
        with self.lock:
            self.ahead = self.read_on_from(start)
            return self.ahead

    def begin_with(self, found: Catalogue) -> None:
        """Keep a catalogue that another process has read, unless a later one is kept."""
        with self.lock:
            kept = self.kept
            is_of_it = kept and kept.moment.history == found.moment.history
            if not (kept and is_of_it and kept.revision >= found.revision):
                self.keep(found)

    def replace(self, start: Catalogue, found: Catalogue) -> None:
        """Keep a catalogue that was made from `start`, unless another one is kept by now."""
        with self.lock:
            self.ahead = None
            if self.kept is start and found is not start:
                self.keep(found)

    def read_unshared(self) -> Catalogue:
        """Return the catalogue as the open transaction sees it, with caches of its own."""
        found = renew_catalogue(self.kept) if self.kept else build_catalogue()
        return replace(found, is_shared=False, lasting={}, cards={}, marked_cards={}, answers={})

    def build_in_background(self, build: Callable[[], object]) -> None:
        """Start a thread that builds the catalogue, unless it is built or being built."""
        if not self.is_ready and not (self.builder and self.builder.is_alive()):
            self.builder = Thread(
                target=self.try_to_build, args=(build,), name="catalogue", daemon=True
            )
            self.builder.start()

    @property
    def is_ready(self) -> bool:
        """Whether a catalogue is in memory, so that a request need not wait for one to be built."""
        return self.kept is not None

    def begin_anew(self) -> None:
        """Reset the lock and the builder in a forked process, which has none of the old threads."""
        self.lock = Lock()
        self.builder = None
        self.ahead = None
        self.renewals, self.spent = 0, 0.0

    def try_to_build(self, build: Callable[[], object]) -> None:
        try:
            build()
        # Nobody waits for this thread. The next request tries again and reports the error.
        except Exception as error:
            log.warning("The catalogue cannot be read yet: %s", describe_fault(error))
        finally:
            connections.close_all()


keeper = Keeper()
get_current_catalogue = keeper.current
os.register_at_fork(after_in_child=keeper.begin_anew)
