"""Which triggers and functions a database has, and which of them are not those of this release.

What is equal is left alone. Making a trigger waits for all who write its table and keeps the next
ones waiting, dropping one even readers. So a release that changes no trigger locks nothing.
"""

import json
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from stemobs.catalogue.triggers.numbering import EDIT_TRIGGER, NUMBER_TRIGGER, PENDING
from stemobs.catalogue.triggers.postgresql import FUNCTIONS, write_postgresql_triggers
from stemobs.catalogue.triggers.sqlite import write_sqlite_triggers
from stemobs.catalogue.triggers.tables import RecordedTable

# What the statements name that make a trigger or a function.
TRIGGER = re.compile(r"CREATE (?:CONSTRAINT )?TRIGGER (\w+) AFTER .*? ON (\w+)", re.DOTALL)
FUNCTION = re.compile(r"FUNCTION (\w+)\(.* AS \$\$(.*)\$\$", re.DOTALL)
LONGEST_NAME = 63  # in PostgreSQL, which cuts longer ones off
# The triggers that exist: name, table, and the text or digest of the statement that made each. The
# database is asked, because tables may have been renamed since. PostgreSQL keeps the digest in a
# comment, beside that of its own description, so that what was changed by hand differs too.
STANDING = {
    "sqlite": """
SELECT name, tbl_name, sql FROM sqlite_master
 WHERE type = 'trigger' AND (name GLOB '*_recorded' OR name GLOB '*_guarded')
""",
    "postgresql": """
SELECT tgname, relname,
       CASE WHEN tgenabled = 'O' AND described LIKE '% ' || md5(pg_get_triggerdef(pg_trigger.oid))
            THEN split_part(described, ' ', 1) ELSE '' END
  FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON pg_class.oid = tgrelid
 CROSS JOIN LATERAL obj_description(pg_trigger.oid, 'pg_trigger') AS described
 WHERE pg_table_is_visible(tgrelid) AND proname IN (
   'programmes_hold_revision', 'programmes_raise_revision', 'programmes_mark_changes',
   'programmes_mark_departures', 'programmes_take_steps', 'programmes_keep_versions',
   'programmes_guard_figures', 'programmes_note_edit', 'programmes_take_number')
""",
}
DROP = {"sqlite": "DROP TRIGGER {name}", "postgresql": "DROP TRIGGER {name} ON {table}"}
HAS_PENDING = "SELECT to_regclass('programmes_pending') IS NOT NULL"
BODIES = "SELECT proname, prosrc FROM pg_proc WHERE pg_function_is_visible(oid)"
DESCRIBE = """
SELECT string_agg(format('COMMENT ON TRIGGER %%I ON %%s IS %%L', tgname, tgrelid::regclass,
                         digest || ' ' || md5(pg_get_triggerdef(pg_trigger.oid))), ';')
  FROM pg_trigger JOIN json_each_text(%s) AS made (name, digest) ON made.name = tgname
"""
# Of several hosts that migrate, one at a time compares.
TAKE_TURN = "SELECT pg_advisory_xact_lock(hashtext('stemobs.triggers'))"


class Trigger(NamedTuple):
    """A trigger, and what shows whether it is that of this release."""

    name: str
    table: str
    mark: str  # the statement that made it, or the digest of that
    statement: str = ""


class Standing(NamedTuple):
    """What was there before triggers were made."""

    has_any: bool
    bare: frozenset[str]  # tables that should have had triggers, and had none


class Triggers:
    """The triggers of a database that is being compared with this release, on SQLite."""

    vendor = "sqlite"

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor

    def list_standing(self) -> list[Trigger]:
        self.cursor.execute(STANDING[self.vendor])
        return [Trigger(*row) for row in self.cursor.fetchall()]

    def remove(self, standing: Iterable[Trigger]) -> None:
        for one in standing:
            self.cursor.execute(DROP[self.vendor].format(name=one.name, table=one.table))

    def make(self, tables: Iterable[RecordedTable], *, has_edits: bool) -> Standing:
        """Make the triggers those of this release; return what was there before."""
        self.prepare()
        wanted = {one[:3]: one for one in self.list_wanted(tables, has_edits=has_edits)}
        standing = self.list_standing()
        marks = {one[:3] for one in standing}
        different = [one for key, one in wanted.items() if key not in marks]
        replaced = {one[:2] for one in different if self.is_replaceable(one)}
        self.remove(one for one in standing if one[:3] not in wanted and one[:2] not in replaced)
        self.create(different)
        bare = {one.table for one in different} - {one.table for one in standing}
        return Standing(bool(standing), frozenset(bare))

    # --- What PostgreSQL does otherwise -----------------------------------------------------------

    def prepare(self) -> None:
        """Make what triggers need."""

    def list_wanted(self, tables: Iterable[RecordedTable], *, has_edits: bool) -> Iterator[Trigger]:
        for one in tables:
            for statement in write_sqlite_triggers(one):
                yield read_trigger(statement, statement.strip())

    def is_replaceable(self, trigger: Trigger) -> bool:
        """Whether a trigger is made in the place of another one of its name."""
        return False

    def create(self, triggers: Iterable[Trigger]) -> None:
        for one in triggers:
            self.cursor.execute(one.statement)


class PostgreSQLTriggers(Triggers):
    """The same on PostgreSQL, where triggers call functions."""

    vendor = "postgresql"

    def prepare(self) -> None:
        self.cursor.execute(TAKE_TURN)
        self.cursor.execute(HAS_PENDING)
        if not self.cursor.fetchone()[0]:
            self.cursor.execute(PENDING)
        self.cursor.execute(BODIES)
        bodies = set(self.cursor.fetchall())
        for statement in FUNCTIONS:
            if find_names(FUNCTION, statement) not in bodies:
                self.cursor.execute(statement)

    def list_wanted(self, tables: Iterable[RecordedTable], *, has_edits: bool) -> Iterator[Trigger]:
        statements = [NUMBER_TRIGGER, *([EDIT_TRIGGER] if has_edits else [])]
        for one in tables:
            statements += write_postgresql_triggers(one)
        for statement in statements:
            made = read_trigger(statement, sha256(statement.encode()).hexdigest()[:32])
            yield made._replace(name=made.name.lower()[:LONGEST_NAME])

    def is_replaceable(self, trigger: Trigger) -> bool:
        return "CREATE TRIGGER" in trigger.statement

    def create(self, triggers: Iterable[Trigger]) -> None:
        made = {}
        for one in triggers:
            # It takes no lock that readers would wait for.
            replacing = one.statement.replace("CREATE TRIGGER", "CREATE OR REPLACE TRIGGER", 1)
            self.cursor.execute(replacing)
            made[one.name] = one.mark
        if made:
            self.cursor.execute(DESCRIBE, [json.dumps(made)])
            self.cursor.execute(self.cursor.fetchone()[0])


TRIGGERS = {"sqlite": Triggers, "postgresql": PostgreSQLTriggers}


def read_trigger(statement: str, mark: str) -> Trigger:
    """Return the trigger that a statement makes."""
    name, table = find_names(TRIGGER, statement)
    return Trigger(name, table, mark, statement)


def find_names(pattern: re.Pattern[str], statement: str) -> tuple[str, ...]:
    found = pattern.search(statement)
    if found is None:
        raise ValueError(f"This makes nothing that has a name: {statement}")
    return found.groups()
