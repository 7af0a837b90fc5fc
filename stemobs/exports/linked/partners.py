"""Linked data of organisations, platforms, strategies and guides."""

from collections.abc import Iterable
from typing import Any

from partnerships.models import Guide, NationalPlatform, Organisation, Strategy
from programmes.models import Programme
from stemobs.exports.linked.nodes import (
    Node,
    build_page_url,
    build_thing_url,
    describe_entry_page,
    describe_names,
    format_year,
    keep_known,
    make_node,
)
from stemobs.exports.linked.terms import refer_to_countries

Type = Organisation.Type
TYPES = {
    Type.COMPANY: "Corporation",
    Type.GOVERNMENT: "GovernmentOrganization",
    Type.PUBLIC_AGENCY: "GovernmentOrganization",
    Type.NGO: "NGO",
    Type.UNIVERSITY: "CollegeOrUniversity",
    Type.RESEARCH_INSTITUTE: "ResearchOrganization",
    Type.SCHOOL: "School",
    Type.VET_PROVIDER: "EducationalOrganization",
}


def refer_to_organisation(row: Organisation) -> Node:
    """Return a short node for an organisation, for use within the node of something else."""
    kind = TYPES.get(Type(row.type), "Organization")
    return make_node(
        kind, build_thing_url(build_page_url(row)), name=row.name, url=build_page_url(row)
    )


def refer_to_thing(thing: Any) -> Node:
    """Return a short node for an organisation, platform, programme or strategy.

    Anything else is a text about something that has no entry, and becomes a node with that name.
    """
    match thing:
        case Organisation():
            return refer_to_organisation(thing)
        case NationalPlatform():
            kind = "Organization"
        case Programme() | Strategy():
            kind = "Project"
        case _:
            return make_node("Thing", name=str(thing))
    return make_node(
        kind, build_thing_url(build_page_url(thing)), name=thing.name, url=build_page_url(thing)
    )


def describe_organisation(row: Organisation) -> Node:
    """Return an organisation with its names, its country and its parent organisation."""
    called = [(name.name, name.language) for name in row.names.all()]
    seat = row.country and make_node("PostalAddress", addressCountry=row.country.code)
    return refer_to_organisation(row) | keep_known(
        alternateName=describe_names(called),
        identifier=row.slug,
        sameAs=row.website,
        address=seat,
        parentOrganization=row.parent and refer_to_organisation(row.parent),
        mainEntityOfPage=describe_entry_page(build_page_url(row), row.changed_at),
        **{"dct:isReplacedBy": row.successor and refer_to_organisation(row.successor)},
    )


def describe_initiative(row: NationalPlatform | Strategy) -> Node:
    """Return the properties that platforms and strategies share: names, countries, years, page."""
    pairs = (part.strip().partition(": ") for part in row.native_names.split(";") if part.strip())
    return refer_to_thing(row) | keep_known(
        alternateName=describe_names(
            (name, code) if name else (code, "") for code, _colon, name in pairs
        ),
        identifier=row.slug,
        areaServed=refer_to_countries(row.countries.all()),
        startDate=format_year(row.year_start),
        endDate=format_year(row.year_end),
        mainEntityOfPage=describe_entry_page(build_page_url(row), row.changed_at),
    )


def describe_platform(row: NationalPlatform) -> Node:
    return describe_initiative(row) | keep_known(
        description=row.mandate,
        organizer=row.organisation and refer_to_organisation(row.organisation),
    )


def describe_strategy(row: Strategy) -> Node:
    return describe_initiative(row) | keep_known(
        description=row.summary,
        provider=[refer_to_organisation(owner) for owner in row.owners.all()],
        organizer=row.implementing_body and refer_to_organisation(row.implementing_body),
    )


def describe_guide(row: Guide, terms: Iterable[Any]) -> Node:
    """Return a guide, with the terms that it explains."""
    page = build_page_url(row)
    explained = [
        make_node(
            "DefinedTerm",
            f"{page}#{term.slug}",
            name=term.name,
            termCode=term.slug,
            description=term.description,
        )
        for term in terms
    ]
    about = make_node(
        "DefinedTermSet",
        f"{page}#terms",
        name=row.title,
        hasDefinedTerm=explained,
    )
    return make_node(
        "Article",
        build_thing_url(page),
        name=row.title,
        headline=row.title,
        description=row.summary,
        identifier=row.slug,
        articleSection=row.get_group_display(),
        isBasedOn=row.source
        and make_node("CreativeWork", name=row.source.title, **keep_known(url=row.source.url)),
        about=about if explained else None,
        url=page,
        mainEntityOfPage=describe_entry_page(page, row.changed_at),
    )
