"""Fixtures and hooks for all tests: a test database, filled once from the project's fixtures."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.core.signals import setting_changed
from django.db.backends.base.base import BaseDatabaseWrapper
from django.dispatch import receiver
from pytest_django import DjangoDbBlocker

from stemobs.catalogue.catalogue import keeper
from stemobs.catalogue.triggers.numbering import AT_ONCE
from stemobs.dumps.seed import seed_catalogue
from tests import chance
from tests.servers import FIXTURES, SEEDED

TESTS = Path(__file__).parent
# The URI by which Django opens its SQLite test database in memory.
IN_MEMORY = "file:memorydb_default?mode=memory&cache=shared"


# Rooms that only show rows which other tests find equal on both databases.
SHOWING = {"api", "entries", "exports", "insights", "pages", "selection", "workshop"}
# But these ask a page and a file of every kind, send rows while they read, or tell of writes.
ON_BOTH = {
    *("api/test_changes.py", "api/test_programmes.py", "api/test_publication.py"),
    *("entries/test_cited.py", "exports/test_sending.py", "pages/test_kinds.py"),
}
# What is decided by addresses, heads, styles, forms and files, before or after a database is asked.
# Forms that save are asked of both databases in admin/test_saving.py and processes/.
AROUND = {
    *(
        "admin/test_addresses.py",
        "admin/test_asking.py",
        "admin/test_checking.py",
        "admin/test_drafts.py",
        "admin/test_four_eyes.py",
        "admin/test_lines.py",
        "admin/test_links.py",
        "admin/test_pages.py",
        "admin/test_partnerships.py",
        "admin/test_programmes.py",
        "admin/test_seen_figures.py",
        "admin/test_suggestions.py",
        "admin/test_tasks.py",
        "admin/test_two_people.py",
        "admin/test_verifying.py",
        "admin/moves/test_proposing.py",
        "admin/moves/test_renaming_and_withdrawing.py",
        "dumps/test_archive.py",
        "dumps/test_seeding_after_mergers.py",
        "http/test_caching.py",
        "http/test_clients.py",
        "http/test_errors.py",
        "http/test_guard.py",
    ),
    *("http/test_headers.py", "http/test_plain.py", "http/test_tracking.py"),
    *(
        "http/test_unknown.py",
        "programmes/test_pictures.py",
        *("test_styles.py", "test_urls.py", "test_wsgi.py"),
    ),
}
# Long tests for which `./dev test` takes SQLite alone; a trial takes both.
LONG = {
    "admin/test_comments.py",
    "admin/test_lists.py",
    "admin/test_roles.py",
    "admin/test_undoing.py",
    "catalogue/test_history.py",
    "catalogue/test_no_trace.py",
    "curation/links/test_processes.py",
    "curation/test_keeping.py",
    "dumps/test_lines_of_mergers.py",
    "dumps/test_pasts.py",
    "dumps/test_restore.py",
    "dumps/test_seed.py",
    "dumps/test_superseded.py",
    "http/test_sign_in.py",
    "processes/test_request_lines.py",
    "processes/test_waiting.py",
}
# Of a test with three cases or more `./dev test` takes every second one, and the trial `cases`
# takes all. But it takes all that the data say, who may do what, and all files of partners.
FEW = 3
ALL_CASES = (
    *("data/", "admin/test_four_eyes.py", "admin/test_roles.py", "curation/test_roles.py"),
    "curation/importing/test_corpus.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests for which one kind of database is enough as `once`, and what is left to trials."""
    mark_once(items)
    for cases in list_cases(items):
        for item in {*cases} - {*chance.thin(cases, 2)} if len(cases) >= FEW else ():
            item.add_marker(pytest.mark.trial)


def list_cases(items: list[pytest.Item]) -> Iterable[list[pytest.Item]]:
    """Return the cases of each test of a room; those that are for trials anyway are left out."""
    cases: dict[tuple[Path, str], list[pytest.Item]] = {}
    for item in items:
        place = item.path.relative_to(TESTS)
        is_of_room = len(place.parts) > 1 and not str(place).startswith(ALL_CASES)
        if is_of_room and not item.get_closest_marker("trial"):
            cases.setdefault((item.path, getattr(item, "originalname", "")), []).append(item)
    return cases.values()


def mark_once(items: list[pytest.Item]) -> None:
    for item in items:
        place = item.path.relative_to(TESTS)
        shows = place.parts[0] in SHOWING and str(place) not in ON_BOTH
        is_long = str(place) in LONG and not chance.TIMES
        if shows or is_long or str(place) in AROUND or not asks_a_database(item):
            item.add_marker(pytest.mark.once)


def asks_a_database(item: pytest.Item) -> bool:
    """Whether a test uses the tests' own database, or a site with another of the same kind."""
    fixtures = {"db", "transactional_db", "django_db_setup", "environment", "site"}
    return bool(item.get_closest_marker("django_db")) or not fixtures.isdisjoint(
        getattr(item, "fixturenames", ())
    )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """Lift PostgreSQL's limits on idle transactions, and copy the test database from a seeded one.

    A test is one transaction. A random test may compute in Python for seconds between two
    statements, longer than the settings allow for a request.
    """
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql"):
        database["OPTIONS"]["options"] += (
            f" -c idle_in_transaction_session_timeout=0 -c statement_timeout=60000 -c {AT_ONCE}=on"
        )
        database.setdefault("TEST", {})["TEMPLATE"] = SEEDED or None
        yield
    else:
        # A database in memory exists only as long as a connection to it is open.
        with closing(sqlite3.connect(IN_MEMORY, uri=True)) as held:
            if SEEDED:
                with closing(sqlite3.connect(SEEDED)) as seeded:
                    seeded.backup(held)
            yield


@pytest.fixture(scope="session", autouse=True)
def _no_request_closes_a_transaction() -> None:
    """Keep requests that end during a test from closing the connection with its transaction.

    Django closes the connection at the end of a request. The test client prevents this, except
    when a test closes a response itself or when an unread response is garbage-collected.
    """
    close = BaseDatabaseWrapper.close_if_unusable_or_obsolete

    def close_between_transactions(self: BaseDatabaseWrapper) -> None:
        if not self.in_atomic_block:
            close(self)

    BaseDatabaseWrapper.close_if_unusable_or_obsolete = close_between_transactions


@pytest.fixture(scope="session", autouse=True)
def _no_kept_answers() -> None:
    """Let answers be made anew for each test: what one saves is rolled back for the next."""
    dummy = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    settings.CACHES |= {"answers": dummy, "tags": dummy}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Fill the test database with the catalogue; each test rolls back what it changes."""
    with django_db_blocker.unblock():
        if not SEEDED:
            seed_catalogue(FIXTURES)
        # Read outside any transaction, because a catalogue read inside one is not kept.
        keeper.current()


def forget_cards() -> None:
    if keeper.kept:
        keeper.kept.cards.clear()
        keeper.kept.marked_cards.clear()


@pytest.fixture(autouse=True)
def _no_cards_where_queries_are_counted(request: pytest.FixtureRequest) -> None:
    """Empty the card cache before tests that count queries; other tests share cached cards."""
    if hasattr(request.module, "CaptureQueriesContext") or any(
        name.startswith("django_assert") for name in request.fixturenames
    ):
        forget_cards()


@receiver(setting_changed)
def _no_cards_of_other_settings(setting: str, **_kwargs: Any) -> None:
    """Empty the card cache when a setting changes, because cards contain the site's address."""
    if setting not in ("API_RATE", "SUGGESTION_RATE"):
        forget_cards()


@pytest.fixture(autouse=True)
def _no_limit(settings: LazySettings) -> None:
    """Turn the rate limit off, because tests send many requests; tests of the limit set one."""
    settings.API_RATE = settings.SUGGESTION_RATE = ""
