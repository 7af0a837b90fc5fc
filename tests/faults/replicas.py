"""Real replicas of a PostgreSQL server, which a test may hold back."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from tests.faults.clusters import Cluster
from tests.servers import wait_until

PAUSE = "SELECT pg_wal_replay_pause()"
RESUME = "SELECT pg_wal_replay_resume()"
IS_PAUSED = "SELECT pg_get_wal_replay_pause_state() = 'paused'"
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
