"""The triggers of PostgreSQL, which run once for each statement."""

from collections.abc import Iterable, Iterator, Mapping

from programmes.models import Edit, Version
from stemobs.catalogue.triggers.numbering import MAKE_NUMBERING
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
    INSERT INTO programmes_edit (kind, made_at, reason) VALUES ('{kind}', clock_timestamp(), '')
      RETURNING id INTO present;
    PERFORM set_config('{setting}', present::text, true);
  END IF;
  RETURN present;
END $$
"""
FUNCTIONS = (
    *MAKE_NUMBERING,
    """
CREATE OR REPLACE FUNCTION programmes_raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  is_known boolean;
BEGIN
  EXECUTE TG_ARGV[0] INTO is_known;
  PERFORM programmes_await_number(is_known);
  RETURN NULL;
END $$
""",
    """
CREATE OR REPLACE FUNCTION programmes_mark_changes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  mark text := format(
    'INSERT INTO programmes_pending (subject, object_id)
     SELECT DISTINCT %L, row_id::bigint
       FROM (SELECT %s AS row_id FROM %%I AS fact WHERE %s) AS rows
      WHERE row_id IS NOT NULL',
    TG_ARGV[0], TG_ARGV[1], TG_ARGV[2]);
BEGIN
  IF TG_OP <> 'INSERT' THEN EXECUTE format(mark, 'gone'); END IF;
  IF TG_OP <> 'DELETE' THEN EXECUTE format(mark, 'come'); END IF;
  RETURN NULL;
END $$
""",
    """
CREATE OR REPLACE FUNCTION programmes_mark_departures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Its number comes with that of its mark. Conditions ask for it before, so it is not kept apart;
  -- whoever writes it has the row that it is about.
  EXECUTE format(
    'INSERT INTO programmes_departure (subject, object_id, slug, revision)
     SELECT %L, gone.id, gone.slug, 0 FROM %s
         ON CONFLICT (subject, object_id)
         DO UPDATE SET slug = excluded.slug, revision = excluded.revision',
    TG_ARGV[0], TG_ARGV[1]);
  RETURN NULL;
END $$
""",
    FIND_EDIT.format(setting=PRESENT_EDIT, kind=Edit.Kind.DIRECT.value),
    """
CREATE OR REPLACE FUNCTION programmes_take_steps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  has_rows boolean;
BEGIN
  -- Triggers fire for statements without rows too, and would so fire each other for ever.
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', TG_ARGV[0]) INTO has_rows;
  IF has_rows THEN
    FOR step IN 1 .. TG_NARGS - 1 LOOP EXECUTE TG_ARGV[step]; END LOOP;
  END IF;
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
# The triggers of a table run in the order of their names: the number is asked for last.
RAISE = """
CREATE TRIGGER {table}_{event}_told AFTER {event} ON {table}
  REFERENCING {sides}
  FOR EACH STATEMENT EXECUTE FUNCTION programmes_raise_revision($${is_known}$$)
"""
MARK = """
CREATE TRIGGER {table}_{event}_recorded_{number} AFTER {event} ON {table}
  REFERENCING {sides}
  FOR EACH STATEMENT
  EXECUTE FUNCTION programmes_mark_changes('{subject}', '{row}', $${is_known}$$)
"""
DEPARTURE = """
CREATE TRIGGER {table}_{event}_departed AFTER {event} ON {table}
  REFERENCING {sides}
  FOR EACH STATEMENT
  EXECUTE FUNCTION programmes_mark_departures('{subject}', $${rows} WHERE {left}$$)
"""
STEPS_TRIGGER = """
CREATE TRIGGER {table}_{event}_{name} AFTER {event} ON {table}
  REFERENCING {sides}
  FOR EACH STATEMENT EXECUTE FUNCTION programmes_take_steps('{side}', {steps})
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
# What readers see stays public, even if a form writes back what it read before.
STAY = """
UPDATE {table} SET is_public = TRUE
  FROM gone, come
 WHERE gone.is_public AND NOT come.is_public AND gone.id = come.id AND {table}.id = come.id
"""
SHOW = "UPDATE {table} SET is_public = TRUE WHERE NOT is_public AND id IN ({ids})"
SHOWN_IDS = "SELECT fact.{column} FROM come AS fact WHERE {is_seen}"
TURNED = "SELECT come.id FROM gone JOIN come USING (id) WHERE {condition}"
MARK_OTHERS = """
INSERT INTO programmes_pending (subject, object_id)
  SELECT DISTINCT '{subject}', row_id::bigint FROM ({ids}) AS rows
"""
# What changed or went: a row that was not changed is in both tables.
OLD_ROWS = {
    "UPDATE": "SELECT * FROM gone EXCEPT SELECT * FROM come",
    "DELETE": "SELECT * FROM gone",
}
# What rows are about that they were not about before.
NEW_OWNERS = {"INSERT": "{come}", "UPDATE": "{come} EXCEPT {gone}"}
LEFT = {"UPDATE": "gone JOIN come USING (id)", "DELETE": "gone"}
ROWS = {"INSERT": ("come",), "UPDATE": ("gone", "come"), "DELETE": ("gone",)}
SIDES = {
    "INSERT": "NEW TABLE AS come",
    "UPDATE": "OLD TABLE AS gone NEW TABLE AS come",
    "DELETE": "OLD TABLE AS gone",
}


def write_postgresql_triggers(one: RecordedTable) -> Iterator[str]:
    """Yield the CREATE TRIGGER statements for one table on PostgreSQL."""
    for event, sides in SIDES.items():
        of_event = {"table": one.table, "event": event, "sides": sides}
        yield RAISE.format(**of_event, is_known=write_known_rows(one, event))
        for number, mark in enumerate(one.marks, 1):
            row = mark.of.format(row="fact")
            yield MARK.format(
                **of_event,
                number=number,
                subject=mark.subject,
                row=row,
                is_known=one.write_known("fact"),
            )
        if left := one.write_departure_condition(event, "gone", "come"):
            subject, rows = one.marks[0].subject, LEFT[event]
            yield DEPARTURE.format(**of_event, subject=subject, rows=rows, left=left)
        if one.columns:
            yield write_steps(of_event, "kept", write_history(one, event))
        if showing := list(write_showing(one, event)):
            yield write_steps(of_event, "shown", showing)
    if one.alike:
        yield GUARD.format(
            table=one.table, misfit=one.write_misfit("$1", "other", "IS DISTINCT FROM")
        )


def write_steps(of_event: Mapping[str, str], name: str, steps: Iterable[str]) -> str:
    """Return the CREATE TRIGGER statement for a trigger that takes these steps in turn."""
    return STEPS_TRIGGER.format(
        **of_event,
        name=name,
        side=ROWS[of_event["event"]][-1],
        steps=", ".join(f"$${step}$$" for step in steps),
    )


def write_known_rows(one: RecordedTable, event: str) -> str:
    """Return the SQL that says whether readers may know of any row that was written."""
    is_known = one.write_known("fact")
    rows = (f"SELECT 1 FROM {side} AS fact WHERE {is_known}" for side in ROWS[event])  # noqa: S608  # only our own names
    return f"SELECT EXISTS ({' UNION ALL '.join(rows)})"


def write_showing(one: RecordedTable, event: str) -> Iterator[str]:
    """Yield the steps of a trigger that make public what rows and their parts show."""
    if event == "DELETE":
        return
    is_seen = one.visible.format(row="fact") or "TRUE"
    for table, column in one.shown:
        yield SHOW.format(table=table, ids=SHOWN_IDS.format(column=column, is_seen=is_seen))
    if event == "INSERT":
        return
    if one.knows_itself:
        yield STAY.format(table=one.table)
    comes, is_turned = one.write_turning("gone", "come")
    for table, query in one.shown_by_others:
        ids = query.format(ids=TURNED.format(condition=comes))
        yield SHOW.format(table=table, ids=ids)
    for subject, query in one.marked_by_others:
        ids = query.format(ids=TURNED.format(condition=is_turned))
        yield MARK_OTHERS.format(subject=subject, ids=ids)


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
