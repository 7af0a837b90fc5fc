"""The tables whose writes are recorded, and which programme or organisation a write is about."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from django.apps import apps
from django.db import models

from partnerships.models import Organisation
from programmes.models import (
    Audience,
    CareerFactor,
    Change,
    Country,
    Departure,
    Edit,
    EducationLevel,
    Fact,
    InitiativeKind,
    Programme,
    Redaction,
    Revision,
    SeededRow,
    Suggestion,
    Version,
)

APPS = ("programmes", "partnerships")
UNRECORDED = {Change, Departure, Edit, Redaction, Revision, SeededRow, Suggestion, Version}
SUBJECTS: dict[type[models.Model] | None, Change.Subject] = {
    Programme: Change.Subject.PROGRAMME,
    Organisation: Change.Subject.ORGANISATION,
}
# What belongs to a fact, as a claim to a discrepancy, belongs to the programme of that fact.
OF_FACT = "(SELECT programme_id FROM {table} WHERE id = {{row}}.{column})"
# A change of a vocabulary marks everything, because its names are indexed with many programmes.
VOCABULARIES = {Audience, CareerFactor, Country, EducationLevel, InitiativeKind}
EVERYTHING = Change.Subject.EVERYTHING
ANY = 0  # the object id in `Change` rows that stand for everything
NOBODY = "CAST(NULL AS bigint)"
SUPERSEDED_BY = "superseded_by_id"
# SQL conditions for rows that readers see. A row that stops meeting its condition has departed.
SEEN = {
    Change.Subject.PROGRAMME: f"{{row}}.state = '{Programme.State.PUBLISHED.value}'",
    Change.Subject.ORGANISATION: "TRUE",
}


class Mark(NamedTuple):
    """Which programme or organisation, or everything, a write to a table marks as changed."""

    subject: str
    of: str  # SQL for the id of the marked object; `{row}` is replaced by the written row
    path: str = ""  # the lookup that leads from the row to the marked object; "" for everything


class RecordedTable(NamedTuple):
    """A table whose writes raise the revision, what each marks as changed, and what is kept."""

    table: str
    label: str  # of the model
    marks: tuple[Mark, ...] = ()
    seen: str = ""  # SQL condition for rows that readers see; only for tables of pages
    columns: tuple[str, ...] = ()  # that versions keep; none before there is a table for versions
    alike: tuple[str, ...] = ()  # in which a figure equals the one that supersedes it

    def write_departure_condition(self, event: str, old: str, new: str) -> str:
        """Return the SQL condition under which a write hides a row from readers; "" if never.

        `old` and `new` are the SQL names of the row before and after the write.
        """
        saw, sees = (self.seen.format(row=row) for row in (old, new))
        match event:
            case "DELETE":
                return saw
            case "UPDATE" if saw != sees:
                return f"{saw} AND NOT {sees}"
        return ""

    def write_misfit(self, old: str, new: str, differs: str) -> str:
        """Return the SQL condition that one figure cannot be superseded by another.

        `differs` is the database's operator for rows that differ, empty values included.
        """
        left, right = (", ".join(f"{row}.{name}" for name in self.alike) for row in (old, new))
        return f"({left}) {differs} ({right})"

    def write_owners(self, row: str) -> str:
        """Return SQL that selects a row's id with every programme and organisation it is about.

        One line at least, so that a row about nobody has a version too.
        """
        programmes = [mark.of for mark in self.marks if mark.subject == Change.Subject.PROGRAMME]
        organisations = [
            mark.of for mark in self.marks if mark.subject == Change.Subject.ORGANISATION
        ]
        pairs = zip_longest(programmes or [NOBODY], organisations, fillvalue=NOBODY)
        return " UNION ".join(
            "SELECT {row}.id AS object_id, "
            f"{programme} AS programme_id, {organisation} AS organisation_id"
            + f" WHERE coalesce({programme}, {organisation}) IS NOT NULL"
            * (place > 0)
            for place, (programme, organisation) in enumerate(pairs)
        ).format(row=row)


def list_recorded_tables() -> Iterator[RecordedTable]:
    """Yield every table that gets triggers, including those of many-to-many relations."""
    for name in APPS:
        for model in apps.get_app_config(name).get_models(include_auto_created=True):
            if model not in UNRECORDED:
                yield describe_recorded_table(model)


def describe_recorded_table(model: type[models.Model]) -> RecordedTable:
    """Return what a write to this model's table marks: its own row, or the rows it refers to."""
    recorded = RecordedTable(model._meta.db_table, model._meta.label_lower)
    if subject := SUBJECTS.get(model):
        return recorded._replace(marks=(Mark(subject, "{row}.id", "pk"),), seen=SEEN[subject])
    if VOCABULARIES & {model, model._meta.auto_created}:
        return recorded._replace(marks=(Mark(EVERYTHING, str(ANY)),))
    alike = tuple(getattr(model, "alike", ()))
    return recorded._replace(marks=tuple(list_marks(model)), alike=alike)


def list_marks(model: type[models.Model]) -> Iterator[Mark]:
    """Yield a mark for each foreign key of a model to a programme, its fact, or an organisation."""
    for field in model._meta.concrete_fields:
        related = field.related_model
        if subject := SUBJECTS.get(related):
            yield Mark(subject, f"{{row}}.{field.column}", field.name)
        # A fact that a row may lead to, but need not, is one of the same programme.
        elif related and issubclass(related, Fact) and not field.null:
            of = OF_FACT.format(table=related._meta.db_table, column=field.column)
            yield Mark(Change.Subject.PROGRAMME, of, f"{field.name}__programme")
