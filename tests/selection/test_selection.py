"""Tests of reading query parameters: problems, values, lenient pages, corrected searches."""

import datetime
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.selection.everything import EverythingFilter
from stemobs.selection.facets import FACETS
from stemobs.selection.parameters import Problem
from stemobs.selection.programmes import ProgrammeFilter
from stemobs.selection.selection import IndexedFilter, SelectionFilter
from tests import builders, chance
from tests.model import PARAMETERS

pytestmark = pytest.mark.django_db


STEADY = chance.steady(100)


def ask(query: str, also: tuple[str, ...] = ()) -> ProgrammeFilter:
    return ProgrammeFilter(QueryDict(query), get_current_catalogue(), also)


def wrong(query: str) -> list[tuple[str, str]]:
    """Return the problems of a query as pairs of parameter and value."""
    return [(problem.parameter, problem.value) for problem in ask(query).problems]


# --- Problems of queries --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "", "q=a", "q=" + "a" * 200, "q=%22a", "country=NL", "country=nl,FI&country=none",
        "country=XK", "level=0", "level=higher,VOCATIONAL,none", "organisation=PTVT", "role=owner",
        "running_in=1800", "started_to=2100", "started_from=2010&started_to=2010",
        "updated_since=2026-11-21",
        "updated_since=2026-11-21T10:00:00Z", "updated_since=2026-11-21T10:00:00.5%2B01:00",
        "sort=Name", "sort=relevance", "page=1000000", "page_size=100", "country=+NL+",
    ],
)  # fmt: skip
def test_a_valid_query_has_no_problems(query: str) -> None:
    assert wrong(query) == []


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        ("contry=NL", [("contry", "NL")]),
        ("contry=NL&contry=FI", [("contry", "NL")]),
        ("country[]=NL", [("country[]", "NL")]),
        ("COUNTRY=NL", [("COUNTRY", "NL")]),
        ("=NL", [("", "NL")]),
        ("format=json", [("format", "json")]),
        ("country=Netherlands", [("country", "Netherlands")]),
        ("country=NLD,NL,ZZ", [("country", "NLD"), ("country", "ZZ")]),
        ("country=NL%3BFI", [("country", "NL;FI")]),
        ("organisation=nobody", [("organisation", "nobody")]),
        ("level=9", [("level", "9")]),
        ("level=-1", [("level", "-1")]),
        ("level=03", [("level", "03")]),
        ("level=%D9%A3", [("level", "٣")]),
        ("factor=none", [("factor", "none")]),
        ("role=none", [("role", "none")]),
        ("status=none", [("status", "none")]),
        ("record=none&scope=none", [("record", "none"), ("scope", "none")]),
        ("organisation=none", [("organisation", "none")]),
        ("running_in=1799", [("running_in", "1799")]),
        ("started_from=2101", [("started_from", "2101")]),
        ("started_to=2010.5", [("started_to", "2010.5")]),
        ("started_from=2020&started_to=x", [("started_to", "x")]),
        (
            "started_from=2020&started_to=2019",
            [("started_from", "2020"), ("started_to", "2019")],
        ),
        ("running_in=2010&running_in=2011", [("running_in", "2010, 2011")]),
        ("updated_since=yesterday", [("updated_since", "yesterday")]),
        ("updated_since=2026-13-01", [("updated_since", "2026-13-01")]),
        ("updated_since=2026-02-30T10:00", [("updated_since", "2026-02-30T10:00")]),
        ("sort=name&sort=newest", [("sort", "name, newest")]),
        ("sort=best", [("sort", "best")]),
        ("page=0", [("page", "0")]),
        ("page=-1", [("page", "-1")]),
        ("page=1e3", [("page", "1e3")]),
        ("page=1000001", [("page", "1000001")]),
        ("page=" + "9" * 25, [("page", "9" * 25)]),
        ("page=%D9%A1", [("page", "١")]),
        ("page=%C2%B2", [("page", "²")]),
        ("page_size=0", [("page_size", "0")]),
        ("page_size=101", [("page_size", "101")]),
        ("q=" + "a" * 201, [("q", "a" * 100)]),
        ("q=!!!", [("q", "!!!")]),
        ("q=%F0%9F%9A%80", [("q", "🚀")]),
        ("q=a&q=b", [("q", "a, b")]),
        ("x" * 300 + "=" + "y" * 300, [("x" * 100, "y" * 100)]),
    ],
)
def test_a_wrong_query_has_problems_that_name_parameter_and_value(
    query: str, problems: list[tuple[str, str]]
) -> None:
    assert wrong(query) == problems


@pytest.mark.parametrize("name", list(FACETS))
def test_the_problem_of_an_unknown_facet_value_lists_the_known_values(name: str) -> None:
    (problem,) = ask(f"{name}=nonsense").problems
    expected = () if name == "organisation" else tuple(FACETS[name].labels(get_current_catalogue()))
    assert problem.allowed == expected
    assert problem.reason


def test_the_problem_of_an_unknown_parameter_lists_the_known_parameters() -> None:
    (problem,) = ask("contry=NL").problems
    assert list(problem.allowed) == PARAMETERS


def test_parameters_named_in_also_are_accepted_and_suggested() -> None:
    assert ask("view=map", also=("view",)).problems == []
    (problem,) = ask("viw=map", also=("view",)).problems
    assert problem.allowed[-1] == "view"


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0000-01-01", "2026-11-21T25:00",
        "2026-11-21T10:00:00+99:99", "99999999999999999999", "2026",
    ],
)  # fmt: skip
def test_an_impossible_date_or_time_is_a_problem_and_not_a_crash(moment: str) -> None:
    assert wrong(urlencode({"updated_since": moment})) == [("updated_since", moment)]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21", datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC)),
        ("2026-11-21T10:30", datetime.datetime(2026, 11, 21, 10, 30, tzinfo=datetime.UTC)),
        ("2026-11-21T10:30:00Z", datetime.datetime(2026, 11, 21, 10, 30, tzinfo=datetime.UTC)),
        ("2026-11-21T10:30+02:00", datetime.datetime(2026, 11, 21, 8, 30, tzinfo=datetime.UTC)),
    ],
)
def test_updated_since_is_converted_to_utc(text: str, moment: datetime.datetime) -> None:
    assert ask(urlencode({"updated_since": text})).values["updated_since"] == moment


def test_reading_the_values_of_a_selection_with_problems_raises_value_error() -> None:
    with pytest.raises(ValueError, match="page"):
        _ = ask("page=0").values


def test_a_problem_as_dict_has_allowed_only_if_there_are_allowed_values() -> None:
    assert Problem("page", "0", "no").as_dict() == {
        "parameter": "page",
        "value": "0",
        "reason": "no",
    }
    assert Problem("sort", "x", "no", ("name",)).as_dict()["allowed"] == ("name",)


# --- Lenient selections of pages ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("contry=NL&country=FI", "country=FI"),
        ("country=NL,ZZ&kind=debates", "country=NL&kind=debates"),
        ("country=ZZ", ""),
        ("page=0&country=NL", "country=NL"),
        ("sort=name&sort=newest&country=NL", "country=NL"),
        ("q=!!!&country=NL", "country=NL"),
        ("country=" + "x" * 150 + ",NL", "country=NL"),
        ("organisation=nobody,pbt", "organisation=ptvt"),
        ("country=NL", "country=NL"),
    ],
)
def test_a_lenient_selection_drops_wrong_values_and_keeps_the_rest(query: str, kept: str) -> None:
    selection, problems = ProgrammeFilter.lenient(QueryDict(query), get_current_catalogue())
    assert selection.query() == kept
    assert bool(problems) == (kept != query)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*PARAMETERS, "contry", "", "q ", "facets"]),
            st.sampled_from(["NL", "none", "1", "a", ",", "x" * 250, "2010", "0", "É", "name"])
            | st.text(st.characters(exclude_categories=("Cs",)), max_size=12),
        ),
        max_size=5,
    )
)
@STEADY
def test_a_lenient_selection_of_any_query_has_no_problems_left(
    pairs: list[tuple[str, str]],
) -> None:
    selection, problems = ProgrammeFilter.lenient(
        QueryDict(urlencode(pairs)), get_current_catalogue()
    )
    assert set(selection.values) == set(PARAMETERS)
    assert bool(problems) == bool(ask(urlencode(pairs)).problems)
    assert ask(selection.query()).problems == []
    assert len(selection.matches) <= len(selection.index)


# --- Everyday words in searches -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("maths ", "mathematics "),
        ("maths teachers", "mathematics teachers"),
        ("programs ", "programmes "),
        ("Britain ", "United Kingdom "),
        ("Holland ", "Netherlands"),
        ("Turkey ", "Türkiye "),
    ],
)
def test_everyday_words_find_the_same_as_the_words_used_in_texts(said: str, written: str) -> None:
    found = ask(urlencode({"q": said})).matched
    assert found
    assert found == ask(urlencode({"q": written})).matched


def test_a_former_name_of_a_country_finds_every_programme_there() -> None:
    there = ask("country=CZ").matched
    assert there
    assert there <= ask(urlencode({"q": "Czech Republic "})).matched


def test_an_everyday_country_name_finds_all_programmes_of_the_country() -> None:
    for name, code in {
        "UK": "GB",
        "Great Britain": "GB",
        "USA": "US",
        "Slovak Republic": "SK",
    }.items():
        assert ask(f"country={code}").matched <= ask(urlencode({"q": name})).matched


# --- Corrected searches (“Did you mean”) ----------------------------------------------------------


@pytest.mark.parametrize(
    ("q", "better"),
    [
        ("robtics", "robotics"),
        ("Robtics for schols", "robotics for schools"),
        ('"primray education"', "primary education"),  # no text has these in a row
        ('"primray schools"', '"primary schools"'),
        ("robot", ""),
        ("robo", ""),  # the beginning of a known word is not corrected
        ("zzzzzzzzzzzz", ""),
        ("robtics zzzzzzzzzzzz", "robotics"),
        ("zzzzzzzzzzzz robots", "robots"),
        ("jetnt", "jet net"),
        ('"lessons guest"', "lessons guest"),
        ("robtics techer schol compny", ""),  # too many unknown words to correct
    ],
)
def test_the_suggestion_corrects_words_that_no_programme_has(q: str, better: str) -> None:
    assert ask(urlencode({"q": q})).suggestion == better


def test_the_suggested_search_keeps_the_other_parameters(client: Client) -> None:
    page = client.get("/programmes/?q=technlogy+%26+schools&country=NL&page_size=10&sort=name").text
    link = "?q=technology+%26+schools&amp;country=NL&amp;sort=name&amp;page_size=10"
    assert f'<a href="{link}">technology &amp; schools</a>' in page
    assert "Did you mean" in client.get("/organisations/?q=platfrom").text
    assert "Did you mean" not in client.get("/programmes/?q=robot").text


@pytest.mark.parametrize("q", ["zzzzzzzzzzzz robots", '"lessons guest"', "jetnt", "primray zzzz"])
def test_a_suggestion_finds_something_and_the_unknown_words_are_named(q: str) -> None:
    asked = ask(urlencode({"q": q}))
    assert not asked.matched
    assert ask(urlencode({"q": asked.suggestion})).matched
    assert all(word in q for word in asked.lacking)


def test_pages_name_the_words_that_nothing_has_and_escape_them(client: Client) -> None:
    page = client.get("/programmes/?q=robots+zzzzzzzz").text
    assert "We found nothing with “zzzzzzzz”." in page
    assert '<a href="?q=robots">robots</a>' in page


def test_words_of_other_languages_are_shown_nowhere(client: Client) -> None:
    assert ask("q=meisjes").matched
    for address in ("/programmes/?q=meisjes", "/api/v1/programmes/?q=meisjes&facets=all"):
        told = client.get(address).text.lower()
        assert "flickor" not in told
        assert "κορίτσι" not in told


@pytest.mark.parametrize("mark", ["\u00ad", "\u200b", "\ufeff", "\u2060"])
def test_characters_that_are_not_seen_are_not_in_the_address_of_a_search(mark: str) -> None:
    asked = ask(urlencode({"q": f"mathe{mark}matics"}))
    assert asked.query() == "q=mathematics"
    assert asked.matched == ask("q=mathematics").matched


def test_searched_words_are_marked_in_cards_and_html_in_names_is_escaped(client: Client) -> None:
    builders.make_programme(name="Quokka <b>robots</b>", summary="Über-Quokkas & more.")
    page = client.get("/programmes/?q=quokka").text
    assert "<mark>Quokka</mark> &lt;b&gt;robots&lt;/b&gt;" in page
    assert "Über-<mark>Quokkas</mark> &amp; more." in page
    assert "<mark>" not in client.get("/programmes/").text


@pytest.mark.parametrize("base", [IndexedFilter, EverythingFilter])
def test_a_selection_that_has_no_index_of_what_it_selects_cannot_be_made(
    base: type[SelectionFilter],
) -> None:
    with pytest.raises(TypeError, match="abstract"):
        base(QueryDict(), get_current_catalogue())
