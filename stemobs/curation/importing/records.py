"""Finds the record that a row of a partner's file is about: by its address, its name, or nearly."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from programmes.models import Programme, ProgrammeName
from stemobs.curation.reading.places import reduce_address
from stemobs.curation.states import CHANGEABLE
from stemobs.text import fold

NEARLY = 88  # of 100: how alike two names are that may be of the same record
FEW = 3
LONGER = 100 / NEARLY  # names whose lengths differ more cannot be so alike


@dataclass(frozen=True)
class NearRecord:
    """A record that a row may be about, and why it may."""

    pk: int
    name: str
    alike: int  # of 100
    same_address: bool = False


@dataclass
class RecordsFound:
    """What records a row may be about: surely one, or some of which one has to be chosen."""

    sure: int | None = None
    near: list[NearRecord] = field(default_factory=list)
    withdrawn: str = ""  # the name of a record that was withdrawn


class KnownRecords:
    """The names, countries and addresses of all records, read once for a whole file.

    A row is never about one that was withdrawn. If that was merged, the row is about what it was
    merged into; if not, somebody has to say whether this is another programme.
    """

    def __init__(self) -> None:
        rows = Programme.objects.filter(state__in=CHANGEABLE).order_by("pk")
        self.names: dict[int, str] = {}
        self.by_name: defaultdict[str, set[int]] = defaultdict(set)
        self.by_address: defaultdict[str, set[int]] = defaultdict(set)
        for pk, name, short, website in rows.values_list("pk", "name", "short_name", "website"):
            self.names[pk] = name
            self.by_name[fold(name)].add(pk)
            if short:
                self.by_name[fold(short)].add(pk)
            if website:
                self.by_address[reduce_address(website)].add(pk)
        others = ProgrammeName.objects.order_by().values_list("programme_id", "name")
        for pk, name in others:
            if pk in self.names:
                self.by_name[fold(name)].add(pk)
        self.countries: defaultdict[int, set[str]] = defaultdict(set)
        places = Programme.countries.through.objects.order_by()
        for pk, code in places.values_list("programme_id", "country__code"):
            self.countries[pk].add(code)
        self.withdrawn: dict[str, str] = {}
        self.add_withdrawn()
        self.blocks = self.sort_into_blocks()

    def add_withdrawn(self) -> None:
        gone = Programme.objects.exclude(state__in=CHANGEABLE).order_by("pk")
        successors = Programme.objects.find_successors(gone)
        for one in gone:
            if successor := successors.get(one.pk):
                self.by_name[fold(one.name)].add(successor.pk)
            else:
                self.withdrawn[fold(one.name)] = one.name

    def sort_into_blocks(self) -> dict[tuple[str, int], dict[int, str]]:
        """Return the names by country and length, numbered, so that few have to be compared."""
        self.numbered: list[tuple[str, int]] = [
            (name, pk) for name, found in self.by_name.items() for pk in found
        ]
        blocks: defaultdict[tuple[str, int], dict[int, str]] = defaultdict(dict)
        for number, (name, pk) in enumerate(self.numbered):
            for code in self.countries.get(pk) or {""}:
                blocks[code, len(name)][number] = name
        return dict(blocks)

    def find(self, name: str, countries: Iterable[str], website: str) -> RecordsFound:
        """Return which record a row is about that says this; what is only alike is offered."""
        places = set(countries)
        named = {pk for pk in self.by_name.get(fold(name), ()) if self.is_near(pk, places)}
        addressed = self.by_address.get(reduce_address(website), set()) if website else set()
        if len(named) == 1:
            return RecordsFound(sure=next(iter(named)))
        near = [NearRecord(pk, self.names[pk], 100, pk in addressed) for pk in sorted(named)]
        if not near:
            near = [*self.list_alike(name, places, addressed)]
            listed = {one.pk for one in near}
            near += [
                NearRecord(pk, self.names[pk], self.compare(name, pk), same_address=True)
                for pk in sorted(addressed - listed)[:FEW]
            ]
        return RecordsFound(near=near, withdrawn=self.withdrawn.get(fold(name), ""))

    def is_near(self, pk: int, places: set[str]) -> bool:
        """Whether a record may be of these countries; one without any may be of all."""
        own = self.countries.get(pk, set())
        return not own or not places or bool(own & places)

    def compare(self, name: str, pk: int) -> int:
        return round(fuzz.ratio(fold(name), fold(self.names[pk])))

    def list_alike(self, name: str, places: set[str], addressed: set[int]) -> Iterator[NearRecord]:
        """Yield the records with nearly the same name, the most alike first."""
        small = fold(name)
        if not small:
            return
        found: dict[int, float] = {}
        for block in self.list_blocks(len(small), places):
            alike = process.extract(small, block, scorer=fuzz.ratio, score_cutoff=NEARLY, limit=FEW)
            for _name, score, number in alike:
                pk = self.numbered[number][1]
                found[pk] = max(score, found.get(pk, 0))
        for pk, score in sorted(found.items(), key=lambda one: (-one[1], one[0]))[:FEW]:
            yield NearRecord(pk, self.names[pk], round(score), pk in addressed)

    def list_blocks(self, length: int, places: set[str]) -> Iterator[dict[int, str]]:
        """Yield the names that can be alike by their length, of these countries or of none."""
        lengths = range(int(length / LONGER), int(length * LONGER) + 2)
        codes = {*places, ""} if places else {code for code, _length in self.blocks}
        for code in codes:
            for one in lengths:
                if block := self.blocks.get((code, one)):
                    yield block
