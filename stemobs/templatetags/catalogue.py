"""Template tags and filters that show facts: figures, money, years, sources, bases, links."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from django import template
from django.core.paginator import Page
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from partnerships.models import Funding, Partnership, Statement
from programmes.models import Citation, EvidenceStep, Programme, Reach, Sourced
from stemobs.curation.subjects import name_row
from stemobs.entries import wording
from stemobs.entries.cards import (
    describe_length,
    describe_place_and_years,
    describe_whereabouts,
    has_ended,
    list_coordinators,
)
from stemobs.entries.entry import Entry, NumberedSources, find_anchor, list_all_sources
from stemobs.entries.findings import find_strongest, tell_in_short
from stemobs.entries.history.differences import word_fact
from stemobs.entries.signals.levels import STAGES
from stemobs.entries.ways_in import (
    BestPage,
    WaysIn,
    describe_openings,
    find_best_page,
    list_not_known,
    list_ways_below,
    list_ways_in,
    word_closed,
)
from stemobs.insights.shapes import ACROSS
from stemobs.selection.facets import name_language
from stemobs.selection.selection import IndexedFilter
from stemobs.text import Search, find_spans, join_in_one_line

register = template.Library()

# Steps of evidence from the weakest on; the position of a step numbers its icon, ev0 to ev3.
DOMES = [*reversed(EvidenceStep.values)]


@register.filter
def figure(row: Reach | Statement) -> str:
    """Return a counted figure with its qualifier: “about 60,000”; "" where there is no value."""
    if row.value is None:
        return ""
    return wording.format_figure(row.qualifier, row.value, getattr(row, "value_max", None))


@register.filter
def money(row: Funding | Statement) -> str:
    """Return an amount with its qualifier and currency; "" where there is no amount."""
    amount = row.amount if isinstance(row, Funding) else row.value
    if amount is None:
        return ""
    return wording.format_money(
        row.currency, row.qualifier, amount, getattr(row, "amount_max", None)
    )


@register.filter
def number(row: Reach | Funding | Statement) -> str:
    """Return a figure without what it counts: “about 60,000”, “EUR 6 million”."""
    if isinstance(row, Funding):
        return wording.format_funding(row.currency, row.qualifier, row.amount, row.amount_max)
    return money(row) if isinstance(row, Statement) and row.currency else figure(row)


register.filter("anchor", find_anchor)
register.filter("in_one_line", join_in_one_line)
register.filter("in_words", word_fact)
register.filter("fact_name", name_row)
register.filter("readers_place", wording.find_readers_place)
register.filter("when", wording.format_period)
register.filter("time", wording.format_reach_time)
register.filter("reached", wording.format_reached)
register.filter("within_sentence", wording.name_place)


@register.simple_tag
def mark(text: str, search: Search) -> SafeString:
    """Return a text as HTML in which the searched words stand in <mark> elements."""
    pieces, end = [], 0
    for start, stop in find_spans(text, search):
        pieces += [text[end:start], format_html("<mark>{}</mark>", text[start:stop])]
        end = stop
    return format_html_join("", "{}", ([piece] for piece in [*pieces, text[end:]]))


@register.simple_tag
def corrected_query(selection: IndexedFilter) -> str:
    """Return the query of this selection with the suggested spelling of its search."""
    return selection.query("page", q=selection.suggestion)


@register.filter
def years(row: Any) -> str:
    """Return the years in which something ran: “2002–2024”, “from 2016”, or ""."""
    return wording.format_years(row.year_start, row.year_end)


@register.filter
def lines(text: str) -> list[str]:
    """Return the lines of a text that has one item per line."""
    return text.splitlines()


@register.filter
def first_sentence(text: str) -> str:
    """Return the first sentence of a text; the whole text if it has only one sentence."""
    first, stop, _rest = text.partition(". ")
    return f"{first}." if stop else text


@register.filter
def evidence_label(programme: Programme) -> str:
    """Return the words for a programme's strongest evaluation.

    The programme must come from a query with `with_evidence()`.
    """
    # The type stubs do not know the annotation that `with_evidence()` adds.
    return str(EvidenceStep(programme.evidence).label)  # type: ignore[attr-defined]


@register.filter
def found_in_short(programme: Programme) -> str:
    """Return the strongest study of a programme and its result in a few words."""
    return tell_in_short(programme.evaluations.all())


@register.filter
def found_symbol(programme: Programme) -> str:
    """Return the name of the icon for what the strongest study of a programme found."""
    strongest = find_strongest(programme.evaluations.all())
    return f"f-{strongest.result}" if strongest else evidence_symbol(EvidenceStep.NONE)


@register.filter
def evidence_symbol(step: str) -> str:
    """Return the name of the icon for a step of evidence, such as “ev3”."""
    return f"ev{DOMES.index(step)}"


@register.filter
def counted(count: int, unit: str) -> str:
    """Return the singular or plural noun for a count: “programme”, “organisations”."""
    if unit == "organisations":
        return ngettext("organisation", "organisations", count)
    return ngettext("programme", "programmes", count)


@register.simple_tag
def square(number: int) -> tuple[int, int]:
    """Return the x and y of the numbered square in a figure that is ACROSS squares wide."""
    return 18 * (number % ACROSS), 18 * (number // ACROSS)


@register.inclusion_tag("components/source_number.html")
def source_number(entry: Entry | NumberedSources, row: Sourced) -> dict[str, Any]:
    """Show the number of a fact's source as a link; nothing for a fact without a source."""
    number = entry.numbers.get(row.source_id) if row.source_id else None
    place = wording.find_readers_place(row.locator)
    return {"number": number, "locator": place, "mark": make_mark(entry, number)}


def make_mark(entry: Entry | NumberedSources, number: int | None) -> str:
    """Return the anchor to which the source leads back; only records have such anchors."""
    return entry.add_mark(number) if number and isinstance(entry, Entry) else ""


@register.simple_tag
def marks(sources: Entry | NumberedSources, number: int) -> list[tuple[str, str]]:
    """Return the anchors of the places above that name a source, with a letter for each."""
    return sources.list_marks(number) if isinstance(sources, Entry) else []


@register.filter
def all_sources(row: Any) -> list[Any]:
    """Return a fact and its further sources, each to be shown by its number."""
    return list_all_sources(row)


@register.filter
def one_a_source(rows: Iterable[Sourced]) -> list[Sourced]:
    """Return the first row of each source, so that no number stands twice behind a sentence."""
    first: dict[int | None, Sourced] = {}
    for row in rows:
        first.setdefault(row.source_id, row)
    return list(first.values())


@register.simple_tag
def citations(entry: Entry, field: str) -> list[Citation]:
    """Return the citations for one field of an entry."""
    return entry.citations_by_field[field]


def count_sources(citations: Iterable[Sourced]) -> int:
    return len({citation.source_id for citation in citations})


@register.inclusion_tag("components/field_sources.html")
def field_sources(entry: Entry, field: str) -> dict[str, Any]:
    """Show links to the sources of a field, and what it rests on if it is our reading of them.

    Statements that name no source lead to the sources of the entry as a whole.
    """
    own, reading = entry.citations_by_field[field], entry.explain_reading(field)
    places: dict[int, list[str]] = {}
    for citation in own:
        if citation.source_id:
            place = wording.find_readers_place(citation.locator)
            places.setdefault(entry.numbers[citation.source_id], []).append(place)
    whole = count_sources(entry.sources) if own and not places and not reading else 0
    if whole == 1:
        places[1] = [""]
    return {
        "citations": [
            (number, "; ".join(filter(None, at)), make_mark(entry, number))
            for number, at in sorted(places.items())
        ],
        "whole": whole if whole > 1 else 0,
        "reading": reading,
    }


@register.inclusion_tag("components/field_sources.html")
def entry_sources(sources: NumberedSources, rows: Sequence[Sourced]) -> dict[str, Any]:
    """Show links to the sources of a platform or strategy as a whole, which come first."""
    whole = count_sources(rows)
    only = [(1, wording.find_readers_place(rows[0].locator), "")] if whole == 1 else []
    return {"citations": only, "whole": whole if whole > 1 else 0}


@register.simple_tag
def headline(programme: Programme) -> Reach | None:
    """Return the reach figure to show for a programme in a list; None if it has none."""
    figures = Entry(programme).headline_figures
    return figures[0][0] if figures else None


@register.filter
def ruler(programme: Programme) -> list[tuple[str, bool]]:
    """Return the cells of the ruler of education levels: name, and whether the programme has it."""
    codes = {level.code for level in programme.levels.all()}
    return [(str(stage.name), bool(codes & stage.codes)) for stage in STAGES]


@register.filter
def level_words(programme: Programme) -> str:
    """Return a programme's education levels in words: “Primary, lower secondary”, or ""."""
    words = [name.lower() for name, is_on in ruler(programme) if is_on]
    if programme.is_vocational:
        words.append(str(_("vocational")))
    return capfirst(", ".join(words))


register.filter("whereabouts", describe_whereabouts)
register.filter("length_in_words", describe_length)
register.filter("has_ended", has_ended)
register.filter("ages", wording.word_ages)
register.filter("describe_state", wording.describe_state)
register.filter("word_dates", wording.word_dates)
register.filter("paragraphs", wording.split_paragraphs)
register.filter("ways_below", list_ways_below)
register.filter("closed", word_closed)
register.filter("coordinators", list_coordinators)


@register.filter
def first_kind(programme: Programme) -> str:
    """Return the slug of a programme's first kind of activity; "" without one."""
    return next((kind.slug for kind in programme.kinds.all()), "")


@register.simple_tag
def best_page(programme: Programme) -> BestPage | None:
    """Return the page to open first for a programme; None if no page is known."""
    return find_best_page(programme)


@register.filter
def ways_in(programme: Programme) -> list[WaysIn]:
    """Return how schools, companies and others take part in a programme."""
    return list_ways_in(programme)


@register.filter
def ways_not_known(programme: Programme) -> list[str]:
    """Return of whom nothing tells how they join: “schools”, “companies”."""
    return list_not_known(programme)


@register.filter
def join_words(words: list[str]) -> str:
    """Return words as people list them: “schools and companies”."""
    return str(get_text_list([*words], str(_("and"))))


@register.filter
def place_and_years(programme: Programme) -> str:
    """Return where a programme is carried out and since when."""
    return describe_place_and_years(programme)


@register.filter
def openings(programme: Programme) -> str:
    """Return the words for whom a programme is open to; "" if it ended."""
    return describe_openings(programme)


@register.filter
def by_role(rows: Iterable[Partnership]) -> list[tuple[str, list[Partnership]]]:
    """Return partnerships grouped by role, in the order of the list of roles."""
    order = Partnership.Role.values
    ordered = sorted(rows, key=lambda row: (order.index(row.role), row.organisation.name))
    return [(role, list(g)) for role, g in groupby(ordered, Partnership.get_role_display)]


@register.filter
def language(code: str) -> str:
    """Return the name of a language for a code."""
    return name_language(code)


@register.filter
def native_names(text: str) -> list[tuple[str, str]]:
    """Return (language code, name) pairs from a text such as “nl: Techniekpact; fi: …”."""
    pairs = [part.partition(": ") for part in text.split(";") if part.strip()]
    return [(code.strip(), name) if name else ("", code.strip()) for code, _colon, name in pairs]


@register.simple_tag
def link(thing: Any) -> str:
    """Return a link to a record of the catalogue; the plain name of anything without a page."""
    if hasattr(thing, "get_absolute_url"):
        return format_html('<a href="{}">{}</a>', thing.get_absolute_url(), thing)
    return str(thing)


@register.simple_tag
def api(*parts: str) -> str:
    """Return an address of the API: its root, a list, or one row of a list."""
    resource, *row = parts or ("",)
    place = reverse(f"api-{resource}-list") if resource else reverse("api-root")
    return f"{place}{row[0]}/" if row else place


@register.simple_tag
def page_numbers(page: Page) -> Iterator[str | int]:
    """Return the page numbers to link to, with an ellipsis for each gap."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)


@register.simple_tag(takes_context=True)
def mark_current(context: template.Context, page: str, *parts: str) -> str:
    """Return aria-current for a link to the page being shown, or to the list it belongs to."""
    match = getattr(context.get("request"), "resolver_match", None)
    name = match.url_name if match else None
    marks = {**dict.fromkeys(parts, "true"), page: "page"}
    return format_html(' aria-current="{}"', marks[name]) if name in marks else ""


@register.filter
def codes(text: str) -> list[str]:
    """Return the codes in a text such as “en, fr, it” as a list."""
    return [code.strip() for code in text.split(",") if code.strip()]


@register.filter
def bare_address(url: str) -> str:
    """Return a web address as people write it: without scheme, “www.” and the last slash."""
    return url.split("://", 1)[-1].removeprefix("www.").rstrip("/")
