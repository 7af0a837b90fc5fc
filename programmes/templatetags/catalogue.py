"""What templates need to show facts: figures and money in words, sources by number, bases."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from partnerships.models import Funding, Statement
from programmes import wording
from programmes.entry import NOT_STATED, Entry
from programmes.models import Citation, EvidenceStep, Figure, Programme, Reach, Sourced

register = template.Library()

BASIS_WORDS = {
    Citation.Basis.STATED: _("stated"),
    Citation.Basis.INFERRED: _("inferred"),
    Citation.Basis.DECLARED_NOT_AVAILABLE: _("declared not available"),
    NOT_STATED: _("not stated"),
}


@register.filter
def figure(row: Reach | Statement) -> str:
    """Return a counted figure with its qualifier: “about 60,000”."""
    return wording.figure(row.qualifier, row.value, getattr(row, "value_max", None))


@register.filter
def money(row: Funding | Statement) -> str:
    """Return an amount with its qualifier and currency, or nothing where none is stated."""
    amount = row.amount if isinstance(row, Funding) else row.value
    if amount is None:
        return ""
    return wording.money(row.currency, row.qualifier, amount, getattr(row, "amount_max", None))


@register.filter
def when(row: Figure) -> str:
    """Return the time a figure is about: as the source words it, else its years."""
    return row.period or wording.years(row.year_from, row.year_to)


@register.filter
def years(row: Any) -> str:
    """Return when something ran: “2002–2024”, “from 2016”, or nothing."""
    return wording.years(row.year_start, row.year_end)


@register.filter
def lines(text: str) -> list[str]:
    """Return the lines of a text that holds one item a line."""
    return text.splitlines()


@register.filter
def evidence_label(programme: Programme) -> str:
    """Return the words for a programme's strongest evaluation; needs `with_evidence()`."""
    return EvidenceStep(programme.evidence).label  # type: ignore[attr-defined]


@register.simple_tag
def basis(entry: Entry, field: str) -> str:
    """Return the basis of a part of an entry: stated, inferred, not-stated …"""
    return entry.basis(field)


@register.filter
def basis_words(basis: str) -> str:
    """Return a basis in words: “declared not available”."""
    return str(BASIS_WORDS[basis])


@register.inclusion_tag("components/source_number.html")
def source_number(entry: Entry, row: Sourced) -> dict[str, Any]:
    """Link to the source of a fact by its number; nothing for a fact without a source."""
    number = entry.numbers.get(row.source_id) if row.source_id else None
    return {"number": number, "locator": row.locator}


@register.simple_tag
def citations(entry: Entry, field: str) -> list[Citation]:
    """Return what is cited for one part of an entry."""
    return entry.by_field[field]
