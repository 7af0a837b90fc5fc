"""Comments on a draft stand beside what they are about, in the form of whoever mends it."""

import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from programmes.models import DraftStep, Programme, Unit
from stemobs.admin.drafts.pages import find_draft_address
from tests.admin.forms import Open, new_row, save
from tests.builders import level, make_evaluation, make_reach, make_source
from tests.curation.people import sign_in, write_as

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _four_eyes(settings: LazySettings) -> None:
    settings.FOUR_EYES = True


def list_lines(client: Client, record: Programme) -> list[Any]:
    return list(client.get(find_draft_address(record)).context["outcome"].lines)


def say(client: Client, record: Programme, button: str = "_comment", **sent: str) -> None:
    """Send what somebody says of a draft, as the page of its first turn does."""
    response = client.post(find_draft_address(record), {"_turn": "1", button: "1", **sent})
    assert response.status_code == 302


def find_said(page: Any, anchor: str) -> list[str]:
    """Return what was said in a form beside the field or the row with an id."""
    html = page.content.decode()
    part = html.partition(f'id="{anchor}"')[2]
    part = re.split(r'class="(?:inline-related|form-row)', part)[0]
    return re.findall(r"<blockquote[^>]*>\s*(.*?)\s*<footer>", part, re.DOTALL)


def test_each_comment_of_a_returned_draft_stands_beside_its_field_or_row(
    anna: User, rita: User
) -> None:
    record = write_as(anna, state="published", summary="Before.")
    source, unit = record.citations.get().source, Unit.objects.get(slug="students")
    for number in (100, 300):
        make_reach(record, number, source=source)
    row = new_row("reach", 2, qualifier="about", value="9", unit=unit.pk, source=source.pk)
    changes = {"summary": "After!", "levels": [level(2).pk], **row}
    save(sign_in(anna), record, {**changes, "reach-1-unit_detail": "girls", "_send": "1"})

    reviewer = sign_in(rita)
    lines = list_lines(reviewer, record)
    new = find_key(record)
    assert [one.place for one in lines] == [
        "summary",
        "levels",
        f"reach-{record.reach.last().pk}",
        new,
    ]
    for number, one in enumerate(lines):
        say(reviewer, record, about=one.name, place=one.place, comment=f"About {number}.")
    say(reviewer, record, "_return", comment="All in all, not yet.")

    form = Open(sign_in(anna), record)
    shown = form.page.context
    assert [one.text for one in shown["comments"]] == ["All in all, not yet."]
    anchors = [anchor for _about, anchor in shown["comments_beside"]]
    assert anchors == ["id_summary", "id_levels", "reach-1", "reach-2"]
    assert find_said(form.page, "id_summary") == ["About 0."]
    assert find_said(form.page, "id_levels") == ["About 1."]
    assert [find_said(form.page, f"reach-{number}") for number in range(3)] == [
        [], ["About 2."], ["About 3."],
    ]  # fmt: skip
    # The page of the draft shows each with its own line, too.
    again = list_lines(reviewer, record)
    assert [[step.text for step in one.comments] for one in again] == [
        [f"About {number}."] for number in range(4)
    ]


@pytest.mark.once
def test_a_comment_on_what_a_row_of_the_form_brings_in_stands_beside_that_row(
    anna: User, rita: User
) -> None:
    record = write_as(anna, state="published")
    figure = make_reach(record, 40, source=make_source(), period="2019", year_from=2019)
    evaluation = make_evaluation(record)
    form = Open(sign_in(anna), record)
    form.send({"reach-0-value": "55"})
    offered = re.search(r'value="(newer:\w+)"', form.page.text)
    assert offered
    answered = {"reach-0-happened": offered[1], "reach-0-period": "2024"}
    form.send({**answered, "evaluations-0-further_sources": [make_source().pk], "_send": "1"})

    # Readers would see a new figure in place of the old one; the form has one row for both.
    rows = [f"reach-{figure.pk}", f"reach-{figure.pk}", f"evaluations-{evaluation.pk}"]
    lines = list_lines(sign_in(rita), record)
    assert sorted(one.place for one in lines) == sorted(rows)
    for number, one in enumerate(lines):
        say(sign_in(rita), record, about=one.name, place=one.place, comment=f"About {number}.")
    shown = Open(sign_in(anna), record).page.context
    assert shown["comments"] == []
    assert {anchor for _about, anchor in shown["comments_beside"]} == {"reach-0", "evaluations-0"}


def find_key(record: Programme) -> str:
    """Return the place of the only new row of a draft."""
    draft = record.drafts.get()
    return f"reach-{draft.form['reach-2-key'][-1]}"


def test_a_crafted_place_of_a_comment_breaks_no_form(anna: User, rita: User) -> None:
    record = write_as(anna, state="published", summary="Before.")
    save(sign_in(anna), record, {"summary": "After.", "_send": "1"})
    for place in ("\x00", "reach-99999999999999999999", "__class__", "x" * 9999):
        say(sign_in(rita), record, about="<b>", place=place, comment="Here.")
    assert {len(one.place) for one in DraftStep.objects.all()} <= {*range(81)}
    page = Open(sign_in(anna), record).page
    assert {one.text for one in page.context["comments"]} == {"Here."}
