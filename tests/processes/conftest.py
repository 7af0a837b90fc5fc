"""The site of these tests: one database, two hosts that share nothing else, some writers."""

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
    every_worker_tells,
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
    """The settings of a site whose database is migrated and seeded."""
    folder = tmp_path_factory.mktemp("processes")
    with seeded_site(folder, django_db_blocker, "http://127.0.0.1") as settings:
        yield {**settings, "DEATH_WARRANT": str(folder / "warrant")}


@pytest.fixture(scope="session")
def hosts(
    environment: Environment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Server]]:
    """Two gunicorns that share nothing but the database."""
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
    """A writer that may die."""
    with closing(Clerk(environment)) as clerk:
        yield clerk


@pytest.fixture
def word() -> str:
    """A word that only the programmes of one test have."""
    return f"w{secrets.token_hex(5)}"


@pytest.fixture
def made(writer: Clerk, hosts: list[Server], word: str) -> str:
    """A word that one programme has, which every worker knows."""
    writer.do(
        "make",
        slug=word,
        name=f"{word} before",
        countries=["NL"],
        status="active",
        organisation=f"{word} Ltd",
    )
    every_worker_tells(
        hosts,
        word,
        [f"{word} before"],
        country={"Netherlands": 1},
        status={"Active": 1},
        organisation={f"{word} Ltd": 1},
    )
    return word
