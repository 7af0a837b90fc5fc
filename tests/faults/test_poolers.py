"""The site behind PgBouncer in its mode “transaction”, as docs/operations.md describes it."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from tests.faults.curators import Curator
from tests.faults.load import MIXED, ask
from tests.faults.poolers import pooled
from tests.faults.sites import WORKERS, Site
from tests.servers import ROOT, free_port, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.trial,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to pool."),
]

THREADS = 12
# A file in the order of its rows is the same however it is read.
FILES = ("/programmes.csv", "/programmes.ndjson", "/programmes/figures.csv")
SHOW = (
    "import django; django.setup(); from django.db import connection, transaction\n"
    "with transaction.atomic(), connection.cursor() as cursor:\n"
    "    for name in ('statement_timeout', 'lock_timeout', 'jit'):\n"
    "        cursor.execute(f'SHOW {name}')\n"
    "        print(name, cursor.fetchone()[0])\n"
)


@pytest.fixture(scope="module")
def environment(site: Site) -> Iterator[dict[str, str]]:
    """The settings of a site behind the pooler, with the database of the other site."""
    assert site.cluster
    with pooled(site.cluster) as url:
        yield {**site.environment, "DATABASE_URL": url, "DATABASE_POOLER": "transaction"}


@pytest.fixture(scope="module")
def behind(
    site: Site, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    log = tmp_path_factory.mktemp("pooler") / "log"
    with free_port() as listener, served(environment, listener, log, *WORKERS) as server:
        yield Site(server, site.cluster, site.file, environment)


def run(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_many_threads_get_the_same_answers_as_without_a_pooler(
    site: Site, behind: Site, right: dict[str, str]
) -> None:
    whole = right | {path: ask(site.port, path).text for path in FILES}
    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(lambda path: ask(behind.port, path), [*MIXED, *FILES] * 8))
    assert {answer.kind for answer in answers} == {"200"}
    assert all(answer.text == whole[answer.path] for answer in answers)
    assert "Traceback" not in behind.read_log()


def test_curators_sign_in_and_save_through_a_pooler(behind: Site) -> None:
    curator = Curator(behind)
    assert curator.sign_in().status == 302
    address = curator.find_programme()
    read = curator.ask(address).read_form(address)
    kept = [(name, value) for name, value in read if name != "summary"]
    fields = [*kept, ("summary", "Saved through a pooler."), ("_continue", "Save")]
    assert curator.ask(address, fields).status == 302
    assert "Saved through a pooler." in curator.ask(address).text


def test_a_transaction_has_its_timeouts_and_no_jit_through_a_pooler(
    environment: dict[str, str],
) -> None:
    finished = run(environment, "-c", SHOW)
    assert finished.stdout.splitlines() == ["statement_timeout 5s", "lock_timeout 3s", "jit off"]


def test_a_dump_is_made_through_a_pooler(environment: dict[str, str], tmp_path: Path) -> None:
    finished = run(environment, "manage.py", "dump", str(tmp_path))
    assert finished.returncode == 0, finished.stderr


def test_the_check_warns_until_the_role_has_a_timeout_and_so_does_the_log(
    site: Site, behind: Site, environment: dict[str, str]
) -> None:
    check = ("manage.py", "check", "--database", "default")
    assert "stemobs.W001" in run(environment, *check).stderr
    assert "Statements outside of transactions have no timeout" in behind.read_log()
    assert site.cluster
    site.cluster.ask("postgres", "ALTER ROLE site SET statement_timeout = '5s'")
    site.cluster.end_connections()
    assert "stemobs.W001" not in run(environment, *check).stderr
    assert "stemobs.W001" not in run(site.environment, *check).stderr
