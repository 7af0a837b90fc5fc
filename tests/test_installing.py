"""Tests how `./dev` installs the locked packages: offline, reproducibly, and never partly."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import installing
from tests.tiny_project import BASE_PYTHON, Project, assert_nothing_is_lost, make

ROOT = Path(__file__).parent.parent
OLDEST_PIP = "23.0.1"
PATIENCE = 60  # seconds to wait for something before the test fails
pytestmark = pytest.mark.once  # no test here asks a database


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make(tmp_path_factory.mktemp("a path with spaces"))


@pytest.fixture
def project(made: Project) -> Project:
    """The tiny project, reset to the old lock that it was installed from."""
    made.write_lock(made.old)
    made.versions()
    return made


# --- Installing from the lock --------------------------------------------------------------------


@pytest.mark.trial
def test_a_locked_package_with_an_extra_is_installed_at_its_locked_version(
    project: Project,
) -> None:
    told = project.versions()
    assert (told["asking"], told["giving"]) == ("1.0", "1.0")


@pytest.mark.trial
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="pip 23.0.1 cannot run on it")
def test_packages_are_installed_with_the_pip_version_of_debian_12(project: Project) -> None:
    command = [".venv/bin/python", "-m", "pip", "--version"]
    finished = subprocess.run(
        command, cwd=project.folder, env=project.environment, capture_output=True, check=True
    )
    assert finished.stdout.decode().startswith(f"pip {OLDEST_PIP} ")


@pytest.mark.trial
def test_an_incomplete_lock_is_refused_and_the_missing_package_named(project: Project) -> None:
    project.write_lock(project.old.split("giving==")[0])
    finished = project.dev("manage", "tell")
    assert finished.returncode == 1
    assert "asking 1.0 requires giving, which is not installed" in finished.stderr
    assert "requirements.lock is not complete" in finished.stderr
    assert "./dev lock" in finished.stderr
    assert_nothing_is_lost(project)


def installs(text: str) -> list[list[str]]:
    """Return the options of every `pip install` command in a text."""
    found = re.findall(r"-m pip install (.*? -r) ", text.replace("\\\n", " "))
    return [flags.split() for flags in found]


def test_dev_benchmarks_and_docs_use_the_same_pip_install_options() -> None:
    (of_dev,) = installs((ROOT / "dev").read_text())
    assert {"--no-deps", "--require-hashes"} < set(of_dev)
    assert [*installing.INSTALL] == ["-m", "pip", "install", *of_dev]
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    told = [flags for file in documents for flags in installs(file.read_text())]
    assert told == [of_dev]


def test_no_other_file_contains_an_install_command() -> None:
    # In Python files the command is a list of arguments, so each word has quotation marks.
    words = re.compile(r"pip3? install|uv pip (?:install|sync)|\"pip\", \"install\"")
    places = [ROOT / "dev", *(ROOT / ".ci").iterdir(), *(ROOT / "benchmarks").glob("*.py")]
    places += [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    found = {file.name: len(words.findall(file.read_text())) for file in places}
    assert {name: number for name, number in found.items() if number} == {
        "dev": 1, "operations.md": 1, "installing.py": 1,
    }  # fmt: skip


# --- Failed installations ------------------------------------------------------------------------


@pytest.mark.trial
def test_a_wheel_with_a_wrong_digest_is_refused_and_the_environment_kept(project: Project) -> None:
    project.write_lock(re.sub(r"sha256:\w{8}", "sha256:" + "0" * 8, project.new))
    finished = project.dev("manage", "tell")
    assert finished.returncode == 1
    assert "DO NOT MATCH THE HASHES" in finished.stderr
    assert "a package is not the one that the lock names" in finished.stderr
    assert "The environment in .venv is as it was." in finished.stderr
    assert_nothing_is_lost(project)


@pytest.mark.trial
def test_without_network_a_new_lock_fails_and_the_old_environment_keeps_working(
    project: Project,
) -> None:
    without = {
        "PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_RETRIES": "0",
        "PIP_INDEX_URL": "http://127.0.0.1:9/",  # no server listens on this port
    }  # fmt: skip
    assert project.versions(**without)["giving"] == "1.0"
    project.write_new_lock()
    finished = project.dev("manage", "tell", **without)
    assert finished.returncode == 1
    assert "the package registry cannot be reached" in finished.stderr
    assert "Repeat the command when the network is there" in finished.stderr
    assert_nothing_is_lost(project)


@pytest.mark.trial
def test_a_killed_installation_keeps_the_environment_and_the_next_one_completes(
    project: Project,
) -> None:
    project.write_new_lock()
    before = set((project.folder / ".dev/environments").iterdir())
    killed = subprocess.Popen(
        ["./dev", "manage", "tell"],
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    half = wait_for_a_half_made_one(project.folder / ".dev/environments", before)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    assert not (half / "ready").exists()
    assert project.versions_of_now()["giving"] == "1.0"
    assert project.versions()["giving"] == "2.0"
    # The unfinished environment was deleted. The old one is kept, for going back without an index.
    assert len(list((project.folder / ".dev/environments").iterdir())) == 2
    assert_can_go_back(project)


def wait_for_a_half_made_one(folder: Path, before: set[Path]) -> Path:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for new in set(folder.iterdir()) - before:
            if list(new.glob("lib/python*/site-packages/pip")):
                return new
        time.sleep(0.01)
    pytest.fail("No environment was begun.")


def assert_can_go_back(project: Project) -> None:
    project.write_lock(project.old)
    assert project.versions(PIP_FIND_LINKS="")["giving"] == "1.0"


@pytest.mark.trial
def test_an_unfinished_environment_in_use_is_kept_until_another_is_installed(
    project: Project,
) -> None:
    ready = project.folder / ".venv" / "ready"
    told = ready.read_text()
    ready.unlink()
    finished = project.dev("manage", "tell", PIP_FIND_LINKS="")
    assert finished.returncode == 1
    assert "The environment in .venv is as it was." in finished.stderr
    assert project.versions_of_now()["giving"] == "1.0"
    ready.write_text(told)
    assert_nothing_is_lost(project)


def test_a_broken_venv_folder_of_an_older_dev_is_replaced(project: Project) -> None:
    link = project.folder / ".venv"
    link.unlink()
    (link / "bin").mkdir(parents=True)  # older versions of dev made a folder, not a link
    (link / "bin" / "python").write_text("")
    assert project.versions(PIP_FIND_LINKS="")["giving"] == "1.0"
    assert link.is_symlink()
    assert [file.name for file in (project.folder / ".dev/environments").glob("before-*")] == []


# --- Missing programs and busy ports -------------------------------------------------------------


def make_program(folder: Path, name: str, *lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    program.chmod(0o755)
    return program


@pytest.fixture
def poor(tmp_path: Path) -> dict[str, str]:
    """Environment variables of a system without root, sudo and Python's module ensurepip."""
    programs = tmp_path / "programs"
    make_program(programs, "id", "echo 1000")
    make_program(programs, "sudo", "echo a password is required >&2", "exit 1")
    make_program(programs, "apt-get", "touch asked-for-packages")
    python = make_program(
        programs,
        "python3",
        'case "$2" in "import ensurepip") exit 1 ;; esac',
        f'exec {shlex.quote(BASE_PYTHON)} "$@"',
    )
    return {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHON": str(python)}


def test_without_sudo_the_missing_debian_package_is_named(
    project: Project, poor: dict[str, str]
) -> None:
    project.write_new_lock()
    finished = project.dev("manage", "tell", **poor)
    assert finished.returncode == 1
    assert "python3-venv is missing" in finished.stderr
    assert "apt-get install python3-venv" in finished.stderr
    assert not (project.folder / "asked-for-packages").exists()
    assert_nothing_is_lost(project)


def test_an_installed_environment_works_without_sudo(
    project: Project, poor: dict[str, str]
) -> None:
    assert project.versions(**poor)["giving"] == "1.0"


@pytest.mark.parametrize("python", ["nonsense", "false"])
def test_a_wrong_program_in_the_variable_python_is_named(project: Project, python: str) -> None:
    finished = project.dev("manage", "tell", PYTHON=python)
    assert finished.returncode == 1
    assert f"PYTHON names {python}, which is not Python 3.11 or newer" in finished.stderr
    assert_nothing_is_lost(project)


def test_a_port_in_use_is_reported_before_anything_is_installed(project: Project) -> None:
    project.write_new_lock()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        finished = project.dev("run", str(port))
    assert finished.returncode == 1
    assert f"cannot serve on 127.0.0.1:{port}: another program uses that port" in finished.stderr
    assert "./dev run 127.0.0.1:8001" in finished.stderr
    assert "Installing" not in finished.stdout
    assert_nothing_is_lost(project)
