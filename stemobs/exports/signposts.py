"""Signposts: links in the Link header that tell programs what a page is and where its data are.

The relations are those of signposting.org. Addresses on this site are given as paths, so that the
header stays short whatever the site is called: some proxies refuse a head of 4,096 bytes.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from stemobs.publisher import LICENCE_ADDRESS

Signpost = tuple[str, str, str]  # relation, address, and media type or ""
LONGEST = 1_500  # bytes; a longer header is not sent


def write_signposts(page: str, described_by: Iterable[tuple[str, str]]) -> str:
    """Return the Link header of a page: how it is cited, what it is, its licence and its data.

    `page` is its lasting address; `described_by` has the address and the media type of each file
    with its data. Return "" if the header would be too long.
    """
    signposts: list[Signpost] = [
        ("cite-as", shorten(page), ""),
        ("type", "https://schema.org/WebPage", ""),
        ("license", LICENCE_ADDRESS, ""),
        *(("describedby", address, media_type) for address, media_type in described_by),
    ]
    header = ", ".join(map(write_signpost, signposts))
    return header if len(header) <= LONGEST else ""


def write_signpost(signpost: Signpost) -> str:
    relation, address, media_type = signpost
    kind = f'; type="{media_type}"' if media_type else ""
    return f'<{address}>; rel="{relation}"{kind}'


def shorten(url: str) -> str:
    """Return an address on this site without scheme and host."""
    parts = urlsplit(url)
    return f"{parts.path}{'?' if parts.query else ''}{parts.query}"
