"""Where the page of a record opens: at what was read or asked, rather than at its top."""

from collections.abc import Iterable
from typing import Any

from stemobs.admin.record.reading import ADD, READ, FormRead
from stemobs.admin.record.sections import DrawnSection, FactRow, Facts


def choose_landing(parts: Iterable[DrawnSection], reading: FormRead | None, is_new: bool) -> None:
    """Mark the one place at which a page opens.

    A new record begins with its sources. Lines that were read open at the first question, else at
    the first row that came of them, else in the box that was empty. The button that was pressed
    says where to look first.
    """
    facts = [one for part in parts for one in part.facts]
    pressed = (reading.data.get(READ) or reading.data.get(ADD)) if reading else ""
    facts.sort(key=lambda one: one.prefix != pressed)
    if reading is None:
        boxes: list[Any] = [one for one in facts if one.lines and is_new]
    elif not reading.is_only_read:
        return
    elif asked := next((row for one in facts for row in one.rows if is_asked(row)), None):
        asked.shown.form.land_at_question()
        return
    else:
        boxes = [*list_found(facts, reading), *(one for one in facts if one.prefix == pressed)]
    for box in boxes[:1]:
        box.lands = True


def is_asked(row: FactRow) -> bool:
    return any(row.shown.form.asked.values())


def list_found(facts: Iterable[Facts], reading: FormRead) -> list[FactRow]:
    """Return the rows that were read or added, which are the last of their kind."""
    found = reading.found.copy()
    found.update(filter(None, [reading.data.get(ADD)]))
    return [row for one in facts if (number := found[one.prefix]) for row in one.rows[-number:]]
