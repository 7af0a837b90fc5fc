"""A reload: a new server takes the place of the old one, and nobody is refused meanwhile."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.processes.hosts import Environment
from tests.servers import Server, free_port, served, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.once]

PATHS = ("/programmes/?country=NL", "/api/v1/programmes/?facets=all", "/programmes/jet-net-nl/")


@pytest.fixture
def server(environment: Environment, tmp_path: Path) -> Iterator[Server]:
    options = ("--workers", "2", "--threads", "2")
    with (
        free_port() as listener,
        served(
            environment,
            listener,
            tmp_path / "log",
            *options,
            application="tests.processes.worker",
            is_inherited=False,
        ) as server,
    ):
        yield server


@contextmanager
def asking(server: Server) -> Iterator[Counter[int]]:
    """Ask without pause within the block; the result counts the answers by status."""
    found: Counter[int] = Counter()
    is_over = Event()

    def ask() -> None:
        number = 0
        while not is_over.is_set():
            try:
                found[server.ask(PATHS[number % len(PATHS)]).status] += 1
            except OSError:
                found[0] += 1
            number += 1

    threads = [Thread(target=ask) for _number in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def is_over(server: Server) -> bool:
    return server.process.poll() is not None


def test_a_new_server_takes_over_without_refusing_anybody(server: Server) -> None:
    before = {server.ask(PATHS[0]).worker for _time in range(5)}
    with asking(server) as found:
        wait_until(lambda: sum(found.values()) > 10, "some have asked before")
        os.kill(server.process.pid, signal.SIGUSR2)
        wait_until(lambda: is_over(server), "the old server has ended")
        asked = sum(found.values())
        wait_until(lambda: sum(found.values()) > asked + 10, "some have asked after")
    assert set(found) == {200}
    assert server.ask(PATHS[0]).worker not in before


def test_workers_are_ready_before_the_first_request_reaches_them(
    environment: Environment, tmp_path: Path
) -> None:
    with (
        free_port() as listener,
        served(environment, listener, tmp_path / "log", "--workers", "3") as server,
    ):
        assert {server.ask("/health/ready").status for _time in range(12)} == {200}
    assert "Service Unavailable" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("file", "said"),
    [("broken", "This is a broken release"), ("away", "the server of before goes on")],
)
def test_the_old_server_goes_on_if_the_new_one_cannot_start(
    server: Server, environment: Environment, file: str, said: str
) -> None:
    fault = Path(environment["DEATH_WARRANT"]).with_name(file)
    fault.touch()
    try:
        os.kill(server.process.pid, signal.SIGUSR2)
        wait_until(lambda: said in server.log.read_text(), "the new one has failed")
    finally:
        fault.unlink()
    wait_until(lambda: server.ask(PATHS[0]).status == 200, "the old one answers")
    assert not is_over(server)
