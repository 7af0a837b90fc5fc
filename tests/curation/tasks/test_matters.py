"""What a look finds, kind by kind, and what it lets pass."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from partnerships.models import Funding, Organisation
from programmes.models import Citation, Edit, Programme, Source, Task, Unit, WebLink
from stemobs.catalogue.editing import edit
from stemobs.curation.tasks.ages import SPREAD, find_spread
from stemobs.curation.tasks.matters import Sight
from stemobs.curation.tasks.shared_twins import find_shared_duplicates
from tests.builders import (
    country,
    make_citation,
    make_claim,
    make_contact,
    make_discrepancy,
    make_document,
    make_funding,
    make_lineage,
    make_name,
    make_organisation,
    make_partnership,
    make_programme,
    make_reach,
    make_source,
)
from tests.catalogue.marks import begin_another_transaction
from tests.curation.tasks.looking import NOW, find, find_alone

pytestmark = pytest.mark.django_db
Kind = Task.Kind
TODAY = date(2026, 11, 29)
YEARS = {"year_from": 2024, "year_to": 2024}


def is_found(kind: Kind, programme: Programme, **options: Any) -> bool:
    """Whether a look finds a record, the same by itself as among all."""
    found = find(kind, programme, **options)
    assert find_alone(kind, programme, **options) == found
    return bool(found)


# --- Due for a check ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "days", "is_due"),
    [
        ("active", 365 - SPREAD - 1, False),
        ("active", 365 + SPREAD, True),
        ("unknown", 365 + SPREAD, True),
        ("completed", 365 + SPREAD, False),
        ("completed", 1095 - SPREAD - 1, False),
        ("completed", 1095 + SPREAD, True),
    ],
)
def test_a_record_is_due_a_year_after_its_check_or_three_if_it_has_ended(
    status: str, days: int, is_due: bool
) -> None:
    programme = make_programme(status=status, verified_on=TODAY - timedelta(days=days))
    assert is_found(Kind.STALE, programme) is is_due


def test_a_record_is_due_on_a_day_of_its_own_that_stays_the_same() -> None:
    verified = TODAY - timedelta(days=365)
    programme = make_programme(status="active", verified_on=verified)
    due = find_spread(programme.pk)
    for days in (due - 1, due):
        now = NOW + timedelta(days=days)
        assert is_found(Kind.STALE, programme, now=now) is (days == due)


@pytest.mark.once
def test_days_on_which_records_are_due_are_spread() -> None:
    days = [find_spread(pk) for pk in range(1000)]
    assert (min(days), max(days)) == (-SPREAD, SPREAD)
    assert max(days.count(day) for day in set(days)) < 30


def test_a_record_that_was_never_checked_is_due_some_weeks_after_it_came() -> None:
    programme = make_programme()
    assert not is_found(Kind.STALE, programme, now=timezone.now() - timedelta(minutes=1))
    (found,) = find(Kind.STALE, programme, now=timezone.now() + timedelta(days=2 * SPREAD))
    assert "Nobody has checked it" in found.told


def test_drafts_are_not_looked_at() -> None:
    long_ago = TODAY - timedelta(days=9999)
    programme = make_programme(state="draft", verified_on=long_ago)
    assert not is_found(Kind.STALE, programme)
    assert not is_found(Kind.GAP, programme)


# --- Old figures, missing facts -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "is_old"),
    [
        ([{"year_to": 2023}], True),
        ([{"year_from": 2023}], True),
        ([{"year_to": 2024}], False),
        ([{"year_to": 2019}, {"year_to": 2025}], False),
        ([{"year_to": 2019}, {"year_to": 2025, "retracted_because": "A misreading."}], True),
        ([{"year_from": 2012, "period_type": "since-start"}], False),
        ([{}], False),
        ([], False),
    ],
)
def test_the_latest_figure_of_a_running_programme_is_old_after_three_years(
    figures: list[dict[str, Any]], is_old: bool
) -> None:
    programme = make_programme(status="active")
    for figure in figures:
        make_reach(programme, **figure)
    assert is_found(Kind.OUTDATED, programme) is is_old


def test_figures_of_what_has_ended_do_not_grow_old() -> None:
    programme = make_programme(status="completed")
    make_reach(programme, year_to=2005)
    assert not is_found(Kind.OUTDATED, programme)


def test_a_record_lacks_facts_unless_a_source_says_that_they_are_not_published() -> None:
    programme = make_programme(year_start=2010, countries=[country("NL")])
    (found,) = find(Kind.GAP, programme)
    assert found.told == "Still missing: level, kind, reach, funding, evaluation."
    declared = Citation.Basis.DECLARED_NOT_AVAILABLE
    for field in ("levels", "kinds", "funding"):
        make_citation(programme, field=field, basis=declared)
    make_citation(programme, field="evaluation")
    make_reach(programme)
    (found,) = find(Kind.GAP, programme)
    assert found.told == "Still missing: evaluation."
    assert is_found(Kind.GAP, programme)
    make_citation(programme, field="evaluation", basis=declared)
    assert not is_found(Kind.GAP, programme)


# --- Figures that differ --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "another", "differ"),
    [
        ({"value": 100}, {"value": 120}, True),
        ({"value": 1000}, {"value": 1015}, False),
        ({"value": 100, "qualifier": "over"}, {"value": 120}, False),
        ({"value": 100, "qualifier": "over"}, {"value": 90}, True),
        ({"value": 100, "qualifier": "up-to"}, {"value": 120}, True),
        ({"value": 100, "qualifier": "up-to"}, {"value": 90}, False),
        ({"value": 100, "value_max": 200, "qualifier": "range"}, {"value": 150}, False),
        ({"value": 100, "value_max": 200, "qualifier": "range"}, {"value": 220}, True),
        ({"value": 100}, {"value": 120, "period_type": "annual"}, False),
        ({"value": 100}, {"value": 120, "year_to": 2025}, False),
        ({"value": 100}, {"value": 120, "unit_detail": "girls"}, False),
        ({"value": 100}, {"value": 120, "retracted_because": "A misreading."}, False),
    ],
)
def test_two_figures_of_the_same_that_are_apart_are_a_conflict(
    one: dict[str, Any], another: dict[str, Any], differ: bool
) -> None:
    programme = make_programme()
    for figure in (one, another):
        make_reach(programme, **{**YEARS, **figure})
    assert is_found(Kind.CONFLICT, programme) is differ


def test_figures_of_other_units_of_no_year_or_of_other_records_are_no_conflict() -> None:
    programme, other = make_programme(), make_programme()
    make_reach(programme, 100, **YEARS)
    make_reach(programme, 200, unit=Unit.objects.get(slug="schools"), **YEARS)
    make_reach(other, 300, **YEARS)
    make_reach(other, 400)
    make_reach(other, 500)
    assert find(Kind.CONFLICT, programme, other) == []


def test_a_conflict_is_settled_by_a_difference_that_names_both_figures() -> None:
    programme = make_programme()
    figures = [make_reach(programme, value, **YEARS) for value in (100, 120)]
    (found,) = find(Kind.CONFLICT, programme)
    assert found.told == "“100 students, 2024”, and also “120 students, 2024”."
    point = make_discrepancy(programme)
    make_claim(point, reach=figures[0])
    assert is_found(Kind.CONFLICT, programme)
    make_claim(make_discrepancy(programme), reach=figures[1])
    assert is_found(Kind.CONFLICT, programme)
    make_claim(point, reach=figures[1])
    assert not is_found(Kind.CONFLICT, programme)


def test_two_totals_of_money_that_are_apart_are_a_conflict() -> None:
    programme = make_programme()
    total = {"source_type": "mixed", "basis": "total", "currency": "EUR", **YEARS}
    make_funding(programme, amount=1_000_000, **total)
    make_funding(programme, amount=2_000_000, **{**total, "currency": "SEK"})
    assert not is_found(Kind.CONFLICT, programme)
    make_funding(programme, amount=1_500_000, **total)
    assert is_found(Kind.CONFLICT, programme)


def test_parts_that_exceed_their_total_are_found() -> None:
    programme = make_programme()
    known = {"basis": Funding.Basis.TOTAL, "currency": "EUR", **YEARS}
    total = make_funding(programme, amount=100, source_type="mixed", **known)
    make_funding(programme, amount=60, source_type="public", **known)
    assert not is_found(Kind.SUM, programme)
    make_funding(programme, amount=50, source_type="private", **known)
    (found,) = find(Kind.SUM, programme)
    assert "110" in found.told
    assert found.about == f"partnerships.funding {total.pk}"
    assert is_found(Kind.SUM, programme)


# --- Twins ----------------------------------------------------------------------------------------


def are_twins(one: Programme, another: Programme) -> bool:
    found = find(Kind.DUPLICATE, one, another)
    return (one.pk, another.pk) in {(match.programme, match.other) for match in found}


def test_nearly_the_same_name_in_a_country_may_be_the_same_record() -> None:
    here = {"countries": [country("NL"), country("BE")]}
    one = make_programme(name="Girls and gears of Twente", **here)
    another = make_programme(name="Girls and Géars of Twente!", countries=[country("NL")])
    abroad = make_programme(name="Girls and gears of Twente", countries=[country("PL")])
    unlike = make_programme(name="Girls at sea in Zeeland", **here)
    assert are_twins(one, another)
    assert find(Kind.DUPLICATE, abroad, unlike) == []


def test_another_name_counts_and_so_does_the_website() -> None:
    one = make_programme(name="Gears of the north", countries=[country("NL")])
    another = make_programme(name="Tandwielen", website="https://www.gears.example/a/")
    third = make_programme(name="Quite another", website="http://gears.example/a")
    assert are_twins(another, third)
    another.countries.add(country("NL"))
    make_name(another, "Gears of the North")
    assert are_twins(one, another)


def test_records_of_which_a_row_says_how_they_are_related_are_not_asked_about() -> None:
    one, another = (make_programme(name="Wheels of the west") for _turn in range(2))
    assert are_twins(one, another)
    make_lineage(from_programme=another, to_programme=one, relation="succeeded-by")
    assert not are_twins(one, another)


def test_a_website_of_many_records_is_a_portal() -> None:
    names = ("Apples", "Bicycles", "Comets", "Dolphins", "Engines")
    rows = [make_programme(name=name, website="https://portal.example/") for name in names]
    assert find(Kind.DUPLICATE, *rows) == []


def test_so_may_organisations_with_nearly_one_name_and_sources_with_one_address() -> None:
    here = {"country": country("NL"), "type": "network"}
    one, another, part, firm, abroad = (
        make_organisation(**{"name": name, **here, **given})
        for name, given in (
            ("Quokka-Net", {}),
            ("Stichting Quokka-Net", {}),
            ("Quokka-Nets", {}),
            ("Quokka-Net BV", {"type": "company"}),
            ("Quokka-Net", {"country": country("PL")}),
        )
    )
    Organisation.objects.filter(pk=part.pk).update(parent=one)
    sources = [make_source(url=f"{start}quokka.example/a") for start in ("http://", "https://www.")]
    found = {one.key for one in find_shared_duplicates(Sight(timezone.now()))}
    assert f"organisation-{one.pk}-{another.pk}" in found
    assert f"source-{sources[0].pk}-{sources[1].pk}" in found
    of_others = {str(other.pk) for other in (part, firm, abroad)}
    assert not any(of_others & {*key.split("-")} for key in found)


# --- Links, sources, organisations ----------------------------------------------------------------


def break_link(address: str, **found: Any) -> None:
    told = {"outcome": "not-found", "status": 404, "is_broken": True, **found}
    WebLink.objects.create(address=address, **told)


def find_links() -> dict[str, Any]:
    return {one.about: one for one in find(Kind.LINK) + find_all(Kind.LINK)}


def find_all(kind: Kind) -> list[Any]:
    return find_alone(kind, Programme(pk=0))


def test_a_broken_link_says_where_it_is_used_unless_nobody_but_curators_sees_that() -> None:
    programme, draft = make_programme(name="Gears"), make_programme(state="draft")
    make_document(programme, url="https://gone.example/a")
    make_contact(programme, url="https://fine.example/")
    make_document(draft, url="https://gone.example/b")
    for place in ("https://gone.example/a", "https://gone.example/b", "https://gone.example/c"):
        break_link(place)
    WebLink.objects.create(address="https://fine.example/", outcome="works")
    found = find_links()
    assert [*found] == ["https://gone.example/a"]
    link = found["https://gone.example/a"]
    assert (link.told, link.programme) == ("Not found (404). Used in: “Gears”.", programme.pk)


def test_a_link_of_several_records_names_some_of_them() -> None:
    for number in range(5):
        make_programme(name=f"Wheel {number}", website="https://gone.example/a")
    break_link("https://gone.example/a", status=None)
    link = find_links()["https://gone.example/a"]
    assert link.programme is None
    assert link.told.startswith("Not found. Used in: “Wheel 0”, “Wheel 1”, “Wheel 2” and 2 more")


def test_sources_and_organisations_that_nothing_names_are_found() -> None:
    used, unused = make_source(), make_source(title="Of nothing")
    make_citation(make_programme(state="draft"), source=used)
    parent, alone = make_organisation(), make_organisation(name="Alone")
    child = make_organisation(parent=parent)
    make_partnership(make_programme(), child)
    rows = (used, unused, parent, alone, child)
    keys = {f"{row._meta.model_name}-{row.pk}": row for row in rows}
    found = [keys[one.key] for one in find_all(Kind.ORPHAN) if one.key in keys]
    assert found == [unused, alone]
    told = {one.told for one in find_all(Kind.ORPHAN)}
    assert "No record names this source: Of nothing." in told
    assert isinstance(found[0], Source)
    assert isinstance(found[1], Organisation)


# --- Past the admin -------------------------------------------------------------------------------


def test_what_was_written_directly_in_the_database_is_found_for_a_month() -> None:
    with edit(Edit.Kind.CURATOR):
        programme = make_programme()
    begin_another_transaction()
    now = timezone.now() + timedelta(minutes=1)
    assert find(Kind.OUTSIDE, programme, now=now) == []
    Programme.objects.filter(pk=programme.pk).update(region="North")
    (found,) = find(Kind.OUTSIDE, programme, now=now)
    assert found.told.startswith("1 row was changed directly in the database")
    assert find(Kind.OUTSIDE, programme, now=now + timedelta(days=31)) == []


def test_rows_that_belong_to_no_record_are_told_by_their_organisation_or_kind() -> None:
    organisation = make_organisation()
    make_source()
    now = timezone.now() + timedelta(minutes=1)
    found = {one.key for one in find_alone(Kind.OUTSIDE, Programme(pk=0), now=now)}
    assert f"partnerships.organisation-{organisation.pk}" in found
    assert "programmes.source" in found


@pytest.mark.parametrize("kind", [Edit.Kind.SEED, Edit.Kind.DUMP, Edit.Kind.TASK])
def test_what_is_loaded_from_files_is_not_written_past_the_admin(kind: Any) -> None:
    begin_another_transaction()
    with edit(kind):
        programme = make_programme()
    now = timezone.now() + timedelta(minutes=1)
    assert find(Kind.OUTSIDE, programme, now=now) == []
