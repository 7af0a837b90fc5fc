"""Real replicas of a PostgreSQL server, which a test may hold back."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from tests.faults.clusters import Cluster
from tests.faults.curators import Curator
from tests.faults.load import SLUG
from tests.faults.sites import Site
from tests.servers import wait_until

PAUSE = "SELECT pg_wal_replay_pause()"
RESUME = "SELECT pg_wal_replay_resume()"
IS_PAUSED = "SELECT pg_get_wal_replay_pause_state() = 'paused'"
UNFOLLOW = "ALTER SYSTEM SET primary_conninfo = ''"
RELOAD = "SELECT pg_reload_conf()"
FOLLOWED = "SELECT count(*) FROM pg_stat_wal_receiver"
REVISION = "SELECT number FROM programmes_revision"


@contextmanager
def own_replica(primary: Cluster) -> Iterator[Cluster]:
    """Yield a server that follows another; end and delete it afterwards."""
    replica = Cluster(Path(mkdtemp(prefix="replica.", dir="/tmp")))
    if os.geteuid() == 0:
        shutil.chown(replica.folder, "postgres")
    data = replica.folder / "data"
    try:
        replica.run(
            "pg_basebackup", "-h", str(primary.folder), "-U", "root", "-D", str(data),
            "-R", "-X", "stream", "-c", "fast", "--no-sync",
        )  # fmt: skip
        with (data / "postgresql.conf").open("a") as file:
            file.write(f"unix_socket_directories = '{replica.folder}'\n")
            # How long it waits before it looks for its primary again.
            file.write("wal_retrieve_retry_interval = 100\n")
        replica.control("start")
        yield replica
    finally:
        replica.control("stop", "-m", "immediate")
        shutil.rmtree(replica.folder)


def read_revision(cluster: Cluster) -> int:
    return int(cluster.ask("site", REVISION))


def write(primary: Cluster, year: int) -> None:
    """Change a record on the primary, which raises the revision."""
    change = f"UPDATE programmes_programme SET year_start = {year} WHERE slug = '{SLUG}'"  # noqa: S608  # both are ours
    primary.ask("site", change)


def wait_until_equal(primary: Cluster, *replicas: Cluster) -> None:
    """Wait until replicas show what their primary shows."""
    present = read_revision(primary)
    wait_until(
        lambda: all(read_revision(one) == present for one in replicas), "the replicas catch up"
    )


@contextmanager
def held_back(*replicas: Cluster) -> Iterator[None]:
    """Let replicas stay at what they show now, whatever their primary writes."""
    for replica in replicas:
        replica.ask("site", PAUSE)
        wait_until(lambda one=replica: one.ask("site", IS_PAUSED) == "t", "the replica waits")
    try:
        yield
    finally:
        for replica in replicas:
            replica.ask("site", RESUME)


def look_as_a_curator(host: Site) -> None:
    """Read the primary on this host, so that readers too see nothing older from then on."""
    curator = Curator(host)
    assert curator.sign_in().status == 302
    assert curator.ask(f"/programmes/{SLUG}/").status == 200


def cut_off(replica: Cluster) -> None:
    """Let a replica receive nothing more, so that it lacks what its primary writes from now on."""
    for statement in (UNFOLLOW, RELOAD):
        replica.ask("postgres", statement)
    wait_until(lambda: replica.ask("postgres", FOLLOWED) == "0", "the replica receives nothing")


@contextmanager
def without_a_primary(*replicas: Cluster) -> Iterator[None]:
    """Let replicas lose their primary within the block, and find it again afterwards."""
    led_by = [replica.ask("postgres", "SHOW primary_conninfo") for replica in replicas]
    for replica in replicas:
        cut_off(replica)
    try:
        yield
    finally:
        for replica, primary in zip(replicas, led_by, strict=True):
            quoted = primary.replace("'", "''")
            for statement in (f"ALTER SYSTEM SET primary_conninfo = '{quoted}'", RELOAD):
                replica.ask("postgres", statement)


def list_both(one: Cluster, other: Cluster) -> str:
    """Return an address that leads to whichever of two servers is written to."""
    folders = f"{one.folder},{other.folder}"
    return f"postgres:///site?host={folders}&user=site&target_session_attrs=read-write"
