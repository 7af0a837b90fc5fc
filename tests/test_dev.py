"""Quick tests of the script `./dev`: syntax, help, unknown commands."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def dev(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["./dev", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("shell", ["sh", "bash", "dash"])
def test_dev_has_valid_syntax_in_every_shell(shell: str) -> None:
    program = shutil.which(shell) or "sh"
    finished = subprocess.run([program, "-n", "dev"], cwd=ROOT, capture_output=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, b"")


@pytest.mark.parametrize("argument", ["help", "-h", "--help"])
def test_help_lists_every_command(argument: str) -> None:
    finished = dev(argument)
    assert finished.returncode == 0
    for command in ("run", "test", "coverage", "check", "bench", "lock", "manage", "help"):
        assert f"./dev {command}" in finished.stdout


def test_dev_without_a_command_prints_the_help() -> None:
    assert dev().stdout == dev("help").stdout


def test_an_unknown_command_fails_and_is_named() -> None:
    finished = dev("tset")
    assert finished.returncode == 1
    assert "there is no command 'tset'" in finished.stderr


def test_dev_can_be_run_from_another_folder(tmp_path: Path) -> None:
    finished = subprocess.run(
        [ROOT / "dev", "help"], cwd=tmp_path, capture_output=True, check=False
    )
    assert finished.returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("script", ["dev", ".ci/run", "manage.py"])
def test_scripts_are_executable(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
