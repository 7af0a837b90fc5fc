"""The catalogue in many processes at once: workers of two hosts, writers, threads, sudden deaths.

Everything is real: gunicorn, commits, `kill -9`. What is asked of a worker is asked of that one, by
its process id, so that “every worker” is meant.
"""

import json
import os
import random
import secrets
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.servers import (
    Answer,
    Clerk,
    Server,
    free_port,
    seeded_site,
    started,
    wait_until,
    wait_until_ready,
)

HOSTS, WORKERS, WRITERS = 2, 3, 4
ALL = "/api/v1/programmes/?page_size=100&facets=all"
WHOLE = [ALL, f"{ALL}&page=2", "/api/v1/programmes/?page_size=100&sort=updated"]
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer at a time."
)

# Parts of queries that come in the midst of renewing: before the rows of programmes are read but
# after their relations, and before organisations are read but after programmes.
AFTER_RELATIONS = "partnerships_funding"
ORGANISATIONS = '"partnerships_organisation"."type"'

Environment = dict[str, str]
Step = tuple[str, dict[str, Any]]


# --- The site: one database, two hosts, some writers ----------------------------------------------


@pytest.fixture(scope="module")
def environment(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Environment]:
    """The settings of a site whose database is migrated and seeded."""
    folder = tmp_path_factory.mktemp("processes")
    with seeded_site(folder, django_db_blocker, "http://127.0.0.1") as settings:
        yield {**settings, "DEATH_WARRANT": str(folder / "warrant")}


@pytest.fixture(scope="module")
def hosts(
    environment: Environment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Server]]:
    """Two gunicorns that share nothing but the database."""
    folder = tmp_path_factory.mktemp("logs")
    options = ("--workers", str(WORKERS), "--threads", "2")
    with ExitStack() as stack:
        servers = []
        for number in range(HOSTS):
            listener, log = stack.enter_context(free_port()), folder / f"{number}.log"
            host = started(
                environment, listener, log, *options, application="tests.processes.worker"
            )
            servers.append(stack.enter_context(host))
        for server in servers:
            wait_until_ready(server)
        yield servers


@pytest.fixture(scope="module")
def writers(environment: Environment) -> Iterator[list[Clerk]]:
    with ExitStack() as stack:
        clerks = [Clerk(environment) for _number in range(WRITERS)]
        for clerk in clerks:
            stack.callback(clerk.close)
        yield clerks


@pytest.fixture(scope="module")
def writer(writers: list[Clerk]) -> Clerk:
    return writers[0]


@pytest.fixture
def mortal(environment: Environment) -> Iterator[Clerk]:
    """A writer that may die."""
    with closing(Clerk(environment)) as clerk:
        yield clerk


@pytest.fixture
def word() -> str:
    """A word that only the programmes of one test have."""
    return f"w{secrets.token_hex(5)}"


# --- Asking ---------------------------------------------------------------------------------------


def from_every_worker(hosts: list[Server], path: str, **headers: str) -> list[Answer]:
    """Ask each worker of each host once."""
    answers = [
        host.ask_worker(worker, path, **headers)
        for host in hosts
        for worker in wait_until(lambda host=host: all_workers(host), "all workers are there")
    ]
    assert len({answer.worker for answer in answers}) == HOSTS * WORKERS
    return answers


def all_workers(host: Server) -> set[int]:
    """The workers, or nobody while not all of them are there."""
    return host.workers if len(host.workers) == WORKERS else set()


def search(query: str) -> str:
    return f"/api/v1/programmes/?q={quote(query)}&facets=country,status,organisation"


def told(answer: Answer) -> tuple[int, list[str], dict[str, dict[str, int]]]:
    """Return what a list says: how many there are, their names, and the counts of facets."""
    said = answer.json()
    names = [row["name"] for row in said["results"]]
    facets = {
        facet: {choice["label"]: choice["count"] for choice in choices}
        for facet, choices in said["facets"].items()
    }
    return said["count"], names, facets


def every_worker_tells(
    hosts: list[Server], query: str, names: list[str], **facets: dict[str, int]
) -> None:
    for answer in from_every_worker(hosts, search(query)):
        count, found, counts = told(answer)
        assert (count, found) == (len(names), names)
        assert {facet: counts[facet] for facet in facets} == facets


def every_worker_agrees_with(hosts: list[Server], reader: Clerk) -> None:
    """Compare every answer with what a process says that builds its catalogue anew."""
    for path, expected in zip(WHOLE, reader.do("look", paths=WHOLE), strict=True):
        for answer in from_every_worker(hosts, path):
            assert json_or_problem(answer) == expected


def json_or_problem(answer: Answer) -> Any:
    assert answer.status in (200, 404), answer.body  # 404: there is no such page
    return answer.json() if answer.status == 200 else answer.status


# --- SQL from outside Django ----------------------------------------------------------------------


@contextmanager
def outside(environment: Environment) -> Iterator[Any]:
    """A connection to the site's database that knows nothing of Django."""
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


def revision(environment: Environment) -> int:
    with outside(environment) as opened:
        return execute(opened, "SELECT number FROM programmes_revision")[0][0]


# --- What is committed, the next request of every worker shows ------------------------------------


@pytest.fixture
def made(writer: Clerk, hosts: list[Server], word: str) -> str:
    """A word that one programme has, which every worker knows."""
    writer.do(
        "make",
        slug=word,
        name=f"{word} before",
        countries=["NL"],
        status="active",
        organisation=f"{word} Ltd",
    )
    every_worker_tells(
        hosts,
        word,
        [f"{word} before"],
        country={"Netherlands": 1},
        status={"Active": 1},
        organisation={f"{word} Ltd": 1},
    )
    return word


def test_a_row_that_was_saved_shows(made: str, writer: Clerk, hosts: list[Server]) -> None:
    writer.do("save", slug=made, name=f"{made} after", status="completed")
    every_worker_tells(hosts, made, [f"{made} after"], status={"Completed": 1})
    every_worker_tells(hosts, f'"{made} before"', [], status={})


def test_rows_that_were_updated_without_a_signal_show(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    writer.do("make", slug=f"{made}-2", name=f"{made} second")
    writer.do("update", slugs=[made, f"{made}-2"], status="planned")
    every_worker_tells(hosts, made, [f"{made} before", f"{made} second"], status={"Planned": 2})


def test_what_somebody_wrote_past_django_shows(
    made: str, environment: Environment, hosts: list[Server]
) -> None:
    with outside(environment) as opened:
        execute(
            opened,
            "UPDATE programmes_programme SET name = ?, status = 'unknown' WHERE slug = ?",
            f"{made} by hand",
            made,
        )
        every_worker_tells(hosts, made, [f"{made} before"], status={"Active": 1})
        opened.commit()
    every_worker_tells(hosts, made, [f"{made} by hand"], status={"Not known": 1})


def test_a_relation_that_was_changed_shows(made: str, writer: Clerk, hosts: list[Server]) -> None:
    writer.do("place", slug=made, countries=["BE", "FR"])
    every_worker_tells(hosts, made, [f"{made} before"], country={"Belgium": 1, "France": 1})
    every_worker_tells(hosts, f"{made} netherlands", [])


def test_a_programme_that_was_deleted_is_gone(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    writer.do("remove", slug=made)
    every_worker_tells(hosts, made, [], country={}, status={}, organisation={})


def test_an_organisation_that_was_renamed_shows(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    writer.do("rename_organisation", slug=f"{made}-partner", name=f"Renamed{made}")
    every_worker_tells(
        hosts, f"renamed{made}", [f"{made} before"], organisation={f"Renamed{made}": 1}
    )


def test_another_name_of_an_organisation_finds_its_programme(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    names = {"name": f"Called{made}", "alias": f"called-{made}"}
    writer.do("call_organisation", slug=f"{made}-partner", **names)
    every_worker_tells(hosts, f"called{made}", [f"{made} before"], organisation={f"{made} Ltd": 1})
    for answer in from_every_worker(hosts, f"/api/v1/organisations/?q=called{made}"):
        assert [row["slug"] for row in answer.json()["results"]] == [f"{made}-partner"]


def test_a_tag_of_one_worker_holds_at_all_of_them_until_something_changes(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    tag = hosts[0].ask(search(made)).headers["ETag"]
    answers = from_every_worker(hosts, search(made), **{"If-None-Match": tag})
    assert {answer.status for answer in answers} == {304}
    writer.do("save", slug=made, name=f"{made} after")
    answers = from_every_worker(hosts, search(made), **{"If-None-Match": tag})
    assert {answer.status for answer in answers} == {200}


# --- Transactions that overlap --------------------------------------------------------------------


def start(writer: Clerk, slug: str, name: str) -> None:
    writer.do("begin")
    writer.do("save", slug=slug, name=name)


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


def random_step(chance: random.Random, slugs: list[str]) -> Step:
    """Return one of the ways in which curators change things."""
    slug = chance.choice(slugs)
    number = chance.randrange(1000)
    countries = chance.sample(["NL", "BE", "FR", "ES", "PT"], chance.randrange(4))
    steps: list[Step] = [
        (
            "update",
            {"slugs": chance.sample(slugs, 3), "status": chance.choice(["active", "planned"])},
        ),
        ("place", {"slug": slug, "countries": countries}),
        ("call", {"slug": slug, "name": f"Called {number}"}),
        ("forget_names", {"slug": slug}),
        ("rename_organisation", {"slug": f"{slug}-partner", "name": f"Renamed {number}"}),
        ("appear", {"slug": f"passing-{number % 5}"}),
        ("remove", {"slug": f"passing-{number % 5}"}),
    ]
    return chance.choice(steps)


def random_transaction(chance: random.Random, slugs: list[str]) -> dict[str, Any]:
    """Return some steps, and whether they are to stay: three times in four."""
    steps = [random_step(chance, slugs) for _number in range(chance.randrange(1, 8))]
    steps.insert(chance.randrange(len(steps) + 1), ("raise_year", {"slug": chance.choice(slugs)}))
    return {"steps": steps, "keep": chance.random() < 0.75}


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
    chance = random.Random(20261122)
    slugs = [f"{word}-{number}" for number in range(6)]
    for slug in slugs:
        partner = f"{slug} Ltd"
        writers[0].do(
            "make", slug=slug, name=f"{word} {slug}", year_start=1900, organisation=partner
        )
    done = []
    with watched(hosts, word):
        for number in range(20):
            transactions = [random_transaction(chance, slugs) for _writer in writers]
            for writer, one in zip(writers, transactions, strict=True):
                writer.tell("transact", **one)
            for writer in writers:
                writer.answer()
            done += transactions
            if number % 4 == 3:
                every_worker_knows(hosts, word, {s: 1900 + raised(done, s) for s in slugs})
    with closing(Clerk(environment)) as fresh:
        every_worker_agrees_with(hosts, fresh)


# --- Sudden deaths --------------------------------------------------------------------------------


def successor(host: Server, before: set[int]) -> int:
    """Wait until gunicorn has started another worker; return it."""

    def newcomers() -> set[int]:
        return all_workers(host) - before

    return wait_until(newcomers, "another worker starts").pop()


def test_a_worker_that_dies_while_renewing_is_replaced_by_one_that_knows(
    made: str, writer: Clerk, hosts: list[Server], environment: Environment
) -> None:
    host, warrant = hosts[0], Path(environment["DEATH_WARRANT"])
    before = host.workers
    writer.do("save", slug=made, name=f"{made} after")
    warrant.touch()
    with pytest.raises((HTTPException, OSError)):
        host.ask(search(made))
    assert not warrant.exists()
    newcomer = successor(host, before)
    assert told(host.ask_worker(newcomer, search(made)))[1] == [f"{made} after"]
    every_worker_tells(hosts, made, [f"{made} after"])


def test_workers_that_are_killed_under_load_are_replaced_by_ones_that_know(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    host = hosts[0]
    for number, doomed in enumerate(sorted(host.workers)):
        before = host.workers
        with load(host, search(made)) as answers:
            writer.do("save", slug=made, name=f"{made} {number}")
            wait_until(lambda: answers, "readers are answered")
            os.kill(doomed, signal.SIGKILL)
            writer.do("save", slug=made, name=f"{made} {number} after")
        newcomer = successor(host, before)
        first = host.ask_worker(newcomer, search(made))
        assert told(first)[1] == [f"{made} {number} after"]
        assert {answer.status for answer in answers} == {200}
    every_worker_tells(hosts, made, [f"{made} {WORKERS - 1} after"])


@contextmanager
def load(host: Server, path: str) -> Iterator[list[Answer]]:
    """Keep a host busy; a connection that a killed worker had taken may break."""
    answers: list[Answer] = []
    stopping = Event()

    def ask() -> None:
        while not stopping.is_set():
            try:
                answers.append(host.ask(path))
            except (HTTPException, OSError):
                continue

    threads = [Thread(target=ask, daemon=True) for _number in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def test_nothing_is_seen_of_a_writer_that_dies_in_its_transaction(
    made: str, writer: Clerk, mortal: Clerk, hosts: list[Server], environment: Environment
) -> None:
    before = revision(environment)
    start(mortal, made, f"{made} never")
    mortal.do("make", slug=f"{made}-2", name=f"{made} neither")
    mortal.kill()
    assert revision(environment) == before
    every_worker_tells(hosts, made, [f"{made} before"])
    writer.do("save", slug=made, name=f"{made} after")
    assert revision(environment) > before
    every_worker_tells(hosts, made, [f"{made} after"])


def test_what_a_writer_committed_is_seen_though_it_died_at_once(
    made: str, mortal: Clerk, hosts: list[Server], environment: Environment
) -> None:
    before = revision(environment)
    start(mortal, made, f"{made} after")
    mortal.tell("commit_and_die")
    assert mortal.process.wait(timeout=60) == -signal.SIGKILL
    assert revision(environment) > before
    every_worker_tells(hosts, made, [f"{made} after"])


# --- Threads --------------------------------------------------------------------------------------

PAIRS, FIRST, LAST, THREADS = 5, 1900, 2000, 8


def test_threads_never_see_half_a_change_nor_an_older_one(
    word: str, writers: list[Clerk], environment: Environment
) -> None:
    reader, writer = writers[:2]
    writer.do("make_pairs", word=word, pairs=PAIRS, version=FIRST)
    reader.do("start_reading", word=word, pairs=PAIRS, threads=THREADS)
    writer.do("swap_pairs", word=word, pairs=PAIRS, versions=(FIRST + 1, LAST + 1))
    seen = reader.do("stop_reading")
    assert seen["faults"] == {}
    assert seen["newest"] == [LAST] * THREADS
    assert seen["revisions"] == [revision(environment)] * THREADS
    assert seen["states"] > 1  # they did read meanwhile


def test_reading_waits_for_no_lock(made: str, writer: Clerk) -> None:
    assert writer.do("read_while_locked", word=made, threads=THREADS) == [1] * THREADS


@pytest.fixture
def reader(writers: list[Clerk], made: str) -> Clerk:
    """A process that knows the programme, and that its organisation has changed since."""
    reader, writer = writers[:2]
    reader.do("look", paths=["/api/v1/programmes/?page_size=1"])
    writer.do("rename_organisation", slug=f"{made}-partner", name=f"{made} plc")
    return reader


def interrupted(reader: Clerk, word: str, before: str, *step: Any) -> list[Any]:
    """Ask while a step is committed in the midst of renewing, and once more."""
    return [
        told(Answer(status, {}, json.dumps(said).encode()))
        for status, said in reader.do(
            "read_interrupted", path=search(word), before=before, step=step
        )
    ]


def test_a_programme_that_changes_while_it_is_read_is_read_as_it_was(
    made: str, reader: Clerk
) -> None:
    place = ("place", {"slug": made, "countries": ["BE"]})
    rename = ("save", {"slug": made, "name": f"{made} after"})
    first, second = interrupted(
        reader,
        f"{made} before",
        AFTER_RELATIONS,
        "transact",
        {"steps": [place, rename], "keep": True},
    )
    assert (first[0], first[2]["country"]) == (1, {"Netherlands": 1})
    assert second[0] == 0


def test_an_organisation_that_goes_while_it_is_read_is_still_there(
    made: str, reader: Clerk
) -> None:
    dissolve = ("dissolve_organisation", {"slug": f"{made}-partner", "programme": made})
    first, second = interrupted(reader, made, AFTER_RELATIONS, *dissolve)
    assert first[2]["organisation"] == {f"{made} plc": 1}
    assert second[2]["organisation"] == {}


def test_an_organisation_that_moves_while_it_is_read_has_its_old_address(
    made: str, reader: Clerk
) -> None:
    move = ("move_organisation", {"slug": f"{made}-partner", "to": f"{made}-moved"})
    first, second = interrupted(reader, made, ORGANISATIONS, *move)
    assert first[2]["organisation"] == second[2]["organisation"] == {f"{made} plc": 1}
