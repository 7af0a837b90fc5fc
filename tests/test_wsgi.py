"""Tests of the WSGI application: malformed charsets, paths and queries."""

import pytest

from stemobs.http.headers import list_security_headers
from tests.wsgi import ask

pytestmark = pytest.mark.django_db


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
def test_a_malformed_charset_in_content_type_answers_400(content_type: str) -> None:
    answer = ask("/about/data/", CONTENT_TYPE=content_type)
    assert answer.status == 400
    assert answer.body == b"The charset in Content-Type cannot be read.\n"
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers.items() >= list_security_headers().items()


@pytest.mark.parametrize(
    "content_type",
    ["", "text/html", "text/html; charset=utf-8", 'text/html; charset="UTF-8"',
     "text/html;charset=iso-8859-1; boundary=x", "application/json", "nonsense"],
)  # fmt: skip
def test_a_content_type_with_a_wellformed_or_no_charset_is_accepted(content_type: str) -> None:
    assert ask("/about/data/", CONTENT_TYPE=content_type).status == 200


def test_an_unknown_charset_in_content_type_causes_no_server_error() -> None:
    assert ask("/about/data/", CONTENT_TYPE="text/html; charset=klingon-1").status == 200


def test_a_path_that_is_not_utf_8_answers_404() -> None:
    answer = ask(PATH_INFO="/programmes/\u00ff/")
    assert answer.status == 404
    assert answer.headers.items() >= list_security_headers().items()


def test_a_query_that_is_not_utf_8_answers_400() -> None:
    answer = ask(PATH_INFO="/programmes/", QUERY_STRING="q=\u00ff")
    assert answer.status == 400
    assert answer.headers.items() >= list_security_headers().items()


@pytest.mark.parametrize(
    "path", ["//evil.example", "///evil.example", "/\\evil.example", "//evil.example/"]
)
def test_no_path_redirects_to_another_site(path: str) -> None:
    answer = ask(path)
    assert answer.status == 404 or answer.headers["Location"].startswith("/%2F"), answer.headers
