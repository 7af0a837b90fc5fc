"""Who wrote a record and who changed it last, as the history of its rows tells."""

from itertools import groupby
from typing import Any

from partnerships.models import GuideItem, NationalPlatform, Strategy
from programmes.models import Edit, Programme, Story, Version
from stemobs.catalogue.history import LAST_FIRST, WITHHELD, Row, where_since_it_came
from stemobs.entries.history.steps import PROGRAMME, find_row_before
from stemobs.entries.history.undoing import is_picture_moved

# Rows that name a programme and are no part of its record.
ELSEWHERE = [
    model._meta.label_lower
    for model in (
        Story,
        Strategy,
        NationalPlatform.programmes.through,
        GuideItem.programmes.through,
    )
]
State = Programme.State
# What may change when a record gets another state, and what besides when it comes before readers or
# is withdrawn from them.
MOVED = {"state", "changed_at"}
SHOWN_OR_HIDDEN = MOVED | {"withdrawn_reason", "merged_into_id"}


def find_writer(pk: int) -> int | None:
    """Return the id of the user who added a record; None if that was nobody who signed in."""
    inserted = Version.objects.filter(
        where_since_it_came(Programme, pk),
        model=PROGRAMME,
        object_id=pk,
        operation=Version.Operation.INSERT,
    )
    return inserted.values_list("edit__user", flat=True).first()


def find_last_changer(pk: int) -> int | None:
    """Return the id of the user who last changed what a record says, in its facts too.

    To publish it, to withdraw it, to send it to review or to check it against its sources is no
    change of what it says.
    """
    after: Any = Programme.objects.filter(pk=pk).values().get()
    own = Version.objects.filter(where_since_it_came(Programme, pk), programme_id=pk)
    rows = own.exclude(model__in=ELSEWHERE)
    latest = rows.select_related("edit").order_by(*LAST_FIRST).iterator()
    for made, some in groupby(latest, key=lambda version: version.edit):
        versions = list(some)
        before = find_row_before(versions, after)
        is_check = made.kind == Edit.Kind.CHECK
        if not (is_check or is_move_alone(versions, before, after)):
            return made.user_id
        after = before
    return None


def is_move_alone(versions: list[Version], before: Row | None, after: Row | None) -> bool:
    """Whether an edit gave a record another state and changed nothing else, as far as is known."""
    if before is None or after is None or {one.model for one in versions} != {PROGRAMME}:
        return False
    if any(WITHHELD in (one.was or {}) for one in versions):
        return False
    changed = {name for name, value in before.items() if value != after[name]}
    if State.PUBLISHED not in (before["state"], after["state"]):
        return "state" in changed and changed <= MOVED
    if is_picture_moved(before, after):
        changed -= {"logo"}
    return "state" in changed and changed <= SHOWN_OR_HIDDEN
