"""Tests that the triggers of the change feed exist, also after migrations and repairs."""

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections, models
from django.db.migrations import Migration, RunPython
from django.db.models import Count, F
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from programmes.models import (
    Change,
    Departure,
    Edit,
    Programme,
    Unit,
    Version,
)
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.catalogue.states.moments import read_latest_moment
from stemobs.catalogue.triggers.installing import (
    install_triggers,
    install_triggers_after_migration,
    pause_triggers,
    record_everything,
    remove_triggers_before_migration,
)
from stemobs.catalogue.triggers.tables import list_recorded_tables
from tests import builders
from tests.catalogue.marks import (
    EVERYTHING,
    begin_another_transaction,
    marked,
    marks,
    number,
    of,
    undone,
)

pytestmark = pytest.mark.django_db


# --- Installing and pausing triggers --------------------------------------------------------------

TRIGGERS = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": """
        SELECT tgname, relname, pg_get_triggerdef(pg_trigger.oid)
          FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal
    """,
}


def triggers(using: str = "default") -> set[tuple[str, str, str]]:
    with connections[using].cursor() as cursor:
        cursor.execute(TRIGGERS[connections[using].vendor])
        return set(cursor.fetchall())


# On PostgreSQL two more tables have triggers, which give a transaction its number.
NUMBERED = {"programmes_edit", "programmes_pending"} if connection.vendor == "postgresql" else set()


def test_exactly_the_recorded_tables_have_triggers() -> None:
    recorded = {one.table for one in list_recorded_tables()}
    assert {table for _name, table, _sql in triggers()} == recorded | NUMBERED


def test_installing_the_triggers_again_leaves_the_same_triggers(programme: Programme) -> None:
    before = triggers()
    for _time in range(3):
        connection.check_constraints()  # PostgreSQL alters no table with pending deferred checks
        install_triggers("default")
    assert triggers() == before
    assert marked(programme.save) == of(programme)


def test_missing_triggers_are_restored_after_a_migrate_without_migrations(
    programme: Programme,
) -> None:
    connection.check_constraints()
    before = triggers()
    on = " ON programmes_programme" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name, table, _sql in before:
            if table == "programmes_programme":
                cursor.execute(f"DROP TRIGGER {name}{on}")
    begin_another_transaction()
    revision = number()
    Programme.objects.filter(pk=programme.pk).update(name="Missed")
    assert number() == revision
    connection.check_constraints()
    install_triggers_after_migration(apps.get_app_config("programmes"), using="default", plan=[])
    assert triggers() == before
    assert marks(revision) == EVERYTHING
    assert marked(programme.save) == of(programme)


def differ(name: str) -> None:
    """Let a trigger be that of another release."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"COMMENT ON TRIGGER {name} ON programmes_unit IS 'other'")
            return
        cursor.execute(f"DROP TRIGGER {name}")
        cursor.execute(f"CREATE TRIGGER {name} AFTER UPDATE ON programmes_unit BEGIN SELECT 1; END")


def test_a_migrate_without_migrations_makes_only_the_trigger_that_differs() -> None:
    call_command("migrate", verbosity=0)
    connection.check_constraints()
    before = triggers()
    name = min(one[0].lower() for one in before if one[1] == "programmes_unit")
    with CaptureQueriesContext(connection) as nothing:
        call_command("migrate", verbosity=0)
    differ(name)
    with CaptureQueriesContext(connection) as one_trigger:
        call_command("migrate", verbosity=0)
    assert list_made(nothing) == []
    assert len(list_made(one_trigger)) == 2
    assert all(name in statement.lower() for statement in list_made(one_trigger))
    assert triggers() == before


def list_made(captured: CaptureQueriesContext) -> list[str]:
    """Return the statements that changed what the database is made of."""
    changing = ("CREATE", "ALTER", "DROP", "COMMENT")
    found = (query["sql"].strip() for query in captured.captured_queries)
    return [statement for statement in found if statement.startswith(changing)]


def test_everything_counts_as_changed_only_if_a_migration_was_applied() -> None:
    sender = apps.get_app_config("programmes")
    plan = [(Migration("a_step", "programmes"), False)]
    assert (
        marked(lambda: install_triggers_after_migration(sender, using="default", plan=plan))
        == EVERYTHING
    )
    assert marked(lambda: install_triggers_after_migration(sender, using="default")) == EVERYTHING
    before = number()
    install_triggers_after_migration(sender, using="default", plan=[])
    install_triggers_after_migration(apps.get_app_config("partnerships"), using="default")
    assert number() == before


def test_writes_with_paused_triggers_mark_everything_once_at_the_end() -> None:
    connection.check_constraints()
    before, standing = number(), triggers()
    with pause_triggers():
        programme = builders.make_programme()
        Unit.objects.update(name=F("name"))
        assert triggers() == set()
        assert (number(), marks(before)) == (before, set())
        connection.check_constraints()
    assert marks(before) == EVERYTHING
    assert triggers() == standing
    assert marked(programme.save) == of(programme)


def test_an_error_while_triggers_are_paused_still_restores_them_and_marks_everything() -> None:
    connection.check_constraints()
    before, standing = number(), triggers()
    with pytest.raises(ValueError, match="half-way"), pause_triggers():
        raise ValueError("half-way")
    assert triggers() == standing
    assert marks(before) == EVERYTHING


def test_record_everything_can_be_called_repeatedly() -> None:
    for _time in range(2):
        assert marked(record_everything) == EVERYTHING
    assert Change.objects.get(subject="everything").revision == number()


def test_history_begins_anew_after_a_migration_that_may_have_written_unseen() -> None:
    """The triggers are away meanwhile; on PostgreSQL only while migrations are taken back."""
    sender = apps.get_app_config("programmes")
    schema, data = Migration("schema", "programmes"), Migration("data", "programmes")
    data.operations = [RunPython(RunPython.noop)]
    begun = Edit.objects.filter(kind=Edit.Kind.UNSEEN)
    before = begun.count()
    install_triggers_after_migration(sender, using="default", plan=[(schema, False)])
    assert begun.count() == before
    install_triggers_after_migration(sender, using="default", plan=[(data, False)])
    assert begun.count() == before + (connection.vendor == "sqlite")
    install_triggers_after_migration(sender, using="default", plan=[(data, True)])
    assert begun.count() == before + 1 + (connection.vendor == "sqlite")
    assert begun.latest("pk").revision == number()


# --- Migrations of an SQLite database -------------------------------------------------------------


@contextmanager
def opened(file: Path) -> Iterator[str]:
    """Open a second SQLite database, because a test cannot roll back what migrations do."""
    place = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {"init_command": "PRAGMA synchronous=OFF"},  # faster; the file is temporary
    }
    with patch.dict(connections.settings, scratch=connections.settings["default"] | place):
        connections["scratch"] = connections.create_connection("scratch")
    try:
        yield "scratch"
    finally:
        connections["scratch"].close()
        del connections["scratch"]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Path:
    """A migrated SQLite database without entries, to be copied by tests."""
    file = tmp_path_factory.mktemp("migrated") / "empty.sqlite3"
    with django_db_blocker.unblock(), opened(file) as scratch:
        call_command("migrate", database=scratch, verbosity=0)
    return file


@pytest.fixture
def scratch(migrated: Path, tmp_path: Path) -> Iterator[str]:
    """The alias of a second database, which is migrated and has no entries."""
    with opened(shutil.copy(migrated, tmp_path / "scratch.sqlite3")) as alias:
        yield alias


def remake(model: type[models.Model], name: str, using: str) -> None:
    """Alter a column as a migration does, for which SQLite rebuilds the whole table."""
    old = model._meta.get_field(name)
    new = old.clone()
    new.set_attributes_from_name(name)
    new.model, new.max_length = model, 150
    with connections[using].schema_editor() as editor:
        editor.alter_field(model, old, new)


@pytest.mark.trial
@pytest.mark.once
@pytest.mark.slow
def test_a_table_rebuilt_by_sqlite_has_its_triggers_again_after_migrate(scratch: str) -> None:
    before, revision = triggers(scratch), read_latest_moment(connections[scratch]).number
    assert {table for _name, table, _sql in before} == {one.table for one in list_recorded_tables()}
    remake(Unit, "name", scratch)
    unit = Unit._meta.db_table
    assert {table for _name, table, _sql in before - triggers(scratch)} == {unit}
    Unit.objects.using(scratch).create(slug="missed", name="Missed")
    assert read_latest_moment(connections[scratch]).number == revision
    call_command("migrate", database=scratch, verbosity=0)
    assert triggers(scratch) == before
    # What was missed counts as changed, and history begins anew.
    assert read_latest_moment(connections[scratch]).number == revision + 1
    begun = Edit.objects.using(scratch).filter(kind=Edit.Kind.UNSEEN)
    assert begun.latest("pk").revision == revision + 1
    Unit.objects.using(scratch).create(slug="seen", name="Seen")
    assert read_latest_moment(connections[scratch]).number == revision + 2


@pytest.mark.trial
@pytest.mark.once
@pytest.mark.slow
def test_a_new_database_starts_with_everything_marked_as_changed(scratch: str) -> None:
    changes = Change.objects.using(scratch).values_list("subject", "object_id")
    assert list(changes) == [*EVERYTHING]
    assert read_latest_moment(connections[scratch]).number


@pytest.mark.trial
@pytest.mark.once
@pytest.mark.slow
def test_the_change_table_can_be_rebuilt_because_triggers_are_removed_first(scratch: str) -> None:
    before = triggers(scratch)
    remove_triggers_before_migration(
        apps.get_app_config("programmes"), scratch, plan=[("a migration", False)]
    )
    assert triggers(scratch) == set()
    remake(Change, "subject", scratch)
    call_command("migrate", database=scratch, verbosity=0)
    assert triggers(scratch) == before


@pytest.mark.trial
@pytest.mark.once
@pytest.mark.slow
def test_triggers_are_not_removed_if_there_is_nothing_to_migrate(scratch: str) -> None:
    before = triggers(scratch)
    remove_triggers_before_migration(apps.get_app_config("programmes"), scratch, plan=[])
    assert triggers(scratch) == before


@pytest.mark.trial
@pytest.mark.once
@pytest.mark.slow
def test_migrating_back_to_before_the_feed_and_forward_restores_all_triggers(scratch: str) -> None:
    call_command("migrate", "programmes", "0001", database=scratch, verbosity=0)
    Programme.objects.using(scratch).create(slug="before-the-feed", name="Before", scope="local")
    call_command("migrate", database=scratch, verbosity=0)
    # Two more guard which figure may supersede which.
    right = sum(3 + 2 * bool(one.alike) for one in list_recorded_tables())
    assert len(triggers(scratch)) == right


@pytest.mark.trial
@pytest.mark.once
@pytest.mark.slow
def test_after_migrating_back_to_before_departures_programmes_can_be_edited(
    scratch: str,
) -> None:
    call_command("migrate", "programmes", "0003", database=scratch, verbosity=0)
    programmes = Programme.objects.using(scratch)
    programme = programmes.create(slug="one", name="One", scope="local", state="published")
    revision = read_number(scratch)
    programmes.update(state="draft")
    # Not `delete()`, which looks for rows in the tables that later migrations make.
    programmes.filter(pk=programme.pk)._raw_delete(scratch)
    assert read_number(scratch) == revision + 2


def read_number(scratch: str) -> int:
    """Return the revision of a database that may be older than the identity of its history."""
    with connections[scratch].cursor() as cursor:
        cursor.execute("SELECT number FROM programmes_revision")
        return cursor.fetchone()[0]


@pytest.mark.trial
@pytest.mark.once
@pytest.mark.slow
def test_the_migration_records_departures_of_programmes_already_withdrawn(scratch: str) -> None:
    call_command("migrate", "programmes", "0003", database=scratch, verbosity=0)
    programmes = Programme.objects.using(scratch)
    for state in ("draft", "published", "withdrawn"):
        programmes.create(
            slug=state, name=state, scope="local", state=state, withdrawn_reason="Why."
        )
    gone = programmes.get(slug="withdrawn")
    revision = Change.objects.using(scratch).get(subject="programme", object_id=gone.pk).revision
    call_command("migrate", database=scratch, verbosity=0)
    (departure,) = Departure.objects.using(scratch).values(
        "subject", "object_id", "slug", "revision"
    )
    assert departure == {
        "subject": "programme", "object_id": gone.pk, "slug": "withdrawn", "revision": revision,
    }  # fmt: skip


@pytest.mark.trial
@pytest.mark.once
@pytest.mark.slow
def test_history_begins_with_the_rows_that_the_migration_finds(scratch: str) -> None:
    call_command("migrate", "programmes", "0016", database=scratch, verbosity=0)
    programmes = Programme.objects.using(scratch)
    programmes.create(slug="older", name="Older than the history", scope="local")
    call_command("migrate", database=scratch, verbosity=0)
    begun = Edit.objects.using(scratch).get(kind=Edit.Kind.UNSEEN)
    assert begun.revision == read_latest_moment(connections[scratch]).number
    programmes.update(name="Changed")
    (version,) = Version.objects.using(scratch)
    assert (version.operation, version.was["name"]) == ("U", "Older than the history")
    call_command("migrate", "programmes", "0016", database=scratch, verbosity=0)
    programmes.update(name="Changed again")


# --- SQL that fires no trigger --------------------------------------------------------------------


def test_rebuild_index_picks_up_changes_that_fired_no_trigger() -> None:
    with_one = Programme.objects.published().annotate(number=Count("reach")).filter(number=1)
    one, other = with_one.earliest("pk"), with_one.latest("pk")
    reach = one.reach.get()
    connection.check_constraints()
    with undone():
        if connection.vendor == "sqlite":
            replace(reach, programme_id=other.pk)
        else:
            connection.cursor().execute("TRUNCATE programmes_reach, programmes_claim")
        assert one.pk not in get_current_catalogue().programmes.find_with_value("gap", ["reach"])
        call_command("rebuild_index", stdout=io.StringIO())
        assert one.pk in get_current_catalogue().programmes.find_with_value("gap", ["reach"])


def replace(row: models.Model, **columns: Any) -> None:
    """Replace a row by INSERT OR REPLACE, as another program may do it.

    SQLite fires no trigger on the old row then, unless triggers may fire each other.
    """
    fields = [field.column for field in row._meta.concrete_fields]
    values = [columns.get(name, field_value(row, name)) for name in fields]
    places = ", ".join(["%s"] * len(fields))
    # The SQL is safe: names of tables and columns come from the models, and values are parameters.
    sql = f"INSERT OR REPLACE INTO {row._meta.db_table} ({', '.join(fields)}) VALUES ({places})"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers=OFF")
        cursor.execute(sql, values)
        cursor.execute("PRAGMA recursive_triggers=ON")


def field_value(row: models.Model, column: str) -> Any:
    value = getattr(row, column)
    return str(value) if isinstance(value, Decimal) else value
