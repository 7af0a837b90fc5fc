"""What the API tells of changes: to whoever keeps a copy, and nothing of what was never public."""

import random
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from programmes.models import Departure, Programme, Revision
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.catalogue.triggers import record_everything
from tests import builders

pytestmark = pytest.mark.django_db

LINE = [
    "revision", "subject", "slug", "change", "url", "former_slugs", "merged_into", "reason",
]  # fmt: skip


def revision() -> int:
    """Return the present revision; what comes next has another one, as another transaction has."""
    Revision.objects.update(transaction="")
    return Revision.objects.get().number


def changes(client: Client, since: int, more: str = "") -> dict[str, Any]:
    response = client.get(f"/api/v1/changes/?since={since}{more}")
    assert response.status_code == 200, response.text
    return response.json()


def told(client: Client, since: int) -> dict[str, str]:
    """Return what became of each entry, by its slug."""
    rows = changes(client, since, "&page_size=100")["results"]
    assert len({row["slug"] for row in rows}) == len(rows)
    return {row["slug"]: row["change"] for row in rows}


def put(programme: Programme, **fields: Any) -> None:
    revision()
    Programme.objects.filter(pk=programme.pk).update(**fields)


def test_changes_come_with_the_revision_and_moment_that_they_lead_to(client: Client) -> None:
    before = revision()
    assert changes(client, before)["results"] == []
    one = builders.make_programme(slug="one")
    answer = changes(client, before)
    assert list(answer) == [
        "revision", "changed_at", "since", "everything", "count", "next", "previous", "results",
    ]  # fmt: skip
    moment = get_current_catalogue().moment
    assert (answer["revision"], answer["since"]) == (moment.number, before)
    assert answer["changed_at"] == moment.changed_at.isoformat().replace("+00:00", "Z")
    assert answer["everything"] is False
    (line,) = answer["results"]
    assert list(line) == LINE
    assert line["revision"] <= answer["revision"]
    assert (line["subject"], line["slug"], line["change"]) == ("programme", "one", "changed")
    assert client.get(line["url"]).json()["slug"] == "one"
    revision()
    builders.make_former_slug(one, "once")
    assert changes(client, before)["results"][0]["former_slugs"] == ["once"]
    assert changes(client, answer["revision"])["count"] == 1
    assert client.get("/api/v1/").json()["changes"].endswith("/api/v1/changes/")


def test_organisations_are_told_as_well(client: Client) -> None:
    before = revision()
    stays, goes = (builders.make_organisation(slug=slug) for slug in ("stays", "goes"))
    assert told(client, before) == {"stays": "changed", "goes": "changed"}
    between = revision()
    goes.delete()
    assert told(client, between) == {"goes": "gone"}
    lines = changes(client, before)["results"]
    assert [client.get(line["url"]).status_code for line in lines] == [200, 404]
    assert stays.slug in told(client, before)


def test_a_fact_of_a_programme_is_a_change_of_it(client: Client) -> None:
    programme = builders.make_programme(slug="one")
    before = revision()
    builders.make_reach(programme, 5)
    assert told(client, before) == {"one": "changed"}


# --- What readers can no longer see ---------------------------------------------------------------


def test_what_was_withdrawn_comes_with_its_reason(client: Client) -> None:
    programme = builders.make_programme(slug="old")
    before = revision()
    put(programme, state="withdrawn", withdrawn_reason="It never took place.")
    (line,) = changes(client, before)["results"]
    assert (line["slug"], line["change"]) == ("old", "withdrawn")
    assert (line["reason"], line["merged_into"]) == ("It never took place.", None)
    assert client.get(line["url"]).status_code == 410
    between = revision()
    put(programme, withdrawn_reason="Better words.")
    assert changes(client, between)["results"][0]["reason"] == "Better words."


def test_what_was_merged_names_what_took_over_where_that_is_public(client: Client) -> None:
    programme, new = builders.make_programme(slug="old"), builders.make_programme(slug="new")
    before = revision()
    put(programme, state="withdrawn", merged_into=new)
    (line,) = changes(client, before)["results"]
    assert (line["change"], line["merged_into"]) == ("merged", "new")
    put(new, state="draft", slug="quokka")
    text = client.get(f"/api/v1/changes/?since={before}").text
    assert "quokka" not in text
    assert told(client, before) == {"old": "withdrawn", "new": "gone"}


@pytest.mark.parametrize("state", ["draft", "review"])
def test_what_readers_saw_and_see_no_more_is_gone_and_its_later_life_hidden(
    client: Client, state: str
) -> None:
    programme = builders.make_programme(slug="seen")
    before = revision()
    put(programme, state=state, slug="quokka", name="Quokka")
    (line,) = changes(client, before)["results"]
    assert (line["slug"], line["change"], line["reason"]) == ("seen", "gone", "")
    between = revision()
    put(programme, name="Quokka again")
    builders.make_reach(programme, 5)
    put(programme, slug="quokka-two")
    assert changes(client, between)["results"] == []
    assert changes(client, before)["results"] == [line]
    programme.delete()
    assert changes(client, before)["results"] == [line]
    assert "uokka" not in client.get("/api/v1/changes/?page_size=100").text


def test_what_comes_back_is_told_as_changed(client: Client) -> None:
    programme = builders.make_programme(slug="seen")
    before = revision()
    put(programme, state="draft")
    put(programme, state="published")
    assert told(client, before) == {"seen": "changed"}
    put(programme, state="withdrawn", withdrawn_reason="Why.")
    put(programme, state="draft")
    assert told(client, before) == {"seen": "gone"}


def test_what_was_deleted_is_gone(client: Client) -> None:
    programme = builders.make_programme(slug="seen")
    before = revision()
    programme.delete()
    assert told(client, before) == {"seen": "gone"}


def test_what_never_was_public_leaves_no_trace(client: Client) -> None:
    before = revision()
    empty = changes(client, before)
    hidden = [
        builders.make_programme(slug=f"quokka-{state}", state=state, withdrawn_reason="Quokka.")
        for state in ("draft", "review", "withdrawn")
    ]
    for programme in hidden:
        builders.make_reach(programme, 7)
        builders.make_former_slug(programme, f"quokka-{programme.pk}")
        builders.make_partnership(programme, builders.make_organisation(slug=f"o-{programme.pk}"))
        put(programme, name="Quokka again")
    hidden[0].delete()
    answer = changes(client, before)
    assert {row["subject"] for row in answer["results"]} == {"organisation"}
    assert answer["count"] == 3
    assert "uokka" not in client.get(f"/api/v1/changes/?since={before}").text
    different = {name for name in answer if answer[name] != empty[name]}
    assert different == {"revision", "changed_at", "count", "results"}
    assert not Departure.objects.filter(object_id__in=[one.pk for one in hidden]).exists()


# --- Everything -----------------------------------------------------------------------------------


def test_when_everything_may_have_changed_the_answer_says_so(client: Client) -> None:
    before = revision()
    assert changes(client, before)["everything"] is False
    builders.country("NL").save()
    assert changes(client, before)["everything"] is True
    between = revision()
    assert changes(client, between)["everything"] is False
    record_everything()
    assert changes(client, between)["everything"] is True
    assert changes(client, 0)["everything"] is True


# --- Reading on -----------------------------------------------------------------------------------


def test_changes_come_in_the_order_of_revisions_and_none_is_missed_meanwhile(
    client: Client,
) -> None:
    rng = random.Random(7)
    programmes = [builders.make_programme(slug=f"p-{number:02}") for number in range(20)]
    before = revision()
    for programme in programmes:
        put(programme, name="Again")
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
            put(rng.choice(programmes), name="Once more")
            put(rng.choice(programmes), state="draft")
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
        with django_assert_max_num_queries(9):
            client.get(f"/api/v1/changes/?page_size={size}")


def test_fields_can_be_chosen(client: Client) -> None:
    rows = client.get("/api/v1/changes/?fields=change,slug&page_size=2").json()["results"]
    assert [list(row) for row in rows] == [["slug", "change"]] * 2


def test_a_revision_that_is_yet_to_come_is_refused(client: Client) -> None:
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
def test_what_is_wrong_is_refused(client: Client, query: str, parameter: str) -> None:
    response = client.get(f"/api/v1/changes/?{query}")
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert {error["parameter"] for error in response.json()["errors"]} == {parameter}


def test_a_cursor_of_changes_belongs_to_its_revision(client: Client) -> None:
    following = client.get("/api/v1/changes/?since=1&page_size=2").json()["next"]
    assert client.get(following).status_code == 200
    assert client.get(following.replace("since=1", "since=2")).status_code == 400
