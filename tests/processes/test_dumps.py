"""Dumps in processes of their own: copied between databases, written during writes, killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from typing import IO, Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from programmes.models import Edit
from stemobs.catalogue.states.moments import read_latest_moment
from stemobs.dumps.dump import write_dump
from stemobs.dumps.manifest import name_file
from stemobs.dumps.seed import seed_catalogue
from tests.hostile import make_hostile_rows
from tests.servers import FIXTURES, ROOT, own_database, settings_of_a_site, wait_until

Environment = dict[str, str]

# Scripts for a new site: make the tables, load a dump, write a dump, print the API's answers.
MAKE = """
import django, json, sys
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
LOAD = f"{MAKE}call_command('load_dump', sys.argv[1])\n"
ANSWER = """
from tests.processes.clerk import look
call_command("dump", sys.argv[2], private=True)
print(json.dumps(look(json.loads(sys.argv[3]))))
"""
ASKED = [
    "/api/v1/programmes/?page_size=100&facets=all",
    "/api/v1/programmes/hostile-0/",
    "/api/v1/programmes/jet-net-nl/",
    "/api/v1/organisations/?page_size=100",
    "/api/v1/platforms/?page_size=100",
    "/api/v1/sources/?page_size=100",
]


@pytest.fixture
def site(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Environment]:
    """Environment variables of a new site, with an empty database of the kind the tests use."""
    with own_database(tmp_path, django_db_blocker) as database_url:
        yield settings_of_a_site(database_url, settings.SITE_URL, tmp_path)


def read_files(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def load_elsewhere(
    site: Environment, folder: Path, target: Path, asked: list[str]
) -> tuple[Path, list[Any]]:
    """Have a new site load a dump; return the dump that it writes, and its API's answers."""
    finished = subprocess.run(
        [sys.executable, "-c", LOAD + ANSWER, folder, target, json.dumps(asked)],
        cwd=ROOT, env=site, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    [written] = target.iterdir()
    return written, json.loads(finished.stdout.splitlines()[-1])


def ask_here(asked: list[str]) -> Any:
    return sort_lists([Client().get(path).json() for path in asked])


def sort_lists(told: Any) -> Any:
    """Sort all lists, because PostgreSQL returns rows of equal position or name in any order."""
    if isinstance(told, dict):
        return {key: sort_lists(value) for key, value in told.items()}
    return sorted(map(sort_lists, told), key=json.dumps) if isinstance(told, list) else told


def assert_same_rows(later: Path, first: Path) -> None:
    """Compare two dumps, of which the later one states another revision and how it came to it."""
    edits = name_file(Edit)
    assert (later / edits).read_bytes().startswith((first / edits).read_bytes())
    of_revision = {edits, "manifest.json", "README.txt", "SHA256SUMS"}
    there, here = (
        {name: content for name, content in read_files(folder).items() if name not in of_revision}
        for folder in (later, first)
    )
    assert there == here


@contextmanager
def halt_command(site: Environment, *command: Any, after: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command until it writes a line that begins with `after`, suspend it, then kill it."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT, env=site, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stdout
        for line in process.stdout:
            if line.startswith(after):
                break
        else:
            pytest.fail(f"There was no line {after!r}.")
        os.kill(process.pid, signal.SIGSTOP)
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.trial
@pytest.mark.django_db
def test_dumps_copied_through_other_databases_stay_equal_byte_by_byte(
    tmp_path: Path, site: Environment
) -> None:
    make_hostile_rows()
    first = write_dump(tmp_path / "1", is_private=True)
    former = f"@{read_latest_moment(connection).number}/"
    slugs = ("hostile-0", "jet-net-nl")
    asked = [*ASKED, *(f"/api/v1/programmes/{slug}/{former}" for slug in slugs)]
    ours = ask_here(asked)
    # A site that is killed while it loads a dump has none of its rows, and can load it again.
    with halt_command(site, "-c", LOAD, first, after="data/programmes.programme.ndjson"):
        pass
    second, answers = load_elsewhere(site, first, tmp_path / "2", asked)
    assert_same_rows(second, first)
    assert sort_lists(answers) == ours
    if connection.vendor == "postgresql":
        sqlite = {**site, "DATABASE_URL": f"sqlite:///{tmp_path / 'site.sqlite3'}"}
        second, answers = load_elsewhere(sqlite, second, tmp_path / "3", asked)
        assert_same_rows(second, first)
        assert sort_lists(answers) == ours
    # Then back into this database, where it replaces the rows that are there.
    call_command("load_dump", second, replace=True, stdout=StringIO())
    third = write_dump(tmp_path / "4", is_private=True)
    assert_same_rows(third, first)
    assert ask_here(asked) == ours
    outcome = seed_catalogue(FIXTURES)
    assert (outcome.created, outcome.updated, outcome.kept) == (0, 0, [])


@contextmanager
def block_output(
    site: Environment, *command: Any
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """Run a command with a full pipe as output, so that it stops at its first line until read."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while os.write(writing, bytes(4096)):
            pass
    os.set_blocking(writing, True)
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=site, stdout=writing)
    os.close(writing)
    with process, open(reading, "rb") as pipe:
        try:
            yield process, pipe
        finally:
            process.kill()


@pytest.mark.trial
def test_a_dump_has_one_state_during_writes_and_gets_its_name_when_complete(
    tmp_path: Path, site: Environment
) -> None:
    dumps = tmp_path / "dumps"
    run_script(
        site, f"{MAKE}from tests.processes.clerk import make; make(slug='one', name='Before')"
    )
    command = ("manage.py", "dump", dumps, "--verbosity", "2")
    with block_output(site, *command) as (process, pipe):
        wait_until(lambda: list(dumps.glob(".*/data/*")), "the dump begins")
        run_script(site, f"{MAKE}from tests.processes.clerk import save; save('one', name='After')")
        assert pipe.read()
        assert process.wait() == 0
    (folder,) = list_folders(dumps)
    row = json.loads((folder / "data/programmes.programme.ndjson").read_text())
    assert row["name"] == "Before"
    assert b"After" not in b"".join(read_files(folder).values())
    with block_output(site, *command):  # this dump is killed before it is complete
        wait_until(lambda: list(dumps.glob(".*/data/*")), "the dump begins")
    assert {one.name[0] for one in list_folders(dumps)} == {".", "s"}
    assert len(list(dumps.glob("stem-*.zip"))) == 1


def list_folders(dumps: Path) -> list[Path]:
    return [one for one in dumps.iterdir() if one.is_dir()]


def run_script(site: Environment, script: str) -> None:
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=site, check=True)
