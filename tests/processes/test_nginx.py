"""Tests of the site behind nginx with its usual buffers and a cache, for every kind of address."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import chance
from tests.processes.hosts import Environment
from tests.proxies import Reply, nginx_before, send_request
from tests.servers import Server, free_port, manage, served

pytestmark = pytest.mark.once

PROXY_BUFFER = 4_096  # bytes into which nginx reads the head of an answer
OWN = {
    "Connection", "Content-Length", "Date", "Server", "Transfer-Encoding", "X-Cache", "X-Request-ID"
}  # fmt: skip
# Words for the parameters of addresses, by the beginning of the address's name.
WORDS = {
    "programme": "jet-net-nl", "organisation": "shell", "country": "nl", "insight": "gaps",
    "api-programmes": "jet-net-nl", "api-programme": "jet-net-nl", "api-organisations": "shell",
    "api-countries": "NL", "api-education-levels": "3",
    "suggestion": "a" * 26,
}  # fmt: skip
OTHER = {"ending": "bib", "number": 1, "part": "pages", "name": "no-dump.zip", "format": "json"}
# Forms that are another one each time they are asked for.
NEVER_THE_SAME = ("xlsx", "/suggest/")
# Names whose rows are found by the API's list of this name.
LISTED = {"platform": "platforms", "strategy": "strategies", "guide": "guides"}
# Selections with long addresses, besides one address of each kind.
COUNTRIES = "&".join(f"country={code}" for code in ("NL", "DE", "FR", "ES", "IT", "SE", "FI", "BE"))
LONG = [
    f"/api/v1/programmes/?page_size=10&page=2&{COUNTRIES}&{COUNTRIES}&{COUNTRIES}",
    f"/programmes/?{COUNTRIES}&sort=name",
]


class Pair(NamedTuple):
    """The ports at which the same site answers: its own, and that of nginx before it."""

    site: int
    proxy: int
    server: Server


@pytest.fixture(scope="module")
def pair(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("nginx")
    own = {
        **environment,
        "SECURITY_CONTACT": "mailto:a@example.org",
        "SITE_URL": f"http://{'long-' * 12}.{'host-' * 12}.example.org",
    }
    with (
        free_port() as listener,
        served(own, listener, folder / "site.log", "--threads", "4") as server,
        nginx_before(server.port, Path(own["MEDIA_ROOT"]), folder) as proxy,
    ):
        yield Pair(server.port, proxy, server)


# --- Every kind of address ------------------------------------------------------------------------


def list_patterns(found: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for one in found:
        if isinstance(one, URLPattern):
            # Only uploaded files have no name. The proxy serves them; with debug on, the site does.
            if one.name:
                yield one
        elif one.namespace != "admin":
            yield from list_patterns(one.url_patterns)


def list_addresses(pair: Pair) -> list[str]:
    """Return an address of every pattern of the URL configuration, and long ones."""
    patterns = [*list_patterns(get_resolver().url_patterns)]
    return [*dict.fromkeys(make_address(pattern, pair) for pattern in patterns), *LONG]


def make_address(pattern: URLPattern, pair: Pair) -> str:
    name = pattern.name or ""
    names = {*pattern.pattern.regex.groupindex} | {*getattr(pattern.pattern, "converters", {})}
    known = {name: OTHER[name] for name in names if name in OTHER}
    needed = {word: find_word(name, pair) for word in names - {*OTHER, "revision"}}
    if "revision" in names:
        needed["revision"] = pair.server.ask("/health/ready").json()["revision"]
    address = reverse(name, kwargs={**known, **needed})
    return f"{address}?group_by=kind" if name.endswith("-counts") else address


def find_word(name: str, pair: Pair) -> str:
    base = name.removesuffix("-detail").removesuffix("-citation")
    begun = [start for start in WORDS if base == start or base.startswith(f"{start}-")]
    if begun:
        return WORDS[max(begun, key=len)]
    listed = LISTED.get(base, base.removeprefix("api-"))
    answer = pair.server.ask(f"/api/v1/{listed}/?page_size=1")
    (row,) = answer.json()["results"]
    return str(row.get("slug", row.get("code")))


def keep_site_headers(reply: Reply) -> dict[str, str]:
    """Return the headers of the site that two answers in different seconds share."""
    # An answer that must not be kept expires in the very second in which it was made.
    passing = {"Expires"} if "no-store" in reply.headers.get("Cache-Control", "") else set()
    return {name: value for name, value in reply.headers.items() if name not in OWN | passing}


def test_every_kind_of_address_is_the_same_before_and_behind_the_proxy(pair: Pair) -> None:
    addresses = list_addresses(pair)
    assert len(addresses) > 60
    asked = chance.thin(addresses, 6)
    faults = {address: [*find_faults(pair, address)] for address in asked}
    assert [f"{address}: {told}" for address, several in faults.items() for told in several] == []
    assert "body bytes" not in pair.server.log.read_text()


def find_faults(pair: Pair, address: str) -> Iterator[str]:
    """Yield what is wrong with the answers of an address, before the proxy and behind it."""
    zipped = send_request(pair.proxy, address, Accept_Encoding="gzip")
    plain, again, direct = (
        send_request(port, address) for port in (pair.proxy, pair.proxy, pair.site)
    )
    if direct.head_size > PROXY_BUFFER - 600:
        yield f"a head of {direct.head_size} bytes"
    if zipped.status != direct.status or zipped.status >= 500:
        yield f"status {zipped.status} and {direct.status}"
    if any("Content-Encoding" in one.headers for one in (plain, again, direct)):
        yield "gzip for a client that did not ask for it"
    bodies = {plain.body, again.body, direct.body, unpack(zipped)}
    if len(bodies) > 1 and not address.endswith(NEVER_THE_SAME):
        yield "another body"
    if not keep_site_headers(plain) == keep_site_headers(again) == keep_site_headers(direct):
        yield f"headers {keep_site_headers(again)} and {keep_site_headers(direct)}"
    if direct.status == 200 and "public" in direct.headers.get("Cache-Control", ""):
        yield from find_cache_faults(pair, address, [zipped, plain, again], direct)
    yield from find_head_faults(pair, address, direct)


def unpack(reply: Reply) -> bytes:
    return gzip.decompress(reply.body) if "Content-Encoding" in reply.headers else reply.body


def find_cache_faults(
    pair: Pair, address: str, replies: list[Reply], direct: Reply
) -> Iterator[str]:
    kept = [reply.headers["X-Cache"] for reply in replies]
    if kept[-1] != "HIT" or kept[0] != "MISS":
        yield f"the cache said {kept}"
    said = {"If_None_Match": direct.headers["ETag"]}
    for port in (pair.site, pair.proxy):
        same = send_request(port, address, **said)
        if (same.status, same.body) != (304, b""):
            yield f"{same.status} for the tag that was sent"
        if same.headers.get("Vary") != direct.headers["Vary"]:
            yield f"Vary {same.headers.get('Vary')} of a 304, {direct.headers['Vary']} of a 200"
        since = direct.headers.get("Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT")
        expected = 304 if "Last-Modified" in direct.headers else 200
        if send_request(port, address, If_Modified_Since=since).status != expected:
            yield f"not {expected} for the time {since}"


def find_head_faults(pair: Pair, address: str, direct: Reply) -> Iterator[str]:
    for port in (pair.site, pair.proxy):
        head = send_request(port, address, "HEAD")
        if (head.status, head.body) != (direct.status, b""):
            yield f"{head.status} for HEAD"
        if direct.status == 200 and keep_site_headers(head) != keep_site_headers(direct):
            yield f"headers of HEAD {keep_site_headers(head)}, of GET {keep_site_headers(direct)}"


# --- Curators -------------------------------------------------------------------------------------

SIGN_IN = """
import importlib
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
user = User.objects.create_superuser("nginx")
session = importlib.import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
session.create()
open({file!r}, "w").write(session.session_key)
"""


def test_a_curator_takes_nothing_from_the_cache_and_leaves_nothing_in_it(
    pair: Pair, environment: Environment, tmp_path: Path
) -> None:
    file = tmp_path / "session"
    manage(environment, "shell", "--command", SIGN_IN.format(file=str(file)))
    curator = {"Cookie": f"sessionid={file.read_text()}"}
    for path in ("/countries/se/", "/programmes/?country=SE", "/programmes/crest-awards/"):
        seen = [
            send_request(pair.proxy, path, **headers) for headers in (curator, {}, curator, {}, {})
        ]
        assert [reply.status for reply in seen] == [200] * 5
        assert {reply.headers["X-Cache"] for reply in (seen[0], seen[2])} == {"MISS"}
        assert [seen[place].headers["X-Cache"] for place in (1, 3, 4)] == ["MISS", "HIT", "HIT"]
        assert all("private" in seen[place].headers["Cache-Control"] for place in (0, 2))
    asked = [curator, {}, curator, {}]
    admin = [send_request(pair.proxy, "/admin/", **headers).status for headers in asked]
    assert admin == [200, 302, 200, 302]


# --- Files and errors -----------------------------------------------------------------------------


def find_style(pair: Pair) -> str:
    page = send_request(pair.site, "/about/").body.decode()
    return next(part for part in page.split('"') if part.endswith(".css"))


def test_each_coding_of_a_static_file_has_its_own_tag_and_ranges_are_not_offered(
    pair: Pair,
) -> None:
    style, tags = find_style(pair), set()
    for accepted, coding in (("gzip", "gzip"), ("br", "br"), ("br;q=0, gzip;q=0", None)):
        said = {"Accept_Encoding": accepted}
        whole = send_request(pair.site, style, **said)
        assert whole.headers.get("Content-Encoding") == coding
        assert whole.headers["Vary"] == "Accept-Encoding"
        tag = whole.headers["ETag"]
        tags.add(tag)
        for match in (tag, f'"other", {tag}', f"W/{tag}"):
            same = send_request(pair.site, style, If_None_Match=match, **said)
            assert (same.status, same.headers["ETag"]) == (304, tag)
            assert same.headers["Vary"] == "Accept-Encoding"
        for more in ({}, {"If_Range": '"another"'}, {"If_Range": tag}):
            part = send_request(pair.site, style, Range="bytes=0-9", **said, **more)
            assert (part.status, part.body) == (200, whole.body)
        since = {"If_Modified_Since": whole.headers["Last-Modified"]}
        assert send_request(pair.site, style, **since, **said).status == 304
        assert send_request(pair.proxy, style, **said).body == whole.body
    assert len(tags) == 3


@pytest.mark.parametrize("path", ["/nowhere/", "/api/v1/nowhere/", "/programmes/?q=%00"])
def test_head_of_an_error_has_no_body_and_causes_no_warning(pair: Pair, path: str) -> None:
    head = send_request(pair.site, path, "HEAD")
    assert head.status in (400, 404)
    assert head.body == b""
    assert send_request(pair.site, path, "HEAD", Content_Type="a/b; charset=").status == 400
    assert "body bytes" not in pair.server.log.read_text()


@pytest.mark.parametrize("query", ["q=&country=NL&", "utm_source=x&country=NL&"])
@pytest.mark.parametrize("path", ["/programmes/", "/Programmes", "/api/v1/guides"])
def test_no_address_is_too_long_for_the_buffer_of_the_proxy(
    pair: Pair, path: str, query: str
) -> None:
    for length in (900, 1_400, 2_600, 3_400, 7_900):
        address = f"{path}?{query}{'country=NL&' * length}"[:length].rpartition("&")[0]
        replies = [send_request(port, address) for port in (pair.proxy, pair.site)]
        assert replies[0].status == replies[1].status
        assert replies[0].status in (200, 301, 302, 400)
        assert max(reply.head_size for reply in replies) < PROXY_BUFFER
        assert "Location" not in replies[0].headers or length == 900
