"""What the page of a merger knows: both records, what was chosen, and what is in the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programmes.columns.texts import clean_line
from programmes.models import Programme
from stemobs.admin.rights.drawn import count_changes, read_drawn, write_counted
from stemobs.curation.mergers.inward import read_inward, tell_inward
from stemobs.curation.mergers.programmes import TwoRecords
from stemobs.curation.mergers.reading import read_records
from stemobs.curation.mergers.rules import (
    explain_refusal_to_merge,
    find_drafted,
    find_hindrances,
    find_task,
)
from stemobs.entries.history.differences import FACTS

STAY, REASON, ALONE = "stay", "reason", "reason_alone"  # fields of the page


class RecordGone(LookupError):
    """One of two records that were to be merged is not there, or not any more."""


@dataclass
class RecordSide:
    """One of the two records, as the page tells of it."""

    title: str
    record: Programme
    told: str
    inward: Sequence[str]  # what leads to it
    hindrances: Sequence[str]  # what keeps the other one from being merged into it
    is_chosen: bool


class MergerPage:
    """Two records that somebody may merge, as they are now, with what was sent of the choices."""

    def __init__(self, request: HttpRequest, pks: Sequence[int]) -> None:
        """What was changed is counted before the records are read.

        So what changes in between is asked about rather than overlooked.
        """
        self.request = request
        self.counted = count_changes(Programme(pk=pk) for pk in pks)
        records = read_records(pks).values()
        if len(records) != len(pks):
            raise RecordGone
        self.left, self.right = sorted(records, key=lambda one: (not one.is_public, one.pk))
        self.comparison = TwoRecords(self.left, self.right, request.POST)

    @property
    def records(self) -> tuple[Programme, Programme]:
        return self.left, self.right

    # What was sent

    @property
    def is_changed(self) -> bool:
        """Whether one of the two was changed after the page was shown."""
        return read_drawn(self.request) != self.counted

    @property
    def seen(self) -> str:
        return write_counted(self.counted)

    @cached_property
    def stays(self) -> Programme | None:
        """The record that stays, as it was chosen; the left one is proposed."""
        sent = self.request.POST.get(STAY) if self.request.method == "POST" else str(self.left.pk)
        return next((one for one in self.records if str(one.pk) == sent), None)

    @property
    def reason(self) -> str:
        return clean_line(self.request.POST.get(REASON, ""))

    @property
    def reason_alone(self) -> str:
        return clean_line(self.request.POST.get(ALONE, ""))

    # What is in the way

    @cached_property
    def refusal(self) -> str:
        return explain_refusal_to_merge(self.request.user, self.records)

    def list_hindrances(self, stays: Programme) -> list[str]:
        return find_hindrances(self.get_other(stays), stays, self.drafted)

    @cached_property
    def drafted(self) -> set[int]:
        return find_drafted(self.records)

    def get_other(self, record: Programme) -> Programme:
        return self.right if record is self.left else self.left

    # What is told

    @cached_property
    def sides(self) -> list[RecordSide]:
        inward = read_inward(one.pk for one in self.records)
        return [
            RecordSide(
                title,
                record,
                describe_side(record),
                tell_inward(inward[record.pk]),
                self.list_hindrances(record),
                record is self.stays,
            )
            for title, record in zip((_("Left"), _("Right")), self.records, strict=True)
        ]

    @property
    def can_be_merged(self) -> bool:
        return any(not one.hindrances for one in self.sides)

    @cached_property
    def task(self) -> Any:
        return find_task(self.left, self.right)


def describe_side(record: Programme) -> str:
    """Return in words where a record is, in which state, and how much it says."""
    facts = sum(len(getattr(record, kind).all()) for kind in FACTS if kind != "lineage")
    sources = {one.source_id for one in record.citations.all()} - {None}
    added = date_format(localtime(record.created_at), "j F Y")
    parts = [
        ", ".join(map(str, record.countries.all())),
        str(record.get_state_display()),
        _("added on %(day)s") % {"day": added},
        ngettext("%(number)d fact", "%(number)d facts", facts) % {"number": facts},
        ngettext("%(number)d source", "%(number)d sources", len(sources))
        % {"number": len(sources)},
    ]
    return " · ".join(filter(None, parts))
