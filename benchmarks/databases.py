"""The databases for benchmarks: filled by `generate_programmes` and then kept in .dev/bench."""

import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.servers import HOST

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("BENCH_FOLDER", ROOT / ".dev" / "bench"))
GENERATOR = ROOT / "stemobs" / "workshop" / "generate.py"
SEED = 1

# Memory settings of an ordinary small server. Without fsync, because the data can be made again.
POSTGRESQL_SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{sockets}'
shared_buffers = 512MB
work_mem = 32MB
effective_cache_size = 2GB
max_wal_size = 4GB
random_page_cost = 1.1
fsync = off
full_page_writes = off
synchronous_commit = off
"""


class NotInstalled(Exception):
    """The programs of a database server are not installed on this machine."""


def key(size: int) -> str:
    """Return the name of a database: its size, and the digest of the generator's source code."""
    return f"{size}-{hashlib.sha256(GENERATOR.read_bytes()).hexdigest()[:8]}"


def environment(url: str) -> dict[str, str]:
    """Return environment variables to run the site on a database, set as in production."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "DATABASE_URL": url,
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": HOST,
        "SITE_URL": f"http://{HOST}",
        "STATIC_ROOT": str(FOLDER / "static"),
        "LOG_LEVEL": "WARNING",
        "API_RATE": "",
    }


def manage(url: str, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *arguments], env=environment(url), cwd=ROOT, check=True
    )


def child(url: str, module: str, *arguments: str) -> str:
    """Run `main` of a benchmark module in a new process, on a database; return its output."""
    command = [sys.executable, "-m", "benchmarks.child", f"benchmarks.{module}", *arguments]
    done = subprocess.run(
        command, env=environment(url), cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    return done.stdout.decode()


def fill(url: str, size: int) -> None:
    manage(url, "migrate", "--verbosity", "0")
    manage(url, "generate_programmes", "--count", str(size), "--seed", str(SEED))


class SQLite:
    """SQLite, with one file for each size."""

    name = "sqlite"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Keep the files for the next run."""

    def made(self, size: int) -> str:
        """Return the address of a database of this size, made where it is not there yet."""
        file = FOLDER / f"{key(size)}.sqlite3"
        if not file.exists():
            part = FOLDER / f"part-{file.name}"
            for rest in FOLDER.glob(f"{part.name}*"):
                rest.unlink()
            fill(f"sqlite:///{part}", size)
            with contextlib.closing(sqlite3.connect(part)) as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                database.execute("ANALYZE")
                database.commit()
            part.rename(file)
        manage(f"sqlite:///{file}", "migrate", "--verbosity", "0")
        return f"sqlite:///{file}"


class PostgreSQL:
    """A PostgreSQL server of the benchmark's own, on a Unix socket; one database for each size."""

    name = "postgresql"

    def __init__(self) -> None:
        self.programs = server_programs()
        self.owner = owner() if os.getuid() == 0 else ""

    def __enter__(self) -> Self:
        # The path of a Unix socket can have only about 100 characters, so it gets a short folder.
        self.sockets = Path(tempfile.mkdtemp(prefix="bench"))
        self.home = FOLDER / "postgresql"
        self.home.mkdir(parents=True, exist_ok=True)
        for folder in (self.sockets, self.home):
            if self.owner:
                shutil.chown(folder, self.owner)
        if not self.reaches(self.home):
            self.home = self.sockets
        try:
            self.start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()

    @property
    def data(self) -> Path:
        return self.home / "data"

    def reaches(self, folder: Path) -> bool:
        """Whether the server's user may write to a folder; folders of root are closed to it."""
        return self.run("test", "-w", str(folder), check=False).returncode == 0

    def run(self, *command: str, check: bool = True) -> "subprocess.CompletedProcess[bytes]":
        """Run a command as the server's user, because PostgreSQL refuses to run as root."""
        prefix = ["runuser", "-u", self.owner, "--"] if self.owner else []
        return subprocess.run(
            [*prefix, *command], cwd=self.sockets, check=check, stdout=subprocess.DEVNULL
        )

    def program(self, name: str, *arguments: str) -> None:
        self.run(str(self.programs / name), *arguments)

    def start(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self.program(
                "initdb", f"--pgdata={self.data}", "--username=stemobs", "--auth=trust",
                "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
            )  # fmt: skip
        settings = POSTGRESQL_SETTINGS.format(sockets=self.sockets)
        (self.data / "postgresql.auto.conf").write_text(settings)
        log = self.home / "server.log"
        self.program("pg_ctl", f"--pgdata={self.data}", f"--log={log}", "--wait", "start")

    def end(self) -> None:
        stop = (str(self.programs / "pg_ctl"), f"--pgdata={self.data}", "--mode=fast", "stop")
        self.run(*stop, check=False)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def made(self, size: int) -> str:
        """Return the address of a database of this size, made where it is not there yet."""
        name = f"bench-{key(size)}"
        url = f"postgres:///{name}?host={self.sockets}&user=stemobs"
        mark = self.home / f"{name}.made"
        if not mark.exists():
            where = (f"--host={self.sockets}", "--username=stemobs")
            self.program("dropdb", *where, "--if-exists", name)
            self.program("createdb", *where, name)
            fill(url, size)
            self.program("vacuumdb", *where, "--analyze", name)
            mark.touch()
        manage(url, "migrate", "--verbosity", "0")
        return url


def owner() -> str:
    """Return the name of the user that runs the server if this process is root."""
    names = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def server_programs() -> Path:
    """Return the folder of PostgreSQL's newest server programs, which Debian keeps off the PATH.

    Raise NotInstalled if there are none.
    """
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda file: int(file.parent.parent.name), default=None)
    if found := newest or shutil.which("initdb"):
        return Path(found).parent
    raise NotInstalled("PostgreSQL's server programs are not installed.")


DATABASES = {kind.name: kind for kind in (SQLite, PostgreSQL)}


def flat_copy(url: str, size: int) -> Path:
    """Return the SQLite file for contenders, made if it is absent; all databases share it."""
    file = FOLDER / "flat" / key(size) / "programmes.db"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        child(url, "flatten", str(file))
    return file


def collect_static(url: str) -> None:
    manage(url, "collectstatic", "--no-input", "--verbosity", "0")
