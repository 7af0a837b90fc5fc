"""What a page says to machines: linked data in scripts, and its own title once more."""

from collections.abc import Callable, Iterable, Mapping
from html import unescape
from typing import Any

from django import template
from django.core.paginator import Page
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from stemobs.catalogue.requests import get_request_catalogue
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
    """Keeps a part of a page for further use, in one line, instead of showing it."""

    def __init__(self, name: str, nodelist: template.base.NodeList) -> None:
        self.name, self.nodelist = name, nodelist

    def render(self, context: template.Context) -> str:
        # Templates made it: what needed escaping is escaped.
        context[self.name] = mark_safe(" ".join(self.nodelist.render(context).split()))  # noqa: S308
        return ""


@register.tag
def named(parser: template.base.Parser, token: template.base.Token) -> NamedNode:
    """Keep what stands up to `endnamed` under a name: {% named title %}…{% endnamed %}."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endnamed",))
    parser.delete_first_token()
    return NamedNode(name, nodelist)


@register.simple_tag
def linked(kind: str, thing: Any) -> SafeString:
    """Tell what a page is about as linked data."""
    return write_script(make_jsonld_document(MAKERS[kind](thing)))


@register.simple_tag(takes_context=True)
def linked_entry(context: template.Context, entry: Entry) -> SafeString:
    """Tell a programme with every fact as linked data."""
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
    """Tell what the site is, and which data it has."""
    return write_script(make_jsonld_document(describe_site(), describe_data_catalogue(context)))


@register.simple_tag(takes_context=True)
def linked_webpage(context: template.Context, kind: str = "WebPage") -> SafeString:
    """Tell of a page about nothing in particular what it is called and where it is."""
    name, description = unescape(context["page_title"]), unescape(context["page_description"])
    return write_script(
        make_jsonld_document(describe_web_page(kind, find_page_url(context), name, description))
    )


@register.simple_tag(takes_context=True)
def linked_data(context: template.Context) -> SafeString:
    return write_script(make_jsonld_document(describe_data_catalogue(context)))


@register.simple_tag(takes_context=True)
def linked_list(context: template.Context, name: Any, things: Iterable[Any]) -> SafeString:
    """Tell all rows of a list that stands on one page."""
    rows = list(things)
    return write_script(
        make_jsonld_document(describe_collection(name, find_page_url(context), len(rows), rows))
    )


@register.simple_tag(takes_context=True)
def linked_page(
    context: template.Context, name: Any, kind: str, selection: IndexedFilter, page: Page
) -> SafeString:
    """Tell one page of a selection, of rows whose addresses the index knows."""
    entries = selection.index.entries
    paths = [reverse(kind, args=[entries[pk].slug]) for pk in page.object_list if pk in entries]
    total, first = page.paginator.count, page.start_index()
    return write_script(
        make_jsonld_document(describe_collection(name, find_page_url(context), total, paths, first))
    )


def describe_data_catalogue(context: template.Context) -> Node:
    """Return which data there are, the newest dump among them, in schema.org's terms."""
    catalogue = get_request_catalogue(context["request"])
    return describe_as_schema_org(catalogue, find_offered_archive(catalogue.revision))


def find_page_url(context: template.Context) -> str:
    """Return the page's one address, which templates have as HTML."""
    return unescape(context["canonical_url"])


@register.simple_tag(takes_context=True)
def linked_breadcrumbs(context: template.Context, *places: Any) -> SafeString:
    """Tell where a page stands: a name, its path, the next name …, and its own name at the end."""
    names, paths = places[::2], [*places[1::2], context["request"].path]
    return write_script(make_jsonld_document(describe_breadcrumbs(zip(names, paths, strict=True))))
