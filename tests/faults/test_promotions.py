"""After a standby without the last transactions was promoted, no number stands for two states."""

import json
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import connection

from stemobs.catalogue.states.moments import find_next_beginning
from tests.faults.clusters import Cluster, own_cluster
from tests.faults.curators import Curator
from tests.faults.load import RECORD, SLUG, Seen, ask
from tests.faults.replicas import (
    cut_off,
    list_both,
    look_as_a_curator,
    own_replica,
    read_revision,
    wait_until_equal,
    write,
)
from tests.faults.sites import Site, own_host
from tests.servers import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no standby."),
]

CHANGES = "/api/v1/changes/?page_size=1&since="
HISTORY = "SELECT history FROM programmes_revision"
ORIGIN = "SELECT origin FROM programmes_revision"
CHANGE = f"UPDATE programmes_programme SET year_start = 1950 WHERE slug = '{SLUG}'"  # noqa: S608  # ours
ENDED = "SELECT revision FROM programmes_edit WHERE kind = 'ended' ORDER BY id DESC LIMIT 1"


class State(NamedTuple):
    """What a reader keeps of a state that was shown."""

    number: int
    tag: str
    year: int


@contextmanager
def before_a_promotion(
    site: Site, primary: Cluster, folder: Path
) -> Iterator[tuple[Site, Cluster]]:
    """Yield a host of the site, and the standby to which it goes when the primary is away."""
    with own_replica(primary) as standby:
        wait_until_equal(primary, standby)
        with own_host(site, folder, standby, url=list_both(primary, standby)) as host:
            yield host, standby


def see(host: Site) -> State:
    """Ask for the record until each worker has answered; return the state that all show."""
    answers = [ask(host.port, RECORD) for _turn in range(8)]
    tags = {(one.kind, one.headers["ETag"], one.body) for one in answers}
    assert len(tags) == 1
    assert answers[0].kind == "200"
    number = json.loads(ask(host.port, "/health/ready").body)["revision"]
    return State(number, answers[0].headers["ETag"], find_year(answers[0]))


def find_year(answer: Seen) -> int:
    return int(json.loads(answer.body)["year_start"])


def ask_since(host: Site, state: State) -> dict[str, Any]:
    """Return what is told to a program whose copy of the catalogue is of a state."""
    told: dict[str, Any] = json.loads(ask(host.port, f"{CHANGES}{state.number}").body)
    return told


def ask_at(host: Site, state: State) -> Seen:
    """Ask for the state that a citation names."""
    return ask(host.port, f"{RECORD}@{state.number}/")


def is_shown(host: Site, year: int) -> bool:
    """Whether all workers show the record with this year, and say that it is current."""
    answers = [ask(host.port, RECORD) for _turn in range(8)]
    return all(one.kind == "200" and find_year(one) == year for one in answers)


def write_at_once(cluster: Cluster, writers: int) -> None:
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(lambda year: write(cluster, year), range(1900, 1900 + writers)))


def test_a_promoted_standby_gives_no_number_again_and_of_many_writers_one_begins_the_history(
    primary: Cluster,
) -> None:
    with own_replica(primary) as standby:
        wait_until_equal(primary, standby)
        kept, history = read_revision(standby), standby.ask("site", HISTORY)
        cut_off(standby)
        write(primary, 1989)
        standby.control("promote")
        write_at_once(standby, 8)
        assert read_revision(standby) == find_next_beginning(kept) + 7
        assert standby.ask("site", ENDED) == str(kept)
    assert (read_revision(primary), primary.ask("site", HISTORY)) == (kept + 1, history)


@pytest.mark.trial
def test_no_number_stands_for_two_states_after_a_promotion(
    site: Site, primary: Cluster, tmp_path: Path
) -> None:
    write(primary, 1990)
    with before_a_promotion(site, primary, tmp_path) as (host, standby):
        kept, history = see(host), primary.ask("site", HISTORY)
        cut_off(standby)
        write(primary, 1991)
        look_as_a_curator(host)
        lost = see(host)
        assert (lost.number, lost.year) == (kept.number + 1, 1991)
        with primary.stopped():
            standby.control("promote")
            wait_until(lambda: is_shown(host, 1990), "the promoted server answers")
            # Nothing was written yet: it has the last state that both servers had.
            assert ask(host.port, RECORD, tag=kept.tag).status == 304
            assert ask(host.port, RECORD, tag=lost.tag).status == 200
            assert "later than the present" in str(ask_since(host, lost))
            assert ask_at(host, lost).status == 404
            write(standby, 1992)
            new = see(host)
            assert (new.number, new.year) == (find_next_beginning(kept.number), 1992)
            assert standby.ask("site", HISTORY) != history
            for former in (kept, lost):
                assert ask(host.port, RECORD, tag=former.tag).status == 200
            assert "a history that was lost" in str(ask_since(host, lost))
            assert ask_since(host, kept)["everything"]
            assert ask_at(host, lost).status == 404
            assert find_year(ask_at(host, kept)) == 1990
            write(standby, 1993)
            assert see(host).number == new.number + 1
        assert "Traceback" not in host.read_log()


def save(host: Site, curator: Curator) -> int:
    """Save the form of a programme as it is; return the status, which is 302 if it was saved."""
    page = curator.ask("/admin/programmes/programme/")
    found = re.search(r"/admin/programmes/programme/\d+/change/", page.text)
    if not found:
        return page.status
    form = curator.ask(found[0])
    return (
        form.status
        if form.status != 200
        else curator.ask(found[0], [*form.read_form(found[0]), ("_continue", "Save")]).status
    )


@pytest.mark.trial
def test_after_a_promotion_all_goes_on_although_the_old_primary_hangs_and_closes_nothing(
    site: Site, primary: Cluster, tmp_path: Path
) -> None:
    write(primary, 1994)
    with before_a_promotion(site, primary, tmp_path) as (host, standby):
        curator = Curator(host)
        assert curator.sign_in().status == 302
        assert see(host).year == 1994
        with primary.frozen():
            standby.control("promote")
            wait_until(lambda: is_shown(host, 1994), "the promoted server answers readers")
            wait_until(lambda: save(host, curator) == 302, "the promoted server lets curators save")
            assert is_shown(host, 1994)
        assert "Traceback" not in host.read_log()


@pytest.mark.trial
def test_two_standbys_promoted_apart_have_two_histories(primary: Cluster) -> None:
    with own_replica(primary) as one, own_replica(primary) as other:
        for standby in (one, other):
            standby.control("promote")
            write(standby, 1950)
        origins = {standby.ask("site", ORIGIN) for standby in (one, other)}
        histories = {standby.ask("site", HISTORY) for standby in (primary, one, other)}
        # PostgreSQL calls both timelines 2, because neither knew of the other.
        assert (len(origins), len(histories)) == (1, 3)


@pytest.mark.trial
def test_a_dump_of_postgresql_begins_a_history_wherever_it_is_loaded(primary: Cluster) -> None:
    present = ["-h", str(primary.folder), "-U", "root", "site"]
    dump = subprocess.run(["pg_dump", "--no-owner", *present], check=True, capture_output=True)
    with own_cluster([]) as other:
        for turn in range(2):
            other.ask("site", dump.stdout.decode(), user="site")
            kept, history = read_revision(other), other.ask("site", HISTORY)
            write(other, 1950)
            assert other.ask("site", HISTORY) != history, turn
            assert read_revision(other) == find_next_beginning(kept), turn
            dump = subprocess.run(
                ["pg_dump", "--no-owner", "-h", str(other.folder), "-U", "root", "site"],
                check=True, capture_output=True,
            )  # fmt: skip
            other.ask("postgres", "DROP DATABASE site")
            other.ask("postgres", "CREATE DATABASE site OWNER site")


@pytest.mark.trial
def test_where_a_server_does_not_tell_its_timeline_writers_go_on(primary: Cluster) -> None:
    present = ["-h", str(primary.folder), "-U", "root", "site"]
    with own_cluster(present) as managed:
        managed.ask("site", "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
        kept, history = read_revision(managed), managed.ask("site", HISTORY)
        managed.ask("site", CHANGE, user="site")
        assert (read_revision(managed), managed.ask("site", HISTORY)) == (kept + 1, history)
        assert managed.ask("site", "SELECT programmes_find_origin()", user="site") == ""
