"""Overlapping transactions: readers see only what is committed, and no change is lost."""

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event, Thread
from typing import Any

import psycopg2
import pytest

from tests import chance
from tests.processes.hosts import (
    Environment,
    Step,
    ask_every_worker,
    assert_every_worker_agrees,
    assert_every_worker_lists,
    begin_renaming,
    execute,
    is_writer_blocked,
    on_postgresql,
    open_connection,
    search,
)
from tests.servers import (
    Answer,
    Clerk,
    Server,
    wait_until,
)


def test_a_second_writer_of_a_record_waits_and_neither_change_is_lost(
    made: str, writers: list[Clerk], environment: Environment, hosts: list[Server]
) -> None:
    first, second = writers[:2]
    planned = ("update", {"slugs": [made], "status": "planned"})
    begin_renaming(first, made, f"{made} after")
    second.tell("transact", steps=[planned], keep=True)
    wait_until(lambda: is_writer_blocked(environment), "the second writer waits")
    assert not second.has_answered()
    assert_every_worker_lists(hosts, made, [f"{made} before"], status={"Running": 1})
    first.do("commit")
    second.answer()
    assert_every_worker_lists(hosts, made, [f"{made} after"], status={"Planned": 1})


@on_postgresql
def test_a_transaction_that_began_first_may_write_and_commit_last(
    made: str, writers: list[Clerk], hosts: list[Server]
) -> None:
    early, late = writers[:2]
    early.do("make", slug=f"{made}-2", name=f"{made} second")
    early.do("begin")
    begin_renaming(late, made, f"{made} after")
    late.do("commit")
    assert_every_worker_lists(hosts, made, [f"{made} after", f"{made} second"])
    early.do("save", slug=f"{made}-2", name=f"{made} third")
    assert_every_worker_lists(hosts, made, [f"{made} after", f"{made} second"])
    early.do("commit")
    assert_every_worker_lists(hosts, made, [f"{made} after", f"{made} third"])


@on_postgresql
def test_a_write_from_an_outdated_snapshot_is_refused(
    made: str, writer: Clerk, environment: Environment, hosts: list[Server]
) -> None:
    with open_connection(environment) as opened:
        opened.set_session(isolation_level="REPEATABLE READ")
        execute(opened, "SELECT number FROM programmes_revision")
        writer.do("save", slug=made, name=f"{made} after")
        with pytest.raises(psycopg2.errors.SerializationFailure):
            execute(opened, "UPDATE programmes_programme SET region = 'x' WHERE slug = ?", made)
    assert_every_worker_lists(hosts, made, [f"{made} after"])


class Watcher(Thread):
    """A thread that asks both hosts without pause, and notes if a start year ever decreases."""

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
def watch_years(hosts: list[Server], word: str) -> Iterator[None]:
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
    """Return a random command of the clerk that changes something, with its arguments."""
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
    """Return some random commands and whether to commit them, which is true three times in four."""
    steps = [random_step(rng, slugs) for _number in range(rng.randrange(1, 8))]
    steps.insert(rng.randrange(len(steps) + 1), ("raise_year", {"slug": rng.choice(slugs)}))
    return {"steps": steps, "keep": rng.random() < 0.75}


def count_raises(transactions: list[dict[str, Any]], slug: str) -> int:
    """Return how often the committed transactions raise the start year of a programme."""
    step = ("raise_year", {"slug": slug})
    return sum(one["steps"].count(step) for one in transactions if one["keep"])


def assert_years(hosts: list[Server], word: str, years: dict[str, int]) -> None:
    for answer in ask_every_worker(hosts, search(word)):
        assert {row["slug"]: row["year_start"] for row in answer.json()["results"]} == years


def test_random_overlapping_writers_lose_no_change(
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
    with watch_years(hosts, word):
        for number in range(chance.many(20)):
            transactions = [random_transaction(rng, slugs) for _writer in writers]
            for writer, one in zip(writers, transactions, strict=True):
                writer.tell("transact", **one)
            for writer in writers:
                writer.answer()
            done += transactions
            if number % 4 == 3:
                assert_years(hosts, word, {s: 1900 + count_raises(done, s) for s in slugs})
    with closing(Clerk(environment)) as fresh:
        assert_every_worker_agrees(hosts, fresh)
