"""Template tags that write a page's linked data (JSON-LD), and `named`, which keeps its title."""

from collections.abc import Callable, Iterable, Mapping
from html import unescape
from typing import Any

from django import template
from django.core.paginator import Page
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.dumps.archive import find_offered_archive
from stemobs.entries.entry import Entry
from stemobs.exports.dcat import describe_as_schema_org
from stemobs.exports.linked.nodes import Node, make_jsonld_document, write_script
from stemobs.exports.linked.pages import (
    describe_breadcrumbs,
    describe_collection,
    describe_insight,
    describe_site,
    describe_web_page,
)
from stemobs.exports.linked.partners import (
    describe_guide,
    describe_organisation,
    describe_platform,
    describe_strategy,
)
from stemobs.exports.linked.programmes import describe_entry
from stemobs.exports.linked.terms import describe_country, list_term_names
from stemobs.insights.shapes import Insight
from stemobs.selection.selection import IndexedFilter

register = template.Library()

MAKERS: Mapping[str, Callable[[Any], Node]] = {
    "country": describe_country,
    "organisation": describe_organisation,
    "platform": describe_platform,
    "strategy": describe_strategy,
}


class NamedNode(template.Node):
    """Renders a part of a template into a context variable, in one line, instead of showing it."""

    def __init__(self, name: str, nodelist: template.base.NodeList) -> None:
        self.name, self.nodelist = name, nodelist

    def render(self, context: template.Context) -> str:
        # The text is safe: the template that rendered it has escaped what needs escaping.
        context[self.name] = mark_safe(" ".join(self.nodelist.render(context).split()))  # noqa: S308
        return ""


@register.tag
def named(parser: template.base.Parser, token: template.base.Token) -> NamedNode:
    """Put the text up to `endnamed` into a variable: {% named title %}…{% endnamed %}."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endnamed",))
    parser.delete_first_token()
    return NamedNode(name, nodelist)


@register.simple_tag
def linked(kind: str, thing: Any) -> SafeString:
    """Return the JSON-LD script for a country, organisation, platform or strategy."""
    return write_script(make_jsonld_document(MAKERS[kind](thing)))


@register.simple_tag(takes_context=True)
def linked_entry(context: template.Context, entry: Entry) -> SafeString:
    """Return the JSON-LD script for a programme with all its facts."""
    return write_script(
        make_jsonld_document(
            describe_entry(entry, list_term_names(get_request_catalogue(context["request"])))
        )
    )


@register.simple_tag
def linked_guide(guide: Any, terms: Iterable[Any]) -> SafeString:
    return write_script(make_jsonld_document(describe_guide(guide, terms)))


@register.simple_tag
def linked_figure(insight: Insight, moment: Any) -> SafeString:
    return write_script(make_jsonld_document(describe_insight(insight, moment)))


@register.simple_tag(takes_context=True)
def linked_site(context: template.Context) -> SafeString:
    """Return the JSON-LD script for the home page: the site and its data sets."""
    return write_script(make_jsonld_document(describe_site(), describe_data_catalogue(context)))


@register.simple_tag(takes_context=True)
def linked_webpage(context: template.Context, kind: str = "WebPage") -> SafeString:
    """Return the JSON-LD script for a page about no single record: its title and address."""
    name, description = unescape(context["page_title"]), unescape(context["page_description"])
    return write_script(
        make_jsonld_document(describe_web_page(kind, find_page_url(context), name, description))
    )


@register.simple_tag(takes_context=True)
def linked_data(context: template.Context) -> SafeString:
    return write_script(make_jsonld_document(describe_data_catalogue(context)))


@register.simple_tag(takes_context=True)
def linked_list(context: template.Context, name: Any, things: Iterable[Any]) -> SafeString:
    """Return the JSON-LD script for a list that is shown whole on one page."""
    rows = list(things)
    return write_script(
        make_jsonld_document(describe_collection(name, find_page_url(context), len(rows), rows))
    )


@register.simple_tag(takes_context=True)
def linked_page(
    context: template.Context, name: Any, kind: str, selection: IndexedFilter, page: Page
) -> SafeString:
    """Return the JSON-LD script for one page of a selection of programmes or organisations.

    The rows' addresses come from the index, without a query.
    """
    entries = selection.index.entries
    paths = [reverse(kind, args=[entries[pk].slug]) for pk in page.object_list if pk in entries]
    total, first = page.paginator.count, page.start_index()
    return write_script(
        make_jsonld_document(describe_collection(name, find_page_url(context), total, paths, first))
    )


def describe_data_catalogue(context: template.Context) -> Node:
    """Return the catalogue of data sets in schema.org's terms, with the newest dump."""
    catalogue = get_request_catalogue(context["request"])
    return describe_as_schema_org(catalogue, find_offered_archive(catalogue.revision))


def find_page_url(context: template.Context) -> str:
    """Return the canonical address of the page, unescaped: in the context it is HTML."""
    return unescape(context["canonical_url"])


@register.simple_tag(takes_context=True)
def linked_breadcrumbs(context: template.Context, *places: Any) -> SafeString:
    """Return the JSON-LD script for the breadcrumbs of a page.

    `places` are name, path, name, path …, and the name of the page itself at the end.
    """
    names, paths = places[::2], [*places[1::2], context["request"].path]
    return write_script(make_jsonld_document(describe_breadcrumbs(zip(names, paths, strict=True))))
