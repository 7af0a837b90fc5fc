"""Nobody waits while a process reads a large change: readers get the former state, and all of it.

The catalogue is large enough for processes to hold a state open. A file keeps workers in the middle
of renewing for as long as a test needs.
"""

import os
import re
import secrets
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from stemobs.catalogue.states.renewer import FEW as FEW_ROWS
from stemobs.catalogue.states.renewer import LONGEST_LOG, WORTH_HOLDING
from tests.processes.hosts import Environment, execute, open_connection
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

pytestmark = pytest.mark.slow

WORD = "former"
LIST = "/api/v1/programmes/?q=change&page_size=1"
ONE = f"/api/v1/programmes/{WORD}-1/"
PAGE = f"/programmes/{WORD}-1/"
FEW = f"/api/v1/programmes/few-{WORD}-1/"
TOO_FEW = 300
# Ends the connections to PostgreSQL that hold a state.
ENDING = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
AND state = 'idle in transaction' AND position('pg_export_snapshot' IN query) > 0
"""
SIGNED_IN = {"Cookie": "sessionid=of-nobody"}


@pytest.fixture(scope="module")
def own(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Environment]:
    """Environment variables of a site with so many programmes that workers hold a state."""
    folder = tmp_path_factory.mktemp("waiting")
    with seeded_site(folder, django_db_blocker, "http://127.0.0.1") as settings:
        yield {
            **settings,
            "DEATH_WARRANT": str(folder / "warrant"),
            "HOST_ROOT": str(folder / "host"),
        }


@pytest.fixture(scope="module")
def clerk(own: Environment) -> Iterator[Clerk]:
    with closing(Clerk(own)) as clerk:
        clerk.do("fill", word=WORD, number=WORTH_HOLDING - TOO_FEW)
        clerk.do("fill", word=f"few-{WORD}", number=TOO_FEW)
        yield clerk


@pytest.fixture(scope="module")
def site(
    own: Environment, clerk: Clerk, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("logs") / "site.log"
    options = ("--workers", "2", "--threads", "4")
    with (
        free_port() as listener,
        started(own, listener, log, *options, application="tests.processes.worker") as server,
    ):
        wait_until_ready(server)
        wait_until(lambda: list_workers(server), "both workers have started")
        wait_until(lambda: all(find_who_holds(own, clerk, server)), "both workers hold a state")
        yield server


def list_workers(site: Server) -> list[int]:
    return sorted(site.workers) if len(site.workers) == 2 else []


@contextmanager
def paused(own: Environment, *workers: int) -> Iterator[None]:
    """Keep workers in the middle of renewing while the block lasts."""
    file = Path(own["DEATH_WARRANT"]).parent / "paused"
    file.write_text(" ".join(map(str, workers)))
    try:
        yield
    finally:
        file.unlink()


def find_who_holds(own: Environment, clerk: Clerk, site: Server) -> list[bool]:
    """Return for each worker whether it answers from a former state while a change is read."""
    name = secrets.token_hex(4)
    with paused(own, *list_workers(site)):
        clerk.do("save", slug=f"few-{WORD}-1", name=name)
        found = ["Warning" in answer.headers for answer in ask_all(site, FEW)]
    wait_until(lambda: {name_in(answer) for answer in ask_all(site, FEW)} == {name}, "it is read")
    return found


def rename(clerk: Clerk, name: str) -> None:
    clerk.do("rename_many", word=f"{WORD}-", name=name)


def name_in(answer: Answer) -> str:
    return str(answer.json()["name"])


def ask_all(site: Server, path: str, **headers: str) -> list[Answer]:
    return [site.ask_worker(worker, path, **headers) for worker in list_workers(site)]


def wait_until_all_hold(own: Environment, site: Server, name: str) -> None:
    """Wait until each worker says a name, and holds the state open in which that was written.

    A worker may have read it for a reader, and not hold it yet.
    """
    with open_connection(own) as opened:
        [[written]] = execute(opened, "SELECT number FROM programmes_revision")
    wait_until(
        lambda: (
            {(name_in(one), one.headers["X-Held"]) for one in ask_all(site, ONE)}
            == {(name, str(written))}
        ),
        "all say it and hold it",
    )


def test_readers_get_the_former_state_while_a_change_is_read(
    own: Environment, clerk: Clerk, site: Server
) -> None:
    rename(clerk, "before the change")
    wait_until_all_hold(own, site, "before the change")
    tag = site.ask(ONE).headers["ETag"]
    with paused(own, *list_workers(site)):
        rename(clerk, "after the change")
        for answer in ask_all(site, ONE):
            assert name_in(answer) == "before the change"
            assert answer.headers["Warning"].startswith('110 - "A large change is being read')
            assert "max-age=1," in answer.headers["Cache-Control"]
            assert answer.headers["ETag"] != tag
        for answer in ask_all(site, LIST):
            assert [row["name"] for row in answer.json()["results"]] == ["before the change"]
        for answer in ask_all(site, PAGE):
            assert answer.status == 200
            assert b"before the change" in answer.body
            assert b"after the change" not in answer.body
    wait_until_all_hold(own, site, "after the change")
    assert all("Warning" not in answer.headers for answer in ask_all(site, ONE))


def test_who_has_the_former_state_is_told_that_it_is_still_shown(
    own: Environment, clerk: Clerk, site: Server
) -> None:
    rename(clerk, "known")
    wait_until_all_hold(own, site, "known")
    tag = site.ask(ONE).headers["ETag"]
    with paused(own, *list_workers(site)):
        rename(clerk, "not yet known")
        for answer in ask_all(site, ONE, **{"If-None-Match": tag}):
            assert answer.status == 304
            assert "Warning" not in answer.headers
    wait_until_all_hold(own, site, "not yet known")
    assert {answer.status for answer in ask_all(site, ONE, **{"If-None-Match": tag})} == {200}


def test_signed_in_people_are_answered_while_a_change_is_read(
    own: Environment, clerk: Clerk, site: Server
) -> None:
    rename(clerk, "signed in")
    wait_until_all_hold(own, site, "signed in")
    with paused(own, *list_workers(site)):
        rename(clerk, "signed in later")
        assert {answer.status for answer in ask_all(site, LIST, **SIGNED_IN)} == {200}
    wait_until_all_hold(own, site, "signed in later")


def test_a_page_that_shows_nothing_new_takes_the_former_state_from_nobody(
    own: Environment, clerk: Clerk, site: Server
) -> None:
    rename(clerk, "still")
    wait_until_all_hold(own, site, "still")
    with paused(own, *list_workers(site)):
        rename(clerk, "no longer")
        assert {answer.status for answer in ask_all(site, "/suggest/of-nobody/")} == {404}
        assert {name_in(answer) for answer in ask_all(site, ONE)} == {"still"}
    wait_until_all_hold(own, site, "no longer")


def test_no_worker_shows_the_former_state_once_another_has_shown_the_later_one(
    own: Environment, clerk: Clerk, site: Server
) -> None:
    first, second = list_workers(site)
    rename(clerk, "one")
    wait_until_all_hold(own, site, "one")
    with ThreadPoolExecutor() as pool:
        with paused(own, second):
            rename(clerk, "two")
            wait_until(
                lambda: name_in(site.ask_worker(first, ONE)) == "two", "the first worker shows it"
            )
            asked = pool.submit(site.ask_worker, second, ONE)
        assert name_in(asked.result()) == "two"


def test_a_state_that_can_no_longer_be_read_is_not_missed(
    own: Environment, clerk: Clerk, site: Server
) -> None:
    """On PostgreSQL its connections are ended; on SQLite nobody but the process can do that."""
    rename(clerk, "held")
    wait_until_all_hold(own, site, "held")
    if connection.vendor == "postgresql":
        with open_connection(own) as opened:
            execute(opened, ENDING)
            opened.commit()
    rename(clerk, "held no more")
    assert {answer.status for answer in ask_all(site, ONE)} == {200}
    wait_until_all_hold(own, site, "held no more")


def test_a_process_that_cannot_renew_lets_its_readers_read_until_it_can(
    own: Environment, clerk: Clerk, site: Server
) -> None:
    rename(clerk, "renewed")
    wait_until_all_hold(own, site, "renewed")
    failing = Path(own["DEATH_WARRANT"]).parent / "failing"
    failing.touch()
    try:
        rename(clerk, "read by readers")
        wait_until(
            lambda: {name_in(one) for one in ask_all(site, ONE)} == {"read by readers"},
            "readers read for themselves",
        )
    finally:
        failing.unlink()
    wait_until_all_hold(own, site, "read by readers")


def test_a_worker_that_takes_the_place_of_a_dead_one_reads_what_changed_before_it_answers(
    own: Environment, clerk: Clerk, site: Server
) -> None:
    rename(clerk, "since the start")
    wait_until_all_hold(own, site, "since the start")
    before = list_workers(site)
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: list_workers(site) not in ([], before), "another worker has started")
    [another] = set(list_workers(site)) - set(before)
    assert name_in(site.ask_worker(another, ONE)) == "since the start"
    wait_until_all_hold(own, site, "since the start")
    [first, *_later] = re.findall(rf"^{another} reads in (.+)$", site.log.read_text(), re.M)
    assert first == "catching up"


@pytest.mark.skipif(connection.vendor != "sqlite", reason="Only SQLite has such a log.")
def test_a_change_that_makes_the_log_of_sqlite_long_is_read_beside_readers_too(
    own: Environment, clerk: Clerk, site: Server
) -> None:
    rename(clerk, "short")
    wait_until_all_hold(own, site, "short")
    with paused(own, *list_workers(site)):
        with open_connection(own) as opened:
            execute(opened, "UPDATE programmes_programme SET summary = ?", 20_000 * "x")
            opened.commit()
        log = Path(own["DATABASE_URL"].removeprefix("sqlite:///") + "-wal")
        assert log.stat().st_size > LONGEST_LOG
        assert all("Warning" in answer.headers for answer in ask_all(site, ONE))
    wait_until(
        lambda: not any("Warning" in answer.headers for answer in ask_all(site, ONE)), "it is read"
    )


@pytest.mark.trial
@pytest.mark.skipif(connection.vendor != "sqlite", reason="Only SQLite has such a log.")
def test_the_log_of_sqlite_can_be_written_back_although_a_state_is_held(
    own: Environment, clerk: Clerk, site: Server
) -> None:
    rename(clerk, "written back")
    wait_until_all_hold(own, site, "written back")

    def is_empty() -> bool:
        with open_connection(own) as opened:
            busy, _pages, _moved = execute(opened, "PRAGMA wal_checkpoint(TRUNCATE)")[0]
            return not busy

    wait_until(is_empty, "the log is written back whole")


@pytest.mark.trial
@pytest.mark.skipif(connection.vendor != "sqlite", reason="Only SQLite has such a log.")
def test_the_log_of_sqlite_stays_short_while_somebody_writes_all_the_time(
    own: Environment, clerk: Clerk, site: Server
) -> None:
    log = Path(own["DATABASE_URL"].removeprefix("sqlite:///") + "-wal")
    lengths = []
    some = [f"{WORD}-{number}" for number in range(1, FEW_ROWS)]
    for number in range(150):
        clerk.do("update", slugs=some, name=f"written {number}")
        ask_all(site, ONE)
        lengths.append(log.stat().st_size)
    assert any(later < before for before, later in pairwise(lengths)), "it began anew"
    assert max(lengths) < 3 * LONGEST_LOG
    wait_until_all_hold(own, site, "written 149")


def test_the_next_process_of_the_host_starts_from_what_was_stored(
    own: Environment, clerk: Clerk, site: Server, tmp_path: Path
) -> None:
    wait_until(lambda: (Path(own["HOST_ROOT"]) / "catalogue").exists(), "it is stored")
    rename(clerk, "since it was stored")
    log = tmp_path / "next.log"
    with (
        free_port() as listener,
        started(own, listener, log, application="tests.processes.worker") as server,
    ):
        wait_until_ready(server)
        assert name_in(server.ask(ONE)) == "since it was stored"
    assert "was stored, and is taken from there" in log.read_text()


def test_a_catalogue_that_has_become_small_is_renewed_by_whoever_asks(
    own: Environment, clerk: Clerk, site: Server
) -> None:
    rename(clerk, "small")
    wait_until_all_hold(own, site, "small")
    clerk.do("remove_many", word=f"{WORD}-")
    wait_until(lambda: not any(find_who_holds(own, clerk, site)), "no worker holds a state")
    clerk.do("rename_many", word=f"few-{WORD}-", name="of few")
    for answer in ask_all(site, FEW):
        assert name_in(answer) == "of few"


def test_the_next_request_of_every_worker_shows_a_small_change(clerk: Clerk, site: Server) -> None:
    for number in range(5):
        clerk.do("save", slug=f"few-{WORD}-1", name=f"small {number}")
        answers: list[Any] = ask_all(site, FEW)
        assert {name_in(answer) for answer in answers} == {f"small {number}"}
