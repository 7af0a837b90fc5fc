"""Runs every command that README and docs show, as written, in a copy of the project.

`./dev test` runs the first command of the README; `./dev trial commands` runs them all.

Blocks marked `sh` are passed to `sh` unchanged, and services of deploy/systemd are run as systemd
would run them, except that `/srv` and `/etc` become temporary folders, and the site's name and port
become those of a test server. Any other difference is listed in EXCEPTIONS with a reason. Blocks
marked `sh root` change the machine: `./dev deploy-check` runs them in one of its own.
"""

import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.deploying.units import UNITS, Unit, list_units, read_environment
from tests.servers import SEEDED, free_port
from tests.tiny_project import BASE_PYTHON, lock, make_wheel

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PATIENCE = 240  # seconds to wait for something before the test fails
MADE_HERE = shutil.ignore_patterns(
    ".git", ".venv", ".dev", ".cache", ".*_cache", ".hypothesis", "__pycache__", "db.sqlite3*",
    "media", "staticfiles", "htmlcov", ".coverage*",
)  # fmt: skip
EXCEPTIONS = {
    "./dev run": "at another port, because 8000 may be taken, and stopped once it has answered",
    "./dev test": "not run, because it would run this test; that the command exists is tried",
    "pip install": "with a lock of one small wheel in a folder, because there may be no network;"
    " the packages of the real lock are those that this test runs with",
    "createsuperuser": "somebody at a terminal answers its questions",
}
ANSWERS = {
    "Username": "curator",
    "Email address": "",
    "Password:": "seventeen red hens",
    "Password (again):": "seventeen red hens",
}
# A replacement for systems without curl, with the options that the documentation uses.
CURL = """\
import sys, urllib.request
*options, address = sys.argv[1:]
headers = dict(
    options[number + 1].split(": ", 1) for number, word in enumerate(options) if word == "-H"
)
request = urllib.request.Request(address, headers=headers)
sys.stdout.buffer.write(urllib.request.urlopen(request).read())
"""
# A check of the documentation; the site that it starts has a database of its own.
pytestmark = pytest.mark.data


# --- Commands in the documentation ---------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A block of shell commands in a page of the documentation."""

    page: str
    number: int
    text: str

    def __str__(self) -> str:
        return f"{self.page}, block {self.number}"


def blocks_of(page: Path) -> list[Block]:
    texts = re.findall(r"^```sh\n(.*?)^```$", page.read_text(), flags=re.M | re.S)
    return [Block(page.name, number, text) for number, text in enumerate(texts, start=1)]


BLOCKS = [block for page in PAGES for block in blocks_of(page)]
START = BLOCKS[0]  # of the README: how to run and test the project


# --- The machine on which commands run -----------------------------------------------------------


@dataclass
class Site:
    """A temporary folder that imitates a server set up as docs/operations.md describes."""

    folder: Path
    port: int
    done: dict[Block, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def checkout(self) -> Path:
        return self.folder / "srv" / "stem"

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment variables for commands, without any settings of the tests."""
        return {
            "PATH": f"{self.folder / 'programs'}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.folder),
        }

    def here(self, text: str) -> str:
        """Return commands with paths, host names and ports replaced by those of this test."""
        for written, meant in {
            "@stem.example": "@example.org",
            "https://stem.example": self.address,
            "stem.example": "127.0.0.1",
            "http://127.0.0.1:8000": self.address,
            "/srv/": f"{self.folder}/srv/",
            "/etc/": f"{self.folder}/etc/",
        }.items():
            text = text.replace(written, meant)
        return text

    def run(self, commands: str, **environment: str) -> str:
        """Run shell commands and return their output; fail if one of them fails."""
        finished = subprocess.run(
            ["sh", "-euc", self.here(commands)],
            cwd=self.checkout,
            env=environment or self.environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    def run_unit(self, unit: Unit) -> str:
        """Run what a service runs, with the settings in the file that it names and no others.

        The check of links gets no time, because it would ask half of the world.
        """
        commands = (shlex.join(one).replace("--budget 20m", "--budget 0s") for one in unit.commands)
        return "".join(self.run(command, **self.settings) for command in commands)

    @property
    def settings(self) -> dict[str, str]:
        return read_environment((self.folder / "etc/stem-observatory.env").read_text())

    @contextmanager
    def serving(self, commands: str, port: int, **environment: str) -> Iterator[str]:
        """Run commands in a terminal, the last of which serves the site; stop it at the end.

        Yields the output up to the moment when the site is ready.
        """
        address = f"http://127.0.0.1:{port}/health/ready"
        with self.terminal(commands, environment or self.environment) as (terminal, process):
            yield answer_until(lambda: is_ready(address), terminal, process)

    def run_in_terminal(self, commands: str) -> str:
        """Run commands that ask questions, answer them, and return the output."""
        with self.terminal(commands, self.environment) as (terminal, process):
            said = answer_until(lambda: process.poll() == 0, terminal, process)
            return said + read_rest(terminal)

    @contextmanager
    def terminal(
        self, commands: str, environment: dict[str, str]
    ) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
        """Start commands in a terminal of their own; end them at the end."""
        terminal, other_end = pty.openpty()
        process = subprocess.Popen(
            ["sh", "-euc", self.here(commands)],
            cwd=self.checkout,
            env=environment,
            stdin=other_end,
            stdout=other_end,
            stderr=other_end,
            start_new_session=True,
        )
        os.close(other_end)
        try:
            yield terminal, process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(PATIENCE)
            os.close(terminal)


def answer_until(
    is_done: Callable[[], bool], terminal: int, process: subprocess.Popen[bytes]
) -> str:
    """Answer questions in a terminal until something is so, and return the output."""
    said, answers = "", dict(ANSWERS)
    deadline = time.monotonic() + PATIENCE
    while not is_done():
        assert not process.poll(), said + read_rest(terminal)
        assert time.monotonic() < deadline, said
        if select.select([terminal], [], [], 0.1)[0]:
            with suppress(OSError):  # the other end was closed
                said += os.read(terminal, 10_000).decode()
        for question in [question for question in answers if question in said]:
            os.write(terminal, f"{answers.pop(question)}\n".encode())
    return said


def read_rest(terminal: int) -> str:
    """Return what is left to read of a terminal whose other end was closed."""
    said = ""
    with suppress(OSError):
        while piece := os.read(terminal, 10_000):
            said += piece.decode()
    return said


def is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 # this machine
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def make_programs(folder: Path) -> None:
    """Make the programs python3, a failing python as on Debian, and curl if it is missing."""
    folder.mkdir()
    programs = {
        "python3": f'exec {shlex.quote(BASE_PYTHON)} "$@"',
        "python": "echo python: not found >&2; exit 127",
    }
    if not shutil.which("curl"):
        (folder / "curl.py").write_text(CURL)
        programs["curl"] = f'exec {shlex.quote(sys.executable)} "${{0%/*}}/curl.py" "$@"'
    for name, command in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{command}\n")
        (folder / name).chmod(0o755)


def install_small_lock(site: Site, commands: str) -> str:
    """Run the documented install commands with a lock of one tiny wheel.

    Afterwards make the packages of the tests available in the new environment.
    """
    real = (site.checkout / "requirements.lock").read_text()
    (site.checkout / "requirements.lock").write_text(lock(make_wheel(site.folder, "tiny", "1.0")))
    said = site.run(commands)
    (site.checkout / "requirements.lock").write_text(real)
    environment = site.folder / "srv" / "environment"
    (installed,) = environment.glob("lib/python*/site-packages/tiny.py")
    installed.with_name("lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    program = environment / "bin" / "gunicorn"
    program.write_text('#!/bin/sh\nexec "${0%/*}/python" -m gunicorn "$@"\n')
    program.chmod(0o755)
    return said


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A folder with a copy of the project, on which nothing was set up yet."""
    folder = tmp_path_factory.mktemp("machine")
    with free_port() as listener:
        site = Site(folder, listener.getsockname()[1])
    (folder / "etc").mkdir()
    shutil.copytree(ROOT, site.checkout, ignore=MADE_HERE)
    (site.checkout / ".venv").symlink_to(ROOT / ".venv")
    make_programs(folder / "programs")
    return site


@pytest.fixture(scope="module")
def site(machine: Site) -> Iterator[Site]:
    """A running site that was started with the commands of docs/operations.md."""
    site = machine
    for file in filter(Path.is_file, (site.checkout / "deploy").rglob("*")):
        file.write_text(site.here(file.read_text()))
    settings, packages, start = blocks_of(ROOT / "docs" / "operations.md")[:3]
    site.done[settings] = site.run(settings.text)
    site.done[packages] = install_small_lock(site, packages.text)
    site.done[start] = site.run_in_terminal(start.text)
    (command,) = Unit(UNITS / "stem-site.service").commands
    bind = {"GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{site.port}"}  # 8000 may be taken
    with site.serving(f"exec {shlex.join(command)}", site.port, **site.settings, **bind):
        yield site


@pytest.fixture(scope="module")
def nightly(site: Site) -> dict[str, str]:
    """What the services say that are run by timers, in the order of their time.

    The drill is left to tests/dumps and to `./dev deploy-check`, because it takes longest.
    """
    several = [unit for unit in list_units("*.timer") if unit.file.stem != "stem-drill"]
    timers = sorted(several, key=lambda unit: unit.get("Timer", "OnCalendar")[-5:])
    return {
        unit.file.stem: site.run_unit(Unit(unit.file.with_suffix(".service"))) for unit in timers
    }


# --- Running the commands ------------------------------------------------------------------------


def test_the_first_commands_of_the_readme_are_those_that_are_tried(machine: Site) -> None:
    """`./dev run` serves the catalogue, and `./dev help` lists `./dev test`."""
    commands = [line.split("#")[0].strip() for line in START.text.splitlines()]
    assert commands == ["./dev run", "./dev test"]
    assert "\n./dev test " in machine.run("./dev help")
    with free_port() as listener:
        port = listener.getsockname()[1]
    if SEEDED:  # a filled database takes half as long as a first run
        shutil.copy(SEEDED, machine.folder / "own.sqlite3")
    database = f"DATABASE_URL=sqlite:///{machine.folder}/own.sqlite3"
    with machine.serving(f"{database} ./dev run 127.0.0.1:{port}", port) as said:
        assert "Preparing the database and the catalogue" in said


@pytest.mark.trial
def test_the_site_starts_with_the_commands_of_docs_operations(site: Site) -> None:
    _settings, packages, start = list(site.done.values())[:3]
    assert "No broken requirements found." in packages
    assert "rows created, 0 updated" in start
    assert "Superuser created successfully." in start
    assert (site.folder / "etc/stem-observatory.env").stat().st_mode & 0o777 == 0o600
    assert (site.folder / "srv/data/db.sqlite3").stat().st_size > 1_000_000
    assert not (site.checkout / "db.sqlite3").exists()


@pytest.mark.trial
@pytest.mark.parametrize("block", [block for block in BLOCKS if block != START], ids=str)
def test_every_documented_block_of_commands_succeeds(
    site: Site, nightly: dict[str, str], block: Block
) -> None:
    assert nightly  # run before, because a block needs the newest dump
    if block not in site.done:
        site.done[block] = site.run(block.text)
        assert site.done[block] or "curl" not in block.text


@pytest.mark.trial
def test_every_service_that_a_timer_starts_succeeds_with_the_settings_of_the_file_alone(
    site: Site, nightly: dict[str, str]
) -> None:
    assert len(nightly) == len(list_units("*.timer")) - 1
    assert "0 deleted" in nightly["stem-tidy"]
    assert nightly["stem-links"] == "0 addresses looked at. Broken are now 0.\n"
    for folder in ("dumps", "backups"):
        (dumped,) = (site.folder / "srv" / folder).glob("stem-observatory-*/data")
        programmes = (dumped / "programmes.programme.ndjson").read_text().splitlines()
        assert len(programmes) > 100


@pytest.mark.trial
def test_the_documented_backup_copies_the_whole_database(site: Site) -> None:
    (block,) = [block for block in BLOCKS if ".backup(" in block.text]
    site.run(block.text)
    counting = "import sqlite3; print(*sqlite3.connect('{}').execute({!r}).fetchone())"
    query = "SELECT COUNT(*) FROM programmes_programme"
    copy, own = (
        site.run(f"python3 -c {shlex.quote(counting.format(file, query))}")
        for file in ("/srv/backups/db.sqlite3", "/srv/data/db.sqlite3")
    )
    assert copy == own
    assert int(copy) > 100


def test_every_exception_occurs_in_the_documentation() -> None:
    shown = "\n".join(block.text for block in BLOCKS)
    assert [command for command in EXCEPTIONS if command not in shown] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_manage_command_named_in_the_documentation_exists(page: Path) -> None:
    named = set(re.findall(r"`[^`\n]*manage(?:\.py)? ([a-z_]+)[^`\n]*`", page.read_text()))
    assert named - set(get_commands()) == set()
