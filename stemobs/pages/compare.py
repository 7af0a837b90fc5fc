"""The comparison of two to four programmes side by side, as a page and as a CSV file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from programmes.models import Programme
from stemobs.addresses import build_absolute_url
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.states.moments import Moment
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.comparison import (
    LEAST,
    MOST,
    PARAMETER,
    ChosenProgrammes,
    Comparison,
    choose_programmes,
    compare_programmes,
)
from stemobs.entries.findings import lower_first
from stemobs.entries.similar import Similar, find_similar
from stemobs.entries.topics import ComparedRow
from stemobs.exports import csvw
from stemobs.exports.citations import Reference, cite_comparison
from stemobs.exports.delimited import CONTENT_TYPE, write_csv_lines
from stemobs.pages.citable import render_citable
from stemobs.selection.parameters import (
    OptionField,
    Problem,
    list_unknown,
    make_problem,
    make_refusal,
)

DIFFERENCES = "differences"
TEMPLATE = "pages/compare/compare.html"
NEAR = 3  # similar programmes that the page offers to add to the comparison
SHOWN = {"only": gettext_lazy("Only where they differ"), "all": gettext_lazy("All rows")}
LONGEST_HEADING = 90  # characters of names; longer ones are counted instead of named


def read_slugs(data: QueryDict) -> list[str]:
    """Return the slugs that a query names; an empty one, as of a form, names nothing."""
    given = ",".join(data.getlist(PARAMETER)).lower().split(",")
    return [slug.strip() for slug in given if slug.strip()]


@dataclass
class AskedComparison:
    """The comparison that the query of an address asks for, and what is wrong in that query."""

    data: QueryDict

    @classmethod
    def strict(cls, data: QueryDict) -> Self:
        """Return the comparison for a file; raise BadRequest for a wrong parameter."""
        asked = cls(data)
        if asked.problems:
            raise make_refusal(problem.parameter for problem in asked.problems)
        return asked

    @cached_property
    def choice(self) -> ChosenProgrammes:
        return choose_programmes(read_slugs(self.data))

    @cached_property
    def asked_rows(self) -> tuple[str | None, list[Problem]]:
        """The rows that the address asks for, one of SHOWN, and what is wrong with that."""
        try:
            return OptionField(options=SHOWN).clean(self.data.getlist(DIFFERENCES)), []
        except ValidationError as error:
            return None, [make_problem(DIFFERENCES, error)]

    @property
    def only_differences(self) -> bool:
        """Whether to leave out rows without a difference; a page does so unless told otherwise."""
        if not self.is_comparison:
            return False
        rows = self.asked_rows[0]
        return rows == "only" or (rows is None and self.comparison.has_much_alike)

    @property
    def problems(self) -> list[Problem]:
        unknown = list_unknown(self.data.items(), (PARAMETER, DIFFERENCES), allowed=())
        return unknown + self.choice.problems + self.asked_rows[1]

    @cached_property
    def comparison(self) -> Comparison:
        return compare_programmes(self.choice.programmes)

    @property
    def is_comparison(self) -> bool:
        return len(self.choice.programmes) >= LEAST

    @property
    def canonical_query(self) -> str:
        return make_query(sorted(self.choice.programmes, key=lambda one: one.slug))

    def reference(self, moment: Moment) -> Reference:
        """Return the citation of this comparison at a moment of the catalogue."""
        return cite_comparison(self.choice.programmes, self.canonical_query, moment)


def make_query(programmes: Iterable[Programme], rows: str | None = None) -> str:
    """Return the query that compares these programmes; `rows` is one of SHOWN."""
    pairs = [(PARAMETER, programme.slug) for programme in programmes]
    return urlencode([*pairs, *([(DIFFERENCES, rows)] if rows else [])])


def make_heading(programmes: list[Programme]) -> str:
    """Return the names of the programmes, or how many there are where names are long."""
    names = get_text_list([one.title for one in programmes], _("and"))
    if programmes and len(names) <= LONGEST_HEADING:
        return names
    return _("Compare {number} programmes").format(number=len(programmes))


@require_safe
def show_comparison(request: HttpRequest) -> HttpResponse:
    """Show two to four programmes side by side; with fewer, explain how to add more."""
    asked = AskedComparison(request.GET)
    programmes, rows = asked.choice.programmes, asked.asked_rows[0]
    catalogue = get_request_catalogue(request)
    reference = asked.reference(catalogue.moment) if asked.is_comparison else None
    context = {
        "programmes": programmes,
        "heading": make_heading(programmes),
        "columns": [
            (one, make_query([other for other in programmes if other != one], rows))
            for one in programmes
        ],
        **tell_rows(asked),
        "is_comparison": asked.is_comparison,
        "is_full": len(programmes) == MOST,
        "near": list(find_near(catalogue, programmes, rows)),
        "replaced": asked.choice.replaced,
        "problems": asked.problems,
        "canonical_query": asked.canonical_query,
        "reference": reference,
    }
    if reference is None:
        return render(request, TEMPLATE, context)
    return render_citable(request, TEMPLATE, context, reference)


def tell_rows(asked: AskedComparison) -> dict[str, object]:
    """Return the rows that a page shows, those that it leaves out, and queries for the others."""
    whole, only = asked.comparison, asked.only_differences
    return {
        "comparison": whole.keep_differences() if only else whole,
        "whole": whole,
        "only": only,
        "same": name_rows(whole.same_rows) if only else "",
        "unknown": name_rows(whole.unknown_rows) if only else "",
        "all_query": make_query(whole.programmes, "all"),
        "only_query": make_query(whole.programmes, "only"),
        "csv_query": make_query(whole.programmes, "only" if only else None),
    }


def name_rows(rows: Iterable[ComparedRow]) -> str:
    return ", ".join(lower_first(str(row.label)) for row in rows)


def find_near(
    catalogue: Catalogue, programmes: list[Programme], rows: str | None
) -> Iterator[tuple[Similar, str]]:
    """Yield programmes that are most similar to the first one, each with the query that adds it."""
    if not programmes or len(programmes) == MOST:
        return
    others = [one.pk for one in programmes]
    for similar in find_similar(catalogue, others[0], without=others, most=NEAR):
        yield similar, make_query([*programmes, similar.programme], rows)


@require_safe
def send_comparison_csv(request: HttpRequest) -> HttpResponse:
    """Send the rows of the comparison as a CSV file."""
    asked = AskedComparison.strict(request.GET)
    response = HttpResponse(write_csv_lines(list_table_lines(asked)), content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="comparison.csv"'
    response.headers["Link"] = csvw.link_to_metadata(request.path, request.GET.urlencode())
    return response


@require_safe
def send_comparison_metadata(request: HttpRequest) -> HttpResponse:
    """Send the description of the columns of a comparison's CSV file."""
    header, *rows = map(list, list_table_lines(AskedComparison.strict(request.GET)))
    query = request.GET.urlencode()
    url = build_absolute_url(f"{reverse('compare-csv')}{query and f'?{query}'}")
    schema = csvw.describe_cells([str(name) for name in header], rows)
    described = csvw.describe_file(url, _("Comparison of programmes"), schema)
    return HttpResponse(described, content_type=csvw.CONTENT_TYPE)


def list_table_lines(asked: AskedComparison) -> Iterator[Iterable[object]]:
    """Yield the lines of the CSV file: each has the group, the fact, and a cell per programme."""
    only = asked.is_comparison and asked.asked_rows[0] == "only"
    shown = asked.comparison.keep_differences() if only else asked.comparison
    yield [_("Group"), _("Fact"), *(one.name for one in shown.programmes)]
    yield [
        "",
        _("Address"),
        *(build_absolute_url(one.get_absolute_url()) for one in shown.programmes),
    ]
    for group in shown.groups:
        yield from ([group.label, row.label, *row.cells] for row in group.rows)
