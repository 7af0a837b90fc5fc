"""What the catalogue shows as a whole: all figures, and one with its files."""

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stemobs.catalogue.requests import catalogue_of
from stemobs.exports.citations import of_figure
from stemobs.exports.delimited import CONTENT_TYPE, csv_lines
from stemobs.insights.insights import AGAINST, FIGURES, figure, figures
from stemobs.insights.shapes import Figure
from stemobs.selection.parameters import Problem, list_unknown, refusal

USUAL = "level"
# A picture brings its own style, and nothing else.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def asked(request: HttpRequest) -> tuple[str, list[Problem]]:
    """Return what kinds are set against in the matrix, and what is wrong with the address."""
    problems = list_unknown(request.GET.items(), ("by",))
    by = request.GET.get("by", USUAL)
    if by in AGAINST:
        return by, problems
    reason = _("is not one of its values")
    return USUAL, [*problems, Problem("by", by, reason, tuple(AGAINST))]


def one(request: HttpRequest, slug: str) -> Figure:
    """Return the figure that a file is asked of."""
    if slug not in FIGURES:
        raise Http404
    by, problems = asked(request)
    if problems:
        raise refusal(problem.parameter for problem in problems)
    return figure(catalogue_of(request), slug, by)


@require_safe
def insight_list(request: HttpRequest) -> HttpResponse:
    """All figures on one page."""
    by, problems = asked(request)
    catalogue = catalogue_of(request)
    context = {
        "figures": figures(catalogue, by),
        "problems": problems,
        "total": len(catalogue.programmes),
        "moment": catalogue.moment.changed_at,
    }
    return render(request, "pages/insights/insights.html", context)


@require_safe
def insight(request: HttpRequest, slug: str) -> HttpResponse:
    """One figure, with its numbers as a table and how to cite it."""
    if slug not in FIGURES:
        raise Http404
    by, problems = asked(request)
    catalogue = catalogue_of(request)
    order = list(FIGURES)
    place = order.index(slug)
    shown = figure(catalogue, slug, by)
    context = {
        "figure": shown,
        "reference": of_figure(shown, catalogue.moment),
        "problems": problems,
        "before": figure(catalogue, order[place - 1], USUAL) if place else None,
        "after": figure(catalogue, order[place + 1], USUAL) if place + 1 < len(order) else None,
        "moment": catalogue.moment.changed_at,
    }
    return render(request, "pages/insight/insight.html", context)


@require_safe
def insight_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The numbers of a figure (RFC 4180)."""
    shown = one(request, slug)
    rows = csv_lines([shown.columns, *shown.table])
    response = StreamingHttpResponse(rows, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="stem-{slug}.csv"'
    return response


@require_safe
def insight_svg(request: HttpRequest, slug: str) -> HttpResponse:
    """A figure as a picture that stands alone."""
    shown = one(request, slug)
    context = {"figure": shown, "moment": catalogue_of(request).moment.changed_at}
    response = render(
        request, f"pages/insight/{shown.shape}.svg", context, content_type="image/svg+xml"
    )
    response.headers["Content-Disposition"] = f'inline; filename="stem-{slug}.svg"'
    response.headers["Content-Security-Policy"] = PICTURE_POLICY
    return response
