"""Writes rows as they are: with their own ids and dates, many a statement, without instances.

Saving would set dates to now and take twice as long.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from django.db import connection, models

Model = type[models.Model]
VALUES = 30_000  # in one statement, where the database has no lower limit of its own


class Table:
    """Writes rows of one model as many a statement as the database takes."""

    def __init__(self, model: Model) -> None:
        fields = model._meta.concrete_fields
        self.defaults = {field.attname: field.get_default() for field in fields}
        # Those that a database may want in another form than Python's.
        self.adapted = [f for f in fields if isinstance(f, models.DateField | models.DecimalField)]
        self.at_once = (connection.features.max_query_params or VALUES) // len(fields)
        quote = connection.ops.quote_name
        columns = ", ".join(quote(name) for name in self.defaults)
        # Names of Django's own tables and columns; the values are given apart.
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
        """Return every column's value in the order of the columns."""
        row = {**self.defaults, **fields}
        for field in self.adapted:
            row[field.attname] = field.get_db_prep_save(row[field.attname], connection)
        return row.values()


def reset_sequences(written: Sequence[Model]) -> None:
    """Let the database number new rows behind those that came with numbers of their own.

    Not by `setval`, which stays when the transaction is rolled back. SQLite needs no telling.
    """
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for model in written:
            table = connection.ops.quote_name(model._meta.db_table)
            last = model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
            cursor.execute(f"ALTER SEQUENCE {cursor.fetchone()[0]} RESTART WITH {last + 1}")
