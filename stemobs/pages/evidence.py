"""The page “What was found”: results of evaluations by how they were made, good news and bad."""

from collections.abc import Iterable

from django.db.models import Case, F, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from partnerships.models import FieldStudy
from programmes.models import Evaluation, where_published
from stemobs.addresses import build_absolute_url
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.entry import NumberedSources, SourcedStudy
from stemobs.entries.findings import Sentence, tell_study
from stemobs.exports.citations import cite_fixed_page
from stemobs.exports.csvw import link_to_metadata
from stemobs.exports.delimited import CONTENT_TYPE
from stemobs.exports.evaluations import FIELD_STUDIES
from stemobs.exports.files import respond_with_metadata, start_chunks, write_csv_chunks
from stemobs.insights.findings import NO_GAIN, FindingRecord
from stemobs.pages.citable import render_citable
from stemobs.selection.parameters import list_unknown, refuse_parameters

LISTED = 100  # evaluations of a list at most; the list of programmes has all
OPEN = 5  # evaluations of a long list that are not folded away
OPEN_STUDIES = 2  # studies of the field, which are told at length, that are not folded away


@require_safe
def show_evidence(request: HttpRequest) -> HttpResponse:
    """Show what evaluations of programmes found, null and negative results like all others."""
    catalogue = get_request_catalogue(request)
    record = FindingRecord(catalogue)
    mixed, field = list_found([Evaluation.Result.MIXED]), list_field_studies()
    context = {
        "total": record.total,
        "problems": list_unknown(request.GET.items(), ()),
        "numbers": record.count_numbers(),
        "matrix": record.draw_matrix(),
        "no_gain": list_found(NO_GAIN),
        "mixed": mixed[:OPEN],
        "more_mixed": mixed[OPEN:],
        "field": field[:OPEN_STUDIES],
        "more_field": field[OPEN_STUDIES:],
        "sources": NumberedSources(one for study in field for one in study.sources),
    }
    reference = cite_fixed_page("evidence", catalogue.moment)
    return render_citable(request, "pages/evidence/evidence.html", context, reference)


@require_safe
def send_field_studies(request: HttpRequest) -> StreamingHttpResponse:
    """Send the studies of the whole field as a CSV file, one a row."""
    refuse_parameters(request.GET)
    ids = list(FieldStudy.objects.values_list("pk", flat=True))
    chunks = start_chunks(write_csv_chunks(FIELD_STUDIES, ids, bom=False), 2)
    response = StreamingHttpResponse(chunks, content_type=CONTENT_TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="stem-field-studies.csv"'
    response.headers["Link"] = link_to_metadata(request.path)
    return response


@require_safe
def send_field_studies_metadata(request: HttpRequest) -> HttpResponse:
    """Send the description of the columns of the file of studies of the field."""
    refuse_parameters(request.GET)
    return respond_with_metadata(build_absolute_url(reverse("field-studies-csv")), FIELD_STUDIES)


def list_found(results: Iterable[str]) -> list[Sentence]:
    """Return a sentence on each study of a programme itself with these results, strongest first.

    Equal designs stand with the newest first.
    """
    rows = order_by_strength(Evaluation.objects.filter(result__in=results))[:LISTED]
    return [Sentence(tell_study(row, names_payer=True), row) for row in rows]


def order_by_strength(rows: QuerySet[Evaluation]) -> QuerySet[Evaluation]:
    designs = [When(design=design, then=Value(n)) for n, design in enumerate(Evaluation.Design)]
    public = rows.filter(where_published("programme__"), object=Evaluation.Object.PROGRAMME)
    ordered = public.order_by(
        Case(*designs), F("year").desc(nulls_last=True), "programme__name", "position"
    )
    return ordered.select_related("programme").prefetch_related("programme__countries")


def list_field_studies() -> list[SourcedStudy]:
    """Return the studies of many schemes together, which count for no programme."""
    rows = FieldStudy.objects.select_related("source").prefetch_related("further_sources")
    return [SourcedStudy(row) for row in rows]
