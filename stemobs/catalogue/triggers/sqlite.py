"""The triggers of SQLite, which run once for each row."""

from collections.abc import Iterator
from itertools import product

from stemobs.catalogue.triggers.tables import RecordedTable

TRIGGER = """
CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN
  UPDATE programmes_revision
     SET number = number + 1, changed_at = strftime('%Y-%m-%d %H:%M:%f', 'now');
  {steps}
END
"""
# DELETE and INSERT rather than “ON CONFLICT DO UPDATE”: if the statement that fires the trigger is
# an INSERT OR IGNORE, SQLite applies OR IGNORE to the statements of the trigger as well.
MARK = """
  DELETE FROM programmes_change WHERE subject = '{subject}' AND object_id = {row};
  INSERT INTO programmes_change (subject, object_id, revision)
    SELECT '{subject}', {row}, number FROM programmes_revision WHERE {row} IS NOT NULL;
"""
DEPARTURE = """
  DELETE FROM programmes_departure
   WHERE subject = '{subject}' AND object_id = OLD.id AND {left};
  INSERT INTO programmes_departure (subject, object_id, slug, revision)
    SELECT '{subject}', OLD.id, OLD.slug, number FROM programmes_revision WHERE {left};
"""
SIDES = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def write_sqlite_triggers(one: RecordedTable) -> Iterator[str]:
    """Yield the CREATE TRIGGER statements for one table on SQLite."""
    for event, sides in SIDES.items():
        name = f"{one.table}_{event.lower()}_recorded"
        steps = [
            MARK.format(subject=mark.subject, row=mark.of.format(row=side))
            for mark, side in product(one.marks, sides)
        ]
        if left := one.write_departure_condition(event, "OLD", "NEW"):
            steps.append(DEPARTURE.format(subject=one.marks[0].subject, left=left))
        yield TRIGGER.format(name=name, event=event, table=one.table, steps="".join(steps))
