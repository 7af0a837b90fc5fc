"""Killed processes: workers while they renew or answer, writers before and after a commit."""

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
    assert_every_worker_lists,
    begin_renaming,
    execute,
    is_writer_blocked,
    list_workers,
    open_connection,
    read_list,
    read_revision,
    search,
)
from tests.servers import (
    Answer,
    Clerk,
    Server,
    wait_until,
)

# `./dev trial` repeats each of these tests many times.
AGAIN = pytest.mark.parametrize("turn", chance.seeds(1))


def wait_for_successor(host: Server, before: set[int]) -> int:
    """Wait until gunicorn has started a worker not among `before`; return its process id."""

    def newcomers() -> set[int]:
        return list_workers(host) - before

    return wait_until(newcomers, "another worker starts").pop()


@AGAIN
def test_a_worker_killed_while_renewing_is_replaced_by_one_with_the_new_state(
    made: str, turn: int, writer: Clerk, hosts: list[Server], environment: Environment
) -> None:
    host, warrant = hosts[0], Path(environment["DEATH_WARRANT"])
    before = host.workers
    writer.do("save", slug=made, name=f"{made} after")
    warrant.touch()
    with pytest.raises((HTTPException, OSError)):
        host.ask(search(made))
    assert not warrant.exists()
    newcomer = wait_for_successor(host, before)
    assert read_list(host.ask_worker(newcomer, search(made)))[1] == [f"{made} after"]
    assert_every_worker_lists(hosts, made, [f"{made} after"])


@AGAIN
def test_workers_killed_under_load_are_replaced_by_ones_with_the_new_state(
    made: str, turn: int, writer: Clerk, hosts: list[Server]
) -> None:
    host = hosts[0]
    for number, doomed in enumerate(sorted(host.workers)):
        before = host.workers
        with keep_busy(host, search(made)) as answers:
            writer.do("save", slug=made, name=f"{made} {number}")
            wait_until(lambda: answers, "readers are answered")
            os.kill(doomed, signal.SIGKILL)
            writer.do("save", slug=made, name=f"{made} {number} after")
        newcomer = wait_for_successor(host, before)
        first = host.ask_worker(newcomer, search(made))
        assert read_list(first)[1] == [f"{made} {number} after"]
        assert {answer.status for answer in answers} == {200}
    assert_every_worker_lists(hosts, made, [f"{made} {WORKERS - 1} after"])


@contextmanager
def keep_busy(host: Server, path: str) -> Iterator[list[Answer]]:
    """Ask a host without pause in four threads; connections to a killed worker may break."""
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
def test_nothing_is_seen_of_a_writer_killed_within_its_transaction(
    made: str,
    turn: int,
    writer: Clerk,
    mortal: Clerk,
    hosts: list[Server],
    environment: Environment,
) -> None:
    before = read_revision(environment)
    begin_renaming(mortal, made, f"{made} never")
    mortal.do("make", slug=f"{made}-2", name=f"{made} neither")
    mortal.kill()
    assert read_revision(environment) == before
    assert_every_worker_lists(hosts, made, [f"{made} before"])
    writer.do("save", slug=made, name=f"{made} after")
    assert read_revision(environment) > before
    assert_every_worker_lists(hosts, made, [f"{made} after"])


def test_a_merger_killed_in_the_middle_has_merged_nothing_and_is_made_once_by_two_at_once(
    made: str, writers: list[Clerk], mortal: Clerk, environment: Environment
) -> None:
    writer, *curators = writers[:3]
    for name in ("one", "other"):
        writer.do("make", slug=f"{made}-{name}", name=f"{made} {name}", organisation=made)
    slugs = [f"{made}-one-partner", f"{made}-other-partner"]
    before = read_revision(environment)
    mortal.do("begin")
    assert mortal.do("unite", stays=slugs[0], goes=slugs[1])[0] == 302
    mortal.kill()
    assert read_revision(environment) == before
    assert read_organisations(environment, slugs) == slugs
    writer.do("take_turn")
    for curator, (stays, goes) in zip(curators, (slugs, reversed(slugs)), strict=True):
        curator.tell("unite", stays=stays, goes=goes)
    wait_until(lambda: is_writer_blocked(environment), "a curator waits")
    writer.do("commit")
    answers = [curator.answer() for curator in curators]
    assert max(status for status, _leads in answers) < 500, answers
    assert sum(leads.endswith("/change/") for _status, leads in answers) == 1, answers
    assert len(read_organisations(environment, slugs)) == 1


def read_organisations(environment: Environment, slugs: list[str]) -> list[str]:
    """Return which of these slugs organisations have, in the order of the slugs given."""
    with open_connection(environment) as opened:
        query = "SELECT slug FROM partnerships_organisation WHERE slug IN (?, ?)"
        found = {row[0] for row in execute(opened, query, *slugs)}
    return [slug for slug in slugs if slug in found]


@AGAIN
def test_a_commit_is_seen_even_if_the_writer_is_killed_right_after_it(
    made: str, turn: int, mortal: Clerk, hosts: list[Server], environment: Environment
) -> None:
    before = read_revision(environment)
    begin_renaming(mortal, made, f"{made} after")
    mortal.tell("commit_and_die")
    assert mortal.process.wait(timeout=60) == -signal.SIGKILL
    assert read_revision(environment) > before
    assert_every_worker_lists(hosts, made, [f"{made} after"])
