"""Tests of long addresses against a real gunicorn: what the API links to, it accepts."""

import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest
from pytest_django import DjangoDbBlocker

from stemobs.addresses import MAX_QUERY_BYTES
from stemobs.http.addresses.server import send_refusal
from tests.servers import Server, address_of, free_port, seeded_site, served

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Server]:
    """A site served by gunicorn, with a seeded database."""
    folder: Path = tmp_path_factory.mktemp("site")
    with (
        free_port() as listener,
        seeded_site(folder, django_db_blocker, address_of(listener)) as environment,
        served(environment, listener, folder / "gunicorn.log", "--threads", "1") as running,
    ):
        yield running


def list_slugs(site: Server, number: int) -> str:
    pages = range(1, number // 100 + 1)
    rows = (
        row["slug"]
        for page in pages
        for row in site.ask(f"/api/v1/organisations/?page_size=100&page={page}").json()["results"]
    )
    return ",".join(rows)


@pytest.mark.parametrize("begin", ["", "&cursor=*"])
def test_every_page_of_a_long_selection_can_be_reached_by_its_links(
    site: Server, begin: str
) -> None:
    address = f"/api/v1/programmes/?page_size=50&organisation={list_slugs(site, 200)}{begin}"
    seen = 0
    while address:
        assert len(address) < 8_000
        answer = site.ask(address).json()
        seen += len(answer["results"])
        asked = urlsplit(answer["next"] or "")
        address = asked.path and f"{asked.path}?{asked.query}"
    assert seen == answer["count"] > 50


def test_the_longest_query_is_served_and_a_longer_one_gets_problem_details(site: Server) -> None:
    start = "q="
    longest = start + "a" * (MAX_QUERY_BYTES - len(start))
    assert site.ask(f"/api/v1/programmes/?{longest}").status == 400  # a search of 8 kB
    for more in (1, 150, 1_000, 100_000):
        answer = site.ask(f"/api/v1/programmes/?{longest}{'a' * more}")
        assert (answer.status, answer.headers["Content-Type"]) == (414, PROBLEM)
        assert b'"detail"' in answer.body


def test_a_refused_sender_that_never_ends_holds_no_thread() -> None:
    ours, theirs = socket.socketpair()
    over = Event()

    def drip() -> None:
        while not over.wait(0.05):
            theirs.send(b"a")

    sender = Thread(target=drip)
    sender.start()
    try:
        send_refusal(ours)
    finally:
        over.set()
        sender.join()
    assert theirs.recv(65_536).startswith(b"HTTP/1.1 414 ")
    ours.close()
    theirs.close()


@pytest.mark.parametrize("name", ["SCRIPT_NAME", "PATH_INFO"])
def test_a_client_cannot_shift_the_address_by_a_header(site: Server, name: str) -> None:
    for shifted in ("/x", "/api", "/about/"):
        answer = site.ask("/api/v1/countries/NL/", **{name: shifted})
        assert answer.json()["code"] == "NL"
