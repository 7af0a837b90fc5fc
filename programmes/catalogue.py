"""The catalogue as this process knows it: indexes that are renewed when the revision has moved."""

import logging
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any

from django.db import DatabaseError, connection, models

from partnerships.documents import read_organisations
from partnerships.models import Partnership
from programmes.changes import EVERYTHING, Moment, changed_since, latest
from programmes.documents import read_programmes
from programmes.index import Index
from programmes.models import Change

log = logging.getLogger(__name__)

# From this share of all programmes on, reading them all is no slower than one by one.
LARGE_SHARE = 0.1
MANY = 1_000


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

    @property
    def revision(self) -> int:
        return self.moment.number

    def programme_count(self, facet: str, value: str) -> int:
        """Return how many published programmes have a value of a facet."""
        return len(self.programmes.having(facet, [value]))

    def terms(self, model: type[models.Model], key: str = "slug") -> Mapping[str, str]:
        """Return the names of a vocabulary by slug or code, in its own order."""
        rows = model._default_manager.values_list(key, "name")
        return self.once(model, lambda: {str(value): name for value, name in rows})

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what `make` makes, made once until a vocabulary changes."""
        if key not in self.lasting:
            self.lasting[key] = make()
        return self.lasting[key]


def build(moment: Moment) -> Catalogue:
    """Read the whole catalogue."""
    return Catalogue(moment, Index.of(read_programmes()), Index.of(read_organisations()))


def renewed(old: Catalogue, moment: Moment) -> Catalogue:
    """Return a catalogue with what changed since an older state read again."""
    changed = changed_since(old.revision)
    programmes = changed[Change.Subject.PROGRAMME]
    organisations = changed[Change.Subject.ORGANISATION]
    programmes |= programmes_of(organisations)
    is_large = len(programmes) > max(MANY, LARGE_SHARE * len(old.programmes))
    # A lower number: the database was restored from a backup.
    if changed[EVERYTHING] or is_large or moment.number < old.revision:
        return build(moment)
    return Catalogue(
        moment,
        old.programmes.with_changes(read_programmes(programmes), programmes),
        old.organisations.with_changes(read_organisations(organisations), organisations),
        lasting=old.lasting,
    )


def programmes_of(organisations: Iterable[int]) -> set[int]:
    """Return the programmes that are found by the names of these organisations."""
    if not organisations:
        return set()
    rows = Partnership.objects.filter(organisation__in=organisations).order_by()
    return set(rows.values_list("programme_id", flat=True))


class Keeper:
    """Keeps the latest catalogue of this process. Reading takes no lock, renewing does."""

    def __init__(self) -> None:
        self.kept: Catalogue | None = None
        self.lock = Lock()
        self.builder: Thread | None = None

    def current(self) -> Catalogue:
        """Return the catalogue with all that is committed, or written in this transaction."""
        kept = self.kept
        if kept and kept.moment == latest(connection):
            return kept
        if connection.in_atomic_block:
            return self.unshared()
        with self.lock:
            # Once more: another thread may have done it meanwhile.
            moment = latest(connection)
            if self.kept is None:
                self.kept = build(moment)
            elif self.kept.moment != moment:
                self.kept = renewed(self.kept, moment)
            return self.kept

    def unshared(self) -> Catalogue:
        """Return a catalogue for this transaction alone: it may still be rolled back."""
        moment = latest(connection)
        now = renewed(self.kept, moment) if self.kept else build(moment)
        return Catalogue(moment, now.programmes, now.organisations, is_shared=False)

    def build_in_background(self) -> None:
        """Begin to build the catalogue, unless that is under way or done."""
        if self.kept is None and not (self.builder and self.builder.is_alive()):
            self.builder = Thread(target=self.try_to_build, name="catalogue", daemon=True)
            self.builder.start()

    def try_to_build(self) -> None:
        try:
            self.current()
        # Nobody waits for this thread; whoever asks next tries again and is told.
        except DatabaseError as error:
            log.warning("The catalogue cannot be read yet: %s", error)
        finally:
            connection.close()


keeper = Keeper()
current = keeper.current
