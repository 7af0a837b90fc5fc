"""Database triggers that record every change of the catalogue, so that processes renew their index.

They also guard what no constraint can say: which figure may supersede which.

Triggers see every write: also `update()`, bulk writes, cascades and fixtures, which send no Django
signals, and SQL from outside Django. This module installs and removes them.
"""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F
from django.db.models.signals import post_migrate, pre_migrate
from django.dispatch import receiver
from django.utils import timezone

from programmes.models import Change, Departure, Edit, Revision, Version
from stemobs.catalogue.states.moments import find_next_beginning
from stemobs.catalogue.triggers.comparing import TRIGGERS, Standing
from stemobs.catalogue.triggers.numbering import (
    AWAIT_PRESENT,
    BEGIN_ANOTHER_HISTORY,
    RECORD_CHANGE,
)
from stemobs.catalogue.triggers.tables import (
    ANY,
    EVERYTHING,
    SUPERSEDED_BY,
    RecordedTable,
    list_recorded_models,
    list_recorded_tables,
)
from stemobs.catalogue.visibility.queries import match_visible
from stemobs.catalogue.visibility.relations import SHOWN, list_shown

# The tables whose rows know whether readers have seen them.
KNOWING = [model._meta.db_table for model in SHOWN]
# Operations of migrations that may write rows.
WRITING = (RunPython, RunSQL)
# On PostgreSQL a comment says after which migrations everything was marked as changed last.
NOTED = "SELECT obj_description('programmes_pending'::regclass)"
NOTE = "COMMENT ON TABLE programmes_pending IS %s"


def list_standing_tables(connection: BaseDatabaseWrapper) -> list[RecordedTable]:
    """Return the recorded tables that exist; fewer than all while migrations are incomplete."""
    names = set(connection.introspection.table_names())
    standing = [one for one in list_recorded_tables() if one.table in names]
    if not {Departure._meta.db_table, *KNOWING}.issubset(names) or not all(
        "is_public" in read_columns(connection, table) for table in KNOWING
    ):
        standing = [RecordedTable(one.table, one.label, one.marks) for one in standing]
    if Version._meta.db_table in names:
        standing = [one._replace(columns=read_columns(connection, one.table)) for one in standing]
    return [one if SUPERSEDED_BY in one.columns else one._replace(alike=()) for one in standing]


def read_columns(connection: BaseDatabaseWrapper, table: str) -> tuple[str, ...]:
    """Return the columns that a table has, sorted; the model may have those of a later release."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} LIMIT 0")  # noqa: S608  # only Django's name of a table
        return tuple(sorted(column[0] for column in cursor.description))


def install_triggers(using: str) -> Standing:
    """Make the triggers of the change feed those of this release, and touch only what differs."""
    connection = connections[using]
    with transaction.atomic(using), connection.cursor() as cursor:
        triggers = TRIGGERS[connection.vendor](cursor)
        return triggers.make(list_standing_tables(connection), has_edits=has_edits(using))


def remove_triggers(using: str) -> None:
    connection = connections[using]
    with transaction.atomic(using), connection.cursor() as cursor:
        triggers = TRIGGERS[connection.vendor](cursor)
        triggers.remove(triggers.list_standing())


@contextmanager
def pause_triggers(using: str = "default") -> Iterator[None]:
    """Remove the triggers within the block, then restore them and mark everything as changed.

    This speeds up very large writes, of which history keeps nothing. The triggers are missing for
    all connections meanwhile, so it is only for a database that nobody else uses.
    """
    remove_triggers(using)
    try:
        yield
    finally:
        install_triggers(using)
        record_unseen_writes(using)


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
    """Install the triggers after migrations, and mark everything as changed if any was applied.

    What a killed migration left undone is done by the next one, even if that applies none.
    """
    if sender.label != "programmes" or Revision._meta.db_table not in (
        connections[using].introspection.table_names()
    ):
        return
    # The database may have an earlier schema, for which the model has too many columns.
    revision = (apps or global_apps).get_model("programmes", "Revision")
    if not revision.objects.using(using).exists():
        revision.objects.using(using).create(pk=1)
    # Both or neither: once the triggers stand, nothing else tells what they missed.
    with transaction.atomic(using):
        mark_what_was_missed(using, install_triggers(using), plan)


def mark_what_was_missed(using: str, found: Standing, plan: Any) -> None:
    """Mark everything as changed if migrations were applied, or if tables were without triggers."""
    present = digest_migrations(using)
    is_unfinished = present != read_noted_migrations(using, present)
    # Tables that are bare are new, if others kept their triggers while migrations were applied.
    is_bare = bool(found.bare) and not plan and not (found.has_any and is_unfinished)
    is_unseen = is_bare or has_unseen_writes(using, plan or ())
    if plan is None or plan or found.bare or is_unfinished:
        record_everything(using)
    if is_unseen:
        begin_history(using)
    if is_unfinished:
        note_migrations(using, present)


def digest_migrations(using: str) -> str:
    """Return a digest of which migrations a database has."""
    applied = sorted(MigrationRecorder(connections[using]).applied_migrations())
    return sha256(repr(applied).encode()).hexdigest()[:32]


def read_noted_migrations(using: str, present: str) -> str:
    """Return the digest of the migrations after which everything was marked as changed last.

    On SQLite none is noted, and those that are present count: there the triggers are away until
    all is done.
    """
    if connections[using].vendor != "postgresql":
        return present
    with connections[using].cursor() as cursor:
        cursor.execute(NOTED)
        return cursor.fetchone()[0] or ""


def note_migrations(using: str, present: str) -> None:
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute(NOTE, [present])


def has_unseen_writes(using: str, plan: Iterable[Any]) -> bool:
    """Whether history has no versions of what is there: it begins, or the triggers were away.

    They are while migrations are applied on SQLite, or taken back; most of them write no rows.
    """
    connection = connections[using]
    if Version._meta.db_table not in connection.introspection.table_names():
        return False
    if not Edit.objects.using(using).exists():
        return True
    return any(
        isinstance(step, WRITING)
        for migration, is_back in plan
        if is_back or connection.vendor == "sqlite"
        for step in migration.operations
    )


def record_everything(using: str = "default") -> None:
    """Raise the revision and mark everything as changed, so that processes rebuild their index."""
    record_change(EVERYTHING, ANY, using)


def record_change(subject: str, pk: int, using: str = "default") -> None:
    """Raise the revision and mark something as changed that no trigger saw change."""
    is_counted_last = connections[using].vendor == "postgresql"
    with transaction.atomic(using), connections[using].cursor() as cursor:
        number = None if is_counted_last else raise_and_mark(subject, pk, using)
        # The first edit of a revision tells its time, whatever is written of drafts later.
        if has_edits(using):
            Edit.objects.using(using).create(kind=Edit.Kind.TASK, revision=number)
        if is_counted_last:
            cursor.execute(RECORD_CHANGE, [subject, pk])


def raise_and_mark(subject: str, pk: int, using: str) -> int:
    """Raise the revision of a database with one writer at a time; return its number."""
    revisions = Revision.objects.using(using)
    if not revisions.update(number=F("number") + 1, changed_at=timezone.now()):
        revisions.create(pk=1)
    number = revisions.values_list("number", flat=True).get()
    Change.objects.using(using).update_or_create(
        subject=subject, object_id=pk, defaults={"revision": number}
    )
    return number


def has_edits(using: str) -> bool:
    """Whether the database has a table for edits; an earlier schema has none."""
    return Edit._meta.db_table in connections[using].introspection.table_names()


def record_unseen_writes(using: str = "default") -> None:
    """Mark everything as changed after writes that no trigger saw, so that history lacks them."""
    with transaction.atomic(using):
        show_what_is_named(using)
        record_everything(using)
        begin_history(using)


def show_what_is_named(using: str) -> None:
    """Make public every source and organisation that a row which readers see names."""
    for model in list_recorded_models():
        seen = model._base_manager.using(using).filter(match_visible(model))
        for tie in list_shown(model):
            named = tie.related_model._base_manager.using(using).filter(
                is_public=False, pk__in=seen.values(tie.attname)
            )
            named.update(is_public=True)


def begin_history(using: str) -> None:
    """Note that the revision of this transaction is the first whose rows can be told."""
    with transaction.atomic(using), connections[using].cursor() as cursor:
        begun = Edit.objects.using(using).create(kind=Edit.Kind.UNSEEN)
        if connections[using].vendor == "postgresql":
            cursor.execute(AWAIT_PRESENT)
        else:
            begun.revision = Revision.objects.using(using).values_list("number", flat=True).get()
            begun.save(update_fields=["revision"])


def begin_new_history(using: str = "default") -> tuple[int, int]:
    """Begin another history; return the last revision of the one so far and the first of the new.

    Whoever saw revisions that a restored backup does not have is told nothing wrong: they lie below
    the numbers of the new history, and everything counts as changed.
    """
    with transaction.atomic(using), connections[using].cursor() as cursor:
        ended = Revision.objects.using(using).select_for_update().get().number
        begun = find_next_beginning(ended)
        if connections[using].vendor == "postgresql":
            cursor.execute(BEGIN_ANOTHER_HISTORY)
        else:
            Edit.objects.using(using).create(kind=Edit.Kind.ENDED, revision=ended)
            Revision.objects.using(using).update(number=begun - 1, history=uuid.uuid4())
        record_everything(using)
    return ended, begun
