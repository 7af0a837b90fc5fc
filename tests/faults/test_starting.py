"""A site that is started while its database is away."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.faults.load import ask
from tests.faults.sites import WORKERS, Site
from tests.servers import Server, free_port, started, wait_until

pytestmark = pytest.mark.slow


@contextmanager
def missing(site: Site, folder: Path) -> Iterator[str]:
    """Yield the URL of a database that is not there within the block, and is there after it."""
    if site.cluster:
        with site.cluster.stopped():
            yield site.cluster.url
        return
    place = folder / "later" / "site.sqlite3"
    yield f"sqlite:///{place}"
    place.parent.mkdir()
    shutil.copy(site.file, place)


def is_answered(server: Server, path: str) -> bool:
    return ask(server.port, path).kind == "200"


def test_a_site_started_without_its_database_says_so_and_answers_when_it_is_there(
    site: Site, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(free_port())
        with missing(site, tmp_path) as url:
            environment = {**site.environment, "DATABASE_URL": url}
            server = stack.enter_context(started(environment, listener, tmp_path / "log", *WORKERS))
            wait_until(lambda: ask(server.port, "/health/live").status == 200, "it is alive")
            for path in ("/", "/programmes/", "/programmes.csv", "/api/v1/programmes/"):
                answer = ask(server.port, path)
                assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
            assert ask(server.port, "/health/ready").status == 503
        # If the last fault took long, as on a busy machine, nobody asks the database for a moment.
        for path in ("/", "/programmes/", "/programmes.csv", "/api/v1/programmes/"):
            wait_until(partial(is_answered, server, path), f"{path} is answered")
        assert "Traceback" not in server.log.read_text()
