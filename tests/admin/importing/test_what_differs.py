"""Imports: figures that differ from those of a record, and rows about records that are gone."""

import pytest
from django.conf import LazySettings
from django.test import Client

from programmes.models import Import, Programme
from tests.admin.importing.walking import (
    answer,
    confirm,
    decide,
    list_questions,
    map_columns,
    open_row,
    read_fates,
    take_in,
)
from tests.builders import country, make_reach
from tests.curation.people import State, write_as

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ROW = "Robot Days;Poland;;;1200;2023"


@pytest.fixture
def record(db: None) -> Programme:
    """A published record with a figure of 2023 and one of an earlier year."""
    made = write_as(None, state=State.PUBLISHED, name="Robot Days", summary="Before.")
    made.countries.set([country("PL")])
    for year, number in ((2022, 700), (2023, 900)):
        make_reach(made, number, year_from=year, year_to=year, period=str(year))
    return made


def read(client: Client, row: str = ROW) -> Import:
    """Return an import of one row, ready for its questions."""
    sheet = take_in(client, row)
    map_columns(client, sheet)
    return sheet


def list_figures(record: Programme) -> list[tuple[int, bool]]:
    """Return the numbers of a record with whether each stands."""
    return [(int(one.value), one.is_current) for one in record.reach.order_by("value")]


def approve(anna: Client, rita: Client, sheet: Import) -> None:
    """Make the draft of the row, and let a second person approve it."""
    confirm(anna, sheet)
    (row,) = sheet.rows.all()
    open_row(rita, row)
    decide(rita, sheet, "_approve", row)
    sheet.refresh_from_db()


def test_another_number_of_the_same_year_is_asked_about_with_both_numbers(
    client_of_anna: Client, record: Programme
) -> None:
    sheet = read(client_of_anna)
    assert read_fates(client_of_anna, sheet) == {2: "asked"}
    question = list_questions(client_of_anna, sheet)["differs:figures"]
    assert question.told == (
        "Figures of the same years differ (Robot Days: 900 students, 2023 here, 1,200 in the "
        "file). Which stand?"
    )
    answer(client_of_anna, sheet, "rows", **{"answer:differs:figures": "keep"})
    assert read_fates(client_of_anna, sheet) == {2: "same"}


def test_a_number_that_may_be_right_too_is_not_asked_about(
    client_of_anna: Client, record: Programme
) -> None:
    for row in ("Robot Days;Poland;;;over 800;2023", "Robot Days;Poland;;;1200;2024"):
        assert read_fates(client_of_anna, read(client_of_anna, row)) == {2: "changes"}


def test_a_correction_by_a_partner_retracts_the_former_figure_once_it_is_approved(
    client_of_anna: Client, client_of_rita: Client, record: Programme, settings: LazySettings
) -> None:
    settings.FOUR_EYES = True
    sheet = read(client_of_anna)
    told = list_questions(client_of_anna, sheet)["differs:figures"].told
    given = {"answer:differs:figures": "take", "asked:differs:figures": told}
    answer(client_of_anna, sheet, "rows", **given)
    page = client_of_anna.get(f"/admin/programmes/import/{sheet.pk}/rows/")
    assert "1,200 students, 2023, in place of 900 students, 2023" in page.text
    assert page.context["answered"] == [("differs:figures", told, "what the file says")]
    approve(client_of_anna, client_of_rita, sheet)
    assert list_figures(record) == [(700, True), (900, False), (1200, True)]
    former, new = record.reach.get(value=900), record.reach.get(value=1200)
    assert former.retracted_because == "STEM Hub gave another number for the same time."
    assert (new.source, new.locator, new.year_to) == (sheet.source, "line 2", 2023)


def test_both_figures_stand_if_somebody_says_so(
    client_of_anna: Client, client_of_rita: Client, record: Programme, settings: LazySettings
) -> None:
    settings.FOUR_EYES = True
    sheet = read(client_of_anna)
    answer(client_of_anna, sheet, "rows", **{"answer:differs:figures": "both"})
    approve(client_of_anna, client_of_rita, sheet)
    assert list_figures(record) == [(700, True), (900, True), (1200, True)]


def test_a_row_about_a_record_that_was_withdrawn_is_asked_about(client_of_anna: Client) -> None:
    write_as(None, state=State.WITHDRAWN, name="Robot Days", withdrawn_reason="Never took place.")
    sheet = read(client_of_anna)
    assert read_fates(client_of_anna, sheet) == {2: "asked"}
    assert list_questions(client_of_anna, sheet)["row:2"].told == (
        "Line 2: the record “Robot Days” was withdrawn. Is this another one?"
    )
    answer(client_of_anna, sheet, "rows", **{"answer:row:2": "new"})
    assert read_fates(client_of_anna, sheet) == {2: "new"}
    answer(client_of_anna, sheet, "rows", **{"answer:row:2": "leave"})
    assert read_fates(client_of_anna, sheet) == {2: "left"}


def test_a_row_about_a_record_that_was_merged_is_about_the_one_that_stayed(
    client_of_anna: Client, record: Programme
) -> None:
    write_as(
        None,
        state=State.WITHDRAWN,
        name="Days of Robots",
        withdrawn_reason="The same.",
        merged_into=record,
    )
    sheet = read(client_of_anna, "Days of Robots;Poland;;;1200;2024")
    assert read_fates(client_of_anna, sheet) == {2: "changes"}
