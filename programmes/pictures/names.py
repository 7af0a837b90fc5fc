"""What the name of an uploaded picture says: where it lies, how large it is, which forms it has.

`logos/…` lies below MEDIA_ROOT, which the proxy serves to everybody; `drafts/…` below DRAFTS_ROOT,
which only curators see, by way of the admin. What follows nobody can guess. The end is the size, as
in `logos/6f…e1-1600x1200.jpg`: so pages know it without opening a file, also in former states.
"""

import re
import secrets
from pathlib import PurePath
from typing import NamedTuple

PUBLIC, PRIVATE = "logos/", "drafts/"
WIDTHS = (320, 640, 1280)  # pixels, of the renditions of a large picture
SIZE = r"(?P<width>[1-9]\d{0,3})x(?P<height>[1-9]\d{0,3})"
KINDS = "jpg|png|webp"
SIZED = re.compile(rf"(?P<stem>(?:{PUBLIC}|{PRIVATE})[0-9a-f]{{24}}-{SIZE})\.(?:{KINDS})", re.ASCII)
RENDITION = re.compile(rf"(?P<stem>.*-{SIZE})\.w\d+\.webp", re.ASCII)
DESCRIBED = re.compile(rf"(?:.*-)?(?P<end>{SIZE}\.(?:{KINDS}))", re.ASCII)


class Size(NamedTuple):
    """The width and height of a picture, in pixels."""

    width: int
    height: int

    def scale_to(self, width: int) -> "Size":
        return Size(width, max(1, round(self.height * width / self.width)))


class Rendition(NamedTuple):
    """A picture made smaller for pages: the name of its file, and its width in pixels."""

    name: str
    width: int


def is_private(name: str | None) -> bool:
    return (name or "").startswith(PRIVATE)


def name_picture(folder: str, described: str) -> str:
    """Return a new name for a picture in a folder.

    It keeps the end of another name: the size of the picture, if that says it, and its kind.
    """
    named = PurePath(described)
    found = DESCRIBED.fullmatch(named.name)
    end = f"-{found['end']}" if found else named.suffix.lower()
    return f"{folder}{secrets.token_hex(12)}{end}"


def find_size(name: str) -> Size | None:
    """Return the size of a picture; None of one that was stored before names had it."""
    found = SIZED.fullmatch(name)
    return Size(int(found["width"]), int(found["height"])) if found else None


def find_small_size(name: str) -> Size | None:
    """Return the size of the narrowest rendition of a picture; None if it has none."""
    size, renditions = find_size(name), list_renditions(name)
    return size.scale_to(renditions[0].width) if size and renditions else None


def list_renditions(name: str) -> list[Rendition]:
    """Return the renditions of a picture, from narrow to wide; none is wider than itself."""
    found = SIZED.fullmatch(name)
    if not found:
        return []
    widths = list_widths(int(found["width"]))
    return [Rendition(f"{found['stem']}.w{width}.webp", width) for width in widths]


def list_originals(name: str) -> list[str]:
    """Return the names that the picture may have of which a file is a rendition, or itself."""
    found = RENDITION.fullmatch(name)
    return [f"{found['stem']}.{kind}" for kind in KINDS.split("|")] if found else [name]


def list_widths(width: int) -> list[int]:
    """Return how wide the renditions of a picture of some width are, in pixels."""
    return [*(one for one in WIDTHS if one < width), *([width] if width <= WIDTHS[-1] else [])]
