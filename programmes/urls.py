"""Addresses of home, programmes, countries and the pages about the catalogue."""

from django.urls import path

from programmes import feeds, views

urlpatterns = [
    path("", views.home, name="home"),
    path("programmes/", views.programme_list, name="programmes"),
    path("programmes/<slug:slug>/", views.programme_detail, name="programme"),
    path("countries/", views.country_list, name="countries"),
    path("countries/<slug:code>/", views.country_detail, name="country"),
    path("feeds/programmes.rss", feeds.ProgrammeFeed(), name="rss"),
    path("feeds/programmes.atom", feeds.ProgrammeAtomFeed(), name="atom"),
    path("about/", views.about, name="about"),
    path("about/data/", views.about_data, name="about-data"),
]
