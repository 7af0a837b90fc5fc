"""The house keeps to its plan: who imports whom, how long things are, what no file holds."""

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).parent.parent
APPS = ("programmes", "partnerships")

# From the bottom to the top. A module imports only from rows below its own; a package such as
# `models` or `admin` is one name, whose own parts may import each other.
LAYERS = (
    ("apps", "text", "rendering", "addresses", "sheets", "figures", "ordered"),
    ("models", "index"),
    ("wording", "changes", "seeding", "inserting"),
    ("documents",),
    ("catalogue", "entry", "generating", "records"),
    ("manifests", "facets", "cards", "rows", "maps", "journeys", "timelines", "similar"),
    ("parameters", "pictures", "tables", "linked"),
    ("selection", "negotiation", "cursors", "workbooks"),
    ("filters", "resources", "alternates", "admin_parts"),
    ("insights", "comparison", "crosstabs", "examples", "citing"),
    ("files", "dumping", "restoring", "guesses"),
    ("archives",),
    ("dcat",),
    ("views", "api", "feeds", "exports", "admin", "templatetags", "management"),
    ("urls",),
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}

MOST_LINES = 600
MEDIAN_FUNCTION = 9
LONG_FUNCTION = 37  # nine functions in ten are no longer


def modules(*folders: str) -> list[Path]:
    files = chain.from_iterable((ROOT / folder).rglob("*.py") for folder in folders)
    return sorted(file for file in files if "migrations" not in file.parts)


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), filename=str(file))


def place(file: Path) -> tuple[str, str]:
    """Return app and name of a file: programmes/models/facts.py is programmes, models."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return parts[0], parts[1]


def imports(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield every imported module with the line; `from programmes import views` is views."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from ((child.lineno, alias.name) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            module = "." * child.level + (child.module or "")
            if module in APPS:
                yield from ((child.lineno, f"{module}.{alias.name}") for alias in child.names)
            else:
                yield child.lineno, module


def own_imports(file: Path) -> Iterator[tuple[str, str, str]]:
    """Yield where an import of one of the two apps stands, and the app and name it imports."""
    for line, module in imports(tree(file)):
        app, _dot, rest = module.partition(".")
        if app in APPS:
            yield f"{file.relative_to(ROOT)}:{line} imports {module}", app, rest.split(".")[0]


def functions(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [node for node in ast.walk(tree(file)) if isinstance(node, kinds)]


APP_MODULES = [
    file
    for file in modules(*APPS)
    if file.name != "__init__.py"
    or file.parent.name not in (*APPS, "templatetags", "management", "commands")
]
ALL_MODULES = [file for file in modules(*APPS, "stemobs") if file.read_text()]


def test_every_module_has_its_place_in_the_layers() -> None:
    unknown = [str(file) for file in APP_MODULES if place(file)[1] not in RANK]
    assert not unknown, "Add it to LAYERS where its imports allow."


def test_modules_import_only_downwards() -> None:
    wrong = [
        told
        for file in APP_MODULES
        for told, app, name in own_imports(file)
        if (app, name) != place(file)
        and RANK[name] >= RANK[place(file)[1]]
        and not name == place(file)[1] == "models"  # the rule after the next is about these
    ]
    assert not wrong


def test_views_api_feeds_exports_and_admin_never_import_one_another() -> None:
    surfaces = {"views", "api", "feeds", "exports", "admin"}
    wrong = [
        told
        for file in APP_MODULES
        for told, _app, name in own_imports(file)
        if place(file)[1] in surfaces and name in surfaces - {place(file)[1]}
    ]
    assert not wrong


def test_models_of_partnerships_may_import_those_of_programmes_and_never_the_other_way() -> None:
    wrong = [
        told
        for file in modules("programmes/models")
        for told, app, _name in own_imports(file)
        if app == "partnerships"
    ]
    assert not wrong


def test_nothing_imports_the_configuration() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in [*modules(*APPS), ROOT / "manage.py"]
        for line, module in imports(tree(file))
        if module.split(".")[0] == "stemobs"
    ]
    assert not wrong


def test_imports_are_absolute() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in ALL_MODULES
        for line, module in imports(tree(file))
        if module.startswith(".")
    ]
    assert not wrong


def test_no_function_imports_anything() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {module}"
        for file in ALL_MODULES
        for function in functions(file)
        for line, module in imports(function)
    ]
    assert not wrong


def test_every_module_says_what_it_holds() -> None:
    silent = [
        str(file.relative_to(ROOT)) for file in ALL_MODULES if not ast.get_docstring(tree(file))
    ]
    assert not silent


def test_no_module_is_longer_than_it_can_be_read() -> None:
    lengths = {str(file.relative_to(ROOT)): file.read_text().count("\n") for file in ALL_MODULES}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_functions_are_short() -> None:
    lengths = [
        (node.end_lineno or 0) - node.lineno + 1 for file in ALL_MODULES for node in functions(file)
    ]
    assert median(lengths) <= MEDIAN_FUNCTION
    assert quantiles(lengths, n=10)[-1] <= LONG_FUNCTION


# --- What no file of the project holds -----------------------------------------------------------

MADE_HERE = {
    "__pycache__", ".git", ".venv", ".dev", "media", "staticfiles", "htmlcov", ".cache",
    ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache",
}  # fmt: skip
# Written in parts, so that this file does not hold them itself.
NOT_OURS = {
    "a path of one machine": r"(?<![\w.:/-])/(?:" + "|".join(["work", "root", "home"]) + r")/\w",
    "a path in the temporary folder": r"(?<![\w.:-])/t" + r"mp/[a-z]",
    "a package registry": "|".join(
        [r"\bpypi\." + "org", r"registry\." + "npmjs", "python" + "hosted"]
    ),
    "something left to do": r"\b(?:" + "TO" + "DO|FIX" + "ME)" + r"\b",
}


def texts() -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every file that is text."""
    for file in sorted(ROOT.rglob("*")):
        path = file.relative_to(ROOT)
        if MADE_HERE.intersection(path.parts) or not file.is_file() or ".sqlite3" in file.name:
            continue
        data = file.read_bytes()
        if b"\x00" not in data:
            yield str(path), data.decode()


@pytest.mark.parametrize("what", NOT_OURS)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(NOT_OURS[what])
    found = [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in texts()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found
