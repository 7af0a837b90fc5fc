"""Curators replace and retract figures in a record's form, without any right to delete."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from programmes.models import Reach, Unit
from tests.admin.forms import address, errors_on, filled_in, save
from tests.builders import make_claim, make_discrepancy, make_funding, make_programme, make_reach

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_a_figure_is_replaced_by_another_of_its_unit_and_retracted_with_a_reason() -> None:
    user = User.objects.create(username="curator", is_staff=True)
    names = ("view_programme", "change_programme", "view_reach", "change_reach")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(user)
    programme = make_programme()
    old, new, misread = (make_reach(programme, value) for value in (40, 55, 7))
    other = make_reach(programme, 9, unit=Unit.objects.get(slug="schools"))
    page = client.get(address(programme, "change"))
    assert list_offered(page, old) == {"", new.pk, misread.pk}
    assert list_offered(page, other) == {""}
    changes = {
        find_name(page, old, "superseded_by"): new.pk,
        find_name(page, misread, "retracted_because"): "Of another programme.",
    }
    sent = client.post(address(programme, "change"), {**filled_in(page), **changes})
    assert sent.status_code == 302
    stand = [row.pk for row in Reach.objects.filter(programme=programme) if row.is_current]
    assert stand == [new.pk, other.pk]
    page = client.get(address(programme, "change"))
    wrong = {find_name(page, new, "superseded_by"): old.pk}
    refused = client.post(address(programme, "change"), {**filled_in(page), **wrong})
    assert "round in a circle" in errors_on(refused)


def find_form(page: Any, row: Reach) -> Any:
    forms = (
        form
        for inline in page.context["inline_admin_formsets"]
        for form in inline.formset.forms
        if form.instance == row
    )
    return next(forms)


def find_name(page: Any, row: Reach, field: str) -> str:
    return find_form(page, row)[field].html_name


def list_offered(page: Any, row: Reach) -> set[Any]:
    return {value for value, _label in find_form(page, row).fields["superseded_by"].choices}


def test_a_claim_is_given_a_figure_of_its_programme_only(admin_client: Client) -> None:
    programme = make_programme()
    figure, money = make_reach(programme), make_funding(programme, amount=9, currency="EUR")
    foreign = {
        "claims-0-reach": make_reach(make_programme()).pk,
        "claims-1-funding": make_funding(make_programme()).pk,
    }
    point = make_discrepancy(programme)
    claims = [make_claim(point), make_claim(point)]
    refused = errors_on(save(admin_client, point, foreign))
    assert refused.count("not one of the available choices") == len(foreign)
    both = save(admin_client, point, {"claims-0-reach": figure.pk, "claims-0-funding": money.pk})
    (inline,) = both.context["inline_admin_formsets"]
    assert [*inline.formset.forms[0].errors] == ["funding"]
    assert "sum of money, not both" in errors_on(both)
    right = {"claims-0-reach": figure.pk, "claims-1-funding": money.pk}
    assert save(admin_client, point, right).status_code == 302
    for claim in claims:
        claim.refresh_from_db()
    assert (claims[0].reach, claims[1].funding) == (figure, money)
