"""Curators while the database is away: 503 or 507, with their text kept and to be sent again."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.db import connection

from tests import chance
from tests.faults.curators import Curator, Fields, Page
from tests.faults.sites import PASSWORD, Site, limited_file_size, locked_for_writing, without_table
from tests.servers import wait_until

pytestmark = pytest.mark.slow

Break = Callable[[Site], AbstractContextManager[None]]
SUMMARY = "\n\nTwo <em>lines</em> & \"quotes\" with '</textarea>'\nthat nobody may lose: {word}."

ON_POSTGRESQL: dict[str, Break] = {
    "stopped": lambda site: site.cluster.stopped(),
    "frozen": lambda site: site.cluster.frozen(),
    "a table locked": lambda site: site.cluster.locked("programmes_programme"),
    "on standby": lambda site: site.cluster.on_standby(),
    "out of connections": lambda site: site.cluster.full_of_connections(),
    "a table missing": lambda site: site.cluster.missing("django_admin_log"),
}
ON_SQLITE: dict[str, Break] = {
    "locked": lambda site: locked_for_writing(site.file),
    "no room": limited_file_size,
    "a table missing": lambda site: without_table(site.file, "django_admin_log"),
}
IS_SQLITE = connection.vendor == "sqlite"
FAULTS = ON_SQLITE if IS_SQLITE else ON_POSTGRESQL
# These keep nobody from signing in, which does not need what they take away.
SPARED = ("a table locked", "a table missing")
# A trial breaks the forms in every way.
TRIED = FAULTS if chance.TIMES else [*FAULTS][:1]


@pytest.fixture(scope="module")
def curator(site: Site) -> Curator:
    curator = Curator(site)
    assert curator.sign_in().status == 302
    return curator


@pytest.fixture(scope="module")
def address(curator: Curator) -> str:
    """The address of the form of a programme."""
    return curator.find_programme()


def edit(curator: Curator, address: str, summary: str) -> Fields:
    fields = curator.ask(address).read_form(address)
    kept = [(name, value) for name, value in fields if name != "summary"]
    assert len(kept) == len(fields) - 1
    return [*kept, ("summary", summary), ("_continue", "Save and continue editing")]


def leave_out_token(fields: Fields) -> Fields:
    return sorted(pair for pair in fields if pair[0] != "csrfmiddlewaretoken")


def read_summary(curator: Curator, address: str) -> str:
    return dict(curator.ask(address).read_form(address))["summary"]


def is_well(curator: Curator, address: str) -> bool:
    """Whether both processes answer: each tries the database half a second after a slow fault."""
    return all(curator.ask(address).status == 200 for _turn in range(6))


def assert_is_refusal(page: Page) -> None:
    assert page.status in (503, 507)
    assert int(page.headers["Retry-After"]) > 0
    assert "no-store" in page.headers["Cache-Control"]
    assert PASSWORD not in page.text


@pytest.mark.parametrize("fault", TRIED)
def test_a_form_that_fails_keeps_all_its_text_and_can_be_sent_again_from_the_error_page(
    site: Site, curator: Curator, address: str, fault: str
) -> None:
    summary = SUMMARY.format(word=fault).replace("\n", "\r\n")
    before = read_summary(curator, address)
    fields = edit(curator, address, summary)
    with FAULTS[fault](site):
        begun = time.monotonic()
        page = curator.ask(address, fields)
        assert time.monotonic() - begun < 8
        assert_is_refusal(page)
    wait_until(lambda: is_well(curator, address), "curators are answered again")
    assert read_summary(curator, address) == before
    again = page.read_form(address)
    without_token = [pair for pair in fields if pair[0] != "csrfmiddlewaretoken"]
    assert sorted(pair for pair in again if pair[0] != "csrfmiddlewaretoken") == sorted(
        without_token
    )
    assert curator.ask(address, again).status == 302
    assert "nobody may lose" in read_summary(curator, address)
    assert "Traceback" not in site.read_log()


@pytest.mark.parametrize("fault", TRIED)
def test_signing_in_fails_with_a_503_that_does_not_repeat_the_password(
    site: Site, fault: str
) -> None:
    visitor = Curator(site)
    path = "/admin/login/"
    form = visitor.ask(path).read_form(path)
    given = {"username": "curator", "password": PASSWORD}
    fields = [*(pair for pair in form if pair[0] not in given), *given.items()]
    with FAULTS[fault](site):
        page = visitor.ask(path, fields)
        if fault in SPARED:
            assert page.status == 302
        else:
            assert_is_refusal(page)
            assert f'href="{path}"' in page.text
    wait_until(lambda: visitor.sign_in().status == 302, "signing in works again")
    assert "Traceback" not in site.read_log()
