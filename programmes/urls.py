"""Addresses of home, programmes, countries and the pages about the catalogue."""

import re

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from programmes import exports, feeds
from programmes.alternates import DATA
from programmes.citing import FORMATS as CITATIONS
from programmes.files import FIGURE_FORMATS, FORMATS
from programmes.views import (
    about,
    citations,
    comparisons,
    components,
    countries,
    country,
    data,
    home,
    insights,
    listing,
    machines,
    programmes,
)


class CitationConverter(StringConverter):
    """The end of the address of a citation as a file."""

    regex = "|".join(map(re.escape, CITATIONS))


register_converter(CitationConverter, "citation")

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
    path("programmes.<citation:ending>", citations.selection_citation, name="programmes-citation"),
    path(
        "programmes/compare.<citation:ending>",
        citations.comparison_citation,
        name="compare-citation",
    ),
    path(
        "programmes/<slug:slug>.<citation:ending>",
        citations.programme_citation,
        name="programme-citation",
    ),
    path("programmes/<slug:slug>/", programmes.programme_detail, name="programme"),
    *(
        path(
            f"programmes/<slug:slug>.{ending}",
            data.programme_data,
            {"ending": ending},
            f"programme-{ending}",
        )
        for ending in DATA
    ),
    path("countries/", countries.country_list, name="countries"),
    path("countries/<slug:code>/", country.country_detail, name="country"),
    path("feeds/programmes.rss", feeds.programmes_rss, name="rss"),
    path("feeds/programmes.atom", feeds.programmes_atom, name="atom"),
    path("feeds/withdrawn.rss", feeds.withdrawn_rss, name="withdrawn-rss"),
    path("feeds/withdrawn.atom", feeds.withdrawn_atom, name="withdrawn-atom"),
    path("insights/", insights.insight_list, name="insights"),
    path("insights/<slug:slug>/", insights.insight, name="insight"),
    path("insights/<slug:slug>.csv", insights.insight_csv, name="insight-csv"),
    path("insights/<slug:slug>.svg", insights.insight_svg, name="insight-svg"),
    path(
        "insights/<slug:slug>.<citation:ending>",
        citations.figure_citation,
        name="insight-citation",
    ),
    path("catalogue.jsonld", data.catalogue_data, name="catalogue-data"),
    path("dumps/<str:name>", data.dump_file, name="dump-file"),
    path("robots.txt", machines.robots_txt, name="robots"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("sitemaps/<slug:part>-<int:number>.xml", machines.sitemap_part, name="sitemap-part"),
    path("about/", about.about, name="about"),
    path("about/data/", about.about_data, name="about-data"),
    path("about/components/", components.components, name="components"),
]
