"""Imports: a second click, two people on one page, and what no database can keep."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from programmes.models import Import, ImportedRow
from tests.admin.drafting import read_messages
from tests.admin.importing.walking import (
    answer,
    confirm,
    find_step,
    list_questions,
    make_drafts,
    map_columns,
    take_in,
    upload,
    write_file,
)

pytestmark = pytest.mark.django_db

ROWS = (
    "Robot Days;Poland;https://robot-days.example;Robot Foundation;1200;2023",
    "Far Lab;Slovania;;;5;2023",
    "Near Lab;Polonland;;;5;2023",
)


@pytest.mark.once
def test_a_second_click_leads_on_as_the_first_did_and_does_nothing_twice(
    client_of_anna: Client,
) -> None:
    for _click in range(2):
        upload(client_of_anna, write_file(*ROWS))
    sheet = Import.objects.get()
    for step, following in (("reading", "columns"), ("columns", "rows"), ("rows", "confirm")):
        page = client_of_anna.get(find_step(sheet, step))
        sent = {"_turn": page.context["sheet"].turn, "_next": "1", "header": "1"}
        if step == "columns":
            sent |= {f"column:{one.place}": one.target for one, *_more in page.context["columns"]}
        if step == "rows":
            sent |= {"_read": page.context["read_as"], "answer:country:Slovania": "SK"}
        for _click in range(2):
            response = client_of_anna.post(find_step(sheet, step), sent)
            assert response["Location"] == find_step(sheet, following)
            assert not read_messages(response)
    page = client_of_anna.get(find_step(sheet, "confirm"))
    sent = {"_turn": page.context["sheet"].turn, "_plan": page.context["digest"], "_make": "1"}
    for told in ("2 drafts were made", "The drafts are made already."):
        response = client_of_anna.post(find_step(sheet, "confirm"), sent)
        assert response["Location"] == find_step(sheet, "batch")
        assert told in str(read_messages(response))
    assert ImportedRow.objects.count() == 2
    # Who goes back to a row that is left finds the way to the drafts.
    assert find_step(sheet, "batch") in client_of_anna.get(find_step(sheet, "rows")).text
    answer(client_of_anna, sheet, "reading", _aside="1")
    sheet.refresh_from_db()
    assert sheet.state == Import.State.DRAFTED


def test_two_who_answer_one_page_of_rows_lose_no_answer(
    client_of_anna: Client, client_of_rita: Client
) -> None:
    sheet = take_in(client_of_anna, *ROWS)
    map_columns(client_of_anna, sheet)
    far, near = [key for key in list_questions(client_of_anna, sheet) if "country" in key]
    page = client_of_anna.get(find_step(sheet, "rows"))
    seen = {"_turn": page.context["sheet"].turn, "_read": page.context["read_as"]}
    answer(client_of_rita, sheet, "rows", **{f"answer:{far}": "SK"})
    mine = {**seen, f"answer:{far}": "NL", f"typed:{near}": "PL", "_next": "1"}
    response = client_of_anna.post(find_step(sheet, "rows"), mine)
    assert response["Location"] == find_step(sheet, "rows")
    assert "Where they answered otherwise than you" in str(read_messages(response))
    sheet.refresh_from_db()
    assert (sheet.answers[far], sheet.answers[near]) == ("SK", "PL")
    # A file that is read otherwise by now may have other columns, so that answers are about others.
    Import.objects.filter(pk=sheet.pk).update(columns={}, turn=9)
    client_of_anna.post(find_step(sheet, "rows"), {**seen, "cell:2:0": "Another"})
    sheet.refresh_from_db()
    assert "cell:2:0" not in sheet.answers


@pytest.mark.once
def test_an_import_opens_where_it_was_left(client_of_anna: Client) -> None:
    sheet = take_in(client_of_anna, ROWS[0])
    address = reverse("admin:programmes_import_change", args=[sheet.pk])
    assert client_of_anna.get(address)["Location"] == find_step(sheet, "reading")
    map_columns(client_of_anna, sheet)
    assert client_of_anna.get(address)["Location"] == find_step(sheet, "rows")
    answer(client_of_anna, sheet, "reading", _aside="1")
    assert client_of_anna.get(address)["Location"] == find_step(sheet, "reading")
    answer(client_of_anna, sheet, "reading", _next="1")
    confirm(client_of_anna, sheet)
    assert client_of_anna.get(address)["Location"] == find_step(sheet, "batch")


def test_what_no_database_can_keep_and_what_is_too_long_is_left_out(client_of_anna: Client) -> None:
    sheet = take_in(client_of_anna, *ROWS)
    odd = {"sheet": "\x00", "line:1": "\x00" * 9, "line:\x00": "keep", "encoding": "\x00"}
    answer(client_of_anna, sheet, "reading", header="9" * 30, **odd)
    map_columns(client_of_anna, sheet, **{"column:\x00": "name", "all:level": "\x00" + "9" * 5000})
    long = {"answer:\x00": "a", "answer:country:Slovania": "\x00SK", "typed:x": "y" * 9_000}
    cells = {"cell:2:0": "Robot\x00 Days", "was:cell:2:0": "", "row:\x00": "leave"}
    answer(client_of_anna, sheet, "rows", **long, **cells)
    sheet.refresh_from_db()
    assert "\\u0000" not in str([sheet.choices, sheet.columns, sheet.answers]).encode().decode()
    assert "\x00" not in "".join([*sheet.answers, *map(str, sheet.answers.values())])
    assert max(map(len, map(str, sheet.answers.values()))) <= 2000
    assert sheet.answers["cell:2:0"] == "Robot Days"
    assert client_of_anna.get(find_step(sheet, "rows")).status_code == 200


@pytest.mark.once
def test_a_comment_and_the_choice_stay_on_the_page_that_asks_for_the_other(
    client_of_anna: Client, client_of_rita: Client, rita: User
) -> None:
    sheet = make_drafts(client_of_anna, ROWS[0])
    row = sheet.rows.get()
    client_of_rita.get(reverse("admin:programmes_import_row", args=[sheet.pk, row.pk]))
    address = find_step(sheet, "batch")
    page = client_of_rita.post(address, {"_return": "1", "comment": "Their <address> is dead."})
    assert "Choose at least one draft" in page.text
    assert "Their &lt;address&gt; is dead.</textarea>" in page.text
    assert f'value="{row.pk}"' in page.text
    assert "checked" not in page.text
    page = client_of_rita.post(address, {"_return": "1", "chosen": row.pk, "comment": " "})
    assert "Say in a sentence why you return it." in page.text
    assert "checked" in page.text
