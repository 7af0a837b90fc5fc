"""Programmes side by side, as a page and as a file."""

import csv
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from programmes.comparison import LEAST, MOST, PARAMETER, Choice, Comparison, choose, compare
from programmes.models import Programme
from programmes.parameters import OptionField, Problem, ValuesField, problem_of

DIFFERENCES = "differences"
# How cells begin that a spreadsheet would work out.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
SHOWN = {"only": gettext_lazy("Only where they differ")}


@dataclass
class Asked:
    """What an address asks for."""

    data: QueryDict

    @cached_property
    def choice(self) -> Choice:
        return choose(ValuesField().clean(self.data.getlist(PARAMETER)))

    @cached_property
    def only_differences(self) -> tuple[bool, list[Problem]]:
        try:
            value = OptionField(options=SHOWN).clean(self.data.getlist(DIFFERENCES))
        except ValidationError as error:
            return False, [problem_of(DIFFERENCES, error)]
        return value is not None, []

    @property
    def problems(self) -> list[Problem]:
        known = (PARAMETER, DIFFERENCES)
        unknown = [
            Problem(name[:100], str(self.data[name])[:100], _("is not a parameter of this address"))
            for name in self.data
            if name not in known
        ]
        return unknown + self.choice.problems + self.only_differences[1]

    @cached_property
    def comparison(self) -> Comparison:
        return compare(self.choice.programmes)


def query(programmes: list[Programme], *, only: bool = False) -> str:
    """Return the query that compares these programmes."""
    pairs = [(PARAMETER, programme.slug) for programme in programmes]
    return urlencode([*pairs, *([(DIFFERENCES, "only")] if only else [])])


@require_safe
def comparison(request: HttpRequest) -> HttpResponse:
    """Two to four programmes side by side; with fewer it says how to add some."""
    asked = Asked(request.GET)
    programmes = asked.choice.programmes
    only = asked.only_differences[0] and len(programmes) >= LEAST
    whole = asked.comparison
    context = {
        "programmes": programmes,
        "columns": [
            (one, query([other for other in programmes if other != one], only=only))
            for one in programmes
        ],
        "comparison": whole.narrowed() if only else whole,
        "whole": whole,
        "only": only,
        "is_comparison": len(programmes) >= LEAST,
        "is_full": len(programmes) == MOST,
        "replaced": asked.choice.replaced,
        "problems": asked.problems,
        "query": query(programmes),
        "narrowed_query": query(programmes, only=True),
        "canonical_query": query(sorted(programmes, key=lambda one: one.slug)),
    }
    return render(request, "programmes/compare.html", context)


@require_safe
def comparison_csv(request: HttpRequest) -> HttpResponse:
    """The same rows as a file; what the address has wrong is left out."""
    asked = Asked(request.GET)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="comparison.csv"'
    csv.writer(response).writerows(harmless(cells) for cells in table(asked))
    return response


def table(asked: Asked) -> list[list[str]]:
    """Return the comparison as lines of a file: group, fact, one column a programme."""
    shown = asked.comparison.narrowed() if asked.only_differences[0] else asked.comparison
    return [
        [_("Group"), _("Fact"), *(one.name for one in shown.programmes)],
        *(
            [str(group.label), str(row.label), *map(str, row.cells)]
            for group in shown.groups
            for row in group.rows
        ),
    ]


def harmless(cells: list[str]) -> list[str]:
    """Return cells that no spreadsheet takes for formulas."""
    return [
        f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in cells
    ]
