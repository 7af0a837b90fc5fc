"""A process that writes to the catalogue, and reads it, as it is told by `servers.Clerk`.

A line of JSON comes in, [command, arguments]; one goes out, {"done": …} or {"failed": …}.
"""

import json
import os
import pkgutil
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Thread
from typing import Any
from unittest.mock import patch

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from partnerships.models import Organisation, OrganisationName
from programmes.models import Country, Programme, ProgrammeName
from stemobs.catalogue.catalogue import get_current_catalogue, keeper
from stemobs.catalogue.moments import read_latest_moment
from tests.builders import make_organisation, make_partnership, make_programme
from tests.processes.readers import Readers, swap, versions_of
from tests.wsgi import Answer, ask

Step = tuple[str, dict[str, Any]]
COMMANDS: dict[str, Callable[..., Any]] = {}
begun: list[transaction.Atomic] = []
reading: list[Readers] = []


def serve(patience: int) -> None:
    """Do what every line says, until there are no more."""
    be_patient(patience)
    for line in sys.stdin:
        command, given = json.loads(line)
        try:
            answer = {"done": COMMANDS[command](**given)}
        except Exception as error:
            answer = {"failed": repr(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def command(function: Callable[..., Any]) -> Callable[..., Any]:
    COMMANDS[function.__name__] = function
    return function


def be_patient(seconds: int) -> None:
    """Wait for other writers as long as a slow machine needs."""
    statements = {
        "sqlite": [f"PRAGMA busy_timeout = {1000 * seconds}"],
        "postgresql": [
            f"SET lock_timeout = '{seconds}s'",
            f"SET statement_timeout = '{seconds}s'",
            f"SET idle_in_transaction_session_timeout = '{seconds}s'",
        ],
    }
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)


# --- Transactions ---------------------------------------------------------------------------------


@command
def begin() -> int:
    """Begin a transaction; PostgreSQL's begins with the first thing that is asked."""
    begun.append(transaction.atomic())
    begun[-1].__enter__()
    return read_latest_moment(connection).number


@command
def commit() -> None:
    begun.pop().__exit__(None, None, None)


@command
def commit_and_die() -> None:
    """Commit and be gone, without a word to anybody."""
    commit()
    os.kill(os.getpid(), signal.SIGKILL)


@command
def transact(steps: Iterable[Step], keep: bool) -> None:
    """Do some steps in a transaction of their own, and roll them back unless they are to stay."""
    with transaction.atomic():
        for step, given in steps:
            COMMANDS[step](**given)
        transaction.set_rollback(not keep)


# --- Writing --------------------------------------------------------------------------------------


@command
def make(countries: Iterable[str] = (), organisation: str = "", **fields: Any) -> None:
    """Make a programme; an organisation of this name is its partner."""
    programme = make_programme(**fields)
    place(programme.slug, countries)
    if organisation:
        make_partnership(
            programme, make_organisation(slug=f"{programme.slug}-partner", name=organisation)
        )


@command
def save(slug: str, **fields: Any) -> None:
    programme = Programme.objects.get(slug=slug)
    for name, value in fields.items():
        setattr(programme, name, value)
    programme.save()


@command
def update(slugs: Iterable[str], **fields: Any) -> None:
    Programme.objects.filter(slug__in=slugs).update(**fields)


@command
def raise_year(slug: str) -> None:
    Programme.objects.filter(slug=slug).update(year_start=F("year_start") + 1)


@command
def place(slug: str, countries: Iterable[str]) -> None:
    programme = Programme.objects.get(slug=slug)
    programme.countries.set(Country.objects.filter(code__in=countries))


@command
def call(slug: str, name: str) -> None:
    ProgrammeName.objects.get_or_create(programme=Programme.objects.get(slug=slug), name=name)


@command
def forget_names(slug: str) -> None:
    ProgrammeName.objects.filter(programme__slug=slug).delete()


@command
def appear(slug: str) -> None:
    """Make a programme, unless it is there: who comes second goes back to a savepoint."""
    if not Programme.objects.filter(slug=slug).exists():
        with suppress(IntegrityError), transaction.atomic():
            make_programme(slug=slug)


@command
def remove(slug: str) -> None:
    Programme.objects.filter(slug=slug).delete()


@command
def rename_organisation(slug: str, name: str) -> None:
    organisation = Organisation.objects.get(slug=slug)
    organisation.name = name
    organisation.save()


@command
def move_organisation(slug: str, to: str) -> None:
    Organisation.objects.filter(slug=slug).update(slug=to)


@command
def call_organisation(slug: str, name: str, alias: str) -> None:
    organisation = Organisation.objects.get(slug=slug)
    OrganisationName.objects.create(organisation=organisation, name=name, slug=alias)


@command
def dissolve_organisation(slug: str, programme: str) -> None:
    """Delete an organisation with its part in a programme."""
    with transaction.atomic():
        Programme.objects.get(slug=programme).partnerships.all().delete()
        Organisation.objects.get(slug=slug).delete()


@command
def make_pairs(word: str, pairs: int, version: int) -> None:
    """Make pairs of programmes, which `readers.swap` changes together."""
    for number in range(pairs):
        for side, country in enumerate(("NL", "BE")):
            slug = f"{word}-{number}-{side}"
            make(slug=slug, name=f"{word} v{version}", year_start=version, countries=[country])
            call(slug, f"also v{version}")


@command
def swap_pairs(word: str, pairs: int, versions: tuple[int, int]) -> None:
    for version in range(*versions):
        swap(word, version % pairs, version)


# --- Reading --------------------------------------------------------------------------------------


@command
def look(paths: Iterable[str]) -> list[Any]:
    """Return what the API answers from a catalogue that is built anew."""
    with keeper.lock:
        keeper.kept = None
    return [json_or_problem(ask_here(path)) for path in paths]


def ask_here(path: str) -> Answer:
    before, _mark, query = path.partition("?")
    return ask(before, query, HTTP_HOST="127.0.0.1")


def json_or_problem(answer: Answer) -> Any:
    return json.loads(answer.body) if answer.status == 200 else answer.status


@command
def start_reading(word: str, pairs: int, threads: int) -> None:
    reading.append(Readers(word, pairs, threads))
    reading[-1].start()


@command
def stop_reading() -> dict[str, Any]:
    return reading.pop().stop()


@command
def read_while_locked(word: str, threads: int) -> list[int]:
    """Return what threads read while another holds the lock that renewing takes."""
    get_current_catalogue()
    seen: list[int] = []

    def read() -> None:
        seen.append(len(versions_of(get_current_catalogue(), word)))
        connection.close()

    with keeper.lock:
        readers = [Thread(target=read, daemon=True) for _number in range(threads)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(timeout=60)
    return seen


@command
def read_interrupted(path: str, before: str, step: Step) -> list[tuple[int, Any]]:
    """Ask twice; the first time another connection commits a step just before a certain query."""
    left = [step]

    def interrupt(execute: Callable[..., Any], statement: str, *rest: Any) -> Any:
        if before in statement and left:
            do_elsewhere(*left.pop())
        return execute(statement, *rest)

    with connection.execute_wrapper(interrupt):
        answers = [ask_here(path), ask_here(path)]
    assert not left, "That was never asked."
    return [(answer.status, json.loads(answer.body)) for answer in answers]


@command
def ask_in_between(path: str, hook: str, steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Ask three times; the second time others commit, and read, just after a function was called.

    `hook` names that function. What was made of rows is forgotten first, so that rows are read.
    """
    answers = [ask_here(path)]
    for store in (keeper.kept.cards, keeper.kept.marked_cards, keeper.kept.answers):
        store.clear()
    left, function = [*steps], pkgutil.resolve_name(hook)

    def go_on(*given: Any, **named: Any) -> Any:
        found = function(*given, **named)
        while left:
            do_elsewhere(*left.pop(0))
        return found

    place, _dot, name = hook.replace(":", ".").rpartition(".")
    with patch.object(pkgutil.resolve_name(place), name, go_on):
        answers.append(ask_here(path))
    assert not left, "That was never called."
    answers.append(ask_here(path))
    return [
        {"status": one.status, "tag": one.headers.get("ETag"), "body": one.body.decode()}
        for one in answers
    ]


@command
def catch_up() -> int:
    """Read what others committed, as the next request does; return the revision."""
    return get_current_catalogue().revision


def do_elsewhere(step: str, given: dict[str, Any]) -> None:
    """Do a step in a thread, which has a connection of its own."""

    def do() -> None:
        COMMANDS[step](**given)
        connection.close()

    thread = Thread(target=do)
    thread.start()
    thread.join()
