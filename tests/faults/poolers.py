"""A real PgBouncer in front of a PostgreSQL server, which gives each transaction a connection."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from tests.faults.clusters import Cluster
from tests.servers import end, end_with_parent, wait_until

CONNECTIONS = 2  # of the pooler to the server: fewer than threads that ask at once
# Names of sockets' files only: nothing is opened on the network.
PORTS = count(6432)
SETTINGS = """
[databases]
site = host={folder} dbname=site user=site

[pgbouncer]
unix_socket_dir = {folder}
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
logfile = {folder}/pooler.log
{more}
"""


@contextmanager
def pooled(cluster: Cluster, more: str = "") -> Iterator[str]:
    """Start PgBouncer with few connections to the server; yield the URL of its database.

    `more` are further lines of its settings.
    """
    folder, port = cluster.folder, next(PORTS)
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    settings = folder / f"pooler.{port}.ini"
    settings.write_text(
        SETTINGS.format(folder=folder, port=port, connections=CONNECTIONS, more=more)
    )
    as_owner = ["--user=postgres"] if folder.owner() == "postgres" else []
    process = subprocess.Popen(
        [program, *as_owner, str(settings)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, preexec_fn=end_with_parent,
    )  # fmt: skip
    try:
        wait_until(lambda: is_open(folder / f".s.PGSQL.{port}"), "the pooler is ready")
        yield f"postgres:///site?host={folder}&port={port}&user=site"
    finally:
        end(process)


def is_open(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as tried, suppress(OSError):
        tried.connect(str(path))
        return True
    return False
