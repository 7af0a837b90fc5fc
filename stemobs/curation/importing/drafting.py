"""Writes what a row of a partner's file says as the columns and rows of a record."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from partnerships.models import Organisation
from programmes.columns.texts import is_web_address
from programmes.models import Programme
from stemobs.curation.importing.organisations import PartnerFound
from stemobs.curation.importing.shapes import RowMeaning
from stemobs.curation.reading.partners import GIVES
from stemobs.text import fold

Scope = Programme.Scope
Fact = dict[str, Any]
# The roles of organisations by the targets of columns.
ROLES = {"coordinator": "coordinator", "partner": "partner", "funder": "funder"}
TERMS = {"country": "countries", "level": "levels", "kind": "kinds", "audience": "audiences"}
SPANS = ("year_start", "year_end", "status", "age_min", "age_max")
# Texts of a partner are never shown to readers: curators write in words of their own.
TEXTS = ("summary", "description", "source")
LONGEST = {"region": 120, "website": 400}


@dataclass
class RowFacts:
    """What a record gets by a row: values of its fields, terms, and rows below it.

    `fields` are columns of the programme, `terms` the keys of vocabularies by the relation.
    `corrections` are figures that take the place of stored ones, which have these ids.
    """

    fields: dict[str, str] = field(default_factory=dict)
    terms: dict[str, list[str]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    reach: list[Fact] = field(default_factory=list)
    corrections: list[tuple[int, Fact]] = field(default_factory=list)
    funding: list[Fact] = field(default_factory=list)
    partners: list[tuple[PartnerFound, str]] = field(default_factory=list)  # with their roles
    addresses: list[str] = field(default_factory=list)  # of further sources
    note: str = ""  # for curators alone

    @property
    def is_empty(self) -> bool:
        """Whether a record gets nothing that readers would see."""
        return not (
            self.fields
            or any(self.terms.values())
            or self.names
            or self.reach
            or self.corrections
            or self.funding
            or self.partners
            or self.addresses
        )

    def tell(self) -> dict[str, Any]:
        """Return all of it as plain data."""
        return asdict(self)


def write_facts(row: RowMeaning, found: Mapping[str, PartnerFound | None]) -> RowFacts:
    """Return what a record would get by a row, if it said nothing yet."""
    facts = RowFacts()
    write_fields(facts, row)
    write_terms(facts, row)
    name = row.facts["name"][0]["value"]
    others = [one["value"] for one in row.facts.get("other-name", ())]
    facts.names = [one for one in dict.fromkeys(others) if fold(one) != fold(name)]
    facts.reach = [keep_filled(one) for one in row.facts.get("reach", ())]
    for target, role in ROLES.items():
        for one in row.facts.get(target, ()):
            partner = found.get(one["name"])
            if partner and (partner, role) not in facts.partners:
                facts.partners.append((partner, role))
    facts.funding = [write_sum(one, facts) for one in row.facts.get("money", ())]
    named = [one["value"] for one in row.facts.get("source", ())]
    facts.addresses = [one for one in named if is_web_address(one)]
    facts.note = write_note(row)
    return facts


def write_fields(facts: RowFacts, row: RowMeaning) -> None:
    """Write what a row says in one value each."""
    for target in ("website", "region", "status"):
        if told := row.facts.get(target):
            facts.fields[target] = told[0]["value"][: LONGEST.get(target)]
    for one in (*row.facts.get("runs", ()), *row.facts.get("age", ())):
        facts.fields |= {name: told for name, told in keep_filled(one).items() if name in SPANS}
    if told := row.facts.get("language"):
        facts.fields["languages"] = ", ".join(dict.fromkeys(one["value"] for one in told))
    if any("vocational" in one for one in row.facts.get("level", ())):
        facts.fields["is_vocational"] = "True"


def write_terms(facts: RowFacts, row: RowMeaning) -> None:
    for target, relation in TERMS.items():
        keys = [one["value"] for one in row.facts.get(target, ()) if "value" in one]
        if keys:
            facts.terms[relation] = list(dict.fromkeys(keys))
    wide = any(one.get("scope") == Scope.EU_WIDE for one in row.facts.get("country", ()))
    facts.fields["scope"] = find_scope(wide, facts.terms.get("countries", []))


def find_scope(is_wide: bool, countries: list[str]) -> str:
    """Return how far a programme reaches, by its countries."""
    if is_wide:
        return str(Scope.EU_WIDE)
    return str(Scope.MULTI_COUNTRY if len(countries) > 1 else Scope.NATIONAL)


def write_sum(told: Mapping[str, str], facts: RowFacts) -> Fact:
    """Return a sum with who pays it, if the row names one funder, and so what kind of money."""
    payers = [partner for partner, role in facts.partners if role == "funder"]
    filled = keep_filled(told)
    if len(payers) == 1:
        filled["payer"] = payers[0]
        if gives := GIVES.get(Organisation.Type(payers[0].type)):
            filled["source_type"] = str(gives)
    return filled


def write_note(row: RowMeaning) -> str:
    """Return what a file says in sentences, for curators."""
    told = [
        one["value"]
        for target in TEXTS
        for one in row.facts.get(target, ())
        if not (target == "source" and is_web_address(one["value"]))
    ]
    return _("The file says: %(text)s") % {"text": " ".join(told)} if told else ""


def keep_filled(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value not in ("", None)}
