"""Tests of rules for the tests: length of files, imports between tests, tests run by trials."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.trials import TRIALS

TESTS = Path(__file__).parent
ROOT = TESTS.parent
LONGEST = 500


def imported(file: Path) -> Iterator[str]:
    """Yield the names of all imported modules of a file, and of names that may be modules."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{one.name}" for one in node.names)


def test_no_file_of_tests_is_longer_than_the_limit() -> None:
    lengths = {file.name: len(file.read_text().splitlines()) for file in TESTS.rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_test_module_imports_a_test_module_or_conftest() -> None:
    """Shared helpers are in plain modules, and conftest.py files contain fixtures only."""
    faults = [
        (file.relative_to(ROOT).as_posix(), name)
        for file in TESTS.rglob("*.py")
        for name in imported(file)
        if name.startswith("tests.") and name.split(".")[-1].startswith(("test_", "conftest"))
    ]
    assert faults == []


def test_every_test_with_the_mark_trial_belongs_to_a_trial() -> None:
    """A test with the mark `trial` is not run by `./dev test`, so a trial has to run it."""
    marked = [file for file in TESTS.rglob("test_*.py") if "pytest.mark.trial" in file.read_text()]
    places = [ROOT / one for trial in TRIALS.values() for one in trial.tests if one[0] != "-"]
    left_out = [
        file.name
        for file in marked
        if file != Path(__file__) and not any(file.is_relative_to(place) for place in places)
    ]
    assert marked
    assert left_out == []
