"""Pages as linked data: where one stands, what a list holds, a figure, the site itself."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from programmes.figures import Figure
from programmes.linked.nodes import LANGUAGE, LICENCE, Node, absolute, node, page_of, this

NAME = "STEM Observatory"


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


def collection(name: Any, path: str, total: int, things: Iterable[Any], first: int = 1) -> Node:
    """Return a page of a list: of how many, and which, as paths or as rows with their names."""
    return node(
        "CollectionPage",
        absolute(path),
        name=str(name),
        url=absolute(path),
        inLanguage=LANGUAGE,
        license=LICENCE,
        mainEntity=node(
            "ItemList",
            numberOfItems=total,
            itemListElement=[
                listed(thing, position) for position, thing in enumerate(things, start=first)
            ],
        ),
    )


def listed(thing: Any, position: int) -> Node:
    if isinstance(thing, str):
        return node("ListItem", position=position, url=absolute(thing))
    return node("ListItem", position=position, name=str(thing), url=page_of(thing))


def of_figure(figure: Figure, moment: Any) -> Node:
    """Return a figure about the whole record, with its files."""
    path = reverse("insight", args=[figure.slug]) + figure.variant
    files = [("insight-svg", "image/svg+xml")]
    if figure.table:
        files.insert(0, ("insight-csv", "text/csv"))
    return node(
        "Dataset",
        this(absolute(path)),
        name=str(figure.name),
        headline=str(figure.finding),
        description=f"{figure.finding}. {figure.subject}",
        url=absolute(path),
        inLanguage=LANGUAGE,
        license=LICENCE,
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


def site(datasets: Iterable[Node]) -> Node:
    """Return the site with its search, and the catalogue of its data."""
    return node(
        "WebSite",
        this(absolute("/")),
        name=NAME,
        url=absolute("/"),
        inLanguage=LANGUAGE,
        description=_("An open catalogue of partnerships between schools and industry."),
        publisher=publisher(),
        license=LICENCE,
        potentialAction=node(
            "SearchAction",
            target=node(
                "EntryPoint",
                urlTemplate=f"{absolute(reverse('programmes'))}?q={{search_term_string}}",
            ),
            **{"query-input": "required name=search_term_string"},
        ),
    )
