"""What may be sent for numbers and choices: whatever it is, it is saved or told to be wrong."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.admin.forms import address, filled_in, save
from tests.builders import make_programme, make_statement, make_strategy

pytestmark = [pytest.mark.django_db, pytest.mark.once]

HUGE = "9" * 20
NUMBERS = ("year_start", "statements-0-value", "statements-0-year_from")
CHOICES = ("countries", "owners", "implementing_body", "level", "statements-0-source")


@pytest.mark.parametrize(
    "sent", ["x", "é", "٣x", "NaN", "sNaN", "-Infinity", "1e999999999", HUGE, "9" * 5000, "a\x00b"]
)
def test_what_is_no_number_and_no_choice_is_an_error_at_its_field(
    admin_client: Client, sent: str
) -> None:
    strategy = make_strategy()
    make_statement(strategy=strategy, value=100)
    response = save(admin_client, strategy, dict.fromkeys((*NUMBERS, *CHOICES), sent))
    assert response.status_code == 200
    wrong = {*response.context["adminform"].form.errors}
    for rows in response.context["inline_admin_formsets"]:
        wrong |= {f"{form.prefix}-{name}" for form in rows.formset for name in form.errors}
    assert wrong == {*NUMBERS, *CHOICES}


@pytest.mark.parametrize("sent", ["x", HUGE])
def test_boxes_and_lists_of_choices_take_only_what_they_offer(
    admin_client: Client, admin_user: User, sent: str
) -> None:
    for row, name in ((make_programme(), "levels"), (admin_user, "role")):
        response = save(admin_client, row, {name: [sent]})
        assert [*response.context["adminform"].form.errors] == [name]


@pytest.mark.parametrize("sent", ["x", HUGE])
def test_a_new_record_too_is_refused_at_the_field(admin_client: Client, sent: str) -> None:
    add = address(type(make_strategy()), "add")
    page: Any = admin_client.get(add)
    response: Any = admin_client.post(add, {**filled_in(page), "countries": [sent]})
    assert "countries" in response.context["adminform"].form.errors
