"""Imports: a file is uploaded, opened, and its columns are mapped; nothing is written by that."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from programmes.models import Import, Programme, RememberedColumn
from stemobs.curation.importing.sheets import read_sheet
from stemobs.curation.roles import Role
from tests.admin.importing.walking import (
    answer,
    find_step,
    list_questions,
    make_drafts,
    map_columns,
    read_fates,
    take_in,
    upload,
    write_file,
)
from tests.curation.people import make_person, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ROW = "Robot Days;Poland;https://robot-days.example;Robot Foundation;1200;2023"


def test_an_uploaded_file_leads_to_how_it_was_read(client_of_anna: Client, anna: User) -> None:
    response = upload(client_of_anna, write_file(ROW), dated="2026")
    sheet = Import.objects.get()
    assert response["Location"] == find_step(sheet, "reading")
    assert (sheet.sender, sheet.dated, sheet.user) == ("STEM Hub", "2026", anna)
    page = client_of_anna.get(response["Location"]).text
    assert "We read 1 row." in page
    assert "Robot Days" in page
    assert not Programme.objects.filter(name="Robot Days").exists()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("list.xls", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "Save it as .xlsx"),
        ("list.csv", b"", "empty"),
        ("list.csv", b"a;b\n" * 1_300_000, "we read up to 5"),
        ("list.xlsx", b"Name;Country\nRobots;PL\n", "is not one"),
        ("list.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", ""),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    client_of_anna: Client, name: str, content: bytes, told: str
) -> None:
    response = upload(client_of_anna, content, name)
    assert response.status_code == 200
    assert told in str(response.context["form"].errors["file"])
    assert not Import.objects.exists()


def test_a_file_without_a_sender_is_refused_and_says_so(client_of_anna: Client) -> None:
    response = upload(client_of_anna, write_file(ROW), sender="")
    assert response.context["form"].errors["sender"]
    assert not Import.objects.exists()


def test_only_who_may_change_records_may_import_or_look_at_a_file(client_of_anna: Client) -> None:
    sheet = take_in(client_of_anna, ROW)
    writer = sign_in(make_person(Role.CONTRIBUTOR, "cleo"))
    assert writer.get(reverse("admin:programmes_import_add")).status_code == 403
    assert writer.get(reverse("admin:programmes_import_changelist")).status_code == 403
    for step in ("reading", "columns", "rows", "confirm", "batch"):
        assert writer.get(find_step(sheet, step)).status_code == 403
        assert Client().get(find_step(sheet, step)).status_code == 302  # to sign in


@pytest.mark.parametrize("step", ["reading", "columns", "rows", "confirm", "batch"])
def test_an_import_that_is_not_there_is_a_404(client_of_anna: Client, step: str) -> None:
    for key in ("999999", "9" * 30, "x"):
        address = reverse(f"admin:programmes_import_{step}", args=[key])
        assert client_of_anna.get(address).status_code == 404


def test_the_header_can_be_chosen_and_the_file_is_read_anew(client_of_anna: Client) -> None:
    content = write_file(ROW, header="Our programmes;;;;;\r\nName;Country;Website;Who;Reach;Year")
    upload(client_of_anna, content)
    sheet = Import.objects.get()
    answer(client_of_anna, sheet, "reading", header="2", _again="1")
    page = client_of_anna.get(find_step(sheet, "reading"))
    assert page.context["opened"].table.header_line == 2


def test_an_answer_to_a_page_that_somebody_has_answered_since_is_not_taken(
    client_of_anna: Client, client_of_rita: Client
) -> None:
    sheet = take_in(client_of_anna, ROW)
    answer(client_of_rita, sheet, "reading", header="1", _again="1")
    response = client_of_anna.post(find_step(sheet, "reading"), {"_turn": "0", "header": "7"})
    assert response["Location"] == find_step(sheet, "reading")
    sheet.refresh_from_db()
    assert sheet.choices["header"] == 1


def test_answers_that_no_page_has_offered_are_stored_and_mean_nothing(
    client_of_anna: Client,
) -> None:
    sheet = take_in(client_of_anna, ROW)
    for odd in ("\0", "nonsense", "x" * 500):
        fields = {f"answer__{odd}": odd, "answer__column__3": odd, "column__99": "name"}
        map_columns(client_of_anna, sheet, **fields, all__level=odd)
        for step in ("reading", "columns", "rows", "confirm"):
            assert client_of_anna.get(find_step(sheet, step)).status_code == 200
    sheet.refresh_from_db()
    told = {"_turn": str(sheet.turn), "sheet": "\0", "delimiter": "\0", "encoding": "\0"}
    client_of_anna.post(find_step(sheet, "reading"), told)
    sheet.refresh_from_db()  # PostgreSQL would keep none of it with that sign in it
    assert "\0" not in "".join([*sheet.answers, *sheet.answers.values(), sheet.choices["sheet"]])
    assert client_of_anna.get(find_step(sheet, "reading")).status_code == 200


def test_one_column_has_to_be_the_name(client_of_anna: Client) -> None:
    sheet = take_in(client_of_anna, ROW)
    response = map_columns(client_of_anna, sheet, column__0="ignore")
    assert response["Location"] == find_step(sheet, "columns")
    assert "One column has to be the name" in client_of_anna.get(response["Location"]).text


def test_a_column_that_is_only_likely_is_read_when_somebody_has_confirmed_it(
    client_of_anna: Client,
) -> None:
    rows = ("Robot Days;Poland;1200;Fund A", "Sky Lab;Poland;80;Fund A")
    sheet = take_in(client_of_anna, *rows, header="Name;Country;Pupils;Main organisation here")
    page = client_of_anna.get(find_step(sheet, "columns"))
    assert page.context["doubtful"] == 1
    assert "We are not sure of 1 column." in page.text
    map_columns(client_of_anna, sheet)
    assert set(read_fates(client_of_anna, sheet).values()) == {"asked"}
    question = list_questions(client_of_anna, sheet)["column:3"]
    assert question.lines == (2, 3)
    assert client_of_anna.get(find_step(sheet, "confirm")).context["drafted"] == []
    map_columns(client_of_anna, sheet, answer__column__3="coordinator")
    assert "column:3" not in list_questions(client_of_anna, sheet)
    assert "confirmed" in client_of_anna.get(find_step(sheet, "columns")).text
    map_columns(client_of_anna, sheet, asked__column__3="what was asked")
    assert "column:3" in list_questions(client_of_anna, sheet)  # the tick was taken away
    map_columns(client_of_anna, sheet, column__3="region", answer__column__3="coordinator")
    sheet.refresh_from_db()
    assert "column:3" not in sheet.answers
    assert set(read_fates(client_of_anna, sheet).values()) == {"new"}


def test_what_was_said_of_columns_is_forgotten_if_others_stand_there(
    client_of_anna: Client,
) -> None:
    sheet = take_in(client_of_anna, ROW)
    map_columns(client_of_anna, sheet, answer__row__2="new", all__level="2")
    answer(client_of_anna, sheet, "reading", header="1", _again="1")
    sheet.refresh_from_db()
    assert sheet.columns
    answer(client_of_anna, sheet, "reading", header="2", _again="1")
    sheet.refresh_from_db()
    assert (sheet.columns, sheet.answers["all:level"]) == ({}, "2")
    assert not [key for key in sheet.answers if not key.startswith("all:")]
    page = client_of_anna.get(find_step(sheet, "reading")).text
    assert "The columns are others now." in page


def test_what_was_read_is_kept_until_something_else_is_answered(client_of_anna: Client) -> None:
    sheet = take_in(client_of_anna, ROW)
    first = read_sheet(sheet)
    assert read_sheet(sheet).meaning is first.meaning
    sheet.answers["cell:2:0"] = "Other Days"
    changed = read_sheet(sheet)
    assert changed.grid is first.grid
    assert changed.meaning.rows[0].facts["name"] == [{"value": "Other Days"}]
    assert first.meaning.rows[0].facts["name"] == [{"value": "Robot Days"}]
    read_sheet(take_in(client_of_anna, ROW.replace("Robot Days", "Sea Days")))
    assert read_sheet(sheet).meaning is not changed.meaning


def test_what_a_column_became_is_remembered_for_the_next_file(client_of_anna: Client) -> None:
    make_drafts(client_of_anna, ROW)
    assert RememberedColumn.objects.get(name="coordinator").target == "coordinator"
    sheet = take_in(client_of_anna, "Other Days;Poland;;;5;2023")
    page = client_of_anna.get(find_step(sheet, "columns"))
    certain = {one.name: one.certainty for one, _values, _chosen in page.context["columns"]}
    assert certain["Coordinator"] in ("remembered", "sure")


def test_the_same_file_again_is_told_and_keeps_its_columns(client_of_anna: Client) -> None:
    make_drafts(client_of_anna, ROW)
    response = upload(client_of_anna, write_file(ROW))
    page = client_of_anna.get(response["Location"])
    assert "This file was uploaded on" in page.text


def test_an_import_is_set_aside_and_stays_in_the_list(client_of_anna: Client) -> None:
    sheet = take_in(client_of_anna, ROW)
    answer(client_of_anna, sheet, "reading", _aside="1")
    sheet.refresh_from_db()
    assert sheet.state == Import.State.ASIDE
    listed = client_of_anna.get(reverse("admin:programmes_import_changelist")).text
    assert "partner.csv" in listed
    assert "Set aside" in listed
