"""Tests that readers find no trace of a draft, and of what is its own, until it is published."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection, models
from django.test import Client

from partnerships.models import Lineage, Organisation, OrganisationName, Partnership, Strategy
from programmes.models import (
    Change,
    Citation,
    Departure,
    Edit,
    Programme,
    Revision,
    Source,
    Version,
)
from stemobs.api.urls import RESOURCES
from stemobs.catalogue.triggers.installing import pause_triggers
from stemobs.catalogue.triggers.tables import describe_recorded_table, list_recorded_models
from stemobs.catalogue.visibility.queries import match_visible, where_visible
from stemobs.catalogue.visibility.relations import list_shown
from stemobs.dumps.dump import PublicRows, write_dump
from stemobs.dumps.past import HISTORY
from stemobs.workshop.answers import ODD, STARTS
from tests import builders
from tests.catalogue.drafts import (
    KINDS,
    NEIGHBOUR,
    OWN,
    WORD,
    ask,
    change_everything,
    delete_everything,
    make_draft,
    read_again,
)
from tests.catalogue.marks import begin_another_transaction, make_a_row_of_everything, marks, number
from tests.exports.downloads import ADDRESSES as DOWNLOADS
from tests.pages.walk import list_public_addresses

pytestmark = pytest.mark.django_db

DUMPED = (
    Programme, Organisation, OrganisationName, Source, Citation, Partnership, Lineage, *HISTORY,
)  # fmt: skip


@pytest.fixture
def revision() -> int:
    """A revision that no process has read, so that each request reads what changed anew."""
    Revision.objects.update(number=models.F("number") + 1)
    Edit.objects.create(kind=Edit.Kind.TASK, revision=number())
    begin_another_transaction()
    return number()


def read_feed() -> set[tuple[object, ...]]:
    rows = Change.objects.values_list("subject", "object_id", "revision")
    return {*rows, *Departure.objects.values_list("subject", "object_id", "slug", "revision")}


def write_public_lines() -> dict[str, list[bytes]]:
    rows = PublicRows()
    return {str(model): list(rows.write_lines(model)) for model in DUMPED}


# --- A draft --------------------------------------------------------------------------------------


def test_nothing_that_readers_get_changes_while_a_draft_is_made_changed_and_deleted(
    client: Client, revision: int
) -> None:
    addresses = [address.format(revision=revision - 1) for address in KINDS]
    moment, feed, lines = Revision.objects.values().get(), read_feed(), write_public_lines()
    before = ask(client, addresses)
    draft = make_draft()
    change_everything(draft)
    assert Revision.objects.values().get() == moment
    assert read_feed() == feed
    assert write_public_lines() == lines
    read_again(revision, draft)
    assert ask(client, addresses) == before
    assert {answer.status for answer in ask(client, OWN).values()} == {404}
    Change.objects.filter(revision=revision).delete()
    delete_everything(draft)
    assert Revision.objects.values().get() == moment
    assert read_feed() == feed


@pytest.mark.parametrize("state", ["review", "withdrawn"])
def test_what_is_in_review_or_withdrawn_before_it_was_public_is_as_secret_as_a_draft(
    client: Client, revision: int, state: str
) -> None:
    draft = builders.make_programme(slug=f"{WORD}-draft", state="draft")
    builders.make_former_slug(draft, f"{WORD}-old")
    Programme.objects.filter(pk=draft.pk).update(state=state, withdrawn_reason="Quokka.")
    assert number() == revision
    of_it = [address for address in OWN if address.endswith(("draft/", "old/"))]
    assert {answer.status for answer in ask(client, of_it).values()} == {404}


def test_the_history_of_a_draft_is_kept_for_curators(revision: int) -> None:
    draft = make_draft()
    kept = Version.objects.filter(programme_id=draft.pk)
    assert {"programmes.programme", "programmes.reach"} <= set(kept.values_list("model", flat=True))
    assert set(kept.values_list("edit__revision", flat=True)) == {revision}


def test_what_was_written_of_a_draft_before_it_was_published_is_of_that_revision(
    revision: int,
) -> None:
    """On PostgreSQL all that a transaction writes without an edit is one."""
    draft = make_draft()
    Programme.objects.filter(pk=draft.pk).update(state="published")
    assert Edit.objects.latest("pk").revision == number() > revision


# --- Publishing it --------------------------------------------------------------------------------


def test_publishing_a_record_shows_all_that_is_its_own_and_tells_of_it(
    client: Client, revision: int
) -> None:
    draft = make_draft()
    draft.state = "published"
    draft.save()
    shown = ask(client, OWN)
    assert {address for address, answer in shown.items() if answer.status == 404} == set()
    told = client.get(f"/api/v1/changes/?since={revision}&page_size=100").json()["results"]
    named = {f"{WORD}-draft", f"{WORD}-works", "shell", "jet-net-nl"}
    assert named <= {one["slug"] for one in told}
    assert find_secrets_that_show() == []


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_what_readers_have_seen_stays_when_the_record_that_named_it_goes(
    client: Client, state: str
) -> None:
    draft = make_draft()
    programmes = Programme.objects.filter(pk=draft.pk)
    programmes.update(state="published")
    begin_another_transaction()
    before = number()
    programmes.update(state=state, withdrawn_reason="Why.")
    assert client.get(f"/organisations/{WORD}-works/").status_code == 200
    assert client.get(f"/api/v1/sources/{WORD}-page/").status_code == 200
    assert ("organisation", Organisation.objects.get(slug=f"{WORD}-works").pk) in marks(before)


def test_nothing_takes_back_what_readers_have_seen() -> None:
    """A form may write back what it read before the record was published."""
    source = Source.objects.create(slug="read-before", title="Read before")
    builders.make_citation(builders.make_programme(), source=source)
    source.save()
    assert Source.objects.public().filter(pk=source.pk).exists()
    Source.objects.update(is_public=False)
    assert not Source.objects.filter(is_public=False).exists()


def test_former_states_name_nothing_of_the_time_when_a_record_was_a_draft(
    client: Client, revision: int
) -> None:
    old = f"/api/v1/programmes/{NEIGHBOUR}/@{revision}/"
    before = client.get(old).json()
    draft = make_draft()
    left_out = Source.objects.create(slug="wombat", title="Wombat")
    builders.make_partnership(draft, hide(name="Wombat Works"), source=left_out).delete()
    begin_another_transaction()
    Programme.objects.filter(pk=draft.pk).update(state="published")
    home = f"/programmes/{draft.slug}"
    for name in ("history/", "history.atom", f"history/?from={number()}", f"@{number()}/"):
        response = client.get(f"{home}/{name}")
        assert (response.status_code, "Wombat" in response.text) == (200, False)
    assert client.get(f"{home}/@{revision}/").status_code == 404
    assert client.get(f"{home}/history/?from={revision}").status_code == 404
    assert client.get(old).json() == before
    assert not Source.objects.public().filter(pk=left_out.pk).exists()


# --- Other ways to become public ------------------------------------------------------------------


def hide(**fields: object) -> Organisation:
    return builders.make_organisation(is_public=False, **fields)


def name_it_as_owner(organisation: Organisation) -> None:
    builders.make_strategy().owners.add(organisation)


def name_it_as_body(organisation: Organisation) -> None:
    Strategy.objects.filter(pk=builders.make_strategy().pk).update(implementing_body=organisation)


def name_it_in_a_guide(organisation: Organisation) -> None:
    builders.make_guide_item(builders.make_guide()).organisations.add(organisation)


def move_a_draft_fact(organisation: Organisation) -> None:
    row = builders.make_partnership(builders.make_programme(state="draft"), organisation)
    assert not Organisation.objects.public().filter(pk=organisation.pk).exists()
    Partnership.objects.filter(pk=row.pk).update(programme=builders.make_programme())


def belong_to_it(organisation: Organisation) -> None:
    """Two steps away: the whole of the whole of an organisation that takes part."""
    part = hide(parent=hide(parent=organisation))
    builders.make_partnership(builders.make_programme(), part)


@pytest.mark.parametrize(
    "use",
    [name_it_as_owner, name_it_as_body, name_it_in_a_guide, move_a_draft_fact, belong_to_it],
)
def test_an_organisation_is_public_as_soon_as_something_public_names_it(
    use: Callable[[Organisation], None],
) -> None:
    organisation, cited = hide(), Source.objects.create(slug="cited-by-it", title="Cited by it")
    organisation.citations.create(position=1, source=cited)
    begin_another_transaction()
    before = number()
    use(organisation)
    assert ("organisation", organisation.pk) in marks(before)
    assert Organisation.objects.public().filter(pk=organisation.pk).exists()
    assert Source.objects.public().filter(pk=cited.pk).exists()


def test_a_discrepancy_that_moves_to_a_published_record_takes_its_claims_sources_along() -> None:
    point = builders.make_discrepancy(builders.make_programme(state="draft"))
    source = Source.objects.create(slug="claimed", title="Claimed")
    builders.make_claim(point, source=source)
    assert not Source.objects.public().filter(pk=source.pk).exists()
    point.programme = builders.make_programme()
    point.save()
    assert Source.objects.public().filter(pk=source.pk).exists()


def test_after_writes_that_no_trigger_saw_what_is_named_is_public() -> None:
    whole = hide()
    source = Source.objects.create(slug="unseen", title="Unseen")
    programme = builders.make_programme()
    with pause_triggers():
        builders.make_partnership(programme, hide(parent=whole), source=source)
    assert find_secrets_that_show() == []
    assert Organisation.objects.public().filter(pk=whole.pk).exists()


# --- The rule itself ------------------------------------------------------------------------------


def find_secrets_that_show() -> list[str]:
    """Return the relations by which a row that readers see names what they should not know."""
    return [
        f"{model.__name__}.{tie.name}"
        for model in list_recorded_models()
        for tie in list_shown(model)
        if model._base_manager.filter(
            match_visible(model), **{f"{tie.name}__is_public": False}
        ).exists()
    ]


def find_ids_in_sql(model: type[models.Model]) -> Iterator[int]:
    one = describe_recorded_table(model)
    with connection.cursor() as cursor:
        # Safe from injection: only Django's names, and conditions of our own.
        cursor.execute(f"SELECT id FROM {one.table} AS fact WHERE {one.write_known('fact')}")  # noqa: S608
        yield from (pk for (pk,) in cursor.fetchall())


def test_triggers_and_queries_follow_the_same_rule() -> None:
    make_a_row_of_everything()
    make_draft()
    builders.make_programme(state="withdrawn", withdrawn_reason="Seen.")
    Programme.objects.filter(pk=builders.make_programme(state="draft").pk).update(
        state="withdrawn", withdrawn_reason="Never seen."
    )
    for model in list_recorded_models():
        rows = model._base_manager.filter(where_visible(model)).values_list("pk", flat=True)
        assert sorted(find_ids_in_sql(model)) == sorted(rows), model
    assert find_secrets_that_show() == []


# --- Every address --------------------------------------------------------------------------------


def list_all_addresses() -> list[str]:
    """Return the addresses of all pages, of all data and of all rows of the API."""
    api = [f"/api/v1/{name}/?page_size=100" for name in RESOURCES]
    rows = [
        *(f"/api/v1/programmes/{row.slug}/" for row in Programme.objects.published()),
        *(f"/programmes/{row.slug}.jsonld" for row in Programme.objects.published()),
        *(f"/api/v1/organisations/{row.slug}/" for row in Organisation.objects.public()),
        *(f"/api/v1/sources/{row.slug}/" for row in Source.objects.public()),
    ]
    return [*STARTS, *ODD, *list_public_addresses(), *DOWNLOADS, *api, *rows]


@pytest.mark.trial
@pytest.mark.once
def test_no_address_of_the_whole_site_tells_of_a_draft(
    client: Client, revision: int, tmp_path: Path
) -> None:
    addresses = list_all_addresses()
    write_dump(tmp_path)
    before = ask(client, addresses)
    read_again(revision, make_draft())
    after = ask(client, addresses)
    assert [address for address in addresses if after[address] != before[address]] == []
    write_dump(tmp_path)  # an error if it is not the same
