"""What a row of a record's form says, as one sentence with the number of its source."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from partnerships.models import CriterionAssessment, Funding, Partnership, Statement
from programmes.models import Citation, Evaluation, Reach
from stemobs.entries.wording import (
    drop_repeated,
    format_figure,
    format_funding,
    format_period,
    format_reached,
    format_years,
)

LONGEST = 160  # letters of a sentence
EMPTY = "…"


def write_sentence(form: Any) -> str:
    """Return what a row says; what is still open in it is “…”."""
    try:
        told = WRITERS.get(type(form.instance), write_plainly)(form.instance, form)
    except (ObjectDoesNotExist, TypeError, ValueError):  # not all of its fields hold something yet
        told = EMPTY
    return Truncator(" ".join(told.split())).chars(LONGEST) or EMPTY


def write_plainly(row: Any, form: Any) -> str:
    return str(row)


def write_reach(row: Reach, form: Any) -> str:
    value: Any = row.value  # not there yet in a row that is only read
    figure = EMPTY if value is None else format_figure(row.qualifier, value, row.value_max)
    unit: Any = row.unit_id
    if unit is None:
        return ", ".join(filter(None, [f"{figure} {EMPTY}", row.unit_detail, format_period(row)]))
    return f"{figure} {format_reached(row)}"


def write_funding(row: Funding, form: Any) -> str:
    payer = str(row.organisation) if row.organisation_id else find_new(form, "new_name")
    kind = row.get_source_type_display() if row.source_type else EMPTY
    amount = format_funding(row.currency, row.qualifier, row.amount, row.amount_max)
    basis = str(row.get_basis_display())
    time = drop_repeated([basis, format_period(row)])
    told = amount if row.amount is not None else ""
    return ", ".join(filter(None, [told, *time, row.basis_detail, f"{kind}: {payer}"])).strip(": ")


def write_statement(row: Statement, form: Any) -> str:
    if row.value is None:
        return str(row)
    number = format_figure(row.qualifier, row.value)
    figure = " ".join(filter(None, [row.currency, number, row.unit]))
    return ", ".join(filter(None, [figure, format_period(row), row.text]))


def write_partnership(row: Partnership, form: Any) -> str:
    name = str(row.organisation) if row.organisation_id else find_new(form, "new_name")
    role = row.get_role_display().lower() if row.role else EMPTY
    return ", ".join(filter(None, [name or EMPTY, role, format_years(row.since, row.until)]))


def write_citation(row: Citation, form: Any) -> str:
    title = str(row.source) if row.source_id else find_new(form, "title") or row.evidence
    publisher = row.source.publisher if row.source else find_new(form, "publisher")
    told = f"{title or EMPTY} ({publisher})" if publisher else title or EMPTY
    return told if row.field == "entry" else f"{row.get_field_display()}: {told}"


def write_evaluation(row: Evaluation, form: Any) -> str:
    parts = [row.headline or row.finding or row.object, row.get_design_display()]
    return ", ".join(str(one) for one in [*filter(None, parts), row.year or ""] if one)


def write_assessment(row: CriterionAssessment, form: Any) -> str:
    return f"{row.criterion}: {row.get_verdict_display()}"


def find_new(form: Any, name: str) -> str:
    """Return what a form says of a source or an organisation that is new."""
    return (form[name].value() or "") if name in form.fields else ""


def write_source(form: Any, numbers: Mapping[str, int]) -> str:
    """Return the number of a row's source in the record, and the place in it: “S2, p. 4”."""
    if "source" not in form.fields:
        return ""
    named = form["source"].value() or ("address" in form.fields and form["address"].value())
    if not named:
        return ""
    number = numbers.get(str(getattr(named, "pk", named)))
    source = f"S{number}" if number else _("another source")
    return ", ".join(filter(None, [source, form.instance.locator]))


WRITERS: dict[type, Any] = {
    Reach: write_reach,
    Funding: write_funding,
    Statement: write_statement,
    Partnership: write_partnership,
    Citation: write_citation,
    Evaluation: write_evaluation,
    CriterionAssessment: write_assessment,
}
