"""Addresses of home, programmes, countries and the pages about the catalogue."""

from django.urls import path

from programmes import exports, feeds
from programmes.files import FIGURE_FORMATS, FORMATS
from programmes.views import (
    about,
    comparisons,
    components,
    countries,
    country,
    home,
    insights,
    listing,
    programmes,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("programmes/", listing.programme_list, name="programmes"),
    *(
        path(f"programmes.{name}", exports.programmes_file, {"format": name}, f"programmes-{name}")
        for name in FORMATS
    ),
    *(
        path(f"programmes/figures.{name}", exports.figures, {"format": name}, f"figures-{name}")
        for name in FIGURE_FORMATS
    ),
    path("programmes/compare/", comparisons.comparison, name="compare"),
    path("programmes/compare.csv", comparisons.comparison_csv, name="compare-csv"),
    path("programmes/<slug:slug>/", programmes.programme_detail, name="programme"),
    path("countries/", countries.country_list, name="countries"),
    path("countries/<slug:code>/", country.country_detail, name="country"),
    path("feeds/programmes.rss", feeds.ProgrammeFeed(), name="rss"),
    path("feeds/programmes.atom", feeds.ProgrammeAtomFeed(), name="atom"),
    path("insights/", insights.insight_list, name="insights"),
    path("insights/<slug:slug>/", insights.insight, name="insight"),
    path("insights/<slug:slug>.csv", insights.insight_csv, name="insight-csv"),
    path("insights/<slug:slug>.svg", insights.insight_svg, name="insight-svg"),
    path("about/", about.about, name="about"),
    path("about/data/", about.about_data, name="about-data"),
    path("about/components/", components.components, name="components"),
]
