"""A process that reads and writes the catalogue by commands that `tests.servers.Clerk` sends.

Each line of input is JSON, [command, arguments]; each line of output is {"done": result} or
{"failed": error}. The functions with the decorator @command are the commands.
"""

import json
import os
import pkgutil
import random
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from threading import Thread
from time import sleep
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import setup_test_environment

from partnerships.models import Organisation, OrganisationName
from programmes.models import Country, Programme, ProgrammeName
from stemobs.catalogue.catalogue import build_catalogue, get_current_catalogue, keeper
from stemobs.catalogue.editing import wait_for_turn
from stemobs.catalogue.states.moments import read_latest_moment
from stemobs.databases.faults import read_postgresql_code
from tests.admin.forms import errors_on, filled_in
from tests.builders import make_organisation, make_partnership, make_programme
from tests.processes.readers import Readers, swap, versions_of
from tests.wsgi import Answer, ask

Step = tuple[str, dict[str, Any]]
TRIES = 20
DEADLOCK = "40P01"  # PostgreSQL's code
COMMANDS: dict[str, Callable[..., Any]] = {}
begun: list[transaction.Atomic] = []
reading: list[Readers] = []
signed_in = SimpleNamespace()


def serve(patience: int) -> None:
    """Run the command of each input line and write its result, until the input ends."""
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
    """Set the database's timeouts, so that writers wait long enough on a slow machine."""
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
    """Begin a transaction and read the revision, because PostgreSQL begins at the first query."""
    begun.append(transaction.atomic())
    begun[-1].__enter__()
    return read_latest_moment(connection).number


@command
def take_turn() -> None:
    """Begin a transaction that keeps forms waiting, as one does that saves a form."""
    begin()
    wait_for_turn()


@command
def commit() -> None:
    begun.pop().__exit__(None, None, None)


@command
def commit_and_die() -> None:
    """Commit, then kill this process without sending an answer."""
    commit()
    os.kill(os.getpid(), signal.SIGKILL)


@command
def transact(steps: Iterable[Step], keep: bool) -> None:
    """Run some commands in one transaction, which is rolled back unless `keep` is true.

    Two that waited for each other do so again if both begin anew at once, so each waits a while.
    """
    for times in range(TRIES):
        sleep(random.uniform(0, times / 10))
        with end_deadlock(), transaction.atomic():
            for step, given in steps:
                COMMANDS[step](**given)
            transaction.set_rollback(not keep)
            return
    raise RuntimeError("Two transactions waited for each other, however often one was tried.")


@contextmanager
def end_deadlock() -> Iterator[None]:
    """Go on after the block if PostgreSQL took it back because two waited for each other's rows."""
    try:
        yield
    except OperationalError as error:
        if read_postgresql_code(error) != DEADLOCK:
            raise


# --- Writing --------------------------------------------------------------------------------------


@cache
def prepare_to_look() -> None:
    """Let responses tell with what they were rendered."""
    setup_test_environment(debug=False)


@command
def curate(path: str, **changes: Any) -> list[Any]:
    """Open a form of the admin, change some fields and save; return the status and the errors."""
    page = find_client().get(path)
    changes = {name.replace("__", "-"): value for name, value in changes.items()}
    response = signed_in.client.post(path, {**filled_in(page), **changes})
    return [response.status_code, errors_on(response) if response.status_code == 200 else ""]


def find_client() -> Client:
    """Return a client that an administrator has signed in with, who needs nobody else."""
    settings.FOUR_EYES = False
    if not hasattr(signed_in, "client"):
        prepare_to_look()
        user = User.objects.create_superuser(f"clerk-{os.getpid()}")
        signed_in.client = Client(SERVER_NAME="127.0.0.1")
        signed_in.client.force_login(user)
    client: Client = signed_in.client
    return client


@command
def unite(stays: str, goes: str) -> list[Any]:
    """Merge an organisation into another of its type; return the status, and where it leads."""
    pks = dict(Organisation.objects.filter(slug__in=[stays, goes]).values_list("slug", "pk"))
    path = f"/admin/partnerships/organisation/{pks[stays]}/merge/?with={pks[goes]}"
    seen = find_client().get(path).context["page"].seen
    sent = {"drawn": seen, "stay": str(pks[stays]), "reason": "The same.", "_merge": "1"}
    answer = find_client().post(path, sent)
    return [answer.status_code, answer.headers.get("Location", "")]


@command
def make(countries: Iterable[str] = (), organisation: str = "", **fields: Any) -> None:
    """Make a programme, with a partner organisation if a name for it is given."""
    programme = make_programme(**fields)
    place(programme.slug, countries)
    if organisation:
        make_partnership(
            programme, make_organisation(slug=f"{programme.slug}-partner", name=organisation)
        )


@command
def fill(word: str, number: int) -> None:
    """Make so many programmes in one statement, which have the word in their names."""
    rows = [
        Programme(
            slug=f"{word}-{one}",
            name=f"{word} {one}",
            scope=Programme.Scope.NATIONAL,
            state=Programme.State.PUBLISHED,
        )
        for one in range(number)
    ]
    with transaction.atomic():
        Programme.objects.bulk_create(rows)


@command
def rename_many(word: str, name: str) -> None:
    with transaction.atomic():
        Programme.objects.filter(slug__startswith=word).update(name=name)


@command
def remove_many(word: str) -> None:
    with transaction.atomic():
        Programme.objects.filter(slug__startswith=word).delete()


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
    """Make a programme unless it exists; if another process makes it first, undo to a savepoint."""
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
    """Delete an organisation, and all partnerships of a programme before it."""
    with transaction.atomic():
        Programme.objects.get(slug=programme).partnerships.all().delete()
        Organisation.objects.get(slug=slug).delete()


@command
def make_pairs(word: str, pairs: int, version: int) -> None:
    """Make pairs of programmes, whose two programmes `readers.swap` always changes together."""
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
def count_full_readings(paths: Iterable[str]) -> int:
    """Ask for paths, and return how often the whole catalogue was read for them."""
    name = "stemobs.catalogue.catalogue.build_catalogue"
    with patch(name, wraps=build_catalogue) as build:
        assert {ask_here(path).status for path in paths} == {200}
    return build.call_count


@command
def look(paths: Iterable[str]) -> list[Any]:
    """Return the API's answers at some paths, from a catalogue that is rebuilt first."""
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
    """Return how many programmes each thread sees while this one holds the catalogue's lock."""
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
    """Ask a path twice; the first time, another connection commits `step` before a query.

    `before` is a part of that query's SQL. Return status and JSON of both answers.
    """
    left = [step]

    def interrupt(execute: Callable[..., Any], statement: str, *rest: Any) -> Any:
        if before in statement and left:
            do_elsewhere(*left.pop())
        return execute(statement, *rest)

    with connection.execute_wrapper(interrupt):
        answers = [ask_here(path), ask_here(path)]
    assert not left, f"No query contained {before!r}."
    return [(answer.status, json.loads(answer.body)) for answer in answers]


@command
def ask_in_between(path: str, hook: str, steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Ask a path three times; the second time, other threads run `steps` after a call of `hook`.

    `hook` is the dotted name of a function. Caches of cards and answers are emptied before the
    second time, so that rows are read from the database.
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
    assert not left, f"{hook} was never called."
    answers.append(ask_here(path))
    return [
        {"status": one.status, "tag": one.headers.get("ETag"), "body": one.body.decode()}
        for one in answers
    ]


@command
def catch_up() -> int:
    """Renew the catalogue as a request does, and return its revision."""
    return get_current_catalogue().revision


def do_elsewhere(step: str, given: dict[str, Any]) -> None:
    """Run a command in another thread, which has its own database connection, and wait for it."""

    def do() -> None:
        COMMANDS[step](**given)
        connection.close()

    thread = Thread(target=do)
    thread.start()
    thread.join()
