"""Undoing a merger by one edit: both are as they were before, and so is what leads to each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from partnerships.models import FormerOrganisationSlug, Organisation
from programmes.models import Edit, FormerSourceSlug, Programme, Source
from stemobs.entries.history.steps import PROGRAMME
from stemobs.entries.history.undoing import RowChange, read_changes

# What a merger writes into the record that goes, which else only a form changes back.
OF_MERGER = frozenset({"state", "withdrawn_reason", "merged_into_id", "logo"})
# What a merger leaves of a row that records share: its address, which leads to the one that stays.
LEFT_BY: Mapping[Any, str] = {
    FormerOrganisationSlug: Organisation._meta.label_lower,
    FormerSourceSlug: Source._meta.label_lower,
}
TWO = 2
LEFT = {model._meta.label_lower for model in LEFT_BY}


class MergedRecords(NamedTuple):
    """The two rows of a merger: their model, and the ids of each."""

    model: Any
    goes: int
    stays: int

    @property
    def is_shared(self) -> bool:
        """Whether both are rows that records share, of which one was deleted."""
        return self.model is not Programme


def list_changes_of_merger(made: Edit) -> list[RowChange]:
    """Return what an edit did to all rows, if it merged two of them; else nothing."""
    rows = dict.fromkeys(made.versions.order_by("pk").values_list("model", "object_id"))
    records = sum(label == PROGRAMME for label, _pk in rows)
    if records < TWO and not any(label in LEFT for label, _pk in rows):
        return []
    changes = [*read_changes(rows, {made.pk})]
    merged = find_merged(changes)
    if merged is None:
        return []
    if merged.model is Programme:
        changes = [*bring_pictures_back(changes, merged)]
    told = [one for one in changes if one.is_told]
    return [replace(one, free=OF_MERGER) if one.model is Programme else one for one in told]


def bring_pictures_back(changes: Sequence[RowChange], merged: MergedRecords) -> Iterator[RowChange]:
    """Yield what a merger did; each of the two gets back the picture that the other one got.

    Both are called otherwise by now: a picture gets another name where its record is not public.
    """
    of_both = {one.pk: one for one in changes if one.model is Programme}
    goes, stays = of_both[merged.goes], of_both[merged.stays]
    if not goes.now or not stays.now or "logo" not in stays.columns:
        yield from changes
        return
    is_undone = goes.now["merged_into_id"] != merged.stays
    names = {merged.goes: stays.now["logo"], merged.stays: goes.now["logo"]}
    for one in changes:
        if one is not goes and one is not stays:
            yield one
            continue
        back = (one.after or {})["logo"] if is_undone else names[one.pk]
        yield replace(one, before={**(one.before or {}), "logo": back}, brings_picture=True)


def find_merged(changes: Sequence[RowChange]) -> MergedRecords | None:
    """Return which row an edit merged into which; None if it merged none.

    A form that says of one record alone where it leads has changed nothing in the other.
    """
    written = {one.pk for one in changes if one.model is Programme}
    for one in changes:
        if one.model is Programme and "merged_into_id" in one.columns:
            before: Any = one.before
            after: Any = one.after
            if before["merged_into_id"] is None and after["merged_into_id"] in written:
                return MergedRecords(Programme, one.pk, after["merged_into_id"])
    return next(find_shared(changes), None)


def find_shared(changes: Sequence[RowChange]) -> Iterator[MergedRecords]:
    """Yield the rows that records share, and that went and left their address to another one."""
    gone = {
        (one.model._meta.label_lower, one.before["slug"]): one
        for one in changes
        if one.model in (Organisation, Source) and one.before and one.after is None
    }
    for one in changes:
        if one.model not in LEFT_BY or one.before is not None or one.after is None:
            continue
        if went := gone.get((LEFT_BY[one.model], one.after["slug"])):
            stays = one.after[f"{went.model._meta.model_name}_id"]
            yield MergedRecords(went.model, went.pk, stays)
