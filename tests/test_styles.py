"""Tests of style sheets and scripts: by component and page, joined for delivery, nothing unused."""

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import html5lib
import pytest
from django.contrib.staticfiles import finders
from django.test import Client, override_settings

from stemobs.http.assets import (
    IMPORT,
    SCRIPTS,
    SOURCES,
    join_sheets,
    list_imported_sheets,
    list_joined_scripts,
    list_joined_sheets,
    read_sheet,
)
from tests.servers import collect_static_files
from tests.sheets import COMMENT, parts, rules

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
MOST_LINES = 6_400
MOST_BYTES = 45_000  # of a page's two sheets, before compression
MOST_SCRIPT_LINES = 400  # of all scripts, as they are written
MOST_SCRIPT_BYTES = 12_000  # of all of them as delivered, before compression
# All sheets except that of Django's admin, which shares only the tokens with the site.
SHEETS = sorted(sheet for sheet in SOURCES.rglob("*.css") if sheet.name != "admin.css")
# The sheet for paper, which may name classes of any component in order to hide them.
PRINT = SOURCES / "print.css"

PAGES = {
    "home": "/",
    "programmes": "/programmes/",
    "search": "/search/?q=school",
    "organisations": "/organisations/",
    "programme": "/programmes/jet-net-nl/",
    "history": "/programmes/jet-net-nl/history/",
    "organisation": "/organisations/shell/",
    "compare": "/programmes/compare/?programme=jet-net-nl&programme=stem-teacher-academy",
    "countries": "/countries/",
    "country": "/countries/nl/",
    "platforms": "/platforms/",
    "strategies": "/strategies/",
    "evidence": "/evidence/",
    "insights": "/insights/",
    "insight": "/insights/gaps/",
    "guides": "/guides/",
    "guide": "/guides/obstacles/",
    "plan": "/guides/plan/",
    "obstacles": "/guides/obstacles/finder/?obstacle=partners",
    "outcomes": "/guides/task-force-outcomes/countries/",
    "worksheet": "/guides/transfer-conditions/worksheet/",
    "start": "/start/company/?country=SK&time=day",
    "about": "/about/",
    "data": "/about/data/",
    "docs": "/api/v1/docs/",
    "error": "/nowhere/",
    "gallery": "/about/components/",
}


# --- Parsing style sheets -----------------------------------------------------------------------

CLASS = re.compile(r"\.(-?[a-zA-Z_][\w-]*)")


def selectors(sheet: Path) -> list[str]:
    """Return all selectors of a sheet, with lists of selectors split."""
    heads = (rule.selector for rule in rules(sheet.read_text()))
    return [one for head in heads if not head.startswith("@") for one in parts(head, ",")]


def compounds(selector: str) -> list[str]:
    """Return the compound selectors of a selector, the outermost first."""
    return parts(re.sub(r'"[^"]*"', "", selector), " >+~")


def names(compound: str) -> list[str]:
    """Return the classes in a compound selector, without those in `:not()`, `:has()` or `:is()`."""
    return CLASS.findall(re.sub(r":(?:not|has|is|where)\(.*", "", compound))


def subject(selector: str) -> str | None:
    """Return the class that a selector styles: the first one of its innermost part with a class."""
    inside = (found[0] for one in reversed(compounds(selector)) if (found := names(one)))
    return next(inside, None)


def is_within(selector: str) -> bool:
    """Whether a selector styles an element only inside, beside or around another class."""
    inside = next((found for one in reversed(compounds(selector)) if (found := names(one))), [])
    return len(CLASS.findall(re.sub(r":not\([^)]*\)", "", selector))) > len(inside)


def homes() -> dict[str, set[Path]]:
    """Return the home sheets of each class: those that style the class wherever it occurs.

    A class that is never styled by itself, such as `docs` in `.docs .code`, is at home in the
    sheets whose selectors begin with it.
    """
    alone: dict[str, set[Path]] = defaultdict(set)
    first: dict[str, set[Path]] = defaultdict(set)
    for sheet in SHEETS:
        for selector in selectors(sheet) if sheet != PRINT else ():
            if (name := subject(selector)) and not is_within(selector):
                alone[name].add(sheet)
            if found := CLASS.findall(selector):
                first[found[0]].add(sheet)
    return defaultdict(set, {**first, **alone})


HOMES = homes()


def short(sheet: Path) -> str:
    return str(sheet.relative_to(SOURCES))


# --- Source sheets ------------------------------------------------------------------------------


def test_all_sheets_together_are_not_longer_than_the_limit() -> None:
    assert sum(len(sheet.read_text().splitlines()) for sheet in SHEETS) <= MOST_LINES


def test_each_class_is_styled_in_one_sheet_only() -> None:
    twice = {name: sorted(map(short, sheets)) for name, sheets in HOMES.items() if len(sheets) > 1}
    assert twice == {}


@pytest.mark.parametrize("sheet", SHEETS, ids=short)
def test_a_sheet_styles_classes_of_other_sheets_only_inside_its_own_classes(sheet: Path) -> None:
    """For example, the sheet of the home page may style `.hero .btn`, but not `.card .btn`."""
    if sheet == PRINT:
        return
    strange = [
        selector
        for selector in selectors(sheet)
        if (found := CLASS.findall(selector)) and not any(HOMES[name] == {sheet} for name in found)
    ]
    assert strange == []


def test_print_css_only_hides_elements_or_controls_breaks_and_spacing() -> None:
    """The look of a component on paper belongs into the sheet of the component."""
    allowed = re.compile(r"(display|break-inside|overflow|content|font-size|padding-block)\b")
    for rule in rules(PRINT.read_text()):
        if CLASS.search(rule.selector):
            for declaration in parts(rule.body, ";"):
                assert allowed.match(declaration), rule


@pytest.mark.parametrize("sheet", sorted(SOURCES.glob("components/*.css")), ids=short)
def test_the_sheet_of_a_component_has_a_template_of_the_same_name(sheet: Path) -> None:
    template = TEMPLATES / "components" / f"{sheet.stem}.html"
    assert template.is_file()
    styled = {name for name, sheets in HOMES.items() if sheet in sheets}
    assert styled & set(known_words([template])) or uses_own_tag(template)


def uses_own_tag(template: Path) -> bool:
    """Whether a template contains variables, from which its classes may come."""
    return "{{" in template.read_text()


@pytest.mark.parametrize("sheet", sorted(SOURCES.glob("pages/*.css")), ids=short)
def test_the_sheet_of_a_page_has_a_template_or_folder_of_the_same_name(sheet: Path) -> None:
    pages = TEMPLATES / "pages"
    api = TEMPLATES / "api" / f"{sheet.stem}.html"
    # Either the page has a folder of templates, or the sheet belongs to a single base template.
    assert (
        (pages / sheet.stem).is_dir() or (pages / f"{sheet.stem}.html").is_file() or api.is_file()
    )


@pytest.mark.parametrize("sheet", SHEETS, ids=short)
def test_all_rules_except_print_and_forced_colours_are_in_a_layer(sheet: Path) -> None:
    """With layers, the result does not depend on the order in which sheets are joined."""
    layers = {"tokens": None, "fonts": None, "reset": {"reset"}, "print": None}
    layers |= {"elements": {"elements", "components"}, "layout": {"layout", "utilities"}}
    folder = {"components": {"components"}, "pages": {"pages"}}.get(sheet.parent.name)
    allowed = folder or layers[sheet.stem]
    for rule in rules(sheet.read_text()):
        if not allowed or any(re.search("print|forced-colors", one) for one in rule.outer):
            continue
        assert rule.outer, rule
        assert rule.outer[0].removeprefix("@layer ") in allowed, rule


# --- Unused classes ------------------------------------------------------------------------------

ATTRIBUTE = re.compile(r'class="((?:[^"{]|\{%.*?%\}|\{\{.*?\}\})*)"', re.DOTALL)
WORD = re.compile(r"[\w-]+")


def known_words(files: list[Path]) -> Iterator[str]:
    """Yield all words in `class` attributes, and in `class` arguments of included templates."""
    for file in files:
        text = file.read_text()
        for attribute in ATTRIBUTE.findall(text):
            yield from WORD.findall(attribute)
        for handed in re.findall(r'class=(\w+|"[^"]*")', text):
            yield from WORD.findall(handed)


def beginnings(files: list[Path]) -> Iterator[str]:
    """Yield the fixed beginnings of classes that end in a variable, such as `p-{{ share }}`."""
    for file in files:
        for attribute in ATTRIBUTE.findall(file.read_text()):
            yield from re.findall(r"([\w-]+)\{\{", attribute)


def constants() -> Iterator[tuple[str, bool]]:
    """Yield all string constants in Python code, and whether each is a piece of an f-string."""
    for app in ("programmes", "partnerships", "stemobs"):
        for module in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(module.read_text())):
                pieces = node.values if isinstance(node, ast.JoinedStr) else [node]
                for piece in pieces:
                    if isinstance(piece, ast.Constant) and isinstance(piece.value, str):
                        yield piece.value, piece is not node


def spoken_words() -> Iterator[str]:
    """Yield words in Python strings (`not_met` as `not-met`) and scripts, which may be classes."""
    for text, _is_piece in constants():
        yield from WORD.findall(text.replace("_", "-"))
    for script in (ROOT / "static").rglob("*.js"):
        yield from WORD.findall(script.read_text())


def test_every_styled_class_is_used_somewhere() -> None:
    files = [file for file in TEMPLATES.rglob("*.*") if file.suffix in (".html", ".svg")]
    known = {*known_words(files), *spoken_words()}
    begun = tuple(beginnings(files))
    numbered = {
        f"{text}{number}" for text, is_piece in constants() if is_piece for number in range(6)
    }
    styled = set(chain.from_iterable(CLASS.findall(one) for s in SHEETS for one in selectors(s)))
    unused = {name for name in styled - known - numbered if not name.startswith(begun)}
    assert unused == set()


# --- Joined sheets ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list_joined_sheets())
def test_a_joined_sheet_has_the_rules_of_its_sources_in_order(name: str) -> None:
    joined = finders.find(name)
    assert joined, name
    sources = "".join(map(read_sheet, list_joined_sheets()[name]))
    assert read_rules(Path(joined).read_text()) == read_rules(sources)


def read_rules(text: str) -> list[tuple[str, ...]]:
    """Return the layers and conditions, selector and body of each rule, and the order of layers."""
    found = [
        tuple(map(squeeze, (*rule.outer, rule.selector, f"{rule.body}}}"))) for rule in rules(text)
    ]
    return [*found, *((squeeze(one),) for one in re.findall(r"@layer [\w, ]+;", text))]


def squeeze(text: str) -> str:
    """Return CSS without comments, spaces and the semicolons that need not be.

    A mark stands for the space of “.pick :checked”, which is another rule than “.pick:checked”.
    """
    marked = re.sub(r"(?<=[\w\])]) \*?:(?=[a-z])", "›:", COMMENT.sub("", text))
    return re.sub(r"\s+", "", marked).replace(";}", "}")


def test_joining_keeps_the_space_between_an_element_and_a_choice_inside_it() -> None:
    for sheets in list_joined_sheets().values():
        source = re.sub(r"/\*.*?\*/", "", "".join(map(read_sheet, sheets)), flags=re.DOTALL)
        inner = len(re.findall(r"[\w)\]] :[a-z]", source))
        assert len(re.findall(r"[\w)\]] :[a-z]", join_sheets(sheets))) == inner


def test_the_site_sheet_joins_what_no_page_imports() -> None:
    joined = list_joined_sheets()["styles/site.css"]
    apart = list_imported_sheets()
    shared = [sheet for sheet in SHEETS if sheet.parent.name != "pages" and sheet not in apart]
    assert sorted(joined) == shared
    order = re.search(r"@layer ([\w, ]+);", (SOURCES / "reset.css").read_text())
    assert order
    assert order[1] == "reset, elements, layout, components, pages, utilities"


def linked_sheets(html: str) -> list[str]:
    """Return the sheets that a page links; fail if the page has inline styles."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    assert not tree.findall(".//style")
    assert not tree.findall(".//*[@style]")
    return [link.get("href", "") for link in tree.findall(".//link[@rel='stylesheet']")]


@cache
def show_page(kind: str) -> str:
    with override_settings(DEBUG=kind == "gallery"):
        return Client().get(PAGES[kind]).text


@pytest.mark.django_db
@pytest.mark.parametrize("kind", PAGES)
def test_a_page_links_the_site_sheet_and_at_most_its_own_sheet(kind: str) -> None:
    links = linked_sheets(show_page(kind))
    own = [f"/static/styles/{kind}.css"] if (SOURCES / f"pages/{kind}.css").exists() else []
    assert links == ["/static/styles/site.css", *own]


@pytest.mark.parametrize("name", list_joined_sheets())
def test_the_sheets_of_a_page_are_together_no_heavier_than_the_limit(name: str) -> None:
    sheets = {"styles/site.css", name}
    assert sum(len(Path(finders.find(one) or "").read_bytes()) for one in sheets) <= MOST_BYTES


def test_the_scripts_are_short_and_each_is_delivered_once() -> None:
    joined = list_joined_scripts()
    sources = [script for scripts in joined.values() for script in scripts]
    assert sorted([*sources, SCRIPTS / "admin.js"]) == sorted(SCRIPTS.glob("*.js"))
    assert sum(len(s.read_text().splitlines()) for s in SCRIPTS.glob("*.js")) <= MOST_SCRIPT_LINES
    delivered = [Path(finders.find(name) or "").read_bytes() for name in joined]
    assert sum(map(len, delivered)) <= MOST_SCRIPT_BYTES


@pytest.mark.django_db
@pytest.mark.parametrize("kind", PAGES)
def test_a_page_has_the_styles_of_every_component_that_it_shows(kind: str) -> None:
    html = show_page(kind)
    shown = {name for classes in re.findall(r'class="([^"]*)"', html) for name in classes.split()}
    page = SOURCES / f"pages/{kind}.css"
    apart = list_imported_sheets() - list_all_imports(page)
    missing = {sheet.stem for name in shown for sheet in HOMES[name] & apart}
    assert missing == set()


def list_all_imports(sheet: Path) -> set[Path]:
    """Return the sheets that come with the sheet of a page, itself included."""
    if not sheet.exists():
        return set()
    imported = [(sheet.parent / name).resolve() for name in IMPORT.findall(sheet.read_text())]
    return {sheet, *chain.from_iterable(map(list_all_imports, imported))}


def test_no_template_links_a_source_directly() -> None:
    for template in TEMPLATES.rglob("*.html"):
        if template.parent.name != "admin":
            assert not re.search(r'static "(css|js)/', template.read_text()), template


def test_the_sheet_of_the_gallery_styles_no_component() -> None:
    """The gallery shows components as pages do, with only the styles of the site sheet."""
    styled = {subject(selector) for selector in selectors(SOURCES / "pages/gallery.css")}
    components = {sheet for sheet in SHEETS if sheet.parent.name == "components"}
    assert [name for name in styled if name and HOMES[name] & components] == []


@pytest.mark.slow
def test_collected_sheets_are_joined_hashed_and_compressed() -> None:
    folder = Path(collect_static_files())
    manifest = json.loads((folder / "staticfiles.json").read_text())["paths"]
    for name in list_joined_scripts():
        assert re.fullmatch(r"scripts/\w+\.[0-9a-f]{12}\.js", manifest[name])
    for name in list_joined_sheets():
        hashed = manifest[name]
        assert re.fullmatch(r"styles/\w+\.[0-9a-f]{12}\.css", hashed)
        assert (folder / f"{hashed}.gz").is_file() or name != "styles/site.css"
        for address in re.findall(r'url\("?([^")]+)', (folder / hashed).read_text()):
            assert (folder / "styles" / address).resolve().is_file(), address
