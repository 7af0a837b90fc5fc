"""Addresses of the pages, and of the files and feeds beside them."""

import re

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from stemobs.exports import feeds
from stemobs.exports.citations import PAGES, THINGS
from stemobs.exports.csvw import METADATA_ENDING
from stemobs.exports.evaluations import EVALUATIONS
from stemobs.exports.files import FIGURE_FORMATS, FORMATS
from stemobs.exports.tables import FIGURES, PROGRAMMES
from stemobs.pages import (
    about,
    citations,
    compare,
    countries,
    country,
    data,
    evidence,
    files,
    guide,
    guides,
    history,
    home,
    insight,
    insights,
    obstacles,
    organisation,
    organisations,
    outcomes,
    plan,
    platform,
    platforms,
    programme,
    programmes,
    search,
    sitemap,
    start,
    state,
    strategies,
    strategy,
    suggest,
    suggestion,
    worksheet,
)
from stemobs.pages.decorators import DATA


class CitationConverter(StringConverter):
    """Matches the file endings of citations in a path, such as `bib` or `ris`."""

    regex = "|".join(map(re.escape, citations.ENDINGS))


register_converter(CitationConverter, "citation")

# The paths of pages without their last slash, by the name of the URL pattern, where they differ.
PATHS = {
    "home": "catalogue", "about-data": "about/data", "plan": "guides/plan",
    "obstacles": "guides/obstacles/finder", "outcomes": "guides/task-force-outcomes/countries",
    "worksheet": "guides/transfer-conditions/worksheet",
    **{starter.name: f"start/{slug}" for slug, starter in start.STARTERS.items()},
}  # fmt: skip
# The paths of the lists of things, by the name of the URL pattern of one thing.
FOLDERS = {
    "organisation": "organisations", "platform": "platforms", "strategy": "strategies",
    "guide": "guides", "country": "countries",
}  # fmt: skip
# Views that send facts of a selection's programmes as files, by the name of the file.
FACT_FILES = {"figures": files.send_figures_file, "evaluations": files.send_evaluations_file}

urlpatterns = [
    *(
        path(
            f"{PATHS.get(name, name)}.<citation:ending>",
            citations.send_page_citation,
            {"name": name},
            f"{name}-citation",
        )
        for name in PAGES
    ),
    path(
        "organisations.<citation:ending>",
        citations.send_organisations_citation,
        name="organisations-citation",
    ),
    *(
        path(
            f"{FOLDERS[name]}/<slug:slug>.<citation:ending>",
            citations.send_thing_citation,
            {"name": name},
            f"{name}-citation",
        )
        for name in THINGS
    ),
    path("", home.show_home, name="home"),
    path("programmes/", programmes.list_programmes, name="programmes"),
    *(
        path(
            f"programmes.{name}", files.send_programmes_file, {"ending": name}, f"programmes-{name}"
        )
        for name in FORMATS
    ),
    *(
        path(f"programmes/{kind}.{name}", send, {"ending": name}, f"{kind}-{name}")
        for kind, send in FACT_FILES.items()
        for name in FIGURE_FORMATS
    ),
    path(
        f"programmes.csv{METADATA_ENDING}",
        files.send_metadata,
        {"table": PROGRAMMES},
        "programmes-metadata",
    ),
    *(
        path(
            f"programmes/{table.slug}.csv{METADATA_ENDING}",
            files.send_metadata,
            {"table": table},
            f"{table.slug}-metadata",
        )
        for table in (FIGURES, EVALUATIONS)
    ),
    path("programmes/compare/", compare.show_comparison, name="compare"),
    path("programmes/compare.csv", compare.send_comparison_csv, name="compare-csv"),
    path(
        f"programmes/compare.csv{METADATA_ENDING}",
        compare.send_comparison_metadata,
        name="compare-metadata",
    ),
    path(
        "programmes.<citation:ending>",
        citations.send_selection_citation,
        name="programmes-citation",
    ),
    path(
        "programmes/compare.<citation:ending>",
        citations.send_comparison_citation,
        name="compare-citation",
    ),
    path(
        "programmes/<slug:slug>.<citation:ending>",
        citations.send_programme_citation,
        name="programme-citation",
    ),
    path("programmes/<slug:slug>/", programme.show_programme, name="programme"),
    path("programmes/<slug:slug>/history/", history.show_history, name="programme-history"),
    path(
        "programmes/<slug:slug>/history.atom",
        history.send_history_feed,
        name="programme-history-atom",
    ),
    path("programmes/<slug:slug>/@<revision:revision>/", state.show_state, name="programme-state"),
    *(
        path(
            f"programmes/<slug:slug>.{ending}",
            data.send_programme_data,
            {"ending": ending},
            f"programme-{ending}",
        )
        for ending in DATA
    ),
    path("countries/", countries.list_countries, name="countries"),
    path("countries/<slug:code>/", country.show_country, name="country"),
    path("feeds/programmes.rss", feeds.send_programmes_rss, name="rss"),
    path("feeds/programmes.atom", feeds.send_programmes_atom, name="atom"),
    path("feeds/findings.rss", feeds.send_findings_rss, name="findings-rss"),
    path("feeds/findings.atom", feeds.send_findings_atom, name="findings-atom"),
    path("feeds/withdrawn.rss", feeds.send_withdrawn_rss, name="withdrawn-rss"),
    path("feeds/withdrawn.atom", feeds.send_withdrawn_atom, name="withdrawn-atom"),
    path("search/", search.show_search, name="search"),
    path("search/suggestions/", search.send_suggestions, name="suggestions"),
    path("evidence/", evidence.show_evidence, name="evidence"),
    path("evidence/field-studies.csv", evidence.send_field_studies, name="field-studies-csv"),
    path(
        f"evidence/field-studies.csv{METADATA_ENDING}",
        evidence.send_field_studies_metadata,
        name="field-studies-metadata",
    ),
    path("insights/", insights.list_insights, name="insights"),
    path("insights/<slug:slug>/", insight.show_insight, name="insight"),
    path("insights/<slug:slug>.csv", insight.send_insight_csv, name="insight-csv"),
    path(
        f"insights/<slug:slug>.csv{METADATA_ENDING}",
        insight.send_insight_metadata,
        name="insight-metadata",
    ),
    path("insights/<slug:slug>.svg", insight.send_insight_svg, name="insight-svg"),
    path(
        "insights/<slug:slug>.<citation:ending>",
        citations.send_insight_citation,
        name="insight-citation",
    ),
    path("catalogue.jsonld", data.send_catalogue_data, name="catalogue-data"),
    path("dumps/<str:name>", data.send_dump, name="dump-file"),
    path("robots.txt", sitemap.send_robots_txt, name="robots"),
    path("sitemap.xml", sitemap.send_sitemap, name="sitemap"),
    path("sitemaps/<slug:part>-<int:number>.xml", sitemap.send_sitemap_part, name="sitemap-part"),
    path("about/", about.show_about, name="about"),
    path("about/data/", data.show_about_data, name="about-data"),
    path("organisations/", organisations.list_organisations, name="organisations"),
    path("organisations/<slug:slug>/", organisation.show_organisation, name="organisation"),
    *(
        path(
            f"organisations/<slug:slug>.{ending}",
            organisation.send_organisation_data,
            {"ending": ending},
            f"organisation-{ending}",
        )
        for ending in DATA
    ),
    path("platforms/", platforms.list_platforms, name="platforms"),
    path("platforms/<slug:slug>/", platform.show_platform, name="platform"),
    path("suggest/", suggest.show_suggest, name="suggest"),
    path("suggest/<str:token>/", suggestion.show_suggestion, name="suggestion"),
    path("strategies/", strategies.list_strategies, name="strategies"),
    path("strategies/<slug:slug>/", strategy.show_strategy, name="strategy"),
    path("start/", start.show_start, name="start"),
    *(
        path(f"start/{slug}/", start.show_first_step, {"slug": slug}, starter.name)
        for slug, starter in start.STARTERS.items()
    ),
    path("guides/", guides.list_guides, name="guides"),
    path("guides/obstacles/finder/", obstacles.show_finder, name="obstacles"),
    path("guides/task-force-outcomes/countries/", outcomes.show_outcomes, name="outcomes"),
    path("guides/transfer-conditions/worksheet/", worksheet.show_worksheet, name="worksheet"),
    path("guides/plan/", plan.show_plan, name="plan"),
    path("guides/<slug:slug>/", guide.show_guide, name="guide"),
]
