"""Gallery states of the components that show facts: initiatives, statements, lineage, sources."""

from partnerships.models import GuideItem, Lineage, NationalPlatform, Statement, Strategy
from programmes.models import (
    Reach,
    Source,
)
from stemobs.addresses import SUGGEST
from stemobs.catalogue.catalogue import Catalogue
from stemobs.entries.entry import NumberedSources
from stemobs.entries.ways_in import BestPage
from stemobs.workshop.specimens import States, register_states


@register_states("initiative_facts")
@register_states("initiative_line")
def make_initiative(catalogue: Catalogue) -> States:
    platforms = NationalPlatform.objects.all()
    states = (
        ("much is known", platforms.exclude(native_names="").exclude(year_start=None)),
        ("of a region", platforms.exclude(region="")),
        ("little is known", platforms.filter(year_start=None, native_names="")),
    )
    for state, rows in states:
        for row in rows[:1]:
            named = list(row.statements.filter(kind="source").select_related("source"))
            sources = NumberedSources(named)
            yield state, {"row": row, "statements": {"source": named}, "sources": sources}


@register_states("best_page")
def make_best_page(catalogue: Catalogue) -> States:
    yield "a website", {"page_to_open": BestPage("https://www.example.org/"), "tell_us": ""}
    for source in Source.objects.public().exclude(url="").exclude(publisher="")[:1]:
        yield "a page of a source", {"page_to_open": BestPage(source.url, source), "tell_us": ""}
    yield "none", {"page_to_open": None, "tell_us": f"{SUGGEST}?programme=jet-net-nl"}


@register_states("statements")
def make_statements(catalogue: Catalogue) -> States:
    budgets = Statement.objects.exclude(currency="").exclude(value=None).select_related("source")
    texts = Statement.objects.filter(value=None).exclude(text="").select_related("source")
    for state, rows in (("money", budgets[:2]), ("words", texts[:2])):
        sources = NumberedSources(rows)
        yield state, {"rows": rows, "sources": sources, "id": f"said-{state}", "heading": "Budget"}
    yield "none: nothing", {"rows": [], "sources": NumberedSources([]), "id": "x", "heading": "x"}


@register_states("said")
def make_said(catalogue: Catalogue) -> States:
    for row in Strategy.objects.exclude(statements=None).distinct()[:1]:
        by_kind: dict[str, list[Statement]] = {kind: [] for kind in Statement.Kind.values}
        for statement in row.statements.select_related("source"):
            by_kind[statement.kind].append(statement)
        sources = NumberedSources(row.statements.select_related("source"))
        yield "of a strategy", {"statements": by_kind, "sources": sources}


@register_states("lineage")
def make_lineage(catalogue: Catalogue) -> States:
    rows = Lineage.objects.public().with_ends()
    for state, some in (
        ("between entries", rows.filter(to_text="")[:2]),
        ("to what has no entry", rows.exclude(to_text="")[:1]),
    ):
        if some:
            yield state, {"rows": some, "sources": NumberedSources(some)}


@register_states("native_names")
def make_native_names(catalogue: Catalogue) -> States:
    yield "one", {"text": "nl: Techniekpact"}
    yield "several, one without a language", {"text": "fi: LUMA-keskus Suomi; mt: Xjenza; LUMA"}


@register_states("field_sources")
def make_field_sources(catalogue: Catalogue) -> States:
    yield "its own", {"citations": [(1, "p. 3", ""), (2, "", "")], "whole": 0}
    yield "those of the entry", {"citations": [], "whole": 3}
    yield (
        "inferred",
        {
            "citations": [(1, "p. 7", "")],
            "whole": 0,
            "reading": "Follows from the activities that its sources name.",
        },
    )


@register_states("source_number")
def make_source_number(catalogue: Catalogue) -> States:
    yield "with its place", {"number": 1, "locator": "p. 3"}
    yield "without", {"number": 2, "locator": ""}
    yield "no source: nothing", {"number": None, "locator": ""}


@register_states("sources")
def make_sources(catalogue: Catalogue) -> States:
    public = Source.objects.public()
    rows = [Reach(source=one, locator="p. 3") for one in public.exclude(note="")[:2]]
    plain = [Reach(source=one) for one in public.filter(note="", published="")[:1]]
    yield "with notes and places", {"sources": NumberedSources(rows)}
    yield "undated", {"sources": NumberedSources(plain)}


@register_states("link_state")
def make_link_state(catalogue: Catalogue) -> States:
    for state in (*Source.LinkState.values, "missing-in-source"):
        name = f"{state}: nothing" if state == Source.LinkState.UNCHECKED else state
        yield name, {"state": state}


@register_states("place")
def make_place(catalogue: Catalogue) -> States:
    yield "known", {"locator": "section 4.2"}
    yield "not known: nothing", {"locator": ""}


@register_states("guide_mentions")
def make_guide_mentions(catalogue: Catalogue) -> States:
    yield "mentioned", {"guide_items": GuideItem.objects.select_related("guide")[:2]}
    yield "not mentioned: nothing", {"guide_items": []}
