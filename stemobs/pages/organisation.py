"""The page of one organisation, and the organisation as JSON-LD or JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from pyroaring import BitMap

from partnerships.models import GuideItem, Organisation, Partnership, Strategy
from programmes.models import where_current, where_published
from stemobs.addresses import build_location, redirect_for_good
from stemobs.catalogue.counting import put_ended_last
from stemobs.catalogue.index import Index
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.entries.entry import NumberedSources
from stemobs.exports.citations import cite_thing
from stemobs.exports.linked.partners import describe_organisation
from stemobs.pages.citable import render_citable
from stemobs.pages.decorators import JSON, make_linked_response, redirect_to_data
from stemobs.pages.organisations import Role
from stemobs.selection.parameters import refuse_parameters, write_query

MOST_PARTNERS = 20
# The most rows shown for each group of roles and for funding: an organisation may have thousands.
MOST_SHOWN = 25
PUBLISHED = where_published("programme__")
# The headings under which the page groups roles; every role belongs to exactly one group.
GROUPS: dict[Any, tuple[str, ...]] = {
    _("Runs or ran"): (
        Role.COORDINATOR, Role.CO_ORGANISER, Role.OWNER, Role.FOUNDER,
        Role.IMPLEMENTING_BODY, Role.FORMER_COORDINATOR,
    ),
    _("Pays or paid"): (Role.FUNDER, Role.SPONSOR, Role.PATRON),
    _("Takes or took part"): (
        Role.PARTNER, Role.ACADEMIC_PARTNER, Role.CONTENT_PROVIDER, Role.DATA_PROVIDER,
        Role.EVALUATOR, Role.FORMER_PARTNER,
    ),
}  # fmt: skip


@require_safe
@redirect_to_data("organisation")
def show_organisation(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an organisation: its names, programmes by role, funding and partners."""
    organisation = find_organisation(slug)
    if organisation.slug != slug:
        return redirect_for_good(build_location(request, organisation.get_absolute_url()))
    index = get_request_catalogue(request).programmes
    groups = list_role_groups(organisation, index)
    rows = list(chain.from_iterable(group.rows for group in groups))
    citations = organisation.citations.select_related("source")
    funding = organisation.funding.filter(PUBLISHED, where_current())
    paid = list(funding.select_related("programme", "source")[: MOST_SHOWN + 1])
    context = {
        "organisation": organisation,
        "names": organisation.names.all(),
        "total": len(index.find_with_value("organisation", [organisation.slug])),
        "groups": groups,
        "funding": paid[:MOST_SHOWN],
        "has_more_funding": len(paid) > MOST_SHOWN,
        "partners": find_partners(organisation, index),
        "platforms": organisation.platforms.all(),
        "strategies": Strategy.objects.filter(owners=organisation),
        "sources": NumberedSources([*citations, *rows, *paid[:MOST_SHOWN]]),
        "guide_items": GuideItem.objects.filter(organisations=organisation).select_related("guide"),
        "parts": organisation.parts.filter(is_public=True),
        "predecessors": organisation.predecessors.filter(is_public=True),
    }
    reference = cite_thing("organisation", organisation, get_request_catalogue(request).moment)
    return render_citable(request, "pages/organisation/organisation.html", context, reference)


def find_organisation(slug: str) -> Organisation:
    """Return the organisation that has this slug now or under another name; raise Http404 if none.

    The relations that its page and its linked data need are loaded.
    """
    found = Organisation.objects.public().known_as(slug)
    related = found.select_related("country", "parent", "successor")
    organisation = related.prefetch_related("names").first()
    if organisation is None:
        raise Http404
    return organisation


@require_safe
def send_organisation_data(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """Send an organisation as JSON-LD, or redirect to its JSON in the API.

    The slug of another of its names redirects to its own slug.
    """
    refuse_parameters(request.GET)
    organisation = find_organisation(slug)
    if organisation.slug != slug:
        return redirect(f"organisation-{ending}", organisation.slug, permanent=True)
    if ending == JSON:
        return redirect("api-organisations-detail", slug)
    return make_linked_response(describe_organisation(organisation))


@dataclass(frozen=True)
class RoleGroup:
    """A group of roles of an organisation, such as “Funds”.

    It has the number of programmes, the query that selects them, and the first rows.
    """

    label: Any
    number: int
    query: str
    rows: list[Partnership]  # by the programmes' names, those that ended last


def list_role_groups(organisation: Organisation, index: Index) -> list[RoleGroup]:
    """Return the groups of roles that an organisation has, each with its first programmes."""
    found = {
        label: find_programmes_in_roles(organisation, roles, index)
        for label, roles in GROUPS.items()
    }
    ids = {
        label: index.list_by_name(put_ended_last(index, [programmes]), 0, MOST_SHOWN)
        for label, programmes in found.items()
        if programmes
    }
    rows = read_partnerships(organisation, [*chain.from_iterable(ids.values())])
    return [
        RoleGroup(
            label,
            number=len(found[label]),
            query=write_query(
                [("organisation", organisation.slug), *(("role", role) for role in GROUPS[label])]
            ),
            rows=[
                row for pk in programmes for row in rows.get(pk, []) if row.role in GROUPS[label]
            ],
        )
        for label, programmes in ids.items()
    ]


def find_programmes_in_roles(
    organisation: Organisation, roles: Sequence[str], index: Index
) -> BitMap:
    """Return the ids of programmes in which an organisation has one of these roles."""
    return index.find_with_value("partnership", [(organisation.slug, str(role)) for role in roles])


def read_partnerships(
    organisation: Organisation, programmes: list[int]
) -> dict[int, list[Partnership]]:
    """Return the partnerships of an organisation in these programmes, by the programme's id.

    Only published programmes count; the rows of one programme are in the order of roles.
    """
    partnerships = organisation.partnerships.filter(PUBLISHED, programme__in=programmes)
    order = Role.values
    rows: dict[int, list[Partnership]] = {}
    for row in sorted(
        partnerships.select_related("programme", "source"), key=lambda row: order.index(row.role)
    ):
        rows.setdefault(row.programme_id, []).append(row)
    return rows


def find_partners(organisation: Organisation, index: Index) -> list[tuple[Organisation, int]]:
    """Return organisations in the same published programmes, with the number of those programmes.

    The organisation that shares most programmes comes first.
    """
    shared = index.count_values(
        "organisation", index.find_with_value("organisation", [organisation.slug])
    )
    shared.pop(organisation.slug, None)
    slugs = sorted(shared, key=lambda slug: (-shared[slug], slug))[:MOST_PARTNERS]
    rows = {row.slug: row for row in Organisation.objects.filter(slug__in=slugs)}
    return [(rows[slug], shared[slug]) for slug in slugs if slug in rows]
