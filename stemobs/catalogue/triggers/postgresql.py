"""The triggers of PostgreSQL, which run once for each statement."""

from collections.abc import Iterator

from stemobs.catalogue.triggers.tables import RecordedTable

# The revision is raised before the statement, so that every writer locks this row first and no two
# writers deadlock. It is raised once in a transaction, because PostgreSQL would otherwise keep
# a dead version of the row for each statement.
FUNCTIONS = (
    """
CREATE OR REPLACE FUNCTION programmes_raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE programmes_revision
     SET number = number + 1, changed_at = clock_timestamp(),
         transaction = pg_current_xact_id()::text
   WHERE transaction <> pg_current_xact_id()::text;
  RETURN NULL;
END $$
""",
    """
CREATE OR REPLACE FUNCTION programmes_mark_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  mark text := format(
    'INSERT INTO programmes_change (subject, object_id, revision)
     SELECT DISTINCT %L, row_id::bigint, number
       FROM (SELECT %s AS row_id FROM %%I AS fact) AS rows, programmes_revision
      WHERE row_id IS NOT NULL
         ON CONFLICT (subject, object_id) DO UPDATE SET revision = excluded.revision',
    TG_ARGV[0], TG_ARGV[1]);
BEGIN
  IF TG_OP <> 'INSERT' THEN EXECUTE format(mark, 'gone'); END IF;
  IF TG_OP <> 'DELETE' THEN EXECUTE format(mark, 'come'); END IF;
  RETURN NULL;
END $$
""",
    """
CREATE OR REPLACE FUNCTION programmes_mark_departures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'INSERT INTO programmes_departure (subject, object_id, slug, revision)
     SELECT %L, gone.id, gone.slug, number FROM programmes_revision, %s
         ON CONFLICT (subject, object_id)
         DO UPDATE SET slug = excluded.slug, revision = excluded.revision',
    TG_ARGV[0], TG_ARGV[1]);
  RETURN NULL;
END $$
""",
)
RAISE = """
CREATE TRIGGER {table}_raise BEFORE INSERT OR UPDATE OR DELETE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION programmes_raise_revision()
"""
MARK = """
CREATE TRIGGER {table}_{event}_recorded_{number} AFTER {event} ON {table}
  REFERENCING {sides}
  FOR EACH STATEMENT EXECUTE FUNCTION programmes_mark_changes('{subject}', '{row}')
"""
DEPARTURE = """
CREATE TRIGGER {table}_{event}_departed AFTER {event} ON {table}
  REFERENCING {sides}
  FOR EACH STATEMENT
  EXECUTE FUNCTION programmes_mark_departures('{subject}', $${rows} WHERE {left}$$)
"""
LEFT = {"UPDATE": "gone JOIN come USING (id)", "DELETE": "gone"}
SIDES = {
    "INSERT": "NEW TABLE AS come",
    "UPDATE": "OLD TABLE AS gone NEW TABLE AS come",
    "DELETE": "OLD TABLE AS gone",
}


def write_postgresql_triggers(one: RecordedTable) -> Iterator[str]:
    """Yield the CREATE TRIGGER statements for one table on PostgreSQL."""
    yield RAISE.format(table=one.table)
    for event, sides in SIDES.items():
        of_event = {"table": one.table, "event": event, "sides": sides}
        for number, mark in enumerate(one.marks, 1):
            row = mark.of.format(row="fact")
            yield MARK.format(**of_event, number=number, subject=mark.subject, row=row)
        if left := one.write_departure_condition(event, "gone", "come"):
            subject, rows = one.marks[0].subject, LEFT[event]
            yield DEPARTURE.format(**of_event, subject=subject, rows=rows, left=left)
