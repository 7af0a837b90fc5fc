"""After a backup was restored, nobody takes a revision that was lost for one of the new history."""

import io

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from programmes.models import Change, Edit, Programme, Revision
from stemobs.catalogue.catalogue import get_current_catalogue, renew_catalogue
from stemobs.catalogue.history import Owner, UnknownState, read_rows_at
from stemobs.catalogue.states.moments import (
    NUMBERS_OF_A_HISTORY,
    find_next_beginning,
    is_lost,
    read_latest_moment,
)
from tests.api.asking import one
from tests.builders import make_programme
from tests.catalogue.marks import begin_another_transaction, number

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite does not know where its file has been."
)


def begin_new_history() -> str:
    begin_another_transaction()
    told = io.StringIO()
    call_command("new_history", stdout=told)
    begin_another_transaction()
    return told.getvalue()


def test_states_from_before_stay_and_what_was_lost_has_none(client: Client) -> None:
    programme = make_programme(slug="then", name="Then")
    kept, before = number(), one(client, "then")
    told = begin_new_history()
    begun = number()
    assert begun % NUMBERS_OF_A_HISTORY == 0
    assert told == f"The history until revision {kept} is kept. The new one begins with {begun}.\n"
    Programme.objects.filter(pk=programme.pk).update(name="Now")
    assert client.get(f"/api/v1/programmes/then/@{kept}/").json() == before
    assert client.get(f"/api/v1/programmes/then/@{number()}/").json() == one(client, "then")
    assert client.get(f"/api/v1/programmes/then/@{kept + 1}/").status_code == 404
    with pytest.raises(UnknownState):
        read_rows_at(Programme, begun - 1, Owner("programme", programme.pk))
    assert not is_lost(kept)
    assert not is_lost(begun)


def test_a_copy_of_a_lost_history_is_told_to_read_everything(client: Client) -> None:
    kept = number()
    begin_new_history()
    answer = client.get(f"/api/v1/changes/?since={kept + 5}")
    assert answer.status_code == 400
    (problem,) = answer.json()["errors"]
    assert problem["parameter"] == "since"
    assert problem["reason"].startswith("belongs to a history that was lost")
    assert client.get(f"/api/v1/changes/?since={kept}").json()["everything"]
    assert not client.get(f"/api/v1/changes/?since={number()}").json()["everything"]


def read_file_tag(client: Client) -> str:
    """Return the tag of a file, which comes from the state and not from what is in it."""
    answer = client.get("/programmes.csv?q=jet-net")
    assert answer.getvalue()
    return answer.headers["ETag"]


def test_tags_cursors_and_the_index_belong_to_their_history(client: Client) -> None:
    make_programme()
    since = number() - 1
    tag = read_file_tag(client)
    first = client.get(f"/api/v1/changes/?since={since}&cursor=*&page_size=1").json()
    catalogue, moment = get_current_catalogue(), read_latest_moment(connection)
    begin_new_history()
    Revision.objects.update(number=moment.number, changed_at=moment.changed_at)
    assert read_latest_moment(connection).number == moment.number
    assert read_file_tag(client) != tag
    assert renew_catalogue(catalogue).programmes is not catalogue.programmes
    assert client.get(first["next"]).status_code == 400 if first["next"] else True


def move_to_another_server() -> None:
    Revision.objects.update(origin="1/00000001/2")
    begin_another_transaction()


@on_postgresql
def test_the_first_number_of_another_server_begins_a_history_and_the_next_goes_on() -> None:
    programme, draft = make_programme(), make_programme(state=Programme.State.DRAFT)
    kept, history = number(), Revision.objects.get().history
    move_to_another_server()
    Programme.objects.filter(pk=draft.pk).update(year_start=1990)
    assert number() == kept  # a draft raises no number
    begin_another_transaction()
    Programme.objects.filter(pk=programme.pk).update(year_start=1990)
    begun = Revision.objects.get()
    assert begun.number == find_next_beginning(kept)
    assert begun.history != history
    assert Edit.objects.get(kind=Edit.Kind.ENDED).revision == kept
    assert Change.objects.get(subject=Change.Subject.EVERYTHING).revision == begun.number
    begin_another_transaction()
    Programme.objects.filter(pk=programme.pk).update(year_start=1991)
    assert Revision.objects.get().history == begun.history
    assert number() == begun.number + 1


@on_postgresql
def test_a_history_begun_by_hand_on_another_server_is_begun_once() -> None:
    kept = number()
    move_to_another_server()
    begin_new_history()
    assert number() == find_next_beginning(kept)


@on_postgresql
def test_where_no_origin_was_noted_yet_the_history_goes_on() -> None:
    before, history = number(), Revision.objects.get().history
    Revision.objects.update(origin="")
    begin_another_transaction()
    make_programme()
    assert (number(), Revision.objects.get().history) == (before + 1, history)
    assert Revision.objects.get().origin
