"""The catalogue as this process knows it: indexes that are renewed when the revision has moved."""

import gc
import logging
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock, Thread
from typing import Any

from django.db import connection, models
from django.http import HttpRequest

from partnerships.documents import read_organisations
from partnerships.models import Partnership
from programmes.changes import EVERYTHING, Moment, changed_since, latest, one_state
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

        def make() -> dict[str, str]:
            rows = model._default_manager.values_list(key, "name")
            return {str(value): name for value, name in rows}

        return self.once(model, make)

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what `make` makes, made once until a vocabulary changes."""
        if key not in self.lasting:
            self.lasting[key] = make()
        return self.lasting[key]


def build() -> Catalogue:
    """Read the whole catalogue."""
    with one_state(connection):
        moment = latest(connection)
        programmes, organisations = Index(), Index()
        read = programmes.read(read_programmes()), organisations.read(read_organisations())
    built = Catalogue(moment, programmes.with_entries(read[0]), organisations.with_entries(read[1]))
    # What stays for as long as the process need not be searched for garbage again and again.
    gc.freeze()
    return built


def renewed(old: Catalogue) -> Catalogue:
    """Return the catalogue with what changed since an older state read again."""
    with one_state(connection):
        moment, changed = latest(connection), changed_since(old.revision)
        organisations = changed[Change.Subject.ORGANISATION]
        programmes = changed[Change.Subject.PROGRAMME] | programmes_of(organisations)
        is_large = len(programmes) > max(MANY, LARGE_SHARE * len(old.programmes))
        # No higher number: the database was restored from a backup.
        is_other = moment.number <= old.revision
        if not (changed[EVERYTHING] or is_large or is_other):
            return Catalogue(
                moment,
                old.programmes.with_changes(read_programmes(programmes), programmes),
                old.organisations.with_changes(read_organisations(organisations), organisations),
                lasting=old.lasting,
            )
    return build()


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

    def current(self, moment: Moment | None = None) -> Catalogue:
        """Return the catalogue with all that is committed, or written in this transaction.

        `moment` is the latest revision, if somebody has just read it.
        """
        kept = self.kept
        if kept and kept.moment == (moment or latest(connection)):
            return kept
        if connection.in_atomic_block:
            return replace(self.renew(), is_shared=False, lasting={}, cards={})
        with self.lock:
            # Once more: another thread may have done it meanwhile.
            if self.kept is None or self.kept.moment != latest(connection):
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


def catalogue_of(request: HttpRequest) -> Catalogue:
    """Return the catalogue to answer a request with."""
    return keeper.current(getattr(request, "moment", None))
