"""The way from a record back to the list it was chosen from, and on to the next record of the list.

The parameter `list` of a record's address has the query string of the selection as its value:
`/programmes/crest-awards/?list=country%3DSK%26open_to%3Dcompanies`. Here it is written and read.
"""

from typing import NamedTuple
from urllib.parse import quote

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from programmes.models import Programme
from stemobs.catalogue.catalogue import Catalogue
from stemobs.selection.parameters import Problem
from stemobs.selection.programmes import PageFilter
from stemobs.selection.selection import NOT_NARROWING, PAGE_SIZE

PARAMETER = "list"
LONGEST_TRAIL = 400  # characters of an address
# A NUL, which no database takes, and what stands in place of bytes that are not UTF-8.
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
UNREADABLES = frozenset({"\0", UNREADABLE})


class Stop(NamedTuple):
    """A neighbour of a record in a list: its name and its address with the same list."""

    name: str
    url: str


class Trail(NamedTuple):
    """A list that a record was chosen from: its address and length, and the record's neighbours.

    `position` is 0 where the list does not hold the record any more. `problems` say what of the
    list's query was left out.
    """

    back: str
    total: int
    position: int
    previous: Stop | None
    next: Stop | None
    problems: list[Problem]


def write_trail(selection: PageFilter) -> str:
    """Return “?list=…” to add to the links from a list to its records; "" if nothing was chosen."""
    is_chosen = any(name not in NOT_NARROWING for name, _value in selection.parameters)
    query = selection.query("show", "page", "page_size") if is_chosen else ""
    return f"?{PARAMETER}={quote(query, safe='')}" if query else ""


def read_trail(data: QueryDict, catalogue: Catalogue, number: int) -> Trail | None:
    """Return the list that an address of the record with this number names; None without one."""
    given = data.get(PARAMETER, "").removeprefix("?")
    if not given:
        return None
    data, problems = read_query(given)
    selection, more = PageFilter.lenient(data, catalogue)
    problems += more
    query = write_trail(selection)
    if not query:
        return Trail(reverse("programmes"), 0, 0, None, None, problems) if problems else None
    place = selection.matches.place(number) if number in selection.matched else None
    position = selection.matches.rank(place, inclusive=True) if place else 0
    return Trail(
        find_way_back(selection, position),
        len(selection.matched),
        position,
        *(find_neighbours(selection, position, query) if position else (None, None)),
        problems,
    )


def read_query(given: str) -> tuple[QueryDict, list[Problem]]:
    """Return the parameters of a query from an address, without what nobody can read.

    No list is named with more characters than LONGEST_TRAIL, so a longer query is left out.
    """
    if len(given) > LONGEST_TRAIL:
        return QueryDict(), [make_problem(PARAMETER, given, _("is too long"))]
    data, problems = QueryDict(given, mutable=True), []
    for name, values in list(data.lists()):
        if not UNREADABLES.isdisjoint("".join([name, *values])):
            reason = _("has characters that we cannot read")
            problems.append(make_problem(name, ",".join(values), reason))
            del data[name]
    return data, problems


def make_problem(parameter: str, value: str, reason: str) -> Problem:
    """Return a problem with a name and a value that any reader takes."""
    return Problem(parameter.replace("\0", UNREADABLE), value.replace("\0", UNREADABLE), reason)


def find_way_back(selection: PageFilter, position: int) -> str:
    """Return the address of the page of a list on which the record with a position stands."""
    has_pages = selection.view_in_force in ("cards", "table")
    page = (position - 1) // PAGE_SIZE + 1 if position and has_pages else 1
    query = selection.query("page_size", page=str(page) if page > 1 else "")
    return f"{reverse('programmes')}?{query}"


def find_neighbours(
    selection: PageFilter, position: int, query: str
) -> tuple[Stop | None, Stop | None]:
    """Return the record before and the one after a record with a position, None at an end."""
    before = selection.matches[max(position - 2, 0) : position - 1]
    after = selection.matches[position : position + 1]
    rows = Programme.objects.only("slug", "name", "short_name").published()
    found = rows.in_bulk([*before, *after])
    stops = {pk: Stop(one.title, f"{one.get_absolute_url()}{query}") for pk, one in found.items()}
    return stops.get(next(iter(before), 0)), stops.get(next(iter(after), 0))
