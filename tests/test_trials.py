"""What ./dev trial tells, and where it writes it down."""

import re

import pytest

from tests import trials
from tests.trials import PAGE, ROOT, TRIALS, Outcome, main, recorded


def rows() -> list[list[str]]:
    """Return the cells of the page's table."""
    lines = re.findall(r"^\| (`.*) \|$", PAGE.read_text(), flags=re.M)
    return [line.split(" | ") for line in lines]


@pytest.mark.data
def test_the_page_has_every_part_with_what_it_proves_and_its_last_result() -> None:
    assert [row[:2] for row in rows()] == [
        [f"`{name}`", trial.proves] for name, trial in TRIALS.items()
    ]
    assert {len(row) for row in rows()} == {6}


def test_every_part_is_of_tests_that_are_there() -> None:
    for trial in TRIALS.values():
        for given in trial.tests:
            place = given.removeprefix("--ignore=")
            assert (ROOT / place).exists() or not place.startswith("tests")


def test_a_result_takes_the_place_of_the_last_one_and_leaves_the_others(
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
def test_a_part_that_is_not_there_is_told_with_those_that_are(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main("--check", *given) == 1
    told = capsys.readouterr().out
    assert f"There is no trial {given[-1]}. There are: {' '.join(TRIALS)}" in told
    assert main("--check", "kills", "--record") == 0
