"""A drill: restores a backup into a database that is thrown away, and looks whether it is whole.

Each step is a command in a process of its own, with the settings of the site but for where data
lie. So the drill does what somebody would do in earnest, and touches nothing of the site.
"""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from django.conf import settings

from stemobs.dumps.manifest import MANIFEST, PREFIX
from stemobs.dumps.verify import LoadError, verify_dump

SQLITE = b"SQLite format 3\0"  # how each of its files begins
# The name of a database that a drill may fill, so that none is named by mistake.
FOR_DRILLS = re.compile(r"(postgres|postgresql)://[^/?]*/[^?]*drill(\?.*)?")


class DrillError(Exception):
    """The backup cannot be restored, or there is none; the message says why."""


class Restored(NamedTuple):
    """What came of a drill: the backup, how it was restored, and the published programmes in it."""

    backup: Path
    told: str
    programmes: int


def find_newest_backup(place: Path) -> Path:
    """Return a file or a dump itself, and of a folder with several the newest one."""
    if not place.exists():
        raise DrillError(f"{place} does not exist.")
    if place.is_file() or (place / MANIFEST).exists():
        return place
    dumps = (one.parent for one in place.glob(f"{PREFIX}*/{MANIFEST}"))
    files = (one for one in place.iterdir() if one.is_file() and is_sqlite(one))
    if found := max([*dumps, *files], key=lambda one: one.stat().st_mtime, default=None):
        return found
    raise DrillError(f"There is no backup in {place}.")


def is_sqlite(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(SQLITE)) == SQLITE


def try_backup(place: Path, database: str = "") -> Restored:
    """Restore the newest backup at a place; raise DrillError unless all of it is there.

    `database` is the URL of a PostgreSQL database for drills; without it a file of SQLite is used.
    """
    if database and not FOR_DRILLS.fullmatch(database):
        raise DrillError("The name of the database has to end in “drill”, and it is overwritten.")
    backup = find_newest_backup(place)
    with throw_away(database) as environment:
        restore = restore_file if backup.is_file() else restore_dump
        told = restore(backup, environment)
        run(environment, "check", "--database", "default")
        rows = json.loads(run(environment, "facts", "--json"))
    return Restored(backup, told, rows[0]["programmes"])


@contextmanager
def throw_away(database: str) -> Iterator[dict[str, str]]:
    """Yield the environment of a site with another database and with folders that are deleted."""
    with TemporaryDirectory(prefix="stem-drill-") as folder:
        own = {name: f"{folder}/{name}" for name in ("MEDIA_ROOT", "DRAFTS_ROOT", "HOST_ROOT")}
        nowhere = dict.fromkeys(("DATABASE_REPLICA_URLS", "DATABASE_POOLER", "DUMPS_ROOT"), "")
        url = database or f"sqlite:///{folder}/drill.sqlite3"
        yield {**os.environ, **own, **nowhere, "DATABASE_URL": url}


def restore_dump(backup: Path, environment: dict[str, str]) -> str:
    """Load a dump, after a look at its files: that takes less time than to make a database."""
    try:
        verify_dump(backup)
    except LoadError as error:
        raise DrillError(str(error)) from error
    run(environment, "migrate", "--verbosity", "0")
    return run(environment, "load_dump", str(backup), "--replace").splitlines()[-1]


def restore_file(backup: Path, environment: dict[str, str]) -> str:
    """Copy a file of SQLite, and bring the copy to the schema of this release."""
    if not is_sqlite(backup):
        raise DrillError(f"{backup} is neither a dump nor a file of SQLite.")
    target = environment["DATABASE_URL"].removeprefix("sqlite:///")
    if target == environment["DATABASE_URL"]:
        raise DrillError("A file of SQLite is restored as one: leave the other database out.")
    try:
        with (
            closing(sqlite3.connect(f"{backup.resolve().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
            (state,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            (number,) = copy.execute("SELECT number FROM programmes_revision").fetchone()
    except sqlite3.Error as error:
        raise DrillError(f"{backup} cannot be read: {error}.") from error
    if state != "ok":
        raise DrillError(f"{backup} is damaged: {state}.")
    run(environment, "migrate", "--verbosity", "0")
    return f"The whole file was copied, from revision {number}."


def run(environment: dict[str, str], *command: str) -> str:
    """Run a command of manage.py and return what it says; raise DrillError if it fails."""
    finished = subprocess.run(  # noqa: S603 # our own commands, without a shell
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if finished.returncode:
        said = finished.stderr.strip() or finished.stdout.strip()
        raise DrillError(f"`{' '.join(command)}` failed. {said.splitlines()[-1]}")
    return finished.stdout
