"""The tests have rules of their own: short files, nothing from another test, every trial is run."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.trials import TRIALS

TESTS = Path(__file__).parent
ROOT = TESTS.parent
LONGEST = 500


def imported(file: Path) -> Iterator[str]:
    """Yield every module that a file imports, and every name that may be one."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{one.name}" for one in node.names)


def test_no_file_of_tests_is_longer_than_it_can_be_read() -> None:
    lengths = {file.name: len(file.read_text().splitlines()) for file in TESTS.rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_test_imports_another() -> None:
    """What they share stands in plain modules; a conftest is for fixtures only."""
    faults = [
        (file.relative_to(ROOT).as_posix(), name)
        for file in TESTS.rglob("*.py")
        for name in imported(file)
        if name.startswith("tests.") and name.split(".")[-1].startswith(("test_", "conftest"))
    ]
    assert faults == []


def test_what_only_a_trial_runs_is_in_one_of_them() -> None:
    """A test that is marked so is left out everywhere else."""
    marked = [file for file in TESTS.rglob("test_*.py") if "pytest.mark.trial" in file.read_text()]
    places = [ROOT / one for trial in TRIALS.values() for one in trial.tests if one[0] != "-"]
    left_out = [
        file.name
        for file in marked
        if file != Path(__file__) and not any(file.is_relative_to(place) for place in places)
    ]
    assert marked
    assert left_out == []
