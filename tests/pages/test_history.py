"""The page of a record's changes: what readers could see, by role and never by name."""

from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programmes.models import Edit, Programme
from stemobs.catalogue.editing import edit
from stemobs.catalogue.triggers.installing import record_unseen_writes
from stemobs.entries.history.steps import MOST_STEPS, RecordStep
from tests.builders import (
    country,
    make_claim,
    make_discrepancy,
    make_evaluation,
    make_lineage,
    make_name,
    make_organisation,
    make_partnership,
    make_programme,
    make_reach,
    make_source,
)
from tests.catalogue.marks import begin_another_transaction, number

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme() -> Programme:
    return make_programme(slug="changing", name="Changing")


def list_steps(client: Client, programme: Programme) -> list[RecordStep]:
    return ask(client, programme).context["past"].steps


def ask(client: Client, programme: Programme) -> Any:
    response = client.get(reverse("programme-history", args=[programme.slug]))
    assert response.status_code == 200
    return response


def change(programme: Programme, **fields: Any) -> None:
    """Change a programme by SQL, as a curator."""
    begin_another_transaction()
    with edit(Edit.Kind.CURATOR, User.objects.get_or_create(username="somebody")[0]):
        Programme.objects.filter(pk=programme.pk).update(**fields)


def test_the_page_names_what_changed_and_by_whom_only_in_general(
    client: Client, programme: Programme
) -> None:
    change(programme, summary="Another.", website="https://example.org/")
    latest, first = list_steps(client, programme)
    assert (latest.event, latest.changes) == ("", ["Summary", "Website"])
    assert (latest.maker, latest.revision) == ("By a curator", number())
    assert (first.event, first.changes) == ("added", [])
    text = ask(client, programme).text
    assert "<span>By a curator</span>" in text
    assert "somebody" not in text
    assert "Earlier changes are not shown." not in text


def test_facts_are_told_by_their_kind_and_number(client: Client, programme: Programme) -> None:
    gone, stays = make_reach(programme), make_reach(programme)
    begin_another_transaction()
    with edit(Edit.Kind.CURATOR):
        gone.delete()
        stays.value = 5
        stays.save()
        passing = make_reach(programme)
        passing.delete()
        make_evaluation(programme)
        make_name(programme, "Another name")
        make_partnership(programme, make_organisation())
        programme.countries.add(country("NL"))
    assert list_steps(client, programme)[0].changes == [
        "Countries",
        "Other names: 1 added",
        "Reach figures: 1 changed, 1 removed",
        "Evaluations: 1 added",
        "Organisations: 1 added",
    ]


def test_what_readers_never_see_makes_no_step(client: Client, programme: Programme) -> None:
    before = list_steps(client, programme)
    change(programme, curators_note="A secret", confidence="low")
    make_lineage(from_programme=programme, to_programme=make_programme(state="draft"))
    assert list_steps(client, programme) == before
    assert "secret" not in ask(client, programme).text


def test_the_past_of_a_draft_is_never_told(client: Client) -> None:
    draft = make_programme(state="draft", name="Working title")
    change(draft, name="Another working title")
    begin_another_transaction()
    make_reach(draft)
    address = reverse("programme-history", args=[draft.slug])
    assert client.get(address).status_code == 404
    change(draft, state="published", name="Title")
    (step,) = list_steps(client, draft)
    assert (step.event, step.changes) == ("published", [])
    change(draft, state="withdrawn", withdrawn_reason="Why.")
    assert client.get(address).status_code == 410
    change(draft, name="While it was withdrawn")
    change(draft, state="published")
    assert [step.event for step in list_steps(client, draft)] == [
        "published", "withdrawn", "published",
    ]  # fmt: skip
    assert "orking title" not in ask(client, draft).text


def test_a_merged_record_leads_to_the_history_of_the_other(client: Client) -> None:
    stays = make_programme()
    merged = make_programme(state="withdrawn", merged_into=stays)
    response = client.get(reverse("programme-history", args=[merged.slug]))
    assert response.status_code == 301
    assert response["Location"].endswith(reverse("programme-history", args=[stays.slug]))


def test_a_page_has_the_latest_steps_and_says_that_there_are_more(
    client: Client, programme: Programme
) -> None:
    for time in range(MOST_STEPS + 1):
        change(programme, summary=f"{time}")
    assert len(list_steps(client, programme)) == MOST_STEPS
    assert "Earlier changes are not shown." in ask(client, programme).text


def test_where_history_began_later_the_page_says_so(client: Client, programme: Programme) -> None:
    record_unseen_writes()
    assert "Nothing has changed since" in ask(client, programme).text
    change(programme, summary="Another.")
    assert len(list_steps(client, programme)) == 1
    assert "Earlier changes are not shown." in ask(client, programme).text


def test_a_record_links_to_its_history(client: Client, programme: Programme) -> None:
    address = reverse("programme-history", args=[programme.slug])
    assert f'href="{address}"' in client.get(programme.get_absolute_url()).text


# --- Two states compared --------------------------------------------------------------------------


def compare(client: Client, programme: Programme, query: str) -> list[tuple[str, str]]:
    """Return what differs, with what only one state has in brackets."""
    marks = {"del": "[-{}-]", "ins": "[+{}+]", "same": "{}"}
    compared = client.get(f"{reverse('programme-history', args=[programme.slug])}?{query}")
    assert compared.status_code == 200
    return [
        (one.name, " ".join(marks[kind].format(text) for kind, text in one.pieces))
        for one in compared.context["compared"].differences
    ]


def test_two_states_are_compared_fact_by_fact(client: Client, programme: Programme) -> None:
    source = make_source(title="The source")
    changed, gone = make_reach(programme, 40), make_reach(programme, 7)
    noted = make_evaluation(programme, source=source)
    point = make_discrepancy(programme)
    claim = make_claim(point, statement="over 100")
    make_partnership(programme, make_organisation(name="Stays"), position=9)
    programme.countries.add(country("NL"))
    before = number()
    begin_another_transaction()
    with edit(Edit.Kind.CURATOR, reason="The source was misread."):
        Programme.objects.filter(pk=programme.pk).update(
            website="https://example.org/", is_vocational=True, verified_on="2026-11-27"
        )
        programme.countries.set([country("FI")])
        changed.qualifier = "about"
        changed.save()
        gone.delete()
        noted.note = "Of 2007."
        noted.save()
        claim.statement = "over 200"
        claim.save()
        programme.partnerships.update(position=1)
        make_partnership(programme, make_organisation(name="Comes"))
        make_lineage(from_programme=programme, to_text="Elsewhere")
    after = number()
    right = [
        ("Website", "[+https://example.org/+]"),
        ("Vocational", "[-no-] [+yes+]"),
        ("Checked on", "[+27 November 2026+]"),
        ("Countries", "[-Netherlands-] [+Finland+]"),
        ("Reach figure", "[-40 students-] [+About 40 students+]"),
        ("Reach figure", "[-7 students-]"),
        ("Evaluation “Design not known, Result not known”: note", "[+Of 2007.+]"),
        ("Organisation", "[+Comes, partner+]"),
        ("Where sources differ “Number of schools”: claims", "[-over 100-] [+over 200+]"),
        ("Relation to another", "[+Changing – Inspired – Elsewhere+]"),
    ]
    assert compare(client, programme, f"from={before}&to={after}") == right
    assert compare(client, programme, f"from={after}&to={before}") == right
    assert compare(client, programme, f"from={before}") == right
    assert compare(client, programme, f"from={after}&to={after}") == []
    latest = ask(client, programme)
    assert f'href="?from={after - 1}&amp;to={after}"' in latest.text
    assert "The source was misread." in latest.text


def test_long_texts_are_compared_word_by_word(client: Client, programme: Programme) -> None:
    words = [f"word{place}" for place in range(20)]
    change(programme, description=" ".join(words))
    at = number()
    change(programme, description=" ".join([*words[:10], "<new>", *words[11:]]))
    ((name, told),) = compare(client, programme, f"from={at}")
    assert (name, told.count("word10"), told.count("[")) == ("Description", 1, 2)
    text = client.get(
        reverse("programme-history", args=[programme.slug]), {"from": at, "to": number()}
    ).text
    assert "<del>word10</del> <ins>&lt;new&gt;</ins>" in text


@pytest.mark.parametrize(
    ("query", "status", "named"),
    [
        ("from=x", 400, "from is not a whole number"),
        ("to=1", 400, "from is missing"),
        ("from=1&from=2", 400, "from may be given once only"),
        ("from=1", 404, "(from, to)"),
        ("from=1&to=999999999", 404, "(from, to)"),
    ],
)
def test_a_state_that_cannot_be_compared_is_an_error_that_names_the_parameter(
    client: Client, programme: Programme, query: str, status: int, named: str
) -> None:
    address = reverse("programme-history", args=[programme.slug])
    response = client.get(f"{address}?{query}")
    assert response.status_code == status
    assert named in response.text


def test_a_comparison_takes_few_queries(client: Client, programme: Programme) -> None:
    at = number()
    for time in range(3):
        change(programme, summary=f"{time}")
    address = f"{reverse('programme-history', args=[programme.slug])}?from={at}"
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    assert len(captured) <= 100


def test_a_merged_record_has_nothing_to_compare(client: Client) -> None:
    merged = make_programme(state="withdrawn", merged_into=make_programme())
    address = reverse("programme-history", args=[merged.slug])
    assert client.get(f"{address}?from=1&to=2").status_code == 410


# --- The feed -------------------------------------------------------------------------------------


def test_the_changes_of_a_record_are_a_feed(client: Client, programme: Programme) -> None:
    first = number()
    change(programme, summary="Another.", name="Now & <then>")
    address = reverse("programme-history-atom", args=[programme.slug])
    assert f'href="{address}"' in ask(client, programme).text
    feed = feedparser.parse(client.get(address).content)
    assert feed.feed.title == "STEM Observatory: changes to the record of Now & <then>"
    assert [entry.title for entry in feed.entries] == ["Changed", "Added to the catalogue"]
    assert feed.entries[0].summary == "Name; Summary; By a curator"
    links = [urlsplit(entry.link).path for entry in feed.entries]
    assert links == [reverse("programme-state", args=["changing", at]) for at in (number(), first)]
    assert len({entry.id for entry in feed.entries}) == 2
    edits = {str(pk) for pk in Edit.objects.values_list("pk", flat=True)}
    assert not edits & {entry.id.rsplit("/")[-1] for entry in feed.entries}
    assert client.get(f"{address}?a=b").status_code == 400
    change(programme, state="withdrawn", withdrawn_reason="Why.")
    assert client.get(address).status_code == 410
