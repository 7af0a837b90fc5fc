"""Pages as linked data: where one stands, what a list holds, a figure, the site itself."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from programmes.models import Country
from stemobs.addresses import absolute
from stemobs.exports import delimited
from stemobs.exports.linked.nodes import Node, node, page_of, this
from stemobs.insights.shapes import Figure
from stemobs.publisher import LANGUAGE, LICENCE_ADDRESS, NAME


def publisher() -> Node:
    return node("Organization", f"{absolute('/')}#publisher", name=NAME, url=absolute("/"))


def breadcrumbs(places: Iterable[tuple[Any, str]]) -> Node:
    """Return where a page stands, from the list that it belongs to: names with their paths."""
    return node(
        "BreadcrumbList",
        itemListElement=[
            node("ListItem", position=place, name=str(name), item=absolute(path))
            for place, (name, path) in enumerate(places, start=1)
        ],
    )


def collection(name: Any, page: str, total: int, rows: Iterable[Any], first: int = 1) -> Node:
    """Return a page of a list: of how many, and which, as paths or as rows with their names."""
    listed = node(
        "ItemList",
        numberOfItems=total,
        itemListElement=[item(row, position) for position, row in enumerate(rows, start=first)],
    )
    return node(
        "CollectionPage",
        page,
        name=str(name),
        url=page,
        inLanguage=LANGUAGE,
        license=LICENCE_ADDRESS,
        mainEntity=listed,
    )


def item(row: Any, position: int) -> Node:
    match row:
        case str():
            name, url = "", absolute(row)
        case Figure():
            name, url = row.name, absolute(figure_path(row))
        case Country():
            name, url = row.name, absolute(reverse("country", args=[row.code.lower()]))
        case _:
            name, url = str(row), page_of(row)
    return node("ListItem", position=position, name=name, url=url)


def figure_path(figure: Figure) -> str:
    return reverse("insight", args=[figure.slug]) + figure.variant


def of_figure(figure: Figure, moment: Any) -> Node:
    """Return a figure about the whole record, with its files."""
    path = figure_path(figure)
    files = [("insight-svg", "image/svg+xml")]
    if figure.table:
        files.insert(0, ("insight-csv", delimited.MEDIA_TYPE))
    return node(
        "Dataset",
        this(absolute(path)),
        name=str(figure.name),
        headline=str(figure.finding),
        description=f"{figure.finding}. {figure.subject}",
        url=absolute(path),
        inLanguage=LANGUAGE,
        license=LICENCE_ADDRESS,
        creator=publisher(),
        dateModified=moment,
        isAccessibleForFree=True,
        distribution=[
            node(
                "DataDownload",
                contentUrl=absolute(reverse(name, args=[figure.slug])) + figure.variant,
                encodingFormat=kind,
            )
            for name, kind in files
        ],
    )


def site() -> Node:
    """Return the site with its search."""
    return node(
        "WebSite",
        this(absolute("/")),
        name=NAME,
        url=absolute("/"),
        inLanguage=LANGUAGE,
        description=_("An open catalogue of partnerships between schools and industry."),
        publisher=publisher(),
        license=LICENCE_ADDRESS,
        potentialAction=node(
            "SearchAction",
            target=node(
                "EntryPoint",
                urlTemplate=f"{absolute(reverse('programmes'))}?q={{search_term_string}}",
            ),
            **{"query-input": "required name=search_term_string"},
        ),
    )


def web_page(kind: str, page: str, name: str, description: str) -> Node:
    return node(
        kind,
        page,
        name=name,
        description=description,
        url=page,
        inLanguage=LANGUAGE,
        isPartOf=node("WebSite", this(absolute("/")), name=NAME),
    )
