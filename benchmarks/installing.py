"""The environment of its own into which the contenders from PyPI are installed, by their lock.

`python -m benchmarks.installing` makes it, so that nothing has to be installed later.
"""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.databases import FOLDER

PROGRAMS = Path(os.environ.get("BENCH_PROGRAMS", FOLDER / "contenders"))
LOCK = Path(__file__).resolve().parent.parent / "requirements-bench.lock"
# The same options as in ./dev, which says why pip must not resolve dependencies.
INSTALL = (
    "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
    "--no-deps", "--require-hashes", "-r",
)  # fmt: skip


def find_programs(folder: Path = PROGRAMS) -> Path | None:
    """Return the folder of the contenders' programs, installed into `folder` if they are not yet.

    Return None if they cannot be installed.
    """
    return folder / "bin" if is_ready(folder) or install(folder) else None


def is_ready(folder: Path) -> bool:
    """Whether everything is installed in a folder, from the present lock file."""
    ready = folder / "ready"
    return ready.exists() and ready.read_text() == LOCK.read_text()


def install(folder: Path) -> bool:
    """Install into a new virtual environment; return whether that succeeded."""
    python = folder / "bin" / "python"
    commands: list[list[str | Path]] = [
        [sys.executable, "-m", "venv", "--clear", folder],
        [python, *INSTALL, LOCK],
        [python, "-m", "pip", "check"],  # whether the lock file has every dependency
    ]
    if any(subprocess.run(command, check=False).returncode for command in commands):
        return False
    (folder / "ready").write_text(LOCK.read_text())
    return True


if __name__ == "__main__":
    sys.exit(0 if find_programs() else 1)
