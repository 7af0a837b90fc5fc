"""A record as it was: which states there are, what each shows, and that citations lead to them."""

import datetime
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from programmes.models import Country, Edit, Programme
from stemobs.catalogue.editing import edit
from stemobs.catalogue.triggers.installing import record_unseen_writes
from stemobs.catalogue.visibility.queries import where_known
from stemobs.entries.history.states import read_state
from tests import builders, chance
from tests.api.asking import one
from tests.catalogue.edits import EDITS
from tests.catalogue.marks import begin_another_transaction, number, undone
from tests.pictures import PICTURE

pytestmark = pytest.mark.django_db

API = "/api/v1/programmes"
FIRST_DAY = datetime.date(2020, 1, 1)
EDITS_IN_A_ROW = 4


@pytest.fixture
def programme() -> Programme:
    made = builders.make_programme(slug="then", name="Then", countries=[builders.country("NL")])
    builders.make_reach(made, source=builders.make_source(slug="told", title="What was told"))
    builders.make_partnership(made, builders.make_organisation(slug="who", name="Who it was"))
    return made


def change(programme: Programme, **fields: Any) -> int:
    """Change a programme; return the revision before."""
    before = number()
    begin_another_transaction()
    with edit(Edit.Kind.CURATOR):
        Programme.objects.filter(pk=programme.pk).update(**fields)
    begin_another_transaction()
    return before


def find_page(revision: int, slug: str = "then") -> str:
    return reverse("programme-state", args=[slug, revision])


def find_data(revision: int, slug: str = "then") -> str:
    return f"{API}/{slug}/@{revision}/"


# --- Citations ------------------------------------------------------------------------------------


def test_a_citation_leads_to_the_state_that_it_cites(client: Client, programme: Programme) -> None:
    page = client.get("/programmes/then/")
    (item,) = client.get("/programmes/then.csl.json").json()
    cited = urlsplit(item["URL"]).path
    assert cited == find_page(int(item["version"]))
    assert f"{item['URL']}</span>" in page.text
    assert f'<{cited}>; rel="cite-as"' in page.headers["Link"]
    (links,) = client.get("/programmes/then.linkset.json").json()["linkset"]
    assert (urlsplit(links["anchor"]).path, links["cite-as"][0]["href"]) == (
        "/programmes/then/", item["URL"],
    )  # fmt: skip
    before = one(client, "then")
    change(programme, name="Now", slug="now")
    builders.make_former_slug(programme, "then")
    moved = client.get(cited)
    assert (moved.status_code, moved.headers["Location"]) == (
        301, find_page(int(item["version"]), "now"),
    )  # fmt: skip
    shown = client.get(moved.headers["Location"])
    assert "<h1>Then</h1>" in shown.text
    assert client.get(f"/api/v1{cited}").json() == before != one(client, "now")


def test_a_state_says_that_it_is_one_and_leads_to_the_present(
    client: Client, programme: Programme
) -> None:
    at = change(programme, name="Now")
    shown = client.get(find_page(at))
    assert f"revision {at}." in shown.text
    assert "It has changed since." in shown.text
    assert '<meta name="robots" content="noindex">' in shown.text
    assert '/programmes/then/">\n  <meta name="robots"' in shown.text
    assert shown.headers["Link"] == client.get(find_data(at)).headers["Link"]
    assert shown.headers["Link"].startswith('</programmes/then/>; rel="latest-version"')
    assert "mailto:" not in shown.text.split("<footer")[0]
    assert "It has changed since." not in client.get(find_page(number())).text


def test_a_state_as_data_has_the_same_forms_and_fields_as_the_record(
    client: Client, programme: Programme
) -> None:
    linked = client.get(f"{API}/then.jsonld").json()
    at = change(programme, name="Now")
    assert client.get(f"{find_data(at)}?fields=name").json() == {"name": "Then"}
    assert client.get(f"{find_data(at)}?format=jsonld").json() == linked
    for kind, query in {"application/json": "", "application/ld+json": "?format=jsonld"}.items():
        response = client.get(find_page(at), headers={"Accept": kind})
        assert (response.status_code, response.headers["Location"]) == (
            303, f"{find_data(at)}{query}",
        )  # fmt: skip
    assert client.get(f"{find_data(at)}?as_of=2020-01-01").status_code == 400


# --- What a state holds ---------------------------------------------------------------------------


def test_a_state_calls_everything_what_it_was_called_then(
    client: Client, programme: Programme
) -> None:
    builders.make_evaluation(programme, independence="independent")
    before, at = one(client, "then"), number()
    assert before["evidence"] == "independent"
    begin_another_transaction()
    with edit(Edit.Kind.CURATOR):
        Country.objects.update(name="Elsewhere")
        row = programme.reach.get()
        row.source.title = "What is told now"
        row.source.save()
        organisation = programme.partnerships.get().organisation
        programme.partnerships.all().delete()
        organisation.delete()
        programme.evaluations.all().delete()
    assert client.get(find_data(at)).json() == before
    shown = client.get(find_page(at)).text
    assert "Who it was" in shown
    assert "What was told" in shown
    assert "Netherlands" in shown


def test_a_claim_leads_in_each_state_to_the_sum_that_it_named_then(
    client: Client, programme: Programme
) -> None:
    money = builders.make_funding(programme, position=3, amount=9, currency="EUR")
    claim = builders.make_claim(builders.make_discrepancy(programme), statement="9 euros")
    before = change(programme, name="Now")
    claim.funding = money
    claim.save()
    named = change(programme, name="Later")
    money.delete()
    shown = [client.get(find_page(at)).text for at in (before, named, number())]
    assert ['<a href="#funding-3">9 euros</a>' in html for html in shown] == [False, True, False]
    (point,) = client.get(find_data(named)).json()["discrepancies"]
    assert point["claims"][0]["figure"] == "funding-3"


def test_a_picture_that_is_gone_is_left_out_of_states(client: Client, programme: Programme) -> None:
    programme.logo, programme.logo_alt = SimpleUploadedFile("logo.png", PICTURE), "A robot."
    programme.save()
    at = number()
    assert client.get(find_data(at)).json()["logo"] == one(client, "then")["logo"] is not None
    programme.logo.storage.delete(programme.logo.name)
    assert client.get(find_data(at)).json()["logo"] is None


def test_a_state_names_only_others_that_were_public_then_and_are_known_now(
    client: Client, programme: Programme
) -> None:
    ends = {
        name: builders.make_programme(slug=name, name=f"The {name} one", state=state)
        for name, state in {"steady": "published", "draft": "draft", "hidden": "published",
                            "withdrawn": "published"}.items()
    }  # fmt: skip
    for end in ends.values():
        builders.make_lineage(from_programme=programme, to_programme=end)
    at = number()
    change(ends["draft"], state="published")
    change(ends["hidden"], state="draft")
    change(ends["withdrawn"], state="withdrawn", withdrawn_reason="Why.")
    told = client.get(find_data(at)).json()["lineage"]
    assert {row["target"]["slug"] for row in told} == {"steady", "withdrawn"}
    shown = client.get(find_page(at)).text
    assert "The steady one" in shown
    assert "The draft one" not in shown
    assert "The hidden one" not in shown


def drop_hidden_lineage(answer: dict[str, Any], known: set[str]) -> dict[str, Any]:
    """Return a record without lineage to what readers know nothing of any more."""
    rows = [
        row
        for row in answer["lineage"]
        if all(end["type"] != "programme" or end["slug"] in known
               for end in (row["subject"], row["target"]))
    ]  # fmt: skip
    return {**answer, "lineage": rows}


def write_on_days(data: st.DataObject, watch: Callable[[], Any]) -> dict[datetime.date, Any]:
    """Make random edits, one a day; return what was seen at the end of each day."""
    seen = {}
    for step in range(EDITS_IN_A_ROW):
        day, last = FIRST_DAY + datetime.timedelta(days=step), number()
        begin_another_transaction()
        # What the database refuses is rolled back and must leave nothing.
        with suppress(IntegrityError), transaction.atomic():
            data.draw(st.sampled_from(EDITS))(data)
        noon = datetime.datetime.combine(day, datetime.time(12), datetime.UTC)
        Edit.objects.filter(revision__gt=last).update(made_at=noon)
        seen[day] = watch()
    return seen


@given(st.data())
@chance.steady(2)
def test_the_state_of_a_day_is_the_record_as_it_was_that_day(data: st.DataObject) -> None:
    client = Client()

    def look() -> dict[int, dict[str, Any]]:
        latest = Programme.objects.published().order_by("-pk")[:2]
        return {found.pk: one(client, found.slug) for found in latest}

    with undone():
        made = builders.crowded(2)
        builders.make_lineage(from_programme=builders.make_programme(), to_programme=made)
        Edit.objects.update(made_at=datetime.datetime(2019, 1, 1, tzinfo=datetime.UTC))
        seen = write_on_days(data, look)
        known = {*Programme.objects.filter(where_known()).values_list("slug", flat=True)}
        public = dict(Programme.objects.published().values_list("pk", "slug"))
        for day, records in seen.items():
            for pk, record in records.items():
                if pk in public:
                    asked = f"{API}/{public[pk]}/?as_of={day}"
                    answer = client.get(asked, follow=True).json()
                    right = drop_hidden_lineage(record, known)
                    assert drop_hidden_lineage(answer, known) == right


def test_the_time_of_a_state_is_not_that_of_a_later_edit_of_a_draft(programme: Programme) -> None:
    change(programme, name="Now")
    Edit.objects.update(made_at=datetime.datetime(2019, 1, 1, tzinfo=datetime.UTC))
    change(builders.make_programme(state="draft"), name="Secret")
    state = read_state(programme, number())
    assert state
    assert state.moment.changed_at.year == 2019


# --- Which states there are -----------------------------------------------------------------------


def test_as_of_leads_to_the_state_at_the_end_of_a_day(client: Client, programme: Programme) -> None:
    Edit.objects.update(made_at=datetime.datetime(2019, 6, 1, 12, tzinfo=datetime.UTC))
    at = change(programme, name="Now")
    today = timezone.localdate()
    for day, revision in {"2019-06-01": at, "2020-01-01": at, today: number()}.items():
        page = client.get(f"/programmes/then/?as_of={day}")
        assert (page.status_code, page.headers["Location"]) == (302, find_page(revision))
        data = client.get(f"{API}/then/?as_of={day}&fields=name")
        assert data.headers["Location"] == f"{find_data(revision)}?fields=name"
    for address in ("/programmes/then/", f"{API}/then/"):
        response = client.get(f"{address}?as_of=2019-05-31")
        assert response.status_code == 404
        assert "31 May 2019 (as_of)" in response.text


@pytest.mark.parametrize(
    ("given", "reason"),
    {
        "2026-02-30": "is not a day", "yesterday": "is not a day", "20261121": "is not a day",
        "2999-01-01": "is a day that has not come yet", "": "is empty",
        "2019-06-01&as_of=2019-06-02": "may be given once only", "2019%0006-01": "NUL",
    }.items(),
)  # fmt: skip
def test_a_wrong_day_is_a_400_that_names_the_parameter(
    client: Client, programme: Programme, given: str, reason: str
) -> None:
    for address in ("/programmes/then/", f"{API}/then/"):
        response = client.get(f"{address}?as_of={given}")
        assert response.status_code == 400
        assert reason in response.text
        assert "as_of" in response.text


def test_a_revision_without_a_public_state_is_a_404(client: Client, programme: Programme) -> None:
    before = Edit.objects.filter(versions__programme_id=programme.pk).order_by("pk")[0].revision
    change(programme, state="withdrawn", withdrawn_reason="Why.")
    withdrawn = number()
    change(programme, state="published")
    for revision in ((before or 0) - 1, withdrawn, number() + 1, 10**17):
        for address in (find_page(revision), find_data(revision)):
            response = client.get(address)
            assert response.status_code == 404, address
            assert f"no state of this record at revision {revision}" in response.text
    for word in ("0", "007", "abc", "-1", "9" * 30):
        assert client.get(f"/programmes/then/@{word}/").status_code == 404
        assert client.get(f"{API}/then/@{word}/").status_code == 404
    record_unseen_writes()
    assert client.get(find_page(withdrawn - 1)).status_code == 404


def test_the_past_of_a_draft_is_never_shown_not_even_after_it_was_published(client: Client) -> None:
    draft = builders.make_programme(slug="then", state="draft", name="Working title")
    secret = change(draft, name="Another working title")
    for address in (find_page(secret), find_data(secret), "/programmes/then/?as_of=2026-01-01"):
        assert client.get(address).status_code == 404
    Edit.objects.update(made_at=datetime.datetime(2019, 6, 1, tzinfo=datetime.UTC))
    change(draft, name="Title", state="published")
    for address in (find_page(secret), find_data(secret), "/programmes/then/?as_of=2019-06-02"):
        response = client.get(address)
        assert response.status_code == 404
        assert "orking title" not in response.text
    assert client.get(find_page(number())).status_code == 200


def test_a_withdrawn_record_has_no_states_and_says_why(
    client: Client, programme: Programme
) -> None:
    at = change(programme, state="withdrawn", withdrawn_reason="It never ran.")
    for address in (find_page(at), find_data(at), "/programmes/then/?as_of=2020-01-01"):
        response = client.get(address)
        assert response.status_code == 410
        assert "It never ran." in response.text


def test_a_merged_record_has_no_states_and_names_what_it_was_merged_into(
    client: Client, programme: Programme
) -> None:
    other = builders.make_programme(slug="other", name="The other")
    at = change(programme, state="withdrawn", merged_into=other)
    for address in (find_page(at), find_data(at), "/programmes/then/?as_of=2020-01-01"):
        response = client.get(address)
        assert response.status_code == 410
        assert "other" in response.text
    assert 'href="/programmes/other/"' in client.get(find_page(at)).text


def test_a_state_takes_few_queries_however_much_has_changed_since(
    client: Client, programme: Programme
) -> None:
    builders.crowded(3)
    at = number()
    for _time in range(3):
        change(programme, name=f"Name {_time}")
        builders.make_reach(programme)
        programme.reach.update(value=5)
    for address, most in {find_page(at): 60, find_data(at): 56}.items():
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        assert len(captured) <= most
