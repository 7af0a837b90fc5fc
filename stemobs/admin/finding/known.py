"""What the rows of a model are called, kept in the process for the searches of the admin.

Databases disagree about accents, and folding the names of 100,000 rows takes a second. So each
process folds them once, at the first search, and then only those that changed, as the history
tells.
"""

from array import array
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from django.db import connection, models
from django.db.models import Q

from partnerships.models import Organisation
from programmes.models import Edit, Programme, Version
from stemobs.catalogue.moments import hold_one_state, read_latest_moment
from stemobs.catalogue.triggers.tables import APPS, UNRECORDED
from stemobs.text import fold, space_words

Model = type[models.Model]
MANY = 1_000  # changed rows, from which on it is quicker to sort all than to put each in its place
# The column of a version that names the row itself, also where a row below it was changed.
OWNERS: dict[Model, str] = {Programme: "programme_id", Organisation: "organisation_id"}


@dataclass(frozen=True)
class Findable:
    """A row, as searches see it."""

    pk: int
    key: tuple[Any, ...]  # sorts it as its list does
    names: str  # a line for each name and short text, with a space around each word
    text: str  # all that is searched, folded


class FindableRows:
    """The rows of a model in their order, at a revision of a history."""

    def __init__(self, number: int, history: str, rows: Sequence[Findable]) -> None:
        self.number = number
        self.history = history
        self.rows = rows

    def find(self, words: Sequence[str]) -> list[int]:
        """Return the ids of the rows with every word anywhere."""
        rows = self.rows
        for word in words:
            rows = [row for row in rows if word in row.text]
        return [row.pk for row in rows]

    def rank(self, typed: str, most: int) -> list[int]:
        """Return the ids of the rows that were most likely meant, at most so many.

        First come those with exactly this name, then those whose name begins so, those with words
        that begin so, and all others with every word somewhere in their names.
        """
        term = space_words([typed]).strip()
        if not term:
            return [row.pk for row in self.rows[:most]]
        starts = [f" {word}" for word in term.split()]
        found: dict[int, None] = {}
        for pieces in ([f"\n {term} \n"], [f"\n {term}"], starts, term.split()):
            for place in self.list_places(pieces):
                found[self.rows[place].pk] = None
                if len(found) == most:
                    return list(found)
        return list(found)

    def list_places(self, pieces: Sequence[str]) -> Iterator[int]:
        """Yield the places of the rows that have all these pieces in their names."""
        longest = max(pieces, key=len)
        names, begins = self.joined_names
        found = names.find(longest)
        while found >= 0:
            place = bisect_right(begins, found) - 1
            if all(piece in self.rows[place].names for piece in pieces):
                yield place
            found = names.find(longest, begins[place + 1])

    @cached_property
    def joined_names(self) -> tuple[str, Sequence[int]]:
        """The names of all rows as one text, quick to search, and where each row begins in it."""
        begins = accumulate((len(row.names) for row in self.rows), initial=0)
        return "".join(row.names for row in self.rows), array("Q", begins)


class Register:
    """Keeps what is known of the rows of a model, and brings it up to date at each look."""

    def __init__(self, model: Model, fields: Sequence[str], ordering: Sequence[str]) -> None:
        self.model = model
        self.fields = tuple(fields)
        self.ordering = tuple(name.lstrip("-") for name in ordering)
        self.kept: FindableRows | None = None

    def look_up(self) -> FindableRows:
        """Return the rows as they are now, in their order."""
        with hold_one_state(connection):
            known = self.read_known()
        # What is read within a transaction may be rolled back.
        if not connection.in_atomic_block:
            self.kept = known
        return known

    def read_known(self) -> FindableRows:
        """Return the rows at the present revision; only what changed since is read."""
        moment = read_latest_moment(connection)
        kept = self.kept if self.is_recorded else None
        if kept and (kept.number, kept.history) == (moment.number, moment.history):
            return kept
        rows = self.read_now(kept, moment.history)
        return FindableRows(moment.number, moment.history, rows)

    @property
    def is_recorded(self) -> bool:
        """Whether the history tells what changed in the model."""
        return self.model._meta.app_label in APPS and self.model not in UNRECORDED

    def read_now(self, kept: FindableRows | None, history: str) -> list[Findable]:
        changed = self.find_changed(kept) if kept and kept.history == history else None
        if kept is None or changed is None:
            return sort(self.read_rows())
        rows = [row for row in kept.rows if row.pk not in changed]
        if len(changed) > MANY:
            return sort([*rows, *self.read_rows(changed)])
        for row in self.read_rows(changed):
            insort(rows, row, key=find_key)
        return rows

    def find_changed(self, kept: FindableRows) -> set[int] | None:
        """Return the ids of the rows that changed since; None if all have to be read."""
        later = Q(edit__revision__gt=kept.number) | Q(edit__revision=None)
        unseen = Edit.objects.filter(kind=Edit.Kind.UNSEEN, revision__gt=kept.number)
        if unseen.exists():
            return None
        label, owner = self.model._meta.label_lower, OWNERS.get(self.model, "")
        columns = ("model", "object_id", *filter(None, [owner]))
        changed: set[int] = set()
        for model, pk, *owners in Version.objects.filter(later).values_list(*columns):
            if model == label:
                changed.add(pk)
            elif not owner and model in self.related:
                return None
            changed.update(filter(None, owners))
        return changed

    @property
    def related(self) -> set[str]:
        """The labels of the models whose columns are searched too."""
        found = set()
        for name in (*self.fields, *self.ordering):
            if "__" in name:
                relation: Any = self.model._meta.get_field(name.split("__")[0])
                found.add(relation.related_model._meta.label_lower)
        return found

    def read_rows(self, ids: Collection[int] | None = None) -> Iterator[Findable]:
        """Yield all rows, or those with these ids."""
        rows = self.model._default_manager.order_by()
        if ids is not None:
            rows = rows.filter(pk__in=ids)
        keys: dict[int, tuple[Any, ...]] = {}
        texts: defaultdict[int, dict[str, None]] = defaultdict(dict)
        short: defaultdict[int, dict[str, None]] = defaultdict(dict)
        names = [not isinstance(self.find_column(name), models.TextField) for name in self.fields]
        columns = ("pk", *self.ordering, *self.fields)
        for pk, *values in rows.values_list(*columns):
            keys.setdefault(pk, make_key(values[: len(self.ordering)]))
            for is_name, value in zip(names, values[len(self.ordering) :], strict=True):
                if value:
                    texts[pk][value] = None
                    if is_name:
                        short[pk][value] = None
        for pk, key in keys.items():
            lines = space_words(short[pk])
            yield Findable(pk, key, f"\n{lines}\n", "\n".join(map(fold, texts[pk])))

    def find_column(self, path: str) -> Any:
        """Return the column at the end of a path, such as names__name."""
        model: Any = self.model
        *relations, name = path.split("__")
        for relation in relations:
            model = model._meta.get_field(relation).related_model
        return model._meta.get_field(name)


def make_key(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple((one is None, fold(one) if isinstance(one, str) else one or 0) for one in values)


def sort(rows: Iterator[Findable] | list[Findable]) -> list[Findable]:
    return sorted(rows, key=find_key)


def find_key(row: Findable) -> tuple[Any, ...]:
    return row.key
