"""What gunicorn answers by itself to a request line that is longer than it reads."""

import socket
from contextlib import suppress
from time import monotonic
from typing import Any

from gunicorn.http.errors import LimitRequestLine

from stemobs.addresses import TOO_LONG
from stemobs.api.problems import CONTENT_TYPE, make_problem_details
from stemobs.encoding import to_json
from stemobs.http.headers import list_security_headers

# How much of a refused request is read, and for how long, so that its sender can listen.
MOST_DRAINED = 1_048_576  # bytes
LONGEST_DRAINED = 2.0  # seconds


def explain_long_lines(worker: Any) -> None:
    """Make a worker of gunicorn answer 414 with problem details instead of bare HTML.

    The address was not read, so the answer is the same for the API and for pages.
    """
    usual = worker.handle_error

    def handle_error(request: Any, client: Any, address: Any, error: Exception) -> None:
        if isinstance(error, LimitRequestLine):
            with suppress(OSError):
                send_refusal(client)
        else:
            usual(request, client, address, error)

    worker.handle_error = handle_error


def send_refusal(client: socket.socket) -> None:
    client.sendall(write_refusal())
    client.shutdown(socket.SHUT_WR)
    # Closing a connection before all was read would take the answer away from its reader.
    client.settimeout(1)
    drained, end = 0, monotonic() + LONGEST_DRAINED
    while drained < MOST_DRAINED and monotonic() < end and (piece := client.recv(65_536)):
        drained += len(piece)


def write_refusal() -> bytes:
    """Return the bytes of the 414 answer."""
    body = to_json(make_problem_details(414, str(TOO_LONG)))
    headers = {
        "Connection": "close",
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Access-Control-Allow-Origin": "*",
        **list_security_headers(),
    }
    lines = ["HTTP/1.1 414 URI Too Long", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
