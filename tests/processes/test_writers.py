"""Writers whose transactions overlap: nobody sees too much, and nothing is lost."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event, Thread
from typing import Any

import psycopg2
import pytest
from django.db import connection

from tests import chance
from tests.processes.hosts import (
    Environment,
    Step,
    every_worker_agrees_with,
    every_worker_tells,
    execute,
    from_every_worker,
    on_postgresql,
    outside,
    search,
    start,
)
from tests.servers import (
    Answer,
    Clerk,
    Server,
    wait_until,
)


def test_a_second_writer_waits_and_neither_change_is_lost(
    made: str, writers: list[Clerk], environment: Environment, hosts: list[Server]
) -> None:
    first, second = writers[:2]
    first.do("make", slug=f"{made}-2", name=f"{made} second")
    third = ("save", {"slug": f"{made}-2", "name": f"{made} third"})
    start(first, made, f"{made} after")
    second.tell("transact", steps=[third], keep=True)
    wait_until(lambda: somebody_must_wait(environment), "the second writer waits")
    assert not second.has_answered()
    every_worker_tells(hosts, made, [f"{made} before", f"{made} second"])
    first.do("commit")
    second.answer()
    every_worker_tells(hosts, made, [f"{made} after", f"{made} third"])


WAITING = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def somebody_must_wait(environment: Environment) -> bool:
    """Whether a writer waits for another; in SQLite, whether one would have to."""
    with outside(environment) as opened:
        if connection.vendor == "postgresql":
            return bool(execute(opened, WAITING))
        execute(opened, "PRAGMA busy_timeout = 0")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            execute(opened, "BEGIN IMMEDIATE")
        return True


@on_postgresql
def test_who_began_first_may_write_and_commit_last(
    made: str, writers: list[Clerk], hosts: list[Server]
) -> None:
    early, late = writers[:2]
    early.do("make", slug=f"{made}-2", name=f"{made} second")
    early.do("begin")
    start(late, made, f"{made} after")
    late.do("commit")
    every_worker_tells(hosts, made, [f"{made} after", f"{made} second"])
    early.do("save", slug=f"{made}-2", name=f"{made} third")
    every_worker_tells(hosts, made, [f"{made} after", f"{made} second"])
    early.do("commit")
    every_worker_tells(hosts, made, [f"{made} after", f"{made} third"])


@on_postgresql
def test_who_holds_on_to_an_old_state_is_refused_rather_than_overlooked(
    made: str, writer: Clerk, environment: Environment, hosts: list[Server]
) -> None:
    with outside(environment) as opened:
        opened.set_session(isolation_level="REPEATABLE READ")
        execute(opened, "SELECT number FROM programmes_revision")
        writer.do("save", slug=made, name=f"{made} after")
        with pytest.raises(psycopg2.errors.SerializationFailure):
            execute(opened, "UPDATE programmes_programme SET region = 'x' WHERE slug = ?", made)
    every_worker_tells(hosts, made, [f"{made} after"])


class Watcher(Thread):
    """Asks both hosts all the time, and sees to it that no change is ever taken back."""

    def __init__(self, hosts: list[Server], word: str) -> None:
        super().__init__(daemon=True)
        self.hosts, self.path = hosts, search(word)
        self.stopping = Event()
        self.years: dict[str, int] = {}
        self.faults: list[str] = []

    def run(self) -> None:
        while not self.stopping.is_set():
            for host in self.hosts:
                try:
                    self.compare(host.ask(self.path))
                except Exception as error:
                    self.faults.append(repr(error))

    def compare(self, answer: Answer) -> None:
        for row in answer.json()["results"]:
            slug, year = row["slug"], row["year_start"]
            if year < self.years.get(slug, 0):
                self.faults.append(f"{slug} went back from {self.years[slug]} to {year}")
            self.years[slug] = year


@contextmanager
def watched(hosts: list[Server], word: str) -> Iterator[None]:
    watcher = Watcher(hosts, word)
    watcher.start()
    try:
        yield
    finally:
        watcher.stopping.set()
        watcher.join()
    assert watcher.years
    assert watcher.faults == []


def random_step(rng: random.Random, slugs: list[str]) -> Step:
    """Return one of the ways in which curators change things."""
    slug = rng.choice(slugs)
    number = rng.randrange(1000)
    countries = rng.sample(["NL", "BE", "FR", "ES", "PT"], rng.randrange(4))
    steps: list[Step] = [
        (
            "update",
            {"slugs": rng.sample(slugs, 3), "status": rng.choice(["active", "planned"])},
        ),
        ("place", {"slug": slug, "countries": countries}),
        ("call", {"slug": slug, "name": f"Called {number}"}),
        ("forget_names", {"slug": slug}),
        ("rename_organisation", {"slug": f"{slug}-partner", "name": f"Renamed {number}"}),
        ("appear", {"slug": f"passing-{number % 5}"}),
        ("remove", {"slug": f"passing-{number % 5}"}),
    ]
    return rng.choice(steps)


def random_transaction(rng: random.Random, slugs: list[str]) -> dict[str, Any]:
    """Return some steps, and whether they are to stay: three times in four."""
    steps = [random_step(rng, slugs) for _number in range(rng.randrange(1, 8))]
    steps.insert(rng.randrange(len(steps) + 1), ("raise_year", {"slug": rng.choice(slugs)}))
    return {"steps": steps, "keep": rng.random() < 0.75}


def raised(transactions: list[dict[str, Any]], slug: str) -> int:
    """Return how often those that stay raise the year of a programme."""
    step = ("raise_year", {"slug": slug})
    return sum(one["steps"].count(step) for one in transactions if one["keep"])


def every_worker_knows(hosts: list[Server], word: str, years: dict[str, int]) -> None:
    for answer in from_every_worker(hosts, search(word)):
        assert {row["slug"]: row["year_start"] for row in answer.json()["results"]} == years


def test_writers_that_get_in_each_others_way_lose_nothing(
    word: str, writers: list[Clerk], hosts: list[Server], environment: Environment
) -> None:
    rng = random.Random(20261122)
    slugs = [f"{word}-{number}" for number in range(6)]
    for slug in slugs:
        partner = f"{slug} Ltd"
        writers[0].do(
            "make", slug=slug, name=f"{word} {slug}", year_start=1900, organisation=partner
        )
    done = []
    with watched(hosts, word):
        for number in range(chance.many(20)):
            transactions = [random_transaction(rng, slugs) for _writer in writers]
            for writer, one in zip(writers, transactions, strict=True):
                writer.tell("transact", **one)
            for writer in writers:
                writer.answer()
            done += transactions
            if number % 4 == 3:
                every_worker_knows(hosts, word, {s: 1900 + raised(done, s) for s in slugs})
    with closing(Clerk(environment)) as fresh:
        every_worker_agrees_with(hosts, fresh)
