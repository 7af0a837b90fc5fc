"""The finder of static files that joins the style sheets and scripts of `static` for delivery.

The sheets are written by component and by page. They are joined in the order of the cascade: the
common sheets and the components of all kinds of pages as `styles/site.css`, the sheet of each kind
of page, with the components that it imports, as `styles/<kind>.css`. Scripts become
`scripts/<name>.js`, those that every page has beside the first one `scripts/site.js`. Both lose
what only their authors need. Django treats the results as static files: `collectstatic` collects,
names and compresses them. With DEBUG on, a file is joined again at every request. See
docs/styles.md.
"""

import atexit
import re
import shutil
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import rcssmin
import rjsmin
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

SOURCES: Path = settings.BASE_DIR / "static" / "css"
SCRIPTS: Path = settings.BASE_DIR / "static" / "js"
# The parts of each delivered script. The first stands apart, for it runs before the first paint.
JOINED_SCRIPTS = {"app": ("app",), "site": ("compare", "search"), "list": ("list",)}
FIRST = ("tokens", "fonts", "reset", "elements", "layout")
LAST = ("print",)
# The line by which the sheet of a page includes a component that only a few kinds of pages have, or
# the sheet of a page with the same layout.
IMPORT = re.compile(r'^@import url\("((?:\.\./components/)?[\w-]+\.css)"\);$', re.MULTILINE)
# A space before a colon, as in “.map :is(a)”. Inside of layers rcssmin takes it for a property and
# drops the space, which would give the rule another meaning; in “.map *:is(a)” it stays.
DESCENDANT = re.compile(r"(?<=[\w)\]]) :(?=[a-z])")


def list_imported_sheets() -> set[Path]:
    """Return the sheets of components that come only with the pages whose sheets import them."""
    pages = (SOURCES / "pages").glob("*.css")
    named = ((page, name) for page in pages for name in IMPORT.findall(page.read_text()))
    return {(page.parent / name).resolve() for page, name in named}


def list_site_sheets() -> list[Path]:
    """Return the sheets that all pages share, in the order in which they are joined."""
    components = sorted({*(SOURCES / "components").glob("*.css")} - list_imported_sheets())
    first, last = ([SOURCES / f"{name}.css" for name in names] for names in (FIRST, LAST))
    return [*first, *components, *last]


def list_joined_sheets() -> dict[str, list[Path]]:
    """Return the source sheets of each joined sheet, by the path of the joined sheet."""
    pages = sorted((SOURCES / "pages").glob("*.css"))
    return {
        "styles/site.css": list_site_sheets(),
        **{f"styles/{sheet.name}": [sheet] for sheet in pages},
    }


def read_sheet(sheet: Path) -> str:
    """Return the text of a sheet, with each imported sheet in place of its @import line."""
    return IMPORT.sub(lambda found: read_sheet(sheet.parent / found[1]), sheet.read_text())


def join_sheets(sheets: Iterable[Path]) -> str:
    """Return the text of sheets without what only their authors need, such as comments."""
    text = DESCENDANT.sub(" *:", "\n".join(map(read_sheet, sheets)))
    return join_layers(rcssmin.cssmin(text).replace(" *:", " :"))


def join_layers(text: str) -> str:
    """Return minified rules with blocks of one layer that follow each other as one block."""
    blocks = [""]
    depth = start = 0
    for end, sign in enumerate(text, 1):
        depth += (sign == "{") - (sign == "}")
        if sign != "}" or depth:
            continue
        block, start = text[start:end], end
        head = block.partition("{")[0]
        if head.startswith("@layer ") and blocks[-1].startswith(f"{head}{{"):
            blocks[-1] = blocks[-1][:-1] + block.removeprefix(f"{head}{{")
        else:
            blocks.append(block)
    return "".join(blocks) + text[start:]


def join_scripts(scripts: Iterable[Path]) -> str:
    """Return the text of scripts without comments and layout."""
    return "\n".join(rjsmin.jsmin(script.read_text()) for script in scripts)


def list_joined_scripts() -> dict[str, list[Path]]:
    """Return the source scripts of each joined script, by the path of the joined script."""
    return {
        f"scripts/{name}.js": [SCRIPTS / f"{one}.js" for one in parts]
        for name, parts in JOINED_SCRIPTS.items()
    }


def join_file(path: str) -> str | None:
    """Return the text of the joined file of a path, or None if there is no such file."""
    if sheets := list_joined_sheets().get(path):
        return join_sheets(sheets)
    if scripts := list_joined_scripts().get(path):
        return join_scripts(scripts)
    return None


class JoinedFiles(BaseFinder):
    """A finder of static files that writes the joined files to a folder of its own process."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.folder = Path(mkdtemp(prefix="static-"))
        self.storage = FileSystemStorage(location=self.folder)
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        text = join_file(path)
        if text is None:
            return []
        file = str(self.write_file(path, text))
        return [file] if find_all else file

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[Any]:
        for path in (*list_joined_sheets(), *list_joined_scripts()):
            self.write_file(path, join_file(path) or "")
            yield path, self.storage

    def write_file(self, path: str, text: str) -> Path:
        """Write a joined file and return its path.

        The text goes to a temporary file that then takes the file's name, so that no other thread
        can read a half-written one.
        """
        file = self.folder / path
        file.parent.mkdir(exist_ok=True)
        unfinished = file.with_suffix(f".{threading.get_ident()}")
        unfinished.write_text(text)
        return unfinished.replace(file)


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Compresses each static file only under the name with its digest, by which pages ask for it.

    Compressing both copies took collectstatic half of its time.
    """

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        asked = {*self.hashed_files.values()}
        return super().compress_files([path for path in paths if path in asked])
