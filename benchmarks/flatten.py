"""Writes the programmes to an SQLite file that suits Datasette: a flat table with full text search.

Datasette cannot count by relations. So each programme is one row, and facets with several values
are JSON arrays, which Datasette counts with `_facet_array`. Its filter on arrays reads every row,
so each such facet also has a table of links, which is asked with `_where`.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from programmes.models import Programme

ARRAYS = {
    "country": "countries__code",
    "level": "levels__code",
    "kind": "kinds__slug",
    "organisation": "partnerships__organisation__slug",
    "funding": "funding__source_type",
}
COLUMNS = (
    "id", "slug", "name", "summary", "record_type", "scope", "duration", "status", "status_as_of",
    "year_start", "year_end", "changed_at",
)  # fmt: skip
CHUNK = 5_000


def create(database: sqlite3.Connection) -> None:
    columns = ", ".join((*COLUMNS[1:], *ARRAYS))
    database.execute(f"CREATE TABLE programmes (id INTEGER PRIMARY KEY, {columns})")
    for name in ARRAYS:
        database.execute(
            f"CREATE TABLE {name}_of (value TEXT, programme INTEGER,"
            " PRIMARY KEY (value, programme)) WITHOUT ROWID"
        )


def rows(first: int) -> list[dict[str, Any]]:
    """Return the programmes with ids from `first` on, up to CHUNK, with sets of facet values."""
    chunk = Programme.objects.published().order_by("pk").filter(pk__gte=first, pk__lt=first + CHUNK)
    found = {
        row["id"]: {**row, **{name: set() for name in ARRAYS}} for row in chunk.values(*COLUMNS)
    }
    for name, path in ARRAYS.items():
        for pk, value in chunk.order_by().values_list("pk", path):
            if value is not None:
                found[pk][name].add(str(value))
    return list(found.values())


def flat(row: dict[str, Any]) -> list[Any]:
    values = {**row, "changed_at": row["changed_at"].isoformat()}
    return [json.dumps(sorted(v)) if isinstance(v, set) else v for v in values.values()]


def links(chunk: Iterable[dict[str, Any]], name: str) -> Iterator[tuple[str, int]]:
    for row in chunk:
        yield from ((value, row["id"]) for value in sorted(row[name]))


def write(database: sqlite3.Connection, chunk: list[dict[str, Any]]) -> None:
    places = ", ".join("?" * (len(COLUMNS) + len(ARRAYS)))
    database.executemany(f"INSERT INTO programmes VALUES ({places})", map(flat, chunk))
    for name in ARRAYS:
        database.executemany(f"INSERT INTO {name}_of VALUES (?, ?)", links(chunk, name))


def finish(database: sqlite3.Connection) -> None:
    for column in ("name", "status", "duration", "year_start"):
        database.execute(f"CREATE INDEX programmes_{column} ON programmes ({column})")
    # Datasette recognises the full text table by exactly these quotation marks.
    database.execute(
        'CREATE VIRTUAL TABLE programmes_fts USING fts5(name, summary, content="programmes",'
        " content_rowid=\"id\", tokenize='unicode61 remove_diacritics 2')"
    )
    database.execute("INSERT INTO programmes_fts (programmes_fts) VALUES ('rebuild')")
    database.execute("ANALYZE")
    database.commit()
    database.execute("VACUUM")


def main(file: str) -> None:
    """Write the SQLite file; it gets its name only when it is complete."""
    part = Path(f"{file}.part")
    part.unlink(missing_ok=True)
    last = Programme.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    database = sqlite3.connect(part)
    create(database)
    for first in range(1, last + 1, CHUNK):
        write(database, rows(first))
    finish(database)
    database.close()
    part.rename(file)
