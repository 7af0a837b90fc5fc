"""How an address is read: what is right, what is wrong and why, chips, panels, pages."""

import datetime
import json
from urllib.parse import quote, urlencode

import pytest
from django.http import Http404, QueryDict
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partnerships.models import Organisation
from programmes.models import Programme
from stemobs.catalogue.catalogue import current
from stemobs.selection.facets import COUNTRY, FACETS, ORGANISATION, STATUS
from stemobs.selection.parameters import Problem
from stemobs.selection.programmes import SORTS, ProgrammeFilter
from stemobs.selection.selection import Choice, SelectionFilter
from tests import builders

pytestmark = pytest.mark.django_db

STEADY = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
FACET_NAMES = list(FACETS)
YEARS = ["running_in", "started_from", "started_to"]
KNOWN = [
    "q", *FACET_NAMES, *YEARS, "updated_since", "sort", "page", "page_size",
]  # fmt: skip


def ask(query: str, also: tuple[str, ...] = ()) -> ProgrammeFilter:
    return ProgrammeFilter(QueryDict(query), current(), also)


def wrong(query: str) -> list[tuple[str, str]]:
    """Return which parameters are wrong, and in which value."""
    return [(problem.parameter, problem.value) for problem in ask(query).problems]


# --- What is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "", "q=a", "q=" + "a" * 200, "q=%22a", "country=NL", "country=nl,FI&country=none",
        "country=XK", "level=0", "level=higher,VOCATIONAL,none", "organisation=PTVT", "role=owner",
        "running_in=1800", "started_to=2100", "started_from=2010&started_to=2010",
        "updated_since=2026-11-21",
        "updated_since=2026-11-21T10:00:00Z", "updated_since=2026-11-21T10:00:00.5%2B01:00",
        "sort=Name", "sort=relevance", "page=1000000", "page_size=100", "country=", "sort=&page=",
        "country=,,", "page=&page=2", "country=+NL+",
    ],
)  # fmt: skip
def test_right_input_has_no_problems(query: str) -> None:
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
        ("country=NLD,NL,UK", [("country", "NLD"), ("country", "UK")]),
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
def test_wrong_input_is_named_with_its_parameter_and_value(
    query: str, problems: list[tuple[str, str]]
) -> None:
    assert wrong(query) == problems


@pytest.mark.parametrize("name", FACET_NAMES)
def test_an_unknown_value_of_a_facet_is_told_with_the_values_that_exist(name: str) -> None:
    (problem,) = ask(f"{name}=nonsense").problems
    expected = () if name == "organisation" else tuple(FACETS[name].labels(current()))
    assert problem.allowed == expected
    assert problem.reason


def test_an_unknown_parameter_is_told_with_those_that_exist() -> None:
    (problem,) = ask("contry=NL").problems
    assert list(problem.allowed) == KNOWN


def test_a_surface_may_have_parameters_of_its_own() -> None:
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
def test_a_moment_that_no_calendar_has_is_wrong_and_not_a_fault(moment: str) -> None:
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
def test_a_moment_is_read_in_utc(text: str, moment: datetime.datetime) -> None:
    assert ask(urlencode({"updated_since": text})).values["updated_since"] == moment


def test_values_may_not_be_asked_for_while_something_is_wrong() -> None:
    with pytest.raises(ValueError, match="page"):
        _ = ask("page=0").values


def test_a_problem_tells_what_is_allowed_only_where_that_is_a_list() -> None:
    assert Problem("page", "0", "no").as_dict() == {
        "parameter": "page",
        "value": "0",
        "reason": "no",
    }
    assert Problem("sort", "x", "no", ("name",)).as_dict()["allowed"] == ("name",)


# --- Pages leave the wrong part out ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("contry=NL&country=FI", "country=FI"),
        ("country=NL,UK&kind=debates", "country=NL&kind=debates"),
        ("country=UK", ""),
        ("page=0&country=NL", "country=NL"),
        ("sort=name&sort=newest&country=NL", "country=NL"),
        ("q=!!!&country=NL", "country=NL"),
        ("country=" + "x" * 150 + ",NL", "country=NL"),
        ("organisation=nobody,pbt", "organisation=ptvt"),
        ("country=NL", "country=NL"),
    ],
)
def test_a_page_leaves_out_the_wrong_part_and_applies_the_rest(query: str, kept: str) -> None:
    selection, problems = ProgrammeFilter.lenient(QueryDict(query), current())
    assert selection.query() == kept
    assert bool(problems) == (kept != query)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*KNOWN, "contry", "", "q ", "facets"]),
            st.sampled_from(["NL", "none", "1", "a", ",", "x" * 250, "2010", "0", "É", "name"])
            | st.text(st.characters(exclude_categories=("Cs",)), max_size=12),
        ),
        max_size=5,
    )
)
@settings(STEADY, max_examples=100)
def test_whatever_is_asked_a_page_has_a_selection_without_problems(
    pairs: list[tuple[str, str]],
) -> None:
    selection, problems = ProgrammeFilter.lenient(QueryDict(urlencode(pairs)), current())
    assert set(selection.values) == set(KNOWN)
    assert bool(problems) == bool(ask(urlencode(pairs)).problems)
    assert ask(selection.query()).problems == []
    assert len(selection.matches) <= len(selection.index)


# --- Answers of page and API ----------------------------------------------------------------------


def test_a_mistyped_parameter_does_not_return_everything(client: Client) -> None:
    response = client.get("/api/v1/programmes/?contry=NL")
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == 400
    assert "contry" in body["detail"]
    (error,) = body["errors"]
    assert (error["parameter"], error["value"]) == ("contry", "NL")
    assert error["reason"]
    assert set(KNOWN) < set(error["allowed"])


def test_a_page_names_the_mistyped_parameter_and_applies_the_rest(client: Client) -> None:
    response = client.get("/programmes/?contry=NL&country=FI")
    assert response.status_code == 200
    assert [problem.parameter for problem in response.context["problems"]] == ["contry"]
    found = client.get("/api/v1/programmes/?country=FI").json()["count"]
    assert response.context["page"].paginator.count == found
    assert "contry" in response.text


WRONG = [
    *(f"{name}=nonsense" for name in KNOWN if name != "q"),
    "q=!!!", "q=" + "a" * 201, "sort=name&sort=name", "page=-1", "page=0", "page=" + "9" * 25,
    "page=%D9%A1", "page_size=101", "contry=NL", "country=NL&country=UK",
]  # fmt: skip


@pytest.mark.parametrize("query", WRONG)
def test_wrong_input_is_a_400_of_the_api_and_a_message_on_the_page(
    client: Client, query: str
) -> None:
    api = client.get(f"/api/v1/programmes/?{query}")
    assert api.status_code == 400
    errors = [error["parameter"] for error in api.json()["errors"]]
    page = client.get(f"/programmes/?{query}")
    assert page.status_code == 200
    assert [problem.parameter for problem in page.context["problems"]] == errors


@pytest.mark.parametrize("path", ["/programmes/", "/api/v1/programmes/"])
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("q=%00", 400), ("q=a%00b", 400), ("%00=a", 400), ("q=%ED%A0%80", 400), ("q=%FF", 400),
        ("q=%C3", 400), ("q=" + "a" * 10_240, 414), ("a" * 10_240, 414),
    ],
)  # fmt: skip
def test_what_is_no_text_or_has_no_end_is_refused(
    client: Client, path: str, query: str, status: int
) -> None:
    response = client.get(f"{path}?{query}")
    assert response.status_code == status
    if path.startswith("/api/"):
        assert json.loads(response.content)["status"] == status


def every_value() -> str:
    """Return a query with all values of all facets but organisations: too many for one address."""
    catalogue = current()
    names = [name for name in FACET_NAMES if name != "organisation"]
    return "&".join(f"{name}={','.join(FACETS[name].labels(catalogue))}" for name in names)


def test_every_value_of_every_facet_together_leaves_what_has_all_the_facts(client: Client) -> None:
    page = client.get(f"/programmes/?{every_value()}")
    api = client.get(f"/api/v1/programmes/?{every_value()}&facets=all")
    assert (page.status_code, api.status_code) == (200, 200)
    # A role is the only one that has no “not stated”.
    without_role = Programme.objects.published().filter(partnerships=None).count()
    without_factor = Programme.objects.published().filter(factors=None, partnerships__isnull=False)
    expected = 143 - without_role - without_factor.distinct().count()
    assert api.json()["count"] == page.context["page"].paginator.count == expected


@pytest.mark.parametrize("path", ["/programmes/", "/api/v1/programmes/"])
@pytest.mark.parametrize(
    ("q", "is_right"),
    [
        ("a " * 100, True), ("a " * 97 + "zebra", True), ('"' + "a " * 99, True),
        ('"never closed', True), ('"' * 199, False), ("?!.,;:–", False), ("🚀🎓", False),
        ("robot 🚀", True), ("רובוט לבית ספר", True), ("\u202erobot\u202c", True),
        ("a" * 200, True), ("a " * 200, False), ("ab " * 101, False), ("a" * 5_000, False),
    ],
)  # fmt: skip
def test_odd_searches_are_answered_or_refused_by_name(
    client: Client, path: str, q: str, is_right: bool
) -> None:
    response = client.get(path, {"q": q})
    is_api = path.startswith("/api/")
    assert response.status_code == (200 if is_right or not is_api else 400)
    if is_api and not is_right:
        assert [error["parameter"] for error in response.json()["errors"]] == ["q"]
    elif not is_api:
        assert [problem.parameter for problem in response.context["problems"]] == (
            [] if is_right else ["q"]
        )


@pytest.mark.parametrize("path", ["/programmes/", "/api/v1/programmes/", "/organisations/"])
def test_without_any_programme_every_list_is_empty_and_not_at_fault(
    client: Client, path: str
) -> None:
    Programme.objects.update(state=Programme.State.DRAFT)
    for query in ("", "?q=robots", "?country=NL", "?facets=all" if "api" in path else "?page=1"):
        assert client.get(path + query).status_code == 200
    assert client.get("/").status_code == client.get("/about/").status_code == 200


@pytest.mark.parametrize("path", ["/programmes/", "/api/v1/programmes/"])
@pytest.mark.parametrize(
    "query", ["page=7", "page=1000000", "country=NL&page=2", "q=zzzzzz&page=2"]
)
def test_a_page_past_the_end_is_a_404_in_both(client: Client, path: str, query: str) -> None:
    assert client.get(f"{path}?{query}").status_code == 404


@pytest.mark.parametrize("path", ["/programmes/", "/api/v1/programmes/"])
def test_a_search_that_finds_nothing_is_an_empty_first_page(client: Client, path: str) -> None:
    assert client.get(f"{path}?q=zzzzzz").status_code == 200
    for sort in SORTS:
        assert client.get(f"{path}?q=zzzzzz&sort={sort}").status_code == 200


@pytest.mark.parametrize(
    "path", ["/programmes/", "/programmes/jet-net-nl/", "/organisations/", "/countries/nl/", "/"]
)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_pages_can_only_be_read(client: Client, path: str, method: str) -> None:
    response = getattr(client, method)(path)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize(
    "path", ["/programmes/", "/api/v1/programmes/", "/api/v1/programmes/ingenious/"]
)
def test_the_headers_alone_can_be_asked_for(client: Client, path: str) -> None:
    response = client.head(path)
    assert response.status_code == 200
    assert response.content == b""


LISTS = st.sampled_from(
    ["/programmes/", "/api/v1/programmes/", "/organisations/", "/api/v1/organisations/"]
)


@given(LISTS, st.lists(st.tuples(st.sampled_from(KNOWN), st.binary(max_size=15)), max_size=3))
@settings(STEADY, max_examples=60)
def test_no_bytes_in_a_query_are_a_fault_of_ours(path: str, pairs: list[tuple[str, bytes]]) -> None:
    query = "&".join(f"{name}={quote(value)}" for name, value in pairs)
    assert Client().get(f"{path}?{query}").status_code in (200, 302, 400, 404)


@given(
    st.sampled_from(["/", "/programmes/", "/organisations/", "/api/v1/", "/api/v1/programmes/"]),
    st.binary(max_size=15),
)
@settings(STEADY, max_examples=60)
def test_no_bytes_in_a_path_are_a_fault_of_ours(path: str, junk: bytes) -> None:
    status = Client().get(f"{path}{quote(junk, safe='')}/").status_code
    assert status in (200, 301, 302, 400, 404)


# --- What a page shows of a selection -------------------------------------------------------------


def test_each_chip_leads_to_the_selection_without_it() -> None:
    selection = ask("country=NL,FI&q=robot&page=2&sort=name&started_from=2010")
    chips = [(chip.parameter, chip.text, chip.query) for chip in selection.chips]
    assert chips == [
        ("q", "robot", "country=FI&country=NL&started_from=2010&sort=name"),
        ("country", "Finland", "q=robot&country=NL&started_from=2010&sort=name"),
        ("country", "Netherlands", "q=robot&country=FI&started_from=2010&sort=name"),
        ("started_from", "2010", "q=robot&country=FI&country=NL&sort=name"),
    ]


def test_a_chip_of_an_organisation_shows_its_name() -> None:
    name = Organisation.objects.get(slug="ptvt").name
    assert [chip.text for chip in ask("organisation=pbt").chips] == [name]


def test_order_page_and_size_are_no_chips() -> None:
    assert ask("sort=name&page=2&page_size=10").chips == []


def test_a_query_can_be_changed_in_one_parameter() -> None:
    selection = ask("country=NL&page=3")
    assert selection.query("page") == "country=NL"
    assert selection.query(page="4") == "country=NL&page=4"
    assert selection.query("country", "page") == ""


def test_a_panel_marks_what_is_chosen_even_without_programmes() -> None:
    panel = ask("country=AD&country=NL").panel(COUNTRY)
    by_value = {choice.value: choice for choice in panel.choices}
    assert by_value["AD"].is_chosen
    assert by_value["AD"].count == 0
    assert by_value["NL"].is_chosen
    assert not by_value["FI"].is_chosen
    assert panel.chosen == 2


def test_a_panel_names_what_has_no_programmes() -> None:
    panel = ask("").panel(STATUS)
    shown = {choice.label for choice in panel.choices}
    assert shown.isdisjoint(panel.missing)
    assert shown | set(panel.missing) == {str(label) for label in STATUS.labels(current()).values()}


def test_the_organisation_panel_shows_its_twenty_largest_and_the_chosen_first() -> None:
    everything = ask("").panel(ORGANISATION)
    sizes = [choice.count for choice in everything.choices]
    assert len(sizes) == 20
    assert sizes == sorted(sizes, reverse=True)
    assert everything.missing == []
    assert ask("organisation=ptvt").panel(ORGANISATION).choices[0].value == "ptvt"


def test_a_panel_shows_every_chosen_organisation_however_many() -> None:
    chosen = [builders.make_organisation().slug for _number in range(23)]
    panel = ask(f"organisation={','.join(chosen)}").panel(ORGANISATION)
    assert {choice.value for choice in panel.choices} == set(chosen)


@pytest.mark.parametrize(
    ("count", "most", "share"), [(0, 0, 0), (0, 10, 0), (1, 3, 35), (5, 10, 50), (10, 10, 100)]
)
def test_a_share_is_rounded_to_steps_of_five(count: int, most: int, share: int) -> None:
    assert Choice("value", "Label", count, False, most).share == share


# --- Pages of any rows ----------------------------------------------------------------------------


def test_a_list_without_parameters_of_its_own_has_pages() -> None:
    rows = Organisation.objects.order_by("slug")
    page = SelectionFilter(QueryDict("page=2&page_size=50"), current()).current_page(10, rows)
    assert list(page) == list(rows[50:100])
    assert page.paginator.count == rows.count()


def test_the_reason_for_a_404_says_where_the_list_ends() -> None:
    selection = SelectionFilter(QueryDict("page=9"), current())
    with pytest.raises(Http404, match="ends with page 4"):
        selection.current_page(100, Organisation.objects.all())


@pytest.mark.parametrize("place", [0, 5, 142, -1, -143])
def test_what_matches_can_be_taken_at_any_place(place: int) -> None:
    matches = ask("").matches
    assert matches[place] == matches[:][place]


@pytest.mark.parametrize("place", [143, 10**9, -144])
def test_there_is_nothing_past_the_end(place: int) -> None:
    with pytest.raises(IndexError):
        ask("").matches[place]


# --- Everyday words -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("maths ", "mathematics "),
        ("maths teachers", "mathematics teachers"),
        ("programs ", "programmes "),
        ("Britain ", "United Kingdom "),
        ("Holland ", "Netherlands"),
        ("Turkey ", "Türkiye "),
        ("Czech Republic ", "Czechia "),
    ],
)
def test_what_people_say_finds_what_texts_say(said: str, written: str) -> None:
    found = ask(urlencode({"q": said})).matched
    assert found
    assert found == ask(urlencode({"q": written})).matched


def test_what_people_call_a_country_finds_every_programme_there() -> None:
    for name, code in {
        "UK": "GB",
        "Great Britain": "GB",
        "USA": "US",
        "Slovak Republic": "SK",
    }.items():
        assert ask(f"country={code}").matched <= ask(urlencode({"q": name})).matched


# --- “Did you mean” -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("q", "better"),
    [
        ("robtics", "robotics"),
        ("Robtics for schols", "robotics for schools"),
        ('"primray education"', '"primary education"'),
        ("robot", ""),
        ("robo", ""),  # the beginning of a word that there is
        ("zzzzzzzzzzzz", ""),
        ("robtics zzzzzzzzzzzz", ""),
        ("robtics techer schol compny", ""),  # too much of it is wrong
        ("", ""),
    ],
)
def test_a_word_that_nothing_has_is_corrected(q: str, better: str) -> None:
    assert ask(urlencode({"q": q})).suggestion == better


def test_a_better_search_is_offered_with_everything_else_as_it_is(client: Client) -> None:
    page = client.get("/programmes/?q=robtics+%26+schools&country=NL&page_size=10&sort=name").text
    link = "?q=robotics+%26+schools&amp;country=NL&amp;sort=name&amp;page_size=10"
    assert f'<a href="{link}">robotics &amp; schools</a>' in page
    assert "Did you mean" in client.get("/organisations/?q=platfrom").text
    assert "Did you mean" not in client.get("/programmes/?q=robot").text


def test_what_was_searched_is_marked_in_cards_and_stays_text(client: Client) -> None:
    builders.make_programme(name="Quokka <b>robots</b>", summary="Über-Quokkas & more.")
    page = client.get("/programmes/?q=quokka").text
    assert "<mark>Quokka</mark> &lt;b&gt;robots&lt;/b&gt;" in page
    assert "Über-<mark>Quokkas</mark> &amp; more." in page
    assert "<mark>" not in client.get("/programmes/").text
