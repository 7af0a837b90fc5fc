"""Lineage: no entry came from itself, or is a part of itself, by whatever way."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from partnerships.models import Lineage
from programmes.models import Programme
from tests.admin.forms import errors_on, save
from tests.builders import make_lineage, make_platform, make_programme, make_strategy

pytestmark = pytest.mark.django_db

AHEAD = ("derived-from", "renamed-from", "successor-of")
BACK = ("adapted-as", "succeeded-by")


def three() -> list[Programme]:
    return [make_programme(name=name) for name in ("One", "Two", "Three")]


def read_error(row: Lineage) -> str:
    try:
        row.full_clean(exclude=["slug", "source"])
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@pytest.mark.parametrize("last", AHEAD)
@pytest.mark.parametrize("first", [*AHEAD, *BACK])
def test_an_entry_that_would_come_from_itself_is_refused_and_the_circle_named(
    first: str, last: str
) -> None:
    one, two, three_ = three()
    ends = (two, one) if first in AHEAD else (one, two)
    make_lineage(from_programme=ends[0], relation=first, to_programme=ends[1])
    make_lineage(from_programme=three_, relation="derived-from", to_programme=two)
    row = Lineage(from_programme=one, relation=last, to_programme=three_)
    assert (
        read_error(row)
        == "This would go round in a circle: One → Three → Two → One. Choose something else."
    )


def test_a_circle_may_pass_strategies_and_platforms() -> None:
    programme, strategy = make_programme(name="One"), make_strategy(name="Plan")
    make_lineage(from_strategy=strategy, relation="part-of", to_programme=programme)
    row = Lineage(from_programme=programme, relation="part-of", to_strategy=strategy)
    assert (
        read_error(row)
        == "This would go round in a circle: One → Plan → One. Choose something else."
    )
    assert not read_error(
        Lineage(from_programme=programme, relation="part-of", to_platform=make_platform())
    )


@pytest.mark.parametrize("relation", Lineage.Relation.values)
def test_no_entry_is_related_to_itself(relation: str) -> None:
    one = make_programme(name="One")
    row = Lineage(from_programme=one, relation=relation, to_programme=one)
    assert read_error(row) == "This would go round in a circle: One → One. Choose something else."


def test_ideas_may_go_both_ways_and_one_row_may_be_told_from_both_ends() -> None:
    one, two, three_ = three()
    make_lineage(from_programme=one, relation="inspired", to_programme=two)
    assert not read_error(Lineage(from_programme=two, relation="inspired", to_programme=one))
    make_lineage(from_programme=one, relation="adapted-as", to_programme=three_)
    assert not read_error(Lineage(from_programme=three_, relation="derived-from", to_programme=one))
    assert not read_error(Lineage(from_programme=one, relation="part-of", to_programme=three_))
    assert not read_error(Lineage(from_programme=one, relation="inspired", to_text="Others"))


def test_a_row_that_is_turned_round_is_not_in_its_own_way() -> None:
    one, two, _three = three()
    row = make_lineage(from_programme=one, relation="derived-from", to_programme=two)
    row.relation = "adapted-as"
    assert not read_error(row)


def test_the_admin_names_the_circle_beside_the_row(admin_client: Client) -> None:
    one, two, _three = three()
    make_lineage(from_programme=one, relation="successor-of", to_programme=two)
    row = make_lineage(from_programme=two, relation="inspired", to_programme=one)
    response = save(admin_client, row, {"relation": "successor-of"})
    assert "This would go round in a circle: Two → One → Two. Choose something else." in errors_on(
        response
    )
    row.refresh_from_db()
    assert row.relation == "inspired"
