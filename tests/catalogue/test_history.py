"""Tests that the history keeps every row as it was, whoever writes, and gives it back exactly."""

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Sum, TextField
from django.db.models.functions import Cast, Length
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from partnerships.models import Lineage, Organisation, Partnership
from programmes.models import (
    Claim,
    Discrepancy,
    Edit,
    InitiativeKind,
    Programme,
    ProgrammeName,
    Reach,
    Revision,
    Unit,
    Version,
)
from stemobs.catalogue.editing import edit
from stemobs.catalogue.history import Owner, UnknownState, read_rows_at
from stemobs.catalogue.triggers.installing import pause_triggers, record_unseen_writes
from stemobs.dumps.rows import encode_row
from tests import builders, chance
from tests.catalogue.edits import EDITS
from tests.catalogue.marks import (
    EVERYTHING,
    RECORDED,
    begin_another_transaction,
    make_a_row_of_everything,
    marks_of,
    number,
    undone,
)
from tests.catalogue.past import (
    Snapshot,
    decode,
    keep_versions,
    list_operations,
    list_owners,
    read_snapshot,
    select_owned,
    take_snapshot,
)

pytestmark = pytest.mark.django_db

FAR = 10**9  # more than any id
EDITS_IN_A_ROW = 8
MOST_COLUMNS = 63  # that a function of SQLite takes with their names


# --- Every table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", RECORDED, ids=lambda model: model._meta.label)
def test_every_table_keeps_what_a_row_was_and_whom_it_was_about(model: type[models.Model]) -> None:
    make_a_row_of_everything()
    row: dict[str, Any] = model._base_manager.order_by("-pk").values()[0]
    of_whom = marks_of(model, row) - EVERYTHING
    this, other = (model._base_manager.filter(pk=pk) for pk in (row["id"], row["id"] + FAR))
    with undone():
        changed = keep_versions(lambda: this.update(id=F("id") + FAR))
        old = [one for one in changed if one.operation == "U"]
        assert decode(model, old) == [row] * len(old)
        assert {one.object_id for one in old} == {row["id"]}
        assert list_owners(old) == of_whom
        assert {(one.operation, one.object_id, one.was) for one in changed if one not in old} == {
            ("I", row["id"] + FAR, None)
        }
        other.update(id=row["id"])
        gone = keep_versions(lambda: this._raw_delete("default"))
        assert decode(model, gone) == [row] * len(gone)
        assert {one.operation for one in gone} == {"D"}
        assert list_owners(gone) == of_whom
        come = keep_versions(lambda: model(**row).save_base(raw=True, force_insert=True))
        assert {(one.operation, one.object_id, one.was) for one in come} == {("I", row["id"], None)}
        assert list_owners(come) == of_whom
        assert {one.model for one in [*old, *gone, *come]} == {model._meta.label_lower}


@pytest.mark.parametrize("model", RECORDED, ids=lambda model: model._meta.label)
def test_an_update_that_changes_nothing_leaves_no_version_and_no_edit(
    model: type[models.Model],
) -> None:
    make_a_row_of_everything()
    edits = Edit.objects.count()
    assert keep_versions(lambda: model._base_manager.update(id=F("id"))) == []
    assert Edit.objects.count() == edits


def test_sqlite_can_write_every_row_as_json_and_an_empty_text_is_told_from_none() -> None:
    for model in RECORDED:
        fields = model._meta.concrete_fields
        assert len(fields) <= MOST_COLUMNS, model
        assert not [field for field in fields if field.null and field.empty_strings_allowed], model


# --- Ways of writing ------------------------------------------------------------------------------


def write_sql(sql: str) -> Callable[[Programme], object]:
    return lambda programme: connection.cursor().execute(sql, [programme.pk])


def save_another_name(programme: Programme) -> None:
    programme.name = "Saved"
    programme.save()


def update_in_bulk(programme: Programme) -> None:
    programme.name = "In bulk"
    Programme.objects.bulk_update([programme], ["name"])


def create_or_update(programme: Programme) -> None:
    row = Programme(slug=programme.slug, name="Upsert", summary="New.", scope="local")
    Programme.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["slug"], update_fields=["summary"]
    )


def rename_its_kinds(_programme: Programme) -> None:
    InitiativeKind.objects.update(name=F("slug"))


WAYS: dict[str, Callable[[Programme], object]] = {
    "save": save_another_name,
    "update": lambda one: Programme.objects.filter(pk=one.pk).update(name="Updated"),
    "bulk_update": update_in_bulk,
    "upsert": create_or_update,
    "of many rows": rename_its_kinds,
    "add": lambda one: one.countries.add(builders.country("FI")),
    "set": lambda one: one.countries.set([builders.country("FI")]),
    "bulk_create": lambda one: ProgrammeName.objects.bulk_create(
        [ProgrammeName(programme=one, name=name) for name in "abc"]
    ),
    "delete with a cascade": lambda one: one.delete(),
    "delete of facts": lambda one: one.reach.all()._raw_delete("default"),
    "SQL that inserts": write_sql(
        "INSERT INTO programmes_programmename (programme_id, name, kind, language)"
        " VALUES (%s, 'Another', 'alias', '')"
    ),
    "SQL that updates": write_sql("UPDATE programmes_programme SET name = 'SQL' WHERE id = %s"),
    "SQL that deletes": write_sql("DELETE FROM programmes_citation WHERE programme_id = %s"),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_was_before_can_be_told_however_it_was_written(way: str) -> None:
    programme = builders.make_programme(
        countries=[builders.country("NL")], kinds=[builders.kind("debates")]
    )
    builders.make_reach(programme)
    builders.make_citation(programme, source=builders.make_source())
    builders.make_claim(builders.make_discrepancy(programme))
    builders.make_partnership(programme, builders.make_organisation())
    builders.make_lineage(from_programme=programme, to_text="Something else")
    before, at = take_snapshot(), number()
    assert keep_versions(lambda: WAYS[way](programme))
    assert take_snapshot() != before
    assert read_snapshot(at) == before


def test_a_cascade_keeps_every_row_that_goes() -> None:
    programme = builders.make_programme(countries=[builders.country("NL")])
    builders.make_claim(builders.make_discrepancy(programme))
    builders.make_reach(programme)
    pk = programme.pk
    gone = keep_versions(programme.delete)
    assert {(one.model, one.operation, one.programme_id) for one in gone} == {
        (f"programmes.{name}", "D", pk)
        for name in ("claim", "discrepancy", "reach", "programme_countries", "programme")
    }


# --- Rows that move -------------------------------------------------------------------------------


def test_a_fact_that_moves_is_old_for_one_programme_and_new_for_the_other() -> None:
    one, other = builders.make_programme(), builders.make_programme()
    name = builders.make_name(one, "Another")
    before = ProgrammeName.objects.filter(pk=name.pk).values().get()
    at = number()
    moved = keep_versions(
        lambda: ProgrammeName.objects.filter(pk=name.pk).update(programme=other, name="Moved")
    )
    assert list_operations(moved) == [("U", one.pk, None), ("I", other.pk, None)]
    assert read_rows_at(ProgrammeName, at, Owner("programme", one.pk)) == {name.pk: before}
    assert read_rows_at(ProgrammeName, at, Owner("programme", other.pk)) == {}
    now = ProgrammeName.objects.filter(pk=name.pk).values().get()
    assert read_rows_at(ProgrammeName, number(), Owner("programme", one.pk)) == {}
    assert read_rows_at(ProgrammeName, number(), Owner("programme", other.pk)) == {name.pk: now}


def test_a_partnership_that_gets_another_organisation_stays_with_its_programme() -> None:
    programme = builders.make_programme()
    one, other = builders.make_organisation(), builders.make_organisation()
    row = builders.make_partnership(programme, one)
    rows = Partnership.objects.filter(pk=row.pk)
    moved = keep_versions(lambda: rows.update(organisation=other))
    assert list_operations(moved) == [("U", programme.pk, one.pk), ("I", programme.pk, other.pk)]


def test_claims_move_with_their_discrepancy_and_back_again() -> None:
    one, other = builders.make_programme(), builders.make_programme()
    discrepancy = builders.make_discrepancy(one)
    claim = builders.make_claim(discrepancy)
    before, at = Claim.objects.filter(pk=claim.pk).values().get(), number()
    begin_another_transaction()
    Discrepancy.objects.filter(pk=discrepancy.pk).update(programme=other)
    between = number()
    begin_another_transaction()
    Claim.objects.filter(pk=claim.pk).delete()
    for revision, programme, right in [
        (at, one, {claim.pk: before}), (at, other, {}),
        (between, one, {}), (between, other, {claim.pk: before}),
        (number(), one, {}), (number(), other, {}),
    ]:  # fmt: skip
        assert read_rows_at(Claim, revision, Owner("programme", programme.pk)) == right


def test_a_lineage_row_has_a_version_for_each_programme_at_its_ends() -> None:
    one, other, third = (builders.make_programme() for _number in range(3))
    both = {"from_programme": one, "to_programme": other}
    assert list_operations(keep_versions(lambda: builders.make_lineage(**both))) == [
        ("I", one.pk, None), ("I", other.pk, None),
    ]  # fmt: skip
    rows = Lineage.objects.filter(**both)
    changed = keep_versions(lambda: rows.update(note="Since 2012"))
    assert sorted(list_operations(changed)) == [("U", one.pk, None), ("U", other.pk, None)]
    moved = keep_versions(lambda: rows.update(to_programme=third))
    assert sorted(list_operations(moved[:2])) == [("U", one.pk, None), ("U", other.pk, None)]
    assert list_operations(moved[2:]) == [("I", third.pk, None)]
    gone = keep_versions(lambda: Lineage.objects.filter(from_programme=one).delete())
    assert sorted(list_operations(gone)) == [("D", one.pk, None), ("D", third.pk, None)]


def test_what_is_about_nobody_has_a_version_too() -> None:
    made = keep_versions(lambda: Unit.objects.create(slug="made", name="Made"))
    assert list_operations(made) == [("I", None, None)]


# --- Edits ----------------------------------------------------------------------------------------


def test_what_is_written_in_an_edit_belongs_to_it_with_its_revision() -> None:
    user = User.objects.create_user("somebody")
    begin_another_transaction()
    before = number()

    def write() -> None:
        with edit(Edit.Kind.CURATOR, user, "The source was misread."):
            programme = builders.make_programme(countries=[builders.country("NL")])
            Programme.objects.filter(pk=programme.pk).update(name="Changed")

    versions = keep_versions(write)
    assert [one.operation for one in versions] == ["I", "I", "U"]
    (made,) = {one.edit for one in versions}
    assert (made.kind, made.user, made.reason) == ("curator", user, "The source was misread.")
    assert made.revision == number() > before
    assert str(made) == f"By a curator, revision {number()}"
    assert str(versions[-1]) == f"programmes.programme {versions[-1].object_id}, Updated"


def test_an_edit_that_changes_nothing_leaves_no_trace() -> None:
    programme = builders.make_programme()
    edits = Edit.objects.count()
    with edit(Edit.Kind.CURATOR):
        Programme.objects.filter(pk=programme.pk).update(name=F("name"))
    assert Edit.objects.count() == edits


def test_an_edit_that_fails_leaves_no_trace_and_later_writes_are_no_part_of_it() -> None:
    edits, versions = Edit.objects.count(), Version.objects.count()

    def fail() -> None:
        with edit(Edit.Kind.CURATOR):
            builders.make_programme()
            raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        fail()
    assert (Edit.objects.count(), Version.objects.count()) == (edits, versions)
    (version,) = keep_versions(builders.make_programme)
    assert version.edit.kind == "direct"


def test_an_edit_within_another_stands_apart() -> None:
    def write() -> None:
        with edit(Edit.Kind.CURATOR, reason="outer"):
            builders.make_programme()
            with edit(Edit.Kind.CURATOR, reason="inner"):
                builders.make_organisation()
            builders.make_programme()
        builders.make_organisation()

    reasons = [one.edit.reason or one.edit.kind for one in keep_versions(write)]
    assert reasons == ["outer", "inner", "outer", "direct"]


def test_what_is_written_without_an_edit_is_one_a_transaction_or_on_sqlite_one_a_row() -> None:
    programme = builders.make_programme()

    def write() -> None:
        programme.countries.set([builders.country("NL"), builders.country("FI")])
        Programme.objects.filter(pk=programme.pk).update(name="Changed")

    versions = keep_versions(write)
    assert len(versions) == 3
    edits = {one.edit for one in versions}
    assert len(edits) == (1 if connection.vendor == "postgresql" else 3)
    assert {(one.kind, one.user, one.reason) for one in edits} == {("direct", None, "")}
    assert max(one.revision or 0 for one in edits) == number()
    assert keep_versions(builders.make_programme)[0].edit not in edits


def test_a_direct_edit_that_was_rolled_back_is_not_the_edit_of_later_writes() -> None:
    begin_another_transaction()
    with undone():
        builders.make_programme()
    builders.make_programme()
    assert Version.objects.latest("pk").edit.kind == "direct"
    connection.check_constraints()


def test_a_deleted_user_leaves_the_edits() -> None:
    user = User.objects.create_user("leaving")
    with edit(Edit.Kind.CURATOR, user) as made:
        builders.make_programme()
    user.delete()
    made.refresh_from_db()
    assert made.user is None


# --- Reading the past -----------------------------------------------------------------------------


def keep_snapshots(data: st.DataObject) -> dict[int, Snapshot]:
    """Make random edits and return all rows before the first and after each, by revision."""
    taken = {number(): take_snapshot()}
    for make in data.draw(
        st.lists(st.sampled_from(EDITS), min_size=EDITS_IN_A_ROW, max_size=EDITS_IN_A_ROW)
    ):
        begin_another_transaction()
        # What the database refuses is rolled back and must leave nothing.
        with suppress(IntegrityError), transaction.atomic():
            make(data)
        taken[number()] = take_snapshot()
    return taken


@given(st.data())
@chance.steady(3)
def test_rows_read_at_a_revision_equal_the_rows_of_that_time(data: st.DataObject) -> None:
    with undone():
        builders.make_evaluation(builders.make_programme(name="Robots"))
        taken = keep_snapshots(data)
        latest = taken[number()]
        changed = [
            model
            for model in RECORDED
            if any(one[model] != latest[model] for one in taken.values())
        ]
        owners = [Owner("programme", pk) for pk in latest[Programme]]
        owners += [Owner("organisation", pk) for pk in latest[Organisation]]
        owner = data.draw(st.sampled_from(owners[-20:]))
        for revision, snapshot in taken.items():
            owned = select_owned(snapshot, *owner)
            for model in changed:
                assert read_rows_at(model, revision) == snapshot[model]
                assert read_rows_at(model, revision, owner) == owned[model]


@pytest.mark.parametrize("text", ["0.10", "4500.50", "1234567.89", "99999999999.9", "0.3", "7"])
def test_numbers_come_back_exactly(text: str) -> None:
    reach = builders.make_reach(builders.make_programme(), text)
    before, at = Reach.objects.filter(pk=reach.pk).values().get(), number()
    begin_another_transaction()
    Reach.objects.filter(pk=reach.pk).update(value=1)
    (row,) = read_rows_at(Reach, at, Owner("programme", reach.programme_id)).values()
    assert row == before
    assert type(row["value"]) is Decimal
    assert str(row["value"]) == str(before["value"])
    assert row["value"] == Decimal(text)


def test_texts_come_back_as_they_were_stored() -> None:
    programme = builders.make_programme()
    odd = "\x01\t\r\n \\ \" ' é e\u0301 漢字 \U0001f52c %s {} \u2028 </script> null"
    builders.store_as_it_is(programme, summary=odd, region="  ", note="")
    at = number()
    begin_another_transaction()
    Programme.objects.filter(pk=programme.pk).update(summary="", region="", note="null")
    row = read_rows_at(Programme, at)[programme.pk]
    assert (row["summary"], row["region"], row["note"]) == (odd, "  ", "")


def test_a_column_that_was_made_later_has_its_default_in_older_versions() -> None:
    programme = builders.make_programme(is_vocational=True, status="active", age_min=12)
    at = number()
    (version,) = keep_versions(lambda: Programme.objects.filter(pk=programme.pk).update(age_min=6))
    for name in ("is_vocational", "age_min", "created_at"):
        del version.was[name]
    version.was["no_such_column"] = 1
    version.save()
    row = read_rows_at(Programme, at)[programme.pk]
    assert (row["is_vocational"], row["age_min"], row["status"]) == (False, None, "active")


def test_the_future_and_what_was_before_the_history_cannot_be_told() -> None:
    builders.make_programme()
    for revision in (number() + 1, 0, -1, 1):
        with pytest.raises(UnknownState):
            read_rows_at(Programme, revision)


def test_after_writes_that_no_trigger_saw_history_begins_anew() -> None:
    connection.check_constraints()
    at = number()
    with pause_triggers():
        builders.make_programme()
        connection.check_constraints()
    with pytest.raises(UnknownState):
        read_rows_at(Programme, at)
    assert len(read_rows_at(Programme, number())) == Programme.objects.count()
    record_unseen_writes()
    with pytest.raises(UnknownState):
        read_rows_at(Programme, number() - 1)


# --- What it costs --------------------------------------------------------------------------------


def test_a_version_is_hardly_larger_than_its_row_as_json() -> None:
    size = Length(Cast("was", TextField())) + Length("model")
    rows = 0
    last = Version.objects.latest("pk").pk
    with undone():
        for model in RECORDED:
            rows += sum(len(encode_row(row)) for row in model._base_manager.values())
            model._base_manager.update(id=F("id") + FAR)
        versions = Version.objects.filter(pk__gt=last, operation="U")
        assert versions.count() >= sum(model._base_manager.count() for model in RECORDED)
        kept = versions.aggregate(size=Sum(size))["size"]
    assert kept <= rows * 1.2


def test_an_edit_asks_the_database_a_few_questions_however_much_it_writes() -> None:
    programme = builders.make_programme()

    def count_queries(*names: str) -> int:
        with CaptureQueriesContext(connection) as asked, edit(Edit.Kind.CURATOR):
            for name in names:
                Programme.objects.filter(pk=programme.pk).update(name=name)
        return len(asked)

    assert count_queries("one") == count_queries(*"abcde") - 4 <= 11
    assert Revision.objects.get().edit is None
