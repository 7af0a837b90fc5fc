"""What readers may see and where a slug leads, for every door the same."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from programmes.models import NO_REASON, Programme
from stemobs.entries.entry import prefetch_facts
from stemobs.entries.publication import (
    Draft,
    Found,
    Gone,
    Merged,
    Moved,
    judge,
    list_published,
    may_see_drafts,
    resolve_slug,
    resolve_slugs,
    where_known,
    where_withdrawn_in_public,
)
from tests import builders

pytestmark = pytest.mark.django_db

State = Programme.State


def make(slug: str, state: str = State.PUBLISHED, **fields: object) -> Programme:
    return builders.make_programme(slug=slug, state=state, **fields)


def make_withdrawn(slug: str, **fields: object) -> Programme:
    return make(slug, State.WITHDRAWN, **{"withdrawn_reason": "It never ran.", **fields})


def resolve(slug: str) -> object:
    return resolve_slug(slug, Programme.objects.all())


# --- One slug -------------------------------------------------------------------------------------


def test_a_published_entry_is_found_with_what_was_asked_to_be_loaded() -> None:
    programme = make("here")
    place = resolve_slug("here", prefetch_facts(Programme.objects.all()))
    assert place == Found(programme)
    assert isinstance(place, Found)
    assert place.programme.evidence == "none"  # type: ignore[attr-defined]


@pytest.mark.parametrize("state", [State.DRAFT, State.REVIEW])
def test_what_is_not_published_is_a_draft_and_has_never_been_anywhere(state: str) -> None:
    programme = make("draft", state)
    builders.make_former_slug(programme, "draft-before")
    assert resolve("draft") == Draft(programme)
    assert resolve("draft-before") is None


def test_a_withdrawn_entry_is_gone_with_its_reason() -> None:
    place = resolve(make_withdrawn("gone").slug)
    assert isinstance(place, Gone)
    assert place.reason == "It never ran."


def test_a_merged_entry_leads_to_the_one_that_took_over() -> None:
    successor = make("after")
    programme = make_withdrawn("before", merged_into=successor)
    assert resolve("before") == Merged(programme, successor)


@pytest.mark.parametrize("state", [State.DRAFT, State.REVIEW])
def test_a_successor_that_readers_may_not_see_is_not_told_of(state: str) -> None:
    make_withdrawn("before", withdrawn_reason="", merged_into=make("after", state))
    place = resolve("before")
    assert isinstance(place, Gone)
    assert place.reason == str(NO_REASON)


def test_a_former_slug_leads_to_the_entry_whatever_became_of_it() -> None:
    for programme in (make("here"), make_withdrawn("gone")):
        builders.make_former_slug(programme, f"{programme.slug}-before")
        assert resolve(f"{programme.slug}-before") == Moved(programme)


def test_a_slug_in_use_is_not_given_to_its_former_owner() -> None:
    owner = make("contested")
    builders.make_former_slug(make("other"), "contested")
    assert resolve("contested") == Found(owner)


def test_a_slug_that_nobody_has_had_leads_nowhere() -> None:
    assert resolve("nowhere") is None


# --- Every door -----------------------------------------------------------------------------------

# Where the doors stand, and what they answer for an entry that moved, merged, is gone, is a draft.
DOORS = {
    "/programmes/{}/": (301, 301, 410, 404),
    "/programmes/{}.jsonld": (301, 301, 410, 404),
    "/programmes/{}.json": (301, 301, 410, 404),
    "/programmes/{}.bib": (301, 301, 410, 404),
    "/api/v1/programmes/{}/": (200, 410, 410, 404),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_answers_by_the_same_rule(door: str, client: Client) -> None:
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


def test_only_a_curator_sees_a_draft_and_only_on_its_page(client: Client) -> None:
    make("draft", State.DRAFT)
    someone = User.objects.create_user("someone")
    client.force_login(someone)
    assert client.get("/programmes/draft/").status_code == 404
    someone.user_permissions.add(Permission.objects.get(codename="view_programme"))
    assert may_see_drafts(User.objects.get(pk=someone.pk))
    assert client.get("/programmes/draft/").status_code == 200
    for path in ("/programmes/draft.jsonld", "/programmes/draft.bib", "/api/v1/programmes/draft/"):
        assert client.get(path).status_code == 404, path


def test_who_may_see_drafts_is_asked_by_the_permission_to_view_programmes() -> None:
    asked: list[str] = []
    may_see_drafts(SimpleNamespace(has_perm=asked.append))
    assert asked == ["programmes.view_programme"]


# --- Many -----------------------------------------------------------------------------------------


def test_many_slugs_are_resolved_as_each_is_alone() -> None:
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


def test_a_list_has_what_is_published_in_the_order_of_the_ids() -> None:
    first, second = make("first"), make("second")
    hidden = make("hidden", State.DRAFT)
    ids = [second.pk, hidden.pk, first.pk]
    assert list_published(ids) == [second, first]
    assert list_published(iter(ids), Programme.objects.filter(pk=first.pk)) == [first]


def test_only_of_what_readers_saw_is_told_that_it_was_withdrawn() -> None:
    make_withdrawn("never-public")
    seen = make("seen")
    Programme.objects.filter(pk=seen.pk).update(state=State.WITHDRAWN, withdrawn_reason="Over.")
    here, draft = make("here"), make("draft", State.DRAFT)
    withdrawn = Programme.objects.filter(where_withdrawn_in_public())
    assert {"seen"} == set(withdrawn.values_list("slug", flat=True)) & {"seen", "never-public"}
    known = Programme.objects.filter(where_known())
    assert {here, seen} <= set(known)
    assert not {draft.slug, "never-public"} & set(known.values_list("slug", flat=True))
