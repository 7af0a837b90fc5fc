"""Tests of /metrics of a server with several processes, as gunicorn.conf.py sets it up."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.hosts import Environment, execute, open_connection
from tests.servers import Server, free_port, served, wait_until

pytestmark = [pytest.mark.once, pytest.mark.slow]

WORKERS = 2


@pytest.fixture
def watched(environment: Environment, tmp_path: Path) -> Iterator[Server]:
    """A server whose figures this machine may read, counted in a folder that is gone at the end."""
    own = {**environment, "METRICS": "127.0.0.1", "LOG_FORMAT": "json", "TMPDIR": str(tmp_path)}
    with free_port() as listener:
        options = ("--workers", str(WORKERS), "--threads", "2")
        with served(own, listener, tmp_path / "site.log", *options) as server:
            yield server
        assert [*tmp_path.glob("stem-metrics-*")] == []


def read(server: Server, name: str) -> dict[str, float]:
    """Return the values of a figure by its labels."""
    answer = server.ask("/metrics")
    assert answer.status == 200
    found = re.findall(rf"^{name}(?:\{{(.*?)\}})? (\S+)$", answer.body.decode(), flags=re.M)
    return {labels: float(value) for labels, value in found}


def count_homes(server: Server) -> float:
    counts = read(server, "stem_requests_total")
    return sum(value for labels, value in counts.items() if 'route="home"' in labels)


def read_sum(server: Server, name: str) -> float:
    return sum(read(server, name).values())


def ask_every_worker(server: Server) -> None:
    """Ask until the index of each process is told."""
    wait_until(
        lambda: server.ask("/") and len(read(server, "stem_index_revision")) == WORKERS,
        "each process tells of its index",
    )


def test_processes_add_up_their_counts_and_one_that_died_tells_no_state(watched: Server) -> None:
    ask_every_worker(watched)
    before = count_homes(watched)
    for _time in range(6):
        assert watched.ask("/").status == 200
    assert count_homes(watched) == before + 6
    (number,) = set(read(watched, "stem_index_revision").values())
    assert read(watched, "stem_database_revision") == {'database="default"': number}
    gone = min(watched.workers)
    os.kill(gone, signal.SIGKILL)
    wait_until(
        lambda: f'pid="{gone}"' not in read(watched, "stem_index_revision"), "it is forgotten"
    )
    assert count_homes(watched) == before + 6


def test_a_change_is_counted_with_the_processor_that_it_took(
    watched: Server, environment: Environment
) -> None:
    ask_every_worker(watched)
    names = ("stem_index_renewals_total", "stem_index_renewing_cpu_seconds_total")
    times, seconds = (read_sum(watched, name) for name in names)
    with open_connection(environment) as opened:
        execute(opened, "UPDATE programmes_programme SET summary = 'New.' WHERE slug = 'esero'")
        opened.commit()
    assert watched.ask("/programmes/").status == 200
    assert read_sum(watched, names[0]) > times
    assert seconds < read_sum(watched, names[1]) < seconds + 60


def test_a_reload_keeps_what_was_counted(watched: Server) -> None:
    ask_every_worker(watched)
    before, former = count_homes(watched), watched.workers
    watched.process.send_signal(signal.SIGHUP)
    wait_until(lambda: not watched.workers & former and watched.workers, "others took over")
    wait_until(lambda: count_homes(watched) >= before, "they tell the same")


def test_every_line_of_the_log_is_json(watched: Server) -> None:
    watched.ask("/nowhere/", **{"X-Request-ID": "abcdefgh-1"})
    lines = watched.log.read_text().splitlines()
    assert len(lines) > 3
    assert [line for line in lines if not re.fullmatch(r'\{"time": .*\}', line)] == []
    assert any('"request_id": "abcdefgh-1"' in line for line in lines)
