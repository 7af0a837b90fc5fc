"""Another number over a figure that readers have seen: the form asks what has happened to it."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from programmes.models import Edit, Programme, Reach, Unit
from stemobs.curation.roles import Role
from tests.admin.forms import Open, address, errors_on, filled_in, save
from tests.builders import (
    make_claim,
    make_discrepancy,
    make_funding,
    make_programme,
    make_publishable,
    make_reach,
    make_source,
    make_statement,
    make_strategy,
    make_suggestion,
)
from tests.catalogue.marks import begin_another_transaction
from tests.curation.people import State, make_person, sign_in, write_as

pytestmark = pytest.mark.django_db


def make_seen(value: Any = 40, **fields: Any) -> Reach:
    """Make a figure of 2019 in a published programme."""
    programme = make_programme()
    make_publishable(programme)
    when = {"period": "2019", "year_from": 2019, "year_to": 2019}
    return make_reach(programme, value, **{"source": make_source(), **when, **fields})


def list_reach(programme: Programme) -> list[tuple[int, str]]:
    """Return what figures say, each with what became of it."""
    rows = programme.reach.order_by("pk")
    return [(int(row.value), row.retracted_because or word_successor(row)) for row in rows]


def word_successor(row: Reach) -> str:
    return f"now {row.superseded_by.value:.0f}" if row.superseded_by else ""


# --- The question ---------------------------------------------------------------------------------


def test_another_number_asks_and_nothing_typed_is_lost(admin_client: Client) -> None:
    figure = make_seen()
    form = Open(admin_client, figure.programme)
    page = form.send({"reach-0-value": "55", "reach-0-note": "As typed.", "summary": "Mine."})
    assert page.status_code == 200
    told = errors_on(page)
    assert "Not saved yet: you changed a figure that readers have seen." in told
    assert 'href="#ask-reach-0"' in told
    assert 'id="ask-reach-0"' in told
    assert "exactly" not in told
    assert "“40 students, 2019”" in told
    assert "55 students, 2019" in told
    assert list_reach(figure.programme) == [(40, "")]
    values = filled_in(page)
    assert (values["reach-0-value"], values["reach-0-note"]) == ("55", "As typed.")
    assert values["summary"] == "Mine."
    assert form.send({}).status_code == 200


@pytest.mark.parametrize(
    ("answer", "more", "stand"),
    [
        ("newer", {"period": "2021"}, [(40, "now 55"), (55, "")]),
        ("misread", {"misread_because": "Of girls."}, [(40, "Of girls."), (55, "")]),
        ("both", {}, [(40, ""), (55, "")]),
    ],
)  # fmt: skip
def test_each_answer_leaves_the_old_figure_as_a_row_with_all_that_points_at_it(
    admin_client: Client, answer: str, more: dict[str, str], stand: list[Any]
) -> None:
    figure = make_seen(note="First.")
    earlier = make_reach(figure.programme, 30, superseded_by=figure)
    claim = make_claim(make_discrepancy(figure.programme), reach=figure, source=figure.source)
    make_claim(claim.discrepancy, source=figure.source)
    form = Open(admin_client, figure.programme)
    form.send({"reach-0-value": "55", "reach-0-note": "Second."})
    sent = form.send(
        choose(form, answer) | {f"reach-0-{name}": text for name, text in more.items()}
    )
    assert sent.status_code == 302, errors_on(sent)
    programme = figure.programme
    assert [one for one in list_reach(programme) if one[0] != 30] == stand
    new = programme.reach.latest("pk")
    assert (new.note, new.source, new.position > figure.position) == (
        "Second.",
        figure.source,
        True,
    )
    was = (figure.note, figure.period, figure.value)
    for row in (claim, earlier, figure):
        row.refresh_from_db()
    assert claim.reach == figure
    assert (figure.note, figure.period, figure.value) == was
    assert earlier.superseded_by == (new if answer == "misread" else figure)
    assert "Added reach figure" in LogEntry.objects.latest("pk").get_change_message()


def choose(form: Open, answer: str, row: str = "reach-0") -> dict[str, str]:
    """Return the field that chooses an answer, as the page offers it."""
    (question,) = [one.life for one in list_rows(form.page) if one.prefix == row]
    assert question.offers(answer)
    return {f"{row}-happened": f"{answer}:{question.mark}"}


def list_rows(page: Any) -> list[Any]:
    inlines = page.context["inline_admin_formsets"]
    return [row for one in inlines for row in one.formset if getattr(row, "life", None)]


@pytest.mark.parametrize("kind", ["sum", "statement"])
def test_sums_of_money_and_statements_are_asked_about_as_well(
    admin_client: Client, kind: str
) -> None:
    row: Any
    source = make_source()
    if kind == "sum":
        programme = make_programme()
        make_publishable(programme)
        row = make_funding(programme, amount=40, currency="EUR", period="2019", source=source)
        record, field = programme, "funding-0-amount"
    else:
        record = make_strategy()
        told = {"value": 40, "unit": "schools", "period": "2019", "source": source}
        row = make_statement(strategy=record, **told)
        field = "statements-0-value"
    prefix = field.rpartition("-")[0]
    form = Open(admin_client, record)
    assert "readers have seen" in errors_on(form.send({field: "55", f"{prefix}-period": "2021"}))
    assert form.send(choose(form, "newer", prefix)).status_code == 302
    row.refresh_from_db()
    new = row.superseded_by
    assert (row.period, new.period) == ("2019", "2021")
    assert [int(getattr(one, field[len(prefix) + 1 :])) for one in (row, new)] == [40, 55]


# --- When nothing is asked ------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize(
    ("changes", "is_asked"),
    [
        ({"qualifier": "about", "note": "So.", "locator": "p. 4", "unit_detail": "girls"}, False),
        ({"period": "summer of 2019"}, False),
        ({"value": "40.00"}, False),
        ({"period": "2020"}, True),
        ({"unit": "schools"}, True),
        ({"qualifier": "range", "value_max": "50"}, True),
    ],
    ids=str,
)
def test_only_another_number_unit_or_year_is_asked_about(
    admin_client: Client, changes: dict[str, str], is_asked: bool
) -> None:
    figure = make_seen()
    form = Open(admin_client, figure.programme)
    if name := changes.get("unit"):
        changes = {"unit": str(Unit.objects.get(slug=name).pk)}
    page = form.send({f"reach-0-{name}": text for name, text in changes.items()})
    assert (page.status_code == 200) is is_asked
    if is_asked:
        (row,) = list_rows(page)
        assert row.life.offers("newer") is ("unit" not in changes)  # a newer one counts the same
    assert figure.programme.reach.count() == 1


@pytest.mark.once
def test_what_no_reader_has_seen_is_written_over(admin_client: Client) -> None:
    draft = make_programme(state=Programme.State.DRAFT)
    make_reach(draft, 40)
    assert save(admin_client, draft, {"reach-0-value": "55"}).status_code == 302
    retracted = make_seen(retracted_because="Of another programme.")
    assert save(admin_client, retracted.programme, {"reach-0-value": "55"}).status_code == 302
    undated = make_seen(period="", year_from=None, year_to=None)
    assert save(admin_client, undated.programme, {"reach-0-period": "2020"}).status_code == 302
    assert list_reach(draft) == [(55, "")]
    assert list_reach(retracted.programme) == [(55, "Of another programme.")]
    assert list_reach(undated.programme) == [(40, "")]


# --- What an answer needs -------------------------------------------------------------------------


def test_a_newer_figure_has_a_later_time_of_its_own(admin_client: Client) -> None:
    figure = make_seen()
    form = Open(admin_client, figure.programme)
    form.send({"reach-0-value": "55"})
    page = form.send(choose(form, "newer"))
    assert "Of when is the newer figure?" in errors_on(page)
    assert "Not saved yet: you changed" not in errors_on(page)
    assert re.search(r'value="newer:\w+"\s+checked', page.text)
    assert "Of when is" in errors_on(form.send({"reach-0-period": ""}))
    assert "of an earlier time" in errors_on(form.send({"reach-0-period": "2018"}))
    assert form.send({"reach-0-period": "reported 2026"}).status_code == 302
    new = figure.programme.reach.latest("pk")
    assert (new.period, new.year_from, new.year_to) == ("reported 2026", None, None)


@pytest.mark.once
def test_a_misreading_needs_a_reason_which_may_stand_at_the_row(admin_client: Client) -> None:
    figure = make_seen()
    form = Open(admin_client, figure.programme)
    form.send({"reach-0-value": "55"})
    assert "Say in a sentence what was wrong" in errors_on(form.send(choose(form, "misread")))
    assert "at most" in errors_on(form.send({"reach-0-misread_because": "x" * 301}))
    form.data["reach-0-misread_because"] = ""
    assert figure.programme.reach.count() == 1
    assert form.send({"reach-0-retracted_because": "Of another year."}).status_code == 302
    assert list_reach(figure.programme) == [(40, "Of another year."), (55, "")]


@pytest.mark.once
@pytest.mark.parametrize("given", ["newer", "newer:0123456789abcdef", "gone:x", ":", "x" * 5000])
def test_an_answer_that_was_not_offered_is_asked_again(admin_client: Client, given: str) -> None:
    figure, other = make_seen(), make_seen()
    changes = {"reach-0-value": "55", "reach-0-happened": given}
    assert "Please answer below" in errors_on(save(admin_client, figure.programme, changes))
    foreign = {**changes, "reach-0-id": other.pk}
    save(admin_client, figure.programme, foreign)
    assert list_reach(figure.programme) == list_reach(other.programme) == [(40, "")]
    unasked = {"reach-0-happened": given[:40], "reach-0-misread_because": "No."}
    assert save(admin_client, figure.programme, unasked).status_code == 302
    assert list_reach(figure.programme) == [(40, "")]


@pytest.mark.once
def test_who_may_not_add_figures_cannot_change_the_number_of_one(client: Client) -> None:
    user = User.objects.create_user("helper", is_staff=True)
    names = ("view_programme", "change_programme", "view_reach", "change_reach")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    figure = make_seen()
    assert "You may not add any." in errors_on(
        save(client, figure.programme, {"reach-0-value": "55"})
    )
    assert save(client, figure.programme, {"reach-0-note": "Mine."}).status_code == 302


@pytest.mark.parametrize("answer", ["newer", "misread"])
def test_what_an_answer_did_can_be_undone(admin_client: Client, answer: str) -> None:
    figure = make_seen()
    make_reach(figure.programme, 30, superseded_by=figure, source=figure.source)
    begin_another_transaction()
    form = Open(admin_client, figure.programme)
    form.send({"reach-0-value": "55", "reach-0-period": "2021", "reach-0-misread_because": "No."})
    assert form.send(choose(form, answer)).status_code == 302
    made = Edit.objects.latest("pk")
    begin_another_transaction()
    page = reverse("admin:programmes_programme_edit", args=[figure.programme.pk, made.pk])
    admin_client.post(page, {"undo": "Undo"})
    assert list_reach(figure.programme) == [(40, ""), (30, "now 40")]


# --- Deleting -------------------------------------------------------------------------------------


@pytest.mark.once
@pytest.mark.parametrize("kind", ["reach", "funding", "statements"])
def test_a_curator_retracts_what_readers_have_seen_and_does_not_delete_it(kind: str) -> None:
    row = make_seen_row(kind)
    record = row.strategy if kind == "statements" else row.programme
    form = Open(sign_in(make_person(Role.CURATOR)), record)
    page = form.send({f"{kind}-0-DELETE": "on"})
    assert "Readers have seen this figure, so it is not deleted." in errors_on(page)
    assert f'href="#id_{kind}-0-retracted_because"' in page.text
    assert form.send({f"{kind}-0-retracted_because": "Of girls."}).status_code == 302
    row.refresh_from_db()
    assert row.retracted_because == "Of girls."
    assert row.retracted_on


@pytest.mark.once
def test_a_curator_does_not_delete_what_was_retracted_either() -> None:
    figure = make_seen(retracted_because="Of girls.")
    curator = sign_in(make_person(Role.CURATOR))
    assert save(curator, figure.programme, {"reach-0-DELETE": "on"}).status_code == 302
    assert list_reach(figure.programme) == [(40, "Of girls.")]


@pytest.mark.once
def test_another_number_is_asked_about_where_the_figure_was_to_be_deleted() -> None:
    figure = make_seen()
    form = Open(sign_in(make_person(Role.CURATOR)), figure.programme)
    deleted = {"reach-0-DELETE": "on", "reach-0-retracted_because": "Of girls."}
    page = form.send({**deleted, "reach-0-value": "55"})
    assert "you changed a figure that readers have seen" in errors_on(page)
    assert list_reach(figure.programme) == [(40, "")]


def make_seen_row(kind: str) -> Any:
    if kind == "statements":
        return make_statement(strategy=make_strategy(), value=40, unit="schools", period="2019")
    figure = make_seen()
    if kind == "reach":
        return figure
    return make_funding(figure.programme, amount=40, currency="EUR", source=figure.source)


@pytest.mark.once
@pytest.mark.parametrize(
    ("role", "state", "is_deleted"),
    [
        (Role.CONTRIBUTOR, State.DRAFT, True),
        (Role.CURATOR, State.DRAFT, True),
        (Role.CURATOR, State.PUBLISHED, False),
        (Role.REVIEWER, State.PUBLISHED, True),
        (Role.ADMINISTRATOR, State.PUBLISHED, True),
    ],
)
def test_who_deletes_a_figure_may_delete_records_or_no_reader_has_seen_it(
    role: Role, state: str, is_deleted: bool
) -> None:
    person = make_person(role)
    programme = write_as(person, state=state)
    make_reach(programme, 40, source=make_source())
    sent = save(sign_in(person), programme, {"reach-0-DELETE": "on"})
    assert (sent.status_code == 302) is is_deleted
    assert programme.reach.exists() is not is_deleted


# --- With everything else -------------------------------------------------------------------------


def test_a_figure_that_another_has_superseded_meanwhile_is_first_merged_and_then_asked(
    admin_client: Client,
) -> None:
    figure = make_seen()
    mine = Open(admin_client, figure.programme)
    theirs = make_reach(figure.programme, 50, period="2020", source=figure.source)
    Reach.objects.filter(pk=figure.pk).update(superseded_by=theirs)
    assert mine.send({"reach-0-value": "55"}).status_code == 409
    assert list_rows(mine.page) == []
    assert mine.answer("mine").status_code == 200  # not superseded any more, and so asked about
    sent = mine.send(choose(mine, "both"))
    assert sent.status_code == 302
    assert list_reach(figure.programme) == [(40, "now 50"), (50, ""), (55, "")]


@pytest.mark.once
def test_lines_an_oddity_and_the_question_stand_in_one_form(admin_client: Client) -> None:
    figure = make_seen()
    form = Open(admin_client, figure.programme)
    lines = {"_lines-reach": "about 60 teachers, 2020 [1]", "reach-0-value": "500"}
    page = form.send({**lines, "_read": "reach"})
    assert "Not saved yet" not in errors_on(page)
    assert [row.prefix for row in list_rows(page)] == ["reach-0"]
    odd = form.send(choose(form, "newer") | {"reach-0-period": "2021"})
    assert "500 is more than ten times the former figure, 40." in errors_on(odd)
    assert re.search(r'value="newer:\w+"\s+checked', odd.text)
    assert form.send({"_why": "A new country joined."}).status_code == 302
    assert list_reach(figure.programme) == [(40, "now 500"), (500, ""), (60, "")]


@pytest.mark.parametrize(("kind", "chosen"), [("newer", "newer"), ("wrong", "")])
@pytest.mark.once
def test_a_suggestion_leads_to_the_question_and_answers_it_only_if_it_says_so(
    admin_client: Client, kind: str, chosen: str
) -> None:
    figure = make_seen(position=3)
    told = {"fact": "reach-3", "value": "55", "kind": kind}
    suggestion = make_suggestion(figure.programme, **told)
    form = Open(admin_client, figure.programme)
    form.address += f"?suggestion={suggestion.pk}"
    form.data = filled_in(admin_client.get(form.address))
    page = form.send({})
    assert f"Suggestion S-{suggestion.pk}" in page.text
    (row,) = list_rows(page)
    assert row.life.chosen == chosen
    assert row.life.is_open
    assert list_reach(figure.programme) == [(40, "")]
    sent = form.send(choose(form, "newer") | {"reach-0-period": "2021"})
    assert sent.headers["Location"] == address(suggestion, "change")
    assert list_reach(figure.programme) == [(40, "now 55"), (55, "")]
