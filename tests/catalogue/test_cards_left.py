"""Tests that cards go over to the next state of the catalogue, except those that show a change."""

from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from hypothesis import given
from hypothesis import strategies as st

from partnerships.models import Criterion, Organisation
from programmes.models import Country, Programme, Revision, Source, Unit
from stemobs.api.organisations import OrganisationRowSerializer
from stemobs.catalogue.catalogue import Catalogue, Store, build_catalogue, renew_catalogue
from stemobs.entries.cards import CARD, CHOOSABLE_LINE, get_or_make, map_cards
from stemobs.exports.rows import read_rows
from stemobs.text import Search
from tests import builders, chance
from tests.catalogue.edits import EDITS
from tests.catalogue.marks import begin_another_transaction

pytestmark = pytest.mark.django_db

FEW = 20
SEARCHED = Search(words=("robots",))


def fill(catalogue: Catalogue, programmes: list[int], organisations: list[int]) -> None:
    """Make cards and rows of the API, as requests would."""
    for template in (CARD, CHOOSABLE_LINE):
        map_cards(catalogue, programmes, Search(), template, "")
    map_cards(catalogue, programmes, SEARCHED, CARD, "")

    def write_programmes(ids: list[int]) -> dict[int, Any]:
        return {pk: repr(row) for pk, row in read_rows(catalogue, ids).items()}

    def write_organisations(ids: list[int]) -> dict[int, Any]:
        context = {"view": SimpleNamespace(catalogue=catalogue)}
        rows = Organisation.objects.public().in_bulk(ids).items()
        return {pk: repr(OrganisationRowSerializer(row, context=context).data) for pk, row in rows}

    get_or_make(catalogue.cards, ("programmes", get_language()), programmes, write_programmes)
    get_or_make(
        catalogue.cards, ("organisations", get_language()), organisations, write_organisations
    )


def list_some() -> tuple[list[int], list[int]]:
    """Return the newest programmes and organisations, which random edits are about."""
    programmes = Programme.objects.order_by("-pk").values_list("pk", flat=True)[:FEW]
    organisations = Organisation.objects.order_by("-pk").values_list("pk", flat=True)[:FEW]
    return list(programmes), list(organisations)


@given(st.data())
@chance.steady(2)
def test_cards_that_are_left_after_any_edit_are_what_would_be_made_anew(
    data: st.DataObject,
) -> None:
    with transaction.atomic():
        builders.make_programme(name="Quokka robots")
        kept = build_catalogue()
        fill(kept, *list_some())
        for make in data.draw(st.lists(st.sampled_from(EDITS), min_size=4, max_size=4)):
            begin_another_transaction()
            with suppress(IntegrityError), transaction.atomic():
                make(data)
            kept, anew = renew_catalogue(kept), build_catalogue()
            for one in (kept, anew):
                fill(one, *list_some())
            assert differing(kept.cards, anew.cards) == []
            assert differing(kept.marked_cards, anew.marked_cards) == []
        transaction.set_rollback(True)


def differing(left: Store, anew: Store) -> list[Any]:
    """Return the keys of cards of which two states have different ones."""
    return [key for key in left.keys() & anew.keys() if left[key] != anew[key]]


@pytest.fixture
def programme() -> Programme:
    """A programme with a figure, of which a partner with other names takes part."""
    programme = builders.make_programme(slug="with-partner")
    builders.make_partnership(programme, builders.make_organisation(name="Wallaby Ltd"))
    return programme


Write = Callable[[Programme], Any]
SHOWN_BY_ITS_CARDS: dict[str, Write] = {
    "itself": lambda one: Programme.objects.filter(pk=one.pk).update(summary="Something else."),
    "its state": lambda one: Programme.objects.filter(pk=one.pk).update(state="draft"),
    "its countries": lambda one: one.countries.add(builders.country("NL")),
    "a new figure": lambda one: builders.make_reach(one),
    "its partner": lambda one: Organisation.objects.filter(name="Wallaby Ltd").update(name="Emu"),
    "another name of its partner": lambda one: builders.make_organisation_name(
        one.partnerships.get().organisation, name="Emu"
    ),
    "what became of a partnership": lambda one: one.partnerships.all().delete(),
}


@pytest.mark.parametrize("what", SHOWN_BY_ITS_CARDS)
def test_a_change_drops_the_cards_that_show_it_and_leaves_all_others(
    what: str, programme: Programme
) -> None:
    other = builders.make_programme(slug="other")
    before = build_catalogue()
    fill(before, [programme.pk, other.pk], [])
    begin_another_transaction()
    SHOWN_BY_ITS_CARDS[what](programme)
    after = renew_catalogue(before)
    for old, new in ((before.cards, after.cards), (before.marked_cards, after.marked_cards)):
        assert {key for key in old if key[-1] == other.pk} == set(new) != set()
    assert len(before.cards) == 2 * len(after.cards)


SHOWN_BY_MANY: dict[str, Write] = {
    "a unit": lambda one: Unit.objects.filter(slug="students").update(name="learners"),
    "a source": lambda one: Source.objects.filter(is_public=True).update(title="Another title"),
    "a country": lambda one: Country.objects.filter(code="NL").update(name="Quokkaland"),
    "criteria": lambda one: Criterion.objects.update(description="Others"),
}


@pytest.mark.parametrize("what", SHOWN_BY_MANY)
def test_a_change_of_what_many_may_show_drops_all_cards_even_beside_that_of_a_programme(
    what: str, programme: Programme
) -> None:
    other = builders.make_programme(slug="other")
    before = build_catalogue()
    fill(before, [programme.pk, other.pk], [])
    begin_another_transaction()
    SHOWN_BY_ITS_CARDS["itself"](programme)
    SHOWN_BY_MANY[what](programme)
    after = renew_catalogue(before)
    assert after.cards == after.marked_cards == {}


def test_a_new_source_of_one_programme_leaves_the_cards_of_others(programme: Programme) -> None:
    other = builders.make_programme(slug="other")
    before = build_catalogue()
    fill(before, [programme.pk, other.pk], [])
    begin_another_transaction()
    source = builders.make_source(is_public=False)
    builders.make_reach(programme, source=source)
    source.refresh_from_db()
    assert source.is_public
    after = renew_catalogue(before)
    assert {key[-1] for key in after.cards} == {other.pk}


def test_readers_of_the_former_state_add_no_card_to_the_next_one(programme: Programme) -> None:
    before = build_catalogue()
    begin_another_transaction()
    SHOWN_BY_ITS_CARDS["itself"](programme)
    after = renew_catalogue(before)
    fill(before, [programme.pk], [])
    assert after.cards == after.marked_cards == {}


def test_cards_of_a_lost_history_are_not_left(programme: Programme) -> None:
    before = build_catalogue()
    fill(before, [programme.pk], [])
    Revision.objects.update(history=uuid4())
    assert renew_catalogue(before).cards == {}
