"""A request has one catalogue; tests/processes/test_one_state.py asks while others commit."""

from collections.abc import Iterator
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.http import HttpRequest
from django.test import Client, RequestFactory
from rest_framework.request import Request

from programmes.models import Revision
from stemobs.catalogue import catalogue as module
from stemobs.catalogue.catalogue import Keeper, build_catalogue, get_current_catalogue, keeper
from stemobs.catalogue.moments import (
    READ_ONE_STATE,
    READING,
    Moment,
    hold_one_state,
    read_latest_moment,
)
from stemobs.catalogue.requests import get_request_catalogue, read_one_state
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of_a_page() -> HttpRequest:
    return RequestFactory().get("/")


def test_a_request_keeps_its_catalogue_whatever_is_written(request_of_a_page: HttpRequest) -> None:
    first = get_request_catalogue(request_of_a_page)
    builders.make_programme(slug="in-between")
    assert get_request_catalogue(request_of_a_page) is first
    assert "in-between" in get_request_catalogue(RequestFactory().get("/")).programmes.labels


def test_the_request_of_the_api_has_the_catalogue_of_the_one_within(
    request_of_a_page: HttpRequest,
) -> None:
    wrapped = Request(request_of_a_page)
    assert get_request_catalogue(wrapped) is get_request_catalogue(request_of_a_page)
    assert get_request_catalogue(Request(request_of_a_page)) is get_request_catalogue(wrapped)


def test_one_state_names_the_revision_of_the_catalogue(request_of_a_page: HttpRequest) -> None:
    with read_one_state(request_of_a_page) as moment:
        assert moment == read_latest_moment(connection)
        assert get_request_catalogue(request_of_a_page).moment == moment


def test_what_is_kept_is_shared_with_whoever_reads_one_state(
    request_of_a_page: HttpRequest,
) -> None:
    with read_one_state(request_of_a_page):
        assert get_request_catalogue(request_of_a_page) is keeper.kept


def test_a_request_without_a_state_of_its_own_adds_nothing_to_what_is_shared(
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


def test_cards_made_for_a_curator_are_not_kept_for_others(client: Client) -> None:
    kept = get_current_catalogue()
    kept.cards.clear()  # those of other tests
    client.force_login(User.objects.create_superuser("curator"))
    assert client.get("/programmes/").status_code == 200
    assert not kept.cards
    client.logout()
    client.cookies.clear()
    assert client.get("/programmes/").status_code == 200
    assert kept.cards


# --- Threads that read different states -----------------------------------------------------------


class BetweenTransactions:
    """The connection of a test, whose transaction is taken for states that others committed."""

    in_atomic_block = False

    def __getattr__(self, name: str) -> Any:
        return getattr(connection, name)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeper]:
    """A keeper of this test alone, which keeps what it reads."""
    one = Keeper()
    one.kept = build_catalogue()
    monkeypatch.setattr(module, "connection", BetweenTransactions())
    READING.add(connections["default"])  # so that nothing begins a transaction
    yield one
    READING.discard(connections["default"])


def commit(slug: str) -> Moment:
    Revision.objects.update(transaction="")  # PostgreSQL raises it once for every transaction
    builders.make_programme(slug=slug)
    return read_latest_moment(connection)


def test_the_catalogue_of_a_later_state_is_kept(own: Keeper) -> None:
    held = own.kept
    moment = commit("later")
    found = own.catalogue_at(moment, held)
    assert found.moment == moment
    assert "later" in found.programmes.labels
    assert own.kept is found
    assert own.catalogue_at(moment, held) is found


def test_who_reads_an_older_state_gets_the_catalogue_of_that_one(own: Keeper) -> None:
    held = own.kept
    assert held
    own.catalogue_at(commit("later"), held)
    assert own.catalogue_at(held.moment, held) is held


def test_who_reads_an_older_state_takes_nothing_from_those_who_read_a_later_one(
    own: Keeper,
) -> None:
    held = own.kept
    assert held
    between = commit("between")
    later = own.catalogue_at(commit("later"), held)
    assert own.catalogue_at(between, held) is not later
    assert own.kept is later


def test_a_database_that_was_restored_to_an_older_state_is_kept_as_it_is_now(own: Keeper) -> None:
    held = own.kept
    assert held
    Revision.objects.update(number=held.revision - 3)
    found = own.catalogue_at(read_latest_moment(connection), held)
    assert found.revision == held.revision - 3
    assert own.kept is found


def test_a_keeper_without_a_catalogue_keeps_the_first_that_is_asked_for(own: Keeper) -> None:
    own.kept = None
    found = own.catalogue_at(read_latest_moment(connection), None)
    assert own.kept is found
    assert own.current() is found


# --- What a connection reads ----------------------------------------------------------------------


def test_a_state_within_a_state_is_the_same_one() -> None:
    begun: list[str] = []

    class Recording(BetweenTransactions):
        def cursor(self) -> Any:
            return nullcontext(SimpleNamespace(execute=begun.append))

    with hold_one_state(Recording()), hold_one_state(Recording()):  # type: ignore[arg-type]
        assert connections["default"] in READING
    assert begun == [READ_ONE_STATE[connection.vendor], "ROLLBACK"]
    assert connections["default"] not in READING
