"""The page of one insight, a finding with its numbers, and the same as SVG and CSV files."""

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stemobs.addresses import build_absolute_url
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.exports import csvw
from stemobs.exports.citations import cite_insight
from stemobs.exports.delimited import CONTENT_TYPE, write_csv_lines
from stemobs.insights.insights import AGAINST, INSIGHTS, get_insight
from stemobs.insights.shapes import Insight
from stemobs.pages.citable import render_citable
from stemobs.selection.parameters import Problem, list_unknown, make_refusal

USUAL = "level"
# The SVG file may use its own inline styles and load nothing.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def read_facet(request: HttpRequest) -> tuple[str, list[Problem]]:
    """Return the facet that `by` names for the matrix of kinds, and what is wrong in the query.

    The matrix counts programmes by kind of initiative and by this facet.
    """
    problems = list_unknown(request.GET.items(), ("by",))
    by = request.GET.get("by", USUAL)
    if by in AGAINST:
        return by, problems
    reason = _("is not one of its values")
    return USUAL, [*problems, Problem("by", by, reason, tuple(AGAINST))]


def find_insight(request: HttpRequest, slug: str) -> Insight:
    """Return the insight to send as a file; raise Http404 or BadRequest for a wrong address."""
    if slug not in INSIGHTS:
        raise Http404
    by, problems = read_facet(request)
    if problems:
        raise make_refusal(problem.parameter for problem in problems)
    return get_insight(get_request_catalogue(request), slug, by)


@require_safe
def show_insight(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one insight with its numbers as a table and its citation."""
    if slug not in INSIGHTS:
        raise Http404
    by, problems = read_facet(request)
    catalogue = get_request_catalogue(request)
    order = list(INSIGHTS)
    place = order.index(slug)
    shown = get_insight(catalogue, slug, by)
    reference = cite_insight(shown, catalogue.moment)
    context = {
        "insight": shown,
        "reference": reference,
        "problems": problems,
        "before": get_insight(catalogue, order[place - 1], USUAL) if place else None,
        "after": get_insight(catalogue, order[place + 1], USUAL)
        if place + 1 < len(order)
        else None,
        "moment": catalogue.moment.changed_at,
    }
    return render_citable(request, "pages/insight/insight.html", context, reference)


@require_safe
def send_insight_csv(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """Send the numbers of an insight as a CSV file (RFC 4180)."""
    shown = find_insight(request, slug)
    rows = write_csv_lines([shown.columns, *shown.table])
    response = StreamingHttpResponse(rows, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="stem-{slug}.csv"'
    response.headers["Link"] = csvw.link_to_metadata(request.path, shown.variant.removeprefix("?"))
    return response


@require_safe
def send_insight_metadata(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the description of the columns of an insight's CSV file."""
    shown = find_insight(request, slug)
    url = build_absolute_url(f"{reverse('insight-csv', args=[slug])}{shown.variant}")
    schema = csvw.describe_cells(shown.columns, shown.table)
    described = csvw.describe_file(url, shown.subject_alone, schema)
    return HttpResponse(described, content_type=csvw.CONTENT_TYPE)


@require_safe
def send_insight_svg(request: HttpRequest, slug: str) -> HttpResponse:
    """Send an insight as an SVG file that needs no other file."""
    shown = find_insight(request, slug)
    context = {"insight": shown, "moment": get_request_catalogue(request).moment.changed_at}
    response = render(
        request, f"pages/insight/{shown.shape}.svg", context, content_type="image/svg+xml"
    )
    response.headers["Content-Disposition"] = f'inline; filename="stem-{slug}.svg"'
    response.headers["Content-Security-Policy"] = PICTURE_POLICY
    return response
