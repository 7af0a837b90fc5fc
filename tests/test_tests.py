"""Every test that is marked for a trial belongs to one of the trials."""

from pathlib import Path

from tests.trials import TRIALS

TESTS = Path(__file__).parent
ROOT = TESTS.parent


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
