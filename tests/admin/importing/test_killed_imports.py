"""Imports as processes that are killed while they write: there is all of one, or nothing of it."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from tests import chance
from tests.servers import ROOT, seeded_site

pytestmark = pytest.mark.trial
ROWS = 12


@pytest.fixture(scope="module")
def environment(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[dict[str, str]]:
    """Environment variables of a site with a migrated and seeded database."""
    folder = tmp_path_factory.mktemp("imports")
    with seeded_site(folder, django_db_blocker, "http://127.0.0.1") as settings:
        yield settings


def begin(environment: dict[str, str], *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.admin.importing.runs", *command],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def do(environment: dict[str, str], *command: str) -> Any:
    said, complaint = (process := begin(environment, *command)).communicate()
    assert process.returncode == 0, complaint
    return json.loads(said)


@pytest.fixture(scope="module")
def start(environment: dict[str, str]) -> float:
    """How long a process takes until it begins to work, in seconds."""
    sheet = str(do(environment, "prepare", "1", "start"))
    begun = time.monotonic()
    do(environment, "tell", sheet, "start")
    return time.monotonic() - begun


@pytest.mark.parametrize("seed", chance.seeds(2))
def test_an_import_that_is_killed_leaves_all_of_it_or_nothing(
    environment: dict[str, str], start: float, seed: int
) -> None:
    sheet = str(do(environment, "prepare", str(ROWS), str(seed)))
    run = begin(environment, "make", sheet)
    time.sleep(random.Random(seed).uniform(start * 0.6, start * 2))
    run.kill()
    run.communicate()
    nothing = {"records": 0, "rows": 0, "state": "reading", "has source": False}
    everything = {"records": ROWS, "rows": ROWS, "state": "drafted", "has source": True}
    assert do(environment, "tell", sheet, str(seed)) in (nothing, everything)
    do(environment, "make", sheet)
    assert do(environment, "tell", sheet, str(seed)) == everything


def test_five_thousand_rows_are_shown_in_twenty_seconds_and_250_megabytes(
    environment: dict[str, str],
) -> None:
    measured = do(environment, "measure", "4990")
    assert measured["rows"] == 100
    assert measured["megabytes"] < 250
    assert measured["seconds"] < 20
