"""How a transaction on PostgreSQL gets its number: when it ends, so that no writer waits.

Until then what it changed is kept apart, in a table of which others see nothing, and its edits have
no number. A deferred trigger raises the revision, writes the number into all of it, and holds the
revision's row for the moment of the commit. So a higher number is always a later commit.

It also looks where the numbers have been given so far. A standby that was promoted may lack the
last of them, and would give them again for other states. So it begins a history of its own.
"""

from programmes.models import Edit
from stemobs.catalogue.states.moments import NUMBERS_OF_A_HISTORY

# Two settings of the transaction end with it, and go back with it to a savepoint: the ids of the
# edits that get its number, and `stemobs.awaited`, which is "next" if it raises the revision, and
# "present" if it only reads it.
OWN_EDITS = "stemobs.edits"
# A setting of the session. Tests are transactions that never end, and get their numbers at once.
AT_ONCE = "stemobs.at_once"

# The marks of transactions that are not over. Nobody but the transaction itself ever sees a row, so
# nothing is lost if a crash empties the table, and no log of it is written. It has no constraint:
# two transactions that change the same record do not wait for each other's marks.
PENDING = """
CREATE UNLOGGED TABLE programmes_pending (
  transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
  subject text NOT NULL,
  object_id bigint NOT NULL
);
CREATE INDEX programmes_pending_transaction ON programmes_pending (transaction)
"""
NOTE_EDIT = """
CREATE OR REPLACE FUNCTION programmes_note_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config(
    'stemobs.edits',
    concat_ws(',', nullif(current_setting('stemobs.edits', true), ''), NEW.id),
    true);
  RETURN NULL;
END $$
"""
AWAIT_NUMBER = """
CREATE OR REPLACE FUNCTION programmes_await_number(is_known boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  awaited text := coalesce(current_setting('stemobs.awaited', true), '');
  has_edits boolean := coalesce(current_setting('stemobs.edits', true), '') <> '';
BEGIN
  IF awaited = 'next' OR NOT is_known AND (awaited <> '' OR NOT has_edits) THEN RETURN; END IF;
  PERFORM set_config('stemobs.awaited', CASE WHEN is_known THEN 'next' ELSE 'present' END, true);
  IF awaited = '' THEN
    IF current_setting('stemobs.at_once', true) = 'on' THEN
      SET CONSTRAINTS programmes_number IMMEDIATE;
    END IF;
    INSERT INTO programmes_pending (subject, object_id) VALUES ('number', 1);
  END IF;
END $$
"""
# Where numbers are given: by which server, on which of its timelines, and in which table. Promoting
# a standby begins a timeline, and so does recovery to a point in time. Loading what pg_dump wrote
# makes the table anew. Some services do not tell, and then nothing is compared.
FIND_ORIGIN = """
CREATE OR REPLACE FUNCTION programmes_find_origin() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN concat_ws('/',
    (SELECT system_identifier FROM pg_control_system()),
    left(pg_walfile_name(pg_current_wal_insert_lsn()), 8),
    'programmes_revision'::regclass::oid);
EXCEPTION
  WHEN insufficient_privilege OR feature_not_supported OR object_not_in_prerequisite_state
    OR undefined_function THEN RETURN '';
END $$
"""
# Whoever saw revisions that were lost is told nothing wrong: they lie below the numbers of the new
# history, and everything counts as changed.
BEGIN_HISTORY = f"""
CREATE OR REPLACE FUNCTION programmes_begin_history() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO programmes_edit (kind, made_at, reason, revision)
    SELECT '{Edit.Kind.ENDED.value}', clock_timestamp(), '', number FROM programmes_revision;
  UPDATE programmes_revision
     SET number = (number / {NUMBERS_OF_A_HISTORY} + 1) * {NUMBERS_OF_A_HISTORY} - 1,
         history = gen_random_uuid(), transaction = '', origin = programmes_find_origin();
  INSERT INTO programmes_pending (subject, object_id) VALUES ('everything', 0);
END $$
"""  # noqa: S608  # only our own words
# The row is locked only if something is to be done, and what is noted is looked at again then:
# another transaction may have done it. An earlier schema has no column for it.
FOLLOW_ORIGIN = """
CREATE OR REPLACE FUNCTION programmes_follow_origin() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  present text := programmes_find_origin();
  noted text;
BEGIN
  SELECT to_jsonb(one) ->> 'origin' INTO noted FROM programmes_revision AS one
   WHERE present <> '' AND to_jsonb(one) ->> 'origin' <> present
     FOR NO KEY UPDATE;
  IF noted = '' THEN
    UPDATE programmes_revision SET origin = present;
  ELSIF noted <> '' THEN
    PERFORM programmes_begin_history();
  END IF;
END $$
"""
# Foreign keys are checked when the transaction ends too, and such a check may wait for another
# transaction. Who held the revision meanwhile could deadlock with it. So the first turn only queues
# for a second one, behind all checks: from then on nothing is waited for.
TAKE_NUMBER = """
CREATE OR REPLACE FUNCTION programmes_take_number() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  own xid8 := pg_current_xact_id();
  edits bigint[] := string_to_array(nullif(current_setting('stemobs.edits', true), ''), ',');
  is_known boolean;
  taken bigint;
BEGIN
  IF NEW.object_id = 1 THEN
    INSERT INTO programmes_pending (subject, object_id) VALUES ('number', 2);
    RETURN NULL;
  END IF;
  is_known := current_setting('stemobs.awaited', true) = 'next' OR EXISTS (
    SELECT FROM programmes_pending WHERE transaction = own AND subject <> 'number');
  PERFORM set_config('stemobs.awaited', '', true);
  IF is_known THEN
    PERFORM programmes_follow_origin();
    UPDATE programmes_revision
       SET number = number + 1, changed_at = clock_timestamp(), transaction = own::text
     WHERE transaction <> own::text;
  ELSIF NOT EXISTS (SELECT FROM programmes_edit WHERE id = ANY (edits)) THEN
    DELETE FROM programmes_pending WHERE transaction = own;
    RETURN NULL;
  END IF;
  SELECT number INTO STRICT taken FROM programmes_revision FOR NO KEY UPDATE;
  IF is_known AND to_regclass('programmes_departure') IS NOT NULL THEN
    UPDATE programmes_departure AS departure SET revision = taken
      FROM programmes_pending AS mark
     WHERE mark.transaction = own AND departure.revision = 0
       AND departure.subject = mark.subject AND departure.object_id = mark.object_id;
  END IF;
  INSERT INTO programmes_change (subject, object_id, revision)
    SELECT DISTINCT subject, object_id, taken FROM programmes_pending
     WHERE transaction = own AND subject <> 'number'
        ON CONFLICT (subject, object_id) DO UPDATE SET revision = excluded.revision;
  DELETE FROM programmes_pending WHERE transaction = own;
  -- All edits of a transaction have its number, also one that was given an earlier one before.
  IF edits IS NOT NULL THEN
    UPDATE programmes_edit SET revision = taken, made_at = clock_timestamp()
     WHERE id = ANY (edits) AND revision IS DISTINCT FROM taken;
  END IF;
  RETURN NULL;
END $$
"""
MAKE_NUMBERING = (
    *(NOTE_EDIT, AWAIT_NUMBER),
    *(FIND_ORIGIN, BEGIN_HISTORY, FOLLOW_ORIGIN, TAKE_NUMBER),
)
NUMBER_TRIGGER = """
CREATE CONSTRAINT TRIGGER programmes_number AFTER INSERT ON programmes_pending
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.subject = 'number') EXECUTE FUNCTION programmes_take_number()
"""
EDIT_TRIGGER = """
CREATE TRIGGER programmes_edit_noted AFTER INSERT ON programmes_edit
  FOR EACH ROW WHEN (NEW.revision IS NULL) EXECUTE FUNCTION programmes_note_edit()
"""
# Takes the number before the transaction ends. Others then wait for it at their own end.
TAKE_AT_ONCE = (
    "SET CONSTRAINTS programmes_number IMMEDIATE; SET CONSTRAINTS programmes_number DEFERRED"
)
# Gives the edits of a transaction their number although it has written nothing that raises one.
AWAIT_PRESENT = "SELECT programmes_await_number(false)"
# Begins a history that its transaction has the first number of.
BEGIN_ANOTHER_HISTORY = "SELECT programmes_begin_history()"
RECORD_CHANGE = """
INSERT INTO programmes_pending (subject, object_id) VALUES (%s, %s);
SELECT programmes_await_number(true)
"""
