"""The page /about/: method, sources, coverage in numbers, gaps and licence of the catalogue."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from programmes.models import EUROPE, Citation, Country, Field, Source, where_published
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.counting import count_own_programmes, tally_records
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.exports.citations import cite_fixed_page
from stemobs.insights.completeness import list_completeness
from stemobs.insights.insights import GAPS
from stemobs.pages.citable import render_citable
from stemobs.selection.facets import COUNTRY, EVIDENCE
from stemobs.selection.programmes import ProgrammeFilter

SECTIONS = (
    ("method", _("How we make a record")),
    ("evidence", _("How evidence is described")),
    ("gaps", _("What is missing")),
    ("coverage", _("Coverage and bias")),
    ("sources", _("Sources")),
    ("corrections", _("Corrections")),
    ("licence", _("Licence")),
    ("accessibility", _("Accessibility")),
    ("privacy", _("Privacy")),
)
# The two documents from which the first entries were made, by their slugs as sources.
BEGINNINGS = {
    "stem-coalition-entries": _("Records that rest on eight entries of the EU STEM Coalition"),
    "ingenious-synthesis-report": _("Records that rest on the report of the inGenious project"),
}
LEADING = 5  # how many of the countries with most programmes the coverage adds up


@dataclass(frozen=True)
class CoverageLine:
    """A line of the coverage section: `number` out of `whole`, with the words that explain both."""

    words: Any
    number: int
    whole: int


@require_safe
def show_about(request: HttpRequest) -> HttpResponse:
    """Show the page about the catalogue: method, sources, coverage, gaps and licence."""
    catalogue = get_request_catalogue(request)
    everything = ProgrammeFilter(QueryDict(), catalogue)
    kinds = catalogue.make_once_in_this_state(count_sources_by_kind, count_sources_by_kind)
    context = {
        "contents": [{"anchor": anchor, "name": name} for anchor, name in SECTIONS],
        "total": len(everything.index),
        "tally": tally_records(everything.index, everything.index.everything),
        "checked": len(everything.index)
        - len(everything.index.find_with_value("gap", ["verified_on"])),
        "sources": sum(number for _kind, number in kinds),
        "kinds": kinds,
        "coverage": catalogue.make_once_in_this_state(
            measure_coverage, lambda: measure_coverage(catalogue)
        ),
        "completeness": list_completeness(catalogue),
        "contact_email": settings.CONTACT_EMAIL,
        "has_four_eyes": settings.FOUR_EYES,
        "contact": settings.SECURITY_CONTACT,
        "contact_words": settings.SECURITY_CONTACT.removeprefix("mailto:"),
        "evidence": everything.make_panel(EVIDENCE),
        "countries": everything.make_panel(COUNTRY),
        "gaps": [
            (words, len(everything.index.find_with_value(facet, [value])))
            for words, facet, value in GAPS
        ],
    }
    reference = cite_fixed_page("about", get_request_catalogue(request).moment)
    return render_citable(request, "pages/about/about.html", context, reference)


def count_sources_by_kind() -> list[tuple[Any, int]]:
    """Return how many sources there are of each kind, the most frequent first."""
    rows = Source.objects.public().order_by().values_list("kind").annotate(number=Count("pk"))
    ranked = sorted(rows, key=lambda row: (-row[1], row[0]))
    return [(Source.Kind(kind).label, number) for kind, number in ranked]


def measure_coverage(catalogue: Catalogue) -> list[CoverageLine]:
    """Return numbers that show the bias of the catalogue towards some countries and documents."""
    index = catalogue.programmes
    total = len(index)
    numbers = index.count_values("country", index.everything)
    own = count_own_programmes(index)
    unplaced = numbers.pop(NONE, 0)
    leading = sorted(numbers, key=lambda code: (-numbers[code], code))[:LEADING]
    in_leading = len(index.find_with_value("country", leading))
    europe = EUROPE & catalogue.list_terms(Country, "code").keys()
    return [
        CoverageLine(
            _("Countries of Europe with a programme of their own"),
            len(europe & own.keys()),
            len(europe),
        ),
        CoverageLine(_("Records in the five countries with most of them"), in_leading, total),
        CoverageLine(_("Records whose sources name no country"), unplaced, total),
        *(
            CoverageLine(BEGINNINGS[slug], number, total)
            for slug, number in count_entries_resting_on(BEGINNINGS)
        ),
    ]


def count_entries_resting_on(slugs: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield the slug of each source with the number of published programmes that cite it.

    Only citations for the entry as a whole count. Sources that no programme cites are left out.
    """
    rows = Citation.objects.filter(
        where_published("programme__"), field=Field.ENTRY, source__slug__in=slugs
    )
    numbers = (
        rows.order_by().values_list("source__slug").annotate(Count("programme", distinct=True))
    )
    found = dict(numbers)
    return ((slug, found[slug]) for slug in slugs if slug in found)
