"""Helpers that ask each worker of two hosts of one site, and check the answers."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest
from django.db import connection

from tests.servers import (
    Answer,
    Clerk,
    Server,
    wait_until,
)

HOSTS, WORKERS, WRITERS = 2, 3, 4
ALL = "/api/v1/programmes/?page_size=100&facets=all"
WHOLE = [ALL, f"{ALL}&page=2", "/api/v1/programmes/?page_size=100&sort=updated"]
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time."
)

# Parts of SQL queries in the middle of renewing the catalogue: the first comes after the links of
# programmes and before their rows, the second after programmes and before organisations.
AFTER_RELATIONS = "partnerships_funding"
ORGANISATIONS = '"partnerships_organisation"."type"'

Environment = dict[str, str]
Step = tuple[str, dict[str, Any]]


# --- Asking ---------------------------------------------------------------------------------------


def ask_every_worker(hosts: list[Server], path: str, **headers: str) -> list[Answer]:
    """Ask each worker of each host once, and return all answers."""
    answers = [
        host.ask_worker(worker, path, **headers)
        for host in hosts
        for worker in wait_until(lambda host=host: list_workers(host), "all workers are there")
    ]
    assert len({answer.worker for answer in answers}) == HOSTS * WORKERS
    return answers


def list_workers(host: Server) -> set[int]:
    """Return the process ids of a host's workers, or an empty set until all have started."""
    return host.workers if len(host.workers) == WORKERS else set()


def search(query: str) -> str:
    return f"/api/v1/programmes/?q={quote(query)}&facets=country,status,organisation"


def read_list(answer: Answer) -> tuple[int, list[str], dict[str, dict[str, int]]]:
    """Return count, names and facet counts from an answer of the API's list."""
    said = answer.json()
    names = [row["name"] for row in said["results"]]
    facets = {
        facet: {choice["label"]: choice["count"] for choice in choices}
        for facet, choices in said["facets"].items()
    }
    return said["count"], names, facets


def assert_every_worker_lists(
    hosts: list[Server], query: str, names: list[str], **facets: dict[str, int]
) -> None:
    for answer in ask_every_worker(hosts, search(query)):
        count, found, counts = read_list(answer)
        assert (count, found) == (len(names), names)
        assert {facet: counts[facet] for facet in facets} == facets


def assert_every_worker_agrees(hosts: list[Server], reader: Clerk) -> None:
    """Assert that all workers answer like a process that has just rebuilt its catalogue."""
    for path, expected in zip(WHOLE, reader.do("look", paths=WHOLE), strict=True):
        for answer in ask_every_worker(hosts, path):
            assert json_or_problem(answer) == expected


def json_or_problem(answer: Answer) -> Any:
    assert answer.status in (200, 404), answer.body  # 404: the list has no such page
    return answer.json() if answer.status == 200 else answer.status


# --- SQL from outside Django ----------------------------------------------------------------------


@contextmanager
def open_connection(environment: Environment) -> Iterator[Any]:
    """Open a connection to the site's database without Django."""
    address = environment["DATABASE_URL"]
    if connection.vendor == "sqlite":
        opened: Any = sqlite3.connect(address.removeprefix("sqlite:///"), timeout=60)
    else:
        opened = psycopg2.connect(address)
    with closing(opened):
        yield opened


def execute(opened: Any, statement: str, *given: Any) -> list[Any]:
    with closing(opened.cursor()) as cursor:
        mark = "?" if connection.vendor == "sqlite" else "%s"
        cursor.execute(statement.replace("?", mark), given)
        return cursor.fetchall() if cursor.description else []


def read_revision(environment: Environment) -> int:
    with open_connection(environment) as opened:
        return execute(opened, "SELECT number FROM programmes_revision")[0][0]


# --- Writing --------------------------------------------------------------------------------------


def begin_renaming(writer: Clerk, slug: str, name: str) -> None:
    writer.do("begin")
    writer.do("save", slug=slug, name=name)


WAITING = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def is_writer_blocked(environment: Environment) -> bool:
    """Whether a writer waits for another's lock; on SQLite, whether a writer would have to wait."""
    with open_connection(environment) as opened:
        if connection.vendor == "postgresql":
            return bool(execute(opened, WAITING))
        execute(opened, "PRAGMA busy_timeout = 0")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            execute(opened, "BEGIN IMMEDIATE")
        return True
