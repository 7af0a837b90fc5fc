"""Tests of the closest records: each fails exactly one of the choices of a list that finds few."""

import pytest
from django.http import QueryDict
from hypothesis import given

from programmes.models import Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.selection.closest import ENOUGH, MOST, find_closest, find_near, share_places
from stemobs.selection.programmes import PageFilter
from tests import chance, model

pytestmark = pytest.mark.django_db

NOT_CHOSEN = {"sort", "page", "page_size"}


def select(query: str) -> PageFilter:
    return PageFilter(QueryDict(query), get_current_catalogue())


@given(model.queries())
@chance.steady(40)
def test_a_closest_record_fails_exactly_one_choice(asked: tuple[model.Selection, str]) -> None:
    chosen, query = asked
    choices = set(chosen) - NOT_CHOSEN
    slugs = dict(Programme.objects.values_list("pk", "slug"))
    groups = find_closest(select(query))
    assert sum(len(group.ids) for group in groups) <= MOST
    assert not groups or (len(choices) > 1 and len(model.matching(chosen)) < ENOUGH)
    for group in groups:
        rest = {name: values for name, values in chosen.items() if name != group.parameter}
        others = {row.slug for row in model.matching(rest)}
        lacking = others - {row.slug for row in model.matching(chosen)}
        assert {slugs[pk] for pk in group.ids} <= lacking
        assert group.total == len(lacking)
        assert len(select(group.query).matches) == len(others)


def test_the_choices_that_most_records_have_are_told_in_words() -> None:
    groups = find_closest(select("country=SK&open_to=companies&evidence=independent"))
    assert [(group.lack, group.total) for group in groups] == [("the independent evaluation", 4)]


def test_records_of_other_countries_are_the_nearest_first() -> None:
    selection = select("country=SK&open_to=companies&evidence=independent")
    near = find_near(selection, ["CZ", "GB", "DE"])
    assert near is not None
    codes = [
        {*Programme.objects.get(pk=pk).countries.values_list("code", flat=True)} for pk in near.ids
    ]
    assert codes
    assert all("SK" not in some for some in codes)
    ranks = [min(at for at, code in enumerate(["CZ", "GB", "DE"]) if code in s) for s in codes]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("query", ["", "country=NL", "q=zzzz", "country=NL&level=3"])
def test_no_closest_records_are_shown_beside_many_or_for_one_choice(query: str) -> None:
    assert find_closest(select(query)) == []


@pytest.mark.parametrize(
    ("sizes", "shares"),
    [([], []), ([2], [2]), ([50], [6]), ([1, 50], [1, 5]), ([9, 9], [3, 3]), ([9] * 6, [1] * 6)],
)
def test_places_are_shared_among_the_choices(sizes: list[int], shares: list[int]) -> None:
    assert share_places(sizes) == shares
