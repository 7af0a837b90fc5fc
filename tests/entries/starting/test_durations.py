"""Reading hours from the words that tell how long something takes."""

import pytest

from stemobs.entries.starting.durations import HOURS, read_hours

DAY, WEEK, MONTH, YEAR = (HOURS[unit] for unit in ("day", "week", "month", "year"))


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("1 hour 30 minutes per visit", 1.5),
        ("1 hour and 30 minutes", 1.5),
        ("90-minute visit, then one day for the team", 1.5),
        ("About 40 minutes for a group", 40 / 60),
        ("One lesson of an hour", 1),
        ("An hour", 1),
        ("an evening", 3),
        ("A morning (9:00 to 13:00 in 2020) or a school day (9:00 to 15:00 in 2024)", 4),
        ("Two to four hours plus preparation", 2),
        ("2 to 4 hours", 2),
        ("2–4 hours", 2),
        ("Half a day to a day within the week", DAY / 2),
        ("A working day for the shadowing", DAY),
        ("One visit day per class", DAY),
        ("A visit or a day within a camp of four or five days", DAY),
        ("Four or five days", 4 * DAY),
        ("A weekend plus preparation", 2 * DAY),
        ("three weeks", 3 * WEEK),
        ("Assessors have two weeks for a project they are given", 2 * WEEK),
        ("24 to 36 months", 24 * MONTH),
        ("Four months per intern", 4 * MONTH),
        ("Projects of up to three years", 3 * YEAR),
        ("Placements in three consecutive school years", 3 * YEAR),
        ("One school year at a time; one sponsorship covers four modules each half-year", YEAR),
        ("About one hour a month", 12),
        ("Meant to last", YEAR),
        ("Beyond the short term", YEAR),
        ("45 to 120 minutes a week", 45 / 60 * 36),
        ("A lesson or two; 20 tasks for primary schools (2019)", 1),
        ("About 8 hours (Star) to 70 hours and more (Gold)", 8),
    ],
)
def test_the_least_time_that_a_text_names_is_read(text: str, hours: float) -> None:
    assert read_hours(text) == pytest.approx(hours)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "One visit",
        "A single session",
        "A project through the school year and one day at the fair",
        "Activities during the school year, two days for the finalists",
        "For the period of the plan",
        "After lessons, over the school year",
        "Event days, weekdays and weekend",
        "Autumn to early summer",
        "Until January, contests from February to May",
        "From 9:00 to 13:00",
        "Depends on the module; mentors commit themselves for one to two years",
        "Volunteers gave more than 5,000 hours in 2014",
    ],
)
def test_a_text_without_the_time_of_a_participant_is_not_known(text: str) -> None:
    assert read_hours(text) is None


def test_strange_texts_are_read_in_time() -> None:
    for text in ("a " * 5_000, "1,000" * 2_000, "one to " * 2_000, "9" * 200 + " hours", "½ day"):
        assert read_hours(text) is None or read_hours(text)
