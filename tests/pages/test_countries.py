"""Tests of the list of countries and of a country's page: numbers equal the database and lists."""

import re
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import html5lib
import pytest
from django.db.models import Q
from django.test import Client

from partnerships.models import GuideItem, Lineage, NationalPlatform, Strategy
from programmes.models import EUROPE, Country, EvidenceStep, InitiativeKind, Programme, Unit
from stemobs.pages import countries, country
from tests import builders
from tests.model import is_own_programme

pytestmark = pytest.mark.django_db

SVG_LINK = "{http://www.w3.org/2000/svg}a"
SOME = ("NL", "DE", "DK", "IE", "MT", "AD", "JP", "XK", "AM")


def page(client: Client, address: str) -> ET.Element:
    response = client.get(address)
    assert response.status_code == 200
    return html5lib.parse(response.text, treebuilder="etree", namespaceHTMLElements=False)


def plain(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def with_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [e for e in root.iter() if name in (e.get("class") or "").split()]


def count_listed_programmes(client: Client, address: str) -> int:
    """Return the total number of programmes that the list at this address has."""
    return client.get(address).context["page"].paginator.count


def list_published_in(code: str) -> list[Any]:
    rows = Programme.objects.published().with_evidence().filter(countries__code=code)
    return list(rows.prefetch_related("levels", "kinds", "countries"))


def read_country_table(client: Client, query: str = "") -> dict[str, list[str]]:
    """Return the texts of the cells in the table of countries, by the country's name."""
    (drawn,) = with_class(page(client, f"/countries/{query}"), "cs-table")
    body = next(drawn.iter("tbody"))
    return {
        plain(next(row.iter("a"))): [plain(cell) for cell in row.iter("td")]
        for row in body.iter("tr")
    }


# --- The list of countries -----------------------------------------------------------------------


def list_countries_expected_in_table() -> list[Country]:
    """Return European countries and others with something on record, sorted by name."""
    something = Q(programmes__state="published") | ~Q(platforms=None) | ~Q(strategies=None)
    return list(Country.objects.filter(Q(code__in=EUROPE) | something).distinct().order_by("name"))


def test_the_table_has_every_european_country_with_numbers_from_the_database(
    client: Client,
) -> None:
    rows = read_country_table(client)
    assert len(rows) == len(list_countries_expected_in_table()) > len(EUROPE)
    for one in list_countries_expected_in_table():
        records = list_published_in(one.code)
        programmes = [row for row in records if is_own_programme(row)]
        shared = [row for row in records if len(row.countries.all()) >= 3]
        independent = [row for row in programmes if row.evidence == EvidenceStep.INDEPENDENT]
        platforms = NationalPlatform.objects.filter(countries=one, standing="platform").count()
        strategies = Strategy.objects.filter(countries=one).count()
        numbers = [len(programmes), len(shared), len(independent), platforms, strategies]
        assert rows[one.name][:5] == [str(number) for number in numbers], one
        assert (rows[one.name][5] == "Nothing yet") is (not records)


@pytest.mark.parametrize(("sort", "column"), [
    ("programmes", 0), ("shared", 1), ("evaluated", 2), ("platforms", 3), ("strategies", 4),
])  # fmt: skip
def test_the_table_is_sorted_by_the_asked_column_then_by_name(
    client: Client, sort: str, column: int
) -> None:
    found = [
        (-int(cells[column]), name)
        for name, cells in read_country_table(client, f"?sort={sort}").items()
    ]
    assert found == sorted(found)


def test_the_table_is_sorted_by_name_by_default(client: Client) -> None:
    names = [one.name for one in list_countries_expected_in_table()]
    assert (
        list(read_country_table(client)) == list(read_country_table(client, "?sort=name")) == names
    )


def test_sorted_by_change_the_latest_country_is_first_and_empty_ones_are_last(
    client: Client,
) -> None:
    builders.make_programme(countries=[builders.country("MC")])
    rows = read_country_table(client, "?sort=changed")
    assert next(iter(rows)) == "Monaco"
    assert [cells[5] for cells in rows.values()][-1] == "Nothing yet"


@pytest.mark.parametrize("sort", countries.SORTS)
def test_only_the_sorted_column_has_aria_sort(client: Client, sort: str) -> None:
    (drawn,) = with_class(page(client, f"/countries/?sort={sort}"), "cs-table")
    sorted_by = [th for th in drawn.iter("th") if th.get("aria-sort")]
    assert [plain(th) for th in sorted_by] == [str(countries.SORTS[sort][0])]
    assert sorted_by[0].get("aria-sort") == ("ascending" if sort == "name" else "descending")


@pytest.mark.parametrize("sort", ["", "best", "NAME", "9" * 500, "<script>"])
def test_an_unknown_sort_value_is_reported_and_ignored(client: Client, sort: str) -> None:
    response = client.get(f"/countries/?sort={sort}")
    assert response.status_code == 200
    assert response.context["sort"] == "name"
    (problem,) = response.context["problems"]
    assert problem.parameter == "sort"
    assert "<script>" not in response.text.partition("<main")[2]


def test_the_table_stands_before_the_map_in_the_page(client: Client) -> None:
    text = client.get("/countries/").text
    assert text.index("<tbody") < text.index("choropleth")


def test_the_map_links_every_country_even_without_programmes(client: Client) -> None:
    (drawn,) = with_class(page(client, "/countries/"), "choropleth")
    told = {a.get("aria-label"): a.get("href") for a in drawn.iter(SVG_LINK)}
    own = [row for row in list_published_in("NL") if is_own_programme(row)]
    assert told[f"Netherlands: {len(own)} programmes"] == "/countries/nl/"
    assert told["Andorra: 0 programmes"] == "/countries/ad/"


def test_european_countries_without_a_published_programme_are_listed_as_gaps(
    client: Client,
) -> None:
    def listed() -> set[str]:
        root = page(client, "/countries/")
        (section,) = [e for e in root.iter("section") if e.get("id") == "without"]
        return {plain(a) for a in section.iter("a")}

    europe = Country.objects.filter(code__in=EUROPE)
    empty = {
        one.name for one in europe if not any(map(is_own_programme, list_published_in(one.code)))
    }
    assert listed() == empty
    assert client.get("/").context["empty_total"] == len(empty)
    (line, *_) = client.get("/about/").context["coverage"]
    assert line.whole - line.number == len(empty)
    builders.make_programme(countries=[builders.country("AD")], state=Programme.State.DRAFT)
    assert "Andorra" in listed()
    builders.make_programme(countries=[builders.country("AD")])
    assert "Andorra" not in listed()


def test_a_country_outside_europe_is_no_gap_but_has_a_linked_page(client: Client) -> None:
    def beyond() -> list[str]:
        return [one.code for one in client.get("/countries/").context["beyond"]]

    assert "JP" in beyond()
    assert "It does not set out to cover this country" in client.get("/countries/jp/").text
    before = read_country_table(client)
    assert "Japan" not in before
    builders.make_programme(countries=[builders.country("JP")])
    assert "JP" not in beyond()
    assert read_country_table(client).keys() - before.keys() == {"Japan"}
    links = {a.get("href") for a in page(client, "/countries/").iter("a")}
    assert {f"/countries/{one.code.lower()}/" for one in Country.objects.all()} <= links


# --- The page of one country ---------------------------------------------------------------------


@pytest.mark.parametrize("code", SOME)
def test_the_headline_numbers_equal_counts_from_the_database(client: Client, code: str) -> None:
    root = page(client, f"/countries/{code.lower()}/")
    (facts,) = with_class(root, "cy-facts")
    records = list_published_in(code)
    programmes = [row for row in records if is_own_programme(row)]
    independent = [row for row in programmes if row.evidence == EvidenceStep.INDEPENDENT]
    told = [int(plain(b)) for b in facts.iter("b")]
    assert told[:2] == [len(programmes), len(independent)]
    for a in facts.iter("a"):
        if urlsplit(a.get("href", "")).path == "/programmes/":
            assert count_listed_programmes(client, a.get("href", "")) == int(
                plain(next(a.iter("b")))
            )
    given = client.get(f"/countries/{code.lower()}/").context["given"]
    assert told[2] == len({(one.origin, one.target) for one in given})


def has_level(row: Any, value: str) -> bool:
    codes = {level.code for level in row.levels.all()}
    if value == "vocational":
        return row.is_vocational
    return bool(codes & ({5, 6, 7, 8} if value == "higher" else {int(value)}))


@pytest.mark.parametrize("code", SOME)
def test_the_table_of_levels_counts_programmes_and_names_missing_kinds_and_evidence(
    client: Client, code: str
) -> None:
    context = client.get(f"/countries/{code.lower()}/").context
    rows = list_published_in(code)
    for value, _name, number in context["levels"]:
        assert number == sum(has_level(row, value) for row in rows), value
    assert context["levels_unknown"] == sum(not row.levels.all() for row in rows)
    independent = [row for row in rows if row.evidence == EvidenceStep.INDEPENDENT]
    lacking = [
        name
        for value, name in country.LEVELS
        if any(has_level(row, value) for row in rows)
        and not any(has_level(row, value) for row in independent)
    ]
    assert context["unevaluated_levels"] == lacking
    kinds = {kind.name for row in rows for kind in row.kinds.all()}
    assert (
        set(context["missing_kinds"])
        == set(InitiativeKind.objects.values_list("name", flat=True)) - kinds
    )


@pytest.mark.parametrize("code", ["NL", "DE", "PT"])
def test_a_number_below_the_table_of_levels_links_to_a_list_of_that_length(
    client: Client, code: str
) -> None:
    root = page(client, f"/countries/{code.lower()}/")
    (drawn,) = with_class(root, "lvl")
    alike = [a for a in root.iter("a") if "design=" in a.get("href", "")]
    assert len(alike) == 2
    for a in [*next(drawn.iter("tfoot")).iter("a"), *alike]:
        (number,) = re.findall(r"\d+", plain(a))
        assert count_listed_programmes(client, a.get("href", "")) == int(number)


def test_the_table_of_levels_has_25_rows_with_the_strongest_evidence_first(
    client: Client,
) -> None:
    andorra = builders.country("AD")
    for _number in range(120):
        builders.make_programme(countries=[andorra], year_start=2000)
    best = builders.make_programme(name="Zz last by name", countries=[andorra])
    builders.make_evaluation(best, independence="independent")
    root = page(client, "/countries/ad/")
    (drawn,) = with_class(root, "lvl")
    rows = list(next(drawn.iter("tbody")).iter("tr"))
    assert len(rows) == country.MOST_PROGRAMMES
    assert "Zz last by name" in plain(rows[0])
    assert "All 121 records in the list" in plain(root)
    assert "105 later records are left out" in plain(root)
    assert "1 record without a start year" in plain(root)


def test_a_travelled_idea_is_on_the_pages_of_both_countries(client: Client) -> None:
    first = builders.make_programme(name="Origin one", countries=[builders.country("AD")])
    second = builders.make_programme(name="Copy two", countries=[builders.country("MC")])
    row = builders.make_lineage(
        from_programme=first, to_programme=second, relation=Lineage.Relation.ADAPTED_AS, year=2011
    )
    (given,) = client.get("/countries/ad/").context["given"]
    (taken,) = client.get("/countries/mc/").context["taken"]
    assert given == taken
    assert (given.origin.name, given.target.name, given.year) == ("Origin one", "Copy two", 2011)
    for address in ("/countries/ad/", "/countries/mc/"):
        (told,) = with_class(page(client, address), "journeys")
        assert plain(told) == "Copy two Monaco, 2011; based on Origin one, Andorra"
    row.delete()
    assert not client.get("/countries/ad/").context["given"]


def test_drafts_and_withdrawn_programmes_do_not_change_a_country_page(client: Client) -> None:
    before = client.get("/countries/nl/").text
    nl = builders.country("NL")
    unit = Unit.objects.first()
    for state in (Programme.State.DRAFT, Programme.State.WITHDRAWN):
        hidden = builders.make_programme(
            name="Zebrafinch", state=state, countries=[nl], year_start=1999,
            withdrawn_reason="For a test.",
        )  # fmt: skip
        builders.make_reach(hidden, 10**9, unit=unit)
        other = builders.make_programme(countries=[builders.country("SM")])
        builders.make_lineage(from_programme=hidden, to_programme=other, relation="adapted-as")
        builders.make_partnership(hidden, builders.make_organisation(country=nl), "coordinator")
    after = client.get("/countries/nl/").text
    assert "Zebrafinch" not in after
    main = re.compile(r"<main.*</main>", re.DOTALL)
    numbers = re.compile(r"(\d+) organisations based here")
    assert numbers.sub("", main.findall(after)[0]) == numbers.sub("", main.findall(before)[0])


def test_reach_lists_one_unit_period_and_scope_in_this_country_only_by_name(
    client: Client,
) -> None:
    andorra, monaco = builders.country("AD"), builders.country("MC")
    students, schools = Unit.objects.get(slug="students"), Unit.objects.get(slug="schools")
    small, large, shared, worldwide = (
        builders.make_programme(name=name, countries=places, scope=scope)
        for name, places, scope in (
            ("A", [andorra], "national"), ("B", [andorra], "national"),
            ("C", [andorra, monaco], "national"), ("D", [andorra], "multi-country"),
        )
    )  # fmt: skip
    for one, value in ((small, 10), (large, 20), (shared, 5000), (worldwide, 10**7)):
        builders.make_reach(one, value, unit=students, period_type="annual")
    builders.make_reach(large, 800, unit=students, period_type="annual", year_to=2019)
    builders.make_reach(large, 900, unit=students, period_type="annual", year_from=2020)
    builders.make_reach(small, 7000, unit=schools, period_type="annual")
    builders.make_reach(small, 8000, unit=students, period_type="since-start")
    builders.make_reach(small, 9000, unit=students)
    shown = client.get("/countries/ad/").context["reach"]
    assert [(row.programme, int(row.value)) for row in shown] == [(small, 10), (large, 900)]


@pytest.mark.parametrize("code", ["NL", "DE", "EE"])
def test_the_number_beside_a_contact_equals_its_list_as_coordinator(
    client: Client, code: str
) -> None:
    contacts = client.get(f"/countries/{code.lower()}/").context["contacts"]
    assert contacts
    for organisation, _leads, number in contacts:
        address = f"/programmes/?country={code}&organisation={organisation.slug}&role=coordinator"
        assert count_listed_programmes(client, address) == number


def test_reach_is_hidden_for_countries_with_very_many_programmes(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "How many they reach" in client.get("/countries/nl/").text
    monkeypatch.setattr(country, "MOST_COMPARABLE", 3)
    builders.make_programme()  # a change of the catalogue, so that no cached profile is shown
    assert "How many they reach" not in client.get("/countries/nl/").text


def test_reach_is_hidden_if_only_one_programme_has_a_figure(client: Client) -> None:
    one = builders.make_programme(countries=[builders.country("AD")], scope="national")
    builders.make_reach(one, 10, period_type="annual")
    assert "How many they reach" not in client.get("/countries/ad/").text


def test_contacts_are_platform_leaders_then_coordinators_seated_in_the_country(
    client: Client,
) -> None:
    andorra = builders.country("AD")
    leader = builders.make_organisation(name="Zz platform", website="https://example.org/p")
    platform = builders.make_platform(organisation=leader, level="national")
    platform.countries.add(andorra)
    coordinator = builders.make_organisation(name="Aa coordinator", country=andorra)
    partner = builders.make_organisation(name="Bb partner", country=andorra)
    foreign = builders.make_organisation(name="Cc foreign", country=builders.country("MC"))
    programme = builders.make_programme(countries=[andorra])
    for organisation, role in (
        (coordinator, "coordinator"), (partner, "partner"), (foreign, "coordinator"),
    ):  # fmt: skip
        builders.make_partnership(programme, organisation, role)
    assert client.get("/countries/ad/").context["contacts"] == [
        (leader, True, 0),
        (coordinator, False, 1),
    ]
    text = client.get("/countries/ad/").text
    assert "https://example.org/p" in text
    assert "website not known yet" in text


@pytest.mark.parametrize("code", ["NL", "DE", "AD"])
def test_the_number_beside_an_organisation_equals_the_length_of_its_list(
    client: Client, code: str
) -> None:
    for choice in client.get(f"/countries/{code.lower()}/").context["partners"]:
        address = f"/programmes/?country={code}&organisation={choice.value}"
        assert count_listed_programmes(client, address) == choice.count


UNTIL, AT_WORK = {"year_end": 2019, "status": "completed"}, {"status": "active"}


@pytest.mark.parametrize(
    ("fields", "is_mandated", "words"),
    [
        (AT_WORK, True, "Hub is its national STEM platform."),
        (UNTIL, True, "Hub (until 2019) was its national STEM platform."),
        ({"status": "completed"}, True, "Hub (ended) was its national STEM platform."),
        (AT_WORK, False, "National STEM platform: Hub."),
        ({}, True, "National STEM platform: Hub (status not known)."),
        (UNTIL, False, "National STEM platform: Hub (until 2019)."),
    ],
)
def test_a_body_is_called_the_national_platform_only_if_it_has_a_mandate(
    client: Client, fields: dict[str, Any], is_mandated: bool, words: str
) -> None:
    platform = builders.make_platform(name="Hub", **fields)
    platform.countries.add(builders.country("AD"))
    if is_mandated:
        platform.mandated_by.add(builders.make_organisation())
    assert words in plain(with_class(page(client, "/countries/ad/"), "lede")[0])


def test_what_only_resembles_a_platform_is_not_called_one(client: Client) -> None:
    andorra = builders.country("AD")
    for name, standing in (("Old plan", "attempt"), ("Club", "similar"), ("Group", "task-force")):
        fields = {"standing": standing, "year_start": 2013, **AT_WORK}
        builders.make_platform(name=name, **fields).countries.add(andorra)
    words = plain(with_class(page(client, "/countries/ad/"), "lede")[0])
    assert "We know of no national STEM platform here. An attempt in 2013" in words
    assert "In a similar role: Club." in words
    assert read_country_table(client)["Andorra"][3] == "0"
    assert client.get("/countries/ad/").context["platforms"] == []


def test_a_platform_of_a_region_is_named_where_there_is_no_national_one(client: Client) -> None:
    fields = {"level": "regional", "region": "Flanders", **AT_WORK}
    builders.make_platform(name="Hub", **fields).countries.add(builders.country("AD"))
    words = plain(with_class(page(client, "/countries/ad/"), "lede")[0])
    assert "We know of no national STEM platform here. Flanders has its own: Hub." in words


def test_only_evaluated_programmes_are_called_the_best_evidenced(client: Client) -> None:
    rows = [builders.make_programme(countries=[builders.country("AD")]) for _ in range(2)]
    assert "Compare 2 programmes" in client.get("/countries/ad/").text
    for one in rows:
        builders.make_evaluation(one)
    assert "Compare the best-evidenced programmes" in client.get("/countries/ad/").text


def test_several_national_platforms_are_listed_without_calling_one_the_platform(
    client: Client,
) -> None:
    for name, fields in (("Aa", AT_WORK), ("Bb", UNTIL), ("Cc & <co>", {"level": "regional"})):
        builders.make_platform(name=name, **fields).countries.add(builders.country("AD"))
    words = "We know of 2 national STEM platforms: Aa and Bb (until"
    assert words in plain(with_class(page(client, "/countries/ad/"), "lede")[0])


def test_levels_that_no_source_names_are_not_known_in_the_table(
    client: Client,
) -> None:
    one = builders.make_programme(countries=[builders.country("AD")])
    (drawn,) = with_class(page(client, "/countries/ad/"), "lvl")
    cells = [plain(cell) for cell in next(drawn.iter("tbody")).iter("td")]
    assert set(cells) == {"not known yet"}
    one.levels.add(builders.level(2))
    (drawn,) = with_class(page(client, "/countries/ad/"), "lvl")
    cells = [plain(cell) for cell in next(drawn.iter("tbody")).iter("td")]
    assert sorted(set(cells)) == ["not named", "yes"]


def test_a_level_that_no_source_names_is_not_known_never_not_covered(client: Client) -> None:
    one = builders.make_programme(countries=[builders.country("AD")], levels=[builders.level(2)])
    for address in (one.get_absolute_url(), "/countries/ad/", "/programmes/?country=AD"):
        text = client.get(address).text.partition("<main")[2].lower()
        assert "not covered" not in text
        assert "not known yet" in text or "not named" in text


def test_a_country_without_a_platform_says_so_and_links_to_the_guide(client: Client) -> None:
    root = page(client, "/countries/ie/")
    assert "We know of no national STEM platform here." in plain(root)
    assert "/guides/national-platform/" in [a.get("href") for a in root.iter("a")]


def test_a_country_without_a_programme_links_to_the_nearest_ones_with_some(client: Client) -> None:
    context = client.get("/countries/ad/").context
    near = [(row.code, number) for row, number in context["neighbours"]]
    assert [code for code, _number in near[:2]] == ["FR", "ES"]
    assert all(
        number == sum(map(is_own_programme, list_published_in(code))) for code, number in near
    )
    assert client.get("/countries/jp/").context["neighbours"] == []


def test_mentions_in_guides_beyond_the_first_six_are_folded_away(client: Client) -> None:
    root = page(client, "/countries/nl/")
    (told,) = with_class(root, "cy-mentions")
    (more,) = told.iter("details")
    total = GuideItem.objects.filter(countries__code="NL").count()
    assert plain(next(more.iter("summary"))) == f"And {total - country.MOST_MENTIONS} more"
    assert len(list(told.iter("li"))) == total


@pytest.mark.parametrize("code", ["NL", "qq", "n", "nld", "9" * 300, "-"])
def test_an_unknown_country_code_is_a_404_and_a_code_in_capitals_redirects(
    client: Client, code: str
) -> None:
    response = client.get(f"/countries/{code}/")
    assert response.status_code == (301 if code == "NL" else 404)


def test_country_pages_refuse_post(client: Client) -> None:
    for address in ("/countries/", "/countries/nl/"):
        assert client.post(address).status_code == 405
