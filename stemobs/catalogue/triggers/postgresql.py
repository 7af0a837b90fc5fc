"""The triggers of PostgreSQL, which run once for each statement."""

from collections.abc import Iterator

from programmes.models import Edit, Version
from stemobs.catalogue.triggers.tables import RecordedTable

# The setting that holds the id of the edit that is being made. It lasts until the transaction ends,
# or goes back to a savepoint, so that all that one writes outside any edit is one edit.
PRESENT_EDIT = "stemobs.edit"
FIND_EDIT = """
CREATE OR REPLACE FUNCTION programmes_find_edit() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  present bigint := nullif(current_setting('{setting}', true), '');
BEGIN
  IF present IS NULL THEN
    INSERT INTO programmes_edit (kind, made_at, reason, revision)
      SELECT '{kind}', clock_timestamp(), '', number FROM programmes_revision
      RETURNING id INTO present;
    PERFORM set_config('{setting}', present::text, true);
  END IF;
  RETURN present;
END $$
"""
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
    FIND_EDIT.format(setting=PRESENT_EDIT, kind=Edit.Kind.DIRECT.value),
    """
CREATE OR REPLACE FUNCTION programmes_keep_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  FOR step IN 0 .. TG_NARGS - 1 LOOP EXECUTE TG_ARGV[step]; END LOOP;
  RETURN NULL;
END $$
""",
    # Both are looked at when the link is made, as on SQLite.
    """
CREATE OR REPLACE FUNCTION programmes_guard_figures() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong text;
BEGIN
  EXECUTE format(
    'SELECT CASE
       WHEN EXISTS (SELECT FROM %1$I AS other WHERE other.id = $1.superseded_by_id AND %2$s)
       THEN ''superseded by a figure of another thing''
       WHEN $1.id IN (
         WITH RECURSIVE way(id) AS (
           SELECT $1.superseded_by_id
           UNION SELECT one.superseded_by_id FROM %1$I AS one JOIN way ON one.id = way.id
         ) SELECT id FROM way)
       THEN ''superseded in a circle'' END',
    TG_TABLE_NAME, TG_ARGV[0]) INTO wrong USING NEW;
  IF wrong IS NOT NULL THEN
    RAISE EXCEPTION '%: %', TG_TABLE_NAME, wrong USING ERRCODE = 'check_violation';
  END IF;
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
KEEP_TRIGGER = """
CREATE TRIGGER {table}_{event}_kept AFTER {event} ON {table}
  REFERENCING {sides}
  FOR EACH STATEMENT EXECUTE FUNCTION programmes_keep_versions({steps})
"""
GUARD = """
CREATE TRIGGER {table}_guarded AFTER INSERT OR UPDATE OF superseded_by_id ON {table}
  FOR EACH ROW WHEN (NEW.superseded_by_id IS NOT NULL)
  EXECUTE FUNCTION programmes_guard_figures('{misfit}')
"""
KEEP_OLD = """
INSERT INTO programmes_version
    (edit_id, model, object_id, operation, programme_id, organisation_id, was)
  SELECT programmes_find_edit(), '{label}', owner.object_id, '{operation}',
         owner.programme_id, owner.organisation_id,
         (SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(fact))
           WHERE value NOT IN ('null', '""'))
    FROM ({rows}) AS fact CROSS JOIN LATERAL ({owners}) AS owner
"""
KEEP_NEW = """
INSERT INTO programmes_version (edit_id, model, object_id, operation, programme_id, organisation_id)
  SELECT programmes_find_edit(), '{label}', object_id, '{operation}', programme_id, organisation_id
    FROM ({owners}) AS owner
"""
OWNERS = "SELECT owner.* FROM {rows} AS fact CROSS JOIN LATERAL ({owners}) AS owner"
# What changed or went: a row that was not changed is in both tables.
OLD_ROWS = {
    "UPDATE": "SELECT * FROM gone EXCEPT SELECT * FROM come",
    "DELETE": "SELECT * FROM gone",
}
# What rows are about that they were not about before.
NEW_OWNERS = {"INSERT": "{come}", "UPDATE": "{come} EXCEPT {gone}"}
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
        if one.columns:
            steps = ", ".join(f"$${step}$$" for step in write_history(one, event))
            yield KEEP_TRIGGER.format(**of_event, steps=steps)
    if one.alike:
        yield GUARD.format(
            table=one.table, misfit=one.write_misfit("$1", "other", "IS DISTINCT FROM")
        )


def write_history(one: RecordedTable, event: str) -> Iterator[str]:
    """Yield the statements of a trigger that keep rows as they were before the event.

    What a row is not about any more has its content. What it is only now about has a version
    without content, which comes last, because history is read from its end.
    """
    owners = one.write_owners("fact")
    if event != "INSERT":
        same = {"label": one.label, "operation": event[0], "rows": OLD_ROWS[event]}
        yield KEEP_OLD.format(**same, owners=owners)
    if event != "DELETE":
        come, gone = (OWNERS.format(rows=rows, owners=owners) for rows in ("come", "gone"))
        yield KEEP_NEW.format(
            label=one.label,
            operation=Version.Operation.INSERT.value,
            owners=NEW_OWNERS[event].format(come=come, gone=gone),
        )
