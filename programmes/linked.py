"""Facts as linked data: schema.org's terms, and those of Dublin Core where schema.org has none.

What is not known stays out; what is inferred is told like what is stated, for only the API tells
the basis of each part. A thing is not the page about it: it has the page's address with `#this`,
and what is true of the entry, such as when it changed, stands in its `mainEntityOfPage`.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from programmes.catalogue import Catalogue
from programmes.models import (
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    InitiativeKind,
    Programme,
)
from programmes.rendering import to_json

CONTENT_TYPE = "application/ld+json"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
LANGUAGE = "en"
# Written out rather than named as “https://schema.org”: nobody needs the network to read it, and
# schema.org's own says http:// for its terms, whose addresses are https:// today. Search engines
# know either form. Which texts are addresses and which are dates is as schema.org's own has it.
ADDRESSES = (
    "archivedAt", "codeRepository", "contentUrl", "documentation", "image", "inDefinedTermSet",
    "license", "logo", "sameAs", "url",
)  # fmt: skip
DATES = ("dateModified", "datePublished", "endDate", "lastReviewed", "startDate")
CONTEXT: Mapping[str, Any] = {
    "@vocab": "https://schema.org/",
    "dct": "http://purl.org/dc/terms/",
    **{name: {"@type": "@id"} for name in ADDRESSES},
    **{name: {"@type": "Date"} for name in DATES},
}
# As `json_script` does: no text can close the script, nor open a comment within.
ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}
UNKNOWN: tuple[Any, ...] = (None, "", [], {})

RecordType = Programme.RecordType
PROJECT = "Project"  # “an enterprise, typically collaborative, planned to achieve a particular aim”
TYPES: Mapping[str, str | list[str]] = {
    RecordType.COMPETITION: [PROJECT, "EventSeries"],
    RecordType.EVENT: [PROJECT, "EventSeries"],
    RecordType.GRANT_SCHEME: "FundingScheme",
    RecordType.RESOURCE_PORTAL: [PROJECT, "WebSite"],
}
# The vocabularies by their address in the API, and what their terms are told by.
VOCABULARIES = {
    "countries": (Country, "code"),
    "education-levels": (EducationLevel, "code"),
    "initiative-kinds": (InitiativeKind, "slug"),
    "career-factors": (CareerFactor, "slug"),
    "audiences": (Audience, "slug"),
}
LISTS = {
    "education-levels": "ISCED 2011",
    "initiative-kinds": "Initiative kinds",
    "career-factors": "Career factors",
}

Node = dict[str, Any]
Names = Mapping[tuple[str, str], str]  # of a vocabulary's terms, by its address and their code


# --- Writing -------------------------------------------------------------------------------------


def document(*nodes: Node) -> Node:
    """Return nodes as a document that can be read alone."""
    if len(nodes) == 1:
        return {"@context": CONTEXT, **nodes[0]}
    return {"@context": CONTEXT, "@graph": list(nodes)}


def to_script(data: Any) -> SafeString:
    """Return data as a script of a page, which no text within can close."""
    text = to_json(data).decode().translate(ESCAPES)
    # Of what could end a script nothing is left.
    return mark_safe(f'<script type="{CONTENT_TYPE}">{text}</script>')  # noqa: S308


def node(kind: str | Sequence[str], at: str = "", **facts: Any) -> Node:
    """Return a thing with what is known of it."""
    named = {"@type": kind, "@id": at} if at else {"@type": kind}
    return named | {name: value for name, value in facts.items() if value not in UNKNOWN}


def absolute(path: str) -> str:
    """Return the public address of a path on this site."""
    return f"{settings.SITE_URL}{path}"


def this(page: str) -> str:
    """Return the address of the thing that a page is about."""
    return f"{page}#this"


# --- Terms ---------------------------------------------------------------------------------------


def names_of(catalogue: Catalogue) -> Names:
    """Return what the terms of all vocabularies are called."""

    def make() -> Names:
        return {
            (address, code): name
            for address, (model, key) in VOCABULARIES.items()
            for code, name in catalogue.terms(model, key).items()
        }

    return catalogue.once(names_of, make)


@cache
def path_of(name: str, *args: str) -> str:
    return reverse(name, args=args)


def country(code: str, names: Names) -> Node:
    return node(
        "Country",
        this(absolute(path_of("country", code.lower()))),
        name=names.get(("countries", code)),
        identifier=node("PropertyValue", propertyID="ISO 3166-1 alpha-2", value=code),
    )


def term(vocabulary: str, code: Any, names: Names) -> Node:
    """Return a term of a vocabulary, which has its address in the API."""
    home = absolute(path_of(f"api-{vocabulary}-list"))
    return node(
        "DefinedTerm",
        f"{home}{code}/",
        name=names.get((vocabulary, str(code))),
        termCode=str(code),
        inDefinedTermSet=node("DefinedTermSet", home, name=LISTS[vocabulary]),
    )


def audience(slug: str, names: Names) -> Node:
    home = absolute(path_of("api-audiences-list"))
    return node("Audience", f"{home}{slug}/", audienceType=names.get(("audiences", slug), slug))


# --- Programmes ----------------------------------------------------------------------------------


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


def entry_page(page: str, changed: Any, verified: Any = None, **more: Any) -> Node:
    """Return the page of an entry, with what is true of the entry rather than of its subject."""
    return node(
        "WebPage",
        page,
        url=page,
        inLanguage=LANGUAGE,
        dateModified=changed,
        lastReviewed=verified,
        license=LICENCE,
        **more,
    )


def year(number: int | None) -> str:
    return f"{number:04}" if number else ""
