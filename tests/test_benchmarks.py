"""Tests that the benchmark runs: it makes a database, starts servers and measures requests."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from benchmarks.installing import is_ready
from benchmarks.others import find_xapians_python

pytestmark = pytest.mark.trial

ROOT = Path(__file__).parent.parent
CONTENDERS = {
    "empty", "JSON", "304", "page", "page without queries", "SQL", "DRF", "JSON, no cards kept",
    "page, no cards kept", "tantivy", "Xapian",
}  # fmt: skip
# What counts facets as the site does.
COUNTING = {"JSON", "SQL", "tantivy", "Xapian"}
PROGRAMS = ROOT / ".dev" / "bench" / "contenders"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The result of a benchmark of one round with 300 programmes, run in a process of its own."""
    assert is_ready(PROGRAMS), "tantivy is missing: python -m benchmarks.installing"
    assert find_xapians_python(), (
        "Xapian is missing: apt-get install python3-xapian python3-gunicorn"
    )
    folder = tmp_path_factory.mktemp("bench")
    found = folder / "found.json"
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.run", "--sizes", "300", "--rounds", "1"),
            *("--databases", connection.vendor, "--without", "datasette"),
            *("--out", str(found)),
        ],
        cwd=ROOT,
        env={**os.environ, "BENCH_FOLDER": str(folder), "BENCH_PROGRAMS": str(PROGRAMS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "## 300 programmes" in finished.stdout
    return json.loads(found.read_text())["results"][0]


def test_every_contender_is_measured_with_every_query(measured: dict[str, Any]) -> None:
    times = measured["times_ms"]
    assert set(times) == CONTENDERS
    assert {len(shapes) for shapes in times.values()} == {15}
    assert all(time["median"] > 0 for shapes in times.values() for time in shapes.values())


def test_all_contenders_find_the_same_without_a_search(measured: dict[str, Any]) -> None:
    assert measured["warnings"] == []
    found = measured["totals"]["none"]
    assert found["JSON"] == found["SQL"] == found["DRF"] > 250


def test_search_engines_find_and_count_the_same_as_the_site(measured: dict[str, Any]) -> None:
    assert measured["warnings"] == []
    assert len(measured["facets_compared"]) == 10
    assert {frozenset(names) for names in measured["facets_compared"].values()} == {
        frozenset(COUNTING)
    }
    # What a word is found in may differ from the site, but not from one engine to the other.
    assert all(found["tantivy"] == found["Xapian"] for found in measured["totals"].values())


def test_index_freshness_change_and_building_are_measured_too(measured: dict[str, Any]) -> None:
    inside = measured["inside"]
    assert set(inside["index"]) == set(measured["times_ms"]["JSON"])
    assert inside["freshness"]["median"] > 0
    assert inside["change"]["median"] > 0
    assert inside["building"]["cpu_seconds"] > 0


def run_benchmark(module: str, folder: Path, *arguments: str) -> str:
    """Run a benchmark with 300 programmes, on the database of the tests; return its report."""
    finished = subprocess.run(
        [
            *(sys.executable, "-m", f"benchmarks.{module}", "--sizes", "300"),
            *("--databases", connection.vendor, *arguments),
        ],
        cwd=ROOT,
        env={**os.environ, "BENCH_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_the_benchmark_of_curating_asks_the_admin_and_publishes(tmp_path: Path) -> None:
    told = run_benchmark("curating", tmp_path, "--rounds", "1")
    for what in ("list | all", "picker | a source", "form | of a", "by the action", "bytes of a"):
        assert what in told
    assert "desk | a queue" in told


def test_the_benchmark_of_a_cache_sees_no_former_state_for_long_and_no_error(
    tmp_path: Path,
) -> None:
    told = run_benchmark("cached", tmp_path, "--seconds", "21")
    (age,) = re.findall(r"oldest state shown, s \| ([\d.]+) ", told)
    assert float(age) <= 20
    assert "| other than 200 | 0 |" in told
    assert "| 200 while the site is stopped | 40 of 40 |" in told
