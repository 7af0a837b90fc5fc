"""Checking a record against its sources: what is asked, kept, finished, and told to readers."""

import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from programmes.models import ChangeDraft, Edit, Programme, Reach, RecordCheck, Task
from stemobs.admin.verifying.pages import find_check_address
from stemobs.curation.roles import Role
from stemobs.curation.tasks.watching import look_at_record
from stemobs.curation.writers import find_last_changer
from tests.admin.drafting import count_all, decide, read_messages, read_public
from tests.admin.forms import Open, address, save
from tests.admin.verifying import OpenCheck
from tests.builders import (
    crowded,
    make_citation,
    make_evaluation,
    make_funding,
    make_organisation,
    make_partnership,
    make_programme,
    make_publishable,
    make_reach,
    make_source,
    make_task,
)
from tests.catalogue.marks import begin_another_transaction, number
from tests.curation.people import State, make_person, sign_in, write_as

pytestmark = pytest.mark.django_db
MADE_OF_SOURCES = 3  # of the record below: of the whole, of figures, of the status


@pytest.fixture
def record(db: None) -> Programme:
    """A record with one source of the whole, one of two figures, and one of its status."""
    record = make_programme(name="Gears", status="active")
    make_publishable(record)
    figures = make_source(title="Report", url="https://example.org/report")
    make_reach(record, 40, source=figures, locator="p. 4", year_to=2019, period="2019")
    make_partnership(record, make_organisation(name="Wheelwrights"), "founder", source=figures)
    make_citation(record, field="status", source=make_source(title="News"))
    return record


def find_figure(record: Programme) -> Reach:
    return record.reach.earliest("pk")


def read(record: Programme, *names: str) -> tuple[Any, ...]:
    return Programme.objects.values_list(*names).get(pk=record.pk)


def make_pair(record: Programme) -> tuple[Reach, Any]:
    """Return the two facts that rest on one source."""
    return find_figure(record), record.partnerships.get()


# --- The page -------------------------------------------------------------------------------------


def test_facts_stand_beneath_each_source_that_they_rest_on_and_nothing_is_chosen(
    anna: User, record: Programme
) -> None:
    shared, figure = make_source(title="Both"), find_figure(record)
    study = make_evaluation(record, source=figure.source, finding="It helps.")
    study.further_sources.add(shared)
    gone = make_reach(record, 7, retracted_because="Misread.")
    check = OpenCheck(sign_in(anna), record)
    assert len(check.find_keys(study)) == 2
    assert check.find_keys(gone) == []
    html = check.page.text
    assert not re.search(r"<input[^>]* checked", html)
    assert html.count('type="radio"') == 4 * len(check.asked)
    assert 'href="https://example.org/report"' in html
    assert 'rel="noopener noreferrer external"' in html
    assert "40 students, 2019" in html
    assert "p. 4" in html
    assert "Status: Running" in html
    form = sign_in(anna).get(address(record, "change")).text
    assert form.count(f'href="{check.address}"') == 1


def test_the_page_takes_eight_queries_and_as_many_with_forty_facts(
    admin_client: Client, anna: User, record: Programme
) -> None:
    def count(client: Client, one: Programme) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(find_check_address(one)).status_code == 200
        return len(queries)

    many, client = crowded(5), sign_in(anna)
    assert len(OpenCheck(client, many).asked) >= 40
    assert count(admin_client, many) == count(admin_client, record) <= 6
    # Of a curator's, two are the session and the user, and one what their role allows.
    assert count(client, many) == count(client, record) <= 8


# --- Keeping and finishing ------------------------------------------------------------------------


def test_a_finished_check_counts_the_sources_that_were_gone_through_and_readers_are_told(
    anna: User, record: Programme, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    task = make_task(Task.Kind.STALE, key=str(record.pk), programme=record)
    check = OpenCheck(sign_in(anna), record)
    for fact in make_pair(record):
        check.answer(fact, "so")
    check.answer(record.citations.get(field="status"), "no")
    begin_another_transaction()
    before = number()
    with django_capture_on_commit_callbacks(execute=True):
        response = check.send()
    assert response.headers["Location"] == address(record, "change")
    assert "Checked against 1 of 3 sources." in read_messages(response)
    made = Edit.objects.latest("pk")
    assert (made.kind, made.user) == (Edit.Kind.CHECK, anna)
    assert number() == before + 1
    assert read(record, "verified_on") == (timezone.localdate(),)
    page = client.get(record.get_absolute_url()).text
    assert "against 1 of 3 sources" in " ".join(page.split())
    assert "anna" not in page
    history = client.get(f"{record.get_absolute_url()}history/").text
    assert "Checked by a curator against its sources" in history
    task.refresh_from_db()
    assert task.state == Task.State.GONE
    assert OpenCheck(sign_in(anna), record).read_answers() == {}
    assert "Last checked on" in OpenCheck(sign_in(anna), record).page.text


def test_answers_are_kept_for_one_person_and_nobody_else_notices(
    anna: User, ben: User, record: Programme, client: Client
) -> None:
    before, told = count_all(), read_public(client, record)
    figure, partner = make_pair(record)
    check = OpenCheck(sign_in(anna), record)
    check.answer(figure, "changed", "300 teachers, 2O23", "box 2")
    check.answer(partner, "gone")
    response = check.send("_keep")
    assert response.headers["Location"] == check.address
    again = OpenCheck(sign_in(anna), record)
    assert [*again.read_answers().values()] == ["changed", "gone"]
    assert 'value="300 teachers, 2O23"' in again.page.text
    assert 'value="box 2"' in again.page.text
    desk = sign_in(anna).get(reverse("admin:index")).text
    assert f'<a href="{check.address}">Gears</a>' in desk
    assert OpenCheck(sign_in(ben), record).read_answers() == {}
    assert (count_all(), read_public(client, record)) == (before, told)
    answers = RecordCheck.objects.get().answers
    answers[again.find_keys(partner)[0]]["day"] = "2020-01-01"
    RecordCheck.objects.update(answers=answers)
    assert [*OpenCheck(sign_in(anna), record).read_answers().values()] == ["changed"]


def test_a_check_that_would_say_nothing_is_not_finished(anna: User, record: Programme) -> None:
    before, check = count_all(), OpenCheck(sign_in(anna), record)
    assert "Nothing is answered yet." in read_messages(check.send())
    check.answer_all("no")
    assert "Nothing is answered yet." in read_messages(check.send())
    check.answer(find_figure(record), "so")
    response = check.send()
    assert "No source is gone through yet" in read_messages(response)
    assert response.status_code == 200
    assert "so" in check.read_answers().values()
    assert count_all() == before
    assert not RecordCheck.objects.exists()


def test_two_people_who_check_one_record_both_finish_and_both_count(
    anna: User, ben: User, record: Programme, client: Client
) -> None:
    hers, his = (OpenCheck(sign_in(one), record) for one in (anna, ben))
    hers.answer(record.citations.get(field="status"), "so")
    for fact in make_pair(record):
        his.answer(fact, "so")
    assert hers.send().status_code == his.send().status_code == 302
    assert "against 2 of 3 sources" in " ".join(client.get(record.get_absolute_url()).text.split())
    Programme.objects.filter(pk=record.pk).update(verified_on="2026-01-31")
    hers = OpenCheck(sign_in(anna), record)
    hers.answer(record.citations.get(field="status"), "so")
    hers.send()
    # What was checked in January would be told as checked today.
    assert "against 1 of 3 sources" in " ".join(client.get(record.get_absolute_url()).text.split())


def test_what_changed_while_the_page_was_open_is_asked_again_and_the_rest_holds(
    anna: User, record: Programme
) -> None:
    figure, partner = make_pair(record)
    check = OpenCheck(sign_in(anna), record)
    check.answer_all()
    Reach.objects.filter(pk=figure.pk).update(value=44)
    added = make_funding(record, amount=5, currency="EUR", source=figure.source)
    response = check.send()
    assert response.status_code == 409
    told = read_messages(response)
    assert "asked again: 44 students, 2019" in told
    assert "Your other answers hold." in told
    assert "Look at it once more." in response.text
    keys = {*check.asked} - {*check.find_keys(figure), *check.find_keys(added)}
    assert check.read_answers() == dict.fromkeys(keys, "so")
    assert read(record, "verified_on") == (None,)
    partner.delete()
    check.answer_all()
    assert "Checked against 3 of 3 sources." in read_messages(check.send())


# --- What has changed -----------------------------------------------------------------------------


def test_a_changed_figure_supersedes_the_old_one_at_once_where_one_person_is_enough(
    anna: User, record: Programme, client: Client
) -> None:
    figure, partner = make_pair(record)
    status = record.citations.get(field="status")
    check = OpenCheck(sign_in(anna), record)
    check.answer(figure, "changed", "about 55 students, 2024", "p. 9")
    check.answer(partner, "changed", "Wheelwrights, founder, 2002–2024")
    check.answer(status, "changed", "ended 2024")
    told = read_messages(check.send())
    assert "Checked against 2 of 3 sources. 3 changes are public now." in told
    figure.refresh_from_db()
    newer: Any = figure.superseded_by
    assert (newer.value, newer.qualifier, newer.locator) == (55, "about", "p. 9")
    assert (newer.source, newer.year_to, figure.value) == (figure.source, 2024, 40)
    partner.refresh_from_db()
    assert (partner.until, partner.locator) == (2024, "")
    assert read(record, "status", "year_end") == ("completed", 2024)
    kinds = [*Edit.objects.order_by("-pk").values_list("kind", flat=True)[:2]]
    assert kinds == [Edit.Kind.CHECK, Edit.Kind.CURATOR]
    page = " ".join(client.get(record.get_absolute_url()).text.split())
    assert "against 2 of 3 sources" in page
    assert "earlier" in page


def test_a_change_of_a_published_record_waits_in_a_draft_where_a_second_person_approves(
    anna: User, record: Programme, client: Client, settings: LazySettings
) -> None:
    settings.FOUR_EYES = True
    figure, partner = make_pair(record)
    check = OpenCheck(sign_in(anna), record)
    check.answer(figure, "changed", "55 students, 2024")
    check.answer(partner, "so")
    told = read_messages(check.send())
    assert "Checked against 1 of 3 sources. 1 change waits in a draft." in told
    assert not record.reach.filter(value=55).exists()
    assert ChangeDraft.objects.get().state == ChangeDraft.State.REVIEW
    page = record.get_absolute_url()
    assert "against 1 of 3 sources" in " ".join(client.get(page).text.split())
    ben = sign_in(make_person(Role.REVIEWER, "ben"))
    his = OpenCheck(ben, record)
    his.answer(figure, "changed", "66 students, 2025")
    his.answer(partner, "so")
    assert "Somebody has written another change of this into the draft" in his.send().text
    assert ChangeDraft.objects.get().turn == 1
    assert "Published." in read_messages(decide(ben, record, "_approve"))
    figure.refresh_from_db()
    assert figure.superseded_by is not None
    assert "against 1 of 3 sources" in " ".join(client.get(page).text.split())


def test_what_cannot_be_read_comes_back_as_a_question_and_nothing_is_written(
    anna: User, record: Programme
) -> None:
    before, figure = count_all(), find_figure(record)
    check = OpenCheck(sign_in(anna), record)
    check.answer_all()
    for says, asked in (
        ("", "Write what the source says now."),
        ("x" * 301, "Say it in 300 letters at most."),
        ("lots of students", "How many? Begin with the number"),
        ("1.200 students, 2024", "Is 1.200 the number 1,200, or 1.2?"),
        ("55 students, 2O24", "a letter where a digit should be"),
        ("55 students", "Of when is the newer figure?"),
        ("55 students, 2010", "of an earlier time than the old figure"),
        ("55 schools, 2024", "It counts something else than the record says"),
    ):
        check.answer(figure, "changed", says, "box 2")
        response = check.send()
        assert response.status_code == 200
        assert asked in response.text.replace("&#x27;", "'"), says
        assert "nothing is written yet: 1 fact needs another look" in read_messages(response)
        answers = check.read_answers()
        assert sorted(answers.values()) == ["changed", *["so"] * (len(answers) - 1)]
        assert check.data[f"place-{check.find_keys(figure)[0]}"] == "box 2"
    assert count_all() == before
    assert not RecordCheck.objects.exists()


def test_a_question_is_answered_by_a_choice(anna: User, record: Programme) -> None:
    figure = find_figure(record)
    check = OpenCheck(sign_in(anna), record)
    check.answer_all()
    check.answer(figure, "changed", "1.200 students, 2024")
    check.send()
    (key,) = check.find_keys(figure)
    assert f'name="take-{key}-value"' in check.page.text
    another = {f"says-{key}": "2.500 students, 2024", f"take-{key}-value": "1200"}
    assert check.send("_finish", **another).status_code == 200
    check.answer(figure, "changed", "1.200 students, 2019–2024")
    check.send()
    # An answer stays while the next question is asked.
    check.send("_finish", **{f"take-{key}-value": "1200"})
    assert f'name="take-{key}-period_type"' in check.page.text
    response = check.send("_finish", **{f"take-{key}-period_type": "annual"})
    assert "1,200 is more than ten times the former figure, 40." in response.text
    assert 'name="_why"' in response.text
    response = check.send("_finish", _why="All schools take part now.")
    assert "1 change is public now." in read_messages(response)
    why = Edit.objects.filter(kind=Edit.Kind.CURATOR).latest("pk").reason
    assert why == "Held against its sources; All schools take part now."
    figure.refresh_from_db()
    assert figure.superseded_by is not None
    newer = figure.superseded_by
    assert (newer.value, newer.period_type, newer.year_from) == (1200, "annual", 2019)


# --- What is left to do ---------------------------------------------------------------------------


def test_a_source_that_is_gone_and_what_no_line_can_say_become_tasks_until_they_are_mended(
    anna: User, record: Programme, django_capture_on_commit_callbacks: Any
) -> None:
    figure, partner = make_pair(record)
    whole = record.citations.get(field="entry")
    check = OpenCheck(sign_in(anna), record)
    check.answer(figure, "gone")
    check.answer(partner, "gone")
    check.answer(whole, "changed", "It is for girls only now.", "first lines")
    with django_capture_on_commit_callbacks(execute=True):
        response = check.send()
    assert "3 facts are left to do: they are tasks now." in read_messages(response)
    gone, changed = Task.objects.filter(kind=Task.Kind.FOUND).order_by("told")
    if "Gone" not in gone.told:
        gone, changed = changed, gone
    assert "Gone: “Report”. 2 facts rest on it, such as: 40 students, 2019" in gone.told
    assert "says now: It is for girls only now., first lines" in changed.told
    page = sign_in(anna).get(address(gone, "change")).text
    assert f'href="{address(figure.source, "change")}"' in page
    save(sign_in(anna), figure.source, {"archived_url": "https://archive.example/report"})
    save(sign_in(anna), record, {"summary": "Builds gears with girls."})
    look_at_record(record.pk)
    assert {*Task.objects.filter(kind=Task.Kind.FOUND).values_list("state", flat=True)} == {"gone"}


# --- Who may, and what nobody may -----------------------------------------------------------------


def test_contributors_check_their_own_drafts_and_are_told_why_they_check_nothing_else(
    record: Programme, client: Client
) -> None:
    cora = make_person(Role.CONTRIBUTOR, "cora")
    hers = sign_in(cora)
    for send in (hers.get, hers.post):
        response = send(find_check_address(record))
        assert response.status_code == 403
        assert "Your role is contributor" in response.text
    draft = write_as(cora, state=State.DRAFT)
    check = OpenCheck(hers, draft)
    check.answer_all()
    assert "Checked against 1 of 1 source." in read_messages(check.send())
    assert read(draft, "verified_on") == (timezone.localdate(),)
    assert client.get(draft.get_absolute_url()).status_code == 404
    withdrawn = make_programme(state=State.WITHDRAWN, withdrawn_reason="Made twice.")
    anna = sign_in(make_person(Role.CURATOR, "anna"))
    response = anna.get(find_check_address(withdrawn), follow=True)
    assert "A record that was withdrawn is not checked." in response.text
    assert anna.post(find_check_address(withdrawn), {"_finish": "1"}).status_code == 302
    assert read(withdrawn, "verified_on") == (None,)


def test_who_checks_a_record_may_still_publish_it(anna: User) -> None:
    draft = write_as(anna, state=State.REVIEW)
    rita = make_person(Role.REVIEWER, "rita")
    check = OpenCheck(sign_in(rita), draft)
    check.answer_all()
    check.send()
    assert find_last_changer(draft.pk) == anna.pk


def test_nobody_can_type_when_a_record_was_checked(
    anna: User, record: Programme, settings: LazySettings
) -> None:
    client, typed = sign_in(anna), {"verified_on": "2026-11-27", "checked_facts": "a b"}
    form = Open(client, record)
    assert 'name="verified_on"' not in form.page.text
    assert form.send({**typed, "summary": "Another."}).status_code == 302
    assert read(record, "verified_on", "checked_facts", "summary") == (None, "", "Another.")
    settings.FOUR_EYES = True
    assert save(client, record, {**typed, "summary": "A third."}).status_code == 302
    decide(sign_in(make_person(Role.REVIEWER, "rita")), record, "_approve")
    assert read(record, "verified_on", "checked_facts") == (None, "")


def test_whatever_is_sent_is_taken_or_told_to_be_wrong(anna: User, record: Programme) -> None:
    client, before = sign_in(anna), count_all()
    check = OpenCheck(client, record)
    (key,) = check.find_keys(find_figure(record))
    seen = check.data[f"seen-{key}"]
    for answer, says, button in (
        ("x", "", "_finish"),
        ("so\x00", "9" * 5000, "_keep"),
        ("changed", "a\x00b", "_finish"),
        ("changed", "9" * 5000, "_keep"),
        ("changed", "１２ students", "_finish"),
        (["so", "no"], "", "_other"),
        ("9" * 5000, "", "_finish"),
    ):
        sent = {f"answer-{key}": answer, f"seen-{key}": seen, f"says-{key}": says}
        more = {"answer-reach-9-9": "so", "answer-": "so", f"take-{key}-\x00": "3"}
        response = client.post(check.address, {**sent, **more, button: "1"})
        assert response.status_code in (200, 302, 409), (answer, says, button)
    assert client.get(f"{address(record, 'change')[:-7]}x/check/").status_code == 404
    assert client.get(f"{address(record, 'change')}check/").status_code in (302, 404)
    assert count_all() == before
    assert Client().get(check.address).status_code == 302
