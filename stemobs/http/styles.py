"""Sheets of style, written by component and page, delivered one for all and one a kind of page.

The sheets of `static/css` are joined in the order of the cascade: what every page needs and all
components as `styles/site.css`, the sheet of a kind of page as `styles/<kind>.css`. To Django these
are static files like others: `collectstatic` collects, names and compresses them, and while
debugging they are joined anew whenever one is asked for. docs/styles.md tells more.
"""

import atexit
import re
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

SOURCES: Path = settings.BASE_DIR / "static" / "css"
FIRST = ("tokens", "fonts", "reset", "elements", "layout")
LAST = ("print",)
# How the sheet of a page brings in that of the page it is laid out like.
IMPORT = re.compile(r'^@import url\("([\w-]+\.css)"\);$', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def list_site_sheets() -> list[Path]:
    """Return the sheets that all pages share, in the order in which they are joined."""
    components = sorted((SOURCES / "components").glob("*.css"))
    first, last = ([SOURCES / f"{name}.css" for name in names] for names in (FIRST, LAST))
    return [*first, *components, *last]


def list_joined_sheets() -> dict[str, list[Path]]:
    """Return of which sheets each of the joined ones is made."""
    pages = sorted((SOURCES / "pages").glob("*.css"))
    return {
        "styles/site.css": list_site_sheets(),
        **{f"styles/{sheet.name}": [sheet] for sheet in pages},
    }


def read_sheet(sheet: Path) -> str:
    """Return a sheet with those that it imports in their places."""
    return IMPORT.sub(lambda found: read_sheet(sheet.with_name(found[1])), sheet.read_text())


def shorten_text(text: str) -> str:
    """Leave out what only its writers need: comments, indentation and empty lines."""
    lines = (line.strip() for line in COMMENT.sub("", text).splitlines())
    return "".join(f"{line}\n" for line in lines if line)


def join_sheets(sheets: Iterable[Path]) -> str:
    return "".join(shorten_text(read_sheet(sheet)) for sheet in sheets)


class JoinedSheets(BaseFinder):
    """Finds the joined sheets among static files: it writes them first, for this process alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.folder = Path(mkdtemp(prefix="styles-"))
        self.storage = FileSystemStorage(location=self.folder)
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        sheets = list_joined_sheets().get(path)
        if not sheets:
            return []
        file = str(self.write_sheet(path, sheets))
        return [file] if find_all else file

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        for path, sheets in list_joined_sheets().items():
            self.write_sheet(path, sheets)
            yield path, self.storage

    def write_sheet(self, path: str, sheets: Iterable[Path]) -> Path:
        """Write a joined sheet at once, so that no other thread reads half of it."""
        file = self.folder / path
        file.parent.mkdir(exist_ok=True)
        unfinished = file.with_suffix(f".{threading.get_ident()}")
        unfinished.write_text(join_sheets(sheets))
        return unfinished.replace(file)
