"""The programmes of the API: lists of any selection, and each entry by its slug."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from programmes.api.serializers import ProgrammeRowSerializer, ProgrammeSerializer
from programmes.entry import with_facts
from programmes.facets import FACETS, Facet
from programmes.filters import ProgrammeFilter
from programmes.models import Programme
from programmes.parameters import Problem
from programmes.resources import IndexedResource, Part, given
from programmes.rows import read_rows


class Gone(APIException):
    """The entry was withdrawn; the detail says why."""

    status_code = 410


def why_gone(programme: Programme) -> str:
    """Return the reason for withdrawing an entry; its successor only if readers may see that."""
    successor = programme.merged_into
    if successor and successor.is_public:
        return _("Merged into {slug}.").format(slug=successor.slug)
    return programme.withdrawn_reason or _("This programme was withdrawn.")


class ProgrammeResource(IndexedResource):
    """Programmes: the whole selection, with the counts of facets where asked."""

    filterset_class = ProgrammeFilter
    serializer_class = ProgrammeSerializer
    list_serializer_class = ProgrammeRowSerializer
    also = ("facets", *IndexedResource.also)

    def get_queryset(self) -> QuerySet[Programme]:
        return Programme.objects.published()

    def get_object(self) -> Programme:
        """Return the entry; an old slug leads to it as well; 410 for a withdrawn one."""
        slug = self.kwargs["slug"]
        programmes = with_facts(Programme.objects.all())
        programme = (
            programmes.filter(slug=slug).first()
            or programmes.filter(former_slugs__slug=slug).first()
        )
        if programme and programme.state == Programme.State.WITHDRAWN:
            raise Gone(why_gone(programme))
        if programme is None or not programme.is_public:
            raise Http404(_("There is no programme {slug}.").format(slug=slug[:100]))
        return programme

    def problems(self, request: Request) -> Sequence[Problem]:
        reason = _("is not a facet")
        unknown = [
            Problem("facets", name[:100], reason, ("all", *FACETS))
            for name in self.asked_facets(request)
            if name not in FACETS
        ]
        return [*super().problems(request), *unknown]

    def asked_facets(self, request: Request) -> list[str]:
        names = given(request, "facets")
        return list(FACETS) if "all" in names else names

    def told(self, ids: Collection[int]) -> dict[int, dict[str, Any]]:
        return read_rows(self.catalogue, ids)

    def answer(self, selection: Any, part: Part, addresses: Mapping[str, str]) -> dict[str, Any]:
        answer = super().answer(selection, part, addresses)
        asked = self.asked_facets(self.request)
        if asked:
            answer["facets"] = {name: self.facet(selection, FACETS[name]) for name in asked}
        return answer

    def facet(self, selection: ProgrammeFilter, facet: Facet) -> list[dict[str, Any]]:
        return [
            {"value": choice.value, "label": choice.label, "count": choice.count}
            for choice in selection.panel(facet).choices
        ]
