"""How complete the catalogue is: which programmes tell what, in all and country by country."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from programmes.models import (
    OPENING,
    Citation,
    Contact,
    Country,
    EvidenceStep,
    Field,
    Programme,
    TakingPart,
    where_published,
)
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.index import Index
from stemobs.selection.facets import FACETS

MOST_COUNTRIES_OF_ITS_OWN = 2  # what runs in more countries is no country's own programme
EVALUATED = ",".join(step for step in EvidenceStep.values if step != EvidenceStep.NONE)
AUDIENCE = TakingPart.Audience


@dataclass(frozen=True)
class Part:
    """Something that a record can tell: its name, its words, and the parameter that selects it.

    A list can be linked only where there is such a parameter, with this value.
    """

    name: str
    words: Any
    parameter: str = ""
    value: str = ""

    @property
    def is_linked(self) -> bool:
        """Whether the lists of programmes have the parameter, and the parameter the value."""
        facet = FACETS.get(self.parameter)
        options = set(facet.closed or ()) if facet else set()
        return bool(options) and options.issuperset(self.value.split(","))

    def write_query(self, country: str) -> str:
        """Return the query of the programmes that tell this; "" if no parameter selects them."""
        if not self.is_linked:
            return ""
        pairs = {"country": country, self.parameter: self.value}
        return urlencode({name: text for name, text in pairs.items() if text}, safe=",")


# In the order of the columns. A website is what the record itself names; a page that is only the
# best of its sources is not counted as one.
PARTS = (
    Part("description", _("Description")),
    Part("website", _("Website")),
    Part("way_in", _("Any way in")),
    Part("open_to_schools", _("Open to schools"), "open_to", AUDIENCE.SCHOOLS),
    Part("open_to_companies", _("Open to companies"), "open_to", AUDIENCE.COMPANIES),
    Part("contact", _("Office to ask")),
    Part("evaluation", _("Evaluation"), "evidence", EVALUATED),
)
# The values for which a citation of their own is counted, by the facet that has them in the index.
INDEXED = {
    Field.COUNTRIES: "country", Field.LEVELS: "level", Field.KINDS: "kind",
    Field.AUDIENCES: "audience", Field.DURATION: "duration", Field.YEAR_START: "year_start",
}  # fmt: skip
# The same of values in a column of the programme.
COLUMNS = {
    Field.DESCRIPTION: "description", Field.OBJECTIVES: "objectives",
    Field.ACTIVITIES: "activities", Field.LANGUAGES: "languages",
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """How many programmes tell one part, and the query that lists them ("" for none)."""

    part: Part
    number: int
    query: str


@dataclass(frozen=True)
class CompletenessRow:
    """The programmes of one country, or of all: how many tell what."""

    code: str  # "" for the whole catalogue, “none” for programmes without a country
    name: Any
    programmes: int
    own: int  # those that run in two countries at most
    cells: tuple[Cell, ...]
    values: int  # filled fields of the programmes that a source can state
    cited: int  # those of them with a source of their own
    read: int  # those of them that are our reading, and say so

    def as_dict(self) -> dict[str, Any]:
        """Return the row as it stands in JSON."""
        return {
            "country": self.code or None,
            "name": str(self.name),
            "programmes": self.programmes,
            "own": self.own,
            **{cell.part.name: cell.number for cell in self.cells},
            "values": self.values,
            "values_with_own_citation": self.cited,
            "values_of_our_reading": self.read,
        }


@dataclass(frozen=True)
class Known:
    """The ids of the programmes that tell each part, and of those with each value and its basis."""

    parts: Mapping[str, BitMap]
    filled: Mapping[Field, BitMap]
    cited: Mapping[Field, BitMap]
    read: Mapping[Field, BitMap]


def list_completeness(catalogue: Catalogue) -> list[CompletenessRow]:
    """Return a row for the whole catalogue, and then one for each country that has programmes.

    Programmes without a country come last. The rows are kept until anything changes.
    """
    return catalogue.make_once_in_this_state(
        list_completeness, lambda: list(make_rows(catalogue, read_known(catalogue.programmes)))
    )


def make_rows(catalogue: Catalogue, known: Known) -> Iterator[CompletenessRow]:
    index = catalogue.programmes
    few = find_in_few_countries(index)
    yield make_row("", _("All programmes"), index.everything, few, known)
    names = {**catalogue.list_terms(Country, "code"), NONE: _("No country named")}
    for code, name in names.items():
        if here := index.find_with_value("country", [code]):
            yield make_row(code, name, here, few, known)


def make_row(code: str, name: Any, here: BitMap, few: BitMap, known: Known) -> CompletenessRow:
    return CompletenessRow(
        code=code,
        name=name,
        programmes=len(here),
        own=len(here & few),
        cells=tuple(
            Cell(part, len(here & known.parts[part.name]), part.write_query(code)) for part in PARTS
        ),
        values=count_in(known.filled, here),
        cited=count_in(known.cited, here),
        read=count_in(known.read, here),
    )


def count_in(sets: Mapping[Field, BitMap], here: BitMap) -> int:
    return sum(len(some & here) for some in sets.values())


def find_in_few_countries(index: Index) -> BitMap:
    """Return the programmes that run in one country, or in two, but not in more."""
    seen: list[BitMap] = [BitMap() for _number in range(MOST_COUNTRIES_OF_ITS_OWN + 1)]
    for code in index.values.get("country", {}) if len(index) else ():
        here = index.find_with_value("country", [code]) if code != NONE else BitMap()
        for number in range(MOST_COUNTRIES_OF_ITS_OWN, 0, -1):
            seen[number] |= seen[number - 1] & here
        seen[0] |= here
    return seen[0] - seen[MOST_COUNTRIES_OF_ITS_OWN]


# --- Reading what is known ------------------------------------------------------------------------


def read_known(index: Index) -> Known:
    """Read what programmes tell, in five queries however many programmes there are."""
    columns = read_columns()
    filled = {
        **{field: columns[name] for field, name in COLUMNS.items()},
        **{
            field: index.everything - index.find_with_value(facet, [NONE])
            for field, facet in INDEXED.items()
        },
    }
    cited, read = read_citations(filled)
    return Known(
        parts={
            "description": columns["description"],
            "website": columns["website"],
            **read_ways_in(),
            "contact": find_programmes(Contact.objects.all()),
            "evaluation": index.find_with_value("evidence", EVALUATED.split(",")),
        },
        filled=filled,
        cited=cited,
        read=read,
    )


def read_columns() -> dict[str, BitMap]:
    """Return the ids of published programmes that have a text in each of these columns."""
    names = (*COLUMNS.values(), "website")
    found = {name: BitMap() for name in names}
    # Only whether there is a text is asked, because texts are long.
    filled = {f"has_{name}": ~Q(**{name: ""}) for name in names}
    rows = Programme.objects.published().order_by().annotate(**filled)
    for pk, *told in rows.values_list("pk", *filled):
        for name, is_told in zip(names, told, strict=True):
            if is_told:
                found[name].add(pk)
    return found


def read_ways_in() -> dict[str, BitMap]:
    """Return the ids of programmes that tell a way in, and of those open to whom."""
    rows = TakingPart.objects.filter(where_published("programme__")).order_by()
    found = {"way_in": find_programmes(rows)}
    for audience in (AUDIENCE.SCHOOLS, AUDIENCE.COMPANIES):
        found[f"open_to_{audience}"] = find_programmes(rows.filter(OPENING, audience=audience))
    return found


def find_programmes(rows: Any) -> BitMap:
    return BitMap(rows.order_by().values_list("programme_id", flat=True))


def read_citations(
    filled: Mapping[Field, BitMap],
) -> tuple[dict[Field, BitMap], dict[Field, BitMap]]:
    """Return for each field the programmes whose value has its own source, and is our reading.

    A value that has a source of its own is not counted among our readings as well.
    """
    rows = Citation.objects.filter(where_published("programme__"), field__in=filled).order_by()
    cited, read = {field: BitMap() for field in filled}, {field: BitMap() for field in filled}
    for pk, name, basis, source in rows.values_list("programme_id", "field", "basis", "source_id"):
        if basis == Citation.Basis.STATED and source:
            cited[Field(name)].add(pk)
        elif basis == Citation.Basis.INFERRED:
            read[Field(name)].add(pk)
    return {field: some & filled[field] for field, some in cited.items()}, {
        field: (some & filled[field]) - cited[field] for field, some in read.items()
    }


def name_columns() -> Iterable[tuple[str, Any]]:
    """Return the names of the columns in JSON and their headings, as far as they are numbers."""
    return (
        ("programmes", _("Programmes")),
        ("own", _("In two countries at most")),
        *((part.name, part.words) for part in PARTS),
        ("values_with_own_citation", _("Values with a source of their own")),
        ("values_of_our_reading", _("Values that are our reading")),
        ("values", _("Values in all")),
    )
