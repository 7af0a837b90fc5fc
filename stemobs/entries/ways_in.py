"""How to take part in a programme, whom to ask, and which page to open first."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import NationalPlatform, Partnership
from programmes.models import Contact, Programme, Source, TakingPart
from stemobs.text import space_words

# Kinds of sources, the one most likely to be a page of the programme's own first.
MOST_OFFICIAL = (Source.Kind.PAGE, Source.Kind.REPORT, Source.Kind.DOCUMENT, Source.Kind.NEWS)
# Of whom a record says that nothing is known: people come to the catalogue for these two.
ASKED_FOR = (TakingPart.Audience.SCHOOLS, TakingPart.Audience.COMPANIES)
NOT_OPEN_YET = gettext_lazy("Not open yet")
CLOSED = gettext_lazy("Not open to anyone new, as far as we know")

MOST_ABOVE = 2  # audiences whose first way in stands in the head of a record


class BestPage(NamedTuple):
    """A page to open, and the source whose page it is; none if it is the programme's website."""

    url: str
    source: Source | None = None


class WaysIn(NamedTuple):
    """How one kind of people takes part: its label, such as “Schools”, and the rows."""

    audience: str
    label: str
    rows: list[TakingPart]


def find_best_page(programme: Programme) -> BestPage | None:
    """Return the programme's website, else the most official page of its sources.

    That is one published by who runs it, else one by a partner; then a page before a report, a
    document or a news item; then the source that is named first. None if no source has an address.
    """
    if programme.website:
        return BestPage(programme.website)
    return choose_page(list_linked_sources(programme), *split_partners(programme))


def find_platform_page(platform: NationalPlatform, sources: Iterable[Source]) -> BestPage | None:
    """Return the website of a platform's organisation, else the most official of these pages."""
    runner = platform.organisation
    if runner and runner.website:
        return BestPage(runner.website)
    names = [platform.name, *([runner.name] if runner else [])]
    return choose_page((source for source in sources if source.url), names, [])


def choose_page(
    sources: Iterable[Source], runners: list[str], partners: list[str]
) -> BestPage | None:
    """Return the most official page of sources with an address; None without a source."""

    def rank(source: Source) -> tuple[bool, bool, int]:
        by_runner, by_partner = (is_published_by(source, names) for names in (runners, partners))
        return not by_runner, not by_partner, MOST_OFFICIAL.index(Source.Kind(source.kind))

    best = min(sources, key=rank, default=None)
    return BestPage(best.url, best) if best else None


def list_linked_sources(programme: Programme) -> Iterator[Source]:
    """Yield the sources of a programme that have an address, those of the whole entry first."""
    citations = sorted(programme.citations.all(), key=lambda row: row.field != "entry")
    rows = [*citations, *programme.taking_part.all(), *programme.contacts.all()]
    sources = dict.fromkeys(row.source for row in rows if row.source)
    return (source for source in sources if source.url)


def split_partners(programme: Programme) -> tuple[list[str], list[str]]:
    """Return the names of the programme and who runs it, and those of all other partners."""
    runners, partners = [programme.name, programme.short_name], []
    for row in programme.partnerships.all():
        runs = row.role == Partnership.Role.COORDINATOR
        (runners if runs else partners).append(row.organisation.name)
    return runners, partners


def is_published_by(source: Source, names: list[str]) -> bool:
    """Whether the publisher of a source bears one of these names, alone or with other words."""
    publisher = space_words([source.publisher])
    return any(space_words([name]) in publisher for name in names if name)


def list_ways_in(programme: Programme) -> list[WaysIn]:
    """Return the ways in by audience, schools and companies first; of each, those open first."""
    order = TakingPart.Audience.values
    rows = sorted(
        programme.taking_part.all(), key=lambda row: (order.index(row.audience), not row.is_opening)
    )
    return [
        WaysIn(audience, str(TakingPart.Audience(audience).label), list(group))
        for audience, group in groupby(rows, key=lambda row: row.audience)
    ]


def list_ways_below(programme: Programme) -> list[tuple[str, list[tuple[TakingPart, bool]]]]:
    """Return what is left to tell of the ways in below the head of a record, by audience.

    Each row comes with whether its words on how to join are to be told. The head tells them of the
    first row of MOST_ABOVE audiences, unless the programme has ended.
    """
    above = 0 if programme.status == Programme.Status.COMPLETED else MOST_ABOVE
    below = []
    for place, way in enumerate(list_ways_in(programme)):
        rows = [(row, place >= above or row is not way.rows[0]) for row in way.rows]
        below.append((way.label, [(row, tells) for row, tells in rows if tells or has_more(row)]))
    return [(label, rows) for label, rows in below if rows]


def has_more(row: TakingPart) -> bool:
    """Whether a way in says more than how to join or, without that, who may."""
    return bool(row.time or row.cost or row.when or (row.how and row.who_may_join))


def word_closed(row: TakingPart) -> str:
    """Return in words that a way in is not open, or that nobody knows; "" for an opening."""
    if row.is_opening:
        return ""
    if row.is_open and row.programme.status != Programme.Status.COMPLETED:
        return _("not known whether it is open now")
    return _("not open now, as far as we know")


def list_not_known(programme: Programme) -> list[str]:
    """Return the audiences of ASKED_FOR, as “schools”, of which no row tells how they join."""
    known = {row.audience for row in programme.taking_part.all()}
    return [str(one.label).lower() for one in ASKED_FOR if one not in known]


def list_openings(programme: Programme) -> list[TakingPart.Audience]:
    """Return the audiences that the programme is open to, in the order of the vocabulary."""
    open_to = {row.audience for row in programme.taking_part.all() if row.is_opening}
    return [audience for audience in TakingPart.Audience if audience in open_to]


def describe_openings(programme: Programme) -> str:
    """Return “Open to schools and companies”, or in words why to nobody; "" if it ended."""
    if open_to := list_openings(programme):
        labels = [str(audience.label).lower() for audience in open_to]
        return _("Open to {audiences}").format(audiences=get_text_list(labels, _("and")))
    match programme.status:
        case Programme.Status.COMPLETED:
            return ""
        case Programme.Status.PLANNED:
            return str(NOT_OPEN_YET)
        case Programme.Status.ACTIVE:
            return str(CLOSED) if is_closed(programme) else _("How to join is not known yet")
    return _("Not known whether it still runs")


def is_closed(programme: Programme) -> bool:
    """Whether sources say of all whom they name that they cannot join."""
    ways = programme.taking_part.all()
    return bool(ways) and not any(row.is_open for row in ways)


def list_offices(programmes: Iterable[int], most: int) -> list[Contact]:
    """Return offices to ask about running programmes, those of programmes with an opening first."""
    rows = (
        Contact.objects.filter(programme__in=programmes, programme__status=Programme.Status.ACTIVE)
        .select_related("programme")
        .prefetch_related("programme__taking_part")
        .order_by("programme__name", "position")
    )
    offices = {row.programme_id: row for row in reversed(rows)}.values()
    return sorted(offices, key=rank_office)[:most]


def rank_office(row: Contact) -> tuple[bool, bool, str]:
    """Return the sort key of an office: with an opening, with a page, then by the programme."""
    return not list_openings(row.programme), not row.url, row.programme.name
