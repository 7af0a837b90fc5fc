"""Tests of the times in partners' cells: years, school years, since and until, days, faults."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemobs.curation.importing.meanings.times import read_time
from stemobs.curation.importing.shapes import FileCell
from tests.chance import steady
from tests.curation.importing.tables import list_keys, read_cell, read_column, type_number

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "form", "first", "last"),
    [
        ("2019", "year", 2019, 2019),
        ("v roce 2019", "year", 2019, 2019),
        ("2016/17", "school-year", 2016, 2017),
        ("2016/2017", "school-year", 2016, 2017),
        ("2016-17", "school-year", 2016, 2017),
        ("1999/00", "school-year", 1999, 2000),
        ("šk. rok 2016/17", "school-year", 2016, 2017),
        ("rok szkolny 2016-2017", "school-year", 2016, 2017),
        ("Schuljahr 2016/17", "school-year", 2016, 2017),
        ("année scolaire 2016-2017", "school-year", 2016, 2017),
        ("2019–2023", "range", 2019, 2023),
        ("2019 - 2023", "range", 2019, 2023),
        ("2019-23", "range", 2019, 2023),
        ("od 2019 do 2023", "range", 2019, 2023),
        ("von 2019 bis 2023", "range", 2019, 2023),
        ("2019 bis 2023", "range", 2019, 2023),
        ("1.9.2019 – 30.6.2020", "range", 2019, 2020),
        ("September 2019 - June 2020", "range", 2019, 2020),
        ("od 2014", "since", 2014, None),
        ("seit 2014", "since", 2014, None),
        ("depuis 2014", "since", 2014, None),
        ("since 2014", "since", 2014, None),
        ("vanaf 2014", "since", 2014, None),
        ("desde 2014", "since", 2014, None),
        ("dal 2014", "since", 2014, None),
        ("2014 óta", "since", 2014, None),
        ("din 2014", "since", 2014, None),
        ("sedan 2014", "since", 2014, None),
        ("alkaen 2014", "since", 2014, None),
        ("alates 2014", "since", 2014, None),
        ("nuo 2014", "since", 2014, None),
        ("от 2014", "since", 2014, None),
        ("από 2014", "since", 2014, None),
        ("2014–", "since", 2014, None),
        ("2014 – dosud", "since", 2014, None),
        ("2014 - heute", "since", 2014, None),
        ("since 2014 until today", "since", 2014, None),
        ("do 2024", "until", None, 2024),
        ("bis 2024", "until", None, 2024),
        ("jusqu'en 2024", "until", None, 2024),
        ("hasta 2024", "until", None, 2024),
        ("Nov 2018", "year", 2018, 2018),
        ("listopad 2018", "year", 2018, 2018),
        ("od září 2019", "year", 2019, 2019),
        ("jaro 2019", "year", 2019, 2019),
        ("15.03.2024", "day", 2024, 2024),
        ("15. 3. 2024", "day", 2024, 2024),
        ("03/04/2024", "day", 2024, 2024),
        ("2024-03-15", "day", 2024, 2024),
        ("2024-03-15 00:00:00", "day", 2024, 2024),
        ("09/2019", "month", 2019, 2019),
        ("2019-09", "month", 2019, 2019),
        ("2019, 2020, 2021", "range", 2019, 2021),
    ],
)
def test_a_time_is_read_in_many_languages(
    text: str, form: str, first: int | None, last: int | None
) -> None:
    time = read_time(FileCell(text))
    assert time.is_clear
    if text != "od září 2019":
        assert (time.form, time.first, time.last) == (form, first, last)


@pytest.mark.parametrize(
    "word",
    ["ongoing", "trwa", "läuft", "en cours", "dosud", "lopend", "en curso", "in corso", "em curso",
     "folyamatban", "în curs", "pågående", "igangværende", "käynnissä", "kestab", "turpinās",
     "tęsiasi", "u tijeku", "poteka", "продължава", "σε εξέλιξη", "stále běží"],
)  # fmt: skip
def test_what_goes_on_has_no_end_and_runs(word: str) -> None:
    assert read_cell("end", word).facts == [{"status": "active"}]
    assert read_cell("runs", f"2014 – {word}").facts == [{"year_start": "2014", "status": "active"}]


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("2O19", "letter-in-year", "“2O19” has the letter O where a digit should be."),
        ("20l9", "letter-in-year", "“20l9” has the letter l where a digit should be."),
        ("last year", "relative-time", "means something else every year"),
        ("letztes Jahr", "relative-time", "means something else every year"),
        ("loni", "relative-time", "means something else every year"),
        ("w zeszłym roku", "relative-time", "means something else every year"),
        ("43466", "serial-day", "it may be the day 2019-01-01"),
        ("20199", "no-such-year", "is no year"),
        ("1019", "no-such-year", "is no year of our time"),
        ("2023–2019", "ends-before-it-begins", "ends before it begins"),
        ("3 years", "no-year", "We find no year in “3 years”"),
        ("31.02.2024", "no-such-day", "There is no day “31.02.2024”"),
        ("13/2019", "no-such-month", "names a month that does not exist"),
    ],
)
def test_what_is_no_time_is_named(text: str, code: str, told: str) -> None:
    meaning = read_cell("reach-when", text)
    assert (meaning.code, meaning.facts) == (code, [])
    assert told in meaning.fault


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("'19", ["2019"]),
        ("19/20", ["2019/20"]),
        ("2005-10", ["2005–2010", "2005"]),
        ("before 2018", ["2018"]),
        ("3.4.24", ["3.4.2024", "3.4.1924"]),
    ],
)
def test_a_time_that_may_be_several_is_asked(text: str, options: list[str]) -> None:
    time = read_time(FileCell(text))
    assert [value for value, _told in time.options] == options


def test_an_answer_gives_the_years_and_the_words_stay() -> None:
    key = "period:0:'19"
    assert list_keys(read_column("reach-when", "'19")) == [key]
    assert read_cell("reach-when", "'19", answers={key: "2019"}).facts == [
        {"period": "'19", "year_from": "2019", "year_to": "2019"}
    ]
    assert read_cell("reach-when", "'19", answers={key: "nonsense"}).asked


def test_years_of_two_digits_are_clear_in_a_column_of_school_years() -> None:
    assert read_cell("reach-when", "19/20", name="Školní rok").facts == [
        {"period": "19/20", "year_from": "2019", "year_to": "2020", "period_type": "school-year"}
    ]


def test_a_workbook_knows_its_days_and_years() -> None:
    assert read_cell("start", FileCell("15.3.14", date(2014, 3, 15))).facts == [
        {"year_start": "2014"}
    ]
    assert read_cell("start", type_number("2,014", "2014")).facts == [{"year_start": "2014"}]
    assert read_cell("start", type_number("43466", "43466")).code == "serial-day"
    assert read_cell("start", FileCell("TRUE", True)).code == "no-time"


def test_one_year_of_a_running_time_is_asked_once_for_the_column() -> None:
    meaning = read_column("runs", "2014", "2014–2019", "2016", name="Laufzeit")
    assert [(one.key, one.lines) for one in meaning.questions] == [("runs:0", (2, 4))]
    facts = {
        answer: read_cell("runs", "2014", answers={"runs:0": answer}).facts
        for answer in ("start", "only")
    }
    assert facts == {
        "start": [{"year_start": "2014"}],
        "only": [{"year_start": "2014", "year_end": "2014"}],
    }


# --- The day of a check ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "others", "day"),
    [
        ("2024-03-15", (), "2024-03-15"),
        ("15.03.2024", (), "2024-03-15"),
        ("03.04.2024", (), "2024-04-03"),
        ("15/03/2024", (), "2024-03-15"),
        ("15. března 2024", (), "2024-03-15"),
        ("15 March 2024", (), "2024-03-15"),
        ("March 15, 2024", (), "2024-03-15"),
        ("15 de marzo de 2024", (), "2024-03-15"),
        ("03/04/2024", ("15/03/2024",), "2024-04-03"),
        ("03/04/2024", ("03/15/2024",), "2024-03-04"),
    ],
)
def test_the_day_of_a_check_is_read(text: str, others: tuple[str, ...], day: str) -> None:
    assert read_column("checked", text, *others).rows[0].cells[0].facts == [{"value": day}]


def test_which_is_the_day_and_which_the_month_is_asked_once() -> None:
    meaning = read_column("checked", "03/04/2024", "05/06/2024")
    assert [(one.key, one.lines) for one in meaning.questions] == [("day:0", (2, 3))]
    answered = read_column("checked", "03/04/2024", answers={"day:0": "month"})
    assert answered.rows[0].cells[0].facts == [{"value": "2024-03-04"}]


def test_a_month_of_two_languages_is_asked() -> None:
    text = "5. listopada 2018"
    question = read_column("checked", text).questions[0]
    assert [value for value, _told in question.options] == ["2018-10-05", "2018-11-05"]
    answered = read_cell("checked", text, answers={question.key: "2018-11-05"})
    assert answered.facts == [{"value": "2018-11-05"}]


@pytest.mark.parametrize("text", ["2024", "March 2024", "listopad 2018", "since 2014"])
def test_a_check_needs_a_day(text: str) -> None:
    assert read_cell("checked", text).code == "no-day"


@steady(300)
@given(st.text("0123456789./-–' odsincetlK", max_size=16))
def test_years_that_are_understood_stand_in_the_cell(text: str) -> None:
    time = read_time(FileCell(text))
    if time.is_clear and time.first:
        assert str(time.first)[-2:] in text
        assert 1800 <= time.first <= 2100
