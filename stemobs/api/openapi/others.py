"""Descriptions of the operations that do not return rows of a model: counts, figures, changes."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.models import Edit, Evaluation
from stemobs.api.changes import ChangeKind
from stemobs.api.negotiation import FORMAT
from stemobs.api.openapi.fields import (
    ADDRESS,
    STRING,
    Schema,
    allow_empty,
    describe_record,
    explain_values,
)
from stemobs.exports.evaluations import EVALUATIONS
from stemobs.exports.files import FileFilter
from stemobs.exports.tables import FIGURES, Column, StatementKind, Table, Type

COUNT: Schema = {"type": "integer", "minimum": 0}


class OtherRow(NamedTuple):
    """The rows of a list without a model: the name of their component, and its schema."""

    name: str
    describe: Callable[[], Schema]


class OtherOperation(NamedTuple):
    """An operation without a model: its summary, its parameters and its JSON answer.

    A list has rows, and may have `more` fields beside them.
    """

    summary: Any
    filterset: Any = None
    also: tuple[str, ...] = (FORMAT,)
    answer: Callable[[], Schema] | None = None
    row: OtherRow | None = None
    more: Callable[[], dict[str, Schema]] | None = None


def add_words(words: str, schema: Schema) -> Schema:
    return {**schema, "description": words}


def describe_counts() -> Schema:
    names = {"type": "object", "additionalProperties": STRING}
    return describe_record(
        _("How many programmes of a selection have each value, or each pair of values."),
        group_by={
            "type": "array",
            "items": STRING,
            "description": _("The facets that were counted."),
        },
        total=add_words(
            _("How many programmes the selection has; counts do not add up to it."), COUNT
        ),
        rows={
            "type": "array",
            "description": _("One row for each value or pair, also where the count is 0."),
            "items": {
                "type": "object",
                "properties": {"count": add_words(_("How many programmes have them."), COUNT)},
                "required": ["count"],
                "additionalProperties": STRING,
            },
        },
        labels={
            "type": "object",
            "additionalProperties": names,
            "description": _("What the values of each facet are called."),
        },
    )


def describe_change() -> Schema:
    """Return the schema of one change."""
    kinds, subjects = dict(ChangeKind.choices), ["programme", "organisation"]
    return describe_record(
        _("What became of one record, and in which revision."),
        revision=add_words(_("The revision in which it happened."), COUNT),
        subject={**STRING, "enum": subjects, "description": _("What the record is about.")},
        slug=add_words(_("The name of the record in addresses, or its last one."), STRING),
        change={
            **STRING,
            "enum": [*kinds],
            "description": f"{_('What became of it.')} {explain_values(kinds, kinds)}",
        },
        url=add_words(_("Address of the record in this API."), ADDRESS),
        former_slugs={
            "type": "array",
            "items": STRING,
            "description": _("Its former name in addresses; it is the same record."),
        },
        merged_into=add_words(
            _("Slug of the record that took over, if any."), {"type": ["string", "null"]}
        ),
        reason=add_words(_("Why it was withdrawn; else empty."), STRING),
        edit=add_words(
            _("When, how and why it was changed; null if its history is not public."),
            {"anyOf": [describe_edit(), {"type": "null"}]},
        ),
    )


def describe_edit() -> Schema:
    """Return the schema of what is told of an edit."""
    kinds = dict(Edit.Kind.choices)
    return describe_record(
        _("When, how and why a record was changed."),
        at=add_words(_("When it was written."), {**STRING, "format": "date-time"}),
        kind={
            **STRING,
            "enum": [*kinds],
            "description": f"{_('How it was written.')} {explain_values(kinds, kinds)}",
        },
        reason=add_words(_("Why, if that was said; also empty if it is withheld."), STRING),
    )


CELLS: dict[Type, Schema] = {
    Type.NUMBER: {"type": ["number", "null"]},
    Type.YEAR: {"type": ["integer", "null"]},
    Type.ADDRESS: allow_empty(ADDRESS),
}


def describe_cells(table: Table) -> dict[str, Schema]:
    """Return the schemas of the fields of a row, which are the columns of the file."""
    return {column.name: describe_cell(column) for column in table.columns}


def describe_cell(column: Column) -> Schema:
    schema = CELLS.get(column.type, STRING)
    if column.type is Type.CODES:
        schema = {"type": "array", "items": STRING}
    return add_words(str(column.meaning), schema)


def describe_figure() -> Schema:
    """Return the schema of one row of figures."""
    cells = describe_cells(FIGURES)
    cells["statement"] |= {"enum": StatementKind.values}
    return describe_record(_("One statement of how many were reached, or of who pays."), **cells)


def describe_evaluation() -> Schema:
    """Return the schema of one row of evaluations."""
    cells = describe_cells(EVALUATIONS)
    for name, choices in (
        ("object", Evaluation.Object),
        ("design", Evaluation.Design),
        ("independence", Evaluation.Independence),
        ("result", Evaluation.Result),
    ):
        cells[name] |= {"enum": choices.values}
    return describe_record(
        _("One evaluation: what was looked at, how, and what was found."), **cells
    )


def describe_changes() -> dict[str, Schema]:
    """Return the schemas of the fields that the list of changes has besides its rows."""
    return {
        "revision": add_words(_("The present revision. Use it as `since` next time."), COUNT),
        "changed_at": {
            **STRING,
            "format": "date-time",
            "description": _("When the catalogue changed last."),
        },
        "since": add_words(_("The revision that was asked for."), COUNT),
        "everything": {
            "type": "boolean",
            "description": _(
                "Whether you must read everything again, because a vocabulary changed."
            ),
        },
    }


OTHERS = {
    "programmes_counts": OtherOperation(
        gettext_lazy("Count programmes"), FileFilter, ("group_by", FORMAT), describe_counts
    ),
    "programmes_figures": OtherOperation(
        gettext_lazy("List figures"), row=OtherRow("Figure", describe_figure)
    ),
    "evaluations_list": OtherOperation(
        gettext_lazy("List evaluations"), row=OtherRow("ProgrammeEvaluation", describe_evaluation)
    ),
    "changes_list": OtherOperation(
        gettext_lazy("List changes"), row=OtherRow("Change", describe_change), more=describe_changes
    ),
}
