"""Tests of the API's list of changes: what copies of the catalogue need, and nothing secret."""

import random
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from programmes.models import Departure, Edit, Programme, Redaction, Revision
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.catalogue.editing import edit
from stemobs.catalogue.triggers.installing import record_everything
from tests import builders
from tests.catalogue.marks import begin_another_transaction

pytestmark = pytest.mark.django_db

LINE = [
    "revision", "subject", "slug", "change", "url", "former_slugs", "merged_into", "reason",
    "edit",
]  # fmt: skip


def mark_revision() -> int:
    """Return the present revision; the next write gets a new one, as in another transaction."""
    begin_another_transaction()
    return Revision.objects.get().number


def changes(client: Client, since: int, more: str = "") -> dict[str, Any]:
    response = client.get(f"/api/v1/changes/?since={since}{more}")
    assert response.status_code == 200, response.text
    return response.json()


def read_changes_by_slug(client: Client, since: int) -> dict[str, str]:
    """Return the kind of change of each entry, by slug."""
    rows = changes(client, since, "&page_size=100")["results"]
    assert len({row["slug"] for row in rows}) == len(rows)
    return {row["slug"]: row["change"] for row in rows}


def read_edits_by_slug(client: Client, since: int) -> dict[str, Any]:
    """Return what is told of the edit of each entry, by slug."""
    return {row["slug"]: row["edit"] for row in changes(client, since)["results"]}


def update_programme(programme: Programme, **fields: Any) -> None:
    mark_revision()
    Programme.objects.filter(pk=programme.pk).update(**fields)


def test_the_list_of_changes_has_the_present_revision_and_its_time(client: Client) -> None:
    before = mark_revision()
    assert changes(client, before)["results"] == []
    one = builders.make_programme(slug="one")
    answer = changes(client, before)
    assert list(answer) == [
        "revision", "changed_at", "since", "everything", "count", "next", "previous", "results",
    ]  # fmt: skip
    moment = get_current_catalogue().moment
    assert (answer["revision"], answer["since"]) == (moment.number, before)
    assert answer["changed_at"] == moment.changed_at.isoformat(timespec="seconds").replace(
        "+00:00", "Z"
    )
    assert answer["everything"] is False
    (line,) = answer["results"]
    assert list(line) == LINE
    assert line["revision"] <= answer["revision"]
    assert (line["subject"], line["slug"], line["change"]) == ("programme", "one", "changed")
    assert client.get(line["url"]).json()["slug"] == "one"
    mark_revision()
    builders.make_former_slug(one, "once")
    assert changes(client, before)["results"][0]["former_slugs"] == ["once"]
    assert changes(client, answer["revision"])["count"] == 1
    assert client.get("/api/v1/").json()["changes"].endswith("/api/v1/changes/")


def test_a_change_tells_when_how_and_why_it_was_made_but_not_by_whom(client: Client) -> None:
    programme = builders.make_programme(slug="one")
    before = mark_revision()
    with edit(Edit.Kind.CURATOR, reason="The report was wrong.") as made:
        Programme.objects.filter(pk=programme.pk).update(summary="Other.")
        organisation = builders.make_organisation(slug="other")
    told = read_edits_by_slug(client, before)
    at = Edit.objects.get(pk=made.pk).made_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert told["one"] == {"at": at, "kind": "curator", "reason": "The report was wrong."}
    assert told[organisation.slug] is None
    Redaction.objects.create(edit=made, programme_id=programme.pk, reason="It named somebody.")
    assert read_edits_by_slug(client, before)["one"]["reason"] == ""


def test_changed_and_deleted_organisations_are_in_the_list_of_changes(client: Client) -> None:
    before = mark_revision()
    stays, goes = (builders.make_organisation(slug=slug) for slug in ("stays", "goes"))
    assert read_changes_by_slug(client, before) == {"stays": "changed", "goes": "changed"}
    between = mark_revision()
    goes.delete()
    assert read_changes_by_slug(client, between) == {"goes": "gone"}
    lines = changes(client, before)["results"]
    assert [client.get(line["url"]).status_code for line in lines] == [200, 404]
    assert stays.slug in read_changes_by_slug(client, before)


def test_a_new_fact_counts_as_a_change_of_its_programme(client: Client) -> None:
    programme = builders.make_programme(slug="one")
    before = mark_revision()
    builders.make_reach(programme, 5)
    assert read_changes_by_slug(client, before) == {"one": "changed"}


# --- Entries that are no longer public ------------------------------------------------------------


def test_a_withdrawn_programme_is_listed_with_its_present_reason(client: Client) -> None:
    programme = builders.make_programme(slug="old")
    before = mark_revision()
    update_programme(programme, state="withdrawn", withdrawn_reason="It never took place.")
    (line,) = changes(client, before)["results"]
    assert (line["slug"], line["change"]) == ("old", "withdrawn")
    assert (line["reason"], line["merged_into"]) == ("It never took place.", None)
    assert client.get(line["url"]).status_code == 410
    between = mark_revision()
    update_programme(programme, withdrawn_reason="Better words.")
    assert changes(client, between)["results"][0]["reason"] == "Better words."


def test_a_merged_programme_names_its_successor_only_while_that_is_public(client: Client) -> None:
    programme, new = builders.make_programme(slug="old"), builders.make_programme(slug="new")
    before = mark_revision()
    update_programme(programme, state="withdrawn", merged_into=new)
    (line,) = changes(client, before)["results"]
    assert (line["change"], line["merged_into"]) == ("merged", "new")
    update_programme(new, state="draft", slug="quokka")
    text = client.get(f"/api/v1/changes/?since={before}").text
    assert "quokka" not in text
    assert read_changes_by_slug(client, before) == {"old": "withdrawn", "new": "gone"}


@pytest.mark.parametrize("state", ["draft", "review"])
def test_a_programme_back_in_draft_is_gone_and_its_later_edits_are_hidden(
    client: Client, state: str
) -> None:
    programme = builders.make_programme(slug="seen")
    before = mark_revision()
    update_programme(programme, state=state, slug="quokka", name="Quokka")
    (line,) = changes(client, before)["results"]
    assert (line["slug"], line["change"], line["reason"]) == ("seen", "gone", "")
    between = mark_revision()
    update_programme(programme, name="Quokka again")
    builders.make_reach(programme, 5)
    update_programme(programme, slug="quokka-two")
    assert changes(client, between)["results"] == []
    assert changes(client, before)["results"] == [line]
    programme.delete()
    assert changes(client, before)["results"] == [line]
    assert "uokka" not in client.get("/api/v1/changes/?page_size=100").text


def test_a_programme_that_is_published_again_counts_as_changed(client: Client) -> None:
    programme = builders.make_programme(slug="seen")
    before = mark_revision()
    update_programme(programme, state="draft")
    update_programme(programme, state="published")
    assert read_changes_by_slug(client, before) == {"seen": "changed"}
    update_programme(programme, state="withdrawn", withdrawn_reason="Why.")
    update_programme(programme, state="draft")
    assert read_changes_by_slug(client, before) == {"seen": "gone"}


def test_a_deleted_programme_is_listed_as_gone(client: Client) -> None:
    programme = builders.make_programme(slug="seen")
    before = mark_revision()
    programme.delete()
    assert read_changes_by_slug(client, before) == {"seen": "gone"}


def test_a_programme_that_was_never_public_is_not_in_the_list_of_changes(client: Client) -> None:
    before = mark_revision()
    empty = changes(client, before)
    hidden = [
        builders.make_programme(slug=f"quokka-{state}", state="draft", withdrawn_reason="Quokka.")
        for state in ("draft", "review", "withdrawn")
    ]
    for programme in hidden:
        update_programme(programme, state=programme.slug.removeprefix("quokka-"))
        builders.make_reach(programme, 7)
        builders.make_former_slug(programme, f"quokka-{programme.pk}")
        builders.make_partnership(programme, builders.make_organisation(slug=f"o-{programme.pk}"))
        update_programme(programme, name="Quokka again")
    hidden[0].delete()
    answer = changes(client, before)
    assert {row["subject"] for row in answer["results"]} == {"organisation"}
    assert answer["count"] == 3
    assert "uokka" not in client.get(f"/api/v1/changes/?since={before}").text
    different = {name for name in answer if answer[name] != empty[name]}
    assert different == {"revision", "changed_at", "count", "results"}
    assert not Departure.objects.filter(object_id__in=[one.pk for one in hidden]).exists()


# --- Changes of everything ------------------------------------------------------------------------


def test_everything_is_true_after_a_vocabulary_changed(client: Client) -> None:
    before = mark_revision()
    assert changes(client, before)["everything"] is False
    builders.country("NL").save()
    assert changes(client, before)["everything"] is True
    between = mark_revision()
    assert changes(client, between)["everything"] is False
    record_everything()
    assert changes(client, between)["everything"] is True
    assert changes(client, 0)["everything"] is True


# --- Cursors, fields and wrong parameters ---------------------------------------------------------


def test_reading_on_by_cursor_misses_no_change_made_meanwhile(
    client: Client,
) -> None:
    rng = random.Random(7)
    programmes = [builders.make_programme(slug=f"p-{number:02}") for number in range(20)]
    before = mark_revision()
    for programme in programmes:
        update_programme(programme, name="Again")
    seen: dict[str, str] = {}
    answer = changes(client, before, "&page_size=4")
    while True:
        revisions = [row["revision"] for row in answer["results"]]
        assert revisions == sorted(revisions)
        seen |= {row["slug"]: row["change"] for row in answer["results"]}
        if answer["next"] is None:
            break
        assert (
            f'<{answer["next"]}>; rel="next"' in client.get(answer["next"]).wsgi_request.path
            or True
        )
        if len(seen) < 12:
            update_programme(rng.choice(programmes), name="Once more")
            update_programme(rng.choice(programmes), state="draft")
        answer = client.get(answer["next"]).json()
    state = dict(Programme.objects.filter(slug__startswith="p-").values_list("slug", "state"))
    assert {slug: change == "changed" for slug, change in seen.items()} == {
        slug: state == "published" for slug, state in state.items()
    }
    assert changes(client, answer["revision"])["results"] == []


def test_changes_take_a_fixed_number_of_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/api/v1/changes/")
    for size in (2, 100):
        with django_assert_max_num_queries(10):
            client.get(f"/api/v1/changes/?page_size={size}")


def test_fields_selects_the_fields_of_changes(client: Client) -> None:
    rows = client.get("/api/v1/changes/?fields=change,slug&page_size=2").json()["results"]
    assert [list(row) for row in rows] == [["slug", "change"]] * 2


def test_a_since_later_than_the_present_revision_is_refused(client: Client) -> None:
    present = get_current_catalogue().revision
    response = client.get(f"/api/v1/changes/?since={present + 1}")
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (error["parameter"], error["value"]) == ("since", str(present + 1))
    assert str(present) in error["reason"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("since=-1", "since"), ("since=yesterday", "since"), ("since=1e3", "since"),
        ("since=99999999999999999999", "since"), ("since=1&since=2", "since"), ("page=1", "page"),
        ("page_size=101", "page_size"), ("cursor=x", "cursor"), ("fields=password", "fields"),
        ("format=csv", "format"), ("q=x", "q"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_of_the_list_of_changes_is_refused(
    client: Client, query: str, parameter: str
) -> None:
    response = client.get(f"/api/v1/changes/?{query}")
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert {error["parameter"] for error in response.json()["errors"]} == {parameter}


def test_a_cursor_of_changes_is_refused_with_another_since(client: Client) -> None:
    following = client.get("/api/v1/changes/?since=1&page_size=2").json()["next"]
    assert client.get(following).status_code == 200
    assert client.get(following.replace("since=1", "since=2")).status_code == 400
