"""Fixtures: one database, two gunicorn hosts that share only the database, and writer processes."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from pytest_django import DjangoDbBlocker

from tests.processes.hosts import (
    HOSTS,
    WORKERS,
    WRITERS,
    Environment,
    assert_every_worker_lists,
)
from tests.servers import (
    Clerk,
    Server,
    free_port,
    seeded_site,
    started,
    wait_until_ready,
)


@pytest.fixture(scope="session")
def environment(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Environment]:
    """Environment variables of a site with a migrated and seeded database."""
    folder = tmp_path_factory.mktemp("processes")
    with seeded_site(folder, django_db_blocker, "http://127.0.0.1") as settings:
        yield {**settings, "DEATH_WARRANT": str(folder / "warrant")}


@pytest.fixture(scope="session")
def hosts(
    environment: Environment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Server]]:
    """Two gunicorn servers that share nothing but the database."""
    folder = tmp_path_factory.mktemp("logs")
    options = ("--workers", str(WORKERS), "--threads", "2")
    with ExitStack() as stack:
        servers = []
        for number in range(HOSTS):
            listener, log = stack.enter_context(free_port()), folder / f"{number}.log"
            host = started(
                environment, listener, log, *options, application="tests.processes.worker"
            )
            servers.append(stack.enter_context(host))
        for server in servers:
            wait_until_ready(server)
        yield servers


@pytest.fixture(scope="session")
def writers(environment: Environment) -> Iterator[list[Clerk]]:
    with ExitStack() as stack:
        clerks = [Clerk(environment) for _number in range(WRITERS)]
        for clerk in clerks:
            stack.callback(clerk.close)
        yield clerks


@pytest.fixture(scope="session")
def writer(writers: list[Clerk]) -> Clerk:
    return writers[0]


@pytest.fixture
def mortal(environment: Environment) -> Iterator[Clerk]:
    """A writer process for one test, which the test may kill."""
    with closing(Clerk(environment)) as clerk:
        yield clerk


@pytest.fixture
def word() -> str:
    """A random word, so that a search for it finds only programmes of one test."""
    return f"w{secrets.token_hex(5)}"


@pytest.fixture
def made(writer: Clerk, hosts: list[Server], word: str) -> str:
    """The slug of a new programme of one test, after all workers have seen it."""
    writer.do(
        "make",
        slug=word,
        name=f"{word} before",
        countries=["NL"],
        status="active",
        organisation=f"{word} Ltd",
    )
    assert_every_worker_lists(
        hosts,
        word,
        [f"{word} before"],
        country={"Netherlands": 1},
        status={"Running": 1},
        organisation={f"{word} Ltd": 1},
    )
    return word
