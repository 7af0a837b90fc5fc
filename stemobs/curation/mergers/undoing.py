"""Undoing a merger by one edit: both records are as they were before."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from programmes.models import Edit, Programme
from stemobs.entries.history.steps import PROGRAMME
from stemobs.entries.history.undoing import RowChange, read_changes

# What a merger writes into the record that goes, which else only a form changes back.
OF_MERGER = frozenset({"state", "withdrawn_reason", "merged_into_id"})


class MergedRecords(NamedTuple):
    """The two records of a merger, by their ids."""

    goes: int
    stays: int


def list_changes_of_merger(made: Edit) -> list[RowChange]:
    """Return what an edit did to all rows, if it merged two records; else nothing."""
    rows = dict.fromkeys(made.versions.order_by("pk").values_list("model", "object_id"))
    if sum(label == PROGRAMME for label, _pk in rows) < len(MergedRecords._fields):
        return []
    changes = [*read_changes(rows, {made.pk})]
    if find_merged(changes) is None:
        return []
    told = [one for one in changes if one.is_told]
    return [replace(one, free=OF_MERGER) if one.model is Programme else one for one in told]


def find_merged(changes: Sequence[RowChange]) -> MergedRecords | None:
    """Return which record an edit merged into which; None if it merged none.

    A form that says of one record alone where it leads has changed nothing in the other.
    """
    written = {one.pk for one in changes if one.model is Programme}
    for one in changes:
        if one.model is Programme and "merged_into_id" in one.columns:
            before: Any = one.before
            after: Any = one.after
            if before["merged_into_id"] is None and after["merged_into_id"] in written:
                return MergedRecords(one.pk, after["merged_into_id"])
    return None
