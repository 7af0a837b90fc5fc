"""A row whose number was another's before, as after a dump replaced the catalogue."""

import pytest
from django.contrib.auth.models import User

from programmes.models import Edit, Programme, Source
from stemobs.admin.history import list_edits
from stemobs.catalogue.editing import edit
from stemobs.catalogue.history import Owner, OwnersPast
from stemobs.curation.writers import find_last_changer, find_writer
from stemobs.entries.history.states import read_state
from stemobs.entries.history.steps import tell_past
from tests.builders import make_claim, make_discrepancy, make_programme, make_reach
from tests.catalogue.marks import begin_another_transaction, number

pytestmark = pytest.mark.django_db


def test_a_record_has_nothing_of_the_past_of_one_that_had_its_number_before() -> None:
    anna, ben = (User.objects.create(username=name) for name in ("anna", "ben"))
    begin_another_transaction()
    with edit(Edit.Kind.CURATOR, anna):
        former = make_programme(name="Former")
        claim = make_claim(make_discrepancy(former))
        figure = make_reach(former, 40)
    pk, then = former.pk, number()
    begin_another_transaction()
    with edit(Edit.Kind.DUMP) as loaded:
        former.delete()
        programme = make_programme(pk=pk, name="Present")
        point = make_discrepancy(programme, pk=claim.discrepancy_id)
        begun = number()
    begin_another_transaction()
    with edit(Edit.Kind.CURATOR, ben):
        make_reach(programme, 55, pk=figure.pk)
    assert read_state(programme, then) is None
    assert [step.event for step in tell_past(programme).steps] == ["", "added"]
    assert tell_past(programme).is_whole
    state = read_state(programme, begun)
    assert state
    assert state.programme.name == "Present"
    assert [one.pk for one in state.programme.discrepancies.all()] == [point.pk]
    assert not state.programme.discrepancies.all()[0].claims.all()
    assert (find_writer(pk), find_last_changer(pk)) == (None, ben.pk)
    assert [one.user for one in list_edits(programme)] == [ben, None]
    assert list_edits(programme).last() == loaded
    assert OwnersPast(Owner("programme", pk), then).read_rows(Programme) == {}


def test_a_source_has_only_its_own_edits() -> None:
    begin_another_transaction()
    with edit(Edit.Kind.CURATOR):
        source = Source.objects.create(slug="former", title="Former")
    with edit(Edit.Kind.DUMP) as loaded:
        pk = source.pk
        source.delete()
        source = Source.objects.create(pk=pk, slug="present", title="Present")
    assert list(list_edits(source)) == [loaded]
