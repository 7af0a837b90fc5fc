"""What a page says to machines: linked data in scripts, and its own title once more."""

from collections.abc import Callable, Iterable, Mapping
from html import unescape
from typing import Any

from django import template
from django.core.paginator import Page
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from stemobs.catalogue.requests import catalogue_of
from stemobs.dumps.archive import offered
from stemobs.entries.entry import Entry
from stemobs.exports.dcat import as_schema
from stemobs.exports.linked.nodes import Node, document, to_script
from stemobs.exports.linked.pages import breadcrumbs, collection, of_figure, site, web_page
from stemobs.exports.linked.partners import of_guide, of_organisation, of_platform, of_strategy
from stemobs.exports.linked.programmes import of_entry
from stemobs.exports.linked.terms import country_page, names_of
from stemobs.insights.shapes import Figure
from stemobs.selection.selection import IndexedFilter

register = template.Library()

MAKERS: Mapping[str, Callable[[Any], Node]] = {
    "country": country_page,
    "organisation": of_organisation,
    "platform": of_platform,
    "strategy": of_strategy,
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
    return to_script(document(MAKERS[kind](thing)))


@register.simple_tag(takes_context=True)
def linked_entry(context: template.Context, entry: Entry) -> SafeString:
    """Tell a programme with every fact as linked data."""
    return to_script(document(of_entry(entry, names_of(catalogue_of(context["request"])))))


@register.simple_tag
def linked_guide(guide: Any, terms: Iterable[Any]) -> SafeString:
    return to_script(document(of_guide(guide, terms)))


@register.simple_tag
def linked_figure(figure: Figure, moment: Any) -> SafeString:
    return to_script(document(of_figure(figure, moment)))


@register.simple_tag(takes_context=True)
def linked_site(context: template.Context) -> SafeString:
    """Tell what the site is, and which data it has."""
    return to_script(document(site(), data_catalogue(context)))


@register.simple_tag(takes_context=True)
def linked_webpage(context: template.Context, kind: str = "WebPage") -> SafeString:
    """Tell of a page about nothing in particular what it is called and where it is."""
    name, description = unescape(context["page_title"]), unescape(context["page_description"])
    return to_script(document(web_page(kind, address(context), name, description)))


@register.simple_tag(takes_context=True)
def linked_data(context: template.Context) -> SafeString:
    return to_script(document(data_catalogue(context)))


@register.simple_tag(takes_context=True)
def linked_list(context: template.Context, name: Any, things: Iterable[Any]) -> SafeString:
    """Tell all rows of a list that stands on one page."""
    rows = list(things)
    return to_script(document(collection(name, address(context), len(rows), rows)))


@register.simple_tag(takes_context=True)
def linked_page(
    context: template.Context, name: Any, kind: str, selection: IndexedFilter, page: Page
) -> SafeString:
    """Tell one page of a selection, of rows whose addresses the index knows."""
    entries = selection.index.entries
    paths = [reverse(kind, args=[entries[pk].slug]) for pk in page.object_list if pk in entries]
    total, first = page.paginator.count, page.start_index()
    return to_script(document(collection(name, address(context), total, paths, first)))


def data_catalogue(context: template.Context) -> Node:
    """Return which data there are, the newest dump among them, in schema.org's terms."""
    catalogue = catalogue_of(context["request"])
    return as_schema(catalogue, offered(catalogue.revision))


def address(context: template.Context) -> str:
    """Return the page's one address, which templates have as HTML."""
    return unescape(context["canonical_url"])


@register.simple_tag(takes_context=True)
def linked_breadcrumbs(context: template.Context, *places: Any) -> SafeString:
    """Tell where a page stands: a name, its path, the next name …, and its own name at the end."""
    names, paths = places[::2], [*places[1::2], context["request"].path]
    return to_script(document(breadcrumbs(zip(names, paths, strict=True))))
