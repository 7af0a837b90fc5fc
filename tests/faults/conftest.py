"""Fixtures: a site on a database that tests may break, and its answers while it is whole."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.faults.clusters import Cluster
from tests.faults.sites import Site, own_site


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Site]:
    """Gunicorn with two workers of four threads, on a database of its own."""
    with own_site(tmp_path_factory.mktemp("faults"), django_db_blocker) as served:
        yield served


@pytest.fixture(scope="session")
def primary(site: Site) -> Cluster:
    """The server of the site's database, where that is PostgreSQL."""
    assert site.cluster
    return site.cluster


@pytest.fixture(autouse=True)
def _well_again(request: pytest.FixtureRequest) -> Iterator[None]:
    """End each test with a site that answers, so that the next one meets no fault but its own."""
    yield
    for name in {"site", "host"} & {*request.fixturenames}:
        request.getfixturevalue(name).wait_until_well()


# For each module, because tests of others save.
@pytest.fixture(scope="module")
def right(site: Site) -> dict[str, str]:
    """The right text of each path, which the workers have in memory from then on."""
    return site.read_right_answers()
