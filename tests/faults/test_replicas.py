"""Readers are answered by replicas, whatever befalls these, and never see an older state again."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing
from itertools import count
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection

from stemobs.databases.faults import LONGEST_ALONE
from tests import chance
from tests.curation.suggesting import fill_in
from tests.faults.clusters import Cluster, own_cluster
from tests.faults.curators import Curator
from tests.faults.load import (
    MIXED,
    PROMISED,
    RECORD,
    SLUG,
    Seen,
    ask,
    describe,
    is_problem,
    under_load,
)
from tests.faults.replicas import (
    held_back,
    look_as_a_curator,
    own_replica,
    read_revision,
    wait_until_equal,
    without_a_primary,
    write,
)
from tests.faults.sites import Site, own_host
from tests.servers import Clerk, manage, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no replicas."),
]

LIST = "/api/v1/programmes/?q=jet-net&page_size=100"
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE usename = 'site' AND wait_event_type = 'Lock'
"""
TELLING = "EXECUTE ON FUNCTION pg_control_system()"
Replicas = tuple[Cluster, Cluster]


@pytest.fixture(scope="module")
def replicas(primary: Cluster) -> Iterator[Replicas]:
    with own_replica(primary) as first, own_replica(primary) as second:
        yield first, second


@pytest.fixture(scope="module")
def host(
    site: Site, replicas: Replicas, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with own_host(site, tmp_path_factory.mktemp("host"), *replicas) as served:
        yield served


def read_years(host: Site, times: int = 8) -> list[int]:
    """Ask for the record several times, so that each worker answers; return what it says."""
    answers = [ask(host.port, RECORD) for _turn in range(times)]
    assert {answer.kind for answer in answers} == {"200"}
    return [json.loads(answer.body)["year_start"] for answer in answers]


def write_elsewhere(primary: Cluster) -> None:
    """Change an organisation, which raises the revision while programmes are locked."""
    primary.ask("site", "UPDATE partnerships_organisation SET name = name WHERE is_public")


def find_waiting(replicas: Replicas) -> Cluster | None:
    """Return the replica on which a request waits for a lock."""
    return next((one for one in replicas if one.ask("site", WAITING) != "0"), None)


def test_without_the_primary_readers_get_everything_from_a_replica(
    site: Site, host: Site, primary: Cluster
) -> None:
    right = {path: ask(site.port, path).text for path in MIXED}
    with primary.stopped():
        for path in MIXED:
            answer = ask(host.port, path)
            assert (answer.kind, answer.text) == ("200", right[path]), path
        assert ask(host.port, "/health/ready").status == 200
        assert ask(host.port, "/suggest/none/").status == 503
    assert "Traceback" not in host.read_log()


def test_a_reader_sees_nothing_older_than_this_host_has_shown(
    host: Site, primary: Cluster, replicas: Replicas
) -> None:
    write(primary, 1971)
    wait_until_equal(primary, *replicas)
    assert read_years(host) == [1971] * 8
    curator = Curator(host)
    assert curator.sign_in().status == 302
    with held_back(*replicas):
        write(primary, 1972)
        # Nobody on this host has seen it, so that replicas go on answering.
        assert read_years(host) == [1971] * 8
        assert "1972" in curator.ask(f"/programmes/{SLUG}/").text
        assert read_years(host) == [1972] * 8
    wait_until_equal(primary, *replicas)
    with primary.stopped():
        assert read_years(host) == [1972] * 8


def test_replicas_that_have_lost_their_primary_are_asked_only_while_it_is_away(
    host: Site, primary: Cluster, replicas: Replicas
) -> None:
    write(primary, 1986)
    wait_until_equal(primary, *replicas)
    with without_a_primary(*replicas):
        assert read_years(host) == [1986] * 8
        time.sleep(LONGEST_ALONE)
        with primary.stopped():
            assert read_years(host) == [1986] * 8
            assert ask(host.port, "/health/ready").status == 200
        write(primary, 1987)
        host.wait_until_well()
        wait_until(lambda: read_years(host) == [1987] * 8, "the primary is asked again")
        assert "it hears of no primary" in host.read_log()
    wait_until_equal(primary, *replicas)


def test_a_server_that_does_not_tell_what_it_is_answers_readers_all_the_same(
    host: Site, primary: Cluster, replicas: Replicas
) -> None:
    primary.ask("site", f"REVOKE {TELLING} FROM PUBLIC")
    write(primary, 1984)
    wait_until_equal(primary, *replicas)
    for cluster in (primary, *replicas):
        cluster.end_connections()
    look_as_a_curator(host)
    assert read_years(host) == [1984] * 8
    primary.ask("site", f"GRANT {TELLING} TO PUBLIC")
    assert "Traceback" not in host.read_log()


def test_what_a_replica_fails_in_the_middle_is_refused_or_from_memory(
    host: Site, primary: Cluster, replicas: Replicas
) -> None:
    write(primary, 1985)
    wait_until_equal(primary, *replicas)
    for path, right in ((RECORD, "503"), (LIST, "200 from memory")):
        assert {ask(host.port, path).kind for _turn in range(8)} == {"200"}
        with ThreadPoolExecutor() as pool, primary.locked("programmes_programme"):
            write_elsewhere(primary)
            wait_until_equal(primary, *replicas)
            asked = pool.submit(ask, host.port, path)
            waiting = wait_until(lambda: find_waiting(replicas), "a replica lets a request wait")
            waiting.end_connections()
            assert asked.result().kind == right
        host.wait_until_well()


@pytest.mark.trial
def test_replicas_with_different_lags_cost_no_full_reading(
    host: Site, primary: Cluster, replicas: Replicas
) -> None:
    with closing(Clerk(host.environment)) as clerk:
        clerk.do("look", paths=[LIST])
        for behind, ahead in (replicas, replicas[::-1]):
            with held_back(behind):
                write(primary, 1975 + replicas.index(behind))
                wait_until_equal(primary, ahead)
                assert clerk.do("count_full_readings", paths=[LIST] * 12) == 0
            wait_until_equal(primary, behind)


def test_who_suggests_something_finds_it_at_its_address_at_once(
    host: Site, replicas: Replicas, settings: LazySettings
) -> None:
    settings.SECRET_KEY = host.environment["SECRET_KEY"]
    with held_back(*replicas):
        sent = Curator(host).ask("/suggest/", [*fill_in().items()])
        assert sent.status == 303
        assert "has arrived" in ask(host.port, sent.headers["Location"]).text


# --- Faults ---------------------------------------------------------------------------------------

# One after the other, each of the other replica; a trial tries all of them on both, many times.
FAULTS: tuple[Callable[[Cluster], AbstractContextManager[None]], ...] = (
    held_back,
    Cluster.frozen,
    Cluster.stopped,
)
TURNS, CHANGES = (36, 20) if chance.TIMES else (2, 4)
THREADS = 8  # of all workers


def find_year(answer: Seen) -> int:
    """Return the start year that the record, or a list with it, tells."""
    told = json.loads(answer.body)
    rows = [row for row in told.get("results", [told]) if row["slug"] == SLUG]
    return int(rows[0]["year_start"])


def find_older(answers: list[Seen]) -> list[str]:
    """Return which answers show an older state than one that was shown before they were asked."""
    ended = sorted((one.at + one.seconds, find_year(one)) for one in answers)
    wrong = []
    for one in answers:
        shown = max((year for end, year in ended if end < one.at), default=0)
        if find_year(one) < shown:
            wrong.append(f"{one.path} {find_year(one)} after {shown}")
    return wrong


def test_under_load_no_answer_is_older_than_one_shown_before(
    host: Site, primary: Cluster, replicas: Replicas
) -> None:
    years = count(1000)
    write(primary, next(years))
    wait_until_equal(primary, *replicas)
    with under_load(host.port, (RECORD, LIST), 15) as load:
        for turn in range(TURNS):
            with FAULTS[turn % len(FAULTS)](replicas[turn % 2]):
                for _change in range(CHANGES):
                    write(primary, next(years))
                    time.sleep(0.2)
    print(describe("replicas", load))  # noqa: T201  # told by `pytest -rP`, and if the test fails
    right = [one for one in load.seen if one.kind == "200"]
    assert find_older(right) == []
    assert len({find_year(one) for one in right}) > 1
    # What a replica was answering when it failed is refused, or is from memory and says so.
    failed = [one for one in load.seen if one.kind != "200"]
    assert all(one.is_from_memory or (one.status == 503 and is_problem(one)) for one in failed)
    assert len(failed) <= TURNS * THREADS
    assert max(one.seconds for one in load.seen) < PROMISED
    assert "Traceback" not in host.read_log()
    wait_until_equal(primary, *replicas)


def test_without_any_server_readers_get_what_is_in_memory(
    host: Site, primary: Cluster, replicas: Replicas
) -> None:
    present = read_years(host)
    for _turn in range(8):
        ask(host.port, LIST)
    with ExitStack() as stack:
        for cluster in (primary, *replicas):
            stack.enter_context(cluster.stopped())
        answers = [ask(host.port, LIST) for _turn in range(8)]
        assert {answer.kind for answer in answers} == {"200 from memory"}
        assert {find_year(answer) for answer in answers} == {*present}
    host.wait_until_well()
    assert "Traceback" not in host.read_log()


# --- Servers that are no replicas -----------------------------------------------------------------


@pytest.mark.trial
def test_servers_of_another_cluster_are_refused_and_the_log_says_so(
    site: Site, primary: Cluster, tmp_path: Path
) -> None:
    copied = ["-h", str(primary.folder), "-U", "root", "site"]
    with own_cluster(copied) as other, own_replica(other) as its_replica:
        write(other, 1950)
        wait_until_equal(other, its_replica)
        with own_host(site, tmp_path, other, its_replica) as host:
            write(primary, 1960)
            assert read_years(host, 24) == [1960] * 24
            log = host.read_log()
    assert "is not used: it follows no other server" in log
    assert "is not used: it is of another server, or of another history" in log


@pytest.mark.trial
def test_no_host_waits_for_a_revision_that_a_restored_backup_does_not_have(
    host: Site, primary: Cluster, replicas: Replicas
) -> None:
    present, revision = read_years(host), read_revision(primary)
    primary.ask("site", "UPDATE programmes_revision SET number = number - 5")
    wait_until_equal(primary, *replicas)
    assert read_years(host) == present
    ready = json.loads(ask(host.port, "/health/ready").body)
    assert ready["revision"] == revision - 5
    assert "Was a backup restored?" in host.read_log()


@pytest.mark.trial
def test_a_new_history_is_shown_at_once_and_by_replicas_when_they_have_it(
    host: Site, primary: Cluster, replicas: Replicas
) -> None:
    with held_back(*replicas):
        manage(host.environment, "new_history")
        write(primary, 1930)
        curator = Curator(host)
        assert curator.sign_in().status == 302
        assert "1930" in curator.ask(f"/programmes/{SLUG}/").text
        assert read_years(host) == [1930] * 8
    wait_until_equal(primary, *replicas)
    with primary.stopped():
        host.wait_until_well()
        assert read_years(host) == [1930] * 8


@pytest.mark.trial
def test_after_a_promotion_the_old_primary_is_not_missed(
    site: Site, primary: Cluster, tmp_path: Path
) -> None:
    with (
        own_replica(primary) as first,
        own_replica(primary) as second,
        own_host(site, tmp_path, first, second) as host,
    ):
        present = read_years(host)
        with primary.stopped():
            first.control("promote")
            assert read_years(host, 24) == present * 3
        assert "Traceback" not in host.read_log()
