"""`migrate` beside a site that goes on, with another release, and after one that was killed."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import LazySettings
from django.db import connection
from pytest_django import DjangoDbBlocker

from stemobs.catalogue.triggers.tables import list_recorded_tables
from tests.curation.suggesting import fill_in
from tests.faults.curators import Curator
from tests.faults.load import MIXED, RECORD, SLUG, Load, ask, describe, is_problem, under_load
from tests.faults.sites import Site, own_site
from tests.servers import MIGRATIONS, ROOT, manage, wait_until

pytestmark = pytest.mark.slow

IS_SQLITE = connection.vendor == "sqlite"
TABLES = ", ".join(one.table for one in list_recorded_tables())
NAME = "programmes_unit_update_" + ("recorded" if IS_SQLITE else "told")
# How the trigger of another release looks to this one.
OTHER = {
    "sqlite": f"""
        DROP TRIGGER {NAME};
        CREATE TRIGGER {NAME} AFTER UPDATE ON programmes_unit BEGIN SELECT 1; END;
    """,
    "postgresql": f"COMMENT ON TRIGGER {NAME} ON programmes_unit IS 'other'",
}
READ_TRIGGER = {
    "sqlite": f"SELECT sql FROM sqlite_master WHERE name = '{NAME}'",  # noqa: S608  # our name
    "postgresql": f"""
        SELECT obj_description(oid, 'pg_trigger') FROM pg_trigger WHERE tgname = '{NAME}'
    """,  # noqa: S608  # our name
}
# What a later release adds, without which the present one did well.
LATER = """
ALTER TABLE programmes_programme ADD COLUMN later varchar(10) NOT NULL DEFAULT '';
CREATE TABLE programmes_later (id integer PRIMARY KEY);
INSERT INTO django_migrations (app, name, applied)
    VALUES ('programmes', '9999_later', '2026-11-29 00:00:00');
"""
# Django leaves no default on a column that may not be empty.
WITHOUT_DEFAULT = """
ALTER TABLE programmes_suggestion ADD COLUMN later text NOT NULL DEFAULT '';
ALTER TABLE programmes_suggestion ALTER COLUMN later DROP DEFAULT;
"""
# Applies the migrations, and is killed before the triggers are looked at.
KILLED = """
import os, signal
import django
django.setup()
from django.core.management import call_command
from django.db.models.signals import post_migrate
from stemobs.catalogue.triggers.installing import install_triggers_after_migration
post_migrate.disconnect(install_triggers_after_migration)
post_migrate.connect(lambda **given: os.kill(os.getpid(), signal.SIGKILL), weak=False)
call_command("migrate", verbosity=0)
"""


@contextmanager
def connected(site: Site) -> Iterator[Any]:
    """Yield a connection of its own to the database of a site."""
    if site.cluster:
        opened = psycopg2.connect(host=str(site.cluster.folder), user="root", dbname="site")
    else:
        opened = sqlite3.connect(site.file, isolation_level=None)
    with closing(opened):
        yield opened


def execute(site: Site, statements: str) -> None:
    with connected(site) as other:
        other.cursor().execute(statements) if site.cluster else other.executescript(statements)
        other.commit()


def read(site: Site, query: str) -> Any:
    with connected(site) as other:
        cursor = other.cursor()
        cursor.execute(query)
        return cursor.fetchone()


@contextmanager
def being_read(site: Site) -> Iterator[Any]:
    """Keep a transaction open that reads, on PostgreSQL with a lock on every table."""
    with connected(site) as reader:
        cursor = reader.cursor()
        cursor.execute("BEGIN" if IS_SQLITE else f"LOCK TABLE {TABLES} IN ACCESS SHARE MODE")
        cursor.execute("SELECT number FROM programmes_revision")
        yield cursor


def migrating(site: Site) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "migrate"],
        cwd=ROOT, env=site.environment, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_migrate_makes_a_trigger_anew_beside_an_open_reader(site: Site) -> None:
    execute(site, OTHER[connection.vendor])
    other = read(site, READ_TRIGGER[connection.vendor])
    with being_read(site) as reader:
        manage(site.environment, "migrate")
        reader.execute("SELECT count(*) FROM programmes_programme")
    assert read(site, READ_TRIGGER[connection.vendor]) not in (other, None)


@pytest.mark.skipif(IS_SQLITE, reason="SQLite has one writer, for whom all others wait.")
def test_migrate_lets_others_go_on_while_it_waits_for_a_writer(site: Site) -> None:
    execute(site, OTHER["postgresql"])
    with connected(site) as writer:
        writer.cursor().execute("LOCK TABLE programmes_unit IN ROW EXCLUSIVE MODE")
        waiting = migrating(site)
        assert waiting.stderr
        assert "Trying again" in waiting.stderr.readline()
        assert ask(site.port, RECORD).kind == "200"
        writer.rollback()
        assert (waiting.communicate()[1], waiting.returncode) == ("", 0)
    assert read(site, READ_TRIGGER["postgresql"]) != ("other",)


# --- Trials, on a site of their own ---------------------------------------------------------------


@pytest.fixture(scope="module")
def own(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Site]:
    with own_site(tmp_path_factory.mktemp("migrating"), django_db_blocker) as served:
        manage(served.environment, "migrate")
        yield served


def assert_all_were_served(name: str, load: Load) -> None:
    """Assert that nobody met an error of the program: a refusal says when to come again."""
    print(describe(name, load))  # noqa: T201  # told by `pytest -rP`, and if the test fails
    wrong = [one for one in load.seen if one.status != 200]
    assert [one.kind for one in wrong if one.status != 503 or not is_problem(one)] == []


def is_well(site: Site) -> bool:
    return {ask(site.port, path).kind for path in MIXED for _turn in range(2)} == {"200"}


def save(site: Site) -> int:
    curator = Curator(site)
    curator.sign_in()
    address = curator.find_programme()
    fields = curator.ask(address).read_form(address)
    return curator.ask(address, [*fields, ("_continue", "Save")]).status


@pytest.mark.trial
def test_a_site_serves_while_its_last_migration_is_taken_back_and_applied_again(own: Site) -> None:
    assert is_well(own)
    with under_load(own.port, MIXED, 8) as load:
        manage(own.environment, "migrate", "programmes", MIGRATIONS[-2])
        manage(own.environment, "migrate")
    assert_all_were_served("back and forth", load)
    wait_until(lambda: is_well(own), "all is well")
    assert save(own) == 302
    assert "Traceback" not in own.read_log()


@pytest.mark.trial
def test_a_release_serves_and_saves_beside_the_schema_of_a_later_one_and_after_the_way_back(
    own: Site,
) -> None:
    assert is_well(own)
    with under_load(own.port, MIXED, 8) as load:
        execute(own, LATER)
        assert save(own) == 302
        # Going back is to start the former release, and to run its `migrate`.
        manage(own.environment, "migrate")
        assert save(own) == 302
    assert_all_were_served("two releases", load)
    wait_until(lambda: is_well(own), "all is well")
    assert "Traceback" not in own.read_log()


@pytest.mark.trial
@pytest.mark.skipif(IS_SQLITE, reason="SQLite adds no such column.")
def test_what_a_release_cannot_save_into_a_later_schema_is_a_503_with_its_text(
    own: Site, settings: LazySettings
) -> None:
    settings.SECRET_KEY = own.environment["SECRET_KEY"]
    execute(own, WITHOUT_DEFAULT)
    refused = Curator(own).ask("/suggest/", [*fill_in().items()])
    execute(own, "ALTER TABLE programmes_suggestion DROP COLUMN later")
    assert refused.status == 503
    assert dict(refused.read_form("/suggest/"))["said"] == fill_in()["said"]
    assert "Traceback" not in own.read_log()


@pytest.mark.trial
def test_a_killed_migrate_leaves_the_site_serving_and_the_next_one_ends_it(
    own: Site, tmp_path: Path
) -> None:
    manage(own.environment, "migrate", "programmes", MIGRATIONS[-2])
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=ROOT, env=own.environment, check=False
    )
    assert killed.returncode < 0
    wait_until(lambda: is_well(own), "all is well")
    execute(own, f"UPDATE programmes_programme SET year_start = 1901 WHERE slug = '{SLUG}'")  # noqa: S608  # ours
    (before,) = read(own, "SELECT number FROM programmes_revision")
    manage(own.environment, "migrate")
    (after,) = read(own, "SELECT revision FROM programmes_change WHERE subject = 'everything'")
    assert after > before
    assert b'"year_start":1901' in ask(own.port, "/api/v1/programmes/?q=jet-net&page_size=100").body
    manage(own.environment, "migrate")
    assert read(own, "SELECT number FROM programmes_revision") == (after,)
