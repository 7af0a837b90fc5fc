"""Sudden deaths: of workers while they renew or are busy, of writers before and after a commit."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread

import pytest

from tests import chance
from tests.processes.hosts import (
    WORKERS,
    Environment,
    all_workers,
    every_worker_tells,
    revision,
    search,
    start,
    told,
)
from tests.servers import (
    Answer,
    Clerk,
    Server,
    wait_until,
)

# In a trial each of these deaths is died many times.
AGAIN = pytest.mark.parametrize("turn", chance.seeds(1))


def successor(host: Server, before: set[int]) -> int:
    """Wait until gunicorn has started another worker; return it."""

    def newcomers() -> set[int]:
        return all_workers(host) - before

    return wait_until(newcomers, "another worker starts").pop()


@AGAIN
def test_a_worker_that_dies_while_renewing_is_replaced_by_one_that_knows(
    made: str, turn: int, writer: Clerk, hosts: list[Server], environment: Environment
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


@AGAIN
def test_workers_that_are_killed_under_load_are_replaced_by_ones_that_know(
    made: str, turn: int, writer: Clerk, hosts: list[Server]
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


@AGAIN
def test_nothing_is_seen_of_a_writer_that_dies_in_its_transaction(
    made: str,
    turn: int,
    writer: Clerk,
    mortal: Clerk,
    hosts: list[Server],
    environment: Environment,
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


@AGAIN
def test_what_a_writer_committed_is_seen_though_it_died_at_once(
    made: str, turn: int, mortal: Clerk, hosts: list[Server], environment: Environment
) -> None:
    before = revision(environment)
    start(mortal, made, f"{made} after")
    mortal.tell("commit_and_die")
    assert mortal.process.wait(timeout=60) == -signal.SIGKILL
    assert revision(environment) > before
    every_worker_tells(hosts, made, [f"{made} after"])
