"""Reads what belongs to programmes: names, terms, partners, figures, studies.

Of many programmes every table is read by itself. Of a few, all are read in one query, because a
process works longer at asking than at taking the rows.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import F, Model, Q, QuerySet, TextField, Value

from programmes.models import Programme
from stemobs.databases.written import ask_about

# How many programmes to read at once: CHUNK when all are read, CHANGED_CHUNK when some are.
CHUNK = 5_000
CHANGED_CHUNK = 500

Where = Callable[[str], Q]  # from the name of a column with programme ids to a condition on it
Make = Callable[[Where], QuerySet[Any, Any]]
Related = Mapping[int, list[Any]]  # by the id of a programme


class RelatedRows(NamedTuple):
    """Columns of the rows about programmes that meet a rule: a number, then texts."""

    model: type[Model]
    number: str = ""
    texts: tuple[str, ...] = ()
    rule: Q = Q()
    programme: str = "programme_id"

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.number, *self.texts) if self.number else self.texts

    def find(self, where: Where) -> QuerySet[Any, Any]:
        return self.model._default_manager.filter(where(self.programme), self.rule).order_by()

    def group(self, rows: Iterable[tuple[Any, ...]]) -> Related:
        """Group rows, each with the id of a programme first, by it.

        A single column gives plain values, several columns give tuples.
        """
        found: defaultdict[int, list[Any]] = defaultdict(list)
        for pk, *row in rows:
            found[pk] += row if len(row) == 1 else [tuple(row)]
        return found


MOST_TEXTS = 3  # columns of texts in a part


class Range(NamedTuple):
    """The programmes with ids from one to another."""

    first: int
    last: int

    def match(self, column: str) -> Q:
        return Q(**{f"{column}__gte": self.first, f"{column}__lte": self.last})

    def ask(self, name: Hashable, make: Make) -> Iterable[tuple[Any, ...]]:
        """Return the rows of a query about these programmes, which has a name of its own."""
        return make(self.match)

    def read(self, parts: Mapping[str, RelatedRows]) -> dict[str, Related]:
        """Return each part of what belongs to these programmes, by its name."""
        return {
            name: part.group(part.find(self.match).values_list(part.programme, *part.columns))
            for name, part in parts.items()
        }


class Some(NamedTuple):
    """The programmes with these ids."""

    ids: Collection[int]

    def match(self, column: str) -> Q:
        return Q(**{f"{column}__in": self.ids})

    def ask(self, name: Hashable, make: Make) -> Iterable[tuple[Any, ...]]:
        """Return the rows of a query about these programmes, which has a name of its own."""
        return ask_about(name, lambda ids: make(Some(ids).match), self.ids)

    def read(self, parts: Mapping[str, RelatedRows]) -> dict[str, Related]:
        """Return each part of what belongs to these programmes, by its name."""
        found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in parts}
        names = tuple(parts)
        for place, pk, number, *texts in self.ask(names, lambda where: unite(parts, where)):
            part = parts[names[place]]
            numbers = (number,) if part.number else ()
            found[names[place]].append((pk, *numbers, *texts[: len(part.texts)]))
        return {name: parts[name].group(rows) for name, rows in found.items()}


def unite(parts: Mapping[str, RelatedRows], where: Where) -> QuerySet[Any, Any]:
    """Return one query for all parts: the place of the part, a programme, a number, and texts."""
    first, *others = (
        part.find(where).values_list(
            Value(place),
            F(part.programme),
            F(part.number) if part.number else Value(0),
            *map(F, part.texts),
            *[Value("", TextField())] * (MOST_TEXTS - len(part.texts)),
        )
        for place, part in enumerate(parts.values())
    )
    return first.union(*others, all=True)


def split_everything() -> Iterator[Range]:
    """Yield ranges of ids, together covering all published programmes."""
    ids = Programme.objects.published().order_by("pk").values_list("pk", flat=True)
    for some in split_into_batches(ids.iterator(), CHUNK):
        yield Range(some[0], some[-1])


def split_ids(ids: Iterable[int]) -> Iterator[Some]:
    for some in split_into_batches(ids, CHANGED_CHUNK):
        yield Some(some)


def split_into_batches(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield lists of `size` rows; the last list may be shorter."""
    rows = iter(rows)
    while some := list(islice(rows, size)):
        yield some
