"""How linked data are written: a context that needs no network, and scripts that nothing closes."""

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
# Written out rather than named as “https://schema.org”: nobody needs the network to read it, and
# schema.org's own says http:// for its terms, whose addresses are https:// today. Search engines
# know either form. Which texts are addresses and which are dates is as schema.org's own has it.
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
# As `json_script` does: no text can close the script, nor open a comment within.
ESCAPES = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}
UNKNOWN: tuple[Any, ...] = (None, "", [], {})
# What sources give as their date is a date only in these forms.
DATE = re.compile(r"\d{4}(-\d\d){0,2}")

Node = dict[str, Any]


def make_jsonld_document(*nodes: Node) -> Node:
    """Return nodes as a document that can be read alone."""
    if len(nodes) == 1:
        return {"@context": CONTEXT, **nodes[0]}
    return {"@context": CONTEXT, "@graph": list(nodes)}


def write_script(data: Any) -> SafeString:
    """Return data as a script of a page, which no text within can close."""
    text = to_json(data).decode().translate(ESCAPES)
    # Of what could end a script nothing is left.
    return mark_safe(f'<script type="{CONTENT_TYPE}">{text}</script>')  # noqa: S308


def make_node(kind: str | Sequence[str], at: str = "", /, **facts: Any) -> Node:
    """Return a thing with what is known of it."""
    named = {"@type": kind, "@id": at} if at else {"@type": kind}
    return named | keep_known(**facts)


def keep_known(**facts: Any) -> Node:
    return {name: value for name, value in facts.items() if value not in UNKNOWN}


@cache
def build_path(name: str, *args: str) -> str:
    """Return a path that stays the same; a file of all programmes asks for many of them."""
    return reverse(name, args=args)


def build_page_url(thing: Any) -> str:
    """Return the address of the page about something."""
    return build_absolute_url(thing.get_absolute_url())


def build_thing_url(page: str) -> str:
    """Return the address of the thing that a page is about."""
    return f"{page}#this"


def format_year(number: int | None) -> str:
    return f"{number:04}" if number else ""


def keep_date(text: str) -> str:
    """Return what a source gives as its date, where that is one and no “spring 2018”."""
    return text if DATE.fullmatch(text) else ""


def describe_names(rows: Iterable[tuple[str, str]]) -> list[Any]:
    """Return names, each with the code of its language where that is known."""
    return [
        {"@value": name, "@language": language} if language else name for name, language in rows
    ]


def describe_entry_page(page: str, changed: Any, verified: Any = None, **more: Any) -> Node:
    """Return the page of an entry, with what is true of the entry rather than of its subject."""
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
