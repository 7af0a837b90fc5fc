"""Linked data of pages: breadcrumbs, lists, insights, the site and its publisher."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from programmes.models import Country
from stemobs.addresses import build_absolute_url
from stemobs.exports import delimited
from stemobs.exports.linked.nodes import Node, build_page_url, build_thing_url, make_node
from stemobs.insights.shapes import Insight
from stemobs.publisher import LANGUAGE, LICENCE_ADDRESS, NAME


def describe_publisher() -> Node:
    return make_node(
        "Organization",
        f"{build_absolute_url('/')}#publisher",
        name=NAME,
        url=build_absolute_url("/"),
    )


def describe_breadcrumbs(places: Iterable[tuple[Any, str]]) -> Node:
    """Return the breadcrumbs of a page, from the outermost list inwards, as names with paths."""
    return make_node(
        "BreadcrumbList",
        itemListElement=[
            make_node("ListItem", position=place, name=str(name), item=build_absolute_url(path))
            for place, (name, path) in enumerate(places, start=1)
        ],
    )


def describe_collection(
    name: Any, page: str, total: int, rows: Iterable[Any], first: int = 1
) -> Node:
    """Return one page of a list with `total` items.

    The rows are paths or model instances; the first of them has the position `first` in the list.
    """
    listed = make_node(
        "ItemList",
        numberOfItems=total,
        itemListElement=[
            describe_item(row, position) for position, row in enumerate(rows, start=first)
        ],
    )
    return make_node(
        "CollectionPage",
        page,
        name=str(name),
        url=page,
        inLanguage=LANGUAGE,
        license=LICENCE_ADDRESS,
        mainEntity=listed,
    )


def describe_item(row: Any, position: int) -> Node:
    match row:
        case str():
            name, url = "", build_absolute_url(row)
        case Insight():
            name, url = row.name, build_absolute_url(build_insight_path(row))
        case Country():
            name, url = row.name, build_absolute_url(reverse("country", args=[row.code.lower()]))
        case _:
            name, url = str(row), build_page_url(row)
    return make_node("ListItem", position=position, name=name, url=url)


def build_insight_path(insight: Insight) -> str:
    return reverse("insight", args=[insight.slug]) + insight.variant


def describe_insight(insight: Insight, moment: Any) -> Node:
    """Return an insight as a Dataset, with its SVG and CSV files."""
    path = build_insight_path(insight)
    files = [("insight-svg", "image/svg+xml")]
    if insight.table:
        files.insert(0, ("insight-csv", delimited.MEDIA_TYPE))
    return make_node(
        "Dataset",
        build_thing_url(build_absolute_url(path)),
        name=str(insight.name),
        headline=str(insight.finding),
        description=f"{insight.finding}. {insight.subject_alone}",
        url=build_absolute_url(path),
        inLanguage=LANGUAGE,
        license=LICENCE_ADDRESS,
        creator=describe_publisher(),
        dateModified=moment,
        isAccessibleForFree=True,
        distribution=[
            make_node(
                "DataDownload",
                contentUrl=build_absolute_url(reverse(name, args=[insight.slug])) + insight.variant,
                encodingFormat=kind,
            )
            for name, kind in files
        ],
    )


def describe_site() -> Node:
    """Return the whole site as a WebSite, with its search as a possible action."""
    return make_node(
        "WebSite",
        build_thing_url(build_absolute_url("/")),
        name=NAME,
        url=build_absolute_url("/"),
        inLanguage=LANGUAGE,
        description=_("An open catalogue of partnerships between schools and industry."),
        publisher=describe_publisher(),
        license=LICENCE_ADDRESS,
        potentialAction=make_node(
            "SearchAction",
            target=make_node(
                "EntryPoint",
                urlTemplate=f"{build_absolute_url(reverse('programmes'))}?q={{search_term_string}}",
            ),
            **{"query-input": "required name=search_term_string"},
        ),
    )


def describe_web_page(kind: str, page: str, name: str, description: str) -> Node:
    return make_node(
        kind,
        page,
        name=name,
        description=description,
        url=page,
        inLanguage=LANGUAGE,
        isPartOf=make_node("WebSite", build_thing_url(build_absolute_url("/")), name=NAME),
    )
