"""Journeys of ideas from one country to another, read from the rows of lineage."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from partnerships.models import Lineage, NationalPlatform, Strategy
from programmes.models import Country, Programme
from stemobs.catalogue.catalogue import Catalogue

Thing = Programme | Strategy | NationalPlatform
Relation = Lineage.Relation

# Relations by the end of the row from which the idea came. Other relations are no journeys.
CAME_FROM_TARGET = (Relation.DERIVED_FROM,)
CAME_FROM_SUBJECT = (Relation.ADAPTED_AS, Relation.INSPIRED)

# What every count of journeys is of: an idea may also have gone where we list nothing.
AMONG = _("between records in our list")

ENDS = (
    "from_programme", "from_strategy", "from_strategy__programme",
    "to_programme", "to_strategy", "to_strategy__programme", "to_platform",
)  # fmt: skip


@dataclass(frozen=True)
class JourneyEnd:
    """A programme, strategy or platform in exactly one country; `pk` is set for programmes only."""

    name: str
    url: str
    country: str
    country_name: str
    pk: int | None


@dataclass(frozen=True)
class Journey:
    """An idea that went from the origin in one country to the target in another."""

    origin: JourneyEnd
    target: JourneyEnd
    year: int | None

    @property
    def countries(self) -> tuple[str, str]:
        return self.origin.country, self.target.country


def list_journeys(catalogue: Catalogue) -> list[Journey]:
    """Return all public journeys, the earliest first and the undated last; cached for the state."""
    return catalogue.make_once_in_this_state(list_journeys, read_journeys)


def read_journeys() -> list[Journey]:
    """Read the journeys from the database.

    Two rows with the same ends are one journey, dated if either row has a year.
    """
    rows = (
        Lineage.objects.public()
        .filter(relation__in=[*CAME_FROM_TARGET, *CAME_FROM_SUBJECT])
        .with_ends()
        .select_related("from_strategy__programme", "to_strategy__programme")
        .prefetch_related(*(f"{end}__countries" for end in ENDS))
    )
    by_ends: dict[tuple[JourneyEnd, JourneyEnd], Journey] = {}
    for one in filter(None, map(make_journey, rows)):
        known = by_ends.setdefault((one.origin, one.target), one)
        if known.year is None:
            by_ends[one.origin, one.target] = one
    return sorted(by_ends.values(), key=lambda one: (one.year or 9999, one.target.name))


def make_journey(row: Lineage) -> Journey | None:
    """Return the journey of a lineage row.

    None if both ends are in the same country, or an end has no entry or not exactly one country.
    """
    subject, target = make_end(row.subject), make_end(row.target)
    if not subject or not target or subject.country == target.country:
        return None
    came_from_target = row.relation in CAME_FROM_TARGET
    first, second = (target, subject) if came_from_target else (subject, target)
    return Journey(first, second, row.year)


def make_end(thing: Thing | str | None) -> JourneyEnd | None:
    """Return an end of a lineage row; None if it has no entry or not exactly one country."""
    if not thing or isinstance(thing, str):
        return None
    # A strategy that is also recorded as a published programme is shown as that programme.
    if isinstance(thing, Strategy) and thing.programme and thing.programme.is_public:
        thing = thing.programme
    countries: list[Country] = list(thing.countries.all())
    if len(countries) != 1:
        return None
    name = thing.title if isinstance(thing, Programme) else thing.name
    pk = thing.pk if isinstance(thing, Programme) else None
    return JourneyEnd(name, thing.get_absolute_url(), countries[0].code, countries[0].name, pk)
