"""Tests of the admin: slugs and redirects, allowed changes of state, and refused deletions."""

from typing import Any

import pytest
from django.test import Client

from programmes.models import (
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    FormerSlug,
    InitiativeKind,
    Programme,
    Source,
)
from tests.admin.curating import (
    State,
)
from tests.admin.forms import address, delete, errors_on, filled_in, new_row, save
from tests.builders import (
    kind,
    make_former_slug,
    make_programme,
    make_reach,
    make_source,
)

pytestmark = [pytest.mark.django_db, pytest.mark.once]


# --- Addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.PUBLISHED, State.WITHDRAWN])
def test_changing_the_slug_of_a_once_public_programme_keeps_a_redirect(
    admin_client: Client, state: str
) -> None:
    programme = make_programme(slug="old-address", state=state, withdrawn_reason="Because.")
    save(admin_client, programme, {"slug": "new-address"})
    programme.refresh_from_db()
    assert programme.slug == "new-address"
    assert FormerSlug.objects.get(slug="old-address").programme == programme


def test_changing_the_slug_of_a_draft_keeps_no_redirect(admin_client: Client) -> None:
    programme = make_programme(slug="old-address", state=State.DRAFT)
    save(admin_client, programme, {"slug": "new-address"})
    assert not FormerSlug.objects.filter(slug="old-address").exists()


def test_changing_back_to_a_former_slug_reverses_the_redirect(admin_client: Client) -> None:
    programme = make_programme(slug="now")
    make_former_slug(programme, "before")
    save(admin_client, programme, {"slug": "before"})
    assert [row.slug for row in programme.former_slugs.all()] == ["now"]


def test_the_form_refuses_a_former_slug_of_another_programme(admin_client: Client) -> None:
    make_former_slug(make_programme(name="First"), "taken")
    programme = make_programme(slug="mine")
    errors = errors_on(save(admin_client, programme, {"slug": "taken"}))
    assert "First had this address, and old links still lead there. Choose another." in errors
    programme.refresh_from_db()
    assert programme.slug == "mine"


def test_a_slug_made_of_a_name_is_one_to_which_no_link_leads(admin_client: Client) -> None:
    published = make_programme(name="First")
    make_former_slug(published, "once-known")
    for name, made in (("Once known", "once-known-2"), ("Compare", "compare-2")):
        page: Any = admin_client.get(address(Programme, "add"))
        data = {**filled_in(page), "name": name, "summary": "S.", "scope": "eu-wide", "slug": ""}
        assert admin_client.post(address(Programme, "add"), data).status_code == 302
        assert Programme.objects.get(name=name).slug == made
    link = admin_client.get("/programmes/once-known/")
    assert link.headers["Location"] == published.get_absolute_url()


def test_the_form_refuses_a_slug_that_is_the_address_of_another_page(admin_client: Client) -> None:
    programme = make_programme(slug="mine")
    errors = errors_on(save(admin_client, programme, {"slug": "compare"}))
    assert "Another page has this address. Choose another." in errors
    programme.refresh_from_db()
    assert programme.slug == "mine"


@pytest.mark.parametrize(
    ("slug", "told"),
    [
        ("zoë’s club", "Use only letters without accents, figures and hyphens, as in jet-net-nl."),
        ("taken", "Another one has this name in addresses. Choose a different name."),
    ],
)
def test_the_form_says_in_plain_words_what_is_wrong_with_a_slug(
    admin_client: Client, slug: str, told: str
) -> None:
    make_programme(slug="taken")
    assert told in errors_on(save(admin_client, make_programme(), {"slug": slug}))


def test_the_form_refuses_a_former_slug_that_a_programme_has_now(admin_client: Client) -> None:
    make_programme(name="First", slug="in-use")
    row = new_row("former_slugs", 0, slug="in-use")
    errors = errors_on(save(admin_client, make_programme(), row))
    assert "First has this address now. Remove it here." in errors


# --- States and deleting --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "possible"),
    [
        (State.DRAFT, {State.DRAFT, State.REVIEW, State.PUBLISHED}),
        (State.REVIEW, {State.DRAFT, State.REVIEW, State.PUBLISHED}),
        (State.PUBLISHED, {State.PUBLISHED, State.WITHDRAWN}),
        (State.WITHDRAWN, {State.PUBLISHED, State.WITHDRAWN}),
    ],
)
def test_a_once_public_programme_can_neither_become_a_draft_nor_be_deleted(
    admin_client: Client, now: State, possible: set[State]
) -> None:
    programme = make_programme(state=now, withdrawn_reason="A duplicate.")
    page = admin_client.get(address(programme, "change"))
    choices = page.context["adminform"].form.fields["state"].choices
    assert {value for value, _label in choices} == possible
    assert ("deletelink" in page.content.decode()) == (now in (State.DRAFT, State.REVIEW))


def test_the_form_refuses_to_withdraw_without_a_reason(admin_client: Client) -> None:
    programme = make_programme()
    errors = errors_on(save(admin_client, programme, {"state": State.WITHDRAWN}))
    assert "Give a reason for withdrawing it, or the record that replaced it." in errors
    reason = {"state": State.WITHDRAWN, "withdrawn_reason": "A duplicate."}
    assert save(admin_client, programme, reason).status_code == 302


@pytest.mark.parametrize(
    ("model", "relation"),
    [
        (Country, "countries"),
        (EducationLevel, "levels"),
        (InitiativeKind, "kinds"),
        (Audience, "audiences"),
        (CareerFactor, "factors"),
    ],
)
def test_a_term_in_use_cannot_be_deleted(admin_client: Client, model: Any, relation: str) -> None:
    term = model.objects.first()
    programme = make_programme(name="User of it", **{relation: [term]})
    page = delete(admin_client, term)
    assert "User of it" in page.content.decode()
    data = {"action": "delete_selected", "_selected_action": [term.pk], "post": "yes"}
    admin_client.post(address(model), data)
    assert list(getattr(programme, relation).all()) == [term]


def test_a_unit_and_a_source_in_use_cannot_be_deleted(admin_client: Client) -> None:
    source = make_source()
    reach = make_reach(make_programme(), source=source)
    for row in (reach.unit, source):
        page = delete(admin_client, row)
        assert "protected" in page.content.decode()
        row.refresh_from_db()


def test_an_unused_term_can_be_deleted(admin_client: Client) -> None:
    audience = Audience.objects.create(slug="unused", name="Unused")
    delete(admin_client, audience)
    assert not Audience.objects.filter(slug="unused").exists()


@pytest.mark.parametrize(
    ("model", "key"), [(Country, "code"), (Audience, "slug"), (Source, "slug")]
)
def test_slugs_and_codes_cannot_be_changed_after_the_first_save(
    admin_client: Client, model: Any, key: str
) -> None:
    row = model.objects.first()
    before = getattr(row, key)
    assert save(admin_client, row, {key: "zz"}).status_code == 302
    row.refresh_from_db()
    assert getattr(row, key) == before
    assert key in admin_client.get(address(model, "add")).context["adminform"].form.fields


def test_the_list_of_terms_links_to_the_programmes_that_use_each(admin_client: Client) -> None:
    html = admin_client.get(address(InitiativeKind)).content.decode()
    link = f"{address(Programme)}?kinds__id__exact={kind('company-visits').pk}"
    assert link in html
    assert admin_client.get(link).status_code == 200
