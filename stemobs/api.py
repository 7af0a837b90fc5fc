"""The root of the API: which resources there are."""

from django.urls import path, reverse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import APIRootView, SimpleRouter

from partnerships import api as partnerships
from programmes import api as programmes
from programmes.resources import ReadOnlyView, absolute

RESOURCES = {
    "programmes": programmes.ProgrammeResource,
    "organisations": partnerships.OrganisationResource,
    "countries": programmes.CountryResource,
    "platforms": partnerships.PlatformResource,
    "strategies": partnerships.StrategyResource,
    "education-levels": programmes.EducationLevelResource,
    "initiative-kinds": programmes.InitiativeKindResource,
    "career-factors": programmes.CareerFactorResource,
    "audiences": programmes.AudienceResource,
    "obstacles": partnerships.ObstacleResource,
    "criteria": partnerships.CriterionResource,
    "guides": partnerships.GuideResource,
    "sources": programmes.SourceResource,
}


class Root(ReadOnlyView, APIRootView):
    """Every resource with its address."""

    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return Response({name: absolute(reverse(f"api-{name}-list")) for name in RESOURCES})


router = SimpleRouter()
for name, resource in RESOURCES.items():
    router.register(name, resource, basename=f"api-{name}")

urlpatterns = [path("", Root.as_view(), name="api-root"), *router.urls]
