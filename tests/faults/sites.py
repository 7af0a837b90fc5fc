"""A site on a database that a test may break, and the faults of SQLite."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.faults.clusters import Cluster, own_cluster
from tests.faults.load import MIXED, RECORD, ask
from tests.servers import (
    ROOT,
    SEEDED,
    Server,
    address_of,
    free_port,
    manage,
    own_database,
    served,
    settings_of_a_site,
    wait_until,
)

WORKERS = ("--workers", "2", "--threads", "4")
NAME, PASSWORD = "curator", "correct-horse-battery"


@dataclass(frozen=True)
class Site:
    """A running site, with its database: a PostgreSQL server, or a file of SQLite."""

    server: Server
    cluster: Cluster | None
    file: Path
    environment: dict[str, str]

    @property
    def port(self) -> int:
        return self.server.port

    def read_right_answers(self) -> dict[str, str]:
        """Ask for every path until all processes have it in memory, and return the texts."""
        return {path: [ask(self.port, path).text for _turn in range(10)][-1] for path in MIXED}

    def wait_until_well(self) -> None:
        """Wait until all workers answer from the database: each rests after a slow fault."""
        wait_until(self.is_well, "all workers answer again")

    def is_well(self) -> bool:
        return {ask(self.port, RECORD).kind for _turn in range(8)} == {"200"}

    def read_log(self) -> str:
        return self.server.log.read_text()


def add_curator(environment: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "createsuperuser", "--noinput"],
        cwd=ROOT, check=True, capture_output=True,
        env={
            **environment,
            "DJANGO_SUPERUSER_USERNAME": NAME,
            "DJANGO_SUPERUSER_EMAIL": "curator@example.org",
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        },
    )  # fmt: skip


@contextmanager
def own_site(folder: Path, blocker: DjangoDbBlocker, disk: Path | None = None) -> Iterator[Site]:
    """Yield a site on a database of its own, of the kind that the tests run on.

    The database lies in `disk` if that is given.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(free_port())
        cluster = None
        if connection.vendor == "sqlite":
            url = stack.enter_context(own_database(disk or folder, blocker, SEEDED))
        else:
            cluster = stack.enter_context(own_cluster(list_dump_options(), disk))
            url = cluster.url
        environment = settings_of_a_site(url, address_of(listener), folder)
        if not SEEDED:
            manage(environment, "migrate", "--verbosity", "0")
            manage(environment, "seed")
        add_curator(environment)
        server = stack.enter_context(served(environment, listener, folder / "log", *WORKERS))
        yield Site(server, cluster, (disk or folder) / "site.sqlite3", environment)


@contextmanager
def own_host(site: Site, folder: Path, *replicas: Cluster, url: str = "") -> Iterator[Site]:
    """Yield another host of the same site, with replicas, or with another address of a database."""
    environment = {
        **site.environment,
        "DATABASE_URL": url or site.environment["DATABASE_URL"],
        "DATABASE_REPLICA_URLS": ",".join(replica.url for replica in replicas),
        "HOST_ROOT": str(folder / "host"),
    }
    log = folder / "log"
    with free_port() as listener, served(environment, listener, log, *WORKERS) as server:
        yield Site(server, site.cluster, site.file, environment)


def list_dump_options() -> list[str]:
    """Return how pg_dump reads the seeded database on the server of the tests; [] if none is."""
    if not SEEDED:
        return []
    given = connection.settings_dict["OPTIONS"]
    return ["-h", str(given["host"]), "-U", str(given["user"]), SEEDED]


# --- Faults of SQLite -----------------------------------------------------------------------------


@contextmanager
def locked_for_writing(file: Path) -> Iterator[None]:
    """Hold the lock of SQLite's one writer."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=60)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            holder.execute("ROLLBACK")


@contextmanager
def without_table(file: Path, table: str) -> Iterator[None]:
    """Take a table away, as if the migration that makes it had not been run yet."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=60)) as holder:
        # Triggers and foreign keys go on naming the table as before.
        holder.execute("PRAGMA legacy_alter_table = ON")
        holder.execute(f"ALTER TABLE {table} RENAME TO taken_away")
        try:
            yield
        finally:
            holder.execute(f"ALTER TABLE taken_away RENAME TO {table}")


@contextmanager
def limited_file_size(site: Site) -> Iterator[None]:
    """Let the site's workers write nothing more into files, as on a disk over its quota."""
    set_limit(site, "1024")
    try:
        yield
    finally:
        set_limit(site, "unlimited")


def set_limit(site: Site, size: str) -> None:
    for worker in site.server.workers:
        subprocess.run(["prlimit", f"--fsize={size}:unlimited", "--pid", str(worker)], check=True)


def find_server_faults(site: Site) -> list[str]:
    """Return the lines of the log that no fault of a database may leave."""
    return [line for line in site.read_log().splitlines() if "Traceback" in line]
