"""Suggestions by a real gunicorn: no log has the address of one, and long bodies are answered."""

from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings

from tests.curation.suggesting import fill_in
from tests.processes.hosts import Environment
from tests.servers import PATIENCE, Answer, Server, free_port, served, wait_until

FORM_TYPE = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def site(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site that logs every request with all that gunicorn can tell of it."""
    log = tmp_path_factory.mktemp("suggestions") / "site.log"
    told = "%(r)s %(U)s %(f)s %({referer}i)s %({location}o)s %({raw_uri}e)s %(s)s"
    options = ("--threads", "2", "--access-logfile", "-", "--access-logformat", told)
    with free_port() as listener, served(environment, listener, log, *options) as server:
        yield server


def post(site: Server, path: str, body: bytes) -> Answer:
    asked = HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE)
    try:
        asked.request("POST", path, body, {"Content-Type": FORM_TYPE, "Connection": "close"})
        answer = asked.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        asked.close()


def test_no_log_has_the_token_of_a_suggestion(
    site: Server, environment: Environment, settings: LazySettings
) -> None:
    settings.SECRET_KEY = environment["SECRET_KEY"]
    sent = post(site, "/suggest/", urlencode(fill_in()).encode())
    assert sent.status == 303, sent.body
    address = sent.headers["Location"]
    token = address.split("/")[2]
    assert b"has arrived" in site.ask(address).body
    site.ask(address.rstrip("/"))
    site.ask(f"{address}?x=1", Referer=f"http://127.0.0.1{address}")
    site.ask(f"/suggest/{token[::-1]}/")
    site.ask("/about/?the-last-line")
    wait_until(lambda: "the-last-line" in site.log.read_text(), "all is logged")
    log = site.log.read_text()
    assert "/suggest/…" in log
    assert token not in log
    assert token[::-1] not in log


def test_a_body_of_ten_megabytes_gets_its_answer(site: Server) -> None:
    refused = post(site, "/suggest/", b"said=" + b"x" * 10_000_000)
    assert refused.status == 413
    assert b"more than we can read" in refused.body
