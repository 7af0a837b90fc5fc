"""Tests of rows that are checked often: they ask little, and refuse what they refused before."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programmes.columns.rows import keep_replaced
from programmes.models import Reach
from tests.builders import make_programme, make_reach

pytestmark = pytest.mark.django_db

WRONG = {"year_from": 2020, "year_to": 2010, "qualifier": "range", "value_max": None}
YEARS = "The last year is before the first. Check both."
RANGE = "A range needs an upper end above its lower end; other figures have none."


def make_wrong() -> Reach:
    figure = make_reach(make_programme(), 7)
    for name, value in WRONG.items():
        setattr(figure, name, value)
    return figure


def test_all_conditions_of_a_row_are_asked_in_one_query() -> None:
    figure = make_reach(make_programme(), 7)
    with CaptureQueriesContext(connection) as captured:
        figure.full_clean()
    asked = [one["sql"] for one in captured]
    assert sum("_check" in sql for sql in asked) == 1
    assert not any("programmes_unit" in sql for sql in asked)  # it was read with the figure


def test_every_condition_that_does_not_hold_is_told() -> None:
    with pytest.raises(ValidationError) as refused:
        make_wrong().validate_constraints()
    assert sorted(refused.value.messages) == sorted([RANGE, YEARS])


def test_a_condition_on_a_column_that_is_left_out_is_not_asked() -> None:
    with pytest.raises(ValidationError) as refused:
        make_wrong().validate_constraints(exclude={"year_to"})
    assert refused.value.messages == [RANGE]


def test_a_related_row_that_does_not_exist_is_refused() -> None:
    figure = make_reach(make_programme(), 7)
    figure.unit_id = 999_999
    with pytest.raises(ValidationError) as refused:
        figure.full_clean()
    assert [*refused.value.message_dict] == ["unit"]


def test_figures_know_which_of_them_they_replaced() -> None:
    programme = make_programme()
    new = make_reach(programme, 8)
    old = make_reach(programme, 7, superseded_by=new)
    rows = [*programme.reach.order_by("pk")]
    keep_replaced(rows)
    with CaptureQueriesContext(connection) as captured:
        assert [[*row.replaces.all()] for row in rows] == [[old], []]
    assert not captured.captured_queries
