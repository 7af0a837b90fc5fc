"""What tests of dumps share: a catalogue without rows."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from stemobs.dumps.past import forget_history
from stemobs.dumps.restore import clear_catalogue


@pytest.fixture(scope="module")
def emptied(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Delete all rows and their past, from the first test that asks for it to the end of its file.

    Each test undoes its own changes, within the transaction in which this is undone at the end: on
    PostgreSQL to delete all rows takes longer than most of these tests.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        clear_catalogue(replace=True)
        forget_history()  # else every private dump has it
        connection.check_constraints()  # else each test looks at the deleted rows again
        yield
        transaction.set_rollback(True)
