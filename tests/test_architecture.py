"""The house keeps to its plan: who imports whom, how long things are, what no file holds."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).parent.parent
APPS = ("programmes", "partnerships", "stemobs")

MOST_LINES = 600
MEDIAN_FUNCTION = 9
LONG_FUNCTION = 37  # nine functions in ten are no longer


def modules(*folders: str) -> list[Path]:
    files = chain.from_iterable((ROOT / folder).rglob("*.py") for folder in folders)
    return sorted(file for file in files if "migrations" not in file.parts)


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), filename=str(file))


def imports(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield every imported module with its line."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from ((child.lineno, alias.name) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield child.lineno, "." * child.level + (child.module or "")


def functions(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [node for node in ast.walk(tree(file)) if isinstance(node, kinds)]


ALL_MODULES = [file for file in modules(*APPS) if file.read_text()]


def test_imports_point_down() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_every_room_has_its_place_in_the_contract() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    placed = re.findall(r"[\w.]+", " ".join(contract["contracts"][0]["layers"]))
    rooms = {path.stem for path in (ROOT / "stemobs").glob("[a-z]*")}
    assert sorted(placed) == sorted({*APPS[:2], *(f"stemobs.{room}" for room in rooms)})


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
