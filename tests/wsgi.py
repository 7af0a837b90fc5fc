"""Helpers that call the WSGI application directly, with an environment as a server builds it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from stemobs.wsgi import application


@dataclass(frozen=True)
class Answer:
    """A response of the WSGI application: status, headers and body."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(path: str = "/", query: str = "", method: str = "GET", **environ: Any) -> Answer:
    """Send one request to the WSGI application; entries of `environ` are passed on unchanged."""
    said: list[Any] = []
    request = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.encode(errors="surrogatepass").decode("latin-1"),
        "QUERY_STRING": query.encode(errors="surrogatepass").decode("latin-1"),
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": BytesIO(),
        "wsgi.url_scheme": "http",
        **environ,
    }
    with connection_kept():
        answer = application(request, lambda status, headers, *rest: said.extend([status, headers]))
        body = read(answer)
    return Answer(int(said[0].split()[0]), dict(said[1]), body)


def read(answer: Iterable[bytes]) -> bytes:
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return body


@contextmanager
def connection_kept() -> Iterator[None]:
    """Within the block, keep requests from closing the connection with the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
