"""The WSGI application, as a server calls it."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from stemobs.headers import security_headers
from stemobs.wsgi import application

pytestmark = pytest.mark.django_db


def ask(**changes: Any) -> tuple[str, dict[str, str], bytes]:
    """Return status, headers and body of the application's answer to a request."""
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/about/data/",
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": BytesIO(),
        "wsgi.url_scheme": "http",
        **changes,
    }
    answered: list[Any] = []
    body = application(environ, lambda status, headers, *rest: answered.extend([status, headers]))
    return answered[0], dict(answered[1]), b"".join(closing(body))


def closing(body: Any) -> Iterator[bytes]:
    yield from body
    if hasattr(body, "close"):
        body.close()


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html; charset=",
        "text/html; charset=\u00ff",
        "text/html; charset='utf-8'",
        'text/html; charset="',
        "text/html; charset*=utf-8''x",
        "text/html; charset*0=ut; charset*1=f-8",
        "text/html; charset=utf 8",
        "charset",
    ],
)
def test_a_charset_that_cannot_be_read_is_a_bad_request(content_type: str) -> None:
    status, headers, body = ask(CONTENT_TYPE=content_type)
    assert status == "400 Bad Request"
    assert body == b"The charset in Content-Type cannot be read.\n"
    assert headers["Content-Length"] == str(len(body))
    assert headers["Cache-Control"] == "no-store"
    assert headers.items() >= security_headers().items()


@pytest.mark.parametrize(
    "content_type",
    ["", "text/html", "text/html; charset=utf-8", 'text/html; charset="UTF-8"',
     "text/html;charset=iso-8859-1; boundary=x", "application/json", "nonsense"],
)  # fmt: skip
def test_every_other_content_type_passes(content_type: str) -> None:
    status, _headers, _body = ask(CONTENT_TYPE=content_type)
    assert status == "200 OK"


def test_a_charset_that_nobody_knows_is_not_a_fault_of_ours() -> None:
    status, _headers, _body = ask(CONTENT_TYPE="text/html; charset=klingon-1")
    assert status == "200 OK"


def test_a_path_that_is_not_utf_8_leads_nowhere() -> None:
    status, headers, _body = ask(PATH_INFO="/programmes/\u00ff/")
    assert status == "404 Not Found"
    assert headers.items() >= security_headers().items()


def test_a_query_that_is_not_utf_8_is_a_bad_request() -> None:
    status, headers, _body = ask(PATH_INFO="/programmes/", QUERY_STRING="q=\u00ff")
    assert status == "400 Bad Request"
    assert headers.items() >= security_headers().items()


@pytest.mark.parametrize(
    "path", ["//evil.example", "///evil.example", "/\\evil.example", "//evil.example/"]
)
def test_no_address_leads_to_another_site(path: str) -> None:
    status, headers, _body = ask(PATH_INFO=path)
    assert status == "404 Not Found" or headers["Location"].startswith("/%2F"), headers
