"""A real PgBouncer in front of a PostgreSQL server, which gives each transaction a connection."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.faults.clusters import Cluster
from tests.servers import end, end_with_parent, wait_until

CONNECTIONS = 3  # of the pooler to the server: fewer than threads that ask at once
PORT = 6432  # the name of the socket's file only: nothing is opened on the network
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
"""


@contextmanager
def pooled(cluster: Cluster) -> Iterator[str]:
    """Start PgBouncer with few connections to the server; yield the URL of its database."""
    folder = cluster.folder
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    settings = folder / "pooler.ini"
    settings.write_text(SETTINGS.format(folder=folder, port=PORT, connections=CONNECTIONS))
    as_owner = ["--user=postgres"] if folder.owner() == "postgres" else []
    process = subprocess.Popen(
        [program, *as_owner, str(settings)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, preexec_fn=end_with_parent,
    )  # fmt: skip
    try:
        wait_until(lambda: is_open(folder / f".s.PGSQL.{PORT}"), "the pooler is ready")
        yield f"postgres:///site?host={folder}&port={PORT}&user=site"
    finally:
        end(process)


def is_open(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as tried, suppress(OSError):
        tried.connect(str(path))
        return True
    return False
