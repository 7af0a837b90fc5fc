"""What is counted as what: records, programmes, those that run or ended, and a country's own.

A record is anything in the catalogue. A programme is not a strategy, an agreement or a project that
ended. A record of three or more countries is no country's own.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pyroaring import BitMap

from programmes.models import Programme
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.index import Index

# The facets of the index that hold what a record counts as, and in how many countries it is.
COUNTED, SPREAD = "counted", "spread"
PROGRAMME, ENDED, SHARED = "programme", "ended", "shared"
MANY_COUNTRIES = 3

Type, Status = Programme.RecordType, Programme.Status
NO_PROGRAMMES = {Type.STRATEGY, Type.AGREEMENT}


class Tally(NamedTuple):
    """How many records there are, and how many of them are programmes, running and ended ones."""

    records: int
    programmes: int
    running: int
    ended: int

    @property
    def others(self) -> int:
        """How many records are no programmes: strategies, agreements, projects that ended."""
        return self.records - self.programmes


def is_programme(record_type: str, status: str) -> bool:
    has_ended = status == Status.COMPLETED
    return record_type not in NO_PROGRAMMES and not (record_type == Type.PROJECT and has_ended)


def list_counted(record_type: str, status: str) -> tuple[str, ...]:
    """Return what a record counts as, for the index."""
    counted = (PROGRAMME,) if is_programme(record_type, status) else ()
    return (*counted, ENDED) if status == Status.COMPLETED else counted


def list_spread(countries: Iterable[str]) -> tuple[str, ...]:
    """Return whether a record is shared by many countries, for the index."""
    return (SHARED,) if len({*countries} - {NONE}) >= MANY_COUNTRIES else ()


def tally_records(index: Index, among: BitMap) -> Tally:
    programmes = among & find_programmes(index)
    return Tally(
        records=len(among),
        programmes=len(programmes),
        running=len(programmes & index.find_with_value("status", [Status.ACTIVE])),
        ended=len(programmes & index.find_with_value(COUNTED, [ENDED])),
    )


def find_own(index: Index, code: str) -> BitMap:
    """Return the records of a country that are not shared by many countries."""
    return index.find_with_value("country", [code]) - find_shared(index)


def find_shared(index: Index) -> BitMap:
    """Return the records that are carried out in many countries."""
    return index.find_with_value(SPREAD, [SHARED])


def find_programmes(index: Index) -> BitMap:
    return index.find_with_value(COUNTED, [PROGRAMME])


def count_own_programmes(index: Index) -> dict[str, int]:
    """Return by country how many programmes of its own it has; countries without any are left out.

    What is carried out in many countries counts for none of them.
    """
    counts = index.count_values("country", find_programmes(index) - find_shared(index))
    return {code: number for code, number in counts.items() if code != NONE}


def find_ended(index: Index) -> BitMap:
    return index.find_with_value(COUNTED, [ENDED])


def put_ended_last(index: Index, parts: Iterable[BitMap]) -> Iterator[BitMap]:
    """Yield parts of a list without what ended, then the same parts of what ended."""
    parts, ended = list(parts), find_ended(index)
    yield from (part - ended for part in parts)
    yield from (part & ended for part in parts)
