"""Tests of how a record and a country say how to take part, whom to ask, and whom to tell."""

import re
from urllib.parse import quote_plus

import pytest
from django.conf import LazySettings
from django.core.checks import run_checks
from django.test import Client

from programmes.models import Programme
from tests import builders

pytestmark = pytest.mark.django_db


def read_section(client: Client, programme: Programme) -> str:
    page = client.get(programme.get_absolute_url()).text
    return " ".join(page.partition('id="take-part"')[2].partition('id="organisations"')[0].split())


class TestRecord:
    """The section on taking part, and the page to open."""

    def test_a_record_tells_how_to_join_what_it_costs_and_whom_to_ask(self, client: Client) -> None:
        one = builders.make_programme(status="active", website="https://one.example/")
        builders.make_way_in(
            one, audience="companies", how="Write in spring.", cost="Free", time="One day"
        )
        builders.make_contact(one, office="Office of One", url="https://one.example/ask")
        told = read_section(client, one)
        for words in ("Companies", "Write in spring.", "Free", "One day", "Office of One"):
            assert words in told
        assert "We don’t know yet how schools join." in told
        assert "Visit website" in client.get(one.get_absolute_url()).text

    def test_of_what_ended_it_says_so_and_asks_for_nothing_more(self, client: Client) -> None:
        one = builders.make_programme(status="completed", year_end=2014)
        builders.make_way_in(one, how="Teachers wrote to the office.", is_open=False)
        told = read_section(client, one)
        assert "See below how people took part." in told
        assert told.count("It ended in 2014") == 1
        assert "Not open now, as far as we know." in told
        assert "Teachers wrote to the office." in told
        assert "no office to ask" not in told

    def test_each_way_in_says_where_it_is_closed_and_an_open_one_comes_first(
        self, client: Client
    ) -> None:
        one = builders.make_programme(status="active")
        for audience in ("schools", "companies", "families"):
            builders.make_way_in(one, audience=audience, how=f"Once {audience}.", is_open=False)
        builders.make_way_in(one, audience="schools", how="Write now.")
        told = read_section(client, one)
        assert told.count("Not open now, as far as we know.") == 3
        assert told.index("Write now.") < told.index("Once schools.")
        assert told.count("Source:") == 2  # of what the signals do not tell

    def test_without_a_website_the_best_page_says_whose_it_is(self, client: Client) -> None:
        one = builders.make_programme()
        source = builders.make_source(title="About One", publisher="Acme", url="https://a.example/")
        builders.make_citation(one, source=source)
        page = client.get(one.get_absolute_url()).text
        assert "Best page we know" in page
        assert "“About One”, Acme." in " ".join(page.split())

    def test_slovakia_names_offices_and_to_whom_their_programmes_are_open(
        self, client: Client
    ) -> None:
        offices = client.get("/countries/sk/").context["offices"]
        assert offices
        assert any(row.url for row in offices)
        assert "Open to schools" in client.get("/countries/sk/").text


class TestSelection:
    """The parameter `open_to`."""

    def test_programmes_open_to_companies_all_run(self, client: Client) -> None:
        rows = client.get("/api/v1/programmes/?open_to=companies&page_size=100").json()
        assert rows["count"]
        assert {row["status"] for row in rows["results"]} == {"active"}
        assert all("companies" in row["open_to"] for row in rows["results"])

    def test_a_wrong_value_is_named(self, client: Client) -> None:
        answer = client.get("/api/v1/programmes/?open_to=company")
        assert answer.status_code == 400
        assert "open_to" in answer.text


class TestTellingUs:
    """The way to the form for suggestions, and the setting CONTACT_EMAIL."""

    def test_the_page_of_a_record_leads_to_the_form_about_it_and_its_parts(
        self, client: Client
    ) -> None:
        page = client.get("/programmes/jet-net-nl/").text
        links = re.findall(r'href="(/suggest/[^"]*)"\s+rel="nofollow"', page)
        facts = {link.partition("&amp;fact=")[2] for link in links}
        assert all(link.startswith("/suggest/?programme=jet-net-nl") for link in links)
        assert {"what", "works", "takes", "organisations", "lineage", "from", "reach-1"} <= facts
        for fact in facts:
            form = client.get(f"/suggest/?programme=jet-net-nl&fact={fact}").text
            assert f'name="fact" value="{fact}"' in form
        names = re.findall(r'aria-label="(Wrong[^"]+)">\s*Wrong', page)
        assert len(names) == page.count("Wrong?</a>") + page.count("Wrong or out of date?</a>")
        assert len(names) == len({*names})
        assert any(re.match(r"Wrong\? \D*[\d,]+ schools", name) for name in names), names

    @pytest.mark.parametrize(
        "address", ["/", "/countries/pt/", "/platforms/stem-alliance-eu/", "/organisations/shell/"]
    )
    def test_other_pages_lead_to_the_form_with_their_address_in_it(
        self, client: Client, settings: LazySettings, address: str
    ) -> None:
        settings.SITE_URL = "https://stem.example"
        about = quote_plus(f"https://stem.example{address}")
        link = f"/suggest/?about={about}"
        assert f'href="{link}"' in client.get(address).text
        assert f'value="https://stem.example{address}"' in client.get(link).text

    @pytest.mark.parametrize("email", ["", "editors@stem.example"])
    def test_an_address_to_write_to_stands_beside_the_form_if_there_is_one(
        self, client: Client, settings: LazySettings, email: str
    ) -> None:
        settings.CONTACT_EMAIL = email
        for address in ("/suggest/", "/about/"):
            page = client.get(address).text
            assert ("mailto:editors@stem.example" in page) == bool(email), address
            assert "mailto:editors@stem.example?" not in page

    @pytest.mark.parametrize(
        ("email", "is_right"), [("a@stem.example", True), ("", False), ("not an address", False)]
    )
    def test_the_check_before_a_start_fails_without_an_address(
        self, settings: LazySettings, email: str, is_right: bool
    ) -> None:
        settings.CONTACT_EMAIL = email
        found = {one.id for one in run_checks(include_deployment_checks=True)}
        assert ("stemobs.E004" not in found) == is_right
