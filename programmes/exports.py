"""A selection as a file. One row is one programme; lists within a cell are separated by “; ”."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from programmes import wording
from programmes.catalogue import catalogue_of
from programmes.filters import ProgrammeFilter
from programmes.rows import read_rows
from programmes.sheets import CONTENT_TYPE, csv_lines

AT_ONCE = 500
# The columns of the file: its field in the API, and how it is written.
COLUMNS = (
    "slug", "name", "record_type", "summary", "scope", "countries", "levels", "is_vocational",
    "kinds", "factors", "audiences", "duration", "status", "status_as_of", "year_start",
    "year_end", "evidence", "reach", "verified_on", "changed_at", "page",
)  # fmt: skip


@require_safe
def programmes_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The whole selection, in its order, as CSV (RFC 4180, UTF-8)."""
    selection = ProgrammeFilter(request.GET, catalogue_of(request))
    if selection.problems:
        names = ", ".join(problem.parameter for problem in selection.problems)
        raise BadRequest(_("These parameters are wrong: {names}.").format(names=names))
    response = StreamingHttpResponse(csv_lines(table(selection)), content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="stem-programmes.csv"'
    return response


def table(selection: ProgrammeFilter) -> Iterator[Iterable[str]]:
    yield COLUMNS
    for row in rows(selection):
        yield [cell(row, column) for column in COLUMNS]


def rows(selection: ProgrammeFilter) -> Iterator[Mapping[str, Any]]:
    """Yield the programmes as the API tells them, a few hundred read at a time."""
    ids = iter(selection.matches[:])
    while some := list(islice(ids, AT_ONCE)):
        read = read_rows(selection.catalogue, some)
        yield from (read[pk] for pk in some if pk in read)


def cell(row: Mapping[str, Any], column: str) -> str:
    if column == "reach":
        return joined(told(figure) for figure in row["reach"])
    return text_of(row[column])


def told(figure: Mapping[str, Any]) -> str:
    """Return a figure with what it is about, when, and where it stands.

    “about 60,000 students (a year) [EU STEM Coalition, line 323]”
    """
    detail = figure["unit_detail"] and f", {figure['unit_detail']}"
    period = figure["period"] or wording.years(figure["year_from"], figure["year_to"])
    source = figure["source"]
    place = source and ", ".join(filter(None, [source["title"], source["locator"]]))
    when, where = f" ({period})" if period else "", f" [{place}]" if place else ""
    return f"{figure['text']}{detail}{when}{where}"


def text_of(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return joined(map(str, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))
