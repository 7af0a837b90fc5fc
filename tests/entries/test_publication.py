"""Tests of the rules of publication: what readers may see, and what a slug leads to everywhere."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programmes.models import NO_REASON, Programme
from stemobs.catalogue.visibility.queries import where_known, where_withdrawn_in_public
from stemobs.entries.publication import (
    Draft,
    Found,
    Gone,
    Merged,
    judge,
    list_published,
    may_see_drafts,
)
from stemobs.entries.slugs import Moved, resolve_slug, resolve_slugs
from tests import builders

pytestmark = pytest.mark.django_db

State = Programme.State


def make(slug: str, state: str = State.PUBLISHED, **fields: object) -> Programme:
    return builders.make_programme(slug=slug, state=state, **fields)


def make_withdrawn(slug: str, **fields: object) -> Programme:
    return make(slug, State.WITHDRAWN, **{"withdrawn_reason": "It never ran.", **fields})


def resolve(slug: str) -> object:
    return resolve_slug(slug, Programme.objects.all(), has_drafts=True)


# --- Looking up one slug --------------------------------------------------------------------------


def test_a_published_entry_is_found_by_its_slug_with_the_given_query() -> None:
    programme = make("here")
    place = resolve_slug("here", Programme.objects.with_evidence())
    assert place == Found(programme)
    assert isinstance(place, Found)
    assert place.programme.evidence == "none"  # type: ignore[attr-defined]


@pytest.mark.parametrize("state", [State.DRAFT, State.REVIEW])
def test_an_unpublished_entry_is_a_draft_and_its_former_slug_leads_nowhere(state: str) -> None:
    programme = make("draft", state)
    builders.make_former_slug(programme, "draft-before")
    assert resolve("draft") == Draft(programme)
    assert resolve("draft-before") is None


def test_a_withdrawn_entry_is_gone_with_its_reason() -> None:
    place = resolve(make_withdrawn("gone").slug)
    assert isinstance(place, Gone)
    assert place.reason == "It never ran."


def test_a_merged_entry_leads_to_its_published_successor() -> None:
    successor = make("after")
    programme = make_withdrawn("before", merged_into=successor)
    assert resolve("before") == Merged(programme, successor)


@pytest.mark.parametrize("state", [State.DRAFT, State.REVIEW])
def test_an_entry_merged_into_an_unpublished_one_is_gone_with_a_general_reason(state: str) -> None:
    make_withdrawn("before", withdrawn_reason="", merged_into=make("after", state))
    place = resolve("before")
    assert isinstance(place, Gone)
    assert place.reason == str(NO_REASON)


def test_a_former_slug_leads_to_a_published_or_withdrawn_entry() -> None:
    for programme in (make("here"), make_withdrawn("gone")):
        builders.make_former_slug(programme, f"{programme.slug}-before")
        assert resolve(f"{programme.slug}-before") == Moved(programme)


def test_a_slug_in_use_leads_to_its_present_owner() -> None:
    owner = make("contested")
    builders.make_former_slug(make("other"), "contested")
    assert resolve("contested") == Found(owner)


def test_a_slug_that_no_entry_ever_had_leads_nowhere() -> None:
    assert resolve("nowhere") is None


# --- The same answers of page, data and API -------------------------------------------------------

# The addresses of an entry, with the expected statuses if it moved, was merged, was withdrawn, or
# is a draft.
DOORS = {
    "/programmes/{}/": (301, 301, 410, 404),
    "/programmes/{}.jsonld": (301, 301, 410, 404),
    "/programmes/{}.json": (301, 301, 410, 404),
    "/programmes/{}.bib": (301, 301, 410, 404),
    "/api/v1/programmes/{}/": (200, 410, 410, 404),
}


@pytest.mark.parametrize("door", DOORS)
def test_page_data_citation_and_api_answer_by_the_same_rules(door: str, client: Client) -> None:
    here = make("here")
    builders.make_former_slug(here, "moved")
    make_withdrawn("merged", merged_into=here)
    make_withdrawn("gone")
    make("draft", State.DRAFT)
    answers = [client.get(door.format(slug)) for slug in ("moved", "merged", "gone", "draft")]
    assert tuple(answer.status_code for answer in answers) == DOORS[door]
    for answer in answers:
        if answer.status_code == 301:
            assert answer["Location"] == door.format("here")
    assert "It never ran." in answers[2].content.decode()


def count_queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 404
    return len(captured)


@pytest.mark.parametrize("door", [*DOORS, "/programmes/{}/history/", "/programmes/{}/@7/"])
def test_the_answer_to_a_draft_takes_as_many_queries_as_that_to_an_unknown_slug(
    door: str, client: Client
) -> None:
    """A reader who measures the time must not learn that there is one."""
    # Words that are like no others, or the page of an error offers what was perhaps meant.
    draft = make("qqzzxx", State.DRAFT)
    builders.make_reach(draft)
    builders.make_former_slug(draft, "qqzzxx-before")
    count_queries(client, door.format("xxqqzz"))
    unknown = count_queries(client, door.format("zzxxqq"))
    assert count_queries(client, door.format("qqzzxx")) == unknown
    assert resolve_slug("qqzzxx", Programme.objects.all()) is None


def test_a_former_slug_that_a_draft_has_now_leads_readers_to_who_had_it(client: Client) -> None:
    builders.make_former_slug(make("here"), "contested")
    make("contested", State.DRAFT)
    assert client.get("/programmes/contested/")["Location"] == "/programmes/here/"


def test_only_a_curator_can_open_a_draft_and_only_as_a_page(client: Client) -> None:
    make("draft", State.DRAFT)
    someone = User.objects.create_user("someone")
    client.force_login(someone)
    assert client.get("/programmes/draft/").status_code == 404
    someone.user_permissions.add(Permission.objects.get(codename="view_programme"))
    assert may_see_drafts(User.objects.get(pk=someone.pk))
    assert client.get("/programmes/draft/").status_code == 200
    for path in ("/programmes/draft.jsonld", "/programmes/draft.bib", "/api/v1/programmes/draft/"):
        assert client.get(path).status_code == 404, path


def test_may_see_drafts_checks_the_permission_to_view_programmes() -> None:
    asked: list[str] = []
    may_see_drafts(SimpleNamespace(has_perm=asked.append))
    assert asked == ["programmes.view_programme"]


# --- Queries of many entries ----------------------------------------------------------------------


def test_resolving_many_slugs_gives_the_same_as_resolving_each_alone() -> None:
    here = make("here")
    builders.make_former_slug(here, "moved")
    make_withdrawn("merged", merged_into=here)
    make_withdrawn("gone")
    make("draft", State.DRAFT)
    slugs = ["here", "moved", "merged", "gone", "draft", "nowhere"]
    found = resolve_slugs(slugs)
    for slug in slugs:
        alone = resolve(slug)
        assert found.get(slug) == (judge(alone.programme) if isinstance(alone, Moved) else alone)


def test_list_published_keeps_the_order_of_ids_and_leaves_out_drafts() -> None:
    first, second = make("first"), make("second")
    hidden = make("hidden", State.DRAFT)
    ids = [second.pk, hidden.pk, first.pk]
    assert list_published(ids) == [second, first]
    assert list_published(iter(ids), Programme.objects.filter(pk=first.pk)) == [first]


def test_only_withdrawn_entries_that_were_public_count_as_withdrawn_in_public() -> None:
    never = make("never-public", State.DRAFT)
    Programme.objects.filter(pk=never.pk).update(state=State.WITHDRAWN, withdrawn_reason="Over.")
    assert judge(Programme.objects.get(pk=never.pk)) == Draft(never)
    seen = make("seen")
    Programme.objects.filter(pk=seen.pk).update(state=State.WITHDRAWN, withdrawn_reason="Over.")
    here, draft = make("here"), make("draft", State.DRAFT)
    withdrawn = Programme.objects.filter(where_withdrawn_in_public())
    assert {"seen"} == set(withdrawn.values_list("slug", flat=True)) & {"seen", "never-public"}
    known = Programme.objects.filter(where_known())
    assert {here, seen} <= set(known)
    assert not {draft.slug, "never-public"} & set(known.values_list("slug", flat=True))
