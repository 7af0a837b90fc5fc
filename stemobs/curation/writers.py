"""Who wrote a record and who changed it last, as the history of its rows tells."""

from itertools import groupby
from typing import Any

from partnerships.models import GuideItem, NationalPlatform, Strategy
from programmes.models import Programme, Story, Version
from stemobs.catalogue.history import LAST_FIRST, WITHHELD, Row
from stemobs.entries.history.steps import PROGRAMME, find_row_before

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
# What may change when a record is published, withdrawn or restored. Its picture gets another name.
MOVED = {"state", "withdrawn_reason", "merged_into_id", "logo", "changed_at"}


def find_writer(pk: int) -> int | None:
    """Return the id of the user who added a record; None if that was nobody who signed in.

    The last one to do so: a restored dump may give a number again that another record had.
    """
    inserted = Version.objects.filter(
        model=PROGRAMME, object_id=pk, operation=Version.Operation.INSERT
    )
    return inserted.order_by("-pk").values_list("edit__user", flat=True).first()


def find_last_changer(pk: int) -> int | None:
    """Return the id of the user who last changed what a record says, in its facts too.

    To publish it, to withdraw it or to send it to review is no change of what it says.
    """
    after: Any = Programme.objects.filter(pk=pk).values().get()
    rows = Version.objects.filter(programme_id=pk).exclude(model__in=ELSEWHERE)
    latest = rows.select_related("edit").order_by(*LAST_FIRST).iterator()
    for made, some in groupby(latest, key=lambda version: version.edit):
        versions = list(some)
        before = find_row_before(versions, after)
        if not is_move_alone(versions, before, after):
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
    return "state" in changed and changed <= MOVED
