"""Tests of the admin's pages of organisations, strategies, platforms, lineage and guides."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from partnerships.models import (
    Criterion,
    Guide,
    GuideItem,
    Lineage,
    NationalPlatform,
    Organisation,
    OrganisationName,
    Strategy,
)
from tests.admin.forms import address, delete, errors_on, filled_in, new_row, save
from tests.builders import (
    country,
    make_assessment,
    make_guide,
    make_guide_item,
    make_lineage,
    make_organisation,
    make_organisation_name,
    make_partnership,
    make_platform,
    make_programme,
    make_source,
    make_statement,
    make_strategy,
)

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def admin_user(db: None) -> User:
    """A superuser without a password, because hashing one takes longer than most tests."""
    return User.objects.create(username="admin", is_staff=True, is_superuser=True)


def listed(response: Any) -> list[Any]:
    return list(response.context["cl"].result_list)


def count_search_queries(client: Client, model: Any, typed: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address(model), {"q": typed}).status_code == 200
    return len(captured)


# --- Organisations -------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["PTvT", "pbt", "platform beta", "ptvt"])
def test_an_organisation_is_found_by_any_of_its_names(admin_client: Client, typed: str) -> None:
    page = admin_client.get(address(Organisation), {"q": typed})
    assert Organisation.objects.get(slug="ptvt") in listed(page)


def test_the_autocomplete_of_organisations_searches_all_their_names(admin_client: Client) -> None:
    url = "/admin/autocomplete/"
    asked = {
        "app_label": "partnerships",
        "model_name": "partnership",
        "field_name": "organisation",
        "term": "platform beta techniek",
    }
    results = admin_client.get(url, asked).json()["results"]
    assert [row["text"] for row in results] == ["Platform Talent for Technology"]


def test_lists_take_as_many_queries_for_30_rows_as_for_3(admin_client: Client) -> None:
    def make(number: int) -> None:
        for n in range(number):
            organisation = make_organisation(name=f"Zebra {n}", country=country("NL"))
            make_organisation_name(organisation)
            programme = make_programme()
            make_partnership(programme, organisation)
            strategy = make_strategy(name=f"Zebra {n}")
            platform = make_platform(name=f"Zebra {n}")
            strategy.countries.add(country("NL"))
            platform.countries.add(country("NL"))
            make_statement(strategy=strategy)
            make_lineage(from_strategy=strategy, to_platform=platform, to_text="")
            make_guide_item(make_guide(title=f"Zebra {n}"), heading=f"Zebra {n}")

    models = [Organisation, Strategy, NationalPlatform, Lineage, Guide, GuideItem]
    make(3)
    count_search_queries(admin_client, Organisation, "zebra")  # fills the cache of content types
    with_three = [count_search_queries(admin_client, model, "zebra") for model in models]
    make(27)
    assert [count_search_queries(admin_client, model, "zebra") for model in models] == with_three


def test_the_list_of_organisations_counts_programmes_and_marks_no_country(
    admin_client: Client,
) -> None:
    organisation = make_organisation(name="Zebra")
    for role in ("founder", "funder"):
        make_partnership(make_programme(), organisation, role)
    page = admin_client.get(address(Organisation), {"q": "zebra", "missing": "country"})
    (shown,) = listed(page)
    model_admin = page.context["cl"].model_admin
    assert model_admin.programme_count(shown) == 2
    assert "missing" in model_admin.country_or_gap(shown)
    assert (
        listed(admin_client.get(address(Organisation), {"q": "zebra", "missing": "stated"})) == []
    )


def test_the_form_of_an_organisation_links_to_its_programmes(admin_client: Client) -> None:
    programme = make_programme(name="Taken part in")
    partnership = make_partnership(programme, make_organisation(), "founder")
    page = admin_client.get(address(partnership.organisation, "change")).content.decode()
    assert address(programme, "change") in page
    assert "Founder" in page


def test_a_name_and_a_source_can_be_added_to_an_organisation(admin_client: Client) -> None:
    organisation = make_organisation()
    rows = {
        **new_row("names", 0, name="Bèta", slug="made-beta", kind="alias"),
        **new_row("citations", 0, source=make_source().pk, locator="p. 4"),
    }
    response = save(admin_client, organisation, rows)
    assert response.status_code == 302, errors_on(response)
    assert organisation.names.get().slug == "made-beta"
    assert organisation.citations.get().position == 1


def test_the_form_refuses_a_slug_that_leads_to_another_organisation(admin_client: Client) -> None:
    make_organisation_name(make_organisation(name="First"), slug="taken")
    organisation = make_organisation()
    row = new_row("names", 0, name="Taken", slug="taken", kind="alias")
    message = "This address already leads to First. Choose another."
    assert message in errors_on(save(admin_client, organisation, row))
    page = admin_client.get(address(Organisation, "add"))
    data = {**filled_in(page), "name": "New", "slug": "taken", "type": "company"}
    assert message in errors_on(admin_client.post(address(Organisation, "add"), data))


def test_the_form_refuses_a_name_that_ends_before_it_starts(admin_client: Client) -> None:
    organisation = make_organisation()
    years = {"since": "2020", "until": "2010"}
    row = new_row("names", 0, name="Old", slug="made-old", kind="former", **years)
    assert "The last year is before the first. Check both." in errors_on(
        save(admin_client, organisation, row)
    )
    assert not OrganisationName.objects.filter(slug="made-old").exists()


def test_a_curator_can_show_an_organisation_that_no_record_names_yet(
    admin_client: Client, client: Client
) -> None:
    row = make_organisation(is_public=False)
    assert client.get(row.get_absolute_url()).status_code == 404
    chosen = {"action": "show_to_readers", "_selected_action": [row.pk]}
    listed = admin_client.post(address(Organisation, "changelist"), chosen, follow=True)
    assert "1 is now shown." in listed.text
    assert client.get(row.get_absolute_url()).status_code == 200
    assert LogEntry.objects.get().object_id == str(row.pk)


def test_an_organisation_that_owns_a_strategy_cannot_be_deleted(admin_client: Client) -> None:
    organisation = make_organisation()
    make_strategy(name="Its strategy").owners.add(organisation)
    page = delete(admin_client, organisation)
    assert "Its strategy" in page.content.decode()
    organisation.refresh_from_db()


# --- Strategies, platforms, lineage --------------------------------------------------------------


@pytest.mark.parametrize("make", [make_strategy, make_platform])
def test_a_new_statement_takes_the_next_position(admin_client: Client, make: Any) -> None:
    initiative = make()
    end = {"strategy": initiative} if make is make_strategy else {"platform": initiative}
    make_statement(**end, position=3)
    row = new_row("statements", 1, kind="target", qualifier="exact", text="More.")
    response = save(admin_client, initiative, row)
    assert response.status_code == 302, errors_on(response)
    assert initiative.statements.get(text="More.").position == 4


def test_a_statement_without_text_and_value_is_refused(admin_client: Client) -> None:
    row = new_row("statements", 0, kind="target", qualifier="exact")
    assert "Give a text, a value or a source." in errors_on(
        save(admin_client, make_strategy(), row)
    )


def test_lineage_can_be_added_to_a_strategy(admin_client: Client) -> None:
    strategy = make_strategy(slug="made-pact")
    row = new_row("lineage", 0, relation="inspired", to_text="Another pact")
    assert save(admin_client, strategy, row).status_code == 302
    assert strategy.lineage.get().slug == "made-pact-inspired-another-pact"


def test_lineage_added_on_its_own_page_needs_a_start(admin_client: Client) -> None:
    page = admin_client.get(address(Lineage, "add"))
    ends = {"relation": "inspired", "to_text": "Another"}
    errors = errors_on(admin_client.post(address(Lineage, "add"), {**filled_in(page), **ends}))
    assert "Choose either a programme or a strategy, not both." in errors
    start = {"from_programme": make_programme(slug="made-start").pk}
    response = admin_client.post(address(Lineage, "add"), {**filled_in(page), **ends, **start})
    assert response.status_code == 302
    assert Lineage.objects.filter(slug="made-start-inspired-another").exists()


# --- Guides and terms ----------------------------------------------------------------------------


def test_a_new_item_comes_last_in_its_guide(admin_client: Client) -> None:
    guide = make_guide()
    make_guide_item(guide, position=2)
    row = new_row("items", 1, heading="Last", slug="last", text="This.")
    assert save(admin_client, guide, row).status_code == 302
    page = admin_client.get(address(GuideItem, "add"))
    data = {**filled_in(page), "guide": guide.pk, "heading": "Later", "slug": "later", "text": "x"}
    response = admin_client.post(address(GuideItem, "add"), data)
    assert response.status_code == 302, errors_on(response)
    assert [item.slug for item in guide.items.all()][1:] == ["last", "later"]


def test_two_items_of_a_guide_cannot_have_the_same_slug(admin_client: Client) -> None:
    guide = make_guide()
    make_guide_item(guide, slug="twice")
    row = new_row("items", 1, heading="Again", slug="twice", text="This.")
    message = "Another item of this guide has this address. Choose another."
    assert message in errors_on(save(admin_client, guide, row))


def test_a_curator_can_change_the_position_of_an_item(admin_client: Client) -> None:
    item = make_guide_item(make_guide(), position=2)
    assert save(admin_client, item, {"position": "1"}).status_code == 302
    item.refresh_from_db()
    assert item.position == 1


def test_a_criterion_in_use_cannot_be_deleted(admin_client: Client) -> None:
    criterion = make_assessment(make_programme()).criterion
    page = delete(admin_client, criterion)
    assert "protected" in page.content.decode()
    assert Criterion.objects.filter(pk=criterion.pk).exists()
