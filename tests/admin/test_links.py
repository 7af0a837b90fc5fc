"""The admin's list of links, what the pages of sources say of theirs, and who may see it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programmes.models import Lease, Source, WebLink
from stemobs.curation.roles import RIGHTS, Role
from tests.admin.forms import address, save
from tests.builders import (
    make_contact,
    make_document,
    make_organisation,
    make_programme,
    make_source,
)
from tests.curation.people import make_person, sign_in

pytestmark = pytest.mark.django_db
MAY, NOVEMBER = datetime(2026, 5, 3, 12, tzinfo=UTC), datetime(2026, 11, 29, 2, 14, tzinfo=UTC)
GONE = "https://museum.example/gone"
BROKEN: dict[str, Any] = {
    "outcome": "not-found", "status": 404, "failures": 9, "is_broken": True,
    "first_failed_at": MAY, "looked_at": NOVEMBER,
}  # fmt: skip


def make_link(address: str = GONE, **found: Any) -> WebLink:
    told = {"looked_at": NOVEMBER, "outcome": "works", "status": 200, **found}
    host = address.split("/")[2]
    return WebLink.objects.create(address=address, host=host, **told)


def read_list(client: Client, query: str = "") -> Any:
    page = client.get(f"{address(WebLink)}{query}")
    assert page.status_code == 200
    return page


def list_shown(client: Client, query: str) -> list[str]:
    return [link.address for link in read_list(client, query).context["cl"].result_list]


# --- The list -------------------------------------------------------------------------------------


def test_the_list_says_what_was_found_since_when_and_where_each_is_used(
    admin_client: Client,
) -> None:
    source = make_source(url=GONE, title="The museum's page")
    programme = make_programme(name="Girls at the museum", state="draft")
    make_document(programme, url=GONE)
    make_link(**BROKEN)
    html = read_list(admin_client).content.decode()
    for told in ("Not found (404)", "3 May 2026", "29 Nov 2026, 02:14"):
        assert told in html
    for row, name in ((source, "The museum&#x27;s page"), (programme, "Girls at the museum")):
        assert f'<a href="{address(row, "change")}">{name}</a>' in html
    assert f"https://web.archive.org/web/*/{GONE}" in html


def test_the_copy_that_a_curator_noted_is_offered_before_others(admin_client: Client) -> None:
    make_source(url=GONE, archived_url="https://copies.example/7")
    make_link(**BROKEN)
    html = read_list(admin_client).content.decode()
    assert 'href="https://copies.example/7"' in html
    assert "web.archive.org" not in html


def test_the_list_says_how_many_are_broken_and_when_that_was_looked_for(
    admin_client: Client,
) -> None:
    assert "No links are broken. Nobody has looked for them yet." in read_list(admin_client).text
    Lease.objects.create(name="check_links", ended_at=NOVEMBER)
    told = "No links are broken. Last looked for on 29 Nov 2026, 02:14."
    assert told in read_list(admin_client).text
    make_link(**BROKEN)
    assert "1 link is broken. Last looked for" in read_list(admin_client).text
    assert f"{address(WebLink)}?is_broken__exact=1" in admin_client.get(reverse("admin:index")).text


def test_links_are_filtered_and_found_by_address_and_host(admin_client: Client) -> None:
    make_link(**BROKEN)
    moved = make_link("https://school.example/a", outcome="moved", moved_to="https://b.example/")
    make_link("https://other.example/")
    assert list_shown(admin_client, "?is_broken__exact=1") == [GONE]
    assert list_shown(admin_client, "?outcome__exact=moved") == [moved.address]
    assert list_shown(admin_client, "?q=school.example") == [moved.address]
    assert list_shown(admin_client, "?q=GONE") == [GONE]
    assert "https://b.example/" in read_list(admin_client).text
    assert admin_client.get(f"{address(WebLink)}?status__gt=1").status_code == 400


def test_a_page_of_links_takes_few_queries_however_many_they_are(admin_client: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            read_list(admin_client)
        return len(queries)

    def fill(numbers: range) -> None:
        for number in numbers:
            place = f"https://host{number}.example/"
            make_source(url=place)
            make_organisation(website=place)
            make_contact(make_programme(website=place), url=place)
            make_link(place)

    fill(range(2))
    few = count()
    fill(range(2, 30))
    assert count() == few <= 20


def test_an_address_that_no_row_names_any_more_is_said_to_be_so(admin_client: Client) -> None:
    link = make_link(**BROKEN)
    page = admin_client.get(address(link, "change"))
    assert "nothing any more" in page.text
    assert "Not found (404)" in page.text


# --- Who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*RIGHTS, Role.ADMINISTRATOR])
def test_everybody_of_the_staff_may_look_and_nobody_adds_changes_or_deletes(role: Role) -> None:
    client, link = sign_in(make_person(role)), make_link(**BROKEN)
    assert GONE in read_list(client).text
    assert client.get(address(link, "change")).status_code == 200
    assert client.get(address(WebLink, "add")).status_code == 403
    for page, posted in (
        (address(WebLink, "add"), {"address": "https://a.example/"}),
        (address(link, "change"), {"address": "https://a.example/", "outcome": "works"}),
        (address(link, "delete"), {"post": "yes"}),
    ):
        assert client.post(page, posted).status_code == 403
    crafted = {"action": "delete_selected", "_selected_action": link.pk, "post": "yes"}
    client.post(address(WebLink), crafted)
    assert WebLink.objects.values_list("address", "outcome").get() == (GONE, "not-found")


def test_readers_and_people_without_a_role_do_not_see_links(client: Client) -> None:
    for somebody in (client, sign_in(make_person(None))):
        assert somebody.get(address(WebLink)).status_code == 302


# --- Sources --------------------------------------------------------------------------------------


def test_the_list_of_sources_has_what_was_found_and_a_filter_for_broken_links(
    admin_client: Client,
) -> None:
    broken = make_source(url=GONE, title="Made broken")
    fine = make_source(url="https://fine.example/", title="Made fine")
    make_link(**BROKEN)
    make_link(fine.url)
    query = f"{address(Source)}?q=made"
    html = admin_client.get(query).text
    assert "<strong>Not found</strong>" in html
    assert ">Works<" in html
    shown = admin_client.get(f"{address(Source)}?broken=yes").context["cl"].result_list
    assert [source.pk for source in shown] == [broken.pk]
    shown = admin_client.get(f"{query}&broken=no").context["cl"].result_list
    assert fine.pk in [source.pk for source in shown]
    assert broken.pk not in [source.pk for source in shown]


def test_the_form_of_a_source_says_what_was_last_found(admin_client: Client) -> None:
    source = make_source(url=GONE, archived_url="https://copies.example/7")
    form = admin_client.get(address(source, "change")).text
    assert "not looked at yet" in form
    make_link(**BROKEN)
    make_link("https://copies.example/7", outcome="elsewhere", moved_to="https://b.example/<i>")
    form = admin_client.get(address(source, "change")).text
    assert "Not found (404), 29 Nov 2026. Broken since 3 May 2026." in form
    assert 'Leads to <a href="https://b.example/&lt;i&gt;"' in form
    assert save(admin_client, source, {"title": "Renamed"}).status_code == 302


def test_a_new_source_has_no_link_yet(admin_client: Client) -> None:
    assert admin_client.get(address(Source, "add")).status_code == 200
