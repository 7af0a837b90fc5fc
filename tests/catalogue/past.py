"""Helpers for tests of the history: snapshots of rows, and the versions that a write leaves."""

from typing import Any

from django.db.models import Max

from programmes.models import Discrepancy, Evaluation, TakingPart, Version
from stemobs.catalogue.history import Model, Row, Rows, decode_row, read_rows_at
from tests.catalogue.marks import (
    OF_ORGANISATIONS,
    OF_PROGRAMMES,
    RECORDED,
    Marks,
    Write,
    begin_another_transaction,
)

Snapshot = dict[Model, Rows]
# The facts that parts belong to, and the columns that lead to them.
FACTS: dict[str, tuple[Any, str]] = {
    "Claim": (Discrepancy, "discrepancy_id"),
    "Evaluation_further_sources": (Evaluation, "evaluation_id"),
    "TakingPart_further_sources": (TakingPart, "takingpart_id"),
}


def take_snapshot() -> Snapshot:
    """Return all rows of the catalogue as they are now."""
    return {model: {row["id"]: row for row in model._base_manager.values()} for model in RECORDED}


def leave_times_out(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot without the times at which rows changed."""
    return {
        model: {
            pk: {name: value for name, value in row.items() if name != "changed_at"}
            for pk, row in rows.items()
        }
        for model, rows in snapshot.items()
    }


def read_snapshot(revision: int) -> Snapshot:
    """Return all rows of the catalogue as the history says they were."""
    return {model: read_rows_at(model, revision) for model in RECORDED}


def select_owned(snapshot: Snapshot, subject: str, pk: int) -> Snapshot:
    """Return the rows of a snapshot that are about a programme or an organisation."""
    return {
        model: {at: row for at, row in rows.items() if is_about(snapshot, model, row, subject, pk)}
        for model, rows in snapshot.items()
    }


def is_about(snapshot: Snapshot, model: Model, row: Row, subject: str, pk: int) -> bool:
    if model.__name__ in FACTS:
        facts, column = FACTS[model.__name__]
        return is_about(snapshot, facts, snapshot[facts][row[column]], subject, pk)
    columns = {"programme": OF_PROGRAMMES, "organisation": OF_ORGANISATIONS}[subject]
    return any(row[name] == pk for name in columns.get(model.__name__, ()))


def keep_versions(write: Write) -> list[Version]:
    """Do a write as in a transaction of its own; return the versions that it leaves."""
    begin_another_transaction()
    last = Version.objects.aggregate(last=Max("pk"))["last"] or 0
    write()
    return list(Version.objects.filter(pk__gt=last).order_by("pk").select_related("edit"))


def list_operations(versions: list[Version]) -> list[tuple[str, int | None, int | None]]:
    return [(one.operation, one.programme_id, one.organisation_id) for one in versions]


def list_owners(versions: list[Version]) -> Marks:
    """Return the programmes and organisations that versions are about."""
    pairs = [("programme", one.programme_id) for one in versions]
    pairs += [("organisation", one.organisation_id) for one in versions]
    return {(subject, pk) for subject, pk in pairs if pk is not None}


def decode(model: Model, versions: list[Version]) -> list[Row]:
    """Return what rows were, as versions say."""
    return [decode_row(model, one.was) for one in versions]
