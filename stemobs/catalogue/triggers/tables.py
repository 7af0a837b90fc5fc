"""The tables whose writes are recorded, and which programme or organisation a write is about."""

from collections.abc import Iterator
from functools import cache
from itertools import zip_longest
from typing import NamedTuple

from django.apps import apps
from django.db import models

from partnerships.models import Organisation
from programmes.models import (
    Audience,
    BulkChange,
    BulkChangeRow,
    CareerFactor,
    Change,
    ChangeDraft,
    Country,
    Departure,
    DraftStep,
    Edit,
    EducationLevel,
    Fact,
    Import,
    ImportedRow,
    ImportedRowSeen,
    InitiativeKind,
    Lease,
    Programme,
    ProposedMerger,
    RecordCheck,
    Redaction,
    RememberedColumn,
    RetiredTerm,
    Revision,
    SeededRow,
    Suggestion,
    Task,
    Version,
    WebLink,
)
from stemobs.catalogue.triggers.showing import Shown, list_shown_by_others, list_shown_columns
from stemobs.catalogue.visibility.conditions import OF_ITSELF, write_known, write_visible
from stemobs.catalogue.visibility.relations import list_owners

APPS = ("programmes", "partnerships")
UNRECORDED = {
    *(BulkChange, BulkChangeRow, Change, ChangeDraft, Departure, DraftStep, Edit),
    *(Import, ImportedRow, ImportedRowSeen),
    *(Lease, ProposedMerger, RecordCheck, Redaction, RememberedColumn, Revision, SeededRow),
    *(Suggestion, Task, Version, WebLink),
}
SUBJECTS: dict[type[models.Model] | None, Change.Subject] = {
    Programme: Change.Subject.PROGRAMME,
    Organisation: Change.Subject.ORGANISATION,
}
# What belongs to a fact, as a claim to a discrepancy, belongs to the programme of that fact.
OF_FACT = "(SELECT programme_id FROM {table} WHERE id = {{row}}.{column})"
# A change of a vocabulary marks everything, because its names are indexed with many programmes.
VOCABULARIES = {Audience, CareerFactor, Country, EducationLevel, InitiativeKind, RetiredTerm}
EVERYTHING = Change.Subject.EVERYTHING
ANY = 0  # the object id in `Change` rows that stand for everything
NOBODY = "CAST(NULL AS bigint)"
SUPERSEDED_BY = "superseded_by_id"


class Mark(NamedTuple):
    """Which programme or organisation, or everything, a write to a table marks as changed."""

    subject: str
    of: str  # SQL for the id of the marked object; `{row}` is replaced by the written row
    path: str = ""  # the lookup that leads from the row to the marked object; "" for everything


class RecordedTable(NamedTuple):
    """A table whose writes raise the revision, what each marks as changed, and what is kept.

    A write that readers may not know of raises nothing and marks nothing. SQL conditions are on a
    row `{row}`, and empty if always true.
    """

    table: str
    label: str  # of the model
    marks: tuple[Mark, ...] = ()
    seen: str = ""  # condition for rows that readers see; only for tables of pages
    columns: tuple[str, ...] = ()  # that versions keep; none before there is a table for versions
    alike: tuple[str, ...] = ()  # in which a figure equals the one that supersedes it
    known: str = ""  # condition for rows of which readers may know
    visible: str = ""  # condition for rows with which those that belong to them are seen
    shown: tuple[Shown, ...] = ()  # what a row that is seen makes public
    shown_by_others: tuple[Shown, ...] = ()  # and when it comes to be seen, by what belongs to it
    # What is marked when it comes to be seen or no longer is: subject, and a query as in `Shown`.
    marked_by_others: tuple[tuple[str, str], ...] = ()

    def write_known(self, *rows: str) -> str:
        """Return the SQL condition that readers may know of one of these rows."""
        return " OR ".join(self.known.format(row=row) for row in rows) if self.known else "TRUE"

    def write_turning(self, old: str, new: str) -> tuple[str, str]:
        """Return the SQL conditions that a row comes to be seen, and that it does or no longer is.

        `old` and `new` are the SQL names of the row before and after the write.
        """
        was, is_seen = (self.visible.format(row=row) for row in (old, new))
        return f"NOT ({was}) AND {is_seen}", f"({was}) <> ({is_seen})"

    @property
    def knows_itself(self) -> bool:
        """Whether its rows say themselves that readers have seen them."""
        return self.visible == OF_ITSELF[Organisation]

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
    yield from map(describe_recorded_table, list_recorded_models())


def list_recorded_models() -> Iterator[type[models.Model]]:
    for name in APPS:
        for model in apps.get_app_config(name).get_models(include_auto_created=True):
            if model not in UNRECORDED:
                yield model


@cache
def describe_recorded_table(model: type[models.Model]) -> RecordedTable:
    """Return what a write to this model's table marks and shows: its own row, or what it names."""
    visible = write_visible(model)
    others = list_dependent_models() if visible else []
    recorded = RecordedTable(
        model._meta.db_table,
        model._meta.label_lower,
        known=write_known(model),
        visible=visible,
        shown=tuple(list_shown_columns(model)),
        shown_by_others=tuple(list_shown_by_others(model, others)),
    )
    if subject := SUBJECTS.get(model):
        marks = (Mark(subject, "{row}.id", "pk"),)
        marked = tuple(list_marked_by_others(model, others))
        return recorded._replace(marks=marks, seen=OF_ITSELF[model], marked_by_others=marked)
    if VOCABULARIES & {model, model._meta.auto_created}:
        return recorded._replace(marks=(Mark(EVERYTHING, str(ANY)),))
    alike = tuple(getattr(model, "alike", ()))
    return recorded._replace(marks=tuple(list_marks(model)), alike=alike)


@cache
def list_dependent_models() -> list[type[models.Model]]:
    """Return the models whose rows are seen only together with another row."""
    return [model for model in list_recorded_models() if list_owners(model) and write_known(model)]


def list_marked_by_others(
    model: type[models.Model], others: list[type[models.Model]]
) -> Iterator[tuple[str, str]]:
    """Yield subject and ids of what the rows that belong to one of this model are also about."""
    for other in others:
        ties = [tie for tie in list_owners(other) if tie.related_model is model]
        for tie in ties:
            for mark in list_marks(other):
                if mark.path != tie.name and "__" not in mark.path:
                    query = (
                        f"SELECT {mark.of} AS row_id FROM {other._meta.db_table} AS fact"  # noqa: S608  # Django's names
                        f" WHERE fact.{tie.column} IN ({{ids}}) AND {mark.of} IS NOT NULL"
                    )
                    yield mark.subject, query.replace("{row}", "fact")


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
