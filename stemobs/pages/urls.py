"""Addresses of the pages, and of the files and feeds beside them."""

import re

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from stemobs.exports import feeds
from stemobs.exports.citations import FORMATS as CITATIONS
from stemobs.exports.files import FIGURE_FORMATS, FORMATS
from stemobs.pages import (
    about,
    citations,
    compare,
    countries,
    country,
    data,
    files,
    guides,
    home,
    initiatives,
    insights,
    organisations,
    plan,
    programme,
    programmes,
    sitemap,
)
from stemobs.pages.decorators import DATA


class CitationConverter(StringConverter):
    """The end of the address of a citation as a file."""

    regex = "|".join(map(re.escape, CITATIONS))


register_converter(CitationConverter, "citation")

urlpatterns = [
    path("", home.home, name="home"),
    path("programmes/", programmes.programme_list, name="programmes"),
    *(
        path(f"programmes.{name}", files.programmes_file, {"ending": name}, f"programmes-{name}")
        for name in FORMATS
    ),
    *(
        path(f"programmes/figures.{name}", files.figures, {"ending": name}, f"figures-{name}")
        for name in FIGURE_FORMATS
    ),
    path("programmes/compare/", compare.comparison, name="compare"),
    path("programmes/compare.csv", compare.comparison_csv, name="compare-csv"),
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
    path("programmes/<slug:slug>/", programme.programme_detail, name="programme"),
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
    path("robots.txt", sitemap.robots_txt, name="robots"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
    path("sitemaps/<slug:part>-<int:number>.xml", sitemap.sitemap_part, name="sitemap-part"),
    path("about/", about.about, name="about"),
    path("about/data/", about.about_data, name="about-data"),
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
    path("guides/plan/", plan.plan, name="plan"),
    path("guides/<slug:slug>/", guides.guide_detail, name="guide"),
]
