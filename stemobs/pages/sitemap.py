"""The files for web crawlers: the sitemap and robots.txt."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from math import ceil
from xml.sax.saxutils import escape

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from partnerships.models import Guide, NationalPlatform, Organisation, Strategy
from stemobs.addresses import build_absolute_url
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.documents import make_moment
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.insights.insights import INSIGHTS
from stemobs.pages.countries import list_country_rows
from stemobs.pages.start import STARTERS
from stemobs.selection.parameters import refuse_parameters

Address = tuple[str, datetime | None]  # the path of a page, and when its content changed last
MOST = 50_000  # the most addresses that sitemaps.org allows in one file
XML = "application/xml; charset=utf-8"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"

# Pages that show the whole catalogue, so that any change of the catalogue changes them.
WHOLE = (
    "home", "programmes", "organisations", "countries", "platforms", "strategies", "guides",
    "insights", "evidence", "outcomes", "worksheet", "search",
)  # fmt: skip
STEADY = ("plan", "obstacles", "start", "about", "about-data", "api-docs")
OTHERS: Mapping[str, QuerySet] = {
    "platform": NationalPlatform.objects.all(),
    "strategy": Strategy.objects.all(),
    "guide": Guide.objects.all(),
}

# Lists have endless combinations of filters and orders. Crawlers may use two parameters at most,
# which is enough to reach every programme.
ROBOTS = """User-agent: *
Disallow: /admin/
Disallow: /health/
Disallow: /*?*&*&
Disallow: /*?*sort=
Disallow: /*?*view=
Disallow: /*?*list=
Disallow: /*?*show=
Disallow: /*?*page_size=
Disallow: {compare}
Disallow: {plan}?
Disallow: {obstacles}?
Disallow: {worksheet}?
Disallow: {start}*?
Disallow: {search}?
Disallow: {suggestions}
Disallow: {suggest}?

Sitemap: {sitemap}
"""


@require_safe
def send_robots_txt(request: HttpRequest) -> HttpResponse:
    """Send robots.txt (RFC 9309): the addresses that crawlers should leave alone."""
    refuse_parameters(request.GET)
    text = ROBOTS.format(
        compare=reverse("compare"),
        plan=reverse("plan"),
        obstacles=reverse("obstacles"),
        start=reverse("start"),
        search=reverse("search"),
        suggestions=reverse("suggestions"),
        suggest=reverse("suggest"),
        worksheet=reverse("worksheet"),
        sitemap=build_absolute_url(reverse("sitemap")),
    )
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def send_sitemap(request: HttpRequest) -> HttpResponse:
    """Send the sitemap index, which lists the sitemap files of all parts of the site."""
    refuse_parameters(request.GET)
    catalogue = get_request_catalogue(request)
    files = [
        (reverse("sitemap-part", args=[part, number]), catalogue.moment.changed_at)
        for part in PARTS
        for number in range(1, count_files(part, catalogue) + 1)
    ]
    return write_sitemap("sitemapindex", "sitemap", files)


@require_safe
def send_sitemap_part(request: HttpRequest, part: str, number: int) -> HttpResponse:
    """Send one sitemap file: the numbered file of a part, such as programmes."""
    refuse_parameters(request.GET)
    catalogue = get_request_catalogue(request)
    if part not in PARTS or not 0 < number <= count_files(part, catalogue):
        raise Http404
    return write_sitemap("urlset", "url", PARTS[part](catalogue, MOST * (number - 1)))


def count_files(part: str, catalogue: Catalogue) -> int:
    """Return how many sitemap files a part needs, by the number of its pages.

    It is 0 for a part without pages, because a sitemap without an address is not valid.
    """
    sizes = {"programmes": len(catalogue.programmes), "organisations": len(catalogue.organisations)}
    return ceil(sizes.get(part, 1) / MOST)


def list_pages(catalogue: Catalogue, start: int) -> Iterator[Address]:
    """Yield the addresses of all pages except those of single programmes and organisations."""
    changed = catalogue.moment.changed_at
    yield from ((reverse(name), changed) for name in WHOLE)
    yield from ((reverse(name), None) for name in STEADY)
    yield from ((reverse(starter.name), changed) for starter in STARTERS.values())
    yield from ((reverse("insight", args=[slug]), changed) for slug in INSIGHTS)
    for row in list_country_rows(catalogue):
        yield reverse("country", args=[row.country.code.lower()]), row.changed
    for name, things in OTHERS.items():
        for slug, when in things.order_by("slug").values_list("slug", "changed_at"):
            yield reverse(name, args=[slug]), when


def list_programmes(catalogue: Catalogue, start: int) -> Iterator[Address]:
    """Yield the addresses of programmes from `start` on in the order of names, for one file.

    They come from the index in memory, without a query.
    """
    index, home = catalogue.programmes, reverse("programmes")
    for number in index.by_name[start : start + MOST]:
        entry = index.entries[number]
        yield f"{home}{entry.slug}/", make_moment(entry.changed)


def list_organisations(catalogue: Catalogue, start: int) -> Iterator[Address]:
    """Yield the addresses of organisations from `start` on, for one file."""
    rows = Organisation.objects.public().order_by("pk").values_list("slug", "changed_at")
    home = reverse("organisations")
    return ((f"{home}{slug}/", changed) for slug, changed in rows[start : start + MOST])


PARTS: Mapping[str, Callable[[Catalogue, int], Iterator[Address]]] = {
    "pages": list_pages,
    "programmes": list_programmes,
    "organisations": list_organisations,
}


def write_sitemap(root: str, element: str, addresses: Iterable[Address]) -> HttpResponse:
    """Return addresses as an XML response in the format of sitemaps.org."""
    lines = (
        f"<{element}><loc>{escape(build_absolute_url(path))}</loc>{format_lastmod(changed)}</{element}>\n"
        for path, changed in addresses
    )
    text = f'{DECLARATION}\n<{root} xmlns="{NAMESPACE}">\n{"".join(lines)}</{root}>\n'
    return HttpResponse(text, content_type=XML)


def format_lastmod(changed: datetime | None) -> str:
    return f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""
