"""Tests of `./dev trial`: its arguments, and the table of results in docs/trials.md."""

import re

import pytest

from tests import trials
from tests.trials import PAGE, ROOT, TRIALS, Outcome, main, recorded


def rows() -> list[list[str]]:
    """Return the cells of the table in docs/trials.md, row by row."""
    lines = re.findall(r"^\| (`.*) \|$", PAGE.read_text(), flags=re.M)
    return [line.split(" | ") for line in lines]


@pytest.mark.data
def test_docs_trials_has_a_row_for_every_part_with_what_it_proves() -> None:
    assert [row[:2] for row in rows()] == [
        [f"`{name}`", trial.proves] for name, trial in TRIALS.items()
    ]
    assert {len(row) for row in rows()} == {6}


def test_every_part_of_the_trials_names_existing_tests() -> None:
    for trial in TRIALS.values():
        for given in trial.tests:
            place = given.removeprefix("--ignore=")
            assert (ROOT / place).exists() or not place.startswith("tests")


def test_a_new_result_replaces_the_row_of_its_part_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trials, "commit", lambda: "abc1234")
    monkeypatch.setattr(trials, "today", lambda: "2027-01-02")
    page = "| part |\n| `kills` | old | passed |\n| `killers` | old |\n"
    assert recorded(page, Outcome("kills", True, 90)).splitlines()[1:] == [
        f"| `kills` | {TRIALS['kills'].proves} | passed | 1.5 min | 2027-01-02 | abc1234 |",
        "| `killers` | old |",
    ]
    assert "| FAILED | 0.1 min |" in recorded(page, Outcome("kills", False, 6))


@pytest.mark.parametrize("given", [["jumps"], ["kills", "--recrod"]])
def test_an_unknown_part_is_refused_and_the_known_ones_are_listed(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main("--check", *given) == 1
    told = capsys.readouterr().out
    assert f"There is no trial {given[-1]}. There are: {' '.join(TRIALS)}" in told
    assert main("--check", "kills", "--record") == 0
