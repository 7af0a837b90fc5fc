"""What the history of a record tells of figures that do not stand any more, and of lineage."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from partnerships.models import Lineage
from programmes.models import Edit, Programme
from stemobs.catalogue.editing import edit
from stemobs.entries.history.steps import tell_past
from tests.builders import make_funding, make_lineage, make_programme, make_reach
from tests.catalogue.marks import begin_another_transaction

pytestmark = pytest.mark.django_db


@contextmanager
def editing() -> Iterator[None]:
    begin_another_transaction()
    with edit(Edit.Kind.CURATOR):
        yield


def list_changes(programme: Programme) -> list[list[str]]:
    """Return the changes of each step, the last first, without the beginning of the record."""
    return [[*step.changes] for step in tell_past(programme).steps if not step.event]


def test_what_was_retracted_and_what_was_replaced_is_told_with_the_figure_and_the_reason() -> None:
    programme = make_programme()
    earlier, misread = make_reach(programme, 40, year_to=2019), make_reach(programme, 7)
    paid = make_funding(programme, amount=5, currency="EUR")
    with editing():
        earlier.superseded_by = make_reach(programme, 55)
        earlier.save()
    with editing():
        for row in (misread, paid):
            row.retracted_because = "Of another programme."
            row.save()
    with editing():
        misread.note = "Seen by nobody."
        misread.save()
    with editing():
        misread.retracted_because = ""
        misread.save()
    assert list_changes(programme)[:3] == [
        ["Reach figures: 1 added"],
        [
            "Retracted: “Public, EUR\N{NO-BREAK SPACE}5”. Of another programme.",
            "Retracted: “7 students”. Of another programme.",
        ],
        [
            "Reach figures: 1 added",
            "Replaced by a newer figure: “40 students, until 2019”",
        ],
    ]


def test_a_relation_is_told_in_both_records_when_it_comes_changes_and_goes() -> None:
    one, other = make_programme(), make_programme()
    with editing():
        relation = make_lineage(from_programme=one, to_programme=other)
    with editing():
        relation.note = "By a teacher who moved."
        relation.save()
    with editing():
        relation.delete()
    for programme in (one, other):
        assert list_changes(programme) == [
            ["Relations to others: 1 removed"],
            ["Relations to others: 1 changed"],
            ["Relations to others: 1 added"],
        ]


def test_a_relation_is_told_only_while_readers_may_see_its_other_end() -> None:
    programme, draft = make_programme(), make_programme(state="draft")
    with editing():
        relation = make_lineage(from_programme=programme, to_programme=draft)
    assert list_changes(programme) == []
    with editing():
        Programme.objects.filter(pk=draft.pk).update(state="published")
    assert list_changes(programme) == []
    with editing():
        Lineage.objects.filter(pk=relation.pk).update(note="Told.")
    assert list_changes(programme) == [["Relations to others: 1 changed"]]
    with editing():
        Lineage.objects.filter(pk=relation.pk).update(to_programme=make_programme(state="draft"))
    assert list_changes(programme)[0] == ["Relations to others: 1 removed"]
    with editing():
        Programme.objects.filter(pk=draft.pk).update(state="draft")
    assert list_changes(programme) == []
