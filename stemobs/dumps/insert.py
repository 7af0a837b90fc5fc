"""Inserts rows with plain SQL, many in one statement, keeping their ids and dates.

Saving model instances would set dates to now and take twice as long.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from django.db import connection, models

from programmes.models import Departure
from stemobs.dumps.past import find_last_known

Model = type[models.Model]
ADAPTED = models.DateField | models.DecimalField | models.JSONField
VALUES = 30_000  # most values in one statement, unless the database has a lower limit


class TableWriter:
    """Inserts rows of one model, as many in one statement as the database allows."""

    def __init__(self, model: Model) -> None:
        fields = model._meta.concrete_fields
        self.defaults = {field.attname: field.get_default() for field in fields}
        # Fields whose values a database may need in another form than Python's.
        self.adapted = [f for f in fields if isinstance(f, ADAPTED)]
        self.at_once = (connection.features.max_query_params or VALUES) // len(fields)
        quote = connection.ops.quote_name
        columns = ", ".join(quote(name) for name in self.defaults)
        # Safe from injection: only Django's names of table and columns; values are parameters.
        self.insert = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES "  # noqa: S608
        self.places = f"({', '.join(['%s'] * len(fields))})"

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        with connection.cursor() as cursor:
            for start in range(0, len(rows), self.at_once):
                part = rows[start : start + self.at_once]
                places = ", ".join([self.places] * len(part))
                values = chain.from_iterable(self.values(fields) for fields in part)
                cursor.execute(self.insert + places, list(values))

    def values(self, fields: Mapping[str, Any]) -> Iterable[Any]:
        """Return a value for every column in the model's order; absent ones have their default."""
        row = {**self.defaults, **fields}
        for field in self.adapted:
            row[field.attname] = field.get_db_prep_save(row[field.attname], connection)
        return row.values()


def reset_sequences(written: Sequence[Model]) -> None:
    """Make the database number new rows above the ids of the inserted rows."""
    with connection.cursor() as cursor:
        for model in written:
            RESET[connection.vendor](cursor, model._meta.db_table, find_last_number(model))


def find_last_number(model: Model) -> int:
    """Return the highest id that a row has or had, so that no id of a deleted row is reused."""
    departures = Departure.objects.filter(subject=model._meta.model_name)
    rows = model._base_manager.aggregate(last=models.Max("pk"))
    gone = departures.aggregate(last=models.Max("object_id"))
    return max(rows["last"] or 0, gone["last"] or 0, find_last_known(model))


def reset_on_postgresql(cursor: Any, table: str, last: int) -> None:
    """Set the next id by ALTER SEQUENCE: unlike `setval`, a rollback undoes it."""
    cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [connection.ops.quote_name(table)])
    cursor.execute(f"ALTER SEQUENCE {cursor.fetchone()[0]} RESTART WITH {last + 1}")


def reset_on_sqlite(cursor: Any, table: str, last: int) -> None:
    """Raise SQLite's last id to `last`, but never lower it, or ids could be used again."""
    cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [last, table])
    if not cursor.rowcount:
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])


RESET = {"postgresql": reset_on_postgresql, "sqlite": reset_on_sqlite}
