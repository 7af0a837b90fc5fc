"""Database triggers that record every change of the catalogue, so that processes renew their index.

Triggers see every write: also `update()`, bulk writes, cascades and fixtures, which send no Django
signals, and SQL from outside Django.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any, NamedTuple

from django.apps import AppConfig, apps
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.db.models.signals import post_migrate, pre_migrate
from django.dispatch import receiver
from django.utils import timezone

from partnerships.models import Organisation
from programmes.models import (
    Audience,
    CareerFactor,
    Change,
    Country,
    Departure,
    EducationLevel,
    Fact,
    InitiativeKind,
    Programme,
    Revision,
    SeededRow,
    Suggestion,
)

APPS = ("programmes", "partnerships")
UNRECORDED = {Change, Departure, Revision, SeededRow, Suggestion}
SUBJECTS: dict[type[models.Model] | None, Change.Subject] = {
    Programme: Change.Subject.PROGRAMME,
    Organisation: Change.Subject.ORGANISATION,
}
# What belongs to a fact, as a claim to a discrepancy, belongs to the programme of that fact.
OF_FACT = "(SELECT programme_id FROM {table} WHERE id = {{row}}.{column})"
# A change of a vocabulary marks everything, because its names are indexed with many programmes.
VOCABULARIES = {Audience, CareerFactor, Country, EducationLevel, InitiativeKind}
EVERYTHING = Change.Subject.EVERYTHING
ANY = 0  # the object id in `Change` rows that stand for everything
EVENTS = ("INSERT", "UPDATE", "DELETE")
# SQL conditions for rows that readers see. A row that stops meeting its condition has departed.
SEEN = {
    Change.Subject.PROGRAMME: f"{{row}}.state = '{Programme.State.PUBLISHED.value}'",
    Change.Subject.ORGANISATION: "TRUE",
}


class Mark(NamedTuple):
    """Which programme or organisation, or everything, a write to a table marks as changed."""

    subject: str
    of: str  # SQL for the id of the marked object; `{row}` is replaced by the written row


class RecordedTable(NamedTuple):
    """A table whose writes raise the revision, and what each write marks as changed."""

    table: str
    marks: tuple[Mark, ...] = ()
    seen: str = ""  # SQL condition for rows that readers see; only for tables of pages

    def write_departure_condition(self, event: str, old: str, new: str) -> str:
        """Return the SQL condition under which a write hides a row from readers; "" if never.

        `old` and `new` are the SQL names of the row before and after the write.
        """
        saw, sees = (self.seen.format(row=row) for row in (old, new))
        match event:
            case "DELETE":
                return saw
            case "UPDATE" if saw != sees:
                return f"{saw} AND NOT {sees}"
        return ""


def list_recorded_tables() -> Iterator[RecordedTable]:
    """Yield every table that gets triggers, including those of many-to-many relations."""
    for name in APPS:
        for model in apps.get_app_config(name).get_models(include_auto_created=True):
            if model not in UNRECORDED:
                yield describe_recorded_table(model)


def describe_recorded_table(model: type[models.Model]) -> RecordedTable:
    """Return what a write to this model's table marks: its own row, or the rows it refers to."""
    table, subject = model._meta.db_table, SUBJECTS.get(model)
    if subject:
        return RecordedTable(table, (Mark(subject, "{row}.id"),), SEEN[subject])
    if VOCABULARIES & {model, model._meta.auto_created}:
        return RecordedTable(table, (Mark(EVERYTHING, str(ANY)),))
    return RecordedTable(table, tuple(list_marks(model)))


def list_marks(model: type[models.Model]) -> Iterator[Mark]:
    """Yield a mark for each foreign key of a model to a programme, its fact, or an organisation."""
    for field in model._meta.concrete_fields:
        related = field.related_model
        if subject := SUBJECTS.get(related):
            yield Mark(subject, f"{{row}}.{field.column}")
        elif related and issubclass(related, Fact):
            of = OF_FACT.format(table=related._meta.db_table, column=field.column)
            yield Mark(Change.Subject.PROGRAMME, of)


# --- The triggers of SQLite, which run once for each row ------------------------------------------

SQLITE_TRIGGER = """
CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN
  UPDATE programmes_revision
     SET number = number + 1, changed_at = strftime('%Y-%m-%d %H:%M:%f', 'now');
  {steps}
END
"""
# DELETE and INSERT rather than “ON CONFLICT DO UPDATE”: if the statement that fires the trigger is
# an INSERT OR IGNORE, SQLite applies OR IGNORE to the statements of the trigger as well.
SQLITE_MARK = """
  DELETE FROM programmes_change WHERE subject = '{subject}' AND object_id = {row};
  INSERT INTO programmes_change (subject, object_id, revision)
    SELECT '{subject}', {row}, number FROM programmes_revision WHERE {row} IS NOT NULL;
"""
SQLITE_DEPARTURE = """
  DELETE FROM programmes_departure
   WHERE subject = '{subject}' AND object_id = OLD.id AND {left};
  INSERT INTO programmes_departure (subject, object_id, slug, revision)
    SELECT '{subject}', OLD.id, OLD.slug, number FROM programmes_revision WHERE {left};
"""
SQLITE_SIDES = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def write_sqlite_triggers(one: RecordedTable) -> Iterator[str]:
    """Yield the CREATE TRIGGER statements for one table on SQLite."""
    for event in EVENTS:
        name = f"{one.table}_{event.lower()}_recorded"
        steps = [
            SQLITE_MARK.format(subject=mark.subject, row=mark.of.format(row=side))
            for mark, side in product(one.marks, SQLITE_SIDES[event])
        ]
        if left := one.write_departure_condition(event, "OLD", "NEW"):
            steps.append(SQLITE_DEPARTURE.format(subject=one.marks[0].subject, left=left))
        yield SQLITE_TRIGGER.format(name=name, event=event, table=one.table, steps="".join(steps))


# --- The triggers of PostgreSQL, which run once for each statement --------------------------------

# The revision is raised before the statement, so that every writer locks this row first and no two
# writers deadlock. It is raised once in a transaction, because PostgreSQL would otherwise keep
# a dead version of the row for each statement.
POSTGRESQL_FUNCTIONS = (
    """
CREATE OR REPLACE FUNCTION programmes_raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE programmes_revision
     SET number = number + 1, changed_at = clock_timestamp(),
         transaction = pg_current_xact_id()::text
   WHERE transaction <> pg_current_xact_id()::text;
  RETURN NULL;
END $$
""",
    """
CREATE OR REPLACE FUNCTION programmes_mark_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  mark text := format(
    'INSERT INTO programmes_change (subject, object_id, revision)
     SELECT DISTINCT %L, row_id::bigint, number
       FROM (SELECT %s AS row_id FROM %%I AS fact) AS rows, programmes_revision
      WHERE row_id IS NOT NULL
         ON CONFLICT (subject, object_id) DO UPDATE SET revision = excluded.revision',
    TG_ARGV[0], TG_ARGV[1]);
BEGIN
  IF TG_OP <> 'INSERT' THEN EXECUTE format(mark, 'gone'); END IF;
  IF TG_OP <> 'DELETE' THEN EXECUTE format(mark, 'come'); END IF;
  RETURN NULL;
END $$
""",
    """
CREATE OR REPLACE FUNCTION programmes_mark_departures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'INSERT INTO programmes_departure (subject, object_id, slug, revision)
     SELECT %L, gone.id, gone.slug, number FROM programmes_revision, %s
         ON CONFLICT (subject, object_id)
         DO UPDATE SET slug = excluded.slug, revision = excluded.revision',
    TG_ARGV[0], TG_ARGV[1]);
  RETURN NULL;
END $$
""",
)
POSTGRESQL_RAISE = """
CREATE TRIGGER {table}_raise BEFORE INSERT OR UPDATE OR DELETE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION programmes_raise_revision()
"""
POSTGRESQL_MARK = """
CREATE TRIGGER {table}_{event}_recorded_{number} AFTER {event} ON {table}
  REFERENCING {sides}
  FOR EACH STATEMENT EXECUTE FUNCTION programmes_mark_changes('{subject}', '{row}')
"""
POSTGRESQL_DEPARTURE = """
CREATE TRIGGER {table}_{event}_departed AFTER {event} ON {table}
  REFERENCING {sides}
  FOR EACH STATEMENT
  EXECUTE FUNCTION programmes_mark_departures('{subject}', $${rows} WHERE {left}$$)
"""
POSTGRESQL_LEFT = {"UPDATE": "gone JOIN come USING (id)", "DELETE": "gone"}
POSTGRESQL_SIDES = {
    "INSERT": "NEW TABLE AS come",
    "UPDATE": "OLD TABLE AS gone NEW TABLE AS come",
    "DELETE": "OLD TABLE AS gone",
}


def write_postgresql_triggers(one: RecordedTable) -> Iterator[str]:
    """Yield the CREATE TRIGGER statements for one table on PostgreSQL."""
    yield POSTGRESQL_RAISE.format(table=one.table)
    for event, sides in POSTGRESQL_SIDES.items():
        of_event = {"table": one.table, "event": event, "sides": sides}
        for number, mark in enumerate(one.marks, 1):
            row = mark.of.format(row="fact")
            yield POSTGRESQL_MARK.format(**of_event, number=number, subject=mark.subject, row=row)
        if left := one.write_departure_condition(event, "gone", "come"):
            subject, rows = one.marks[0].subject, POSTGRESQL_LEFT[event]
            yield POSTGRESQL_DEPARTURE.format(**of_event, subject=subject, rows=rows, left=left)


# --- Installing and removing the triggers ---------------------------------------------------------

MAKE = {"sqlite": write_sqlite_triggers, "postgresql": write_postgresql_triggers}
# Queries for the DROP statements of the triggers that exist. The database is asked, because tables
# and columns may have been renamed since the triggers were made.
STANDING = {
    "sqlite": """
SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger' AND name GLOB '*_recorded'
""",
    "postgresql": """
SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass)
  FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
 WHERE proname IN (
   'programmes_raise_revision', 'programmes_mark_changes', 'programmes_mark_departures')
""",
}


def list_standing_tables(connection: BaseDatabaseWrapper) -> list[RecordedTable]:
    """Return the recorded tables that exist; fewer than all while migrations are incomplete."""
    names = set(connection.introspection.table_names())
    standing = [one for one in list_recorded_tables() if one.table in names]
    if Departure._meta.db_table in names:
        return standing
    return [one._replace(seen="") for one in standing]


def install_triggers(using: str) -> None:
    """Drop all triggers of the change feed, then create them for every existing table."""
    connection = connections[using]
    with transaction.atomic(using), connection.cursor() as cursor:
        remove_triggers(using)
        if connection.vendor == "postgresql":
            for function in POSTGRESQL_FUNCTIONS:
                cursor.execute(function)
        for one in list_standing_tables(connection):
            for statement in MAKE[connection.vendor](one):
                cursor.execute(statement)


def remove_triggers(using: str) -> None:
    connection = connections[using]
    with transaction.atomic(using), connection.cursor() as cursor:
        cursor.execute(STANDING[connection.vendor])
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


@contextmanager
def pause_triggers(using: str = "default") -> Iterator[None]:
    """Remove the triggers within the block, then restore them and mark everything as changed.

    This speeds up very large writes. The triggers are missing for all connections meanwhile, so it
    is only for a database that nobody else uses.
    """
    remove_triggers(using)
    try:
        yield
    finally:
        install_triggers(using)
        record_everything(using)


@receiver(pre_migrate)
def remove_triggers_before_migration(
    sender: AppConfig, using: str, plan: Any = None, **kwargs: Any
) -> None:
    """Remove the triggers before migrations that they would break.

    To alter a table, SQLite rebuilds it and fails on triggers that name other tables. A backward
    migration may drop the tables that the triggers write to.
    """
    steps = plan or ()
    is_back = any(is_backwards for _migration, is_backwards in steps)
    is_remade = bool(steps) and connections[using].vendor == "sqlite"
    if sender.label == "programmes" and (is_back or is_remade):
        remove_triggers(using)


@receiver(post_migrate)
def install_triggers_after_migration(
    sender: AppConfig, using: str, plan: Any = None, apps: Any = None, **kwargs: Any
) -> None:
    """Install the triggers after migrations, and mark everything as changed if any was applied."""
    if sender.label != "programmes" or Revision._meta.db_table not in (
        connections[using].introspection.table_names()
    ):
        return
    Revision.objects.using(using).get_or_create(pk=1)
    install_triggers(using)
    if plan is None or plan:
        record_everything(using)


def record_everything(using: str = "default") -> None:
    """Raise the revision and mark everything as changed, so that processes rebuild their index."""
    with transaction.atomic(using):
        revisions = Revision.objects.using(using)
        revisions.get_or_create(pk=1)
        revisions.update(number=F("number") + 1, changed_at=timezone.now())
        Change.objects.using(using).update_or_create(
            subject=EVERYTHING, object_id=ANY, defaults={"revision": revisions.get().number}
        )
