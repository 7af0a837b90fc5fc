"""What both engines need: the rows to be indexed, the question, and the answer over HTTP."""

import json
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

PAGE_SIZE = 25
MOST_ORGANISATIONS = 20  # as many as the site counts
FACETS = ("country", "level", "kind", "organisation", "status", "funding", "duration")
SEVERAL = frozenset(["country", "level", "kind", "organisation", "funding"])
Counts = dict[str, dict[str, int]]
Start = Callable[[str, list[tuple[str, str]]], Any]


@dataclass(frozen=True)
class Row:
    """A programme: its text, the values by which it is found and counted, and what is shown."""

    name: str
    summary: str
    values: Mapping[str, Sequence[str]]
    shown: str  # a JSON object


def read_rows(file: str) -> Iterator[Row]:
    """Yield the rows of the file that `benchmarks.flatten` writes, in the order of their names."""
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        for row in database.execute("SELECT * FROM programmes ORDER BY name, id"):
            yield make_row(dict(row))


def make_row(row: dict[str, Any]) -> Row:
    row |= {name: json.loads(row[name]) for name in SEVERAL}
    values = {name: row[name] if name in SEVERAL else [row[name]] for name in FACETS}
    # Nothing is no value.
    told = {name: [value for value in several if value] for name, several in values.items()}
    years = [str(year) for year in find_years(row)]
    return Row(row["name"], row["summary"], {**told, "running_in": years}, json.dumps(row))


def find_years(row: Mapping[str, Any]) -> Iterable[int]:
    """Return the years in which a programme is known to have run, as the site's parameter asks."""
    start, end, told = row["year_start"], row["year_end"], row["status_as_of"]
    last = end if end is not None or row["status"] != "active" else told
    if last is None:
        return ()
    if start is not None:
        return range(start, last + 1)
    return {year for year in (end, told) if year is not None and year <= last}


def fold(text: str) -> str:
    """Return a text without accents, for an engine that does not take them off by itself."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


@dataclass(frozen=True)
class Question:
    """What is asked: words, and the values of which a programme must have one, by facet."""

    words: str
    values: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, query: str) -> "Question":
        given = dict(parse_qsl(query))
        words = given.pop("q", "")
        return cls(words, {name: value.split(",") for name, value in given.items()})

    def without(self, facet: str) -> "Question":
        return Question(self.words, {n: those for n, those in self.values.items() if n != facet})

    def split(self) -> Iterator[tuple["Question", list[str]]]:
        """Yield questions, with the facets that are to be counted among what each finds.

        A facet is counted among what all else finds, so each that is asked for needs its own.
        """
        yield self, [name for name in FACETS if name not in self.values]
        for name in FACETS:
            if name in self.values:
                yield self.without(name), [name]


def take_most(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(counted).most_common(MOST_ORGANISATIONS))


@dataclass(frozen=True)
class Found:
    """An answer: the total, the rows of the first page as JSON, and how many have which value."""

    total: int
    rows: Sequence[str]
    counts: Counts

    def encode(self) -> bytes:
        rows = ",".join(self.rows)
        counts = json.dumps(self.counts)
        return f'{{"count":{self.total},"results":[{rows}],"facets":{counts}}}'.encode()


def make_application(
    find: Callable[[Question], Found],
) -> Callable[[dict[str, Any], Start], list[bytes]]:
    """Return a WSGI application that answers each query with what an engine finds."""

    def answer(environ: dict[str, Any], start: Start) -> list[bytes]:
        body = find(Question.read(environ["QUERY_STRING"])).encode()
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return answer
