"""Two people with the same form open: what each of them did is kept, or one of them is asked."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partnerships.models import Strategy
from programmes.models import FormerSlug, Revision
from stemobs.admin.merging.base import Base, name_row, write_base
from stemobs.admin.merging.marking import mark_difference
from tests.admin.curating import State, make_complete_programme
from tests.admin.forms import Open, address, errors_on, new_row, save
from tests.builders import (
    country,
    make_programme,
    make_reach,
    make_source,
    make_statement,
    make_strategy,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(db: None) -> Client:
    """Another curator, who saves while a form is open."""
    client = Client()
    user = User.objects.create_user("anna", is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


def read_messages(response: Any) -> str:
    return " ".join(str(one) for one in get_messages(response.wsgi_request))


def read_facts(strategy: Strategy) -> list[str]:
    return [f"{one.text} {one.period}".strip() for one in strategy.statements.order_by("pk")]


# --- Different things ----------------------------------------------------------------------------


def test_different_fields_and_facts_of_two_people_survive_and_the_second_is_told(
    admin_client: Client, anna: Client
) -> None:
    strategy = make_strategy(summary="Before.", region="")
    make_statement(strategy=strategy, text="100")
    mine = Open(admin_client, strategy)
    save(anna, strategy, {"region": "Delft", **new_row("statements", 1, **word_row("7"))})
    response = mine.send({"summary": "Mine.", "statements-0-text": "200"})
    assert response.status_code == 302
    strategy.refresh_from_db()
    assert (strategy.summary, strategy.region) == ("Mine.", "Delft")
    assert read_facts(strategy) == ["200", "7"]
    told = read_messages(response)
    assert "Anna changed this since" in told
    assert "These changes were kept: Region, Statement." in told


def word_row(text: str) -> dict[str, str]:
    return {"kind": "fact", "qualifier": "exact", "text": text}


def test_what_two_people_ticked_in_a_list_is_merged_item_by_item(
    admin_client: Client, anna: Client
) -> None:
    first, second, third = country("NL"), country("BE"), country("EE")
    strategy = make_strategy()
    strategy.countries.set([first, second])
    mine = Open(admin_client, strategy)
    save(anna, strategy, {"countries": [first.pk, second.pk, third.pk]})
    assert mine.send({"countries": [second.pk]}).status_code == 302
    assert set(strategy.countries.all()) == {second, third}


def test_a_fact_that_both_added_is_kept_once_and_said(admin_client: Client, anna: Client) -> None:
    strategy = make_strategy()
    make_statement(strategy=strategy, text="100")
    mine = Open(admin_client, strategy)
    row = new_row("statements", 1, **word_row("7"))
    save(anna, strategy, row)
    response = mine.send({**row, "statements-1-text": "7 "})
    assert response.status_code == 302
    assert read_facts(strategy) == ["100", "7"]
    assert "Statement (you added the same, and it is kept once)" in read_messages(response)
    assert "Nothing was changed, so nothing was saved." in read_messages(response)


def test_a_fact_that_another_removed_stays_removed(admin_client: Client, anna: Client) -> None:
    strategy = make_strategy(region="")
    make_statement(strategy=strategy, text="100")
    mine = Open(admin_client, strategy)
    save(anna, strategy, {"statements-0-DELETE": "on"})
    assert mine.send({"region": "Delft"}).status_code == 302
    assert not strategy.statements.exists()


def test_both_may_remove_the_same_fact(admin_client: Client, anna: Client) -> None:
    strategy = make_strategy()
    make_statement(strategy=strategy, text="100")
    mine = Open(admin_client, strategy)
    save(anna, strategy, {"statements-0-DELETE": "on"})
    assert mine.send({"statements-0-DELETE": "on"}).status_code == 302
    assert not strategy.statements.exists()


# --- The same thing ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "stands"), [("theirs", "By her."), ("mine", "By me."), ("was", "At first.")]
)
def test_the_same_field_shows_both_values_at_the_field_and_asks(
    admin_client: Client, anna: Client, answer: str, stands: str
) -> None:
    strategy = make_strategy(summary="At first.", region="")
    mine = Open(admin_client, strategy)
    save(anna, strategy, {"summary": "By her.", "region": "Delft"})
    response = mine.send({"summary": "By me."})
    assert response.status_code == 409
    errors = response.context["adminform"].form.errors
    assert "Not saved yet: anna saved this record while your" in str(errors["__all__"])
    for words in ("Anna changed this too", "At first.", "By her.", "By me."):
        assert words in str(errors["summary"])
    html = response.content.decode()
    assert re.search('aria-invalid="true" aria-describedby="[^"]*id_summary_error"', html)
    assert 'href="#ask-summary"' in html
    assert "Kept: only someone else changed these" in html
    assert response.context["adminform"].form["summary"].value() == "By me."
    strategy.refresh_from_db()
    assert strategy.summary == "By her."

    assert mine.answer(answer).status_code == 302
    strategy.refresh_from_db()
    assert (strategy.summary, strategy.region) == (stands, "Delft")


def test_words_that_only_one_of_two_texts_has_are_marked() -> None:
    was = "Pairs companies with schools for years."
    assert mark_difference("Pairs <b>big</b> companies with schools for years.", was) == (
        "Pairs <ins>&lt;b&gt;big&lt;/b&gt;</ins> companies with schools for years."
    )
    assert mark_difference("Something <else>", was) == "Something &lt;else&gt;"


def test_the_same_change_by_two_people_is_no_question(admin_client: Client, anna: Client) -> None:
    strategy = make_strategy(summary="At first.")
    mine = Open(admin_client, strategy)
    save(anna, strategy, {"summary": "Both\nof us."})
    before = Revision.objects.get().number
    assert mine.send({"summary": "Both\r\nof us. "}).status_code == 302
    assert Revision.objects.get().number == before


def test_a_question_is_asked_until_it_is_answered(admin_client: Client, anna: Client) -> None:
    strategy = make_strategy(summary="At first.")
    mine = Open(admin_client, strategy)
    save(anna, strategy, {"summary": "By her."})
    assert mine.send({"summary": "By me."}).status_code == 409
    assert mine.send({"summary": "By me, better."}).status_code == 409
    assert mine.send({"summary-_choice": "mine"}).status_code == 409
    assert mine.answer("mine").status_code == 302
    strategy.refresh_from_db()
    assert strategy.summary == "By me, better."


def test_an_answer_counts_only_for_the_value_that_it_was_given_for(
    admin_client: Client, anna: Client
) -> None:
    strategy = make_strategy(summary="At first.")
    mine = Open(admin_client, strategy)
    save(anna, strategy, {"summary": "By her."})
    mine.send({"summary": "By me."})
    save(anna, strategy, {"summary": "By her, again."})
    response = mine.answer("mine")
    assert response.status_code == 409
    assert "By her, again." in errors_on(response)
    assert mine.answer("theirs").status_code == 302
    strategy.refresh_from_db()
    assert strategy.summary == "By her, again."


@pytest.mark.parametrize(
    ("answer", "stand"),
    [
        ("theirs", ["55000 2018"]),
        ("mine", ["65000 2019"]),
        ("both", ["55000 2018", "65000 2019"]),
        ("was", ["60000"]),
    ],
)
def test_the_same_fact_shows_both_versions_and_asks(
    admin_client: Client, anna: Client, answer: str, stand: list[str]
) -> None:
    strategy = make_strategy()
    make_statement(strategy=strategy, text="60000")
    mine = Open(admin_client, strategy)
    save(anna, strategy, {"statements-0-text": "55000", "statements-0-period": "2018"})
    response = mine.send({"statements-0-text": "65000", "statements-0-period": "2019"})
    assert response.status_code == 409
    told = errors_on(response)
    for words in ("Text: 55000 · Period: 2018", "Text: 65000 · Period: 2019", "60000"):
        assert words in told
    assert read_facts(strategy) == ["55000 2018"]
    assert mine.answer(answer).status_code == 302
    assert read_facts(strategy) == stand


@pytest.mark.parametrize(("answer", "stand"), [("theirs", []), ("mine", ["200"])])
def test_a_fact_that_another_removed_and_i_changed_is_asked(
    admin_client: Client, anna: Client, answer: str, stand: list[str]
) -> None:
    strategy = make_strategy()
    make_statement(strategy=strategy, text="100")
    mine = Open(admin_client, strategy)
    save(anna, strategy, {"statements-0-DELETE": "on"})
    response = mine.send({"statements-0-text": "200"})
    assert response.status_code == 409
    assert "Anna removed this, and you changed it." in errors_on(response)
    assert mine.send({"statements-0-text": "200"}).status_code == 409
    assert mine.answer(answer).status_code == 302
    assert read_facts(strategy) == stand


@pytest.mark.parametrize(("answer", "stand"), [("theirs", ["200"]), ("mine", [])])
def test_a_fact_that_another_changed_and_i_removed_is_asked(
    admin_client: Client, anna: Client, answer: str, stand: list[str]
) -> None:
    strategy = make_strategy()
    make_statement(strategy=strategy, text="100")
    mine = Open(admin_client, strategy)
    save(anna, strategy, {"statements-0-text": "200"})
    response = mine.send({"statements-0-DELETE": "on"})
    assert response.status_code == 409
    assert "Anna changed this, and you removed it." in errors_on(response)
    assert mine.send({}).status_code == 409
    assert read_facts(strategy) == ["200"]
    assert mine.answer(answer).status_code == 302
    assert read_facts(strategy) == stand


def test_answers_and_text_survive_another_mistake_in_the_form(
    admin_client: Client, anna: Client
) -> None:
    strategy = make_strategy(summary="At first.", year_start=2010)
    mine = Open(admin_client, strategy)
    save(anna, strategy, {"summary": "By her.", "region": "Delft"})
    mine.send({"summary": "By me.", "year_end": "2001"})
    response = mine.answer("mine")
    assert "The end year is before the start year. Check both." in errors_on(response)
    assert mine.send({"year_end": "2011"}).status_code == 302
    strategy.refresh_from_db()
    assert (strategy.summary, strategy.region, strategy.year_end) == ("By me.", "Delft", 2011)


def test_markup_of_others_is_escaped(admin_client: Client, anna: Client) -> None:
    strategy = make_strategy(name="A")
    mine = Open(admin_client, strategy)
    hostile = "<script>alert(1)</script>"
    save(anna, strategy, {"summary": hostile, "region": hostile})
    response = mine.send({"summary": "By me."})
    assert response.status_code == 409
    assert hostile not in response.content.decode()


def test_a_change_outside_the_admin_is_told_of_somebody_else(admin_client: Client) -> None:
    strategy = make_strategy(summary="At first.")
    mine = Open(admin_client, strategy)
    Strategy.objects.filter(pk=strategy.pk).update(summary="By SQL.", region="Delft")
    assert "Someone else changed this too" in errors_on(mine.send({"summary": "By me."}))
    Strategy.objects.filter(pk=strategy.pk).update(region="Leiden")
    told = read_messages(mine.answer("mine"))
    assert "Someone else changed this since" in told


def test_who_has_two_windows_open_is_told_so(admin_client: Client) -> None:
    strategy = make_strategy(region="")
    mine = Open(admin_client, strategy)
    save(admin_client, strategy, {"region": "Delft"})
    assert "You, in another window, changed this" in read_messages(mine.send({"summary": "New."}))


# --- What is stored meanwhile --------------------------------------------------------------------


def test_a_form_may_be_open_for_a_week(admin_client: Client, anna: Client) -> None:
    programme = make_programme(summary="At first.", region="")
    week_ago = timezone.now() - timedelta(days=7)
    mine = Open(admin_client, programme)
    seen = signing.loads(mine.data["_seen"], salt=name_row(type(programme), programme.pk))
    aged = Base(**{**seen, "opened_at": week_ago.isoformat()})
    mine.data["_seen"] = write_base(programme, aged)
    save(anna, programme, {"region": "Delft"})
    save(anna, programme, {"slug": "renamed-meanwhile"})
    save(anna, programme, {"state": State.WITHDRAWN, "withdrawn_reason": "A duplicate."})
    response = mine.send({"summary": "Mine."})
    assert response.status_code == 302
    programme.refresh_from_db()
    assert programme.summary == "Mine."
    assert (programme.slug, programme.state) == ("renamed-meanwhile", State.WITHDRAWN)
    told = read_messages(response)
    assert timezone.localtime(week_ago).strftime("since %-d %B, %H:%M") in told
    assert "Name in addresses" in told
    assert "State" in told


def test_two_who_rename_a_record_are_asked_and_every_old_address_still_leads_there(
    admin_client: Client, anna: Client
) -> None:
    programme = make_programme(slug="first")
    mine = Open(admin_client, programme)
    save(anna, programme, {"slug": "second"})
    assert mine.send({"slug": "third"}).status_code == 409
    assert mine.answer("mine").status_code == 302
    programme.refresh_from_db()
    assert programme.slug == "third"
    assert set(FormerSlug.objects.values_list("slug", flat=True)) >= {"first", "second"}


def test_two_who_withdraw_a_record_for_different_reasons_are_asked(
    admin_client: Client, anna: Client
) -> None:
    programme = make_programme()
    mine = Open(admin_client, programme)
    save(anna, programme, {"state": State.WITHDRAWN, "withdrawn_reason": "Hers."})
    response = mine.send({"state": State.WITHDRAWN, "withdrawn_reason": "Mine."})
    assert response.status_code == 409
    assert [one.name for one in response.context["merge"].questions] == ["withdrawn_reason"]
    mine.answer("theirs")
    programme.refresh_from_db()
    assert programme.withdrawn_reason == "Hers."


def test_a_row_that_somebody_may_not_change_is_never_asked_about(
    curator: Client, anna: Client
) -> None:
    programme = make_programme(region="", state=State.DRAFT)
    make_reach(programme, 100, source=make_source())
    mine = Open(curator, programme)
    save(anna, programme, {"reach-0-value": "200"})
    assert mine.send({"region": "Delft", "reach-0-value": "300"}).status_code == 302
    assert programme.reach.get().value == 200


@pytest.mark.parametrize(
    "crafted",
    [
        {"statements-0-id": "x"},
        {"statements-0-id": "999999"},
        {"statements-0-_was": "999999", "statements-0-id": ""},
        {"statements-TOTAL_FORMS": "x"},
        {"statements-TOTAL_FORMS": ""},
        {"summary-_choice": "mine:"},
        {"statements-0-_choice": "was:x"},
    ],
    ids=str,
)
def test_crafted_forms_change_nothing_and_break_nothing(
    admin_client: Client, crafted: dict[str, Any]
) -> None:
    strategy = make_strategy()
    make_statement(strategy=strategy, text="100")
    assert save(admin_client, strategy, crafted).status_code in (200, 302, 409)
    assert read_facts(strategy) == ["100"]


# --- Queries -------------------------------------------------------------------------------------


def test_a_form_and_its_saving_take_a_known_number_of_queries(admin_client: Client) -> None:
    """Showing and merging ask no more for more facts; each is checked within a savepoint."""
    few, many = make_complete_programme(), make_complete_programme()
    for number in range(10):
        make_reach(many, number + 1)
    count_queries(admin_client, few)  # content types are asked once a process
    assert count_queries(admin_client, few) == (OPENING, SAVING)
    assert count_queries(admin_client, many) == (OPENING, SAVING + 3 * 10)


# One query reads all countries, which are listed without scripts. On PostgreSQL a form waits for
# its turn by one query more.
OPENING, SAVING = 20, 99 + (connection.vendor == "postgresql")


def count_queries(client: Client, row: Any) -> tuple[int, int]:
    """Return how many queries it takes to open a form, and to save it without a change."""
    with CaptureQueriesContext(connection) as opening:
        mine = Open(client, row)
    with CaptureQueriesContext(connection) as saving:
        assert mine.send({}).status_code == 302
    return len(opening), len(saving)


def test_a_form_reads_the_record_and_its_version_in_one_state(admin_client: Client) -> None:
    page = admin_client.get(address(make_complete_programme(), "change"))
    assert page.is_rendered
    assert re.search(r'name="_seen" value="[\w:.-]+"', page.content.decode())
