"""Runs the validators that `./dev trial validators` installs from npm (see docs/trials.md)."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / ".dev" / "validators"
PACKAGES = FOLDER / "node_modules"
VNU = PACKAGES / "vnu-jar" / "build" / "dist" / "vnu.jar"


def run_program(*command: str | Path, folder: Path = FOLDER) -> subprocess.CompletedProcess[str]:
    """Run a program and return what it says; a validator that finds something ends with 1."""
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=600
    )


def run_validator(
    name: str, *arguments: str | Path, folder: Path = FOLDER
) -> subprocess.CompletedProcess[str]:
    """Run a program of the installed packages by its name, such as `redocly` or `tsc`."""
    return run_program(PACKAGES / ".bin" / name, *arguments, folder=folder)


def check_html(files: Path) -> subprocess.CompletedProcess[str]:
    """Run the Nu HTML Checker over the files of a folder; it writes JSON to standard error."""
    return run_program("java", "-jar", VNU, "--format", "json", "--skip-non-html", files)
