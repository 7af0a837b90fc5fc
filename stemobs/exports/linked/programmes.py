"""Programmes as linked data: from a row of a list, and with every fact that has a term."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from partnerships.models import Lineage, Partnership
from programmes.models import Document, Programme, Reach, Source
from stemobs.entries import wording
from stemobs.entries.entry import Entry
from stemobs.exports.linked.nodes import (
    Node,
    absolute,
    date,
    entry_page,
    known,
    names,
    node,
    page_of,
    path_of,
    this,
    year,
)
from stemobs.exports.linked.partners import organisation, reference
from stemobs.exports.linked.terms import Names, audience, country, term
from stemobs.exports.rows import number

RecordType, Relation, Role = Programme.RecordType, Lineage.Relation, Partnership.Role

PROJECT = "Project"  # “an enterprise, typically collaborative, planned to achieve a particular aim”
TYPES: Mapping[str, str | list[str]] = {
    RecordType.COMPETITION: [PROJECT, "EventSeries"],
    RecordType.EVENT: [PROJECT, "EventSeries"],
    RecordType.GRANT_SCHEME: "FundingScheme",
    RecordType.RESOURCE_PORTAL: [PROJECT, "WebSite"],
}
COLUMNS = (
    "slug", "name", "record_type", "summary", "year_start", "year_end", "changed_at", "verified_on",
)  # fmt: skip
TERMS = {
    "countries": "code", "levels": "code", "kinds": "slug", "factors": "slug", "audiences": "slug",
}  # fmt: skip
ROLES = {
    Role.COORDINATOR: "organizer",
    Role.CO_ORGANISER: "organizer",
    Role.IMPLEMENTING_BODY: "organizer",
    Role.FORMER_COORDINATOR: "organizer",
    Role.OWNER: "provider",
    Role.FOUNDER: "founder",
    Role.FUNDER: "funder",
    Role.SPONSOR: "sponsor",
    Role.PATRON: "sponsor",
    Role.PARTNER: "member",
    Role.ACADEMIC_PARTNER: "member",
    Role.FORMER_PARTNER: "member",
    Role.CONTENT_PROVIDER: "contributor",
    Role.DATA_PROVIDER: "contributor",
    Role.EVALUATOR: "contributor",
}
FORMER = {Role.FORMER_COORDINATOR, Role.FORMER_PARTNER}
# A relation as the one end tells it, and as the other. Only what was made from something is based
# on it; schema.org has no word for what was made, replaced or otherwise related.
BASED_ON, VERSION, RELATED = "isBasedOn", "dct:hasVersion", "dct:relation"
REPLACES, REPLACED_BY = "dct:replaces", "dct:isReplacedBy"
WHOLE, PART = "parentOrganization", "subOrganization"  # as schema.org tells parts of projects
LINEAGE = {
    Relation.DERIVED_FROM: (BASED_ON, VERSION),
    Relation.ADAPTED_AS: (VERSION, BASED_ON),
    Relation.INSPIRED: (RELATED, RELATED),
    Relation.BUILDS_ON: (BASED_ON, RELATED),
    Relation.PART_OF: (WHOLE, PART),
    Relation.PARENT_OF: (PART, WHOLE),
    Relation.RENAMED_FROM: (REPLACES, REPLACED_BY),
    Relation.SUCCEEDED_BY: (REPLACED_BY, REPLACES),
    Relation.SUCCESSOR_OF: (REPLACES, REPLACED_BY),
    Relation.SUPPORTS_STRATEGY: (RELATED, RELATED),
}
SOURCE_TYPES = {
    Source.Kind.PAGE: "WebPage",
    Source.Kind.NEWS: "NewsArticle",
    Source.Kind.DOCUMENT: "DigitalDocument",
    Source.Kind.REPORT: "Report",
}
# What a number with such a word before it is certain of.
BOUNDS = {
    Reach.Qualifier.EXACT: "value",
    Reach.Qualifier.OVER: "minValue",
    Reach.Qualifier.AT_LEAST: "minValue",
    Reach.Qualifier.RANGE: "minValue",
    Reach.Qualifier.NEARLY: "maxValue",
    Reach.Qualifier.UP_TO: "maxValue",
}


def of_row(row: Mapping[str, Any], names: Names | None = None) -> Node:
    """Return a programme from its row in the API's list, its terms with the names given."""
    names = names or {}
    return node(
        TYPES.get(row["record_type"], PROJECT),
        this(row["page"]),
        name=row["name"],
        description=row["summary"],
        identifier=row["slug"],
        url=row["page"],
        areaServed=[country(code, names) for code in row["countries"]],
        educationalLevel=[term("education-levels", code, names) for code in row["levels"]],
        audience=[audience(slug, names) for slug in row["audiences"]],
        keywords=[
            *(term("initiative-kinds", slug, names) for slug in row["kinds"]),
            *(term("career-factors", slug, names) for slug in row["factors"]),
        ],
        startDate=year(row["year_start"]),
        endDate=year(row["year_end"]),
        mainEntityOfPage=entry_page(row["page"], row["changed_at"], row["verified_on"]),
    )


def of_entry(entry: Entry, terms: Names) -> Node:
    """Return a programme with every fact that the vocabulary has a term for."""
    one = entry.programme
    told = of_row(row_of(one), terms)
    further = [term.name for term in (*one.focuses.all(), *one.sectors.all())]
    cited = [source(one) for _number, one, _places in entry.numbered_sources]
    return told | known(
        alternateName=names(called(one)),
        sameAs=one.website,
        logo=absolute(one.logo.url) if one.logo else "",
        typicalAgeRange=ages(one),
        inLanguage=one.languages.split(", ") if one.languages else [],
        keywords=[*told.get("keywords", []), *further],
        subjectOf=[document_of(row) for row in one.documents.all()],
        mainEntityOfPage=told["mainEntityOfPage"] | known(citation=cited),
        **gathered(roles(one)),
        **gathered(lineage(entry)),
        **{"@reverse": known(observationAbout=[figure(row) for row in one.reach.all()])},
    )


def row_of(one: Programme) -> dict[str, Any]:
    """Return as much of a programme's row in a list as linked data take."""
    columns = {name: getattr(one, name) for name in COLUMNS}
    terms = {
        name: [getattr(row, key) for row in getattr(one, name).all()] for name, key in TERMS.items()
    }
    return {"page": page_of(one), **columns, **terms}


def called(one: Programme) -> list[tuple[str, str]]:
    """Return the other names of a programme, each with its language."""
    short = [(one.short_name, "")] if one.short_name else []
    return short + [(row.name, row.language) for row in one.names.all()]


def ages(one: Programme) -> str:
    """Return ages as schema.org wants them: “7-9”, “11-”."""
    if one.age_min is None and one.age_max is None:
        return ""
    return "-".join("" if age is None else str(age) for age in (one.age_min, one.age_max))


def gathered(pairs: Iterable[tuple[str, Node]]) -> dict[str, list[Node]]:
    """Return what was told by property, and nothing twice."""
    by_property: dict[str, list[Node]] = {}
    for name, thing in pairs:
        told = by_property.setdefault(name, [])
        if thing not in told:
            told.append(thing)
    return by_property


def roles(one: Programme) -> Iterator[tuple[str, Node]]:
    """Yield who takes part; where that was at another time, within a role that says when."""
    for row in one.partnerships.all():
        name, who = ROLES[Role(row.role)], organisation(row.organisation)
        if row.since or row.until or row.role in FORMER:
            told = {"roleName": row.get_role_display(), name: who}
            who = node("Role", startDate=year(row.since), endDate=year(row.until), **told)
        yield name, who


def lineage(entry: Entry) -> Iterator[tuple[str, Node]]:
    """Yield what a programme came from, what came of it, and what it is a part of."""
    for row in entry.lineage:
        forth, back = LINEAGE[Relation(row.relation)]
        if row.from_programme_id == entry.programme.pk:
            yield forth, reference(row.target)
        else:
            yield back, reference(row.subject)


def source(one: Source) -> Node:
    return node(
        SOURCE_TYPES[Source.Kind(one.kind)],
        absolute(path_of("api-sources-list")) + f"{one.slug}/",
        name=one.title,
        url=one.url,
        archivedAt=one.archived_url,
        inLanguage=one.language,
        datePublished=date(one.published),
        publisher=node("Organization", name=one.publisher) if one.publisher else None,
    )


def document_of(row: Document) -> Node:
    return node(
        "CreativeWork",
        name=row.title,
        url=row.url,
        inLanguage=row.language,
        datePublished=year(row.year),
        genre=row.get_type_display(),
    )


def figure(row: Reach) -> Node:
    """Return a counted figure, no more exact than its source: “over 4,500” has a lower end only."""
    said = f"{wording.figure(row.qualifier, row.value, row.value_max)} {row.unit}"
    time = wording.time(row)
    bound = BOUNDS.get(Reach.Qualifier(row.qualifier))
    return node(
        "Observation",
        description=f"{said} ({time})" if time else said,
        unitText=row.unit.name,
        **{bound: number(row.value)} if bound else {},
        **{"maxValue": number(row.value_max)} if row.value_max is not None else {},
    )
