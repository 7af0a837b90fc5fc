"""The pages about the catalogue itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from programmes.models import EUROPE, Citation, Country, Field, Source, where_published
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.index import NONE
from stemobs.catalogue.requests import catalogue_of
from stemobs.dumps.archive import offered
from stemobs.exports.files import FIGURE_FORMATS, FORMATS
from stemobs.exports.tables import FIGURES, PROGRAMMES
from stemobs.insights.insights import GAPS
from stemobs.selection.facets import COUNTRY, EVIDENCE, FACETS
from stemobs.selection.programmes import ProgrammeFilter

SECTIONS = (
    ("method", _("How an entry is made")),
    ("evidence", _("How evidence is described")),
    ("gaps", _("What is missing")),
    ("coverage", _("What it covers")),
    ("sources", _("Sources")),
    ("corrections", _("Corrections")),
    ("licence", _("Licence")),
    ("accessibility", _("Accessibility")),
    ("privacy", _("Privacy")),
)
# The two documents that the catalogue began with, by their slugs as sources.
BEGINNINGS = {
    "stem-coalition-entries": _("Programmes that rest on eight entries of the EU STEM Coalition"),
    "ingenious-synthesis-report": _("Programmes that rest on the report of the inGenious project"),
}
LEADING = 5  # countries


@dataclass(frozen=True)
class Line:
    """A number of the coverage, and what it is a part of."""

    words: Any
    number: int
    whole: int


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Method, sources, coverage and bias in numbers, licence."""
    catalogue = catalogue_of(request)
    everything = ProgrammeFilter(QueryDict(), catalogue)
    kinds = catalogue.once_in_this_state(sources_by_kind, sources_by_kind)
    context = {
        "contents": [{"anchor": anchor, "name": name} for anchor, name in SECTIONS],
        "total": len(everything.index),
        "sources": sum(number for _kind, number in kinds),
        "kinds": kinds,
        "coverage": catalogue.once_in_this_state(coverage, lambda: coverage(catalogue)),
        "contact": settings.SECURITY_CONTACT,
        "contact_words": settings.SECURITY_CONTACT.removeprefix("mailto:"),
        "evidence": everything.panel(EVIDENCE),
        "countries": everything.panel(COUNTRY),
        "gaps": [
            (words, len(everything.index.having(facet, [value]))) for words, facet, value in GAPS
        ],
    }
    return render(request, "pages/about/about.html", context)


def sources_by_kind() -> list[tuple[Any, int]]:
    """Return how many sources there are of each kind, the most frequent first."""
    rows = Source.objects.order_by().values_list("kind").annotate(number=Count("pk"))
    ranked = sorted(rows, key=lambda row: (-row[1], row[0]))
    return [(Source.Kind(kind).label, number) for kind, number in ranked]


def coverage(catalogue: Catalogue) -> list[Line]:
    """Return what the catalogue leans to: countries, and the documents that it began with."""
    index = catalogue.programmes
    total = len(index)
    numbers = index.counts("country", index.everything)
    unplaced = numbers.pop(NONE, 0)
    leading = sorted(numbers, key=lambda code: (-numbers[code], code))[:LEADING]
    in_leading = len(index.having("country", leading))
    europe = EUROPE & catalogue.terms(Country, "code").keys()
    return [
        Line(
            _("Countries of Europe with a programme on record"),
            len(europe & numbers.keys()),
            len(europe),
        ),
        Line(_("Programmes in the five countries with most of them"), in_leading, total),
        Line(_("Programmes whose sources name no country"), unplaced, total),
        *(Line(BEGINNINGS[slug], number, total) for slug, number in resting_on(BEGINNINGS)),
    ]


def resting_on(slugs: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield for each of these sources how many published entries have it among their own."""
    rows = Citation.objects.filter(
        where_published("programme__"), field=Field.ENTRY, source__slug__in=slugs
    )
    numbers = (
        rows.order_by().values_list("source__slug").annotate(Count("programme", distinct=True))
    )
    found = dict(numbers)
    return ((slug, found[slug]) for slug in slugs if slug in found)


def files() -> Iterator[dict[str, Any]]:
    """Yield every format with the addresses of all programmes and of all figures in it."""
    for name, one in FORMATS.items():
        yield {
            "name": one.name,
            "purpose": one.purpose,
            "extension": one.ending,
            "programmes": reverse(f"programmes-{name}"),
            "figures": reverse(f"figures-{name}") if name in FIGURE_FORMATS else "",
        }


@require_safe
def about_data(request: HttpRequest) -> HttpResponse:
    """How to use the data: files, licence, API, parameters, codebook."""
    catalogue = catalogue_of(request)
    values = [(facet, {} if facet.limit else facet.labels(catalogue)) for facet in FACETS.values()]
    tables = [(table, table.codebook(catalogue)) for table in (PROGRAMMES, FIGURES)]
    total = len(catalogue.programmes)
    context = {
        "facets": values,
        "total": total,
        "files": files(),
        "dump": offered(catalogue.revision),
        "tables": tables,
    }
    return render(request, "pages/data/data.html", context)
