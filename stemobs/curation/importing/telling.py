"""Words for what was understood of a partner's file, as people read it."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from partnerships.models import Funding, Partnership
from programmes.models import Programme, Reach
from stemobs.curation.importing.drafting import Fact, RowFacts
from stemobs.curation.importing.plans import Fate, RowPlan
from stemobs.curation.importing.rivals import tell_stored
from stemobs.curation.importing.shapes import KnownTerms

BY_TARGET = {"country": "countries", "level": "levels", "kind": "kinds", "audience": "audiences"}


def tell_cell(target: str, facts: Iterable[Fact], terms: KnownTerms) -> str:
    """Return what was understood of a cell."""
    return "; ".join(filter(None, (tell_fact(target, one, terms) for one in facts)))


def tell_fact(target: str, fact: Fact, terms: KnownTerms) -> str:
    if target == "reach" and fact.get("value"):
        return tell_reach(fact, terms.units)
    if target == "money" and fact.get("amount"):
        return tell_sum(fact)
    if "name" in fact:
        return str(fact["name"])
    if fact.get("scope"):
        return str(Programme.Scope(fact["scope"]).label)
    if fact.get("vocational"):
        return _("vocational")
    if "value" in fact:
        names = getattr(terms, BY_TARGET.get(target, ""), {})
        return str(names.get(fact["value"], fact["value"]))
    return tell_years(fact) or ", ".join(str(value) for value in fact.values() if value)


def tell_years(fact: Mapping[str, Any]) -> str:
    """Return when something was, or from when to when it runs."""
    first = fact.get("year_from") or fact.get("year_start") or ""
    last = fact.get("year_to") or fact.get("year_end") or ""
    if fact.get("period"):
        return str(fact["period"])
    if first and last:
        return str(first) if first == last else f"{first}–{last}"
    if first:
        return _("since %(year)s") % {"year": first}
    return _("until %(year)s") % {"year": last} if last else ""


def tell_reach(fact: Fact, units: Mapping[str, str]) -> str:
    unit = " ".join(
        filter(
            None, [units.get(fact.get("unit", ""), fact.get("unit", "")), fact.get("unit_detail")]
        )
    )
    number = tell_amount(fact, "value")
    kind = fact.get("period_type")
    told = f"{number} {unit}".strip()
    when = " ".join(
        filter(None, [tell_years(fact), str(Reach.PeriodType(kind).label) if kind else ""])
    )
    return ", ".join(filter(None, [told, when]))


def tell_sum(fact: Fact) -> str:
    basis = fact.get("basis")
    told = f"{fact.get('currency', '')} {tell_amount(fact, 'amount')}".strip()
    when = " ".join(
        filter(None, [str(Funding.Basis(basis).label) if basis else "", tell_years(fact)])
    )
    return ", ".join(filter(None, [told, when]))


def tell_amount(fact: Fact, name: str) -> str:
    """Return a number with how exact it is: “over 62,000”, “100 to 150”."""
    low, high = write_digits(fact.get(name)), write_digits(fact.get(f"{name}_max"))
    qualifier = fact.get("qualifier") or "exact"
    if high:
        return _("%(low)s to %(high)s") % {"low": low, "high": high}
    if qualifier == "exact":
        return low
    return f"{Reach.Qualifier(qualifier).label} {low}"


def write_digits(value: Any) -> str:
    try:
        return f"{Decimal(str(value)).normalize():,f}" if value else ""
    except InvalidOperation:
        return str(value)


# --- What a record gets ---------------------------------------------------------------------------


def tell_plan(plan: RowPlan, terms: KnownTerms) -> str:
    """Return in a line what a row adds to its record, or what a new record begins with."""
    facts = plan.facts
    told = [*tell_fields(facts, plan.was if plan.fate is not Fate.NEW else None)]
    for relation, keys in facts.terms.items():
        names = getattr(terms, relation)
        told.append(", ".join(names.get(key, key) for key in keys))
    told += facts.names
    told += [tell_reach(one, terms.units) for one in facts.reach]
    stored = {one.stored.pk: one.stored for one in plan.rivals}
    for pk, one in facts.corrections:
        words = {"now": tell_reach(one, terms.units), "before": tell_stored(stored[pk])}
        told.append(_("%(now)s, in place of %(before)s") % words)
    told += [f"{one.name} ({Partnership.Role(role).label})" for one, role in facts.partners]
    told += [tell_sum(one) for one in facts.funding]
    return " · ".join(filter(None, [*told, *facts.addresses]))


def tell_fields(facts: RowFacts, was: Mapping[str, str] | None) -> Iterator[str]:
    for name, value in facts.fields.items():
        if was is None and name == "scope":
            continue
        column: Any = Programme._meta.get_field(name)
        if value == str(True):
            yield str(column.verbose_name)
            continue
        shown = dict(column.flatchoices).get(value, value)
        before = (was or {}).get(name, "")
        words = {"field": column.verbose_name, "before": before, "now": shown}
        if before:
            yield _("%(field)s: %(now)s, was %(before)s") % words
        else:
            yield _("%(field)s: %(now)s") % words
