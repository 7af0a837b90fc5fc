"""The insight about organisations: those in most programmes, and the programmes they share."""

import itertools
from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pyroaring import BitMap

from partnerships.models import Organisation
from programmes.models import Programme
from stemobs.catalogue.bitmaps import unite_bitmaps
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.index import Index
from stemobs.insights.counting import Record
from stemobs.insights.shapes import (
    Insight,
    Network,
    Node,
)

MOST_ORGANISATIONS = 10
MOST_PROGRAMMES = 20  # that the network draws


def draw_network(record: Record) -> Insight:
    """Return the insight about the organisations in most programmes, drawn as a network."""
    counts = record.index.count_largest("organisation", record.index.everything, MOST_ORGANISATIONS)
    counts.pop(NONE, None)
    ranked = sorted(counts, key=lambda slug: (-counts[slug], slug))
    slugs = [slug for slug in ranked if counts[slug] > 1][:MOST_ORGANISATIONS]
    found = {one.slug: one for one in Organisation.objects.filter(slug__in=slugs)}
    ties = {slug: record.find_with_value("organisation", slug) for slug in slugs if slug in found}
    drawn = place_network(record, found, ties)
    return Insight(
        slug="organisations",
        name=_("Organisations"),
        finding=ngettext(
            "{number} organisation takes part in more than one programme",
            "{number} organisations take part in more than one programme",
            number := count_linking(record.index),
        ).format(number=number),
        subject=_("The organisations in most programmes, and the programmes that they share"),
        note=_("Strategies, agreements and projects that ended count as well."),
        shape="network",
        drawing=drawn,
        heads=(_("Organisation"), _("Type"), _("Programmes")),
        told=[(found[slug].name, found[slug].get_type_display(), counts[slug]) for slug in ties],
        columns=("organisation", "type", "programmes"),
        table=[(slug, found[slug].type, counts[slug]) for slug in ties],
    )


def count_linking(index: Index) -> int:
    """Return how many organisations are in more than one programme."""
    return sum(-size > 1 for size, slug, _ in index.list_by_size("organisation") if slug != NONE)


def place_network(
    record: Record, found: Mapping[str, Organisation], ties: Mapping[str, BitMap]
) -> Network:
    """Return the network of some organisations and the programmes that two or more of them share.

    `found` has the organisations by slug, `ties` the ids of each one's programmes. The programmes
    shared by most organisations are drawn.
    """
    pairs = (one & other for one, other in itertools.combinations(ties.values(), 2))
    often = {pk: sum(pk in some for some in ties.values()) for pk in unite_bitmaps(pairs)}
    shared = sorted(often, key=lambda pk: (-often[pk], pk))
    rows = Programme.objects.published().in_bulk(shared[:MOST_PROGRAMMES])
    programmes = sorted(rows.values(), key=lambda one: one.name)
    height = max(len(ties), len(programmes))
    ends = dict(
        zip([one.pk for one in programmes], spread_places(len(programmes), height), strict=True)
    )
    starts = dict(zip(ties, spread_places(len(ties), height), strict=True))

    def is_company(slug: str) -> bool:
        return found[slug].type == Organisation.Type.COMPANY

    return Network(
        organisations=[
            Node(
                found[slug].name, found[slug].get_absolute_url(), starts[slug], is_company(slug),
                tuple(one.title for one in programmes if one.pk in ties[slug]),
            )
            for slug in ties
        ],
        programmes=[Node(one.title, one.get_absolute_url(), ends[one.pk]) for one in programmes],
        lines=[
            (starts[slug], end, is_company(slug))
            for slug in ties
            for pk, end in ends.items()
            if pk in ties[slug]
        ],
    )  # fmt: skip


def spread_places(number: int, height: int, step: int = 34) -> list[int]:
    """Return the y coordinates of `number` nodes, spread evenly over a column of `height` nodes."""
    gap = step * max(height - 1, 1) / max(number - 1, 1)
    return [20 + round(gap * place) for place in range(number)]
