"""Tests of the countries in partners' cells: names, codes, several, none, and faults."""

import pytest
import yaml

from programmes.models.terms import COUNTRY_CODES
from stemobs.curation.importing.meanings.countries import find_country
from stemobs.curation.importing.meanings.tables import WORDS, read_table
from tests.curation.importing.names import list_countries, list_languages
from tests.curation.importing.tables import KNOWN, list_keys, list_values, read_cell, read_column
from tests.servers import FIXTURES

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Polska", "PL"),
        ("Polska, Czechy", "PL CZ"),
        ("DE/AT/CH", "DE AT CH"),
        ("DE-AT-CH", "DE AT CH"),
        ("DE AT", "DE AT"),
        ("D", "DE"),
        ("EL", "GR"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("Deutschland u. Österreich", "DE AT"),
        ("GB-ENG", "GB"),
        ("DE-NW", "DE"),
        ("POL; CZE", "PL CZ"),
        ("Austria and Germany", "AT DE"),
        ("Česko a Slovensko", "CZ SK"),
        ("Deutschland und Österreich", "DE AT"),
        ("Francie i Belgie", "FR BE"),
        ("Nederland\nBelgië", "NL BE"),
        ("Bosnia and Herzegovina", "BA"),
        ("Bosna a Hercegovina", "BA"),
        ("Georgia", "GE"),
        ("Ireland", "IE"),
        ("Northern Ireland", "GB"),
        ("Ireland, Northern Ireland", "IE GB"),
        ("Holland", "NL"),
        ("The Netherlands", "NL"),
        ("Great Britain", "GB"),
        ("England", "GB"),
        ("Scotland", "GB"),
        ("Macedonia", "MK"),
        ("Kosovo", "XK"),
        ("Czech Republic", "CZ"),
        ("Germany (Bavaria)", "DE"),
        ("Ελλάδα", "GR"),
        ("България", "BG"),
        ("Magyarország", "HU"),
        ("Suomi", "FI"),
        ("HRVATSKA", "HR"),
        ("  polska ", "PL"),
    ],
)
def test_countries_are_read_by_names_and_codes(text: str, codes: str) -> None:
    meaning = read_cell("country", text)
    assert " ".join(list_values(meaning)) == codes
    assert not meaning.asked
    assert not meaning.fault


@pytest.mark.parametrize(
    "text",
    ["Europe", "EU", "EU-27", "Europa", "Evropa", "Unia Europejska", "UE",
     "Európai Unió", "Ευρώπη", "Европа", "EU-weit"],
)  # fmt: skip
def test_all_of_europe_is_no_country(text: str) -> None:
    assert read_cell("country", text).facts == [{"scope": "eu-wide"}]


@pytest.mark.parametrize(("text", "near"), [("Slovania", "SI"), ("Germny", "DE"), ("Polnd", "PL")])
def test_a_misspelt_country_is_asked_with_the_nearest_and_never_guessed(
    text: str, near: str
) -> None:
    meaning = read_column("country", text, "Polska", text)
    question = meaning.questions[0]
    assert question.key == f"country:{text}"
    assert question.lines == (2, 4)
    assert near in dict(question.options)
    assert not meaning.rows[0].cells[0].facts
    answered = read_column("country", text, answers={question.key: near})
    assert list_values(answered.rows[0].cells[0]) == [near]


def test_people_may_type_another_country_or_several() -> None:
    answers = {"country:Czechoslovakia": "Czechia, Slovakia"}
    assert list_values(read_cell("country", "Czechoslovakia", answers=answers)) == ["CZ", "SK"]
    assert read_cell("country", "Atlantis", answers={"country:Atlantis": "Lemuria"}).asked


def test_a_code_that_people_use_for_two_countries_is_asked() -> None:
    assert list_values(read_cell("country", "ČR")) == ["CZ"]
    group = read_column("country", "Benelux").questions[0]
    assert [value for value, _told in group.options] == ["BE, NL, LU"]
    question = read_column("country", "SR").questions[0]
    assert [value for value, _told in question.options] == ["SK", "SR"]
    assert list_values(read_cell("country", "SR", answers={"country:SR": "SK"})) == ["SK"]


def test_a_code_may_be_a_part_of_a_country_or_two_countries() -> None:
    question = read_column("country", "DE-BE").questions[0]
    assert [value for value, _told in question.options] == ["DE", "DE, BE"]


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("QQ", "no-such-country", "There is no country “QQ”. Type its name or its code"),
        ("XYZ", "no-such-country", "There is no country “XYZ”"),
        ("Niger", "country-not-in-catalogue", "does not have the country “Niger” yet"),
        ("Nigeria", "country-not-in-catalogue", "does not have the country “Nigeria” yet"),
        ("Brasilien", "country-not-in-catalogue", "“Brasilien”"),
        ("NG", "country-not-in-catalogue", "“NG”"),
    ],
)
def test_what_is_no_country_of_ours_is_named(text: str, code: str, told: str) -> None:
    meaning = read_cell("country", text)
    assert (meaning.code, meaning.facts) == (code, [])
    assert told in meaning.fault


def test_a_wrong_country_does_not_disturb_its_neighbours() -> None:
    meaning = read_column("country", "Polska, QQ", "Atlantis; DE")
    assert list_values(meaning.rows[0].cells[0]) == ["PL"]
    assert list_values(meaning.rows[1].cells[0]) == ["DE"]
    assert list_keys(meaning) == ["country:Atlantis"]


def test_every_country_of_the_vocabulary_is_known_by_name_and_code() -> None:
    file = FIXTURES / "2-vocabularies" / "countries.yaml"
    rows = [row["fields"] for row in yaml.safe_load(file.read_text(encoding="utf-8"))]
    assert {
        row["code"]: row["name"]
        for row in rows
        if {find_country(row["name"]), find_country(row["code"])} != {row["code"]}
    } == {}
    assert {code for code in COUNTRY_CODES if find_country(code) != code} == {"CR", "SR"}
    assert KNOWN.countries.keys() <= COUNTRY_CODES


def test_the_tables_hold_the_names_of_cldr() -> None:
    assert read_table("countries") == list_countries()
    assert read_table("languages") == list_languages()
    assert (WORDS / "countries.yaml").read_text(encoding="utf-8").startswith("# From CLDR")


def test_countries_that_a_cell_does_not_name_are_asked_for() -> None:
    texts = (
        "Sweden et al.",
        "Frankreich u. a.",
        "Polska i in.",
        "Georgia (USA)",
        "Europe (ES, IT)",
    )
    meaning = read_column("country", *texts)
    assert [row.facts for row in meaning.rows] == [{}] * len(texts)
    assert len(list_keys(meaning)) == len(texts)
    meaning = read_column("country", "Spain (Catalonia, Madrid), Portugal")
    assert list_values(meaning.rows[0].cells[0]) == ["ES", "PT"]


def test_a_cell_that_lists_more_than_any_list_has_is_a_problem() -> None:
    cell = read_column("country", "x, " * 400).rows[0].cells[0]
    assert (cell.code, cell.asked) == ("too-many-values", [])
