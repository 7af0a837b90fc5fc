"""Tests of the numbers in partners' cells: marks, sizes, ranges, how exact, what is counted."""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stemobs.curation.importing.shapes import FileCell
from tests.chance import seeds, steady
from tests.curation.importing.tables import (
    list_keys,
    list_values,
    read_cell,
    read_column,
    type_number,
)

pytestmark = pytest.mark.once


def read_value(text: str, *others: str) -> str:
    """Return the number in a cell of hours, which have parts, with other cells in its column."""
    meaning = read_column("reach", text, *others, unit="hours")
    return " ".join(list_values(meaning.rows[0].cells[0]))


@pytest.mark.parametrize(
    ("text", "others", "value"),
    [
        ("12.500", ("1.234.567",), "12500"),
        ("12.500", ("12.500,50",), "12500"),
        ("12.500", ("3.5",), "12.5"),
        ("12.500", ("3,5",), "12500"),
        ("12,500", ("1,234.50",), "12500"),
        ("12,500", ("1.234,5",), "12.5"),
        ("12,500", ("2,345,678",), "12500"),
        ("12 500", (), "12500"),
        ("12\u00a0500", (), "12500"),
        ("1\u202f234\u202f567", (), "1234567"),
        ("12’500", (), "12500"),
        ("12'500.50", (), "12500.5"),
        ("1234567", (), "1234567"),
        ("0.50", (), "0.5"),
        ("0", (), "0"),
        ("1,5 mln", (), "1500000"),
        ("1.7 mil.", (), "1700000"),
        ("12 Tsd.", (), "12000"),
        ("2 tis.", (), "2000"),
        ("3k", (), "3000"),
        ("½ million", (), "500000"),
        ("2½ mln", (), "2500000"),
        ("5 ezer", (), "5000"),
        ("4 tuhatta", (), "4000"),
        ("3 хил.", (), "3000"),
        ("2 χιλ.", (), "2000"),
    ],
)
def test_a_number_is_read_as_its_column_shows(
    text: str, others: tuple[str, ...], value: str
) -> None:
    assert read_value(text, *others) == value


def test_what_no_cell_settles_is_asked_once_for_the_column() -> None:
    texts = ("12.500", "320", "7.250")
    meaning = read_column("reach", *texts, name="Uczestnicy", unit="hours")
    question = meaning.questions[0]
    assert list_keys(meaning) == ["numbers:0"]
    assert question.lines == (2, 4)
    assert question.told == "Column “Uczestnicy”: is 12.500 the number 12,500, or 12.5?"
    for answer, values in (("thousands", ["12500", "7250"]), ("decimal", ["12.5", "7.25"])):
        answers = {"numbers:0": answer}
        answered = read_column("reach", *texts, unit="hours", answers=answers)
        assert not answered.questions
        assert [list_values(answered.rows[place].cells[0])[0] for place in (0, 2)] == values


def test_cells_that_contradict_each_other_settle_nothing() -> None:
    assert list_keys(read_column("reach", "12.500", "1.234.567", "3.5", unit="hours")) == [
        "numbers:0"
    ]


def test_both_marks_are_asked_if_both_are_unclear() -> None:
    meaning = read_column("reach", "12.500", "12,500", unit="hours")
    assert list_keys(meaning) == ["numbers:0", "numbers:0:,"]


def test_an_answer_that_is_no_option_leaves_the_question() -> None:
    answers = {"numbers:0": "perhaps"}
    assert list_keys(read_column("reach", "12.500", unit="hours", answers=answers)) == ["numbers:0"]


@pytest.mark.parametrize(
    ("cell", "value", "unit"),
    [
        (type_number("12.500", "12500"), "12500", "hours"),
        (type_number("12.500", "12.5"), "12.5", "hours"),
        (type_number("0.30000000000000004", "0.30000000000000004"), "0.3", "hours"),
        (type_number("85%", "0.85"), "85", "percent"),
    ],
)
def test_a_number_of_a_workbook_needs_no_guessing(cell: FileCell, value: str, unit: str) -> None:
    meaning = read_cell("reach", cell, unit="hours")
    assert meaning.facts == [{"value": value, "qualifier": "exact", "unit": unit}]
    assert not meaning.asked


@pytest.mark.parametrize(
    ("qualifier", "texts"),
    [
        ("about", "ca. 500, cca 500, circa 500, około 500, ok. 500, ungefähr 500, rund 500, "
                  "etwa 500, environ 500, asi 500, ~500, ≈ 500, ±500, körülbelül 500, noin 500, "
                  "umbes 500, apie 500, около 500, περίπου 500, alrededor de 500, 500 ca."),
        ("over", "plus de 500, mehr als 500, über 500, ponad 500, přes 500, více než 500, "
                 "meer dan 500, ruim 500, más de 500, oltre 500, > 500, több mint 500, peste 500, "
                 "över 500, yli 500, üle 500, virš 500, preko 500, над 500, πάνω από 500"),
        ("nearly", "bijna 500, quasi 500, téměř 500, prawie 500, fast 500, presque 500, casi 500, "
                   "nästan 500, lähes 500, skoro 500, aproape 500, majdnem 500, σχεδόν 500"),
        ("at-least", "mindestens 500, au moins 500, minimálně 500, co najmniej 500, min. 500, "
                     "al menos 500, almeno 500, legalább 500, minst 500, ≥ 500, 500 or more, "
                     "500 i więcej, vähintään 500, cel puțin 500, поне 500, τουλάχιστον 500"),
        ("up-to", "bis zu 500, jusqu'à 500, až 500, do 500, tot 500, max. 500, fino a 500, "
                  "hasta 500, upp till 500, legfeljebb 500, enintään 500, iki 500, до 500, ≤500"),
    ],
)  # fmt: skip
def test_how_exact_a_number_is_is_read_in_many_languages(qualifier: str, texts: str) -> None:
    found = {text: read_cell("reach", text, unit="hours").facts for text in texts.split(", ")}
    wanted = [{"value": "500", "qualifier": qualifier, "unit": "hours"}]
    assert {text: facts for text, facts in found.items() if facts != wanted} == {}


@pytest.mark.parametrize(
    "text",
    ["100–150", "100 - 150", "100 bis 150", "od 100 do 150", "entre 100 et 150", "100 až 150",
     "zwischen 100 und 150", "between 100 and 150", "100 à 150", "da 100 a 150", "100 to 150",
     "tussen 100 en 150", "mellem 100 og 150", "από 100 έως 150", "от 100 до 150"],
)  # fmt: skip
def test_a_range_has_two_ends(text: str) -> None:
    assert read_cell("reach", text, unit="schools").facts == [
        {"value": "100", "value_max": "150", "qualifier": "range", "unit": "schools"}
    ]


@pytest.mark.parametrize(
    ("texts", "key", "answer", "qualifier"),
    [
        (("500+", "300+"), "qualifier:0:plus", "over", "over"),
        (("<100", "under 50"), "qualifier:0:under", "nearly", "nearly"),
        (("od 100", "from 20"), "qualifier:0:from", "at-least", "at-least"),
    ],
)
def test_words_that_we_do_not_record_are_asked_once(
    texts: tuple[str, ...], key: str, answer: str, qualifier: str
) -> None:
    meaning = read_column("reach", *texts, unit="schools")
    assert [(one.key, one.lines) for one in meaning.questions] == [(key, (2, 3))]
    answered = read_column("reach", *texts, unit="schools", answers={key: answer})
    assert {row.cells[0].facts[0]["qualifier"] for row in answered.rows} == {qualifier}


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("320 žáků", [("320", "students")]),
        ("12 szkół i 480 uczniów", [("12", "schools"), ("480", "students")]),
        ("45 Schulen / 1200 Schüler", [("45", "schools"), ("1200", "students")]),
        ("480 pupils from 12 schools", [("480", "students"), ("12", "schools")]),
        ("320 žáků, 12 škol", [("320", "students"), ("12", "schools")]),
        ("30 écoles (900 élèves)", [("30", "schools"), ("900", "students")]),
        ("20 teachers\n300 pupils", [("20", "teachers"), ("300", "students")]),
        ("85 %", [("85", "percent")]),
        ("ca. 1 200 Schülerinnen und Schüler", [("1200", "students")]),
        ("škol: 12, žáků: 320", [("12", "schools"), ("320", "students")]),
        ("Schulen: 12; Schüler: 320", [("12", "schools"), ("320", "students")]),
        ("320 (žáci)", [("320", "students")]),
        ("1 200 žáků ve 12 školách", [("1200", "students"), ("12", "schools")]),
    ],
)
def test_units_in_cells_make_figures_of_their_own(
    text: str, figures: list[tuple[str, str]]
) -> None:
    facts = read_cell("reach", text, unit="participants").facts
    assert [(fact["value"], fact["unit"]) for fact in facts] == figures


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("celkem 320 žáků", "cumulative"),
        ("łącznie 320 uczniów", "cumulative"),
        ("insgesamt 320 Schüler", "cumulative"),
        ("320 žáků ročně", "annual"),
        ("320 Schüler pro Jahr", "annual"),
        ("320 pupils a year", "annual"),
        ("320 élèves par an", "annual"),
        ("320 pupils since the start", "since-start"),
    ],
)
def test_words_say_over_which_time_a_figure_counts(text: str, kind: str) -> None:
    assert read_cell("reach", text).facts == [
        {"value": "320", "qualifier": "exact", "unit": "students", "period_type": kind}
    ]


def test_a_word_that_we_do_not_count_is_asked() -> None:
    assert read_cell("reach", "320 penguins").asked == ["unit:0:penguins"]
    answered = read_cell("reach", "320 penguins", answers={"unit:0:penguins": "children"})
    assert answered.facts[0]["unit"] == "children"


def test_so_many_in_each_is_no_figure_of_its_own() -> None:
    meaning = read_cell("reach", "12 Klassen à 25 Schüler")
    assert meaning.asked == ["rest:0:à 25 Schüler"]


def test_what_more_a_cell_says_is_kept_only_if_somebody_says_so() -> None:
    text = "320 pupils with Disabilities"
    key = read_cell("reach", text).asked[0]
    assert key == "rest:0:with Disabilities"
    kept = read_cell("reach", text, answers={key: "keep"}).facts
    assert kept[0]["unit_detail"] == "with Disabilities"
    assert "unit_detail" not in read_cell("reach", text, answers={key: "drop"}).facts[0]


@pytest.mark.parametrize(
    "text",
    ["", "-", "–", "—", "n/a", "k.A.", "b.d.", "unknown", "?", "neuvedeno", "onbekend", "N.A."],
)
def test_a_cell_that_says_nothing_is_no_fault(text: str) -> None:
    meaning = read_cell("reach", text, unit="schools")
    assert not meaning.facts
    assert not meaning.asked
    assert not meaning.fault


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("2O19", "letter-in-number", "“2O19” has the letter O where a digit should be."),
        ("l2", "letter-in-number", "“l2” has the letter l where a digit should be."),
        ("-5", "negative-number", "A number below zero cannot be right here."),
        ("−12", "negative-number", "A number below zero cannot be right here."),
        ("many", "no-number", "We cannot read “many” as a number."),
        ("1.23.4567", "no-number", "We cannot read “1.23.4567” as a number."),
        ("300/20", "several-numbers", "“300/20” has more than one number."),
        ("1e3", "several-numbers", "“1e3” has more than one number."),
        ("20--30", "several-numbers", "more than one number"),
        ("150–100", "range-upside-down", "The upper end of a range is above its lower end."),
        ("9" * 20, "number-too-large", "We keep numbers below"),
        ("1" * 500, "no-number", "We cannot read"),
        ("1" * 5000, "too-long", "too long for one cell"),
    ],
)
def test_what_cannot_be_right_is_named(text: str, code: str, told: str) -> None:
    meaning = read_cell("reach", text, unit="schools")
    assert (meaning.code, meaning.facts) == (code, [])
    assert told in meaning.fault


# --- Chance ---------------------------------------------------------------------------------------

STYLES = (
    (",", "."), (".", ","), (" ", ","), ("\u00a0", ","), ("\u202f", ","), ("’", "."), ("'", "."),
    ("'", ","), (" ", "."), ("", ","),
)  # fmt: skip


def write(number: Decimal, thousands: str, decimal: str) -> str:
    """Write a number in a national style; groups of three digits with a mark between them."""
    whole, _dot, part = f"{number:f}".partition(".")
    groups = []
    while whole:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    return thousands.join(groups) + (f"{decimal}{part}" if part else "")


@pytest.mark.parametrize("style", STYLES, ids=str)
@pytest.mark.parametrize("seed", seeds(20))
def test_numbers_of_any_national_style_come_back(style: tuple[str, str], seed: int) -> None:
    chance = random.Random(seed)
    numbers = [Decimal(chance.randrange(10**9)) / chance.choice([1, 1, 10, 100]) for _ in range(9)]
    # Two cells that leave no doubt: one has both marks, one two groups.
    numbers += [Decimal("1234567.5"), Decimal("7654321.25")]
    texts = [write(number, *style) for number in numbers]
    meaning = read_column("reach", *texts, unit="hours")
    assert not meaning.questions
    assert [Decimal(list_values(row.cells[0])[0]) for row in meaning.rows] == numbers


@pytest.mark.parametrize("mark", [".", ","])
@pytest.mark.parametrize("seed", seeds(20))
def test_numbers_of_which_each_is_unclear_are_asked(mark: str, seed: int) -> None:
    chance = random.Random(seed)
    texts = [f"{chance.randrange(1, 1000)}{mark}{chance.randrange(1000):03}" for _ in range(5)]
    meaning = read_column("reach", *texts, unit="hours")
    assert [one.lines for one in meaning.questions] == [(2, 3, 4, 5, 6)]
    assert not any(row.cells[0].facts for row in meaning.rows)


@steady(400)
@given(st.text("0123456789.,' \u00a0’½OlI-–+~%k", max_size=14))
def test_a_number_that_is_understood_has_the_digits_of_its_cell(text: str) -> None:
    meaning = read_cell("reach", text, unit="schools")
    if len(meaning.facts) == 1 and set(text) <= set("0123456789.,' \u00a0’"):
        digits = "".join(letter for letter in text if letter.isdigit())
        value = meaning.facts[0]["value"].replace(".", "")
        assert value.strip("0") == digits.strip("0")


def test_a_part_of_a_pupil_is_asked() -> None:
    meaning = read_column("reach", "12,5", "3,5", unit="students")
    assert list_keys(meaning) == ["part:0:12.5", "part:0:3.5"]
    kept = read_column("reach", "12,5", "3,5", unit="students", answers={"part:0:12.5": "keep"})
    assert list_values(kept.rows[0].cells[0]) == ["12.5"]
    assert not read_column("reach", "12,5", "3,5", unit="hours").questions


def test_a_range_that_may_lack_zeros_and_a_doubtful_number_are_asked_about() -> None:
    answers = {"range:0:5-600": "500", "qualifier:0:doubt": "about"}
    meaning = read_column("reach", "5-600", "300?", unit="students")
    assert list_keys(meaning) == [*answers]
    assert not any(row.facts for row in meaning.rows)
    meaning = read_column("reach", "5-600", "300?", unit="students", answers=answers)
    ends = [
        (one.facts["reach"][0]["value"], one.facts["reach"][0]["qualifier"]) for one in meaning.rows
    ]
    assert ends == [("500", "range"), ("300", "about")]


def test_a_number_for_each_year_is_a_figure_of_its_own() -> None:
    facts = read_cell("reach", "2019: 300; 2020/21: 350", unit="students").facts
    assert [(one["value"], one["year_from"]) for one in facts] == [("300", "2019"), ("350", "2020")]


@pytest.mark.parametrize(
    ("text", "value"),
    [("dwieście", "200"), ("ponad trzysta", "300"), ("twelve schools", "12"), ("δέκα", "10")],
)
def test_numbers_in_words_are_read(text: str, value: str) -> None:
    assert list_values(read_cell("reach", text, unit="students")) == [value]
