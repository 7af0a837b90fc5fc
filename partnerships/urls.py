"""Addresses of organisations, platforms, strategies and guides."""

from django.urls import path

from partnerships import views

urlpatterns = [
    path("organisations/", views.organisation_list, name="organisations"),
    path("organisations/<slug:slug>/", views.organisation_detail, name="organisation"),
    path("platforms/", views.platform_list, name="platforms"),
    path("platforms/<slug:slug>/", views.platform_detail, name="platform"),
    path("strategies/", views.strategy_list, name="strategies"),
    path("strategies/<slug:slug>/", views.strategy_detail, name="strategy"),
    path("guides/", views.guide_list, name="guides"),
    path("guides/<slug:slug>/", views.guide_detail, name="guide"),
]
