"""A tiny project for tests of `./dev`: the script `dev`, two lock files, and three wheels.

The folder of wheels is the only package index. One wheel requires an extra of a second one, which
is locked at the older of its two versions: pip before 23.3 refuses that if it resolves
dependencies. With Python older than 3.12, the packages are installed with pip 23.0.1, the version
of Debian 12, which the development lock contains. Newer Pythons cannot run that version and use
their own pip.
"""

import base64
import hashlib
import importlib.util
import json
import os
import secrets
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)  # outside any virtual environment
# The manage.py of the tiny project, which prints the versions of the packages that it imports.
MANAGE = """\
import json, os, sys
from importlib.metadata import version
import asking, giving
print(json.dumps({"asking": version("asking"), "giving": version("giving"), "prefix": sys.prefix}))
"""


# --- Wheels and locks ----------------------------------------------------------------------------


def make_wheel(folder: Path, name: str, version: str, *metadata: str) -> Path:
    """Write a minimal wheel that pip accepts: one module, and the required metadata."""
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": head + "".join(f"{line}\n" for line in metadata),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},{record_digest(text)},{len(text)}\n" for file, text in files.items())
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
    return wheel


def record_digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def lock(*wheels: Path) -> str:
    """Return the text of a lock file for these wheels, in the form that `./dev lock` writes."""
    lines = []
    for wheel in wheels:
        name, version, _ = wheel.name.split("-", 2)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lines.append(f"{name}=={version} \\\n    --hash=sha256:{digest}\n")
    return "".join(lines)


# --- A tiny project ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Project:
    """A checkout with only the files that `./dev manage` needs."""

    folder: Path
    wheels: Path
    old: str  # the text of the lock that is installed
    new: str  # the text of another lock, with the second package at its newer version

    @property
    def environment(self) -> dict[str, str]:
        """Return environment variables that make the folder of wheels pip's only index."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": "/proc",  # not even root can write there, so the commands must not need a home
            "PYTHON": BASE_PYTHON,
            "PYTHONPATH": str(self.wheels / "oldest"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            # As a URI, because pip splits this variable at spaces and the path contains a space.
            "PIP_FIND_LINKS": self.wheels.as_uri(),
            "PIP_NO_CACHE_DIR": "1",
        }

    def dev(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["./dev", *command],
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def write_lock(self, text: str) -> None:
        (self.folder / "requirements.lock").write_text(text)

    def write_new_lock(self) -> None:
        """Write the newer lock, for which no virtual environment was installed yet."""
        self.write_lock(f"{self.new}# {secrets.token_hex(4)}\n")

    def versions(self, **environment: str) -> dict[str, str]:
        """Run `./dev manage` and return the versions of the packages that it imports."""
        finished = self.dev("manage", "tell", **environment)
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout.splitlines()[-1])

    def versions_of_now(self) -> dict[str, str]:
        """Return the versions of the packages in .venv, without running `./dev`."""
        command = [".venv/bin/python", "manage.py"]
        finished = subprocess.run(command, cwd=self.folder, capture_output=True, check=True)
        return json.loads(finished.stdout)


def pip_of_debian_12() -> Path | None:
    """Return the folder of pip 23.0.1; None if this Python is too new for it."""
    found = importlib.util.find_spec("pip")
    if sys.version_info >= (3, 12) or not found or not found.origin:
        return None
    return Path(found.origin).parent


def make(folder: Path) -> Project:
    """Make a project with a working virtual environment that was installed from the old lock."""
    wheels, project = folder / "all wheels", folder / "the project"
    (wheels / "oldest").mkdir(parents=True)
    if pip := pip_of_debian_12():
        (wheels / "oldest" / "pip").symlink_to(pip)
    project.mkdir()
    shutil.copy(ROOT / "dev", project)
    (project / "manage.py").write_text(MANAGE)
    asking = make_wheel(wheels, "asking", "1.0", "Requires-Dist: giving[more]>=1.0")
    extra = "Provides-Extra: more"
    older, newer = (make_wheel(wheels, "giving", number, extra) for number in ("1.0", "2.0"))
    tiny = Project(project, wheels, lock(asking, older), lock(asking, newer))
    (project / "requirements-dev.lock").write_text(tiny.old)
    tiny.write_lock(tiny.old)
    tiny.versions()
    return tiny


def assert_nothing_is_lost(project: Project) -> None:
    """Check that the old environment is still in use and works without index and network."""
    assert project.versions_of_now()["giving"] == "1.0"
    project.write_lock(project.old)
    assert project.versions(PIP_FIND_LINKS="")["giving"] == "1.0"
