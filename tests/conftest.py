"""What every test stands on: one database, filled once from the fixtures that users get."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.core.signals import setting_changed
from django.db.backends.base.base import BaseDatabaseWrapper
from django.dispatch import receiver
from pytest_django import DjangoDbBlocker

from stemobs.catalogue.catalogue import keeper
from stemobs.dumps.seed import seed_catalogue
from tests.servers import FIXTURES, SEEDED

# Where Django keeps a database that is in memory only.
IN_MEMORY = "file:memorydb_default?mode=memory&cache=shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is run once: it would find the same whatever kind of database there is."""
    for item in items:
        if not asks_a_database(item):
            item.add_marker(pytest.mark.once)


def asks_a_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "django_db_blocker"}
    return bool(item.get_closest_marker("django_db")) or not fixtures.isdisjoint(
        getattr(item, "fixturenames", ())
    )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """Let PostgreSQL wait for a slow machine: a test is one transaction, mostly idle.

    A random test counts in Python for seconds between two statements, and on a busy machine for
    longer than a request may. And have the test database made as a copy of the seeded one.
    """
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql"):
        database["OPTIONS"]["options"] += (
            " -c idle_in_transaction_session_timeout=0 -c statement_timeout=60000"
        )
        database.setdefault("TEST", {})["TEMPLATE"] = SEEDED or None
        yield
    else:
        # What is in memory is there as long as a connection is open.
        with closing(sqlite3.connect(IN_MEMORY, uri=True)) as held:
            if SEEDED:
                with closing(sqlite3.connect(SEEDED)) as seeded:
                    seeded.backup(held)
            yield


@pytest.fixture(scope="session", autouse=True)
def _no_request_closes_a_transaction() -> None:
    """Keep the connection that holds a test's transaction, whatever request ends meanwhile.

    The end of a request closes a connection that is within a transaction. The test client sees to
    that, but not where a test closes an answer, or the collector of garbage one half read.
    """
    close = BaseDatabaseWrapper.close_if_unusable_or_obsolete

    def close_between_transactions(self: BaseDatabaseWrapper) -> None:
        if not self.in_atomic_block:
            close(self)

    BaseDatabaseWrapper.close_if_unusable_or_obsolete = close_between_transactions


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Fill the test database with the catalogue; each test rolls back what it changes."""
    with django_db_blocker.unblock():
        if not SEEDED:
            seed_catalogue(FIXTURES)
        # Outside the transaction of any test: what is read within one is never kept.
        keeper.current()


def forget_cards() -> None:
    if keeper.kept:
        keeper.kept.cards.clear()
        keeper.kept.marked_cards.clear()


@pytest.fixture(autouse=True)
def _no_cards_where_queries_are_counted(request: pytest.FixtureRequest) -> None:
    """Elsewhere cards are kept from test to test, as they are from reader to reader."""
    if hasattr(request.module, "CaptureQueriesContext") or any(
        name.startswith("django_assert") for name in request.fixturenames
    ):
        forget_cards()


@receiver(setting_changed)
def _no_cards_of_other_settings(setting: str, **_kwargs: Any) -> None:
    """Cards hold the addresses of the site."""
    if setting != "API_RATE":
        forget_cards()


@pytest.fixture(autouse=True)
def _no_limit(settings: LazySettings) -> None:
    """Tests ask far more often than any reader; those about the limit set one."""
    settings.API_RATE = ""
