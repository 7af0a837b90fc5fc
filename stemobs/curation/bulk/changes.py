"""What a bulk change does to a field of a record, and how it is written for many at once.

A value is what such a field holds: the sorted ids of terms, or a status with its year. So what a
record would hold can be worked out, told and compared before anything is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from programmes.models import Citation, Field, Programme, Source
from stemobs.curation.checks.faults import Fault
from stemobs.curation.checks.record import CheckedRecord
from stemobs.curation.checks.rules import check_end, check_kind, check_place

Value = tuple[Any, ...]
RELATIONS = ("levels", "kinds", "audiences", "countries")
NOTHING = "–"
STATUS = Field.STATUS.value
# The checks before publishing that ask for what a bulk change can change, and the fields of these.
RULES = (check_place, check_kind, check_end)
CHECKED = ("countries", "kinds", STATUS)


@dataclass(frozen=True)
class ChangedValue:
    """What a field of a record holds before and after a bulk change."""

    record: Programme
    before: Value
    after: Value


class FieldChange(Protocol):
    """A change of one field, whatever the record."""

    @property
    def field(self) -> str:
        """The name of the field of programmes."""

    def read(self, record: Programme) -> Value:
        """Return what the field of a record holds."""

    def apply(self, before: Value) -> Value:
        """Return what the field becomes."""

    def tell(self, value: Value) -> str:
        """Return what the field holds in words."""

    def tell_change(self, value: ChangedValue) -> str:
        """Return what becomes of the field of a record in words."""

    def write(self, changed: Sequence[ChangedValue]) -> None:
        """Store what the fields of some records become, in a fixed number of queries."""


@dataclass(frozen=True)
class TermsChange:
    """Terms that are added to a field of records, taken away from it, or replaced by another."""

    field: str
    added: frozenset[int]
    taken: frozenset[int]
    names: Mapping[int, str]  # of all terms of the list, by their ids

    @property
    def through(self) -> Any:
        return self.relation.remote_field.through

    @property
    def relation(self) -> Any:
        return Programme._meta.get_field(self.field)

    def read(self, record: Programme) -> Value:
        return tuple(sorted(term.pk for term in getattr(record, self.field).all()))

    def apply(self, before: Value) -> Value:
        """Terms that replace others are only added where one of these was."""
        if self.taken and not self.taken & {*before}:
            return before
        return tuple(sorted(({*before} - self.taken) | self.added))

    def tell(self, value: Value) -> str:
        # In the order of the list of terms, in which they were read.
        return ", ".join(name for pk, name in self.names.items() if pk in value) or NOTHING

    def tell_change(self, value: ChangedValue) -> str:
        came, went = {*value.after} - {*value.before}, {*value.before} - {*value.after}
        told = {_("Added: %(terms)s."): came, _("Taken away: %(terms)s."): went}
        return " ".join(
            words % {"terms": self.tell(tuple(terms))} for words, terms in told.items() if terms
        )

    def write(self, changed: Sequence[ChangedValue]) -> None:
        record, term = self.relation.m2m_field_name(), self.relation.m2m_reverse_field_name()
        rows = self.through._base_manager
        ids = [one.record.pk for one in changed]
        if self.taken:
            rows.filter(**{f"{record}__in": ids, f"{term}__in": self.taken}).delete()
        rows.bulk_create(
            self.through(**{f"{record}_id": one.record.pk, f"{term}_id": pk})
            for one in changed
            for pk in sorted({*one.after} - {*one.before})
        )
        count_as_changed(ids)


@dataclass(frozen=True)
class StatusChange:
    """A status that records get, with the year up to which a source shows it."""

    status: str
    as_of: int | None
    source: Source | None
    locator: str = ""
    field = STATUS

    def read(self, record: Programme) -> Value:
        return record.status, record.status_as_of

    def apply(self, before: Value) -> Value:
        return self.status, self.as_of

    def tell(self, value: Value) -> str:
        status, year = value
        label = str(Programme.Status(status).label)
        return _("%(status)s, as of %(year)d") % {"status": label, "year": year} if year else label

    def tell_change(self, value: ChangedValue) -> str:
        return f"{self.tell(value.before)} → {self.tell(value.after)}"

    def write(self, changed: Sequence[ChangedValue]) -> None:
        ids = [one.record.pk for one in changed]
        count_as_changed(ids, status=self.status, status_as_of=self.as_of)
        if self.source:
            places = find_places(ids)
            Citation.objects.bulk_create(
                Citation(
                    programme_id=pk,
                    position=places[pk] + 1,
                    field=Field.STATUS,
                    basis=Citation.Basis.STATED,
                    source=self.source,
                    locator=self.locator,
                )
                for pk in ids
            )


def count_as_changed(ids: Iterable[int], **values: Any) -> None:
    """Give records values, and the present as the time of their last change."""
    Programme.objects.filter(pk__in=ids).update(changed_at=timezone.now(), **values)


def find_places(ids: Sequence[int]) -> dict[int, int]:
    """Return the last position of a citation by record; 0 for a record without any."""
    rows = Citation.objects.filter(programme__in=ids).order_by().values_list("programme_id")
    return dict.fromkeys(ids, 0) | dict(rows.annotate(last=Max("position")))


def find_faults_of(records: Iterable[Programme]) -> dict[int, set[Fault]]:
    """Return by record the faults that a bulk change could bring or mend."""
    return {
        one.pk: {fault for rule in RULES for fault in rule(CheckedRecord(one))} for one in records
    }


def read_records(ids: Iterable[int], *relations: str) -> list[Programme]:
    """Return records in their order, with what is shown and checked of a bulk change."""
    names = {*relations, "countries", "kinds"}
    return list(Programme.objects.filter(pk__in=ids).prefetch_related(*sorted(names)))
