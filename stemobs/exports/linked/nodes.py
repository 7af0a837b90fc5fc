"""Building blocks of linked data (JSON-LD): context, nodes, and the script element of a page."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from stemobs.addresses import build_absolute_url
from stemobs.encoding import to_json
from stemobs.publisher import LANGUAGE, LICENCE_ADDRESS

CONTENT_TYPE = "application/ld+json"
# The context is written out instead of naming “https://schema.org”, so that reading the data needs
# no network. schema.org's own context still says http:// for its terms, whose addresses are
# https:// today; search engines know both. Which properties are addresses and which are dates
# follows schema.org's own context.
ADDRESSES = (
    "archivedAt", "contentUrl", "documentation", "image", "license", "logo", "sameAs", "url",
)  # fmt: skip
DATES = ("dateModified", "datePublished", "endDate", "lastReviewed", "startDate")
CONTEXT: Mapping[str, Any] = {
    "@vocab": "https://schema.org/",
    "dct": "http://purl.org/dc/terms/",
    **{name: {"@type": "@id"} for name in ADDRESSES},
    **{name: {"@type": "Date"} for name in DATES},
}
# Escaped as Django's `json_script` does, so that no text can close the script or open a comment.
ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}
UNKNOWN: tuple[Any, ...] = (None, "", [], {})
# A source's date is free text; only these forms are dates: 2018, 2018-03, 2018-03-01.
DATE = re.compile(r"\d{4}(-\d\d){0,2}")

Node = dict[str, Any]


def make_jsonld_document(*nodes: Node) -> Node:
    """Return nodes as a complete JSON-LD document with its context."""
    if len(nodes) == 1:
        return {"@context": CONTEXT, **nodes[0]}
    return {"@context": CONTEXT, "@graph": list(nodes)}


def write_script(data: Any) -> SafeString:
    """Return data as a JSON-LD script element; texts are escaped, so that none can close it."""
    text = to_json(data).decode().translate(ESCAPES)
    # ESCAPES has replaced every sign that could end the script element.
    return mark_safe(f'<script type="{CONTENT_TYPE}">{text}</script>')  # noqa: S308


def make_node(kind: str | Sequence[str], at: str = "", /, **facts: Any) -> Node:
    """Return a node of a type, with the id `at` and all facts that are not empty."""
    named = {"@type": kind, "@id": at} if at else {"@type": kind}
    return named | keep_known(**facts)


def keep_known(**facts: Any) -> Node:
    return {name: value for name, value in facts.items() if value not in UNKNOWN}


@cache
def build_path(name: str, *args: str) -> str:
    """Return the path of a URL pattern; cached, because a file of all programmes needs many."""
    return reverse(name, args=args)


def build_page_url(thing: Any) -> str:
    """Return the absolute address of the page about a model instance."""
    return build_absolute_url(thing.get_absolute_url())


def build_thing_url(page: str) -> str:
    """Return the id of the thing that a page is about: the page's address with “#this”."""
    return f"{page}#this"


def format_year(number: int | None) -> str:
    return f"{number:04}" if number else ""


def keep_date(text: str) -> str:
    """Return a source's date if it is a date, or "" for a text such as “spring 2018”."""
    return text if DATE.fullmatch(text) else ""


def describe_names(rows: Iterable[tuple[str, str]]) -> list[Any]:
    """Return names as JSON-LD values, each with its language code where that is known."""
    return [
        {"@value": name, "@language": language} if language else name for name, language in rows
    ]


def describe_entry_page(page: str, changed: Any, verified: Any = None, **more: Any) -> Node:
    """Return the web page of an entry, with facts about the entry such as its last change."""
    return make_node(
        "WebPage",
        page,
        url=page,
        inLanguage=LANGUAGE,
        dateModified=changed,
        lastReviewed=verified,
        license=LICENCE_ADDRESS,
        **more,
    )
