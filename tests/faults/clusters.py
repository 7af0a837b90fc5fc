"""A PostgreSQL server of the tests' own, which a test may stop, freeze, crash or put on standby."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

CONNECTIONS = 24  # the most that the server allows
SETTINGS = f"""
listen_addresses = ''
fsync = off
max_connections = {CONNECTIONS}
superuser_reserved_connections = 1
"""


def find_programs() -> Path:
    """Return the folder of PostgreSQL's programs, which Debian keeps off the PATH."""
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    found = sorted(folders, key=lambda folder: float(folder.parent.name))
    return found[-1] if found else Path(shutil.which("initdb") or "/nowhere/initdb").parent


@dataclass(frozen=True)
class Cluster:
    """A running server with one database `site`, reached by a socket in its folder."""

    folder: Path

    @property
    def url(self) -> str:
        # Not the superuser: for that one PostgreSQL keeps a connection free.
        return f"postgres:///site?host={self.folder}&user=site"

    def run(self, program: str, *arguments: str) -> None:
        as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run(
            [*as_owner, str(find_programs() / program), *arguments],
            cwd=self.folder, check=True, capture_output=True,
        )  # fmt: skip

    def control(self, action: str, *options: str) -> None:
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-l", log, "-w", *options, action)

    def make(self, copied_from: Sequence[str]) -> None:
        """Make the server and start it; its database is a copy of one that `pg_dump` can read."""
        owner = "--username=root"
        data = str(self.folder / "data")
        self.run("initdb", "-D", data, owner, "--auth=trust", "--encoding=UTF8", "--no-sync")
        with (self.folder / "data" / "postgresql.conf").open("a") as file:
            file.write(f"{SETTINGS}unix_socket_directories = '{self.folder}'\n")
        self.control("start")
        self.ask("postgres", "CREATE ROLE site LOGIN")
        self.ask("postgres", "CREATE DATABASE site OWNER site")
        if copied_from:
            dump = subprocess.run(
                ["pg_dump", "--no-owner", *copied_from], check=True, capture_output=True
            )
            self.ask("site", dump.stdout.decode(), user="site")
            # The copy is no restored backup, whose numbers may have been given elsewhere too.
            self.ask("site", "UPDATE programmes_revision SET origin = programmes_find_origin()")

    def ask(self, database: str, statements: str, user: str = "root") -> str:
        """Run SQL, and return what it tells."""
        asked = subprocess.run(
            ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-U", user,
             database],
            input=statements, text=True, check=True, capture_output=True,
        )  # fmt: skip
        return asked.stdout.strip()

    @property
    def processes(self) -> list[int]:
        """Return the process ids of the server, its main process first."""
        main = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *map(int, children)]

    def signal(self, number: int) -> None:
        for process in self.processes:
            os.kill(process, number)

    # --- Faults -----------------------------------------------------------------------------------

    @contextmanager
    def stopped(self) -> Iterator[None]:
        self.control("stop", "-m", "fast")
        try:
            yield
        finally:
            self.control("start")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop every process of the server, so that it takes connections and answers nothing."""
        self.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)

    @contextmanager
    def crashed(self) -> Iterator[None]:
        """Kill a process of the server; it ends all connections and recovers by itself."""
        os.kill(self.processes[-1], signal.SIGKILL)
        yield

    @contextmanager
    def on_standby(self) -> Iterator[None]:
        """Restart the server as one that is read-only, as a standby is, and then promote it."""
        marker = self.folder / "data" / "standby.signal"
        marker.touch()
        if os.geteuid() == 0:
            shutil.chown(marker, "postgres")
        self.control("restart", "-m", "fast")
        try:
            yield
        finally:
            self.control("promote")

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Lock tables even against readers, as altering them does."""
        holder = self.hold_lock(table)
        try:
            yield
        finally:
            holder.communicate()

    def hold_lock(self, table: str) -> subprocess.Popen[str]:
        """Return a process that holds a lock until it is told that nothing more comes.

        Somebody who reads two tables while they are locked one after the other makes a deadlock.
        PostgreSQL ends it by refusing one of the two. If that is the lock, it is tried again.
        """
        for _attempt in range(10):
            holder = subprocess.Popen(
                ["psql", "-qXt", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-U", "root",
                 "site"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            assert holder.stdin
            assert holder.stdout
            holder.stdin.write(f"BEGIN; LOCK TABLE {table}; SELECT 'held';\n")
            holder.stdin.flush()
            if "held" in holder.stdout.readline():
                return holder
            holder.communicate()
        raise AssertionError(f"{table} could not be locked.")

    @contextmanager
    def missing(self, table: str) -> Iterator[None]:
        """Take a table away, as if the migration that makes it had not been run yet."""
        self.ask("site", f"ALTER TABLE {table} RENAME TO taken_away")
        try:
            yield
        finally:
            self.ask("site", f"ALTER TABLE taken_away RENAME TO {table}")

    @contextmanager
    def full_of_connections(self) -> Iterator[None]:
        """End all connections of the site and let no new one in."""
        self.ask("postgres", "ALTER ROLE site CONNECTION LIMIT 0")
        self.end_connections()
        try:
            yield
        finally:
            self.ask("postgres", "ALTER ROLE site CONNECTION LIMIT -1")

    def end_connections(self) -> None:
        self.ask(
            "postgres",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'site'",
        )


@contextmanager
def own_cluster(copied_from: Sequence[str], disk: Path | None = None) -> Iterator[Cluster]:
    """Yield a new server, on a certain disk if one is given; end and delete it afterwards."""
    # The path of a socket may have about 100 characters only.
    cluster = Cluster(Path(mkdtemp(prefix="faults.", dir=disk or "/tmp")))  # noqa: S108
    if os.geteuid() == 0:
        shutil.chown(cluster.folder, "postgres")
    try:
        cluster.make(copied_from)
        yield cluster
    finally:
        cluster.control("stop", "-m", "immediate")
        shutil.rmtree(cluster.folder)
