"""Doing something in the database to see what would become of it, and taking it back."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import transaction

from programmes.models import keep_only_used


class _TakenBack(Exception):
    """Ends a transaction whose outcome nobody is to see."""


@contextmanager
def tried() -> Iterator[None]:
    """Take back all that is written in the block. Others see nothing of it at any time.

    Numbers, triggers and locks are as in earnest; what waits for the commit never comes.
    Pictures that were stored meanwhile are deleted.
    """
    with keep_only_used(), suppress(_TakenBack), transaction.atomic():
        yield
        raise _TakenBack
