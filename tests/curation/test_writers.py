"""Tests of who wrote a record and who changed it last, by its history."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from programmes.models import Edit, Programme, Version
from stemobs.catalogue.editing import edit
from stemobs.catalogue.history import WITHHELD
from stemobs.curation.roles import Role
from stemobs.curation.writers import find_last_changer, find_writer
from tests.builders import (
    kind,
    make_claim,
    make_discrepancy,
    make_guide,
    make_guide_item,
    make_lineage,
    make_programme,
    make_reach,
    make_story,
)
from tests.curation.people import State, change_as, make_person, write_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(db: None) -> User:
    """Who writes the record."""
    return make_person(Role.CURATOR, "anna")


@pytest.fixture
def ben(db: None) -> User:
    """Who does something with it afterwards."""
    return make_person(Role.CURATOR, "ben")


def test_the_writer_of_a_record_stays_the_writer_when_others_change_it(
    anna: User, ben: User
) -> None:
    programme = write_as(anna)
    assert (find_writer(programme.pk), find_last_changer(programme.pk)) == (anna.pk, anna.pk)
    change_as(ben, programme, summary="Other.")
    assert (find_writer(programme.pk), find_last_changer(programme.pk)) == (anna.pk, ben.pk)
    change_as(None, programme, summary="By a program.")
    assert (find_writer(programme.pk), find_last_changer(programme.pk)) == (anna.pk, None)


def test_a_record_that_nobody_wrote_who_signed_in_has_no_writer() -> None:
    programme = write_as(None)
    assert (find_writer(programme.pk), find_last_changer(programme.pk)) == (None, None)


CHANGES: dict[str, Callable[[Programme], object]] = {
    "a figure": make_reach,
    "what a source claims": lambda row: make_claim(make_discrepancy(row)),
    "a kind": lambda row: row.kinds.add(kind("teacher-cpd")),
    "lineage from elsewhere": lambda row: make_lineage(
        from_programme=make_programme(), to_programme=row
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_who_changes_what_belongs_to_a_record_changes_the_record(
    anna: User, ben: User, what: str
) -> None:
    programme = write_as(anna)
    with edit(Edit.Kind.CURATOR, ben):
        CHANGES[what](programme)
    assert find_last_changer(programme.pk) == ben.pk


ELSEWHERE: dict[str, Callable[[Programme], object]] = {
    "a story": make_story,
    "a guide": lambda row: make_guide_item(make_guide(), [row]),
    "its state": lambda row: Programme.objects.filter(pk=row.pk).update(state=State.REVIEW),
}


@pytest.mark.parametrize("what", ELSEWHERE)
def test_who_only_names_a_record_or_moves_it_has_not_changed_what_it_says(
    anna: User, ben: User, what: str
) -> None:
    programme = write_as(anna, state=State.DRAFT)
    with edit(Edit.Kind.CURATOR, ben):
        ELSEWHERE[what](programme)
    assert find_last_changer(programme.pk) == anna.pk


def test_who_withdraws_a_record_has_not_changed_it_unless_something_else_was_changed_too(
    anna: User, ben: User
) -> None:
    programme = write_as(anna)
    change_as(ben, programme, state=State.WITHDRAWN, withdrawn_reason="Made twice.")
    assert find_last_changer(programme.pk) == anna.pk
    change_as(ben, programme, state=State.PUBLISHED, withdrawn_reason="", name="Mine")
    assert find_last_changer(programme.pk) == ben.pk


@pytest.mark.parametrize(
    "what", [{"logo": "drafts/x.png", "logo_alt": "A"}, {"withdrawn_reason": "No."}]
)
def test_who_sends_a_draft_to_review_with_anything_else_has_changed_it(
    anna: User, ben: User, what: dict[str, str]
) -> None:
    programme = write_as(anna, state=State.DRAFT)
    change_as(ben, programme, state=State.REVIEW, **what)
    assert find_last_changer(programme.pk) == ben.pk


def test_who_withdraws_a_record_with_another_picture_has_changed_it(anna: User, ben: User) -> None:
    programme = write_as(anna, logo="logos/one.png", logo_alt="A")
    change_as(ben, programme, state=State.WITHDRAWN, withdrawn_reason="No.", logo="logos/two.png")
    assert find_last_changer(programme.pk) == ben.pk


def test_an_edit_of_which_something_is_withheld_counts_as_a_change(anna: User, ben: User) -> None:
    programme = write_as(anna)
    change_as(ben, programme, state=State.WITHDRAWN, withdrawn_reason="Made twice.")
    kept = Version.objects.filter(object_id=programme.pk, operation="U").latest("pk")
    Version.objects.filter(pk=kept.pk).update(was={**kept.was, WITHHELD: "Why."})
    assert find_last_changer(programme.pk) == ben.pk


def test_who_wrote_another_record_that_had_the_same_number_is_not_the_writer(
    anna: User, ben: User
) -> None:
    former = write_as(anna)
    number = former.pk
    former.delete()
    assert find_writer(write_as(ben, pk=number).pk) == ben.pk
