"""Imports: what becomes of rows, what is asked, and the drafts that are made of them."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from partnerships.models import Organisation
from programmes.models import (
    ChangeDraft,
    Edit,
    Import,
    ImportedRow,
    Programme,
    RememberedColumn,
    Source,
)
from tests.admin.drafting import read_messages
from tests.admin.importing.walking import (
    answer,
    confirm,
    find_step,
    list_questions,
    make_drafts,
    map_columns,
    read_fates,
    take_in,
)
from tests.builders import country, make_organisation, make_reach
from tests.curation.people import State, write_as

pytestmark = pytest.mark.django_db

ROW = "Robot Days;Poland;https://robot-days.example;Robot Foundation;1200;2023"


@pytest.fixture
def record(db: None) -> Programme:
    """A published record of a programme that files name."""
    made = write_as(None, state=State.PUBLISHED, name="Robot Days", summary="Before.")
    made.countries.set([country("PL")])
    return made


def test_a_new_row_becomes_a_draft_with_its_facts_and_the_file_as_their_source(
    client_of_anna: Client, anna: User
) -> None:
    sheet = make_drafts(client_of_anna, ROW)
    made = sheet.rows.get().programme
    assert (made.name, made.state, made.website) == (
        "Robot Days", State.DRAFT, "https://robot-days.example",
    )  # fmt: skip
    assert [one.code for one in made.countries.all()] == ["PL"]
    (figure,) = made.reach.all()
    assert (figure.value, figure.unit.slug, figure.year_to) == (1200, "students", 2023)
    assert (figure.source, figure.locator) == (sheet.source, "line 2")
    assert sheet.source.publisher == "STEM Hub"
    (partner,) = made.partnerships.all()
    assert (partner.organisation.name, partner.role) == ("Robot Foundation", "coordinator")
    assert partner.organisation.type == Organisation.Type.FOUNDATION
    assert partner.organisation.is_type_inferred
    (edit,) = Edit.objects.filter(user=anna)
    assert edit.reason == "Imported from partner.csv, sent by STEM Hub"
    assert sheet.state == Import.State.DRAFTED


def test_a_row_about_a_published_record_becomes_a_draft_of_its_change(
    client_of_anna: Client, record: Programme
) -> None:
    make_reach(record, 900, year_from=2020, year_to=2020, period="2020")
    sheet = take_in(client_of_anna, ROW)
    map_columns(client_of_anna, sheet)
    assert read_fates(client_of_anna, sheet) == {2: "changes"}
    confirm(client_of_anna, sheet)
    record.refresh_from_db()
    assert record.website == ""
    assert record.reach.count() == 1
    draft = ChangeDraft.objects.get(programme=record)
    assert draft.state == ChangeDraft.State.REVIEW
    assert draft.form["website"] == ["https://robot-days.example"]
    assert draft.reason == "Imported from partner.csv, sent by STEM Hub"
    assert ImportedRow.objects.get().draft == draft


@pytest.mark.once
def test_a_row_that_says_what_the_record_says_adds_nothing(
    client_of_anna: Client, record: Programme
) -> None:
    sheet = take_in(client_of_anna, "Robot Days;Poland;;;;")
    map_columns(client_of_anna, sheet)
    assert read_fates(client_of_anna, sheet) == {2: "same"}
    assert "_make" not in client_of_anna.get(find_step(sheet, "confirm")).text


@pytest.mark.once
def test_the_same_file_twice_adds_nothing(client_of_anna: Client, record: Programme) -> None:
    rows = (ROW, "Other Days;Slovakia;;Robot Foundation;500;2022")
    make_drafts(client_of_anna, *rows)
    again = take_in(client_of_anna, *rows)
    map_columns(client_of_anna, again)
    assert set(read_fates(client_of_anna, again).values()) <= {"drafted", "same"}
    before = Programme.objects.count(), Source.objects.count(), Organisation.objects.count()
    confirm(client_of_anna, again)
    assert (Programme.objects.count(), Source.objects.count()) == before[:2]
    assert Organisation.objects.count() == before[2]


@pytest.mark.once
def test_a_name_nearly_equal_in_the_same_country_is_asked(
    client_of_anna: Client, record: Programme
) -> None:
    sheet = take_in(client_of_anna, "Robot Dayz;Poland;;;7;2023", "Far Days;Slovakia;;;5;2023")
    map_columns(client_of_anna, sheet)
    assert read_fates(client_of_anna, sheet) == {2: "asked", 3: "new"}
    asked = list_questions(client_of_anna, sheet)["row:2"]
    assert str(record.pk) in dict(asked.options)
    answer(client_of_anna, sheet, "rows", **{"answer:row:2": "new"})
    assert read_fates(client_of_anna, sheet) == {2: "new", 3: "new"}


@pytest.mark.once
def test_the_same_programme_in_two_rows_is_asked(client_of_anna: Client) -> None:
    sheet = take_in(client_of_anna, ROW, "Robót days;PL;;;88;2024")
    map_columns(client_of_anna, sheet)
    assert read_fates(client_of_anna, sheet) == {2: "new", 3: "asked"}
    answer(client_of_anna, sheet, "rows", **{"answer:row:3": "leave"})
    assert read_fates(client_of_anna, sheet)[3] == "left"


@pytest.mark.once
def test_an_organisation_that_nobody_knows_is_asked_once_for_all_its_rows(
    client_of_anna: Client,
) -> None:
    rows = ("One;Poland;;Kowalski Brothers;1;2023", "Two;Poland;;Kowalski Brothers;2;2023")
    sheet = take_in(client_of_anna, *rows)
    map_columns(client_of_anna, sheet)
    questions = list_questions(client_of_anna, sheet)
    (key,) = [key for key in questions if key.startswith("organisation:")]
    assert questions[key].lines == (2, 3)
    answer(client_of_anna, sheet, "rows", **{f"answer:{key}": "new:company"})
    confirm(client_of_anna, sheet)
    made = Organisation.objects.get(name="Kowalski Brothers")
    assert (made.type, made.is_type_inferred) == ("company", False)
    assert made.partnerships.count() == 2


@pytest.mark.once
def test_a_known_organisation_is_found_by_its_other_name(client_of_anna: Client) -> None:
    known = make_organisation(name="Robot Trust")
    known.names.create(name="Robot Foundation", slug="robot-foundation")
    sheet = make_drafts(client_of_anna, ROW)
    assert sheet.rows.get().programme.partnerships.get().organisation == known


@pytest.mark.once
def test_what_differs_in_a_field_that_is_filled_is_asked_once(
    client_of_anna: Client, record: Programme
) -> None:
    Programme.objects.filter(pk=record.pk).update(website="https://old.example")
    sheet = take_in(client_of_anna, ROW)
    map_columns(client_of_anna, sheet)
    assert read_fates(client_of_anna, sheet) == {2: "asked"}
    (asked,) = list_questions(client_of_anna, sheet).values()
    assert "Robot Days: https://old.example here, https://robot-days.example in" in asked.told
    answer(client_of_anna, sheet, "rows", **{"answer:differs:website": "keep"})
    assert read_fates(client_of_anna, sheet) == {2: "changes"}
    confirm(client_of_anna, sheet)
    assert ChangeDraft.objects.get().form["website"] == ["https://old.example"]


@pytest.mark.once
def test_a_mended_cell_is_read_by_the_same_reader(client_of_anna: Client) -> None:
    sheet = take_in(client_of_anna, ROW.replace("2023", "2O23"))
    map_columns(client_of_anna, sheet)
    page = client_of_anna.get(find_step(sheet, "rows"))
    assert read_fates(client_of_anna, sheet) == {2: "fault"}
    (cell,) = page.context["problems"][0].faulty
    assert "letter" in cell.meaning.fault
    answer(client_of_anna, sheet, "rows", **{cell.place: "2023", f"was:{cell.place}": "2O23"})
    assert read_fates(client_of_anna, sheet) == {2: "new"}
    confirm(client_of_anna, sheet)
    assert sheet.rows.get().programme.reach.get().year_to == 2023


@pytest.mark.once
def test_a_row_with_a_problem_stays_and_can_follow(client_of_anna: Client) -> None:
    sheet = make_drafts(client_of_anna, ROW, "Other Days;Poland;http://192.168.1.4/x;;5;2023")
    assert sheet.rows.count() == 1
    page = client_of_anna.get(find_step(sheet, "rows"))
    (cell,) = page.context["problems"][0].faulty
    answer(client_of_anna, sheet, "rows", **{cell.place: "", f"was:{cell.place}": "x"})
    assert read_fates(client_of_anna, sheet) == {2: "drafted", 3: "new"}
    confirm(client_of_anna, sheet)
    assert sheet.rows.count() == 2


@pytest.mark.once
def test_an_answer_can_be_taken_back(client_of_anna: Client, record: Programme) -> None:
    sheet = take_in(client_of_anna, "Robot Dayz;Poland;;;7;2023")
    map_columns(client_of_anna, sheet)
    answer(client_of_anna, sheet, "rows", **{"answer:row:2": "new"})
    answer(client_of_anna, sheet, "rows", **{"forget:row:2": "on"})
    assert read_fates(client_of_anna, sheet) == {2: "asked"}


def test_nothing_is_written_if_the_catalogue_changed_after_the_preview(
    client_of_anna: Client, record: Programme
) -> None:
    sheet = take_in(client_of_anna, ROW, "Other Days;Slovakia;;;5;2023")
    map_columns(client_of_anna, sheet)
    page = client_of_anna.get(find_step(sheet, "confirm"))
    Programme.objects.filter(pk=record.pk).update(website="https://robot-days.example")
    response = answer(client_of_anna, sheet, "confirm", _plan=page.context["digest"])
    assert "nothing was written" in client_of_anna.get(response["Location"]).text
    assert not ImportedRow.objects.exists()
    assert not Programme.objects.filter(name="Other Days").exists()


def test_a_row_that_cannot_be_saved_keeps_all_others_from_being_written(
    client_of_anna: Client, record: Programme
) -> None:
    # The form of the record is refused as long as it has no summary.
    sheet = take_in(client_of_anna, "Other Days;Slovakia;;;5;2023", ROW)
    map_columns(client_of_anna, sheet)
    Programme.objects.filter(pk=record.pk).update(summary="")
    response = confirm(client_of_anna, sheet)
    told = read_messages(response)
    assert "Line 3:" in told
    assert "Nothing was written." in told
    assert not ImportedRow.objects.exists()
    assert not Programme.objects.filter(name="Other Days").exists()
    assert not Source.objects.filter(publisher="STEM Hub").exists()


@pytest.mark.once
def test_a_unit_that_the_vocabulary_has_no_more_is_told_and_nothing_is_written(
    client_of_anna: Client,
) -> None:
    RememberedColumn.objects.create(name="number of students", target="reach:gone-unit")
    sheet = take_in(client_of_anna, "Other Days;Slovakia;;;5;2023")
    map_columns(client_of_anna, sheet)
    response = confirm(client_of_anna, sheet)
    assert "Line 2: There is no unit “gone-unit” any more." in read_messages(response)
    assert not ImportedRow.objects.exists()


@pytest.mark.once
def test_a_name_whose_letters_are_spoilt_is_asked(client_of_anna: Client) -> None:
    sheet = take_in(client_of_anna, "FundaciÃ³n de robots;Poland;;;5;2023")
    map_columns(client_of_anna, sheet)
    assert read_fates(client_of_anna, sheet) == {2: "asked"}
    (key,) = [one for one in list_questions(client_of_anna, sheet) if one.startswith("letters:")]
    answer(client_of_anna, sheet, "rows", **{f"answer:{key}": "Fundación de robots"})
    confirm(client_of_anna, sheet)
    assert sheet.rows.get().programme.name == "Fundación de robots"


@pytest.mark.once
def test_a_country_that_is_not_offered_can_be_typed(client_of_anna: Client) -> None:
    sheet = take_in(client_of_anna, "Other Days;Polandia;;;5;2023")
    map_columns(client_of_anna, sheet)
    assert read_fates(client_of_anna, sheet) == {2: "asked"}
    (key,) = [one for one in list_questions(client_of_anna, sheet) if one.startswith("country:")]
    answer(client_of_anna, sheet, "rows", **{f"typed:{key}": " Slovakia "})
    confirm(client_of_anna, sheet)
    assert sheet.rows.get().programme.countries.get().code == "SK"


@pytest.mark.once
def test_what_a_partner_writes_in_sentences_is_for_curators_alone(client_of_anna: Client) -> None:
    header = "Name;Country;Summary"
    sheet = make_drafts_of(client_of_anna, header, "Robot Days;Poland;Our lovely programme.")
    made = sheet.rows.get().programme
    assert made.summary == ""
    assert made.curators_note == "The file says: Our lovely programme."
    assert sheet.rows.count() == 1


@pytest.mark.once
def test_what_the_file_does_not_say_is_filled_in_for_all_rows(client_of_anna: Client) -> None:
    sheet = take_in(client_of_anna, ROW, "Other Days;Slovakia;;;5;2023")
    map_columns(client_of_anna, sheet, all__level="2")
    confirm(client_of_anna, sheet)
    assert {row.programme.levels.get().code for row in sheet.rows.all()} == {2}


def make_drafts_of(client: Client, header: str, *rows: str) -> Import:
    sheet = take_in(client, *rows, header=header)
    map_columns(client, sheet)
    confirm(client, sheet)
    return sheet
