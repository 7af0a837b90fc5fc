"""Tests with random and malicious paths, queries, headers, methods and bodies.

No request may get a 5xx or an answer without security headers. The requests go directly to the
WSGI application.
"""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.http import Http404
from django.test import RequestFactory, override_settings
from hypothesis import example, given
from hypothesis import strategies as st

from programmes.models import Programme
from stemobs.api.urls import RESOURCES
from stemobs.http.headers import list_security_headers
from stemobs.pages.media import send_picture
from stemobs.selection.facets import FACETS
from stemobs.selection.programmes import ProgrammeFilter
from tests import chance
from tests.wsgi import Answer, ask

pytestmark = pytest.mark.django_db

hostile = chance.steady(100)

PAGES = (
    "/", "/programmes/", "/organisations/", "/countries/", "/platforms/", "/strategies/",
    "/guides/", "/about/", "/about/data/", "/feeds/programmes.rss", "/feeds/programmes.atom",
    "/feeds/withdrawn.rss", "/programmes.bib", "/programmes/jet-net-nl.ris", "/insights/gaps.bib",
    "/health/live", "/health/ready", "/admin/login/", "/search/", "/search/suggestions/",
)  # fmt: skip
DETAILS = ("/programmes/", "/organisations/", "/countries/", "/platforms/", "/guides/", "/media/")
CHEAP = ("/about/data/", "/api/v1/", "/api/v1/education-levels/", "/health/ready", "/admin/login/")
LISTS = ("/programmes/", "/organisations/", "/feeds/programmes.rss", "/programmes.bib",
         *(f"/api/v1/{name}/" for name in RESOURCES))  # fmt: skip

# Values that break careless sites: markup, SQL, templates, formats, paths, numbers, odd characters.
NASTY = (
    "", " ", "'", '"', "`", "\\", "%", "%%", "%s", "%n", "{{ 7*7 }}", "{% debug %}", "${7*7}",
    "' OR 1=1 --", "1; DROP TABLE programmes_programme", "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "../../../etc/passwd", "..%2f..%2f",
    "\x01", "\x7f", "\u00a0", "\u200b", "\u202e", "\ufeff", "\ufffd", "\uffff", "𝟛", "٣", "½",
    "İ", "ß", "ﬀ", "e\u0301", "\U0010ffff", "-1", "0", "00", "1e5", "1_000", "+1", "NaN", "inf",
    "9" * 18, "9" * 400, "-" + "9" * 30, "0x10", "1.0", "true", "null", "None", "undefined",
    "a" * 201, "a," * 500, "NL," * 500, ",", ",,,", "none,none", "all,all", "*", "(", "[", "(?",
    '"a', '""', '"" ""', "“a b”", "a" * 5_000, "2026-02-30", "2026-11-21T25:00:00", "0001-01-01",
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-W01", "10000-01-01",
    "\r\nSet-Cookie: a=b", "\n", "\t",
)  # fmt: skip
nasty = st.sampled_from(NASTY) | st.text(max_size=30)
names = st.sampled_from(
    [*ProgrammeFilter.base_filters, "facets", "format", "type", "contry", "callback"]
)


def assert_sound(answer: Answer, path: str = "", method: str = "GET") -> None:
    """Assert that an answer is no 5xx, has the security headers, and errors in the right form."""
    assert answer.status < 500, answer.body[:500]
    assert answer.headers.items() >= list_security_headers().items()
    assert "\n" not in "".join(answer.headers.values())
    if method == "HEAD":
        assert answer.body == b""
        return
    if answer.status >= 400:
        assert answer.body
        assert "no-store" in answer.headers.get("Cache-Control", "no-store")
        assert b"Traceback" not in answer.body
    if answer.headers.get("Content-Type") == "application/problem+json":
        assert json.loads(answer.body)["status"] == answer.status
    elif path.startswith("/api/") and answer.status >= 400:
        assert answer.headers["Content-Type"].startswith("text/plain"), "from the WSGI wrapper"


def percent_encode(data: bytes) -> str:
    return "".join(f"%{byte:02X}" for byte in data)


@hostile
@given(st.sampled_from((*DETAILS, "/api/v1/", "/api/v1/programmes/", "/", "")), nasty, nasty)
@example("/programmes/", "..", "")
@example("//", "evil.example", "")
@example("/api/v1/programmes/", "%2e%2e", "")
@example("/countries/", "nl", "\x00")
def test_random_paths_get_a_sound_answer(prefix: str, one: str, two: str) -> None:
    path = f"{prefix}{one}/{two}"
    assert_sound(ask(path), path)


@pytest.mark.parametrize("name", ["a" * 300, "a/" * 3_000])
def test_a_picture_with_a_name_that_is_too_long_for_a_file_is_not_found(
    rf: RequestFactory, tmp_path: Path, name: str
) -> None:
    with pytest.raises(Http404):
        send_picture(rf.get("/media/"), name, tmp_path)


@hostile
@given(st.binary(max_size=20))
def test_paths_of_random_bytes_get_a_sound_answer(junk: bytes) -> None:
    for prefix in ("/programmes/", "/api/v1/organisations/"):
        assert_sound(ask(PATH_INFO=prefix + junk.decode("latin-1") + "/"), prefix)


@hostile
@given(
    st.sampled_from(LISTS), st.lists(st.tuples(names, nasty), min_size=1, max_size=4), st.booleans()
)
def test_random_queries_get_a_sound_answer(
    path: str, pairs: list[tuple[str, str]], encoded: bool
) -> None:
    def text(value: str) -> str:
        return percent_encode(value.encode(errors="surrogatepass")) if encoded else value

    query = "&".join(f"{name}={text(value)}" for name, value in pairs)
    answer = ask(path, query)
    assert_sound(answer, path)
    if "json" not in answer.headers["Content-Type"]:
        assert b"<script>alert" not in answer.body
        assert b"<img src=x" not in answer.body


@hostile
@given(
    st.sampled_from(("/organisations/", "/api/v1/countries/", "/about/data/")),
    st.binary(max_size=40),
)
def test_queries_of_random_bytes_get_a_sound_answer(path: str, junk: bytes) -> None:
    assert_sound(ask(path, QUERY_STRING=junk.decode("latin-1")), path)
    assert_sound(ask(path, QUERY_STRING=percent_encode(junk)), path)


@pytest.mark.parametrize("name", [*ProgrammeFilter.base_filters, "facets"])
def test_every_parameter_handles_every_nasty_value(name: str) -> None:
    for value in NASTY:
        query = f"{name}={percent_encode(value.encode())}"
        answer = ask(
            "/api/v1/programmes/", f"{query}&page_size=1" if name != "page_size" else query
        )
        assert_sound(answer, "/api/v1/")
        assert answer.status in (200, 302, 400, 404, 414)


def test_the_api_refuses_a_wrong_facet_value() -> None:
    """A wrong value must be an error: if it were ignored, the answer would be all programmes."""
    everything = Programme.objects.published().count()
    for name in FACETS:
        for value in ("nonsense", "'", "-1", "NL;FI", "%"):
            answer = ask(
                "/api/v1/programmes/", f"{name}={percent_encode(value.encode())}&page_size=1"
            )
            assert answer.status == 400, (name, value, everything)
            assert json.loads(answer.body)["errors"][0]["parameter"] == name


# NUL and line ends are left out of headers, because a server refuses them itself.
header = st.text(st.characters(max_codepoint=255, exclude_characters="\x00\r\n"), max_size=60)
HEADERS = (
    "HTTP_ACCEPT", "CONTENT_TYPE", "HTTP_HOST", "HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE",
    "HTTP_ACCEPT_ENCODING", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE",
    "HTTP_REFERER", "HTTP_ORIGIN", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_AUTHORIZATION", "HTTP_X_CSRFTOKEN", "CONTENT_LENGTH",
    "HTTP_TRANSFER_ENCODING", "HTTP_FORWARDED", "HTTP_USER_AGENT", "HTTP_EXPECT",
)  # fmt: skip
TRICKY = (
    "", ",", ";", "*/*", "*/*;q=nonsense", "text/html;q=1e999", "application/json; indent=99999999",
    "application/json;" * 200, "text/" + "a" * 4_000, "charset", "a/b; charset=", "a/b; charset*=x",
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\xff",
    "evil.example", "testserver:99999", "testserver:x", "[::1", "a b", "testserver@evil.example",
    "sessionid=x", "sessionid=" + "a" * 32, 'sessionid="aaaaaaaa\\000"', "csrftoken=\xff", "=;=;=",
    'a="\\012"',
    "messages=x:y", "django_language=../../x", "en" * 300, "en;q=2", "-", "x-y-z-" * 99,
    'W/"', '"', "bytes=0-", "bytes=-1,9-1", "Thu, 99 Foo 0000", "Basic =", "Bearer", "-1", "1e9",
    "http://[", "null", "https", "DELETE", "chunked", "100-continue",
)  # fmt: skip


@hostile
@given(
    st.sampled_from((*CHEAP, "/admin/", "/programmes/no-such-programme/")),
    st.dictionaries(st.sampled_from(HEADERS), st.sampled_from(TRICKY) | header, max_size=4),
)
def test_random_headers_get_a_sound_answer(path: str, headers: dict[str, str]) -> None:
    assert_sound(ask(path, **headers), path)


# Only of a cookie does a database read something.
@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=[] if "COOKIE" in one else pytest.mark.once) for one in HEADERS],
)
@pytest.mark.parametrize("path", ["/admin/", "/api/v1/education-levels/3/"])
def test_every_header_handles_every_tricky_value(name: str, path: str) -> None:
    for value in chance.thin(TRICKY, 2):
        assert_sound(ask(path, **{name: value}), path)


def test_an_unknown_host_is_refused_and_not_repeated() -> None:
    for host in ("evil.example", "testserver.evil.example", "testserver@evil.example", "evil\\x"):
        answer = ask("/about/", HTTP_HOST=host)
        assert answer.status == 400
        assert b"evil" not in answer.body + str(answer.headers).encode()


METHODS = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "CONNECT", "PROPFIND")
TYPES = (
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json",
    "text/xml", "application/octet-stream", "application/x-www-form-urlencoded; charset=utf-16",
    "multipart/form-data; boundary=" + "x" * 300, "",
)  # fmt: skip
methods = st.sampled_from(METHODS) | st.from_regex(r"[A-Z!#$%&'*+.^_`|~-]{1,20}", fullmatch=True)
bodies = st.binary(max_size=200) | st.sampled_from(
    (
        b"a=" + b"b" * 1_100_000,  # more than the site reads
        b"&".join(b"a%d=1" % number for number in range(6_000)),  # more fields than it reads
        b"a=%00&b=%FF&csrfmiddlewaretoken=%00",
        b"csrfmiddlewaretoken=" + b"x" * 70_000,
        b'--x\r\nContent-Disposition: form-data; name="a"; filename="../x"\r\n\r\nb\r\n--x--',
        b'--x\r\nContent-Disposition: form-data; name="a\r\n\r\n',
        b"--x\r\n" * 2_000,
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n1\r\n' * 20
        + b"--x--",
        b"[" * 50_000,
        b'{"a": ' * 20_000,
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    )
)


@hostile
@given(
    st.sampled_from(
        (*CHEAP, *PAGES[-2:], "/programmes/jet-net-nl/", "/api/v1/programmes/", "/nowhere/")
    ),
    methods,
    st.sampled_from(TYPES),
    bodies,
    st.sampled_from([None, "", "-1", "0", "7", "99999999999", "x"]),
)
def test_random_methods_and_bodies_get_a_sound_answer(
    path: str, method: str, content_type: str, body: bytes, length: str | None
) -> None:
    answer = ask(
        path,
        method=method,
        CONTENT_TYPE=content_type,
        CONTENT_LENGTH=str(len(body)) if length is None else length,
        **{"wsgi.input": BytesIO(body)},
    )
    assert_sound(answer, path, method)


@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
@hostile
@given(st.binary(max_size=300))
def test_random_logins_with_a_valid_csrf_token_get_a_sound_answer(junk: bytes) -> None:
    token = "a" * 32
    answer = ask(
        "/admin/login/",
        method="POST",
        HTTP_COOKIE=f"csrftoken={token}",
        CONTENT_TYPE="application/x-www-form-urlencoded",
        **make_body(
            f"csrfmiddlewaretoken={token}&username=".encode() + junk + b"&password=" + junk
        ),
    )
    assert_sound(answer)
    assert answer.status in (200, 400, 429)


def make_body(body: bytes) -> dict[str, Any]:
    return {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}


@pytest.mark.parametrize("path", PAGES)
def test_head_has_the_status_and_content_type_of_get(path: str) -> None:
    get, head = ask(path), ask(path, method="HEAD")
    assert (head.status, head.headers["Content-Type"]) == (get.status, get.headers["Content-Type"])
    assert_sound(head)
