"""What the rows of a model are called, kept in the process for the searches of the admin.

Databases disagree about accents, and folding the names of 100,000 rows takes a second. So each
process folds them once, at the first search, and then only those that changed, as the history
tells.
"""

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models import Max, Q, Value

from partnerships.models import Organisation
from programmes.models import Edit, Programme, Version
from stemobs.catalogue.states.moments import hold_one_state, read_latest_moment
from stemobs.catalogue.triggers.tables import APPS, UNRECORDED
from stemobs.text import fold, space_words

Model = type[models.Model]
MANY = 1_000  # changed rows, from which on it is quicker to sort all than to put each in its place
BLOCK = 1_000  # rows whose names are kept as one text; after a change only theirs is made anew
LATE = 100  # versions before the last one known that may have been committed after it
# The column of a version that names the row itself, also where a row below it was changed.
OWNERS: dict[Model, str] = {Programme: "programme_id", Organisation: "organisation_id"}


class StateRead(NamedTuple):
    """The state of the database at which rows were read: its history, revision and last version.

    A write that readers may not know of, such as to a draft, leaves a version and no revision.
    """

    history: str
    number: int
    version: int


@dataclass(frozen=True)
class Findable:
    """A row, as searches see it."""

    pk: int
    key: tuple[Any, ...]  # sorts it as its list does
    names: str  # a line for each name and short text, with a space around each word
    text: str  # all that is searched, folded
    number: int = 0  # by which its list may be sorted, if there is one


class Block:
    """Some rows that follow one another, with their names as one text, quick to search."""

    def __init__(self, rows: Sequence[Findable]) -> None:
        self.rows = rows
        self.ids = frozenset(row.pk for row in rows)

    @cached_property
    def joined_names(self) -> tuple[str, Sequence[int]]:
        """The names of all rows, and where each row begins in them."""
        begins = accumulate((len(row.names) for row in self.rows), initial=0)
        return "".join(row.names for row in self.rows), array("Q", begins)

    def find_rows(self, pieces: Sequence[str]) -> Iterator[Findable]:
        """Yield the rows that have all these pieces in their names."""
        longest = max(pieces, key=len)
        names, begins = self.joined_names
        found = names.find(longest)
        while found >= 0:
            place = bisect_right(begins, found) - 1
            if all(piece in self.rows[place].names for piece in pieces):
                yield self.rows[place]
            found = names.find(longest, begins[place + 1])


class FindableRows:
    """The rows of a model in their order, as they are in a state of the database."""

    def __init__(self, state: StateRead, blocks: Sequence[Block]) -> None:
        self.state = state
        self.blocks = blocks

    @cached_property
    def rows(self) -> Sequence[Findable]:
        return [row for block in self.blocks for row in block.rows]

    def sort_by_number(self, is_descending: bool) -> list[int]:
        """Return the ids of all rows by their number, those with the same in their order."""
        found = sorted(self.rows, key=lambda row: row.number, reverse=is_descending)
        return [row.pk for row in found]

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
            for row in chain.from_iterable(block.find_rows(pieces) for block in self.blocks):
                found[row.pk] = None
                if len(found) == most:
                    return list(found)
        return list(found)


class Register:
    """Keeps what is known of the rows of a model, and brings it up to date at each look.

    `number` is an expression for a number of each row, by which its list may be sorted.
    """

    def __init__(
        self, model: Model, fields: Sequence[str], ordering: Sequence[str], number: Any = None
    ) -> None:
        self.model = model
        self.fields = tuple(fields)
        self.ordering = tuple(name.lstrip("-") for name in ordering)
        self.number = Value(0) if number is None else number
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
        """Return the rows as they are in the present state; only what changed since is read."""
        state = read_state()
        kept = self.kept if self.is_recorded else None
        if kept and kept.state == state:
            return kept
        return FindableRows(state, self.read_now(kept, state.history))

    @property
    def is_recorded(self) -> bool:
        """Whether the history tells what changed in the model."""
        return self.model._meta.app_label in APPS and self.model not in UNRECORDED

    def read_now(self, kept: FindableRows | None, history: str) -> list[Block]:
        changed = self.find_changed(kept) if kept and kept.state.history == history else None
        if kept is None or changed is None:
            return [*cut(sort(self.read_rows()))]
        if len(changed) > MANY:
            left = [row for row in kept.rows if row.pk not in changed]
            return [*cut(sort([*left, *self.read_rows(changed)]))]
        return [*put_rows(kept.blocks, changed, self.read_rows(changed))]

    def find_changed(self, kept: FindableRows) -> set[int] | None:
        """Return the ids of the rows that changed since; None if all have to be read."""
        unseen = Edit.objects.filter(kind=Edit.Kind.UNSEEN, revision__gt=kept.state.number)
        if unseen.exists():
            return None
        label, owner = self.model._meta.label_lower, OWNERS.get(self.model, "")
        columns = ("model", "object_id", *filter(None, [owner]))
        changed: set[int] = set()
        # A long transaction may leave many more, but its revision is later than all that was known.
        late = Q(pk__gt=kept.state.version - LATE) | Q(edit__revision__gt=kept.state.number)
        later = Version.objects.filter(late)
        for model, pk, *owners in later.values_list(*columns):
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
        numbers: dict[int, int] = {}
        columns = ("pk", self.number, *self.ordering, *self.fields)
        for pk, number, *values in rows.values_list(*columns):
            numbers[pk] = number
            if pk not in keys:
                keys[pk] = make_key(values[: len(self.ordering)])
            for is_name, value in zip(names, values[len(self.ordering) :], strict=True):
                if value:
                    texts[pk][value] = None
                    if is_name:
                        short[pk][value] = None
        for pk, key in keys.items():
            lines = space_words(short[pk])
            yield Findable(pk, key, f"\n{lines}\n", fold("\n".join(texts[pk])), numbers[pk])

    def find_column(self, path: str) -> Any:
        """Return the column at the end of a path, such as names__name."""
        model: Any = self.model
        *relations, name = path.split("__")
        for relation in relations:
            model = model._meta.get_field(relation).related_model
        return model._meta.get_field(name)


def read_state() -> StateRead:
    moment = read_latest_moment(connection)
    version = Version.objects.aggregate(last=Max("pk"))["last"] or 0
    return StateRead(moment.history, moment.number, version)


def cut(rows: Sequence[Findable]) -> Iterator[Block]:
    """Yield rows as blocks; a block may grow to twice its size before it is cut."""
    size = BLOCK if len(rows) > 2 * BLOCK else len(rows)
    for begin in range(0, len(rows), max(size, 1)):
        yield Block(rows[begin : begin + size])


def put_rows(
    blocks: Sequence[Block], gone: Collection[int], new: Iterable[Findable]
) -> Iterator[Block]:
    """Yield blocks without some rows and with others; those without a change stay as they are."""
    begins = [block.rows[0].key if block.rows else () for block in blocks] or [()]
    added: defaultdict[int, list[Findable]] = defaultdict(list)
    for row in new:
        added[max(bisect_right(begins, row.key) - 1, 0)].append(row)
    for place, block in enumerate(blocks or [Block([])]):
        if place in added or not block.ids.isdisjoint(gone):
            left = [row for row in block.rows if row.pk not in gone]
            yield from cut(sort([*left, *added[place]]))
        else:
            yield block


def make_key(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple((one is None, fold(one) if isinstance(one, str) else one or 0) for one in values)


def sort(rows: Iterator[Findable] | list[Findable]) -> list[Findable]:
    return sorted(rows, key=find_key)


def find_key(row: Findable) -> tuple[Any, ...]:
    return row.key
