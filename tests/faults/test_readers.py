"""Readers while the database is away: right answers from memory, or 503 in time; never a 500."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import pytest
from django.db import connection

from tests import chance
from tests.faults.load import API, IN_MEMORY, MIXED, ask, describe, find_wrong, under_load
from tests.faults.sites import Site, limited_file_size, locked_for_writing, without_table

pytestmark = pytest.mark.slow

Break = Callable[[Site], AbstractContextManager[None]]

# How long a fault lasts; a server is frozen for longer than a request waits for it.
SECONDS = 12 if chance.TIMES else 1.2
SECONDS_FROZEN = max(SECONDS, 2.5)
# How many requests come in a second: of all kinds, and of the API.
LOADS = [(MIXED, 25), (API, 60)] if chance.TIMES else [(MIXED, 20)]
RECOVERED_AFTER = 2  # seconds

AWAY: dict[str, Break] = {
    "stopped": lambda site: site.cluster.stopped(),
    "frozen": lambda site: site.cluster.frozen(),
    "out of connections": lambda site: site.cluster.full_of_connections(),
}
PARTLY: dict[str, Break] = {
    "crashed": lambda site: site.cluster.crashed(),
    "a table locked": lambda site: site.cluster.locked("programmes_programme"),
    "all tables locked": lambda site: site.cluster.locked(
        "programmes_programme, programmes_revision, partnerships_organisation"
    ),
    "on standby": lambda site: site.cluster.on_standby(),
    "a table missing": lambda site: site.cluster.missing("programmes_source"),
}
OF_SQLITE: dict[str, Break] = {
    "locked for writing": lambda site: locked_for_writing(site.file),
    "no room": limited_file_size,
    "a table missing": lambda site: without_table(site.file, "programmes_source"),
}
# Faults of SQLite that readers notice nothing of.
UNNOTICED = ("locked for writing", "no room")
IS_SQLITE = connection.vendor == "sqlite"
FAULTS = OF_SQLITE if IS_SQLITE else AWAY | PARTLY
# The others are tried by a trial.
TRIED = FAULTS if chance.TIMES or IS_SQLITE else ("stopped", "frozen", "crashed", "a table locked")


@contextmanager
def all_threads_taken(site: Site) -> Iterator[None]:
    """Begin many more requests than there are threads, and never end them."""
    with ExitStack() as stack:
        for _number in range(60):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", site.port)))
            slow.sendall(b"GET / HTTP/1.1\r\n")
        yield


@pytest.mark.once
def test_a_process_says_that_it_is_alive_while_all_its_threads_are_taken(site: Site) -> None:
    with all_threads_taken(site):
        answers = [ask(site.port, "/health/live") for _turn in range(8)]
    assert {(one.status, one.body) for one in answers} == {(200, b'{"live": true}')}
    assert ask(site.port, "/").status == 200
    assert "Traceback" not in site.read_log()


@pytest.mark.parametrize(("paths", "rate"), LOADS)
@pytest.mark.parametrize("fault", TRIED)
def test_readers_get_right_answers_or_a_503_in_time_and_all_is_well_after_it(
    site: Site, right: dict[str, str], fault: str, paths: tuple[str, ...], rate: float
) -> None:
    with under_load(site.port, paths, rate) as load:
        time.sleep(0.3)
        with FAULTS[fault](site):
            time.sleep(SECONDS_FROZEN if fault == "frozen" else SECONDS)
        over = load.now
        time.sleep(RECOVERED_AFTER + 0.6)
    print(describe(fault, load))  # noqa: T201  # told by `pytest -rP`, and if the test fails
    assert find_wrong(load.seen, right) == []
    late = [one for one in load.seen if one.at > over + RECOVERED_AFTER]
    assert {one.kind for one in late} == {"200"}
    assert "Traceback" not in site.read_log()
    remembered = {one.path for one in load.seen if one.is_from_memory}
    assert remembered <= IN_MEMORY
    if fault in AWAY:
        assert remembered
    if fault in AWAY and chance.TIMES:
        assert remembered == IN_MEMORY & {*paths}
    if fault in UNNOTICED:
        assert {one.kind for one in load.seen} == {"200"}
