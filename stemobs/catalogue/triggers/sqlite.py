"""The triggers of SQLite, which run once for each row."""

from collections.abc import Iterator, Sequence
from itertools import product

from programmes.models import Edit, Version
from stemobs.catalogue.triggers.tables import RecordedTable

TRIGGER = """
CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN
  UPDATE programmes_revision
     SET number = number + 1, changed_at = strftime('%Y-%m-%d %H:%M:%f', 'now')
   WHERE {is_known};
  {steps}
END
"""
# DELETE and INSERT rather than “ON CONFLICT DO UPDATE”: if the statement that fires the trigger is
# an INSERT OR IGNORE, SQLite applies OR IGNORE to the statements of the trigger as well.
MARK = """
  DELETE FROM programmes_change
   WHERE subject = '{subject}' AND object_id = {row} AND ({is_known});
  INSERT INTO programmes_change (subject, object_id, revision)
    SELECT '{subject}', {row}, number FROM programmes_revision
     WHERE {row} IS NOT NULL AND ({is_known});
"""
DEPARTURE = """
  DELETE FROM programmes_departure
   WHERE subject = '{subject}' AND object_id = OLD.id AND {left};
  INSERT INTO programmes_departure (subject, object_id, slug, revision)
    SELECT '{subject}', OLD.id, OLD.slug, number FROM programmes_revision WHERE {left};
"""
# What readers see stays public, even if a form writes back what it read before.
STAY = """
  UPDATE {table} SET is_public = TRUE WHERE id = NEW.id AND OLD.is_public AND NOT NEW.is_public;
"""
SHOW = """
  UPDATE {table} SET is_public = TRUE WHERE ({is_seen}) AND NOT is_public AND id IN ({ids});
"""
MARK_OTHERS = """
  DELETE FROM programmes_change
   WHERE {is_turned} AND subject = '{subject}' AND object_id IN ({ids});
  INSERT INTO programmes_change (subject, object_id, revision)
    SELECT DISTINCT '{subject}', row_id, number FROM programmes_revision, ({ids})
     WHERE {is_turned};
"""
# A row that is written outside any edit is an edit of its own: on SQLite a trigger can remember
# nothing until the transaction ends.
BEGIN_DIRECT_EDIT = """
  INSERT INTO programmes_edit (kind, made_at, reason, revision)
    SELECT '{kind}', strftime('%Y-%m-%d %H:%M:%f', 'now'), '', number
      FROM programmes_revision WHERE edit_id IS NULL AND {is_changed};
"""
KEEP = """
  INSERT INTO programmes_version
      (edit_id, model, object_id, operation, programme_id, organisation_id, was)
    SELECT ifnull(edit_id, (SELECT max(id) FROM programmes_edit)), '{label}', object_id,
           '{operation}', programme_id, organisation_id, {was}
      FROM programmes_revision, ({owners}) WHERE {is_changed};
"""
# What a figure may be superseded by is looked at when the link is made. A figure that comes after
# it, as in a dump, is looked at by whoever loads it.
GUARD = """
CREATE TRIGGER {table}_{name}_guarded AFTER {event} ON {table}
  WHEN NEW.superseded_by_id IS NOT NULL {is_changed}
BEGIN
  SELECT RAISE(ABORT, '{table}: superseded by a figure of another thing') FROM {table} AS other
   WHERE other.id = NEW.superseded_by_id AND {misfit};
  SELECT RAISE(ABORT, '{table}: superseded in a circle') WHERE NEW.id IN (
    WITH RECURSIVE way(id) AS (
      SELECT NEW.superseded_by_id
      UNION SELECT one.superseded_by_id FROM {table} AS one JOIN way ON one.id = way.id
    ) SELECT id FROM way);
END
"""
GUARDED = {
    "INSERT": ("INSERT", ""),
    "UPDATE": (
        "UPDATE OF superseded_by_id",
        "AND NEW.superseded_by_id IS NOT OLD.superseded_by_id",
    ),
}
# What a row is about that it was not about before.
NEW_OWNERS = {
    "INSERT": "SELECT * FROM ({come})",
    "UPDATE": "SELECT * FROM ({come}) EXCEPT SELECT * FROM ({gone})",
}
SIDES = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def write_sqlite_triggers(one: RecordedTable) -> Iterator[str]:
    """Yield the CREATE TRIGGER statements for one table on SQLite."""
    for event, sides in SIDES.items():
        name = f"{one.table}_{event.lower()}_recorded"
        steps = [
            MARK.format(
                subject=mark.subject,
                row=mark.of.format(row=side),
                is_known=one.write_known(side),
            )
            for mark, side in product(one.marks, sides)
        ]
        if left := one.write_departure_condition(event, "OLD", "NEW"):
            steps.append(DEPARTURE.format(subject=one.marks[0].subject, left=left))
        if one.columns:
            steps += write_history(one, event)
        steps += write_showing(one, event)
        is_known = one.write_known(*sides)
        yield TRIGGER.format(
            name=name, event=event, table=one.table, is_known=is_known, steps="".join(steps)
        )
    if one.alike:
        yield from write_guards(one)


def write_showing(one: RecordedTable, event: str) -> Iterator[str]:
    """Yield the steps of a trigger that make public what a row and its parts show."""
    if event == "DELETE":
        return
    is_seen = one.visible.format(row="NEW") or "TRUE"
    for shown in one.shown:
        yield SHOW.format(table=shown.table, is_seen=is_seen, ids=f"NEW.{shown.ids}")
    if event == "INSERT":
        return
    if one.knows_itself:
        yield STAY.format(table=one.table)
    comes, is_turned = one.write_turning("OLD", "NEW")
    for table, query in one.shown_by_others:
        yield SHOW.format(table=table, is_seen=comes, ids=query.format(ids="NEW.id"))
    for subject, query in one.marked_by_others:
        yield MARK_OTHERS.format(
            subject=subject, is_turned=is_turned, ids=query.format(ids="NEW.id")
        )


def write_guards(one: RecordedTable) -> Iterator[str]:
    """Yield the statements for triggers that refuse a figure the wrong successor."""
    for name, (event, is_changed) in GUARDED.items():
        yield GUARD.format(
            table=one.table,
            name=name.lower(),
            event=event,
            is_changed=is_changed,
            misfit=one.write_misfit("NEW", "other", "IS NOT"),
        )


def write_history(one: RecordedTable, event: str) -> Iterator[str]:
    """Yield the steps of a trigger that keep a row as it was before the event.

    What a row is not about any more has its content. What it is only now about has a version
    without content, which comes last, because history is read from its end.
    """
    is_changed = write_comparison(one.columns) if event == "UPDATE" else "TRUE"
    same = {"label": one.label, "is_changed": is_changed}
    yield BEGIN_DIRECT_EDIT.format(kind=Edit.Kind.DIRECT.value, is_changed=is_changed)
    come, gone = one.write_owners("NEW"), one.write_owners("OLD")
    if event != "INSERT":
        was = write_content(one.columns)
        yield KEEP.format(**same, operation=event[0], was=was, owners=gone)
    if event != "DELETE":
        owners = NEW_OWNERS[event].format(come=come, gone=gone)
        yield KEEP.format(
            **same, operation=Version.Operation.INSERT.value, was="NULL", owners=owners
        )


def write_comparison(columns: Sequence[str]) -> str:
    """Return the SQL condition that an update changed anything in a row."""
    old, new = (", ".join(f'{side}."{name}"' for name in columns) for side in ("OLD", "NEW"))
    return f"({old}) IS NOT ({new})"


def write_content(columns: Sequence[str]) -> str:
    """Return SQL for the old row as JSON, without what is NULL or an empty text.

    As a merge patch, an object without its NULLs is what is left of an empty one.
    """
    pairs = ", ".join(f"'{name}', nullif(OLD.\"{name}\", '')" for name in columns)
    return f"json_patch('{{}}', json_object({pairs}))"
