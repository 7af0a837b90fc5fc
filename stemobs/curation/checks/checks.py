"""The checks before publishing: all that keeps a record from readers, or wants a reason.

Forms, actions and code ask `find_faults`, wherever a record becomes public, and `keep_checked` or
`look_at` with `find_new_faults` where one that is public already changes. So do the forms of what
records share, such as organisations, and of strategies and platforms.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects

from programmes.models import Programme
from stemobs.curation.checks.faults import Fault, Faulty
from stemobs.curation.checks.figures import check_leaps, check_parts
from stemobs.curation.checks.names import check_names
from stemobs.curation.checks.record import READ, Checked, CheckedRecord
from stemobs.curation.checks.rules import (
    check_addresses_of_sources,
    check_discrepancies,
    check_end,
    check_kind,
    check_mergers,
    check_picture,
    check_place,
    check_source_of_record,
    check_sources_of_facts,
    check_summary,
    check_years,
    find_errors_of_models,
)

State = Programme.State
CHECKS = (
    find_errors_of_models,
    check_summary,
    check_place,
    check_kind,
    check_end,
    check_years,
    check_source_of_record,
    check_sources_of_facts,
    check_addresses_of_sources,
    check_discrepancies,
    check_parts,
    check_picture,
    check_names,
)
CHECKS_OF_OTHERS = (
    find_errors_of_models,
    check_end,
    check_years,
    check_sources_of_facts,
    check_addresses_of_sources,
)
TOLD_TO_READERS = (State.PUBLISHED, State.WITHDRAWN)


def find_faults(row: Any, former: Mapping[int, Decimal] | None = None) -> list[Fault]:
    """Return what is wrong or odd in a record, or another row, as it is stored, errors first.

    `former` has the figures that stood there before, by id.
    """
    return check(read_checked(row), former or {})


def find_faults_of_many(programmes: Sequence[Programme]) -> dict[Programme, list[Fault]]:
    """Return the faults of records that were just read; their facts are read all at once."""
    prefetch_related_objects(programmes, *READ)
    return {one: check(CheckedRecord(one), {}) for one in programmes}


def read_checked(row: Any) -> Checked:
    stored = type(row)._base_manager.get(pk=row.pk)
    return CheckedRecord(stored) if isinstance(stored, Programme) else Checked(stored)


def check(record: Checked, former: Mapping[int, Decimal]) -> list[Fault]:
    """Return the faults of what was just read, with all that belongs to it."""
    record.read_facts()
    if not isinstance(record, CheckedRecord):
        faults = [fault for rule in CHECKS_OF_OTHERS for fault in rule(record)]
    elif record.state == State.WITHDRAWN:
        faults = [*check_mergers(record)]
    else:
        faults = [fault for rule in CHECKS for fault in rule(record)]
        faults += check_leaps(record, former)
    return sorted(dict.fromkeys(faults), key=lambda fault: not fault.is_error)


@dataclass(frozen=True)
class Before:
    """What a record was before it is changed: its state, its figures, and what was wrong."""

    state: str
    faults: frozenset[Fault] = frozenset()
    figures: Mapping[int, Decimal] = field(default_factory=dict)


def look_at(row: Any) -> Before:
    """Return what a record or another row is, as stored, to compare it with what it becomes."""
    record = read_checked(row)
    state = record.state
    if state not in TOLD_TO_READERS:
        return Before(state)
    faults = frozenset(check(record, {}))
    return Before(state, faults, {row.pk: row.value for row in record.list_facts("reach")})


def find_new_faults(row: Any, before: Before) -> list[Fault]:
    """Return the faults that a change brings before readers.

    What was wrong already does not keep anybody from mending something else. A record that becomes
    public, or is withdrawn, is looked at as a whole.
    """
    record = read_checked(row)
    state = record.state
    if state not in TOLD_TO_READERS:
        return []
    known = before.faults if state == before.state else frozenset()
    return [one for one in check(record, before.figures) if one not in known]


@contextmanager
def keep_checked(programme: Programme) -> Iterator[None]:
    """Let a block change a record, but take all back and raise Faulty if that brings an error."""
    with transaction.atomic():
        before = look_at(programme)
        yield
        if errors := [one for one in find_new_faults(programme, before) if one.is_error]:
            raise Faulty(errors)
