"""Settles what columns of a partner's table become together, and by what people answered."""

from dataclasses import replace

from django.utils.translation import gettext as _

from stemobs.curation.importing.columns.looks import LONGEST
from stemobs.curation.importing.columns.names import find_currency_in_name, list_targets
from stemobs.curation.importing.meanings.figures import list_units
from stemobs.curation.importing.meanings.tables import reduce
from stemobs.curation.importing.shapes import TARGETS, FileColumn, FileTable, KnownTerms
from stemobs.curation.importing.targets import name_targets
from stemobs.curation.reading.lines import FieldQuestion

NAMING = 0.6  # the share of cells that name what columns hold, if a table lies on its side
MANY = 200  # cells that are looked at


def settle_column(column: FileColumn, answer: str) -> FileColumn | None:
    """Return a column with the answer to its question; None if that is no answer.

    An answer is a target, or a target with a unit: “reach:students”.
    """
    target, _mark, unit = answer.partition(":")
    if target not in TARGETS:
        return None
    currency = find_currency_in_name(column.name) if target == "money" else ""
    own = column.unit if target == column.target else ""
    return replace(
        column,
        target=target,
        unit=unit or own or (column.unit if target == "reach" else ""),
        currency=column.currency or currency,
        certainty="sure",
        question=None,
    )


def is_unsettled(column: FileColumn) -> bool:
    """Whether what a column becomes is still asked; what it counts is asked beside its numbers."""
    if column.question is None or column.certainty not in ("asked", "suggested"):
        return False
    return column.certainty == "suggested" or column.target != "reach"


def ask_if_right(column: FileColumn) -> FileColumn:
    """Return a column, which asks whether it is what it seems to be, if that is only likely."""
    if column.certainty != "suggested" or column.question or column.target == "ignore":
        return column
    named = dict(name_targets())[column.target]
    told = _("“%(column)s” seems to be “%(target)s”. Is it?")
    told %= {"column": column.name, "target": named}
    kept = f"{column.target}:{column.unit}" if column.unit else column.target
    options = ((kept, _("yes: %(target)s") % {"target": named}), ("ignore", _("no: leave it out")))
    return replace(column, question=FieldQuestion(told, options))


def ask_if_turned(column: FileColumn, table: FileTable, known: KnownTerms) -> FileColumn:
    """Return a column, which asks whether the table lies on its side if it names what rows hold."""
    if column.target != "name":
        return column
    texts = [row.cells[column.place].text for row in table.rows if column.place < len(row.cells)]
    words = {**list_targets(), **list_units(known)}
    named = [one for one in texts[:MANY] if reduce(one[:LONGEST]).strip(" .:*") in words]
    if len(named) < 2 or len(named) <= NAMING * len(texts):
        return column
    told = _(
        "“%(column)s” says “%(text)s”. Does the table lie on its side? Turn it in your program."
    )
    told %= {"column": column.name, "text": "”, “".join(named[:3])}
    question = FieldQuestion(told, name_targets(["ignore", "name"]))
    return replace(column, certainty="asked", question=question)


def settle_years(columns: list[FileColumn]) -> list[FileColumn]:
    """Return the columns; a time is that of the figures if another column says the start."""
    targets = [column.target for column in columns if column.certainty != "asked"]
    has_start = bool({"start", "runs"}.intersection(targets))
    has_figures = any(column.target == "reach" for column in columns)
    is_of_figures = has_start and has_figures and "reach-when" not in targets
    asked = [
        column
        for column in columns
        if column.target == "reach-when" and column.certainty == "asked"
    ]
    if not is_of_figures or len(asked) != 1:
        return columns
    settled = replace(asked[0], certainty="suggested")
    return [settled if column is asked[0] else column for column in columns]


def settle_partners(columns: list[FileColumn]) -> list[FileColumn]:
    """Return the columns; partners are no coordinators where another column has those."""
    clear = ("sure", "remembered")
    if not any(one.target == "coordinator" and one.certainty in clear for one in columns):
        return columns
    return [
        replace(one, certainty="sure", question=None) if one.question == ask_role(one.name) else one
        for one in columns
    ]


def ask_role(name: str) -> FieldQuestion:
    """Return the question in which role the organisations of a column are."""
    told = _("Who are the organisations in “%(column)s”?") % {"column": name}
    options = (
        ("partner", _("partners")),
        ("coordinator", _("who runs the programme")),
        ("funder", _("who pays for it")),
        ("ignore", _("leave them out")),
    )
    return FieldQuestion(told, options)


def ask_about_doubles(columns: list[FileColumn]) -> list[FileColumn]:
    """Return the columns; if several would be the name, or another single thing, that is asked."""
    single = ("name", "website", "summary", "description", "status", "start", "end", "checked")
    for target in single:
        same = [one for one in columns if one.target == target and one.certainty != "asked"]
        if len(same) > 1:
            columns = [ask_about_double(one) if one in same else one for one in columns]
    return columns


def ask_about_double(column: FileColumn) -> FileColumn:
    """Return a column that asks what it is, as another one would be the same."""
    told = _("“%(column)s” and another column would be the same. What is this one?")
    offered = [column.target, "ignore"]
    if column.target == "name":
        offered = ["name", "other-name", "coordinator", "ignore"]
    question = FieldQuestion(told % {"column": column.name}, name_targets(offered))
    return replace(column, certainty="asked", question=question)
