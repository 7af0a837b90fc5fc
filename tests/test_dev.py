"""The script that starts everything: what can be said of it in a moment."""

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
def test_any_shell_can_read_it(shell: str) -> None:
    program = shutil.which(shell) or "sh"
    finished = subprocess.run([program, "-n", "dev"], cwd=ROOT, capture_output=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, b"")


@pytest.mark.parametrize("argument", ["help", "-h", "--help"])
def test_help_tells_every_command(argument: str) -> None:
    finished = dev(argument)
    assert finished.returncode == 0
    for command in ("run", "test", "coverage", "check", "bench", "lock", "manage", "help"):
        assert f"./dev {command}" in finished.stdout


def test_without_a_command_it_helps() -> None:
    assert dev().stdout == dev("help").stdout


def test_a_mistyped_command_is_named() -> None:
    finished = dev("tset")
    assert finished.returncode == 1
    assert "there is no command 'tset'" in finished.stderr


def test_it_starts_from_any_folder(tmp_path: Path) -> None:
    finished = subprocess.run(
        [ROOT / "dev", "help"], cwd=tmp_path, capture_output=True, check=False
    )
    assert finished.returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("script", ["dev", ".ci/run", "manage.py"])
def test_what_is_to_be_started_can_be_started(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
