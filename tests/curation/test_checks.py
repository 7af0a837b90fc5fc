"""Tests of the checks before publishing: which faults they find in a record, and which not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from programmes.models import Country, Programme
from stemobs.curation.checks.checks import find_faults, find_new_faults, keep_checked, look_at
from stemobs.curation.checks.faults import Faulty
from tests import builders

pytestmark = pytest.mark.django_db

YEAR = timezone.localdate().year
Change = Callable[[Programme], Any]


def change(**fields: Any) -> Change:
    return lambda record: Programme.objects.filter(pk=record.pk).update(**fields)


def add_figures(*figures: tuple[int, int]) -> Change:
    def add(record: Programme) -> None:
        for value, year in figures:
            builders.make_reach(record, value, year_to=year, source=builders.make_source())

    return add


def add_sums(*sums: tuple[str, int]) -> Change:
    def add(record: Programme) -> None:
        for kind, amount in sums:
            builders.make_funding(
                record, source_type=kind, amount=amount, currency="EUR", basis="total",
                year_from=2019, source=builders.make_source(),
            )  # fmt: skip

    return add


def cite_private_source(record: Programme) -> None:
    source = builders.make_source(title="Wiki")
    builders.store_as_it_is(source, url="http://10.0.0.1/")
    builders.make_citation(record, source=source)


def tell(record: Programme) -> list[tuple[str, str]]:
    """Return the faults of a record: whether each is an error, its field, and what is said."""
    return [("error" if f.is_error else "odd", f.field, f.text) for f in find_faults(record)]


ERRORS: list[tuple[Change, str, str]] = [
    (lambda one: one.citations.all().delete(), "citations", "The record has no source. Add"),
    (lambda one: builders.make_reach(one, 40), "source", "Every figure needs a source."),
    (
        lambda one: builders.make_funding(one, amount=5, currency="EUR"),
        "source", "Every sum needs a source. Choose the one that says",
    ),
    (lambda one: one.countries.clear(), "countries", "It has no country. Choose one, or the scope"),
    (
        change(summary="word " * 74), "summary",
        "The summary has 74 words. Please leave out 14.",
    ),
    (
        change(year_end=YEAR + 6), "year_end",
        f"End year: {YEAR + 6} is far ahead. Give a year up to {YEAR + 5}.",
    ),
    (change(year_start=1799), "year_start", "Start year: Ensure this value is greater than"),
    (
        lambda one: builders.make_evaluation(one, year=YEAR + 6), "year",
        f"Year: {YEAR + 6} is far ahead.",
    ),
    (
        change(verified_on=timezone.localdate() + timedelta(days=1)), "verified_on",
        "Checked on: A day in the future cannot be a day of checking.",
    ),
    (
        lambda one: builders.store_as_it_is(one, website="http://127.0.0.1/"), "website",
        "Website: Only public addresses can be given.",
    ),
    (cite_private_source, "source", "Wiki: Only public addresses can be given."),
    (
        change(status="active", year_end=YEAR - 1), "status",
        f"It ended in {YEAR - 1}, and its status is “Running”. Correct one of the two.",
    ),
    (
        lambda one: builders.make_claim(builders.make_discrepancy(one)), "",
        "Number of schools: A point on which sources differ needs two of them.",
    ),
]  # fmt: skip
ODD: list[tuple[Change, str, str]] = [
    (lambda one: one.kinds.clear(), "kinds", "It has no kind. Choose one, or say why none fits."),
    (
        change(summary="word " * 26), "summary",
        "The summary has 26 words. 25 are the most that we want.",
    ),
    (
        change(scope="multi-country"), "scope",
        "It is in several countries, and names one. Add the others, or change the scope.",
    ),
    (
        add_figures((60_000, 2019), (620_000, 2024)), "value",
        "620,000 is more than ten times the former figure, 60,000.",
    ),
    (
        add_sums(("mixed", 9), ("public", 6), ("private", 4)), "amount",
        "The parts (EUR\xa010) are more than the total (EUR\xa09).",
    ),
    (
        lambda one: builders.make_programme(name="Zébra  days", countries=[builders.country("NL")]),
        "name", "“Zébra days” is almost the same name, in the same country. Is it the same?",
    ),
]  # fmt: skip
FINE: list[Change] = [
    change(scope="eu-wide"),
    lambda one: builders.make_funding(one),
    change(summary="word " * 25),
    change(year_end=YEAR + 5),
    change(status="active", year_end=YEAR),
    change(status="completed", year_end=YEAR - 1),
    change(verified_on=timezone.localdate()),
    add_figures((60_000, 2019), (600_000, 2024)),
    add_figures((620_000, 2019), (60_000, 2024)),
    add_sums(("mixed", 10), ("public", 6), ("private", 4)),
    lambda one: builders.make_programme(name="Zebra day", countries=[builders.country("BE")]),
    lambda one: builders.make_programme(name="Zebra island", countries=[builders.country("NL")]),
]


@pytest.fixture
def record() -> Programme:
    return builders.make_ready(name="Zebra day")


@pytest.mark.parametrize(("spoil", "field", "told"), ERRORS)
def test_what_readers_must_not_meet_is_an_error(
    record: Programme, spoil: Change, field: str, told: str
) -> None:
    spoil(record)
    (found,) = tell(record)
    assert found[:2] == ("error", field)
    assert found[2].startswith(told)


@pytest.mark.parametrize(("spoil", "field", "told"), ODD)
def test_what_is_odd_only_wants_a_reason(
    record: Programme, spoil: Change, field: str, told: str
) -> None:
    spoil(record)
    assert tell(record) == [("odd", field, told)]


@pytest.mark.parametrize("improve", FINE)
def test_what_may_well_be_is_no_fault(record: Programme, improve: Change) -> None:
    improve(record)
    assert tell(record) == []


def test_several_countries_may_be_named_in_the_note_alone(record: Programme) -> None:
    record.countries.clear()
    change(scope="multi-country", countries_note="ESA member states")(record)
    assert tell(record) == []


def test_a_figure_is_held_against_what_stood_there_before(record: Programme) -> None:
    figure = builders.make_reach(record, 5, source=builders.make_source())
    change(state="published")(record)
    before = look_at(record)
    record.reach.update(value=51)
    (fault,) = find_new_faults(record, before)
    assert (fault.row, fault.text) == (
        figure, "51 is more than ten times the former figure, 5.",
    )  # fmt: skip


def test_only_what_a_change_brings_counts_for_a_record_that_is_public(record: Programme) -> None:
    change(state="published", status="active", year_end=YEAR - 1)(record)
    before = look_at(record)
    change(name="Another name")(record)
    assert find_new_faults(record, before) == []
    change(summary="word " * 61)(record)
    assert [fault.field for fault in find_new_faults(record, before)] == ["summary"]


def test_a_draft_may_have_errors_until_it_is_published(record: Programme) -> None:
    before = look_at(record)
    record.countries.clear()
    assert find_new_faults(record, before) == []
    change(state="published")(record)
    assert [fault.field for fault in find_new_faults(record, before)] == ["countries"]


def test_code_that_brings_an_error_before_readers_is_undone(record: Programme) -> None:
    def publish_without_country() -> None:
        with keep_checked(record):
            record.countries.clear()
            change(state="published")(record)

    with pytest.raises(Faulty, match="It has no country"):
        publish_without_country()
    record.refresh_from_db()
    assert record.state == "draft"
    assert list(record.countries.all()) == [builders.country("NL")]


class TestMergers:
    """Whoever asks for a record that was merged reaches one that they may see."""

    def test_a_chain_that_ends_at_a_published_record_is_right(self, record: Programme) -> None:
        end = builders.make_programme()
        middle = builders.make_programme(state="withdrawn", merged_into=end)
        change(state="withdrawn", merged_into=middle)(record)
        assert tell(record) == []

    def test_a_chain_that_ends_at_a_draft_is_an_error(self, record: Programme) -> None:
        middle = builders.make_programme(
            name="Middle", state="withdrawn", merged_into=builders.make_programme(state="draft")
        )
        change(state="withdrawn", merged_into=middle)(record)
        told = "Readers cannot see “Middle”, or where it leads. Choose a published record."
        assert tell(record) == [("error", "merged_into", told)]

    def test_withdrawing_the_end_of_a_chain_wants_a_reason(self, record: Programme) -> None:
        change(state="withdrawn", withdrawn_reason="It never was.")(record)
        builders.make_programme(name="Elder", state="withdrawn", merged_into=record)
        told = "“Elder” was merged into this one. Choose where its readers go now."
        assert tell(record) == [("odd", "merged_into", told)]


def test_a_large_record_takes_as_many_queries_as_a_small_one(record: Programme) -> None:
    def count_queries(one: Programme) -> int:
        with CaptureQueriesContext(connection) as captured:
            find_faults(one)
        return len(captured)

    small, large = builders.crowded(1), builders.crowded(3)
    # Whether a lineage goes in a circle is asked for each.
    Programme.lineage.rel.related_model.objects.all().delete()
    assert count_queries(small) == count_queries(large)


def test_only_codes_of_countries_are_taken() -> None:
    country = Country(code="QQ", name="Nowhere")
    with pytest.raises(Exception, match="There is no country with the code “QQ”"):
        country.full_clean()
    for code in ("XK", "JP"):
        Country(code=code, name="Known").clean()
