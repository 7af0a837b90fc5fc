"""What leads to a record that goes, and how it leads to the one that stays afterwards."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone

from partnerships.models import Lineage
from programmes.models import Programme, Suggestion, Task
from stemobs.curation.mergers.relations import FATES_OF_PROGRAMMES, FateOfRows
from stemobs.curation.subjects import find_number, find_row, split_fact
from stemobs.entries.history.differences import FACTS


def move_links(goes: Programme, stays: Programme) -> None:
    """Let what others say of one record name another; what names both already stays as it is.

    Raise ValidationError if a relation would go round in a circle.
    """
    for (model, name), fate in FATES_OF_PROGRAMMES.items():
        if fate is FateOfRows.MOVES and model is not Suggestion:
            for row in model._base_manager.filter(**{name: goes}):
                move(row, name, stays)


def move(row: Any, name: str, stays: Programme) -> None:
    """Let a row name the record that stays, unless it or another one would say it twice."""
    if isinstance(row, Lineage) and row.from_programme_id == stays.pk:
        return
    if names_already(row, name, stays):
        return
    setattr(row, name, stays)
    row.full_clean()
    row.save()


def names_already(row: Any, name: str, stays: Programme) -> bool:
    """Whether another row says the same of the record that stays."""
    model = type(row)
    if model._meta.auto_created:
        ties = [one for one in model._meta.concrete_fields if one.related_model]
        others = {one.attname: getattr(row, one.attname) for one in ties if one.name != name}
    elif isinstance(row, Lineage):
        others = {
            "from_programme": row.from_programme_id,
            "from_strategy": row.from_strategy_id,
            "relation": row.relation,
        }
    else:
        return False
    return bool(model._base_manager.filter(**others, **{name: stays}).exists())


def move_suggestions(
    goes: Programme, stays: Programme, became: Mapping[tuple[str, int], Any]
) -> None:
    """Let suggestions be about the record that stays, and the fact that stands for theirs."""
    for one in Suggestion.objects.filter(programme=goes):
        kind, number = split_fact(one.fact)
        if number is not None:
            one.fact = find_fact(goes, kind, number, became)
        one.programme = stays
        one.save(update_fields=["programme", "fact"])


def find_fact(
    goes: Programme, kind: str, number: int, became: Mapping[tuple[str, int], Any]
) -> str:
    """Return how a fact is called that stands for one of the record that goes; "" if none does."""
    old = find_row(goes, kind, number) if kind in FACTS else None
    new = became.get((kind, old.pk)) if old else None
    return f"{kind}-{find_number(new)}" if new else ""


def close_tasks(goes: Programme) -> None:
    """Close the tasks about a record that goes: their cause has gone with it."""
    Task.objects.filter(Q(programme=goes) | Q(other=goes), state=Task.State.OPEN).update(
        state=Task.State.GONE, closed_at=timezone.now(), taken_by=None, taken_until=None
    )
