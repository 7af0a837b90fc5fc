"""Works out what a bulk change would make of each record, before anything is written."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from programmes.models import ChangeDraft, Programme
from stemobs.admin.drafts.trying import tried
from stemobs.admin.rights.drawn import count_changes
from stemobs.curation.bulk.changes import (
    CHECKED,
    RELATIONS,
    ChangedValue,
    FieldChange,
    find_faults_of,
    read_records,
)
from stemobs.curation.checks.faults import Fault
from stemobs.curation.states import CHANGEABLE

MARK = 16  # letters of a digest that tell two states of a record apart


@dataclass(frozen=True)
class PlannedRecord:
    """What would become of a record: its value before and after, or why it is left as it is."""

    value: ChangedValue
    before: str
    after: str
    refusal: str = ""
    odd: tuple[str, ...] = ()  # what its readers would find odd, but not wrong
    waits: bool = False  # until a second person approves it

    @property
    def record(self) -> Programme:
        return self.value.record


@dataclass
class BulkPlan:
    """What a bulk change would do: to which records, to which not, and in how many to nothing."""

    change: FieldChange
    rows: list[PlannedRecord]
    same: int  # records in which nothing changes
    changes: Mapping[str, int]  # how often the records were changed so far, by id

    @property
    def ready(self) -> list[PlannedRecord]:
        return [row for row in self.rows if not row.refusal]

    @property
    def refused(self) -> list[PlannedRecord]:
        return [row for row in self.rows if row.refusal]

    @property
    def waiting(self) -> list[PlannedRecord]:
        return [row for row in self.ready if row.waits]

    @property
    def at_once(self) -> list[PlannedRecord]:
        return [row for row in self.ready if not row.waits]

    @cached_property
    def marks(self) -> dict[str, str]:
        """What a page shows of each record, and which state of it that is, as a digest by id."""
        return {
            str(row.record.pk): hashlib.sha256(repr(self.describe(row)).encode()).hexdigest()[:MARK]
            for row in self.rows
        }

    def describe(self, row: PlannedRecord) -> Sequence[Any]:
        number = self.changes[str(row.record.pk)]
        return number, row.value.before, row.value.after, row.refusal, row.odd, row.waits

    def write_marks(self) -> str:
        return signing.dumps(self.marks, salt=__name__, compress=True)

    def list_moved(self, shown: str) -> list[int]:
        """Return the ids of the records that are not as a page showed them."""
        try:
            seen = signing.loads(shown, salt=__name__)
        except signing.BadSignature:
            seen = {}
        ids = {*seen, *self.marks}
        return sorted(int(pk) for pk in ids if seen.get(pk) != self.marks.get(pk))


def make_plan(change: FieldChange, ids: Iterable[int]) -> BulkPlan:
    """Return what a change would make of some records, in a fixed number of queries."""
    relations = [change.field] if change.field in RELATIONS else []
    records = read_records(ids, *relations)
    values = [describe_value(change, one) for one in records]
    changed = [one for one in values if one.before != one.after]
    drafted = {*ChangeDraft.objects.filter(
        programme__in=[one.record.pk for one in changed], state__in=ChangeDraft.OPEN
    ).values_list("programme_id", flat=True)}  # fmt: skip
    refusals = {one.record.pk: explain_leaving(one.record, drafted) for one in changed}
    sound = [one for one in changed if not refusals[one.record.pk]]
    faults = try_change(change, sound, relations)
    return BulkPlan(
        change,
        [plan_record(change, one, refusals, faults) for one in changed],
        len(values) - len(changed),
        count_changes(one.record for one in changed),
    )


def describe_value(change: FieldChange, record: Programme) -> ChangedValue:
    before = change.read(record)
    return ChangedValue(record, before, change.apply(before))


def explain_leaving(record: Programme, drafted: set[int]) -> str:
    """Return why a record is left as it is; "" if nothing keeps it from being changed."""
    if record.state not in CHANGEABLE:
        return _("It is withdrawn. Restore it first.")
    if record.pk in drafted:
        return _("It has a draft of a change. That has to be approved or dropped first.")
    return ""


def try_change(
    change: FieldChange, values: Sequence[ChangedValue], relations: Sequence[str]
) -> dict[int, list[Fault]]:
    """Return by record the faults that a change would bring before readers; nothing of it stays."""
    public = [one for one in values if one.record.is_public]
    if not public or change.field not in CHECKED:
        return {}
    records = [one.record for one in public]
    known = find_faults_of(records)
    with tried():
        change.write(public)
        found = find_faults_of(read_records([one.pk for one in records], *relations))
    return {pk: sorted(found[pk] - known[pk], key=str) for pk in found}


def plan_record(
    change: FieldChange,
    value: ChangedValue,
    refusals: Mapping[int, str],
    faults: Mapping[int, Sequence[Fault]],
) -> PlannedRecord:
    record = value.record
    found = faults.get(record.pk, ())
    errors = " ".join(str(one) for one in found if one.is_error)
    wrong = _("It would not be right any more. %(told)s") % {"told": errors} if errors else ""
    return PlannedRecord(
        value,
        change.tell(value.before),
        change.tell(value.after),
        refusals[record.pk] or wrong,
        tuple(str(one) for one in found if not one.is_error),
        settings.FOUR_EYES and record.is_public,
    )
