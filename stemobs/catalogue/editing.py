"""Edits: what is written to the catalogue in one go, by whom and why.

The triggers keep every row as it was before it changed, and say of which edit that is. So they have
to find the present one, whoever wrote the SQL: in the row of the revision on SQLite, which only its
own transaction can see meanwhile, and in a setting of the transaction on PostgreSQL, which locks
nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from programmes.models import Edit, Revision
from stemobs.catalogue.triggers.postgresql import PRESENT_EDIT

FIND = {
    "sqlite": "SELECT edit_id FROM programmes_revision",
    "postgresql": f"SELECT nullif(current_setting('{PRESENT_EDIT}', true), '')",
}
NAME = {
    "sqlite": "UPDATE programmes_revision SET edit_id = %s",
    "postgresql": f"SELECT set_config('{PRESENT_EDIT}', %s::text, true)",
}


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
    """Write into an edit the revision that it led to, and the reason; delete an empty edit."""
    if not begun.versions.exists():
        begun.delete()
        return
    begun.revision = Revision.objects.values_list("number", flat=True).get()
    begun.save(update_fields=["revision", "reason"])
