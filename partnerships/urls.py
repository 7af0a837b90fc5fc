"""Addresses of organisations, platforms, strategies and guides."""

from django.urls import path

from partnerships.views import guides, initiatives, organisations, plans
from programmes.alternates import DATA

urlpatterns = [
    path("organisations/", organisations.organisation_list, name="organisations"),
    path("organisations/<slug:slug>/", organisations.organisation_detail, name="organisation"),
    *(
        path(
            f"organisations/<slug:slug>.{ending}",
            organisations.organisation_data,
            {"ending": ending},
            f"organisation-{ending}",
        )
        for ending in DATA
    ),
    path("platforms/", initiatives.platform_list, name="platforms"),
    path("platforms/<slug:slug>/", initiatives.platform_detail, name="platform"),
    path("strategies/", initiatives.strategy_list, name="strategies"),
    path("strategies/<slug:slug>/", initiatives.strategy_detail, name="strategy"),
    path("guides/", guides.guide_list, name="guides"),
    path("guides/plan/", plans.plan, name="plan"),
    path("guides/<slug:slug>/", guides.guide_detail, name="guide"),
]
