"""Tests that the triggers record every write to the catalogue in the change feed."""

from typing import Any

import pytest
from django.db import connection, models
from django.db.models import F

from partnerships.models import Organisation, OrganisationName, Partnership, Strategy
from programmes.models import (
    BulkChange,
    BulkChangeRow,
    Change,
    ChangeDraft,
    Country,
    Departure,
    DraftStep,
    Edit,
    Evaluation,
    Import,
    ImportedRow,
    ImportedRowSeen,
    InitiativeKind,
    Lease,
    Programme,
    ProgrammeName,
    ProposedMerger,
    RecordCheck,
    Redaction,
    RememberedColumn,
    Revision,
    SeededRow,
    Suggestion,
    Task,
    Version,
    WebLink,
)
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.catalogue.states.moments import read_changes_since, read_latest_moment
from stemobs.catalogue.triggers.installing import record_everything
from stemobs.catalogue.triggers.tables import UNRECORDED, list_recorded_tables
from tests import builders
from tests.catalogue.marks import (
    EVERYTHING,
    MODELS,
    OF_ANOTHER_FACT,
    OF_EVERYTHING,
    OF_ORGANISATIONS,
    OF_PROGRAMMES,
    RECORDED,
    Write,
    begin_another_transaction,
    make_a_row_of_everything,
    marked,
    marks,
    marks_of,
    number,
    of,
    undone,
)

pytestmark = pytest.mark.django_db


# --- Writes to every table ------------------------------------------------------------------------


@pytest.mark.parametrize("model", RECORDED, ids=lambda model: model._meta.label)
def test_inserting_updating_and_deleting_a_row_is_recorded_in_every_table(
    model: type[models.Model],
) -> None:
    make_a_row_of_everything()
    rows = model._base_manager.order_by("-pk")
    row = rows.values().first()
    assert row is not None
    right = marks_of(model, row)
    this = model._base_manager.filter(pk=row["id"])
    with undone():
        assert marked(lambda: this.update(id=F("id"))) == right
        assert marked(lambda: this._raw_delete("default")) == right
        assert not this.exists()
        copy = model(**row)
        assert marked(lambda: copy.save_base(raw=True, force_insert=True)) == right


def test_every_table_is_recorded_except_those_listed_as_unrecorded() -> None:
    tables = {model._meta.db_table for model in RECORDED}
    assert {one.table for one in list_recorded_tables()} == tables
    assert set(MODELS) >= UNRECORDED
    unrecorded = {
        *(BulkChange, BulkChangeRow, Change, ChangeDraft, Departure, DraftStep, Edit),
        *(Import, ImportedRow, ImportedRowSeen),
        *(Lease, ProposedMerger, RecordCheck, Redaction, RememberedColumn, Revision, SeededRow),
        *(Suggestion, Task, Version, WebLink),
    }
    assert unrecorded == UNRECORDED
    assert {model.__name__ for model in MODELS} >= {
        *OF_PROGRAMMES, *OF_ORGANISATIONS, *OF_EVERYTHING, *OF_ANOTHER_FACT,
    }  # fmt: skip


def test_writes_to_the_feed_and_to_seeded_rows_do_not_raise_the_revision() -> None:
    begin_another_transaction()
    before = number()
    Change.objects.create(subject="programme", object_id=1_000_000, revision=1)
    Change.objects.update(revision=F("revision"))
    Change.objects.all().delete()
    remembered = SeededRow.objects.create(model="programmes.programme", key="made", object_id=1)
    SeededRow.objects.update(object_id=2)
    remembered.delete()
    Revision.objects.update(changed_at=F("changed_at"))
    assert number() == before
    assert marks(before) == set()


# --- Ways of writing: ORM, bulk, SQL, cascades ----------------------------------------------------


def test_save_update_and_delete_of_a_programme_are_recorded(programme: Programme) -> None:
    this = Programme.objects.filter(pk=programme.pk)
    assert marked(programme.save) == of(programme)
    assert marked(lambda: this.update(name="Changed")) == of(programme)
    assert marked(lambda: Programme.objects.select_for_update().get(pk=programme.pk).save()) == of(
        programme
    )
    pk = programme.pk
    assert marked(programme.delete) == {("programme", pk)}


def made(slug: str, **fields: Any) -> Programme:
    return Programme(slug=slug, name=slug, scope="local", state="published", **fields)


def test_bulk_create_bulk_update_and_bulk_delete_are_recorded(programme: Programme) -> None:
    new = [made("bulk-1"), made("bulk-2")]
    found = marked(lambda: Programme.objects.bulk_create(new))
    assert found == of(*Programme.objects.filter(slug__startswith="bulk-"))
    both = list(Programme.objects.filter(slug__startswith="bulk-"))
    assert marked(lambda: Programme.objects.bulk_update(both, ["name"])) == of(*both)
    rows = Programme.objects.filter(slug__in=["bulk-1", "written"])
    assert marked(lambda: rows.update(status="active")) == of(*rows)
    pks = {("programme", row.pk) for row in both}
    assert marked(lambda: Programme.objects.filter(slug__startswith="bulk-").delete()) == pks


def test_bulk_create_that_ignores_conflicts_records_only_new_rows(programme: Programme) -> None:
    """On SQLite this is INSERT OR IGNORE, whose OR IGNORE also applies inside triggers."""
    new = [made("written"), made("ignoring")]
    found = marked(lambda: Programme.objects.bulk_create(new, ignore_conflicts=True))
    assert found == of(Programme.objects.get(slug="ignoring"))
    # The programme is already marked, which is another conflict inside the trigger.
    again = Programme.objects.get(slug="ignoring")
    names = [ProgrammeName(programme=again, name=name) for name in ("one", "two", "one")]
    found = marked(lambda: ProgrammeName.objects.bulk_create(names, ignore_conflicts=True))
    assert found == of(again)


def test_bulk_create_that_updates_conflicting_rows_records_all_of_them(
    programme: Programme,
) -> None:
    found = marked(
        lambda: Programme.objects.bulk_create(
            [made("written", summary="New."), made("new")],
            update_conflicts=True, unique_fields=["slug"], update_fields=["summary"],
        )
    )  # fmt: skip
    assert found == of(*Programme.objects.filter(slug__in=["written", "new"]))


def test_plain_sql_outside_the_orm_is_recorded(programme: Programme) -> None:
    def execute(sql: str) -> Write:
        return lambda: connection.cursor().execute(sql, [programme.pk])

    update = "UPDATE programmes_programme SET name = 'Changed' WHERE id = %s"
    insert = """
        INSERT INTO programmes_programmename (programme_id, name, kind, language)
        VALUES (%s, 'Another', 'alias', '')
    """
    delete = "DELETE FROM programmes_programmename WHERE programme_id = %s"
    for sql in (update, insert, delete):
        assert marked(execute(sql)) == of(programme), sql


def test_a_many_to_many_relation_changed_from_either_end_is_recorded(programme: Programme) -> None:
    nl, fi = builders.country("NL"), builders.country("FI")
    other = builders.make_programme()
    assert marked(lambda: programme.countries.add(nl, fi)) == of(programme)
    assert marked(lambda: programme.countries.remove(fi)) == of(programme)
    assert marked(lambda: programme.countries.set([fi])) == of(programme)
    assert marked(programme.countries.clear) == of(programme)
    assert marked(lambda: nl.programmes.add(programme, other)) == of(programme, other)
    assert marked(lambda: nl.programmes.remove(programme)) == of(programme)
    with undone():
        nl.programmes.set([other])
        assert marked(lambda: nl.programmes.set([programme, other])) == of(programme)


def test_setting_a_many_to_many_relation_to_its_present_rows_records_nothing(
    programme: Programme,
) -> None:
    programme.countries.set([builders.country("NL")])
    begin_another_transaction()
    before = number()
    programme.countries.set([builders.country("NL")])
    assert marks(before) == set()


def test_rows_deleted_by_a_cascade_are_recorded(programme: Programme) -> None:
    builders.make_name(programme, "Another")
    builders.make_reach(programme)
    builders.make_claim(builders.make_discrepancy(programme))
    other = builders.make_programme(kinds=[builders.kind("debates")])
    kind = InitiativeKind.objects.create(slug="passing", name="Passing")
    kind.programmes.set([programme, other])
    assert marked(kind.delete) == EVERYTHING | of(programme, other)
    gone = of(programme)
    assert marked(programme.delete) == gone


def test_a_row_without_programme_and_organisation_marks_nothing() -> None:
    strategy = builders.make_strategy()
    rows = Strategy.objects.all()
    named = {("organisation", pk) for pk in rows.values_list("implementing_body", flat=True) if pk}
    assert marked(lambda: rows.update(name=F("name"))) == named | of(
        *Programme.objects.filter(pk__in=rows.values("programme"))
    )
    assert marked(strategy.delete) == set()


@pytest.mark.parametrize("how", ["save", "update"])
def test_moving_a_fact_to_another_programme_marks_both_programmes(
    programme: Programme, how: str
) -> None:
    other = builders.make_programme()
    rows: list[Any] = [
        builders.make_name(programme, "Another"),
        builders.make_evaluation(programme),
        builders.make_funding(programme),
        builders.make_discrepancy(programme),
    ]
    for row in rows:
        row.programme = other
        this = type(row)._default_manager.filter(pk=row.pk)
        write = {"save": row.save, "update": lambda this=this: this.update(programme=other)}[how]
        assert marked(write) == of(programme, other), row


def test_moving_a_claim_marks_the_programmes_of_both_discrepancies(
    programme: Programme,
) -> None:
    other = builders.make_programme()
    claim = builders.make_claim(builders.make_discrepancy(programme))
    claim.discrepancy = builders.make_discrepancy(other)
    assert marked(claim.save) == of(programme, other)


def test_a_lineage_row_marks_the_programmes_at_both_of_its_ends(programme: Programme) -> None:
    old, new = builders.make_programme(), builders.make_programme()
    line = builders.make_lineage(from_programme=programme, to_programme=old)
    line.to_programme = new
    assert marked(line.save) == of(programme, old, new)
    assert marked(line.delete) == of(programme, new)


def test_moving_a_name_to_another_organisation_marks_both_organisations() -> None:
    one, other = builders.make_organisation(), builders.make_organisation()
    name = builders.make_organisation_name(one)
    rows = OrganisationName.objects.filter(pk=name.pk)
    assert marked(lambda: rows.update(organisation=other)) == {
        ("organisation", one.pk),
        ("organisation", other.pk),
    }


def test_creating_a_partnership_marks_its_programme_and_its_organisation() -> None:
    partner, programme = builders.make_organisation(), builders.make_programme()
    both = of(programme) | {("organisation", partner.pk)}
    assert marked(lambda: builders.make_partnership(programme, partner)) == both
    rows = Organisation.objects.filter(pk=partner.pk)
    assert marked(lambda: rows.update(name="Renamed")) == {("organisation", partner.pk)}
    Partnership.objects.filter(organisation=partner).delete()
    assert marked(lambda: rows.delete()) == {("organisation", partner.pk)}


def test_a_programme_changed_repeatedly_has_one_mark_with_the_latest_revision(
    programme: Programme,
) -> None:
    for _time in range(3):
        marked(programme.save)
    mark = Change.objects.get(subject="programme", object_id=programme.pk)
    assert mark.revision == number()
    assert str(mark) == f"programme {programme.pk}, revision {number()}"


def test_an_update_that_matches_no_row_marks_nothing(programme: Programme) -> None:
    before = number()
    Programme.objects.filter(slug="no-such-slug").update(name="Nobody")
    assert marks(before) == set()


# --- Transactions ---------------------------------------------------------------------------------


def test_a_rolled_back_write_leaves_revision_and_change_feed_unchanged(
    programme: Programme,
) -> None:
    begin_another_transaction()
    before, rows = number(), set(Change.objects.values_list("subject", "object_id", "revision"))
    with undone():
        programme.save()
        Country.objects.update(name=F("name"))
        assert number() > before
    assert number() == before
    assert set(Change.objects.values_list("subject", "object_id", "revision")) == rows
    assert marked(programme.save) == of(programme)


def test_a_transaction_raises_the_revision_once_on_postgresql_and_per_write_on_sqlite(
    programme: Programme,
) -> None:
    begin_another_transaction()
    before, facts = number(), 3
    for _fact in range(facts):
        builders.make_evaluation(programme)
    assert number() - before == (1 if connection.vendor == "postgresql" else facts)
    assert marks(before) == of(programme)


# --- Departures of entries that readers can no longer see -----------------------------------------


def departures() -> set[tuple[str, int, str, int]]:
    return set(Departure.objects.values_list("subject", "object_id", "slug", "revision"))


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
def test_a_programme_that_readers_can_no_longer_see_has_a_departure(
    programme: Programme, state: str
) -> None:
    other = builders.make_programme()
    Programme.objects.filter(pk=programme.pk).update(state=state, withdrawn_reason="Why.", slug="x")
    lost = {("programme", programme.pk, "written", number())}
    assert departures() == lost
    begin_another_transaction()
    Programme.objects.update(name="What is hidden may change")
    Programme.objects.filter(pk=programme.pk).delete()
    assert departures() == lost, "the departure keeps the public slug; later writes add nothing"
    pk, slug = other.pk, other.slug
    Programme.objects.filter(pk=pk).update(state="published")
    other.delete()
    assert departures() - lost == {("programme", pk, slug, number())}


def test_a_programme_hidden_a_second_time_has_the_revision_of_the_latest_departure(
    programme: Programme,
) -> None:
    programmes = Programme.objects.filter(pk=programme.pk)
    for state in ("draft", "published", "review"):
        begin_another_transaction()
        programmes.update(state=state)
    assert departures() == {("programme", programme.pk, "written", number())}


def test_a_programme_that_was_never_published_has_no_departure() -> None:
    hidden = builders.make_programme(state="draft")
    for state in ("review", "withdrawn", "draft"):
        Programme.objects.filter(pk=hidden.pk).update(state=state, withdrawn_reason="Why.")
    hidden.delete()
    assert departures() == set()


def test_a_deleted_organisation_has_a_departure() -> None:
    organisation = builders.make_organisation(slug="who")
    organisation.name = "Another"
    organisation.save()
    assert departures() == set()
    pk = organisation.pk
    organisation.delete()
    assert departures() == {("organisation", pk, "who", number())}


# --- Reading changes and revisions ----------------------------------------------------------------


def test_changes_since_a_revision_are_grouped_by_subject(programme: Programme) -> None:
    begin_another_transaction()
    before = number()
    assert read_changes_since(before) == {
        "programme": set(),
        "organisation": set(),
        "everything": set(),
    }
    partner = builders.make_organisation()
    Evaluation.objects.create(programme=programme, position=1)
    assert read_changes_since(before) == {
        "programme": {programme.pk}, "organisation": {partner.pk}, "everything": set(),
    }  # fmt: skip
    record_everything()
    assert read_changes_since(before)["everything"] == {0}
    assert read_changes_since(number())["everything"] == set()


def test_the_latest_moment_has_number_and_time_of_the_last_write(programme: Programme) -> None:
    begin_another_transaction()
    before = read_latest_moment(connection)
    programme.save()
    after = read_latest_moment(connection)
    assert after.number == number() > before.number
    assert after.changed_at == Revision.objects.get().changed_at >= before.changed_at
    assert after.changed_at.utcoffset() is not None
    assert str(Revision.objects.get()) == str(after.number)


def test_without_a_revision_row_the_latest_moment_has_number_zero() -> None:
    Revision.objects.all().delete()
    assert read_latest_moment(connection).number == 0
    assert len(get_current_catalogue().programmes) == Programme.objects.published().count()
