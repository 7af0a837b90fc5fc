"""A partner's long file, read by a process of its own: how long that takes, and how much memory."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.servers import ROOT, seeded_site

pytestmark = pytest.mark.trial


@pytest.fixture
def environment(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[dict[str, str]]:
    """Environment variables of a site with a migrated and seeded database."""
    folder = tmp_path_factory.mktemp("imports")
    with seeded_site(folder, django_db_blocker, "http://127.0.0.1") as settings:
        yield settings


def test_five_thousand_rows_are_shown_in_twenty_seconds_and_250_megabytes(
    environment: dict[str, str],
) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.admin.importing.measuring", "4990"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    measured = json.loads(finished.stdout)
    assert measured["rows"] == 100
    assert measured["megabytes"] < 250
    assert measured["seconds"] < 20
