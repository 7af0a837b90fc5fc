"""Reads several records with all their facts in two queries, however much they say.

Each table of facts gives its rows as JSON, as the history keeps them. So one query takes them all.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db import connection

from partnerships.models import Lineage, Strategy
from programmes.models import Fact, Programme
from stemobs.catalogue.history import Model, Rows, decode_row
from stemobs.entries.history.rebuilding import RELATIONS, Things, find_link


class PresentRows:
    """The rows of some programmes as they are now, and the rows that these name."""

    def __init__(self, pks: Iterable[int]) -> None:
        self.pks = [*pks]
        self.rows = read_all((model, *write_condition(model, self.pks)) for model in list_models())

    def read_rows(self, model: Model) -> Rows:
        return self.rows[model]

    def read_named_rows(self, named: Mapping[Model, Iterable[int]]) -> dict[Model, Rows]:
        wanted = [(model, "id", [*pks]) for model, pks in named.items() if pks]
        return read_all(wanted) if wanted else {}


def read_records(pks: Iterable[int]) -> dict[int, Programme]:
    """Return programmes with all that belongs to them; those that are not there are left out.

    Each knows its `lineage`, too, from it and to it.
    """
    rows = PresentRows(pks)
    things = Things(rows)
    found = {pk: things.add(Programme, row) for pk, row in rows.read_rows(Programme).items()}
    things.read()
    things.connect()
    lineage = [things.made[Lineage, pk] for pk in sorted(rows.read_rows(Lineage))]
    for pk, programme in found.items():
        vars(programme)["lineage_from"] = [one for one in lineage if one.from_programme_id == pk]
        vars(programme)["lineage_to"] = [one for one in lineage if one.to_programme_id == pk]
        of_it = (row for row in rows.read_rows(Strategy).values() if row["programme_id"] == pk)
        strategy: Any = Programme._meta.get_field("strategy")
        found_one = next((things.made[Strategy, row["id"]] for row in of_it), None)
        strategy.set_cached_value(programme, found_one)
    return found


def list_models() -> list[Model]:
    """Return the models of a record: itself, its facts, and what belongs to these."""
    pairs = [(model, name) for model, names in RELATIONS.items() for name in names]
    below = [find_link(model, name).rows for model, name in pairs]
    own: list[Model] = [Programme, Lineage, Strategy]
    return [*dict.fromkeys([*own, *below])]


def write_condition(model: Model, pks: list[int]) -> tuple[str, list[int]]:
    """Return the SQL condition for the rows of a model about programmes, and its parameters."""
    places = ", ".join(["%s"] * len(pks))
    if model is Programme:
        return f"id IN ({places})", pks
    own = [one.column for one in model._meta.concrete_fields if one.related_model is Programme]
    if own:
        return " OR ".join(f"{column} IN ({places})" for column in own), pks * len(own)
    # A part of a fact, such as a claim, belongs to the programme of that.
    tie: Any = next(
        one
        for one in model._meta.concrete_fields
        if one.related_model and issubclass(one.related_model, Fact) and not one.null
    )
    table = tie.related_model._meta.db_table
    whole = f"SELECT id FROM {table} WHERE programme_id IN ({places})"  # noqa: S608  # Django's names
    return f"{tie.column} IN ({whole})", pks


def read_all(wanted: Iterable[tuple[Model, str, list[int]]]) -> dict[Model, Rows]:
    """Return by model the rows that meet a condition, all in one query."""
    parts, parameters, models = [], [], []
    for model, condition, given in wanted:
        if condition == "id":
            condition = f"id IN ({', '.join(['%s'] * len(given))})"
        parts.append(
            f"SELECT {len(models)} AS place, {write_json(model)} AS content"  # noqa: S608  # Django's names
            f" FROM {model._meta.db_table} AS one WHERE {condition}"
        )
        models.append(model)
        parameters += given
    found: dict[Model, Rows] = {model: {} for model in models}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        for place, content in cursor.fetchall():
            row = decode_row(models[place], json.loads(content, parse_float=Decimal))
            found[models[place]][row["id"]] = row
    return found


def write_json(model: Model) -> str:
    """Return SQL for a row as JSON."""
    if connection.vendor == "postgresql":
        return "to_jsonb(one)::text"
    return f"json_object({', '.join(list_pairs(model))})"


def list_pairs(model: Model) -> Iterator[str]:
    for field in model._meta.concrete_fields:
        yield f"'{field.column}', \"{field.column}\""
