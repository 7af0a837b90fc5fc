"""What the link check finds of servers: a table of behaviours, and what it never does."""

import os
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from stemobs.curation.links import asking
from stemobs.curation.links.asking import (
    MOST_READ,
    Internet,
    Outcome,
    Unreachable,
    ask,
    is_open_port,
    name_host,
    read_target,
    resolve,
)
from stemobs.curation.links.visiting import Finding, Visit, is_front, read_pause
from tests.curation.links.behaviours import CASES, PORT, Case, list_behaviours, page
from tests.curation.links.webs import Web, make_certificate, serve

NOW = datetime(2026, 11, 29, 2, tzinfo=UTC)
PATIENCE = 1.0  # seconds, in place of 15
# Of those that let one wait until the end.
IMPATIENCE = 0.3


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with serve(list_behaviours()) as web:
        yield web


def look(address: str, internet: Internet, patience: float = PATIENCE) -> Finding:
    """Look at an address as the check does, without its pauses."""
    visit = Visit(0, 1, address, patience)
    while True:
        try:
            finding = visit.take_in(ask(visit.address, visit.seconds, internet), NOW)
        except Unreachable as error:
            return Finding(error.outcome)
        if finding:
            return finding


@pytest.mark.parametrize(("name", "case"), CASES.items(), ids=list(CASES))
def test_each_behaviour_of_a_server_has_its_outcome(web: Web, name: str, case: Case) -> None:
    patience = IMPATIENCE if case.outcome == Outcome.TOO_SLOW else 10
    finding = look(web.address(f"/{name}", case.host), web.internet(), patience)
    moved_to = case.moved_to.replace(PORT, str(web.port))
    assert finding[:3] == (case.outcome, case.status, moved_to)


def test_nobody_listening_is_a_refused_connection(web: Web) -> None:
    with serve({}) as gone:
        address = gone.address("/")
    assert look(address, web.internet()).outcome is Outcome.NO_CONNECTION


# --- Certificates ---------------------------------------------------------------------------------


def test_a_certificate_counts_for_its_own_host_and_if_somebody_trusted_signed_it(
    tmp_path: Path,
) -> None:
    trusted, context = make_certificate(tmp_path, "site.example")
    with serve({"/": page()}, context) as web:
        address = web.address("/")
        assert look(address, web.internet(trusted), 10) == Finding(Outcome.WORKS, 200)
        # Signed by itself, and of another name.
        assert look(address, web.internet(), 10).outcome is Outcome.CERTIFICATE
        other = web.address("/", "other.example")
        assert look(other, web.internet(trusted), 10).outcome is Outcome.CERTIFICATE


def test_https_where_nobody_speaks_it_is_no_secure_connection(web: Web) -> None:
    address = f"https://site.example:{web.port}/garbage"
    assert look(address, web.internet(), 10).outcome is Outcome.CERTIFICATE


def test_the_check_trusts_whom_the_system_trusts_and_checks_names() -> None:
    context = Internet().context
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


# --- The true rule of which numbers are public ----------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "169.254.169.254", "100.64.0.1",
        "0.0.0.1", "224.0.0.1", "255.255.255.255", "2130706433", "0x7f000001", "017700000001",
        "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]", "localhost", "router.lan", "printer.local", "intranet",
        "%31%32%37.0.0.1", "１２７.0.0.1",
    ],
)  # fmt: skip
def test_with_the_true_rule_nobody_is_asked_within_a_network(web: Web, host: str) -> None:
    before = len(web.asked)
    found = look(f"http://{host}:{web.port}/good", Internet())
    assert found.outcome is Outcome.NOT_PUBLIC
    assert len(web.asked) == before


@pytest.mark.parametrize("number", ["127.0.0.1", "10.0.0.1", "::1", "::ffff:10.0.0.1", "fd00::1"])
def test_with_the_true_rule_a_public_name_with_a_private_number_is_not_asked(
    web: Web, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups: list[str] = []

    def resolve_to_private(host: str, seconds: float) -> list:
        lookups.append(host)
        return resolve(number, seconds)

    before = len(web.asked)
    found = look(f"http://museum.example:{web.port}/good", Internet(resolve_to_private))
    assert found.outcome is Outcome.NOT_PUBLIC
    assert lookups == ["museum.example"]
    assert len(web.asked) == before


def test_a_name_is_looked_up_once_a_request_so_that_it_cannot_lead_elsewhere(web: Web) -> None:
    web.resolved.clear()
    assert look(web.address("/good", "once.example"), web.internet()).outcome is Outcome.WORKS
    assert web.resolved == ["once.example"]


def test_a_name_that_does_not_exist_has_no_host() -> None:
    with pytest.raises(Unreachable) as caught:
        resolve("there-is-no-such-name.invalid", 30)
    assert caught.value.outcome is Outcome.NO_HOST


# --- What is sent and read ------------------------------------------------------------------------


def test_a_request_says_who_asks_and_nothing_else(web: Web) -> None:
    web.heads.clear()
    look(web.address("/good?a=ü#part"), web.internet())
    assert web.heads == [
        "GET /good?a=%C3%BC HTTP/1.1\r\n"
        f"Host: site.example:{web.port}\r\n"
        "User-Agent: STEM-Observatory-link-check (+http://127.0.0.1:8000/about/)\r\n"
        "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"
        "Accept-Encoding: identity\r\n"
        "Connection: close\r\n\r\n"
    ]


def test_a_host_beyond_ascii_is_asked_for_in_punycode() -> None:
    assert read_target("https://BÜCHER.example/") == ("https", "xn--bcher-kva.example", 443, "/")
    assert read_target("https://xn--bcher-kva.example").named == "xn--bcher-kva.example"
    assert name_host("http://[2a00:1450::1]/") == "2a00:1450::1"
    assert read_target("http://[2a00:1450::1]/").named == "[2a00:1450::1]"


def test_proxies_of_the_environment_are_not_used(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setitem(os.environ, name, "http://127.0.0.1:1")
    assert look(web.address("/good"), web.internet()).outcome is Outcome.WORKS


@pytest.mark.parametrize("name", ["endless-body", "endless-chunks", "endless-line", "huge-head"])
def test_no_more_than_64_kilobytes_are_read(
    web: Web, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0

    class Counted(asking.Incoming):
        def readinto(self, buffer: Any) -> int:
            nonlocal read
            number = super().readinto(buffer)
            read += number
            return number

    monkeypatch.setattr(asking, "Incoming", Counted)
    look(web.address(f"/{name}"), web.internet(), 10)
    assert 0 < read <= MOST_READ


@pytest.mark.parametrize(
    ("port", "is_open"),
    {
        80: True,
        443: True,
        8080: True,
        8443: True,
        22: False,
        25: False,
        0: False,
        6667: False,
    }.items(),
)
def test_only_usual_ports_and_high_ones_are_asked(port: int, is_open: bool) -> None:
    assert is_open_port(port) is is_open


# --- Pauses and front pages -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    {
        "120": 120, "0": 0, "": 0, "-5": 0, "soon": 0, "9" * 5000: 0, "999999999": 7 * 86400,
        "Sun, 29 Nov 2026 02:05:00 GMT": 300, "Sun, 29 Nov 2026 01:00:00 GMT": 0,
        "Sun, 29 Nov 2026 02:05:00": 0, "Mon, 99 Foo 2026": 0, "٣": 0,
    }.items(),
)  # fmt: skip
def test_a_pause_is_read_from_seconds_and_dates_and_else_is_none(text: str, seconds: int) -> None:
    assert read_pause(text, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("path", "is_one"),
    {"": True, "/": True, "/en": True, "/de-at/": True, "/index.html": True, "/home": True,
     "/stem": False, "/?p=7": False, "/en/stem": False}.items(),
)  # fmt: skip
def test_a_front_page_is_one_in_any_language(path: str, is_one: bool) -> None:
    assert is_front(f"https://museum.example{path}") is is_one


def test_a_page_that_moved_is_named_with_the_place_in_it(web: Web) -> None:
    found = look(web.address("/moved#part"), web.internet())
    assert found.moved_to == web.address("/good#part")
