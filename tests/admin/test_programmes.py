"""Tests of the admin's form of a programme: rows, error messages, sources."""

import pytest
from django.test import Client

from programmes.models import (
    Claim,
    Discrepancy,
    Programme,
    ProgrammeName,
    Source,
    Unit,
)
from tests.admin.curating import (
    State,
    listed,
    text_of,
)
from tests.admin.forms import address, errors_on, filled_in, new_row, save
from tests.builders import (
    level,
    make_citation,
    make_claim,
    make_discrepancy,
    make_name,
    make_organisation,
    make_partnership,
    make_programme,
    make_reach,
    make_source,
)

pytestmark = pytest.mark.django_db


# --- The form -------------------------------------------------------------------------------------


def test_a_new_row_takes_the_next_position(admin_client: Client) -> None:
    programme = make_programme()
    make_reach(programme, position=4)
    unit = Unit.objects.first()
    source = make_source().pk
    row = new_row("reach", 1, qualifier="about", value="60000", unit=unit.pk, source=source)
    assert save(admin_client, programme, row).status_code == 302
    new = programme.reach.get(value=60000)
    assert (new.position, new.qualifier) == (5, "about")


def test_two_new_rows_take_different_positions(admin_client: Client) -> None:
    programme = make_programme()
    unit = Unit.objects.first()
    row = {"qualifier": "exact", "value": "1", "unit": unit.pk, "source": make_source().pk}
    rows = {**new_row("reach", 0, **row), **new_row("reach", 1, **row)}
    assert save(admin_client, programme, rows).status_code == 302
    assert [reach.position for reach in programme.reach.all()] == [1, 2]


def test_decimals_appear_in_the_form_without_trailing_zeros(admin_client: Client) -> None:
    programme = make_programme()
    make_reach(programme, "4500")
    html = admin_client.get(address(programme, "change")).content.decode()
    assert 'value="4500"' in html
    assert "4500.00" not in html


def test_a_new_programme_is_saved_with_its_facts(admin_client: Client) -> None:
    source = make_source()
    page = admin_client.get(address(Programme, "add"))
    data = {
        **filled_in(page),
        "name": "New",
        "slug": "new",
        "summary": "New.",
        "scope": "national",
        "levels": [level(3).pk],
        **new_row("citations", 0, field="entry", basis="stated", source=source.pk),
    }
    response = admin_client.post(address(Programme, "add"), data)
    assert response.status_code == 302, errors_on(response)
    programme = Programme.objects.get(slug="new")
    assert programme.state == State.DRAFT
    assert programme.citations.get().position == 1
    assert list(programme.levels.all()) == [level(3)]


@pytest.mark.parametrize(
    ("prefix", "row", "message"),
    [
        (
            "reach",
            {"qualifier": "range", "value": "9", "value_max": "3"},
            "A range needs an upper end above its lower end; other figures have none.",
        ),
        (
            "reach",
            {"qualifier": "exact", "value": "9", "year_from": "2020", "year_to": "2010"},
            "The last year is before the first. Check both.",
        ),
        (
            "funding",
            {"qualifier": "exact", "source_type": "public", "amount": "9"},
            "Give both an amount and its currency, or neither.",
        ),
        ("citations", {"field": "entry", "basis": "inferred"}, "Choose the source that supports"),
        (
            "evaluations",
            {"design": "outcome-survey", "independence": "not-known"},
            "Name the source: this evaluation is shown as evidence.",
        ),
    ],
)
def test_a_wrong_row_shows_its_message_and_nothing_is_saved(
    admin_client: Client, prefix: str, row: dict[str, str], message: str
) -> None:
    programme = make_programme(name="Before")
    if prefix == "reach":
        row = {**row, "unit": str(Unit.objects.first().pk)}
    changes = {"name": "After", **new_row(prefix, 0, **row)}
    assert message in errors_on(save(admin_client, programme, changes))
    programme.refresh_from_db()
    assert programme.name == "Before"
    assert not getattr(programme, prefix).exists()


def test_the_form_refuses_the_same_role_of_an_organisation_twice(admin_client: Client) -> None:
    programme = make_programme()
    organisation = make_organisation()
    make_partnership(programme, organisation, "founder")
    again = new_row("partnerships", 1, organisation=organisation.pk, role="founder")
    page = save(admin_client, programme, again)
    told = "The organisation already has this role here. Remove one of the two."
    assert told in errors_on(page)
    # The row is called by its organisation, not by its place in the form.
    named = {one.text.partition(":")[0] for one in page.context["problems"]}
    assert not named & {"Organisation 1", "Organisation 2"}, named
    other = new_row("partnerships", 1, organisation=organisation.pk, role="funder")
    assert save(admin_client, programme, other).status_code == 302


def test_the_form_refuses_the_same_name_twice(admin_client: Client) -> None:
    programme = make_programme()
    make_name(programme, "Twice")
    again = new_row("names", 1, name="Twice", kind=ProgrammeName.Kind.ALIAS)
    assert "The programme already has this name. Remove it here." in errors_on(
        save(admin_client, programme, again)
    )


def test_the_form_shows_errors_of_the_models_own_constraints(admin_client: Client) -> None:
    programme = make_programme(year_start=2010)
    page = save(admin_client, programme, {"year_end": "2001"})
    told = "The end year is before the start year. Check both."
    assert told in str(page.context["adminform"].form.errors["year_end"])
    assert f'<a href="#id_year_end">End year: {told}</a>' in page.text


def test_a_long_one_line_text_is_stored_without_line_breaks(admin_client: Client) -> None:
    programme = make_programme()
    save(admin_client, programme, {"countries_note": " One\r\ntwo  three "})
    programme.refresh_from_db()
    assert programme.countries_note == "One two three"


def test_new_lineage_gets_a_readable_and_unique_slug(admin_client: Client) -> None:
    programme = make_programme(slug="jet-net-made")
    target = make_programme(slug="tektanken-made")
    to_target = {"relation": "adapted-as", "to_programme": target.pk}
    to_text = {"relation": "inspired", "to_text": "Écoles & Co"}
    rows = {
        **new_row("lineage", 0, **to_target, year="2012"),
        **new_row("lineage", 1, **to_target, year="2013"),
        **new_row("lineage", 2, **to_text, year="2014"),
    }
    assert save(admin_client, programme, rows).status_code == 302
    assert [row.slug for row in programme.lineage.order_by("year")] == [
        "jet-net-made-adapted-as-tektanken-made",
        "jet-net-made-adapted-as-tektanken-made-2",
        "jet-net-made-inspired-ecoles-co",
    ]


def test_the_form_refuses_lineage_with_two_targets(admin_client: Client) -> None:
    programme = make_programme()
    both = new_row("lineage", 0, relation="inspired", to_programme=programme.pk, to_text="This")
    assert "Fill in one only: to programme" in errors_on(save(admin_client, programme, both))


# --- Discrepancies and sources --------------------------------------------------------------------


def test_a_discrepancy_can_be_added_with_the_claims_of_sources(admin_client: Client) -> None:
    programme = make_programme()
    make_discrepancy(programme, position=7)
    page = admin_client.get(address(Discrepancy, "add"))
    claims = {
        **new_row("claims", 0, statement="over 100"),
        **new_row("claims", 1, statement="85", is_shown="on"),
    }
    data = {**filled_in(page), "programme": programme.pk, "field": "reach", "about": "Schools"}
    response = admin_client.post(address(Discrepancy, "add"), {**data, **claims})
    assert response.status_code == 302, errors_on(response)
    discrepancy = programme.discrepancies.get(about="Schools")
    assert discrepancy.position == 8
    assert [(c.position, c.statement) for c in discrepancy.claims.all()] == [
        (1, "over 100"),
        (2, "85"),
    ]


def test_the_form_of_a_programme_shows_its_discrepancies_with_links(
    admin_client: Client,
) -> None:
    discrepancy = make_discrepancy(make_programme())
    make_claim(discrepancy, statement="over 100 companies", is_shown=True)
    html = admin_client.get(address(discrepancy.programme, "change")).content.decode()
    assert '<span class="claim is-shown">over 100 companies</span>' in html
    assert address(discrepancy, "change") in html


def test_the_form_of_a_source_shows_the_rows_and_programmes_that_use_it(
    admin_client: Client,
) -> None:
    source = make_source(title="Zebra source")
    programme = make_programme(name="Rests on it")
    make_citation(programme, source=source)
    make_reach(programme, source=source)
    Claim.objects.create(
        discrepancy=make_discrepancy(programme), position=1, statement="x", source=source
    )
    page = admin_client.get(address(Source), {"q": "zebra source"})
    assert text_of(page, source, "uses") == "3"
    html = admin_client.get(address(source, "change")).content.decode()
    assert "citations: 1" in html
    assert "Rests on it" in html


def test_a_source_is_found_by_its_url_and_by_the_state_of_its_link(admin_client: Client) -> None:
    source = make_source(url="https://example.org/Zebra/?page=1", link_state="broken")
    by_address = {"q": "example.org/zebra", "link_state__exact": "broken"}
    assert listed(admin_client.get(address(Source), by_address)) == [source]
