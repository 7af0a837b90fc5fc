"""Organisations, platforms, strategies and guides as linked data."""

from collections.abc import Iterable
from typing import Any

from partnerships.models import Guide, NationalPlatform, Organisation, Strategy
from programmes.models import Programme
from stemobs.exports.linked.nodes import Node, entry_page, known, names, node, page_of, this, year
from stemobs.exports.linked.terms import countries

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


def organisation(row: Organisation) -> Node:
    """Return an organisation where something else is told of it."""
    kind = TYPES.get(Type(row.type), "Organization")
    return node(kind, this(page_of(row)), name=row.name, url=page_of(row))


def reference(thing: Any) -> Node:
    """Return what a relation leads to; what stands outside the catalogue has only a name."""
    match thing:
        case Organisation():
            return organisation(thing)
        case NationalPlatform():
            kind = "Organization"
        case Programme() | Strategy():
            kind = "Project"
        case _:
            return node("Thing", name=str(thing))
    return node(kind, this(page_of(thing)), name=thing.name, url=page_of(thing))


def of_organisation(row: Organisation) -> Node:
    """Return an organisation with its names, its seat and what it belongs to."""
    called = [(name.name, name.language) for name in row.names.all()]
    seat = row.country and node("PostalAddress", addressCountry=row.country.code)
    return organisation(row) | known(
        alternateName=names(called),
        identifier=row.slug,
        sameAs=row.website,
        address=seat,
        parentOrganization=row.parent and organisation(row.parent),
        mainEntityOfPage=entry_page(page_of(row), row.changed_at),
        **{"dct:isReplacedBy": row.successor and organisation(row.successor)},
    )


def of_initiative(row: NationalPlatform | Strategy) -> Node:
    """Return what platforms and strategies have in common."""
    pairs = (part.strip().partition(": ") for part in row.native_names.split(";") if part.strip())
    return reference(row) | known(
        alternateName=names((name, code) if name else (code, "") for code, _colon, name in pairs),
        identifier=row.slug,
        areaServed=countries(row.countries.all()),
        startDate=year(row.year_start),
        endDate=year(row.year_end),
        mainEntityOfPage=entry_page(page_of(row), row.changed_at),
    )


def of_platform(row: NationalPlatform) -> Node:
    return of_initiative(row) | known(
        description=row.mandate,
        organizer=row.organisation and organisation(row.organisation),
    )


def of_strategy(row: Strategy) -> Node:
    return of_initiative(row) | known(
        description=row.summary,
        provider=[organisation(owner) for owner in row.owners.all()],
        organizer=row.implementing_body and organisation(row.implementing_body),
    )


def of_guide(row: Guide, terms: Iterable[Any]) -> Node:
    """Return a guide, with the terms that it explains."""
    page = page_of(row)
    explained = [
        node(
            "DefinedTerm",
            f"{page}#{term.slug}",
            name=term.name,
            termCode=term.slug,
            description=term.description,
        )
        for term in terms
    ]
    about = node(
        "DefinedTermSet",
        f"{page}#terms",
        name=row.title,
        hasDefinedTerm=explained,
    )
    return node(
        "Article",
        this(page),
        name=row.title,
        headline=row.title,
        description=row.summary,
        identifier=row.slug,
        articleSection=row.get_group_display(),
        isBasedOn=row.source
        and node("CreativeWork", name=row.source.title, **known(url=row.source.url)),
        about=about if explained else None,
        url=page,
        mainEntityOfPage=entry_page(page, row.changed_at),
    )
