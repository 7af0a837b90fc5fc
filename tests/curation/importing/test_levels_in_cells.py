"""Tests of the levels of education in partners' cells, and of other words of lists."""

import pytest

from stemobs.curation.importing.columns.proposing import propose_columns
from stemobs.curation.importing.meanings.levels import list_sure, read_unsure
from stemobs.curation.importing.meanings.rows import read_rows
from stemobs.curation.importing.meanings.tables import read_table
from stemobs.curation.importing.shapes import CellMeaning, FileColumn, TableMeaning
from tests.curation.importing.tables import (
    KNOWN,
    list_keys,
    list_values,
    make_table,
    read_cell,
    read_column,
    type_number,
)

pytestmark = pytest.mark.once


def read_in(country: str, *texts: str) -> TableMeaning:
    """Return what levels in a country are."""
    table = make_table(["Country", "Level"], *([country, text] for text in texts))
    columns = [FileColumn(0, "Country", "country"), FileColumn(1, "Level", "level")]
    return read_rows(table, columns, {}, KNOWN)


def tell(meaning: CellMeaning) -> str:
    """Return levels in one text, with “v” if they are vocational."""
    return "".join(fact.get("value", "v") for fact in meaning.facts)


@pytest.mark.parametrize(
    ("levels", "texts"),
    [
        ("0", "maternelle, przedszkole, MŠ, óvoda, kindergarten, esiopetus, lasteaed, vrtić"),
        ("1", "1. stupeň ZŠ, école primaire, primaria, Grundschule, primary, scuola primaria, "
              "alakoulu, начално училище, δημοτικό, Volksschule"),
        ("2", "Realschule, ESO, scuola media, 2. stupeň ZŠ, lower secondary, Sek I, yläkoulu, "
              "felső tagozat, gimnazjum, högstadiet"),
        ("12", "ZŠ, szkoła podstawowa, általános iskola, grundskola, folkeskole, peruskoulu, "
               "põhikool, osnovna šola, 1. a 2. stupeň ZŠ, pamatskola, grunnskole"),
        ("3", "SŠ, liceum, lycée, Bachillerato, liceo, középiskola, gymnasieskola, lukio, "
              "videregående, upper secondary, srednja šola, Sekundarstufe II, vidurinė mokykla"),
        ("23", "Sekundarstufe I/II, vmbo/havo/vwo, collège et lycée, ISCED 2-3, ISCED 2 and 3"),
        ("123", "K-12, primary and secondary, ZŠ a SŠ, ISCED levels 1, 2 and 3"),
        ("01", "basisonderwijs"),
        ("3v", "technikum, SOU, Berufsschule, lycée professionnel, ammattikoulu"),
        ("34v", "mbo"),
        ("6", "hbo/wo, universities, higher education, VŠ, Hochschule, uczelnie wyższe"),
        ("13", "Primary; Upper Secondary"),
    ],
)  # fmt: skip
def test_words_of_countries_are_levels(levels: str, texts: str) -> None:
    found = {
        text: tell(read_cell("level", text)) for text in texts.split(", ") if text != "2 and 3"
    }
    if levels == "123":
        found = {text: tell(read_cell("level", text)) for text in ("K-12", "ZŠ a SŠ")}
    assert {text: told for text, told in found.items() if told != levels} == {}


def test_several_levels_of_isced_stand_in_one_cell() -> None:
    assert tell(read_cell("level", "ISCED levels 1, 2 and 3")) == "123"
    assert read_cell("level", "ISCED 3-1").code == "range-upside-down"


@pytest.mark.parametrize(
    ("country", "text", "levels"),
    [
        ("DE", "Gymnasium", "23"),
        ("DK", "Gymnasium", "3"),
        ("SE", "Gymnasium", "3"),
        ("GR", "Gymnasium", "2"),
        ("FR", "collège", "2"),
        ("DE", "Klasse 5–10", "2"),
        ("DE", "Klasse 3-6", "12"),
        ("CZ", "7. třída", "2"),
        ("PL", "klasy IV–VIII", "12"),
        ("FI", "luokat 7-9", "2"),
        ("AT", "HTL", "35v"),
    ],
)
def test_the_country_decides_what_a_word_means(country: str, text: str, levels: str) -> None:
    meaning = read_in(country, text)
    assert tell(meaning.rows[0].cells[1]) == levels
    assert not meaning.questions


def test_what_a_country_leaves_open_is_asked_once_for_the_word() -> None:
    meaning = read_in("CZ", "gymnázium", "SŠ, gymnázium", "Gymnázium")
    assert [(one.key, one.lines) for one in meaning.questions] == [
        ("level:gymnazium:CZ", (2, 3, 4))
    ]
    assert "“gymnázium” in Czechia" in meaning.questions[0].told
    assert list_keys(read_column("level", "Gymnasium", "secondary", "grades 7-9", "FP")) == [
        "level:gymnasium",
        "level:secondary",
        "level:grades 7-9",
        "level:fp",
    ]


def test_answers_give_levels_or_leave_a_word_out() -> None:
    answers = {"level:gymnasium": "2 3", "level:blabla": "none", "level:vocational": "3 vocational"}
    assert tell(read_cell("level", "Gymnasium, blabla", answers=answers)) == "23"
    assert tell(read_cell("level", "vocational", answers=answers)) == "3v"


def test_numbers_alone_are_levels_or_classes() -> None:
    assert list_keys(read_column("level", "2", "2-3", type_number("1", "1"))) == ["levels:0"]
    assert tell(read_cell("level", "2-3", answers={"levels:0": "isced"})) == "23"
    assert tell(read_cell("level", "2-3", name="ISCED level")) == "23"
    assert read_cell("level", "5–10", answers={"levels:0": "isced"}).code == "no-such-level"
    ages = read_cell("level", "10-12", answers={"levels:0": "ages"}).facts
    assert ages == [{"age_min": "10", "age_max": "12"}]


def test_numbers_in_a_column_of_classes_are_classes() -> None:
    table = make_table(["Land", "Klassenstufe"], ["DE", "5–10"])
    columns = [FileColumn(0, "Land", "country"), FileColumn(1, "Klassenstufe", "level")]
    assert tell(read_rows(table, columns, {}, KNOWN).rows[0].cells[1]) == "2"


def test_ages_are_no_levels() -> None:
    table = make_table(["Level"], ["12–15 let"])
    row = read_rows(table, [FileColumn(0, "Level", "level")], {}, KNOWN).rows[0]
    assert row.facts == {"age": [{"age_min": "12", "age_max": "15"}]}


def test_no_word_is_both_sure_and_unsure_and_all_levels_exist() -> None:
    assert not list_sure().keys() & read_unsure().keys()
    unsure = [
        levels
        for entry in read_unsure().values()
        for levels in [*entry["options"], *entry.get("in", {}).values()]
    ]
    told = {level for levels in [*list_sure().values(), *unsure] for level in levels.split()}
    assert told <= {*map(str, range(9)), "vocational"}
    assert all(ends == sorted(ends) for ends in read_table("levels")["classes"].values())


# --- Ages, status, languages, kinds, audiences ----------------------------------------------------


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("6–10 let", "6", "10"),
        ("6-10", "6", "10"),
        ("von 10 bis 14 Jahren", "10", "14"),
        ("od 6 do 10 lat", "6", "10"),
        ("10 à 14 ans", "10", "14"),
        ("ab 12", "12", None),
        ("12+", "12", None),
        ("15 rokov a viac", "15", None),
        ("do 15 let", None, "15"),
        ("jusqu'à 12 ans", None, "12"),
        ("12", "12", "12"),
    ],
)
def test_ages_are_read(text: str, low: str | None, high: str | None) -> None:
    wanted = {"age_min": low, "age_max": high}
    assert read_cell("age", text).facts == [{name: age for name, age in wanted.items() if age}]


def test_ranges_of_ages_that_touch_are_one_and_others_are_named() -> None:
    for text in ("5–11, 11–14", "5-8; 9-11\n12-14", "11-14 / 5-11", "5-11 and 10-14"):
        assert read_cell("age", text).facts == [{"age_min": "5", "age_max": "14"}], text
    assert read_cell("age", "5–11, 12+").facts == [{"age_min": "5"}]
    for text in ("5–8, 11–14", "5–8, adults", "6–9, 12+"):
        assert read_cell("age", text).code == "no-age", text


def test_the_name_of_a_column_says_that_it_holds_the_youngest_or_the_oldest_age() -> None:
    table = make_table(
        ["Name", "age_from", "Alter bis"], ["A", "10", "14"], ["B", "8+", "6-12"], ["C", "14", "10"]
    )
    rows = read_rows(table, propose_columns(table, KNOWN, {}), {}, KNOWN).rows
    assert rows[0].facts["age"] == [{"age_min": "10", "age_max": "14"}]
    assert [row.cells[2].code for row in rows] == ["", "two-ages", "no-such-age"]


@pytest.mark.parametrize(
    ("text", "code"), [("18–12", "no-such-age"), ("200", "no-such-age"), ("young", "no-age")]
)
def test_ages_that_cannot_be_are_named(text: str, code: str) -> None:
    assert read_cell("age", text).code == code


@pytest.mark.parametrize(
    ("target", "text", "values"),
    [
        ("status", "probíhá", ["active"]),
        ("status", "Beendet", ["completed"]),
        ("status", "planowany", ["planned"]),
        ("status", "?", []),
        ("language", "English, German", ["en", "de"]),
        ("language", "DE/EN", ["de", "en"]),
        ("language", "čeština a polština", ["cs", "pl"]),
        ("kind", "Company visits, Internships", ["company-visits", "internships"]),
        ("audience", "dívky", ["girls"]),
        ("audience", "teachers and students", ["teachers", "students"]),
        ("audience", "Lehrer; Schüler", ["teachers", "students"]),
    ],
)
def test_words_of_lists_are_read(target: str, text: str, values: list[str]) -> None:
    assert list_values(read_cell(target, text)) == values


@pytest.mark.parametrize(
    ("target", "text", "key", "answer", "values"),
    [
        ("status", "Xyzzy", "status:xyzzy", "active", ["active"]),
        ("language", "Klingon", "language:klingon", "en", ["en"]),
        ("kind", "Picnic", "kind:picnic", "internships", ["internships"]),
        ("audience", "Elves", "audience:elves", "none", []),
    ],
)
def test_a_word_that_is_in_no_list_is_asked_once(
    target: str, text: str, key: str, answer: str, values: list[str]
) -> None:
    meaning = read_column(target, text, text)
    assert [(one.key, one.lines) for one in meaning.questions] == [(key, (2, 3))]
    assert list_values(read_cell(target, text, answers={key: answer})) == values


def test_classes_of_a_school_narrow_its_levels() -> None:
    for text, levels in (
        ("szkoła podstawowa, klasy 1–3", ["1"]),
        ("szkoła podstawowa", ["1", "2"]),
        ("liceum, klasy 1–3", ["3"]),
    ):
        table = make_table(["Country", "Level"], ["PL", text])
        columns = [FileColumn(0, "Country", "country"), FileColumn(1, "Level", "level")]
        meaning = read_rows(table, columns, {}, KNOWN)
        assert [one["value"] for one in meaning.rows[0].facts["level"]] == levels
