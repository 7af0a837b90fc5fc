"""Tests of the words that lead a search to synonyms and to values: the two files, and their use."""

import pytest
import yaml
from pyroaring import BitMap

from partnerships.models import Funding, Organisation
from programmes.models import Audience, EducationLevel, InitiativeKind
from stemobs.catalogue.documents import NONE
from stemobs.catalogue.index import Index
from stemobs.catalogue.meanings import WORDS, find_meanings, read_file
from stemobs.catalogue.programmes import HIGHER, VOCATIONAL
from stemobs.text import parse_search, split_words
from tests.catalogue.countries import FILE, LANGUAGES, list_names
from tests.catalogue.documents import made


def find(q: str, *texts: str, **fields: object) -> list[int]:
    """Return the numbers of the texts that a search finds, in documents of their own."""
    index = Index.of(made(n, texts=[text], **fields) for n, text in enumerate(texts))
    return sorted(index.search(parse_search(q)).found)


class TestTheFiles:
    """What stands in the files of words."""

    def test_the_names_of_countries_are_those_of_cldr(self) -> None:
        assert yaml.safe_load(FILE.read_text(encoding="utf-8")) == list_names()

    def test_every_meaning_has_english_words_and_no_language_twice(self) -> None:
        for row in read_file("meanings.yaml"):
            assert row["en"]
            assert set(row) <= {*LANGUAGES, "values"}
            assert all(split_words(one) for name in row if name != "values" for one in [row[name]])

    def test_the_file_says_that_it_is_not_reviewed(self) -> None:
        assert "NOT REVIEWED" in (WORDS / "meanings.yaml").read_text(encoding="utf-8")

    @pytest.mark.django_db
    def test_the_values_are_those_of_the_vocabularies_and_nearly_all_are_named(self) -> None:
        named = {
            (facet, value)
            for row in read_file("meanings.yaml")
            for facet, some in row.get("values", {}).items()
            for value in some
        }
        codes = map(str, EducationLevel.objects.values_list("code", flat=True))
        known = {
            "kind": {*InitiativeKind.objects.values_list("slug", flat=True)},
            "audience": {*Audience.objects.values_list("slug", flat=True)} - {"stem-initiatives"},
            "level": {*codes, HIGHER, VOCATIONAL},
            "funding": {*Funding.SourceType.values} - {NONE},
        }
        for facet, values in known.items():
            assert {value for name, value in named if name == facet} == values
        types = {value for name, value in named if name == "type"}
        assert types <= {*Organisation.Type.values}

    def test_kinds_audiences_and_levels_have_words_in_every_language(self) -> None:
        for row in read_file("meanings.yaml"):
            if "kind" in row.get("values", {}):
                assert {*row} == {*LANGUAGES, "values"}


class TestMeanings:
    """What an expression stands for."""

    @pytest.mark.parametrize(
        ("q", "value"),
        [
            ("Lehrerfortbildung", ("kind", "teacher-cpd")),
            ("LEHRERFORTBILDUNGEN", ("kind", "teacher-cpd")),
            ("empresa", ("audience", "companies")),
            ("meisjes", ("audience", "girls")),
            ("Maedchen", ("audience", "girls")),
            ("Mädchen", ("audience", "girls")),
            ("Ma\u0308dchen", ("audience", "girls")),
            ("κορίτσια", ("audience", "girls")),
            ("ΚΟΡΊΤΣΙΑ", ("audience", "girls")),
            ("училища", ("audience", "schools")),
            ("yritykset", ("audience", "companies")),
            ("szkoła podstawowa", ("level", "1")),
            ("visitas de empresa", ("kind", "company-visits")),
            ("visites d’entreprises", ("kind", "company-visits")),
            ("Stiftung", ("funding", "foundation")),
            ("învăţământ dual", None),
            ("Suomessa", ("country", "FI")),
            ("Magyarországon", ("country", "HU")),
            ("Ελλάδα", ("country", "GR")),
            ("an Ghearmáin", ("country", "DE")),
            ("Ghearmáin", ("country", "DE")),
            ("Verenigd Koninkrijk", ("country", "GB")),
            ("ｅｍｐｒｅｓａ", ("audience", "companies")),
            ("em\u00adpre\u200bsa", ("audience", "companies")),
        ],
    )
    def test_words_of_the_official_languages_stand_for_values(
        self, q: str, value: tuple[str, str] | None
    ) -> None:
        typed = parse_search(q).typed
        meanings = find_meanings(typed, 0)[len(typed)]
        assert value is None or value in {pair for one in meanings for pair in one.values}

    @pytest.mark.parametrize("word", ["romani", "services", "eleven", "kind", "students "])
    def test_english_words_are_not_taken_for_words_of_other_languages(self, word: str) -> None:
        values = {
            pair for some in find_meanings([word], 0).values() for m in some for pair in m.values
        }
        assert "country" not in {facet for facet, _value in values}
        assert ("kind", "internships") not in values

    @pytest.mark.parametrize(
        ("q", "text"),
        [
            ("SME", "for small and medium-sized enterprises"),
            ("small and medium enterprises", "an SME"),
            ("guest lecture", "visiting speakers come"),
            ("visiting speaker ", "a guest lesson"),
            ("coding", "lessons in computer science"),
            ("teacher training", "courses for the professional development of teachers"),
            ("mentors", "role models"),
            ("kindergarten", "in pre-school"),
            ("contest", "an olympiad"),
            ("internship", "work experience"),
        ],
    )
    def test_synonyms_of_the_field_find_one_another(self, q: str, text: str) -> None:
        assert find(q, text, "nothing of the kind") == [0]

    def test_words_in_quotation_marks_stand_for_themselves_only(self) -> None:
        texts = ["an internship", "work experience", "WÖRK EXPE\u00adRIENCE", "workexperience"]
        assert find('"work experience"', *texts) == [1, 2]
        assert find('"internship"', *texts) == [0]
        assert find('"internships"', *texts) == []

    def test_what_has_the_words_themselves_comes_first(self) -> None:
        index = Index.of([made(1, names=["Work experience"]), made(2, texts=["an internship"])])
        found = index.search(parse_search("internship"))
        assert (found.elsewhere, found.all_loosely_in_names) == (BitMap([2]), BitMap([1]))


class TestDivisions:
    """Words joined and split."""

    @pytest.mark.parametrize(
        ("q", "text"),
        [
            ("jetnet", "Jet-Net"),
            ("jet net", "JetNet"),
            ("jet-net", "jetnet"),
            ("jetne", "Jet-Net"),
            ("astra zeneca", "AstraZeneca"),
            ("astra zen", "AstraZeneca"),
            ("stemambassadors", "STEM Ambassadors"),
            ("STEM ambassadors", "STEMAmbassadors"),
            ("i.n.g.e.n.i.o.u.s", "inGenious"),
            ("ingenious", "i.n.g.e.n.i.o.u.s."),
            ("USA", "in the U.S.A."),
            ("u.s.a", "in the USA"),
            ("oreilly", "O’Reilly"),
            ("girl's day", "Girls Day"),
            ("girlsday", "Girls' Day"),
            ("industry40", "Industry 4.0"),
            ("industry 4.0", "Industry4.0"),
            ("e-learning", "elearning"),
            ("elearning ", "e/learning"),
            ("mathsweek", "Maths Week"),
            ("maths week", "MathsWeek"),
            ("th erobot", "the robot"),
            ("jet\u00a0net", "JetNet"),
            ("jet\u200bnet", "Jet-Net"),
        ],
    )
    def test_joined_and_split_words_find_each_other(self, q: str, text: str) -> None:
        assert find(q, text, "jet", "net", "other words") == [0]

    def test_pieces_that_stand_apart_are_not_one_word(self) -> None:
        assert find("jetnet", "jet and net", "net jet") == []

    @pytest.mark.parametrize(
        ("q", "text"),
        [("Aarhus", "Århus"), ("Århus", "Aarhus"), ("Koeln", "Köln"), ("Köln", "Koeln")],
    )
    def test_letters_spelled_out_find_the_letters_and_the_reverse(self, q: str, text: str) -> None:
        assert find(q, text, "elsewhere") == [0]

    @pytest.mark.parametrize(
        ("q", "text"),
        [("companies ", "a company"), ("company ", "companies"), ("class ", "classes")],
    )
    def test_english_singular_and_plural_find_each_other(self, q: str, text: str) -> None:
        assert find(q, text, "elsewhere") == [0]
