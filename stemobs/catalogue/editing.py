"""Edits: what is written to the catalogue in one go, by whom and why.

The triggers keep every row as it was before it changed, and say of which edit that is. So they have
to find the present one, whoever wrote the SQL: in the row of the revision on SQLite, which only its
own transaction can see meanwhile, and in a setting of the transaction on PostgreSQL, which locks
nothing. There the revision is raised when the transaction ends: within it the former one is read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from programmes.models import Edit, Revision
from stemobs.catalogue.states.moments import Moment, read_latest_moment
from stemobs.catalogue.triggers.numbering import TAKE_AT_ONCE
from stemobs.catalogue.triggers.postgresql import PRESENT_EDIT

FIND = {
    "sqlite": "SELECT edit_id FROM programmes_revision",
    "postgresql": f"SELECT nullif(current_setting('{PRESENT_EDIT}', true), '')",
}
NAME = {
    "sqlite": "UPDATE programmes_revision SET edit_id = %s",
    "postgresql": f"SELECT set_config('{PRESENT_EDIT}', %s::text, true)",
}

# A lock of PostgreSQL that no table has. It ends with the transaction.
TAKE_TURN = "SELECT pg_advisory_xact_lock(hashtext('stemobs.turn'))"


@contextmanager
def edit(kind: Edit.Kind, user: Any = None, reason: str = "") -> Iterator[Edit]:
    """Write everything in the block in one transaction, as one edit of the history.

    An edit that changed nothing leaves no trace. An edit within another one stands apart.
    """
    with transaction.atomic():
        begun = Edit.objects.create(kind=kind, user=user, reason=reason)
        with name_present_edit(begun):
            yield begun
        end_edit(begun)


@contextmanager
def name_present_edit(begun: Edit) -> Iterator[None]:
    """Let the triggers find an edit within the block; an error takes it back with all the rest."""
    with connection.cursor() as cursor:
        cursor.execute(FIND[connection.vendor])
        (outer,) = cursor.fetchone() or (None,)
        cursor.execute(NAME[connection.vendor], [begun.pk])
        yield
        cursor.execute(NAME[connection.vendor], [outer])


def end_edit(begun: Edit) -> None:
    """Write into an edit the revision that it led to, and the reason; delete an empty edit.

    On PostgreSQL a trigger writes the revision, when the transaction ends.
    """
    if not begun.versions.exists():
        begun.delete()
        return
    if connection.vendor == "postgresql":
        begun.save(update_fields=["reason"])
        return
    begun.revision = Revision.objects.values_list("number", flat=True).get()
    begun.save(update_fields=["revision", "reason"])


def wait_for_turn() -> None:
    """Wait while a form is saved or a dump loaded, and keep the next one waiting.

    Whoever checks what is stored before writing has to: two who check at once could both find that
    a name is free. On SQLite a transaction is the only one that writes anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(TAKE_TURN)


def take_number() -> Moment:
    """Give what this transaction wrote its revision; until it ends, nobody else gets one.

    Nothing that others may write can be waited for afterwards, or both would wait for ever.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(TAKE_AT_ONCE)
    list(Revision.objects.select_for_update())
    return read_latest_moment(connection)
