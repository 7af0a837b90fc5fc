"""Runs every command that README and docs show, as written, in a copy of the project.

Blocks marked `sh` and lines for cron are passed to `sh` unchanged, except that `/srv` and `/etc`
become temporary folders, and the site's name and port become those of a test server. Any other
difference is listed in EXCEPTIONS with a reason.
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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.servers import free_port
from tests.tiny_project import BASE_PYTHON, lock, make_wheel

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PATIENCE = 120  # seconds to wait for something before the test fails
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
    "gunicorn": "at another port, told by GUNICORN_CMD_ARGS, and stopped in the end",
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

    @property
    def lines_for_cron(self) -> list[str]:
        return re.findall(r"^(?:[\d*/,-]+ ){5}(.+)$", self.text, flags=re.M)

    def __str__(self) -> str:
        return f"{self.page}, block {self.number}"


def blocks_of(page: Path) -> list[Block]:
    texts = re.findall(r"^```sh\n(.*?)^```$", page.read_text(), flags=re.M | re.S)
    return [Block(page.name, number, text) for number, text in enumerate(texts, start=1)]


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


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
            "GUNICORN_CMD_ARGS": f"--bind 127.0.0.1:{self.port}",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.folder),
        }

    def here(self, text: str) -> str:
        """Return commands with paths, host names and ports replaced by those of this test."""
        for written, meant in {
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

    def run_as_cron(self, line: str) -> str:
        """Run a line of a crontab as cron does: in the home folder, with few variables."""
        environment = {"HOME": "/", "LOGNAME": "stem", "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
        assert "%" not in line  # cron treats a percent sign as the end of the line
        return self.run(f"cd /\n{line}", **environment)

    @contextmanager
    def serving(self, commands: str, port: int) -> Iterator[str]:
        """Run commands in a terminal, the last of which serves the site; stop it at the end.

        Yields the output up to the moment when the site is ready.
        """
        terminal, other_end = pty.openpty()
        process = subprocess.Popen(
            ["sh", "-euc", self.here(commands)],
            cwd=self.checkout,
            env=self.environment,
            stdin=other_end,
            stdout=other_end,
            stderr=other_end,
            start_new_session=True,
        )
        os.close(other_end)
        try:
            yield answer_until_ready(terminal, process, f"http://127.0.0.1:{port}/health/ready")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(PATIENCE)
            os.close(terminal)


def answer_until_ready(terminal: int, process: subprocess.Popen[bytes], address: str) -> str:
    """Answer questions in a terminal until the site is ready, and return the output."""
    said, answers = "", dict(ANSWERS)
    deadline = time.monotonic() + PATIENCE
    while not is_ready(address):
        assert process.poll() is None, said
        assert time.monotonic() < deadline, said
        if select.select([terminal], [], [], 0.1)[0]:
            said += os.read(terminal, 10_000).decode()
        for question in [question for question in answers if question in said]:
            os.write(terminal, f"{answers.pop(question)}\n".encode())
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
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running site that was started with the commands of docs/operations.md."""
    folder = tmp_path_factory.mktemp("machine")
    with free_port() as listener:
        site = Site(folder, listener.getsockname()[1])
    (folder / "etc").mkdir()
    shutil.copytree(ROOT, site.checkout, ignore=MADE_HERE)
    (site.checkout / ".venv").symlink_to(ROOT / ".venv")
    make_programs(folder / "programs")
    settings, packages, start = blocks_of(ROOT / "docs" / "operations.md")[:3]
    site.done[settings] = site.run(settings.text)
    site.done[packages] = install_small_lock(site, packages.text)
    with site.serving(start.text, site.port) as said:
        site.done[start] = said
        # The nightly commands run first, because another block needs the newest dump.
        for nightly in [block for block in BLOCKS if block.lines_for_cron]:
            site.done[nightly] = "".join(map(site.run_as_cron, nightly.lines_for_cron))
        yield site


# --- Running the commands ------------------------------------------------------------------------


def test_the_site_starts_with_the_commands_of_docs_operations(site: Site) -> None:
    _settings, packages, start, _nightly = list(site.done.values())[:4]
    assert "No broken requirements found." in packages
    assert "rows created, 0 updated" in start
    assert "Superuser created successfully." in start
    assert (site.folder / "etc/stem-observatory.env").stat().st_mode & 0o777 == 0o600
    assert (site.folder / "srv/data/db.sqlite3").stat().st_size > 1_000_000
    assert not (site.checkout / "db.sqlite3").exists()


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_every_documented_block_of_commands_succeeds(site: Site, block: Block) -> None:
    if "./dev run" in block.text:
        run_dev(site, block)
    elif block not in site.done:
        site.done[block] = site.run(block.text)
        assert site.done[block] or "curl" not in block.text


def run_dev(site: Site, block: Block) -> None:
    """Run `./dev run`, and check that `./dev help` lists `./dev test`, as the README shows them."""
    commands = [line.split("#")[0].strip() for line in block.text.splitlines()]
    assert commands == ["./dev run", "./dev test"]
    assert "\n./dev test " in site.run("./dev help")
    with free_port() as listener:
        port = listener.getsockname()[1]
    # With the existing database, which takes half as long as a first run.
    database = "DATABASE_URL=sqlite:////srv/data/db.sqlite3"
    with site.serving(f"{database} ./dev run 127.0.0.1:{port}", port) as said:
        assert "Preparing the database and the catalogue" in said


def test_the_documented_cron_lines_write_two_dumps_of_the_catalogue(site: Site) -> None:
    assert [len(block.lines_for_cron) for block in BLOCKS if block.lines_for_cron] == [1, 2]
    for folder in ("dumps", "backups"):
        (dumped,) = (site.folder / "srv" / folder).glob("stem-observatory-*/data")
        programmes = (dumped / "programmes.programme.ndjson").read_text().splitlines()
        assert len(programmes) > 100


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
