"""Other programs that answer the same questions over the same rows, each as a server of its own."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks import datasette
from benchmarks.databases import ROOT
from benchmarks.installing import find_programs
from benchmarks.servers import Server, gunicorn, served

ENGINES = ROOT / "benchmarks" / "engines"
DEBIANS_PYTHON = "/usr/bin/python3"  # Debian's packages are for this one alone


def find_tantivys_python() -> str | None:
    programs = find_programs()
    return str(programs / "python") if programs else None


def find_xapians_python() -> str | None:
    asked = [DEBIANS_PYTHON, "-c", "import xapian, gunicorn"]
    try:
        found = subprocess.run(asked, check=False, capture_output=True).returncode == 0
    except OSError:
        found = False
    return DEBIANS_PYTHON if found else None


def start_datasette(rows: Path, log: Path) -> Server | None:
    programs = find_programs()
    return datasette.server(programs / "datasette", rows, log) if programs else None


def start_tantivy(rows: Path, log: Path) -> Server | None:
    return start_engine("tantivy", find_tantivys_python(), rows, log)


def start_xapian(rows: Path, log: Path) -> Server | None:
    return start_engine("Xapian", find_xapians_python(), rows, log)


def start_engine(name: str, python: str | None, rows: Path, log: Path) -> Server | None:
    if python is None:
        return None
    application = f"benchmarks.engines.{name.lower()}:serve('{make_index(name, python, rows)}')"
    # Not the site's configuration, which needs Django.
    command = [*gunicorn(python, application), "--config", os.devnull]
    return served(name, command, "/?q=nothing", log)


def make_index(name: str, python: str, rows: Path) -> Path:
    """Return the folder of an engine's index of the rows, made if it is absent."""
    module = name.lower()
    sources = (ENGINES / "answering.py", ENGINES / f"{module}.py")
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()[:8]
    folder = rows.parent / f"{module}-{digest}"
    if not folder.exists():
        part = folder.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        command = [python, "-m", f"benchmarks.engines.{module}", rows, part]
        subprocess.run(command, cwd=ROOT, check=True)
        part.rename(folder)
    return folder


OTHERS = {"Datasette": start_datasette, "tantivy": start_tantivy, "Xapian": start_xapian}


def make_servers(names: Iterable[str], rows: Path, log: Path) -> dict[str, Server]:
    """Return the servers of other programs by name; what is not installed is said and left out."""
    servers = {}
    for name in names:
        if server := OTHERS[name](rows, log):
            servers[name] = server
        else:
            sys.stderr.write(f"{name} is not installed (see above) and is left out.\n")
    return servers
