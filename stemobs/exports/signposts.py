"""Signposts: links that tell programs what a page is, how it is cited and where its data are.

The relations are those of signposting.org. They stand in the Link header of the page, and in a file
of their own, its link set (RFC 9264). In the header, addresses on this site are given as paths, so
that it stays short whatever the site is called: some proxies refuse a head of 4,096 bytes.
"""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.urls import reverse

from stemobs.addresses import build_absolute_url
from stemobs.encoding import to_json
from stemobs.exports.citations import Reference
from stemobs.publisher import LICENCE_ADDRESS

Signpost = tuple[str, str, str]  # relation, address, and media type or ""
LINKSET_TYPE = "application/linkset+json"
LONGEST = 1_400  # bytes of a header; a longer one leads to the link set instead
BIBTEX = "application/x-bibtex"


def write_link_header(reference: Reference) -> str:
    """Return the Link header of a page that can be cited: all its links, or where they stand."""
    first = list_first_signposts(reference)
    whole = write_signposts([*first, *list_more_signposts(reference)])
    return whole if len(whole) <= LONGEST else write_signposts(first)


def list_first_signposts(reference: Reference) -> list[Signpost]:
    """Return what the header of a page always tells, the most important first."""
    kind = "Dataset" if reference.is_data else "WebPage"
    return [
        ("cite-as", shorten(reference.url), ""),
        ("linkset", reference.linkset, LINKSET_TYPE),
        ("type", f"https://schema.org/{kind}", ""),
        ("license", LICENCE_ADDRESS, ""),
    ]


def list_more_signposts(reference: Reference) -> Iterator[Signpost]:
    # The catalogue is the author, and that page tells who keeps it.
    yield "author", reverse("about"), ""
    yield from reference.data
    for file in reference.files:
        if file.media_type == BIBTEX:
            yield "describedby", file.address, file.media_type
        yield "alternate", file.address, file.media_type


def write_signposts(signposts: Iterable[Signpost]) -> str:
    return ", ".join(map(write_signpost, signposts))


def write_signpost(signpost: Signpost) -> str:
    relation, address, media_type = signpost
    kind = f'; type="{media_type}"' if media_type else ""
    return f'<{address}>; rel="{relation}"{kind}'


def write_state_links(slug: str) -> str:
    """Return the Link header of a former state of a record (RFC 5829)."""
    places = {"latest-version": "programme", "version-history": "programme-history"}
    return write_signposts(
        (relation, reverse(name, args=[slug]), "") for relation, name in places.items()
    )


def write_linkset(reference: Reference) -> str:
    """Return the links of a page as a file, with absolute addresses."""
    links: dict[str, object] = {"anchor": reference.page or reference.url}
    for relation, address, kind in (
        *list_first_signposts(reference), *list_more_signposts(reference),
    ):  # fmt: skip
        if relation != "linkset":
            target = build_absolute_url(address) if address.startswith("/") else address
            told = {"href": target, "type": kind} if kind else {"href": target}
            links.setdefault(relation, []).append(told)  # type: ignore[attr-defined]
    return to_json({"linkset": [links]}).decode()


def shorten(url: str) -> str:
    """Return an address on this site without scheme and host."""
    parts = urlsplit(url)
    return f"{parts.path}{'?' if parts.query else ''}{parts.query}"
