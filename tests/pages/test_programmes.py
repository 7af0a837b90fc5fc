"""Tests of the list of programmes: views, order, wider selections, and links to files."""

import re
from itertools import product
from urllib.parse import parse_qsl

import pytest
from django.http import QueryDict
from django.test import Client

from programmes.models import Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.exports.files import FIGURE_FORMATS, FORMATS
from stemobs.selection.closest import FEW, list_wider
from stemobs.selection.facets import COUNTRY
from stemobs.selection.programmes import VIEWS, PageFilter
from stemobs.text import make_sort_key
from tests import builders

pytestmark = pytest.mark.django_db


def select_programmes(query: str) -> PageFilter:
    return PageFilter(QueryDict(query), get_current_catalogue())


def read_card_names(html: str) -> list[str]:
    return re.findall(r'data-name="([^"]*)"', html)


# --- Addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "short"),
    [
        ("q=&country=NL&sort=&started_from=", "country=NL"),
        ("q=&sort=", ""),
        ("country=&country=NL&country=FI", "country=NL&country=FI"),
        ("q=r%26d&level=", "q=r%26d"),
    ],
)
@pytest.mark.parametrize("path", ["/programmes/", "/organisations/"])
def test_empty_parameters_are_removed_by_a_redirect(
    client: Client, path: str, given: str, short: str
) -> None:
    response = client.get(f"{path}?{given}")
    assert response.status_code == 302
    assert response.headers["Location"] == f"{path}{'?' if short else ''}{short}"


def test_an_address_without_empty_parameters_does_not_redirect(client: Client) -> None:
    assert client.get("/programmes/?country=NL&page_size=5").status_code == 200


# --- Views ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_shows_the_same_selection(client: Client, view: str) -> None:
    response = client.get(f"/programmes/?country=NL&level=3&view={view}")
    assert response.status_code == 200
    assert response.context["page"].paginator.count == len(
        select_programmes("country=NL&level=3").matches
    )
    for other, _label, query in response.context["views"]:
        expected = {("country", "NL"), ("level", "3")}
        assert set(parse_qsl(query)) - {("view", other)} == expected


def test_an_unknown_view_is_reported_and_cards_are_shown(client: Client) -> None:
    response = client.get("/programmes/?view=globe")
    assert "view=globe" in response.text
    assert response.context["view"] == "cards"


def test_the_api_refuses_the_view_parameter(client: Client) -> None:
    assert client.get("/api/v1/programmes/?view=table").status_code == 400


def test_removing_a_filter_keeps_view_and_order(client: Client) -> None:
    response = client.get("/programmes/?country=NL&view=table&sort=name")
    chip = response.context["selection"].chips[0]
    assert set(parse_qsl(chip.query)) == {("view", "table"), ("sort", "name")}
    assert '<input type="hidden" name="view" value="table">' in response.text


def test_the_sorted_column_of_the_table_has_aria_sort(client: Client) -> None:
    page = client.get("/programmes/?view=table&sort=name").text
    assert page.count('aria-sort="') == 1
    assert re.search(r'aria-sort="ascending"><a [^>]*>Name', page)
    assert re.search(
        r'aria-sort="ascending"><a [^>]*>Country',
        client.get("/programmes/?view=table&sort=country").text,
    )
    assert 'aria-sort="descending"' in client.get("/programmes/?view=table").text


@pytest.mark.parametrize("query", ["", "level=1", "country=NL", "country=NL&level=3&q=teachers"])
def test_a_number_on_the_map_equals_the_length_of_the_list_it_links_to(
    client: Client, query: str
) -> None:
    context = client.get(f"/programmes/?{query}{'&' if query else ''}view=map").context
    assert context["places"]
    for _name, count, link in context["places"]:
        assert len(select_programmes(link).matches) == count
    for dot in context["dots"]:
        assert len(select_programmes(dot.query).matches) == dot.number


def test_the_timeline_shows_every_programme_as_a_bar_or_as_undated(client: Client) -> None:
    context = client.get("/programmes/?country=NL&view=timeline").context
    drawn = {bar.span.key for bar in context["timeline"].bars}
    told = {programme.slug for programme in context["undated"]}
    found = Programme.objects.published().filter(countries__code="NL")
    assert drawn == set(found.exclude(year_start=None).values_list("slug", flat=True))
    assert told == set(found.filter(year_start=None).values_list("slug", flat=True))


def test_no_view_shows_a_draft(client: Client) -> None:
    builders.make_programme(name="Quokka secrets", state="draft", year_start=2010)
    for view in VIEWS:
        assert "Quokka" not in client.get(f"/programmes/?view={view}&page_size=100").text
        assert "Quokka secrets" not in client.get(f"/programmes/?view={view}&q=quokka").text


# --- The order ------------------------------------------------------------------------------------


def test_the_default_order_has_no_value_in_the_form(client: Client) -> None:
    """A search would otherwise keep the order of the list before it instead of “Best match”."""
    page = client.get("/programmes/").text
    assert '<option value="" selected>Strongest evidence</option>' in page
    page = client.get("/programmes/?q=robots").text
    assert '<option value="" selected>Best match</option>' in page
    assert '<option value="evidence">Strongest evidence</option>' in page


# --- Weight and unfolding -------------------------------------------------------------------------

MOST_BYTES, MOST_NODES = 80_000, 900
EVERY_COUNTRY = (
    "country=AL,AD,AM,AT,AZ,BY,BE,BA,BG,HR,CY,CZ,DK,EE,FI,FR,GE,DE,GR,HU,IS,IE,IT,LV,LT,LU,MT,NL,"
    "NO,PL,PT,RO,RS,SK,SI,ES,SE,CH,TR,UA,GB"
)


@pytest.mark.parametrize(
    "query",
    [
        "", "page=2", "sort=newest", "q=school", "q=science+technology+pupils", "show=country",
        "country=SK,DE,NL&kind=research-projects&finding=none", EVERY_COUNTRY, "show=more,funding",
        "evidence=none&audience=teachers,students&status=active",
    ],
)  # fmt: skip
def test_a_list_of_25_weighs_at_most_80_kilobytes_and_has_at_most_900_elements(
    client: Client, query: str
) -> None:
    page = client.get(f"/programmes/?{query}").content
    assert len(page) <= MOST_BYTES
    assert len(re.findall(rb"<[a-zA-Z]", page)) <= MOST_NODES


def test_choices_beyond_the_first_come_when_asked_for(client: Client) -> None:
    folded = client.get("/programmes/?level=2")
    country = next(p for p in folded.context["panels"] if p.facet is COUNTRY)
    assert len(country.shown) == 4
    assert len(country.choices) > 30
    assert f'href="?{country.query}#facet-country"' in folded.text.replace("&amp;", "&")
    whole = client.get(f"/programmes/?{country.query}")
    panel = next(p for p in whole.context["panels"] if p.facet is COUNTRY)
    names = [choice.label for choice in panel.shown]
    assert len(names) == len(country.choices)
    assert names[:-1] == sorted(names[:-1], key=make_sort_key)
    assert '<input type="hidden" name="show" value="country">' in whole.text
    assert whole.context["page"].object_list == folded.context["page"].object_list


def test_a_facet_that_is_folded_or_in_use_keeps_what_is_chosen(client: Client) -> None:
    page = client.get(f"/programmes/?{EVERY_COUNTRY}&funding=public").text
    kept = re.search(r'<input type="hidden"\s+name="country"\s+value="([^"]+)">', page)
    assert kept
    ticked = re.findall(r'name="country"\s+value="(\w+)" checked', page)
    assert {*kept[1].split(","), *ticked} == {*EVERY_COUNTRY.partition("=")[2].split(",")}
    assert re.search(r'name="funding"\s+value="public" checked', page)


def test_what_is_unfolded_is_no_part_of_the_selection(client: Client) -> None:
    page = client.get("/programmes/?country=NL&show=more")
    assert re.search(r'rel="canonical" href="[^"]*/programmes/\?country=NL"', page.text)
    assert page.context["canonical_query"] == page.context["selection"].shared_query == "country=NL"
    assert client.get("/programmes/?show=nothing").context["problems"]
    assert client.get("/api/v1/programmes/?show=country").status_code == 400


# --- Few matches ----------------------------------------------------------------------------------

COUNTRIES, LEVELS, EVIDENCE = ("EE", "VA", "NL"), ("0", "3"), ("independent", "none")


@pytest.mark.parametrize(("country", "level", "evidence"), [*product(COUNTRIES, LEVELS, EVIDENCE)])
def test_leaving_out_a_filter_finds_as_many_programmes_as_promised(
    country: str, level: str, evidence: str
) -> None:
    parts = {"country": country, "level": level, "evidence": evidence}
    selection = select_programmes("&".join(f"{name}={value}" for name, value in parts.items()))
    found = len(selection.matches)
    if found > FEW:
        assert list_wider(selection) == []
        return
    larger = {
        name
        for name in parts
        if len(
            select_programmes("&".join(f"{n}={v}" for n, v in parts.items() if n != name)).matches
        )
        > found
    }
    assert len(list_wider(selection)) == len(larger) or not larger
    for way in list_wider(selection):
        assert way.count == len(select_programmes(way.query).matches) > found


def test_choices_of_which_no_two_go_together_are_offered_alone() -> None:
    selection = select_programmes("country=VA&level=3&q=zzzzzz&evidence=independent")
    assert not any(len(selection.find_matching(without=name)) for name in selection.narrowing)
    ways = {way.text: way for way in list_wider(selection)}
    assert [*ways] == ["Only: Independently evaluated", "Only: Upper secondary education"]
    for way in ways.values():
        assert way.count == len(select_programmes(way.query).matches) > 0


def test_no_wider_selection_is_offered_if_all_of_them_are_empty(client: Client) -> None:
    page = client.get("/programmes/?q=zzzzzz&country=VA").text
    assert "Looking wider?" not in page
    assert "No programme matches all" in page


def test_where_few_programmes_match_a_question_for_others_leads_to_the_form(
    client: Client,
) -> None:
    page = client.get("/programmes/?q=zzzzzz&country=VA").text
    assert re.search(r'Know one we don’t\?.*?href="/suggest/\?about=', page, flags=re.DOTALL)
    assert "Know one we don’t?" not in client.get("/programmes/?country=NL").text


def test_leaving_out_a_filter_keeps_view_and_order() -> None:
    way = list_wider(select_programmes("country=VA&level=3&view=table&sort=name"))[0]
    assert {("view", "table"), ("sort", "name")} <= set(parse_qsl(way.query))


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        (
            "independently evaluated students United Kingdom",
            "country=GB&audience=students&evidence=independent",
        ),
        (
            "zzz programmes for lower secondary teachers in Spain",
            "country=ES&level=2&audience=teachers",
        ),
        ("zzz spain", "country=ES"),
    ],
)
def test_a_search_in_plain_words_is_offered_as_filters(
    client: Client, typed: str, query: str
) -> None:
    response = client.get("/programmes/", {"q": typed})
    found = len(select_programmes(query).matches)
    assert found
    assert response.context["understood"].found == found
    assert set(parse_qsl(response.context["understood"].query)) == set(parse_qsl(query))


@pytest.mark.parametrize("typed", ["zzzz", "independently evaluated vatican city", "robots"])
def test_a_search_is_not_offered_as_filters_if_they_find_nothing(
    client: Client, typed: str
) -> None:
    assert client.get("/programmes/", {"q": typed}).context["understood"] is None


def test_filters_from_a_search_keep_the_filters_already_chosen(client: Client) -> None:
    response = client.get("/programmes/?q=zzz+spain&level=2&view=table")
    query = dict(parse_qsl(response.context["understood"].query))
    assert query == {"country": "ES", "level": "2", "view": "table"}


# --- The selection as a file ----------------------------------------------------------------------


def test_the_list_links_to_its_selection_in_every_file_format(client: Client) -> None:
    page = client.get("/programmes/?country=NL&view=table&page_size=5").text
    for address in (
        *(f"/programmes.{name}" for name in FORMATS),
        *(f"/programmes/figures.{name}" for name in FIGURE_FORMATS),
    ):
        link = re.search(rf'href="{re.escape(address)}\?([^"]*)"', page)
        assert link, address
        assert link[1] == "country=NL"
        assert client.head(f"{address}?{link[1]}").status_code == 200
    assert len(read_card_names(page)) == 5


# --- Girls ----------------------------------------------------------------------------------------

CAUTION = "/guides/career-choice-strategies/#not-girls-only"


@pytest.mark.parametrize(
    "query", ["audience=girls", "audience=teachers,girls", "q=girls", "q=Girl", "q=for+girls+only"]
)
def test_a_list_of_programmes_for_girls_links_the_caution_of_the_report(
    client: Client, query: str
) -> None:
    text = client.get(f"/programmes/?{query}").text
    assert CAUTION in text.partition('id="results"')[2]
    assert 'id="not-girls-only"' in client.get(CAUTION).text


@pytest.mark.parametrize("query", ["", "audience=teachers", "q=robots", "q=girlfriend"])
def test_other_lists_do_not_link_it(client: Client, query: str) -> None:
    assert CAUTION not in client.get(f"/programmes/?{query}").text


def test_what_ended_stands_below_a_line_and_only_where_the_order_puts_it_last(
    client: Client,
) -> None:
    shown = client.get("/programmes/?country=SK").context
    assert [len(shown[name]) for name in ("cards", "past")] == [7, 3]
    assert all('class="pic past"' in card for card in shown["past"])
    told = "6 running when last heard of, 3 ended, 1 not known."
    others = "2 are strategies, agreements or projects that ended."
    assert shown["told"] == f"{told} {others} Ended ones come last."
    shown = client.get("/programmes/?country=SK&sort=name").context
    assert shown["told"] == f"{told} {others}"
    assert [len(shown[name]) for name in ("cards", "past")] == [10, 0]
