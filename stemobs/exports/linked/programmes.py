"""Linked data of programmes: short ones from rows of a list, and complete ones from entries."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from partnerships.models import Lineage, Partnership
from programmes.models import Document, Programme, Reach, Source
from stemobs.entries import wording
from stemobs.entries.entry import Entry
from stemobs.exports.linked.nodes import (
    Node,
    build_absolute_url,
    build_page_url,
    build_path,
    build_thing_url,
    describe_entry_page,
    describe_names,
    format_year,
    keep_date,
    keep_known,
    make_node,
)
from stemobs.exports.linked.partners import refer_to_organisation, refer_to_thing
from stemobs.exports.linked.terms import Names, describe_audience, describe_term, refer_to_country
from stemobs.exports.rows import drop_empty_decimals

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
# For each relation: its property at the first end, and at the other end. schema.org has a word only
# for “based on”; Dublin Core (dct) has the others.
BASED_ON, VERSION, RELATED = "isBasedOn", "dct:hasVersion", "dct:relation"
REPLACES, REPLACED_BY = "dct:replaces", "dct:isReplacedBy"
WHOLE, PART = "parentOrganization", "subOrganization"  # schema.org's properties for projects too
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
# Which bound a number states, by the word before it: “over 4,500” states a least value.
BOUNDS = {
    Reach.Qualifier.EXACT: "value",
    Reach.Qualifier.OVER: "minValue",
    Reach.Qualifier.AT_LEAST: "minValue",
    Reach.Qualifier.RANGE: "minValue",
    Reach.Qualifier.NEARLY: "maxValue",
    Reach.Qualifier.UP_TO: "maxValue",
}


def describe_programme_row(row: Mapping[str, Any], names: Names | None = None) -> Node:
    """Return a programme from its row in the API's list; `names` has the names of its terms."""
    names = names or {}
    return make_node(
        TYPES.get(row["record_type"], PROJECT),
        build_thing_url(row["page"]),
        name=row["name"],
        description=row["summary"],
        identifier=row["slug"],
        url=row["page"],
        areaServed=[refer_to_country(code, names) for code in row["countries"]],
        educationalLevel=[describe_term("education-levels", code, names) for code in row["levels"]],
        audience=[describe_audience(slug, names) for slug in row["audiences"]],
        keywords=[
            *(describe_term("initiative-kinds", slug, names) for slug in row["kinds"]),
            *(describe_term("career-factors", slug, names) for slug in row["factors"]),
        ],
        startDate=format_year(row["year_start"]),
        endDate=format_year(row["year_end"]),
        mainEntityOfPage=describe_entry_page(row["page"], row["changed_at"], row["verified_on"]),
    )


def describe_entry(entry: Entry, terms: Names) -> Node:
    """Return a programme with every fact that schema.org or Dublin Core has a property for."""
    one = entry.programme
    told = describe_programme_row(make_programme_row(one), terms)
    further = [term.name for term in (*one.focuses.all(), *one.sectors.all())]
    cited = [describe_source(one) for _number, one, _places in entry.numbered_sources]
    return told | keep_known(
        alternateName=describe_names(list_other_names(one)),
        sameAs=one.website,
        logo=describe_picture(one) if one.public_logo else "",
        typicalAgeRange=format_ages(one),
        inLanguage=one.languages.split(", ") if one.languages else [],
        keywords=[*told.get("keywords", []), *further],
        subjectOf=[describe_document(row) for row in one.documents.all()],
        mainEntityOfPage=told["mainEntityOfPage"] | keep_known(citation=cited),
        **group_by_property(describe_roles(one)),
        **group_by_property(describe_lineage(entry)),
        **{"@reverse": keep_known(observationAbout=[describe_reach(row) for row in entry.reach])},
    )


def describe_picture(one: Programme) -> Node:
    """Return the picture of a programme with its credit and licence, which go where it goes."""
    address = build_absolute_url(one.public_logo.url)
    return make_node(
        "ImageObject",
        address,
        contentUrl=address,
        caption=one.logo_alt,
        creditText=one.logo_credit,
        license=make_node("CreativeWork", name=one.logo_licence) if one.logo_licence else "",
    )


def make_programme_row(one: Programme) -> dict[str, Any]:
    """Return the part of a programme's row in the API's list that linked data use."""
    columns = {name: getattr(one, name) for name in COLUMNS}
    terms = {
        name: [getattr(row, key) for row in getattr(one, name).all()] for name, key in TERMS.items()
    }
    return {"page": build_page_url(one), **columns, **terms}


def list_other_names(one: Programme) -> list[tuple[str, str]]:
    """Return the short name and other names of a programme, each with its language or ""."""
    short = [(one.short_name, "")] if one.short_name else []
    return short + [(row.name, row.language) for row in one.names.all()]


def format_ages(one: Programme) -> str:
    """Return the age range in schema.org's form: “7-9”, “11-”; "" if no age is known."""
    if one.age_min is None and one.age_max is None:
        return ""
    return "-".join("" if age is None else str(age) for age in (one.age_min, one.age_max))


def group_by_property(pairs: Iterable[tuple[str, Node]]) -> dict[str, list[Node]]:
    """Return lists of nodes by property, without duplicates."""
    by_property: dict[str, list[Node]] = {}
    for name, thing in pairs:
        told = by_property.setdefault(name, [])
        if thing not in told:
            told.append(thing)
    return by_property


def describe_roles(one: Programme) -> Iterator[tuple[str, Node]]:
    """Yield property and organisation for each partnership.

    An organisation that took part only for some years, or formerly, is wrapped in a dated Role.
    """
    for row in one.partnerships.all():
        name, who = ROLES[Role(row.role)], refer_to_organisation(row.organisation)
        if row.since or row.until or row.role in FORMER:
            told = {"roleName": row.get_role_display(), name: who}
            who = make_node(
                "Role", startDate=format_year(row.since), endDate=format_year(row.until), **told
            )
        yield name, who


def describe_lineage(entry: Entry) -> Iterator[tuple[str, Node]]:
    """Yield property and node for each relation: origins, successors and parts."""
    for row in entry.lineage:
        forth, back = LINEAGE[Relation(row.relation)]
        if row.from_programme_id == entry.programme.pk:
            yield forth, refer_to_thing(row.target)
        else:
            yield back, refer_to_thing(row.subject)


def describe_source(one: Source) -> Node:
    return make_node(
        SOURCE_TYPES[Source.Kind(one.kind)],
        build_absolute_url(build_path("api-sources-list")) + f"{one.slug}/",
        name=one.title,
        url=one.url,
        archivedAt=one.archived_url,
        inLanguage=one.language,
        datePublished=keep_date(one.published),
        publisher=make_node("Organization", name=one.publisher) if one.publisher else None,
    )


def describe_document(row: Document) -> Node:
    return make_node(
        "CreativeWork",
        name=row.title,
        url=row.url,
        inLanguage=row.language,
        datePublished=format_year(row.year),
        genre=row.get_type_display(),
    )


def describe_reach(row: Reach) -> Node:
    """Return a reach figure as an Observation, no more exact than its source.

    “over 4,500” becomes a least value only.
    """
    said = f"{wording.format_figure(row.qualifier, row.value, row.value_max)} {row.unit}"
    time = wording.format_reach_time(row)
    bound = BOUNDS.get(Reach.Qualifier(row.qualifier))
    return make_node(
        "Observation",
        description=f"{said} ({time})" if time else said,
        unitText=row.unit.name,
        **{bound: drop_empty_decimals(row.value)} if bound else {},
        **{"maxValue": drop_empty_decimals(row.value_max)} if row.value_max is not None else {},
        **keep_known(**{REPLACES: [describe_reach(one) for one in row.earlier]}),
    )
