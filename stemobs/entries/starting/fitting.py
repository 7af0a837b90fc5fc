"""Which programmes fit somebody who wants to take part: by country, level, way in and time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Prefetch, Q
from django.utils.timezone import localdate

from programmes.models import OPENING, EvidenceStep, Programme, TakingPart
from stemobs.entries.starting.durations import read_hours
from stemobs.entries.starting.hints import (
    asks_for_money,
    names_other_countries_only,
    read_latest_year,
)
from stemobs.entries.ways_in import find_best_page

MOST_OFFERS = 3
MOST_COUNTRIES = 2  # what runs in more countries comes after what is nearer to home
# At most so many programmes are looked at for a seeker, those confirmed last first.
MOST_LOOKED_AT = 400
# Records that nobody can join.
NOT_TO_JOIN = (Programme.RecordType.STRATEGY, Programme.RecordType.AGREEMENT)
TOLD_OF_A_WAY = ("how", "who_may_join", "time", "cost", "when")


@dataclass(frozen=True)
class Seeker:
    """What somebody looks for: for whom the way in must be, where, at which level, in which time.

    `levels` are codes of ISCED, none for any level. `hours` is the time that they have, None for no
    limit. With `by_evidence` the best evaluated programmes come first.
    """

    audiences: tuple[str, ...]
    country: str
    levels: frozenset[int] = frozenset()
    is_vocational: bool = False
    hours: float | None = None
    by_evidence: bool = False

    @property
    def brings_a_class(self) -> bool:
        """Whether it is a teacher or a school head, with boys and girls."""
        return TakingPart.Audience.SCHOOLS in self.audiences and not self.by_evidence


@dataclass(frozen=True)
class Offer:
    """A programme that fits, the way in that fits best, and how well it fits."""

    programme: Programme
    way: TakingPart
    hours: float | None  # the least time that it takes, None if that is not known
    names_level: bool  # whether it is known to be for the level that was asked for
    home: str  # the code of the seeker's country

    @property
    def contact(self) -> Any:
        """The office to ask, or None."""
        return next(iter(self.programme.contacts.all()), None)

    @property
    def page(self) -> str:
        """The page to open: the best that is known, else that of its office; "" if none is."""
        best = find_best_page(self.programme)
        return best.url if best else self.contact.url if self.contact else ""

    @property
    def is_of_a_region(self) -> bool:
        """Whether only people of a region or a town can join, which the seeker may not live in."""
        return self.programme.scope in (Programme.Scope.REGIONAL, Programme.Scope.LOCAL)

    @property
    def year_gone(self) -> int | None:
        """The year of the latest date that it names, if that year is over."""
        latest = read_latest_year(self.way.when)
        return latest if latest and latest < localdate().year else None

    @property
    def is_of_other_offices(self) -> bool:
        """Whether its words name offices of other countries, and none of the seeker's."""
        codes = [country.code for country in self.programme.countries.all()]
        return names_other_countries_only(self.way.how, codes, self.home)

    @property
    def asks_for_money(self) -> bool:
        """Whether, as we read it, it asks for money and not for time."""
        return asks_for_money(self.way.how)

    @property
    def is_for_girls_only(self) -> bool:
        """Whether girls are named as its audience and pupils in general are not."""
        audiences = {audience.slug for audience in self.programme.audiences.all()}
        return "girls" in audiences and "students" not in audiences

    @property
    def told(self) -> int:
        """How much of the way in is known."""
        return sum(bool(getattr(self.way, name)) for name in TOLD_OF_A_WAY)


@dataclass(frozen=True)
class Fit:
    """The programmes that fit best, at home and beyond, and how many take too much time."""

    here: list[Offer]
    beyond: list[Offer]
    too_long: int  # at home

    @property
    def first(self) -> Offer | None:
        """The programme to begin with."""
        return next(iter([*self.here, *self.beyond]), None)


def find_fitting(seeker: Seeker, near: Sequence[str]) -> Fit:
    """Return up to three programmes that fit, in few queries whatever the catalogue holds.

    Those of other countries fill up what is missing at home: first those that are Europe-wide or
    reach the country, then those of the countries `near`, the nearest first.
    """
    here, too_long = choose(list_offers(seeker, Q(countries__code=seeker.country)), seeker)
    missing = MOST_OFFERS - len(here[:MOST_OFFERS])
    beyond: list[Offer] = []
    if missing:
        elsewhere = (
            Q(scope=Programme.Scope.EU_WIDE)
            | Q(also_reaches__code=seeker.country)
            | Q(countries__code__in=near)
        )
        known = {offer.programme.pk for offer in here}
        others = [one for one in list_offers(seeker, elsewhere) if one.programme.pk not in known]
        found, _too_long = choose(others, seeker)
        beyond = sorted(found, key=lambda one: measure_distance(one, seeker, near))
    return Fit(here[:MOST_OFFERS], beyond[:missing], too_long)


def list_offers(seeker: Seeker, where: Q) -> list[Offer]:
    """Return an offer of each running programme with a way in that is open to the audience."""
    open_ways = Q(OPENING, audience__in=seeker.audiences)
    ids = TakingPart.objects.filter(open_ways).values("programme")
    rows: Any = (
        Programme.objects.published()
        .with_evidence()
        .filter(
            where, where_level(seeker), pk__in=ids
        )
        .exclude(record_type__in=NOT_TO_JOIN)
        .distinct()
        .order_by(F("status_as_of").desc(nulls_last=True), "name", "pk")
        .prefetch_related(
            "countries", "also_reaches", "levels", "audiences", "evaluations", "contacts__source",
            "citations__source", "taking_part__source", "partnerships__organisation",
            Prefetch("taking_part", TakingPart.objects.filter(open_ways), to_attr="open_ways"),
        )
    )  # fmt: skip
    return [make_offer(row, seeker) for row in rows[:MOST_LOOKED_AT] if row.open_ways]


def where_level(seeker: Seeker) -> Q:
    """Return the condition that a programme is for the level, or names no level at all.

    A level that no source names is not known, which is not the same as not covered.
    """
    if seeker.is_vocational:
        return Q(is_vocational=True) | Q(levels=None)
    if not seeker.levels:
        return Q()
    return Q(levels__code__in=seeker.levels) | Q(levels=None)


def make_offer(programme: Any, seeker: Seeker) -> Offer:
    """Return the offer with the way in that names the audience best, and tells most."""
    way = min(programme.open_ways, key=lambda one: rank_way(one, seeker))
    return Offer(
        programme, way, read_hours(way.time), is_for_level(programme, seeker), seeker.country
    )


def is_for_level(programme: Programme, seeker: Seeker) -> bool:
    """Whether a programme is known to be for the level that was asked for."""
    if seeker.is_vocational:
        return programme.is_vocational
    levels = {level.code for level in programme.levels.all()}
    return not seeker.levels or bool(levels & seeker.levels)


def rank_way(way: TakingPart, seeker: Seeker) -> tuple[int, int, int]:
    told = sum(bool(getattr(way, name)) for name in TOLD_OF_A_WAY)
    return seeker.audiences.index(way.audience), -told, way.position


def choose(offers: Iterable[Offer], seeker: Seeker) -> tuple[list[Offer], int]:
    """Return the offers for which there is time, the best first, and how many take too long.

    What takes an unknown time is kept, after what is known to fit.
    """
    offers = list(offers)
    fitting = [one for one in offers if not takes_too_long(one, seeker)]
    return sorted(fitting, key=lambda one: rank_offer(one, seeker)), len(offers) - len(fitting)


def takes_too_long(offer: Offer, seeker: Seeker) -> bool:
    return seeker.hours is not None and offer.hours is not None and offer.hours > seeker.hours


def rank_offer(offer: Offer, seeker: Seeker) -> tuple[Any, ...]:
    """Return the sort key of an offer; the page explains it in words."""
    steps: list[str] = EvidenceStep.values
    return (
        not offer.names_level,
        offer.is_of_a_region,
        offer.is_of_other_offices,
        offer.year_gone is not None,
        seeker.hours is not None and offer.asks_for_money,
        offer.is_for_girls_only and seeker.brings_a_class,
        # The query set adds the evidence, which the type checker cannot see.
        steps.index(offer.programme.evidence) if seeker.by_evidence else 0,  # type: ignore[attr-defined]
        seeker.hours is not None and offer.hours is None,
        len(offer.programme.countries.all()) > MOST_COUNTRIES,
        not offer.way.how,
        -offer.told,
        offer.contact is None,
        -(offer.programme.status_as_of or 0),
        offer.programme.name,
    )


def measure_distance(offer: Offer, seeker: Seeker, near: Sequence[str]) -> int:
    """Return 0 for what is Europe-wide or reaches the country, else how near its country is."""
    programme = offer.programme
    reached = {country.code for country in programme.also_reaches.all()}
    if programme.scope == Programme.Scope.EU_WIDE or seeker.country in reached:
        return 0
    codes: Collection[str] = {country.code for country in programme.countries.all()}
    return min((near.index(code) + 1 for code in near if code in codes), default=len(near) + 1)
