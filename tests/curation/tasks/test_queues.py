"""What rows of tasks can hold, and what happens where two people handle them at once."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from programmes.models import Task
from stemobs.curation.roles import Role
from stemobs.curation.tasks.queues import close, count_open, give_back, take, take_ten
from tests.builders import make_task
from tests.curation.people import make_person

pytestmark = pytest.mark.django_db
State = Task.State


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("task_closed_with_reason", {"state": State.CLOSED, "closed_at": timezone.now()}),
        ("task_closed_at_a_time", {"state": State.GONE}),
        ("task_closed_at_a_time", {"closed_at": timezone.now()}),
        ("task_once", {"key": "of another"}),
    ],
)
def test_forms_and_the_database_refuse_a_task_that_cannot_be(
    name: str, fields: dict[str, Any]
) -> None:
    make_task(key="of another")
    task = make_task()
    for field, value in fields.items():
        setattr(task, field, value)
    (told,) = [c.violation_error_message for c in task._meta.constraints if c.name == name]
    with pytest.raises(ValidationError) as caught:
        task.full_clean()
    assert str(told) in caught.value.messages
    with pytest.raises(IntegrityError), transaction.atomic():
        task.save()


def test_tasks_of_other_kinds_may_be_about_the_same() -> None:
    assert make_task("gap", key="1").key == make_task("stale", key="1").key


def test_nobody_handles_what_somebody_else_has_or_what_is_closed() -> None:
    anna, ben = make_person(Role.CURATOR, "anna"), make_person(Role.CURATOR, "ben")
    free, held, shut = make_task(), make_task(), make_task(state=State.GONE)
    assert take([held.pk], ben).done == [held]
    pks = [free.pk, held.pk, shut.pk]
    for handled in (take(pks, anna), give_back(pks, anna), close(pks, anna, "It is right.")):
        assert (handled.done, handled.held, handled.closed) == ([free], [held], [shut])
    assert count_open()["gap"] == 1
    held.refresh_from_db()
    assert held.taken_by == ben


def test_nobody_gets_ten_where_less_is_free() -> None:
    anna = make_person(Role.CURATOR, "anna")
    assert take_ten(anna) == []
    task = make_task()
    assert take_ten(anna) == [task]
    assert take_ten(anna) == []
