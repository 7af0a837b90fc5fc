"""Transactions of real connections get their numbers when they end, in the order in which they do.

Waiting for a lock is an error here after a millisecond. So what succeeds has waited for nobody.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import psycopg2
import pytest

from tests import chance
from tests.processes.hosts import (
    Environment,
    execute,
    is_writer_blocked,
    on_postgresql,
    open_connection,
)
from tests.servers import Clerk, wait_until

pytestmark = on_postgresql

Marks = dict[int, int]  # the revisions in which programmes changed last
PROGRAMME = "/admin/programmes/programme"
MANY = 10_000 if chance.TIMES else 1_000
COPY_MANY = """
INSERT INTO programmes_programme SELECT (jsonb_populate_record(one,
  jsonb_build_object('id', one.id + 1000000 + n, 'slug', one.slug || '-copy-' || n))).*
  FROM programmes_programme AS one, generate_series(1, ?) AS n WHERE one.slug = ?
"""


@contextmanager
def open_impatient(environment: Environment) -> Iterator[Any]:
    with open_connection(environment) as opened:
        execute(opened, "SET lock_timeout = 1")
        opened.commit()
        yield opened


@pytest.fixture
def pair(environment: Environment) -> Iterator[tuple[Any, Any]]:
    with open_impatient(environment) as one, open_impatient(environment) as other:
        yield one, other


@pytest.fixture
def reader(environment: Environment) -> Iterator[Any]:
    with open_connection(environment) as opened:
        opened.autocommit = True
        yield opened


def make_programmes(writer: Clerk, word: str, reader: Any, states: list[str]) -> list[int]:
    """Make programmes with these states; return their ids."""
    ids = []
    for number, state in enumerate(states):
        slug = f"{word}-{number}"
        writer.do("make", slug=slug, name=slug, state=state)
        ids += [
            pk
            for (pk,) in execute(reader, "SELECT id FROM programmes_programme WHERE slug = ?", slug)
        ]
    return ids


def read_number(opened: Any) -> int:
    ((number,),) = execute(opened, "SELECT number FROM programmes_revision")
    return number


def read_marks(opened: Any, table: str = "programmes_change") -> Marks:
    return dict(
        execute(opened, f"SELECT object_id, revision FROM {table} WHERE subject = 'programme'")  # noqa: S608  # our own name
    )


def rename(opened: Any, pk: int, name: str) -> None:
    execute(opened, "UPDATE programmes_programme SET region = ? WHERE id = ?", name, pk)


def call(opened: Any, pk: int, name: str) -> None:
    execute(
        opened,
        "INSERT INTO programmes_programmename (programme_id, name, kind, language)"
        " VALUES (?, ?, 'alias', '')",
        pk,
        name,
    )


def list_edits(opened: Any, pk: int) -> list[int]:
    """Return the revisions of a programme's edits, in the order in which they ended."""
    rows = execute(
        opened,
        "SELECT DISTINCT edit.made_at, edit.revision FROM programmes_edit AS edit"
        " JOIN programmes_version AS version ON version.edit_id = edit.id"
        " WHERE version.programme_id = ? ORDER BY edit.made_at",
        pk,
    )
    return [revision for _at, revision in rows]


def test_two_who_write_at_once_do_not_wait_and_are_numbered_as_they_commit(
    writer: Clerk, word: str, reader: Any, pair: tuple[Any, Any]
) -> None:
    one, other = make_programmes(writer, word, reader, ["published"] * 2)
    first, second = pair
    before, marks = read_number(reader), read_marks(reader)
    rename(first, one, "first")
    rename(second, other, "second")
    assert (read_number(first), read_number(reader), read_marks(reader)) == (before, before, marks)
    second.commit()
    assert read_number(reader) == before + 1
    assert read_marks(reader) == {**marks, other: before + 1}
    first.commit()
    assert read_marks(reader) == {**marks, other: before + 1, one: before + 2}
    assert (list_edits(reader, one)[-1], list_edits(reader, other)[-1]) == (before + 2, before + 1)


def test_two_who_write_facts_of_one_record_do_not_wait_either(
    writer: Clerk, word: str, reader: Any, pair: tuple[Any, Any]
) -> None:
    (pk,) = make_programmes(writer, word, reader, ["published"])
    before = read_number(reader)
    for number, opened in enumerate(pair):
        call(opened, pk, f"Name {number}")
    for number, opened in enumerate(reversed(pair), 1):
        opened.commit()
        assert read_marks(reader)[pk] == read_number(reader) == before + number
    assert list_edits(reader, pk)[-2:] == [before + 1, before + 2]


def test_a_snapshot_has_a_number_and_all_that_led_to_it(
    writer: Clerk, word: str, reader: Any, pair: tuple[Any, Any], environment: Environment
) -> None:
    one, other = make_programmes(writer, word, reader, ["published"] * 2)
    first, second = pair
    rename(first, one, "first")
    rename(second, other, "second")
    second.commit()
    with open_connection(environment) as snapshot:
        snapshot.set_session(isolation_level="REPEATABLE READ", readonly=True)
        number = read_number(snapshot)
        first.commit()
        marks = read_marks(snapshot)
        assert (read_number(snapshot), marks[other]) == (number, number)
        assert marks[one] < number < read_number(reader)


def test_what_is_taken_back_leaves_neither_marks_nor_a_gap(
    writer: Clerk, word: str, reader: Any, pair: tuple[Any, Any]
) -> None:
    one, other = make_programmes(writer, word, reader, ["published"] * 2)
    first, second = pair
    before, marks = read_number(reader), read_marks(reader)
    rename(first, one, "lost")
    first.rollback()
    execute(second, "SAVEPOINT here")
    rename(second, one, "lost")
    execute(second, "ROLLBACK TO here")
    second.commit()
    assert (read_number(reader), read_marks(reader)) == (before, marks)
    execute(first, "SAVEPOINT here")
    rename(first, one, "lost")
    execute(first, "ROLLBACK TO here")
    rename(first, other, "kept")
    first.commit()
    assert read_number(reader) == before + 1
    assert read_marks(reader) == {**marks, other: before + 1}
    assert execute(reader, "SELECT * FROM programmes_pending") == []


def test_who_waits_for_a_foreign_key_at_the_end_does_not_hold_the_number_meanwhile(
    writer: Clerk, word: str, reader: Any, environment: Environment
) -> None:
    pk, another = make_programmes(writer, word, reader, ["published"] * 2)
    before = read_number(reader)
    with open_connection(environment) as early, open_connection(environment) as late:
        execute(late, "SELECT 1 FROM programmes_programme WHERE id = ? FOR UPDATE", pk)
        rename(early, another, "asks for a number before the foreign key asks to be checked")
        call(early, pk, "Refers to what is locked")
        ending = Thread(target=early.commit)
        ending.start()
        wait_until(lambda: is_writer_blocked(environment), "the first one waits for the lock")
        rename(late, pk, "late")
        late.commit()
        ending.join()
    assert read_number(reader) == before + 2
    assert list_edits(reader, pk)[-2:] == [before + 1, before + 2]


def test_a_curator_saves_while_a_bulk_import_is_open(
    made: str, writers: list[Clerk], reader: Any, environment: Environment
) -> None:
    ((pk,),) = execute(reader, "SELECT id FROM programmes_programme WHERE slug = ?", made)
    before = read_number(reader)
    with open_connection(environment) as bulk:
        execute(bulk, "SET statement_timeout = 0")
        execute(bulk, COPY_MANY, MANY, made)
        form = {"path": f"{PROGRAMME}/{pk}/change/", "summary": "Saved meanwhile."}
        assert writers[0].do("curate", **form) == [302, ""]
        assert read_number(reader) == before + 1
        bulk.rollback()
    assert read_number(reader) == before + 1


# --- Random transactions against a plain model ----------------------------------------------------


@dataclass
class Written:
    """What a transaction has written so far, as the model has it."""

    regions: dict[int, str] = field(default_factory=dict)
    marks: frozenset[int] = frozenset()
    has_edit: bool = False

    def copy(self) -> "Written":
        return Written(dict(self.regions), self.marks, self.has_edit)


@dataclass
class Model:
    """What everybody can see, and a number for each commit that readers may know of."""

    number: int
    regions: dict[int, str]
    marks: Marks
    edits: list[int] = field(default_factory=list)

    def commit(self, written: Written) -> None:
        self.number += bool(written.marks)
        self.regions |= written.regions
        self.marks |= dict.fromkeys(written.marks, self.number)
        self.edits += [self.number] * written.has_edit


class Transaction:
    """A real connection, and what the model says of its transaction."""

    def __init__(self, opened: Any, public: list[int]) -> None:
        self.opened, self.public = opened, public
        self.written = Written()
        self.saved: list[Written] = []

    def write(self, pk: int, region: str) -> None:
        rename(self.opened, pk, region)
        self.written.regions[pk] = region
        self.written.has_edit = True
        self.written.marks |= {pk} & {*self.public}

    def write_again(self, pk: int, _region: str) -> None:
        """Write what is there already: it counts as a change, and leaves no version."""
        execute(self.opened, "UPDATE programmes_programme SET id = id WHERE id = ?", pk)
        self.written.marks |= {pk} & {*self.public}

    def save(self, *_given: object) -> None:
        execute(self.opened, f"SAVEPOINT s{len(self.saved)}")
        self.saved.append(self.written.copy())

    def take_back(self, *_given: object) -> None:
        if self.saved:
            self.written = self.saved.pop()
            execute(self.opened, f"ROLLBACK TO s{len(self.saved)}")

    def take_number(self, *_given: object) -> None:
        """Check what is deferred now, as the undoing of an edit does; others then have to wait."""
        execute(self.opened, "SET CONSTRAINTS ALL IMMEDIATE")
        execute(self.opened, "SET CONSTRAINTS ALL DEFERRED")

    def end(self) -> Written:
        written, self.written, self.saved = self.written, Written(), []
        return written


# How often each step is taken, among all.
STEPS: dict[Callable[[Transaction, int, str], None], int] = {
    Transaction.write: 10,
    Transaction.write_again: 2,
    Transaction.save: 3,
    Transaction.take_back: 3,
    Transaction.take_number: 1,
}


def go_on(rng: random.Random, model: Model, one: Transaction, region: str) -> None:
    """Let a transaction take a step or end. If it would have to wait for another, it goes back."""
    try:
        if rng.random() < 0.7:
            (step,) = rng.choices([*STEPS], [*STEPS.values()])
            step(one, rng.choice(list(model.regions)), region)
        elif rng.random() < 0.75:
            one.opened.commit()
            model.commit(one.end())
        else:
            one.opened.rollback()
            one.end()
    except psycopg2.errors.LockNotAvailable:
        one.opened.rollback()
        one.end()


def assert_all_see(reader: Any, model: Model, last_edit: int) -> None:
    regions = execute(
        reader, "SELECT id, region FROM programmes_programme WHERE id = ANY(?)", [*model.regions]
    )
    edits = execute(reader, "SELECT revision FROM programmes_edit WHERE id > ?", last_edit)
    assert read_number(reader) == model.number
    assert dict(regions) == model.regions
    assert read_marks(reader) == model.marks
    assert sorted(revision for (revision,) in edits) == model.edits
    assert execute(reader, "SELECT * FROM programmes_pending") == []


def test_random_transactions_that_overlap_agree_with_a_plain_model(
    writer: Clerk, word: str, reader: Any, environment: Environment
) -> None:
    public = make_programmes(writer, word, reader, ["published"] * 3)
    drafts = make_programmes(writer, f"{word}-draft", reader, ["draft"] * 2)
    for seed in chance.seeds(2):
        rng = random.Random(seed)
        regions = dict.fromkeys([*public, *drafts], f"{seed}")
        for pk, region in regions.items():
            rename(reader, pk, region)
        model = Model(read_number(reader), regions, read_marks(reader))
        ((last_edit,),) = execute(reader, "SELECT max(id) FROM programmes_edit")
        with ExitStack() as stack:
            some = [
                Transaction(stack.enter_context(open_impatient(environment)), public)
                for _number in range(4)
            ]
            for number in range(150):
                go_on(rng, model, rng.choice(some), f"{seed} {number}")
                assert_all_see(reader, model, last_edit)
        assert model.edits
