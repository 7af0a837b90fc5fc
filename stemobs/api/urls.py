"""URLs of the API, and its root, which lists the resources."""

from collections.abc import Iterator

from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from stemobs.addresses import build_absolute_url
from stemobs.api import (
    changes,
    guides,
    organisations,
    platforms,
    strategies,
    vocabularies,
)
from stemobs.api.facts import EvaluationList, FigureList
from stemobs.api.openapi.views import DescribedView, Description, describe_addresses, show_docs
from stemobs.api.programmes import ProgrammeResource, WholeSelection

RESOURCES = {
    "programmes": ProgrammeResource,
    "organisations": organisations.OrganisationResource,
    "countries": vocabularies.CountryResource,
    "platforms": platforms.PlatformResource,
    "strategies": strategies.StrategyResource,
    "education-levels": vocabularies.EducationLevelResource,
    "initiative-kinds": vocabularies.InitiativeKindResource,
    "career-factors": vocabularies.CareerFactorResource,
    "audiences": vocabularies.AudienceResource,
    "obstacles": guides.ObstacleResource,
    "criteria": guides.CriterionResource,
    "guides": guides.GuideResource,
    "sources": vocabularies.SourceResource,
}


# Lists of something else than rows of a model.
OTHER_LISTS = ("evaluations", "changes")


class Root(DescribedView):
    """Every resource with its address."""

    summary = _("List resources")
    answer_schema = describe_addresses((*RESOURCES, *OTHER_LISTS))

    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        names = (*RESOURCES, *OTHER_LISTS)
        lists = {name: build_absolute_url(reverse(f"api-{name}-list")) for name in names}
        return Response(lists, headers={"Link": link_to_descriptions()})


def link_to_descriptions() -> str:
    """Return links to the description of the API, for programs and for people (RFC 8631)."""
    relations = {"service-desc": "api-schema", "service-doc": "api-docs"}
    return ", ".join(
        f'<{build_absolute_url(reverse(place))}>; rel="{relation}"'
        for relation, place in relations.items()
    )


def list_files() -> Iterator[URLPattern]:
    """Yield the addresses of files, whose ending says in which format they are."""
    kinds: tuple[tuple[str, str, type[WholeSelection], str], ...] = (
        ("programmes", "programmes", ProgrammeResource, "list"),
        ("programmes/figures", "figures", FigureList, "list"),
        ("evaluations", "evaluations", EvaluationList, "list"),
        ("programmes/<str:slug>", "programme", ProgrammeResource, "retrieve"),
    )
    for place, name, resource, action in kinds:
        for form in resource.forms[action]:
            if form.format != "json":
                view = resource.as_view({"get": action}, ending=form.format)
                yield path(f"{place}.{form.format}", view, name=f"api-{name}-{form.format}")


router = SimpleRouter()
for name, resource in RESOURCES.items():
    router.register(name, resource, basename=f"api-{name}")

urlpatterns = [
    path("", Root.as_view(), name="api-root"),
    path("schema/", Description.as_view(), name="api-schema"),
    path("docs/", show_docs, name="api-docs"),
    path("evaluations/", EvaluationList.as_view({"get": "list"}), name="api-evaluations-list"),
    path("changes/", changes.ChangeList.as_view({"get": "list"}), name="api-changes-list"),
    path(
        "programmes/figures/",
        FigureList.as_view({"get": "list"}),
        name="api-programmes-figures",
    ),
    *list_files(),
    # It answers as the present record does, and no number of an example would be there everywhere:
    # the description of the record tells of it.
    path(
        "programmes/<str:slug>/@<revision:revision>/",
        ProgrammeResource.as_view({"get": "retrieve"}, schema=None),
        name="api-programmes-state",
    ),
    *router.urls,
]
