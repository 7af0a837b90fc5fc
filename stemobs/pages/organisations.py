"""The list of organisations."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from partnerships.models import Organisation, Partnership
from stemobs.addresses import drop_empty_parameters
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.exports.citations import cite_organisations
from stemobs.pages.citable import render_citable
from stemobs.selection.closest import list_wider
from stemobs.selection.organisations import SEAT, TYPE, OrganisationFilter

PAGE_SIZE = 50

Role = Partnership.Role


@require_safe
@drop_empty_parameters
def list_organisations(request: HttpRequest) -> HttpResponse:
    """Show the list of organisations, searched by name and filtered by type and country."""
    selection, problems = OrganisationFilter.lenient(request.GET, get_request_catalogue(request))
    page = selection.current_page(PAGE_SIZE, selection.matches)
    rows = Organisation.objects.select_related("country").in_bulk(page.object_list)
    count = selection.catalogue.programme_count
    context = {
        "name": _("Organisations"),
        "search_hint": _("Any name or abbreviation"),
        "selection": selection,
        "wider": list_wider(selection),
        "problems": problems,
        "page": page,
        "rows": [
            (rows[pk], count("organisation", rows[pk].slug))
            for pk in page.object_list
            if pk in rows
        ],
        "total": len(selection.index),
        "panels": [selection.make_panel(TYPE), selection.make_panel(SEAT)],
        "canonical_query": selection.query(),
        "head_query": selection.head_query,
        "page_query": selection.query("page"),
    }
    reference = cite_organisations(selection)
    return render_citable(request, "pages/organisations/organisations.html", context, reference)
