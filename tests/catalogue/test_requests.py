"""Tests that a request uses one catalogue throughout.

tests/processes/test_one_state.py tests the same while other processes commit.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, connections
from django.http import HttpRequest
from django.test import Client, RequestFactory
from rest_framework.request import Request

from programmes.models import Revision
from stemobs.catalogue import catalogue as module
from stemobs.catalogue.catalogue import Keeper, build_catalogue, get_current_catalogue, keeper
from stemobs.catalogue.states.moments import (
    READING,
    Moment,
    hold_one_state,
    read_latest_moment,
    write_beginning,
)
from stemobs.catalogue.states.requests import get_request_catalogue, read_one_state
from stemobs.databases.faults import availability
from tests import builders
from tests.catalogue.marks import begin_another_transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of_a_page() -> HttpRequest:
    return RequestFactory().get("/")


def test_a_request_keeps_its_catalogue_despite_later_writes(request_of_a_page: HttpRequest) -> None:
    first = get_request_catalogue(request_of_a_page)
    builders.make_programme(slug="in-between")
    assert get_request_catalogue(request_of_a_page) is first
    assert "in-between" in get_request_catalogue(RequestFactory().get("/")).programmes.labels


def test_a_rest_framework_request_has_the_catalogue_of_the_django_request_it_wraps(
    request_of_a_page: HttpRequest,
) -> None:
    wrapped = Request(request_of_a_page)
    assert get_request_catalogue(wrapped) is get_request_catalogue(request_of_a_page)
    assert get_request_catalogue(Request(request_of_a_page)) is get_request_catalogue(wrapped)


def test_read_one_state_yields_the_moment_of_the_request_catalogue(
    request_of_a_page: HttpRequest,
) -> None:
    with read_one_state(request_of_a_page) as moment:
        assert moment == read_latest_moment(connection)
        assert get_request_catalogue(request_of_a_page).moment == moment


def test_a_request_with_a_snapshot_uses_the_shared_catalogue(
    request_of_a_page: HttpRequest,
) -> None:
    with read_one_state(request_of_a_page):
        assert get_request_catalogue(request_of_a_page) is keeper.kept


def test_a_request_without_a_snapshot_does_not_add_to_the_shared_caches(
    request_of_a_page: HttpRequest,
) -> None:
    shared, own = get_current_catalogue(), get_request_catalogue(request_of_a_page)
    shared.cards["before"] = "shared"
    own.cards["now"] = "own"
    own.make_once("lasts", lambda: "own")
    own.make_once_in_this_state("answer", lambda: "own")
    assert own.cards["before"] == "shared"
    assert own.programmes is shared.programmes
    assert not own.is_shared
    assert "now" not in shared.cards
    assert "lasts" not in shared.lasting
    assert "answer" not in shared.answers


def test_cards_rendered_for_a_signed_in_curator_are_not_cached_for_others(client: Client) -> None:
    kept = get_current_catalogue()
    kept.cards.clear()  # those of other tests
    client.force_login(User.objects.create_superuser("curator"))
    assert client.get("/programmes/").status_code == 200
    assert not kept.cards
    client.logout()
    client.cookies.clear()
    assert client.get("/programmes/").status_code == 200
    assert kept.cards


# --- Catalogues of older and newer states ---------------------------------------------------------


class BetweenTransactions:
    """A wrapper of the test's connection that pretends not to be inside a transaction."""

    in_atomic_block = False

    def __getattr__(self, name: str) -> Any:
        return getattr(connection, name)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    """A keeper used by this test only, which keeps catalogues despite the test's transaction."""
    one = Keeper()
    one.kept = build_catalogue()
    monkeypatch.setattr(module, "connection", BetweenTransactions())
    READING.add(connections["default"])  # so that `hold_one_state` does not begin a transaction
    yield one
    READING.discard(connections["default"])


def commit(slug: str) -> Moment:
    begin_another_transaction()
    builders.make_programme(slug=slug)
    return read_latest_moment(connection)


def test_a_catalogue_of_a_newer_state_replaces_the_kept_one(own: Keeper) -> None:
    held = own.kept
    moment = commit("later")
    found = own.catalogue_at(moment, held)
    assert found.moment == moment
    assert "later" in found.programmes.labels
    assert own.kept is found
    assert own.catalogue_at(moment, held) is found


def test_a_request_in_an_older_snapshot_gets_the_catalogue_of_that_snapshot(own: Keeper) -> None:
    held = own.kept
    assert held
    own.catalogue_at(commit("later"), held)
    assert own.catalogue_at(held.moment, held) is held


def test_a_catalogue_of_an_older_snapshot_does_not_replace_a_newer_kept_one(
    own: Keeper,
) -> None:
    held = own.kept
    assert held
    between = commit("between")
    later = own.catalogue_at(commit("later"), held)
    assert own.catalogue_at(between, held) is not later
    assert own.kept is later


def test_after_a_restored_backup_the_catalogue_with_the_lower_revision_is_kept(own: Keeper) -> None:
    held = own.kept
    assert held
    Revision.objects.update(number=held.revision - 3)
    found = own.catalogue_at(read_latest_moment(connection), held)
    assert found.revision == held.revision - 3
    assert own.kept is found


def test_a_keeper_without_a_catalogue_keeps_the_first_one_it_builds(own: Keeper) -> None:
    own.kept = None
    found = own.catalogue_at(read_latest_moment(connection), None)
    assert own.kept is found
    assert own.current() is found


@pytest.fixture
def away() -> Iterator[None]:
    """The database was away when it was last asked for."""
    availability.note_fault(OperationalError("no answer"), seconds=60)
    assert availability.is_away
    yield
    availability.note_success()


@pytest.mark.usefixtures("away")
def test_a_request_without_a_snapshot_notices_that_the_database_is_back(own: Keeper) -> None:
    commit("meanwhile")
    assert "meanwhile" in own.current().programmes.labels
    assert not availability.is_away


@pytest.mark.usefixtures("away")
def test_the_first_catalogue_is_built_once_the_database_is_back(own: Keeper) -> None:
    own.kept = None
    assert own.current() is own.kept


# --- Nested snapshots of a connection -------------------------------------------------------------


def test_nested_hold_one_state_begins_only_one_transaction() -> None:
    begun: list[str] = []

    class Recording(BetweenTransactions):
        def cursor(self) -> Any:
            return nullcontext(SimpleNamespace(execute=begun.append))

    with hold_one_state(Recording()), hold_one_state(Recording()):  # type: ignore[arg-type]
        assert connections["default"] in READING
    assert begun == [write_beginning(connection), "ROLLBACK"]
    assert connections["default"] not in READING
