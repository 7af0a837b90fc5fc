"""Makes a programme of the rows that it had at an earlier revision.

It has all that `load_facts` loads, so whatever shows the present record shows it as well. Rows
that others share, such as sources, are as they were then too.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import ManyToManyField, ManyToManyRel

from partnerships.models import Lineage, Strategy
from programmes.models import Discrepancy, Evaluation, Programme, TakingPart, find_step
from stemobs.catalogue.history import Model, OwnersPast, Row, Rows
from stemobs.catalogue.visibility.queries import where_known
from stemobs.entries.history.differences import KINDS

# What belongs to a programme and to its facts, by the names of the relations. What guides say of
# a programme is no part of its record.
RELATIONS: Mapping[Any, Sequence[str]] = {
    Programme: (*KINDS, *(field.name for field in Programme._meta.many_to_many), "platforms"),
    Discrepancy: ("claims",),
    Evaluation: ("further_sources",),
    TakingPart: ("further_sources",),
}
TEXTS_IN_ORDER = {
    "sqlite": "SELECT value FROM json_each(%s) ORDER BY value",
    "postgresql": "SELECT value FROM jsonb_array_elements_text(%s::jsonb) AS value ORDER BY value",
}


class RowsRead(Protocol):
    """Where rows come from: what a programme had at a revision, or what some have now."""

    def read_rows(self, model: Model) -> Rows:
        """Return the rows of a model about them, by id."""

    def read_named_rows(self, named: Mapping[Model, Iterable[int]]) -> dict[Model, Rows]:
        """Return the rows with these ids, which others share, by model."""


class Link(NamedTuple):
    """Where a relation is stored: the rows, their column for the owner and that for what it has."""

    rows: Model
    owner: str
    thing: str
    model: Model  # of what it has


def find_link(model: Model, name: str) -> Link:
    relation: Any = model._meta.get_field(name)
    if isinstance(relation, ManyToManyField):
        ends = relation.m2m_field_name(), relation.m2m_reverse_field_name()
        through: Any = relation.remote_field.through
    elif isinstance(relation, ManyToManyRel):
        ends = relation.field.m2m_reverse_field_name(), relation.field.m2m_field_name()
        through = relation.through
    else:
        return Link(relation.related_model, relation.field.attname, "id", relation.related_model)
    return Link(through, f"{ends[0]}_id", f"{ends[1]}_id", relation.related_model)


def rebuild_programme(past: OwnersPast) -> Programme | None:
    """Return the programme as it was; None if readers could not see it then."""
    row = past.read_rows(Programme).get(past.owner.pk)
    if row is None or not Programme(state=row["state"]).is_public:
        return None
    things = Things(past)
    programme = things.add(Programme, row)
    things.read()
    things.connect()
    programme.evidence = find_step(programme.evaluations.all())
    programme.lineage_then = things.list_public_lineage()
    settle_rest(programme, things)
    return programme


def settle_rest(programme: Any, things: "Things") -> None:
    """Give the programme its strategy, no guides, and no picture that is not there any more."""
    strategies = things.list_all(Strategy, things.past.read_rows(Strategy))
    field: Any = Programme._meta.get_field("strategy")
    field.set_cached_value(programme, next(iter(strategies), None))
    fill(programme, "guide_items", [])
    if programme.logo and not programme.logo.storage.exists(programme.logo.name):
        programme.logo = ""


class Things:
    """All rows of a state as instances of their models, and how they belong together."""

    def __init__(self, past: RowsRead) -> None:
        self.past = past
        self.made: dict[tuple[Model, int], Any] = {}
        self.links = {
            (model, name): find_link(model, name)
            for model, names in RELATIONS.items()
            for name in names
        }

    def add(self, model: Model, row: Row) -> Any:
        """Return the instance for a row, which is made if there is none yet."""
        key = model, row["id"]
        if key not in self.made:
            self.made[key] = model.from_db(DEFAULT_DB_ALIAS, list(row), list(row.values()))
        return self.made[key]

    def read(self) -> None:
        """Read the rows about the programme, and those that they refer to."""
        facts = {link.rows for link in self.links.values() if link.thing == "id"}
        own: list[Model] = [Lineage, Strategy, *facts]
        for model in own:
            for row in self.past.read_rows(model).values():
                self.add(model, row)
        named = defaultdict(set)
        for model, pk in self.list_named():
            if (model, pk) not in self.made:
                named[model].add(pk)
        for model, rows in self.past.read_named_rows(named).items():
            for row in rows.values():
                self.add(model, row)

    def list_named(self) -> Iterator[tuple[Model, int]]:
        """Yield what rows about the programme refer to: model and id."""
        for one in self.made.values():
            for field in list_foreign_keys(type(one)):
                if pk := getattr(one, field.attname):
                    yield field.related_model, pk
        for link in self.links.values():
            if link.thing != "id":
                rows = self.past.read_rows(link.rows).values()
                yield from ((link.model, row[link.thing]) for row in rows)

    def connect(self) -> None:
        """Let every instance lead to those that it belongs to, and to those that it has."""
        for one in self.made.values():
            for field in list_foreign_keys(type(one)):
                if found := self.made.get((field.related_model, getattr(one, field.attname))):
                    field.set_cached_value(one, found)
        order = Order(self.made.values())
        for (model, name), link in self.links.items():
            has: defaultdict[int, list[Any]] = defaultdict(list)
            for row in self.past.read_rows(link.rows).values():
                has[row[link.owner]].append(self.made[link.model, row[link.thing]])
            for (made, pk), one in self.made.items():
                if made is model:
                    fill(one, name, order.sort(has[pk]))

    def list_all(self, model: Model, pks: Iterable[int]) -> list[Any]:
        return [self.made[model, pk] for pk in pks]

    def list_public_lineage(self) -> list[Lineage]:
        """Return the lineage whose ends readers could see then, and may still know of."""
        rows = self.list_all(Lineage, self.past.read_rows(Lineage))
        ends = {end for row in rows for end in (row.from_programme, row.to_programme) if end}
        known = Programme.objects.filter(where_known(), pk__in=[end.pk for end in ends])
        pks = set(known.values_list("pk", flat=True)) if ends else set()
        hidden = {end.pk for end in ends if end.pk not in pks or not end.is_public}
        told = [row for row in rows if not {row.from_programme_id, row.to_programme_id} & hidden]
        return Order(told).sort(told)


def list_foreign_keys(model: Model) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.related_model]


def fill(one: Any, name: str, things: list[Any]) -> None:
    """Let a relation of an instance hold these things, as if they had been prefetched."""
    found: Any = type(one)._meta.get_field(name).related_model
    queryset = found._base_manager.all()
    queryset._result_cache, queryset._prefetch_done = things, True
    if not hasattr(one, "_prefetched_objects_cache"):
        one._prefetched_objects_cache = {}
    one._prefetched_objects_cache[name] = queryset


class Order:
    """The order that models give to their rows, with texts in the order of the database."""

    def __init__(self, things: Iterable[Any]) -> None:
        texts = {
            value
            for one in things
            for value in list_order(one)
            if isinstance(value, str)
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(TEXTS_IN_ORDER[connection.vendor], [json.dumps([*texts])])
            self.places = {text: place for place, (text,) in enumerate(cursor.fetchall())}

    def sort(self, things: Sequence[Any]) -> list[Any]:
        return sorted(things, key=self.make_key)

    def make_key(self, one: Any) -> list[tuple[bool, Any]]:
        nulls_first = bool(connection.features.order_by_nulls_first)
        return [
            ((value is None) != nulls_first, self.places.get(value, value) or 0)
            for value in list_order(one)
        ]


def list_order(one: models.Model) -> list[Any]:
    """Return the values by which rows of a model are sorted."""
    return [getattr(one, str(name)) for name in type(one)._meta.ordering or ()]
