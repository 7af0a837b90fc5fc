"""The page of one guide: its terms and items, with programmes that show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from partnerships.models import Criterion, Guide, GuideItem, Obstacle
from programmes.models import CareerFactor, InitiativeKind, Programme
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.examples import find_examples
from stemobs.exports.citations import cite_thing
from stemobs.pages.citable import render_citable

VOCABULARIES: dict[str, QuerySet] = {
    Guide.Vocabulary.KINDS: InitiativeKind.objects.prefetch_related("factors"),
    Guide.Vocabulary.FACTORS: CareerFactor.objects.prefetch_related("kinds"),
    Guide.Vocabulary.OBSTACLES: Obstacle.objects.all(),
    Guide.Vocabulary.CRITERIA: Criterion.objects.all(),
}
# The vocabularies for which a guide shows programmes; no programme refers to an obstacle.
SHOWN = {Guide.Vocabulary.KINDS, Guide.Vocabulary.FACTORS, Guide.Vocabulary.CRITERIA}
# The slug of the guide that recommends what each level, such as schools, can do about obstacles.
HELP = "recommendations-levels"
# The guides whose countries another page shows beside each other.
BESIDE = ("country-estonia", "country-portugal", "task-force-outcomes")
# A guide with at least LONG parts has a list of contents; above VERY_LONG it lists groups only.
LONG = 5
VERY_LONG = 30


@require_safe
def show_guide(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a guide: the terms it explains, its items, and the records that each item names."""
    guide = get_object_or_404(Guide.objects.select_related("source"), slug=slug)
    terms = list(VOCABULARIES[guide.vocabulary].all()) if guide.vocabulary else []
    items = list(list_items(guide))
    families = list_families(terms, items) if guide.vocabulary == Guide.Vocabulary.OBSTACLES else []
    told = {family.item for family in families}
    items = [item for item in items if item not in told]
    before, after = find_neighbours(guide)
    context = {
        "guide": guide,
        "terms": terms,
        "explained": find_examples(terms, get_request_catalogue(request))
        if guide.vocabulary in SHOWN
        else [],
        "families": families,
        "largest": max((one.share for family in families for one in family.obstacles), default=0),
        "total_share": sum(family.share for family in families),
        "items": items,
        "beside": BESIDE,
        "help": list_help_on_levels() if families else [],
        "contents": make_contents(guide, terms, items),
        "before": before,
        "after": after,
    }
    reference = cite_thing("guide", guide, get_request_catalogue(request).moment)
    return render_citable(request, "pages/guide/guide.html", context, reference)


def list_items(guide: Guide) -> QuerySet[GuideItem]:
    programmes = Programme.objects.published().ended_last().with_evidence()
    return guide.items.prefetch_related(
        Prefetch("programmes", programmes.prefetch_related("countries")),
        "organisations",
        "platforms",
        "strategies",
        "countries",
    )


def find_neighbours(guide: Guide) -> tuple[Guide | None, Guide | None]:
    """Return the guides before and after this one in its group."""
    guides = list(Guide.objects.filter(group=guide.group))
    place = guides.index(guide)
    before = guides[place - 1] if place else None
    return before, next(iter(guides[place + 1 :]), None)


@dataclass(frozen=True)
class ObstacleFamily:
    """A family of obstacles, and the guide's item that explains the family."""

    value: str
    label: Any
    obstacles: list[Obstacle]
    item: GuideItem | None

    @property
    def share(self) -> int:
        """The sum of the obstacles' shares in percent, as the report prints them."""
        return sum(obstacle.share for obstacle in self.obstacles)


def list_families(
    obstacles: Iterable[Obstacle], items: Iterable[GuideItem]
) -> list[ObstacleFamily]:
    """Return the families that have obstacles, in the order of the report."""
    told = {item.slug: item for item in items}
    families = [
        ObstacleFamily(
            value, label, [one for one in obstacles if one.family == value], told.get(value)
        )
        for value, label in Obstacle.Family.choices
    ]
    return [family for family in families if family.obstacles]


def list_help_on_levels() -> list[GuideItem]:
    """Return the report's recommendations for each level; none is about a single obstacle."""
    return list(GuideItem.objects.filter(guide__slug=HELP).select_related("guide"))


@dataclass
class ContentsPart:
    """An entry of a guide's list of contents, with its nested parts."""

    anchor: str
    name: Any
    parts: list["ContentsPart"] = field(default_factory=list)


def make_contents(
    guide: Guide, terms: Sequence[Any], items: Sequence[GuideItem]
) -> list[ContentsPart]:
    """Return the list of contents of a guide, by group; empty for a short guide."""
    number = len(terms) + len(items)
    if number < LONG:
        return []
    parts = [
        *group_parts(terms, "terms", find_group_of_term),
        *group_parts(items, "group", find_group_of_item),
    ]
    if number > VERY_LONG:
        return [ContentsPart(part.anchor, part.name) for part in parts]
    return parts


def group_parts(rows: Sequence[Any], prefix: str, group_of: Any) -> list[ContentsPart]:
    """Return a part for each group with its rows inside; rows without a group are not nested."""
    parts: list[ContentsPart] = []
    for number, (group, some) in enumerate(groupby(rows, group_of), start=1):
        inner = [ContentsPart(row.slug, str(row)) for row in some]
        parts += [ContentsPart(f"{prefix}-{number}", group, inner)] if group else inner
    return parts


def find_group_of_term(term: Any) -> Any:
    match term:
        case Criterion():
            return term.get_group_display()
        case Obstacle():
            return term.get_family_display()
    return ""


def find_group_of_item(item: GuideItem) -> str:
    return item.group
