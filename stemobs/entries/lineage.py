"""Ideas that one country took up from another, as the rows of lineage tell it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from partnerships.models import Lineage, NationalPlatform, Strategy
from programmes.models import Country, Programme
from stemobs.catalogue.catalogue import Catalogue

Thing = Programme | Strategy | NationalPlatform
Relation = Lineage.Relation

# Which end of a row the idea came from. The other relations say nothing of ideas that travelled.
CAME_FROM_TARGET = (Relation.DERIVED_FROM,)
CAME_FROM_SUBJECT = (Relation.ADAPTED_AS, Relation.INSPIRED)

ENDS = (
    "from_programme", "from_strategy", "from_strategy__programme",
    "to_programme", "to_strategy", "to_strategy__programme", "to_platform",
)  # fmt: skip


@dataclass(frozen=True)
class JourneyEnd:
    """A programme, strategy or platform of one country; `pk` only for programmes."""

    name: str
    url: str
    country: str
    country_name: str
    pk: int | None


@dataclass(frozen=True)
class Journey:
    """An idea that began in one country and was taken up in another."""

    origin: JourneyEnd
    target: JourneyEnd
    year: int | None

    @property
    def countries(self) -> tuple[str, str]:
        return self.origin.country, self.target.country


def list_journeys(catalogue: Catalogue) -> list[Journey]:
    """Return every journey on public record, the earliest first and the undated last."""
    return catalogue.make_once_in_this_state(list_journeys, read_journeys)


def read_journeys() -> list[Journey]:
    """Read the journeys; what both ends tell is one, with the year if either has it."""
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
    """Return the journey that a row tells of; None if it crosses no border or has no one place."""
    subject, target = make_end(row.subject), make_end(row.target)
    if not subject or not target or subject.country == target.country:
        return None
    came_from_target = row.relation in CAME_FROM_TARGET
    first, second = (target, subject) if came_from_target else (subject, target)
    return Journey(first, second, row.year)


def make_end(thing: Thing | str | None) -> JourneyEnd | None:
    """Return an end of a row; None for what has no entry, or not exactly one country."""
    if not thing or isinstance(thing, str):
        return None
    # A strategy that is a programme's other entry is that programme.
    if isinstance(thing, Strategy) and thing.programme and thing.programme.is_public:
        thing = thing.programme
    countries: list[Country] = list(thing.countries.all())
    if len(countries) != 1:
        return None
    name = thing.title if isinstance(thing, Programme) else thing.name
    pk = thing.pk if isinstance(thing, Programme) else None
    return JourneyEnd(name, thing.get_absolute_url(), countries[0].code, countries[0].name, pk)


def find_furthest_journeys(among: Iterable[Journey]) -> list[Journey]:
    """Return the journeys of the one programme that most others were made from."""
    among = [one for one in among if one.origin.pk and one.target.pk]
    counted = Counter(one.origin for one in among)
    most = min(counted, key=lambda origin: (-counted[origin], origin.name), default=None)
    return [one for one in among if one.origin == most]
