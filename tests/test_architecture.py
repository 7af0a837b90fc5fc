"""Tests of the architecture: imports between packages, sizes of functions and files, names."""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).parent.parent
APPS = ("programmes", "partnerships", "stemobs")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()

# Limits close to the present values. Split a function or module before you raise a limit.
MEDIAN_FUNCTION = 6  # lines of the median function
LONG_FUNCTION = 16  # lines that nine functions in ten do not exceed
LONGEST_FUNCTION = 50
LONGEST_MODULE = 450
LONGEST_TEST_FILE = 500
MODULES_A_FOLDER = 14
# Folders of any size: a module for each kind of page, and for each command, where Django wants it.
NO_LIMIT = {"stemobs/pages", "stemobs/management/commands"}


def list_modules(*folders: str) -> list[Path]:
    files = chain.from_iterable((ROOT / folder).rglob("*.py") for folder in folders)
    return sorted(file for file in files if "migrations" not in file.parts)


@cache
def parse(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), filename=str(file))


def name_path(file: Path) -> str:
    return str(file.relative_to(ROOT))


def find_imports(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line number and the name of every imported module."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from ((child.lineno, alias.name) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield child.lineno, "." * child.level + (child.module or "")


def find_functions(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [node for node in ast.walk(parse(file)) if isinstance(node, kinds)]


def count_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


MODULES = [file for file in list_modules(*APPS) if file.read_text()]


# --- Imports between packages --------------------------------------------------------------------


def read_contract() -> list[list[str]]:
    """Return the layers of import-linter's contract, each as the list of its packages."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return [re.findall(r"[\w.]+", layer) for layer in settings["contracts"][0]["layers"]]


def test_every_package_is_listed_in_the_import_contract() -> None:
    rooms = {
        path.stem
        for path in (ROOT / "stemobs").glob("[a-z]*")
        if path.suffix == ".py" or list(path.glob("*.py"))
    }
    placed = chain.from_iterable(read_contract())
    assert sorted(placed) == sorted([*APPS[:2], *(f"stemobs.{room}" for room in rooms)])


def test_the_layers_in_the_documentation_equal_the_import_contract() -> None:
    ladder = ARCHITECTURE.split("## The house")[1].split("```")[1]
    drawn = [re.split(r" {4,}| {2,}(?=\S+ )", line)[0] for line in ladder.strip().splitlines()]
    assert [re.findall(r"[\w.]+", line) for line in drawn] == read_contract()


def test_every_file_named_in_the_table_of_rules_exists() -> None:
    table = ARCHITECTURE.split("## Where a rule stands")[1].split("\n## ")[0]
    homes = re.findall(r"`((?:stemobs|programmes|partnerships)/[\w/.]+)`", table)
    assert homes
    assert [home for home in homes if not (ROOT / home).exists()] == []


def test_programmes_and_partnerships_import_only_text_from_stemobs() -> None:
    wrong = [
        f"{name_path(file)}:{line} imports {module}"
        for file in list_modules("programmes", "partnerships")
        for line, module in find_imports(parse(file))
        if module.startswith("stemobs") and module != "stemobs.text"
    ]
    assert wrong == []


def test_imports_are_absolute_and_never_inside_functions() -> None:
    relative = [
        f"{name_path(file)}:{line}"
        for file in MODULES
        for line, module in find_imports(parse(file))
        if module.startswith(".")
    ]
    inside = [
        f"{name_path(file)}:{line} imports {module}"
        for file in MODULES
        for function in find_functions(file)
        for line, module in find_imports(function)
    ]
    assert relative + inside == []


def test_private_names_are_not_imported_from_another_package() -> None:
    wrong = [
        f"{name_path(file)}:{node.lineno}"
        for file in MODULES
        for node in ast.walk(parse(file))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").split(".")[0] in APPS
        and (node.module or "").rpartition(".")[0] != ".".join(Path(name_path(file)).parts[:-1])
        and any(part.startswith("_") for part in [*(node.module or "").split("."), *names_of(node)])
    ]
    assert wrong == []


def names_of(node: ast.ImportFrom) -> list[str]:
    return [alias.name for alias in node.names]


# --- Sizes ---------------------------------------------------------------------------------------


def test_functions_are_not_longer_than_the_limits() -> None:
    lengths = [count_lines(node) for file in MODULES for node in find_functions(file)]
    assert median(lengths) <= MEDIAN_FUNCTION
    assert quantiles(lengths, n=10)[-1] <= LONG_FUNCTION
    assert max(lengths) <= LONGEST_FUNCTION


def test_modules_are_not_longer_than_the_limit() -> None:
    lengths = {name_path(file): file.read_text().count("\n") for file in MODULES}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_test_files_are_not_longer_than_the_limit() -> None:
    lengths = {name_path(file): file.read_text().count("\n") for file in list_modules("tests")}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_TEST_FILE} == {}


def test_folders_contain_few_modules() -> None:
    folders: defaultdict[str, int] = defaultdict(int)
    for file in MODULES:
        folders[name_path(file.parent)] += file.name != "__init__.py"
    crowded = {name: number for name, number in folders.items() if number > MODULES_A_FOLDER}
    assert crowded.keys() <= NO_LIMIT


# --- Names ---------------------------------------------------------------------------------------


def test_every_module_has_a_docstring() -> None:
    assert [name_path(file) for file in MODULES if not ast.get_docstring(parse(file))] == []


def test_no_class_name_is_used_in_two_modules() -> None:
    homes: defaultdict[str, set[str]] = defaultdict(set)
    for file in MODULES:
        for node in parse(file).body:
            # Django wants every command to be called Command.
            if isinstance(node, ast.ClassDef) and node.name != "Command":
                homes[node.name].add(name_path(file))
    assert {name: sorted(files) for name, files in homes.items() if len(files) > 1} == {}


def test_every_folder_of_page_templates_has_a_module_of_the_same_name() -> None:
    folders = {path.name for path in (ROOT / "templates/pages").iterdir() if path.is_dir()}
    modules = {file.stem for file in (ROOT / "stemobs/pages").glob("*.py")}
    # The views of these two pages are in stemobs/workshop and stemobs/http.
    assert folders - modules == {"error", "gallery"}


def test_no_module_of_tests_imports_a_test_module_or_conftest() -> None:
    wrong = [
        f"{name_path(file)}:{line} imports {module}"
        for file in list_modules("tests")
        for line, module in find_imports(parse(file))
        if re.search(r"^tests\b.*\b(test_\w+|conftest)$", module)
    ]
    assert wrong == []


# --- Records of decisions ------------------------------------------------------------------------


@pytest.mark.parametrize("file", sorted((ROOT / "docs/decisions").glob("*.md")), ids=str)
def test_every_decision_has_number_date_context_decision_and_consequences(file: Path) -> None:
    text = file.read_text()
    assert re.match(rf"# {int(file.name[:4])}\. \w", text)
    assert re.search(r"^Date: \d{4}-\d\d-\d\d$", text, flags=re.M)
    headings = re.findall(r"^## (.+)$", text, flags=re.M)
    assert headings == ["Context", "Decision", "Consequences"]


# --- Texts that no file may contain --------------------------------------------------------------

MADE_HERE = {
    "__pycache__", ".git", ".venv", ".dev", "media", "staticfiles", "htmlcov", ".cache",
    ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".import_linter_cache",
}  # fmt: skip
# The patterns are put together from parts, so that this file does not match them itself.
NOT_OURS = {
    "a path of one machine": r"(?<![\w.:/-])/(?:" + "|".join(["work", "root", "home"]) + r")/\w",
    "a path in the temporary folder": r"(?<![\w.:-])/t" + r"mp/[a-z]",
    "a package registry": "|".join(
        [r"\bpypi\." + "org", r"registry\." + "npmjs", "python" + "hosted"]
    ),
    "something left to do": r"\b(?:" + "TO" + "DO|FIX" + "ME)" + r"\b",
}


OF_OTHERS = Path("tests/curation/importing/corpus")  # as partners send them, in any encoding


@cache
def read_texts() -> list[tuple[str, str]]:
    """Return the path and the content of every text file of the project."""
    return [*list_texts()]


def list_texts() -> Iterator[tuple[str, str]]:
    for file in sorted(ROOT.rglob("*")):
        path = file.relative_to(ROOT)
        if MADE_HERE.intersection(path.parts) or not file.is_file() or ".sqlite3" in file.name:
            continue
        if path.is_relative_to(OF_OTHERS) and file.suffix not in (".yaml", ".md"):
            continue
        data = file.read_bytes()
        if b"\x00" not in data:
            yield str(path), data.decode()


@pytest.mark.parametrize("what", NOT_OURS)
def test_no_file_contains(what: str) -> None:
    pattern = re.compile(NOT_OURS[what])
    found = [
        f"{path}:{number}: {line.strip()[:120]}"
        for path, text in read_texts()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found
