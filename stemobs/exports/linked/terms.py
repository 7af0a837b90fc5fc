"""Linked data of countries and terms of vocabularies, each with an address on this site."""

from collections.abc import Mapping
from typing import Any

from programmes.models import (
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    InitiativeKind,
)
from stemobs.addresses import build_absolute_url
from stemobs.catalogue.catalogue import Catalogue
from stemobs.exports.linked.nodes import Node, build_path, build_thing_url, make_node

# The vocabularies by their name in the API's addresses: the model, and the field with the code.
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

Names = Mapping[tuple[str, str], str]  # names of terms, by vocabulary (as above) and code


def list_term_names(catalogue: Catalogue) -> Names:
    """Return the names of the terms of all vocabularies; they are read once and kept."""

    def make() -> Names:
        return {
            (address, code): name
            for address, (model, key) in VOCABULARIES.items()
            for code, name in catalogue.list_terms(model, key).items()
        }

    return catalogue.make_once(list_term_names, make)


def refer_to_country(code: str, names: Names) -> Node:
    return make_node(
        "Country",
        build_thing_url(build_absolute_url(build_path("country", code.lower()))),
        name=names.get(("countries", code)),
        identifier=describe_iso_code(code),
    )


def describe_iso_code(code: str) -> Node:
    return make_node("PropertyValue", propertyID="ISO 3166-1 alpha-2", value=code)


def describe_country(row: Country) -> Node:
    """Return a country with its page, for use on that page."""
    page = build_absolute_url(build_path("country", row.code.lower()))
    return make_node(
        "Country",
        build_thing_url(page),
        name=row.name,
        identifier=describe_iso_code(row.code),
        url=page,
        mainEntityOfPage=make_node("CollectionPage", page, url=page),
    )


def describe_term(vocabulary: str, code: Any, names: Names) -> Node:
    """Return a term of a vocabulary, identified by its address in the API."""
    home = build_absolute_url(build_path(f"api-{vocabulary}-list"))
    return make_node(
        "DefinedTerm",
        f"{home}{code}/",
        name=names.get((vocabulary, str(code))),
        termCode=str(code),
        inDefinedTermSet=make_node("DefinedTermSet", home, name=SETS[vocabulary]),
    )


def describe_audience(slug: str, names: Names) -> Node:
    home = build_absolute_url(build_path("api-audiences-list"))
    return make_node(
        "Audience", f"{home}{slug}/", audienceType=names.get(("audiences", slug), slug)
    )


def refer_to_countries(rows: Any) -> list[Node]:
    """Return short nodes for Country instances."""
    return [refer_to_country(row.code, {("countries", row.code): row.name}) for row in rows]
