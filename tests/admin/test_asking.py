"""What the addresses of lists, forms and choices may ask for: nothing stalls, nothing fails."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from partnerships.models import Organisation
from programmes.models import Discrepancy, Programme
from tests.admin.curating import REGISTERED
from tests.admin.forms import address

HUGE = "9" * 20
UNDECLARED = [
    r"summary__regex=^(\w%2B\s?)*\$$",
    "slug__iregex=(",
    "slug__regex=[",
    "id__in=a",
    "id__in=1,2",
    "pk=1",
    "id=a",
    "curators_note__startswith=a",
    "name=a",
    "name__contains=a",
    "state__in=draft",
    "state__regex=(",
    "state__exact__regex=(",
    "levels__id__in=a",
    "levels__id__gte=1",
    "countries__name__regex=(",
    "partnerships__organisation__notes__regex=(",
    "merged_into__name__regex=(",
    "verified_on__year=a",
    "created_at__gte=a",
    "p=a",
    "p=-1",
    "p=" + "9" * 5000,
    "o=abc",
    "o=1.2.3.4.5.6.7.8.9.10.11.12",
    "o=" + ".".join("1" * 1500),
    "_to_field=slug",
    "_to_field=password",
    "q=" + "a+" * 200,
    "state__exact=draft&state__exact=draft",
    "levels__id__exact=a",
    "countries__id__exact=é",
    "__class__=a",
    "__=a",
    "-=a",
    "%5B=1",
]


@pytest.mark.parametrize("query", UNDECLARED)
def test_a_list_of_programmes_refuses_in_words_what_it_does_not_offer(
    admin_client: Client, query: str
) -> None:
    answer = admin_client.get(f"{address(Programme)}?{query}")
    assert answer.status_code == 400
    words = answer.content.decode()
    assert "This list has no filter" in words or "has a wrong value" in words


@pytest.mark.parametrize("model", [*REGISTERED, User], ids=lambda model: model._meta.model_name)
def test_every_list_refuses_lookups_of_its_columns(admin_client: Client, model: Any) -> None:
    for field in model._meta.concrete_fields:
        for lookup in ("regex", "in"):
            asked = f"{address(model)}?{field.name}__{lookup}=("
            assert admin_client.get(asked).status_code == 400, asked


def test_an_action_on_what_is_no_row_is_refused_in_words(admin_client: Client) -> None:
    asked = [(Programme, chosen) for chosen in ("abc", "\x00", "9" * 25, "-1", "")]
    asked += [(model, "9" * 25) for model in (*REGISTERED, User)]
    for model, chosen in asked:
        sent = {"action": "delete_selected", "_selected_action": ["1", chosen]}
        answer = admin_client.post(address(model), sent)
        assert answer.status_code == 400, (model, chosen)
        assert "none of this list’s rows" in answer.text


@pytest.mark.parametrize(
    "query",
    ["", "e=1", "o=1.-2", "o=", "all=", "_popup=1", "_to_field=id", "_to_field=", "_facets=True",
     "state__exact=draft", "state__exact=nonsense", "levels__isnull=True", "levels__isnull=x",
     "levels__id__exact=1", f"levels__id__exact={HUGE}", "missing=levels", "kinds__id__exact=1",
     "q=(", "q=%22", "q=%27%5C", "_changelist_filters=%2"],
)  # fmt: skip
def test_what_a_list_offers_is_answered(admin_client: Client, query: str) -> None:
    answer = admin_client.get(f"{address(Programme)}?{query}")
    assert answer.status_code == (400 if "_changelist_filters" in query else 200)


@pytest.mark.parametrize("query", [f"p={HUGE}", "p=999999999"])
def test_a_page_past_the_end_is_refused_in_words(admin_client: Client, query: str) -> None:
    assert admin_client.get(f"{address(Programme)}?{query}").status_code == 400


@pytest.mark.parametrize(
    "query",
    ["countries=abc", "countries=1,b", f"countries={HUGE}", "merged_into=abc", f"levels={HUGE}",
     "levels=a", "state=nonsense", "year_start=abc", "logo=x", "verified_on=x", "merged_into=%00",
     "_changelist_filters=%ff%3D(%3B", "_changelist_filters=" + "a%26" * 500, "nothing=1"],
)  # fmt: skip
def test_a_form_to_add_is_not_upset_by_its_address(admin_client: Client, query: str) -> None:
    answer = admin_client.get(f"{address(Programme, 'add')}?{query}")
    assert answer.status_code in (200, 400)


@pytest.mark.parametrize("model", [Organisation, Discrepancy, User])
def test_forms_to_add_other_rows_are_not_upset_by_their_addresses(
    admin_client: Client, model: Any
) -> None:
    for field in model._meta.get_fields():
        for value in ("abc", HUGE):
            asked = f"{address(model, 'add')}?{field.name}={value}"
            assert admin_client.get(asked).status_code in (200, 400), asked


@pytest.mark.parametrize("key", ["abc", HUGE, "-1", "1'", "_5F", "%C3%A9"])
@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_a_row_that_does_not_exist_is_told(admin_client: Client, key: str, page: str) -> None:
    asked = f"/admin/programmes/programme/{key}/{page}/"
    assert admin_client.get(asked).status_code in (302, 404)
    assert admin_client.post(asked, {}).status_code in (302, 404, 405)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("app_label=programmes&model_name=programme&field_name=merged_into&term=(", 200),
        ("app_label=programmes&model_name=programme&field_name=merged_into&page=a", 404),
        (f"app_label=programmes&model_name=programme&field_name=merged_into&page={HUGE}", 404),
        ("app_label=programmes&model_name=programme&field_name=slug&term=a", 403),
        ("app_label=programmes&model_name=programme&field_name=nothing", 403),
        ("app_label=auth&model_name=user&field_name=password", 403),
        ("app_label=nothing&model_name=x&field_name=y", 403),
        ("", 403),
    ],
)
def test_choices_are_given_only_for_fields_that_have_them(
    admin_client: Client, query: str, status: int
) -> None:
    assert admin_client.get(f"/admin/autocomplete/?{query}").status_code == status
