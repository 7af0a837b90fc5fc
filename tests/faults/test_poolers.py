"""The site behind PgBouncer in its mode “transaction”, as docs/operations.md describes it."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection

from tests.faults.clusters import Cluster
from tests.faults.curators import Curator
from tests.faults.load import MIXED, ask, find_wrong
from tests.faults.poolers import pooled
from tests.faults.sites import WORKERS, Site
from tests.servers import MIGRATIONS, ROOT, free_port, manage, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to pool."),
]

THREADS = 12
# A file in the order of its rows is the same however it is read.
FILES = ("/programmes.csv", "/programmes.ndjson", "/programmes/figures.csv")
CHECK = ("manage.py", "check", "--database", "default")
SET_TIMEOUT = "ALTER ROLE site SET statement_timeout = '5s'"
# Clients that save, each on a connection of its own to the pooler, look for what others have set.
SAVE = """
import django; django.setup()
from concurrent.futures import ThreadPoolExecutor
from django.db import connection
from programmes.models import Edit, Programme
from stemobs.catalogue.editing import edit, wait_for_turn
inside, outside = set(), set()
def show(names):
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"current_setting('{name}', true)" for name in names))
        return " ".join(value or "-" for value in cursor.fetchone())
def save(pk):
    for year in range(1900, 1905):
        with edit(Edit.Kind.TASK):
            wait_for_turn()
            Programme.objects.filter(pk=pk).update(year_start=year)
            inside.add(show(["statement_timeout", "lock_timeout", "jit"]))
        outside.add(show([*("stemobs.edit", "stemobs.edits", "stemobs.awaited"), "jit"]))
    connection.close()
pks = list(Programme.objects.values_list("pk", flat=True)[:8])
with ThreadPoolExecutor(8) as threads:
    list(threads.map(save, pks))
print(*inside, sep="|")
print(*outside, sep="|")
print(Programme.objects.filter(pk__in=pks, year_start=1904).count())
"""
# Statements that take too long, within a transaction and outside of any, at the same time.
SLEEP = """
import django; django.setup()
from concurrent.futures import ThreadPoolExecutor
from django.db import OperationalError, connection, transaction
def sleep(is_inside):
    try:
        with connection.cursor() as cursor:
            if is_inside:
                with transaction.atomic():
                    cursor.execute("SELECT pg_sleep(50)")
            cursor.execute("SELECT pg_sleep(50)")
    except OperationalError as error:
        return error.__cause__.pgcode
with ThreadPoolExecutor(2) as threads:
    print(*threads.map(sleep, [True, False]))
"""
ENDED = "57014"  # PostgreSQL's code for a statement that took too long


def set_up(environment: dict[str, str], url: str, pooler: str = "transaction") -> dict[str, str]:
    """Return the settings of a site with the database of another one, behind a pooler."""
    return {**environment, "DATABASE_URL": url, "DATABASE_POOLER": pooler}


@pytest.fixture(scope="module")
def environment(site: Site, primary: Cluster) -> Iterator[dict[str, str]]:
    """The settings of a site behind the pooler, with the database of the other site."""
    with pooled(primary) as url:
        yield set_up(site.environment, url)


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


def test_many_threads_get_right_answers_through_few_connections(
    behind: Site, right: dict[str, str]
) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(lambda path: ask(behind.port, path), MIXED * 4))
    # Who waits too long for a connection is answered from memory, or asked to come again.
    assert find_wrong(answers, right) == []
    assert {ask(behind.port, path).kind for path in MIXED} == {"200"}
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


def test_each_transaction_has_its_settings_and_leaves_none_to_other_clients(
    environment: dict[str, str],
) -> None:
    finished = run(environment, "-c", SAVE)
    assert finished.stdout.splitlines() == ["5s 3s off", "- - - on", "8"], finished.stderr


# One refuses the settings of a connection, the other drops them.
@pytest.mark.parametrize("more", ["", "ignore_startup_parameters = options"])
def test_a_pooler_that_was_not_announced_is_named_before_anything_is_done(
    site: Site, primary: Cluster, environment: dict[str, str], more: str
) -> None:
    with pooled(primary, more) as url:
        hidden = set_up(site.environment, url, pooler="")
        finished = run(hidden, "manage.py", "migrate")
    assert finished.returncode != 0
    assert "Set DATABASE_POOLER=transaction" in finished.stderr


def test_the_check_warns_until_the_role_has_a_timeout_and_so_does_the_log(
    site: Site, behind: Site, primary: Cluster, environment: dict[str, str]
) -> None:
    assert "stemobs.W001" in run(environment, *CHECK).stderr
    assert "Statements outside of transactions have no timeout" in behind.read_log()
    primary.ask("postgres", SET_TIMEOUT)
    primary.end_connections()
    for settings in (environment, site.environment):
        assert run(settings, *CHECK).stderr.count("stemobs.") == 0


@pytest.mark.trial
def test_statements_that_take_too_long_are_ended_within_transactions_and_outside(
    primary: Cluster, environment: dict[str, str]
) -> None:
    primary.ask("postgres", SET_TIMEOUT)
    primary.end_connections()
    assert run(environment, "-c", SLEEP).stdout.split() == [ENDED] * 2


@pytest.mark.trial
def test_migrations_are_taken_back_and_applied_through_a_pooler(
    environment: dict[str, str],
) -> None:
    manage(environment, "migrate", "programmes", MIGRATIONS[-2])
    manage(environment, "migrate")


@pytest.mark.trial
def test_files_and_a_dump_are_whole_through_a_pooler(
    site: Site, behind: Site, environment: dict[str, str], tmp_path: Path
) -> None:
    for path in FILES:
        assert ask(behind.port, path).text == ask(site.port, path).text
    finished = run(environment, "manage.py", "dump", str(tmp_path))
    assert finished.returncode == 0, finished.stderr
