"""Terms of the vocabularies as linked data: each has an address of its own here."""

from collections.abc import Mapping
from typing import Any

from programmes.models import (
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    InitiativeKind,
)
from stemobs.addresses import absolute
from stemobs.catalogue.catalogue import Catalogue
from stemobs.exports.linked.nodes import Node, node, path_of, this

# The vocabularies by their address in the API, and what their terms are told by.
VOCABULARIES: Mapping[str, tuple[Any, str]] = {
    "countries": (Country, "code"),
    "education-levels": (EducationLevel, "code"),
    "initiative-kinds": (InitiativeKind, "slug"),
    "career-factors": (CareerFactor, "slug"),
    "audiences": (Audience, "slug"),
}
SETS = {
    "education-levels": "ISCED 2011",
    "initiative-kinds": "Initiative kinds",
    "career-factors": "Career factors",
}

Names = Mapping[tuple[str, str], str]  # of terms, by the address of their vocabulary and their code


def names_of(catalogue: Catalogue) -> Names:
    """Return what the terms of all vocabularies are called."""

    def make() -> Names:
        return {
            (address, code): name
            for address, (model, key) in VOCABULARIES.items()
            for code, name in catalogue.terms(model, key).items()
        }

    return catalogue.once(names_of, make)


def country(code: str, names: Names) -> Node:
    return node(
        "Country",
        this(absolute(path_of("country", code.lower()))),
        name=names.get(("countries", code)),
        identifier=iso_code(code),
    )


def iso_code(code: str) -> Node:
    return node("PropertyValue", propertyID="ISO 3166-1 alpha-2", value=code)


def country_page(row: Country) -> Node:
    """Return a country as its own page tells it."""
    page = absolute(path_of("country", row.code.lower()))
    return node(
        "Country",
        this(page),
        name=row.name,
        identifier=iso_code(row.code),
        url=page,
        mainEntityOfPage=node("CollectionPage", page, url=page),
    )


def term(vocabulary: str, code: Any, names: Names) -> Node:
    """Return a term of a vocabulary, which has its address in the API."""
    home = absolute(path_of(f"api-{vocabulary}-list"))
    return node(
        "DefinedTerm",
        f"{home}{code}/",
        name=names.get((vocabulary, str(code))),
        termCode=str(code),
        inDefinedTermSet=node("DefinedTermSet", home, name=SETS[vocabulary]),
    )


def audience(slug: str, names: Names) -> Node:
    home = absolute(path_of("api-audiences-list"))
    return node("Audience", f"{home}{slug}/", audienceType=names.get(("audiences", slug), slug))


def countries(rows: Any) -> list[Node]:
    """Return countries that were loaded."""
    return [country(row.code, {("countries", row.code): row.name}) for row in rows]
