"""Runs the trials (`./dev trial [--record] [PART …]`): long test runs, in parts with names.

Each part runs some of the tests with many times more random cases (tests/chance.py). The result is
printed as a row for docs/trials.md, or written into that page with `--record`.
"""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "trials.md"
BOTH = ("SQLite", "PostgreSQL")


@dataclass(frozen=True)
class Trial:
    """A part of the trials: the tests to run, and how many more random cases to try."""

    proves: str
    tests: tuple[str, ...]
    times: int = 1  # by how much to multiply the number of random cases of ./dev test
    databases: tuple[str, ...] = BOTH


TRIALS = {
    "fuzzing": Trial(
        "The API and every page answer whatever is asked, as they are described",
        (
            *("tests/api/test_fuzzing.py", "tests/http/test_hostile_input.py"),
            "tests/curation/test_hostile_suggestions.py",
        ),
        times=25,
        databases=("SQLite",),
    ),
    "search": Trial(
        "Index, catalogue and selection answer as the plain model does, after any edits",
        (
            *("tests/catalogue", "tests/selection", "tests/test_text.py"),
            *("tests/entries/test_similar.py", "tests/entries/test_comparison.py"),
            "tests/api/test_counts.py",
            "tests/pages/test_state.py",
        ),
        times=15,
    ),
    "processes": Trial(
        "Many workers and writers at once lose nothing and show no half of a change",
        (
            "tests/processes",
            *(f"--ignore=tests/processes/test_{name}.py" for name in ("kills", "hands")),
        ),
        times=10,
    ),
    "kills": Trial(
        "Workers and writers killed by the hundred leave nothing wrong behind",
        ("tests/processes/test_kills.py",),
        times=40,
    ),
    "hands": Trial(
        "Two who decide at once, or one who is killed meanwhile, leave all of one decision",
        ("tests/processes/test_hands.py",),
        times=20,
    ),
    "faults": Trial(
        "A broken database gives nobody a wrong answer, a 500 or a long wait",
        ("tests/faults",),
        times=8,
    ),
    "hosts": Trial(
        "Whatever befalls several hosts, nobody gets a state that never was, or an older one",
        ("tests/hosts",),
        databases=("PostgreSQL",),
    ),
    "cases": Trial(
        "Every case of every test, of which `./dev test` takes every second one",
        ("tests", "--ignore=tests/browser", "--ignore=tests/validators", "-m", "not trial"),
        databases=("SQLite",),
    ),
    "admin": Trial(
        "Every case of the admin's forms, on PostgreSQL what `./dev test` asks of SQLite alone",
        ("tests/admin", "tests/http/test_sign_in.py"),
    ),
    "saving": Trial(
        "Three people with one form open, in any order: nothing is lost, only conflicts are asked",
        ("tests/admin/test_interleavings.py",),
        times=35,
    ),
    "roles": Trial(
        "Each role may do in the admin what is said of it and nothing else, crafted posts included",
        (
            "tests/curation/test_roles.py",
            "tests/curation/test_writers.py",
            "tests/admin/test_roles.py",
            "tests/admin/test_four_eyes.py",
        ),
    ),
    "tasks": Trial(
        "Over a year of nights, tasks are open, closed and gone as a plain model says",
        ("tests/curation/tasks",),
        times=2,
    ),
    "links": Trial(
        "The check of links survives every server and every kill, in 100 MB for 500 addresses",
        ("tests/curation/links", "tests/curation/test_leases.py"),
    ),
    "imports": Trial(
        "Partners' files are read right or asked about, whatever is in them",
        ("tests/curation/importing", "tests/admin/importing"),
        databases=("SQLite",),
        times=5,
    ),
    "imports-killed": Trial(
        "An import that is killed while it writes leaves all of it or nothing",
        ("tests/processes/test_hands.py", "-k", "killed and file"),
        times=100,
    ),
    "commands": Trial(
        "Every command that README and docs show does what they say, as it is written there",
        ("tests/test_commands.py",),
        databases=("SQLite",),
    ),
    "dumps": Trial(
        "A dump of the whole catalogue comes back as it was, and a drill finds out",
        (
            *("tests/dumps", "--ignore=tests/dumps/test_upgrading.py"),
            *("tests/curation/test_keeping.py", "tests/curation/links/test_checking.py"),
        ),
    ),
    "upgrades": Trial(
        "After all upgrades `seed` updates what nobody touched, and keeps what curators changed",
        ("tests/dumps/test_upgrading.py",),
        databases=("SQLite",),
    ),
    "installs": Trial(
        "An install that fails, is killed or fills the disk leaves the one in use as it was",
        ("tests/test_installing_trial.py", "tests/test_installing.py"),
        databases=("SQLite",),
    ),
    "bench": Trial(
        "The benchmark measures everybody, and all find the same",
        ("-m", "trial", "tests/test_benchmarks.py", "tests/workshop/test_generate.py"),
    ),
    "looks": Trial(
        "Every kind of page in every size and theme: accessible, nothing cut, light",
        ("tests/browser/test_looks.py", "tests/pages/test_site.py"),
        databases=("SQLite",),
    ),
    "journeys": Trial(
        "What people come for, in a browser, on PostgreSQL",
        ("tests/browser", "--ignore=tests/browser/test_looks.py"),
        databases=("PostgreSQL",),
    ),
    "validators": Trial(
        "Others' validators find nothing wrong in what the site serves",
        ("tests/validators",),
        databases=("SQLite",),
    ),
}


@dataclass(frozen=True)
class Outcome:
    """The result of a part of the trials, and how long it took."""

    part: str
    has_passed: bool
    seconds: float

    @property
    def row(self) -> str:
        """Return the result as a row of the table in docs/trials.md."""
        result = "passed" if self.has_passed else "FAILED"
        minutes = f"{self.seconds / 60:.1f} min"
        cells = (f"`{self.part}`", TRIALS[self.part].proves, result, minutes, today(), commit())
        return f"| {' | '.join(cells)} |"


def today() -> str:
    return datetime.now(UTC).date().isoformat()


@cache
def commit() -> str:
    """Return the commit that is checked out, marked if there are uncommitted changes.

    It is looked up once, because recording a result changes a file too.
    """
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty=, changed", "--exclude=*"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return found.stdout.strip() or "unknown"


def run(part: str) -> Outcome:
    """Run a part of the trials on each of its databases, one after the other."""
    begun = time.monotonic()
    codes = [run_on(database, part) for database in TRIALS[part].databases]
    return Outcome(part, not any(codes), time.monotonic() - begun)


def run_on(database: str, part: str) -> int:
    tell(f"Trial: {part} on {database}")
    trial = TRIALS[part]
    folder = f".dev/tests/{part}-{database}"
    others = ["-m", "not once"] if database == "PostgreSQL" else []
    # Proofs may be long, so that no test is taken for one that hangs.
    options = [f"cache_dir={folder}", "faulthandler_timeout=0"]
    command = [sys.executable, "-m", "pytest", "-q", *(f"--override-ini={one}" for one in options)]
    environment = {**os.environ, **databases()[database], "TRIAL_TIMES": str(trial.times)}
    finished = subprocess.run(
        [*command, *others, *trial.tests], cwd=ROOT, env=environment, check=False
    )
    return finished.returncode


def databases() -> dict[str, dict[str, str]]:
    """Return the environment variables for each database, which `./dev trial` has prepared."""
    return {
        "SQLite": {
            "DATABASE_URL": "sqlite://:memory:",
            "TESTS_SEEDED": os.environ["SQLITE_SEEDED"],
        },
        "PostgreSQL": {
            "DATABASE_URL": os.environ["POSTGRESQL_URL"],
            "TESTS_SEEDED": os.environ["POSTGRESQL_SEEDED"],
        },
    }


def recorded(page: str, outcome: Outcome) -> str:
    """Return the text of docs/trials.md with the row of one part replaced by a new result."""
    return re.sub(rf"^\| `{outcome.part}` \|.*$", lambda _row: outcome.row, page, flags=re.M)


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(*given: str) -> int:
    options = {one for one in given if one.startswith("-")}
    parts = [one for one in given if one not in options]
    unknown = [*(options - {"--record", "--check"}), *(one for one in parts if one not in TRIALS)]
    if unknown:
        tell(f"There is no trial {' '.join(unknown)}. There are: {' '.join(TRIALS)}; and --record")
        return 1
    if "--check" in options:
        return 0
    outcomes = []
    for part in parts or TRIALS:
        outcomes.append(outcome := run(part))
        tell(outcome.row)
        # At once, because a later part may be interrupted.
        if "--record" in options:
            PAGE.write_text(recorded(PAGE.read_text(), outcome))
    return 0 if all(outcome.has_passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
