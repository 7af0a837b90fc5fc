"""One request for one address: to a public host only, for a while only, and little of the answer.

What a curator has typed, or a server has answered, leads here. So the name of a host is looked up
once, all its numbers are checked, and one of these is connected to: no second look-up could lead
elsewhere. There are no cookies, no credentials, and no proxies of the environment.
"""

import io
import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException, HTTPResponse, IncompleteRead
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri

from programmes.columns.hosts import Address, is_public, leads_to_public, read_host, read_ip
from programmes.models import WebLink
from stemobs.publisher import NAME

Outcome = WebLink.Outcome

MOST_READ = 64 * 1024  # bytes of an answer, its head included
MOST_TRIED = 4  # numbers of a host
PORTS = {"http": 80, "https": 443}
LEAST_PORT = 1024  # below, only the usual ones: the others are for mail, files and the like
# Those above to which browsers do not go either, by the fetch standard.
BAD_PORTS = {
    *(1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668),
    *(6669, 6679, 6697, 10080),
}
NAME_OF_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
HTML = ("text/html", "application/xhtml+xml")


class Unreachable(Exception):
    """What keeps an address from being opened, as the outcome of a look."""

    def __init__(self, outcome: WebLink.Outcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class Reply(NamedTuple):
    """What a server answered: the status, where it leads, when to come back, and the page.

    `page` is the beginning of a page of HTML, as it came; b"" if there is none to be looked into.
    `charset` is "" if the head names none.
    """

    status: int
    location: str | None = None
    retry_after: str = ""
    page: bytes = b""
    charset: str = ""


class Deadline:
    """A moment in some seconds, until which all has to be done."""

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def left(self) -> float:
        """Return how many seconds are left; raise TimeoutError if none."""
        seconds = self.at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


# --- Where to -------------------------------------------------------------------------------------


class Target(NamedTuple):
    """The parts of an address that a request needs; a host beyond ASCII is in punycode."""

    scheme: str
    host: str
    port: int
    path: str  # with the query

    @property
    def named(self) -> str:
        """What the header Host says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def read_target(address: str) -> Target:
    """Return where an address leads; raise Unreachable if that is nowhere on the public web."""
    if CONTROL.search(address):
        raise Unreachable(Outcome.SENSELESS)
    try:
        parts = urlsplit(address)
        port = parts.port
        host = read_host(address)
        ip = read_ip(host)
    except ValueError:
        raise Unreachable(Outcome.SENSELESS) from None
    if parts.scheme not in PORTS or "@" in parts.netloc or not is_public(address):
        raise Unreachable(Outcome.NOT_PUBLIC)
    port = PORTS[parts.scheme] if port is None else port
    if not is_open_port(port):
        raise Unreachable(Outcome.NOT_PUBLIC)
    path = iri_to_uri(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")
    return Target(parts.scheme, str(ip) if ip else encode_name(host), port, path)


def is_open_port(port: int) -> bool:
    return port in PORTS.values() or (port >= LEAST_PORT and port not in BAD_PORTS)


def encode_name(host: str) -> str:
    """Return a host's name as it is looked up; raise Unreachable if none can be called so."""
    try:
        name = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise Unreachable(Outcome.NO_HOST) from None
    if not NAME_OF_HOST.fullmatch(name):
        raise Unreachable(Outcome.NO_HOST)
    return name


def name_host(address: str) -> str:
    """Return the host that is asked for an address; "" if none is."""
    try:
        return read_target(address).host
    except Unreachable:
        return ""


# --- The network ----------------------------------------------------------------------------------


def resolve(host: str, seconds: float) -> list[Address]:
    """Return the numbers of a host; raise Unreachable if it has none, TimeoutError if it is late.

    The system's look-up knows no limit, so a thread does it that may be left behind.
    """
    found: SimpleQueue[Any] = SimpleQueue()
    Thread(target=look_up, args=(host, found), daemon=True).start()
    try:
        numbers = found.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if not numbers:
        raise Unreachable(Outcome.NO_HOST)
    return list(numbers)


def look_up(host: str, found: SimpleQueue[Any]) -> None:
    try:
        told = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        found.put(dict.fromkeys(ip_address(str(one[4][0]).partition("%")[0]) for one in told))
    except (OSError, ValueError):  # ValueError: names that cannot be encoded
        found.put({})


@dataclass(frozen=True)
class Internet:
    """How names are looked up, which numbers may be connected to, and whom to trust."""

    resolve: Callable[[str, float], list[Address]] = resolve
    allows: Callable[[Address], bool] = leads_to_public
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def connect(self, target: Target, deadline: Deadline) -> socket.socket:
        """Return a connection to a host, over TLS for https; raise Unreachable or OSError."""
        plain = connect_to_one(self.find_numbers(target.host, deadline), target.port, deadline)
        if target.scheme == "http":
            return plain
        try:
            plain.settimeout(deadline.left())
            return self.context.wrap_socket(plain, server_hostname=target.host)
        except BaseException:
            plain.close()
            raise

    def find_numbers(self, host: str, deadline: Deadline) -> list[Address]:
        """Return the numbers of a host; raise Unreachable if one of them is not public."""
        ip = read_ip(host)
        numbers = self.resolve(host, deadline.left()) if ip is None else [ip]
        if not all(map(self.allows, numbers)):
            raise Unreachable(Outcome.NOT_PUBLIC)
        return numbers[:MOST_TRIED]


def connect_to_one(numbers: list[Address], port: int, deadline: Deadline) -> socket.socket:
    """Connect to the first number that takes it; each may use its share of the time."""
    for left in range(len(numbers), 0, -1):
        ip = numbers[-left]
        try:
            return socket.create_connection((str(ip), port), timeout=deadline.left() / left)
        except OSError:
            if left == 1:
                raise
    raise Unreachable(Outcome.NO_HOST)


# --- Asking ---------------------------------------------------------------------------------------


class Incoming(io.RawIOBase):
    """What comes in by a connection: MOST_READ bytes at most, and nothing after the deadline.

    Given to HTTPResponse in place of the connection, it hands out itself as the file to read.
    """

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self.connection, self.deadline, self.left = connection, deadline, MOST_READ
        self.is_in_head = True

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self.left:
            if self.is_in_head:
                raise HTTPException("The head does not end.")
            return 0
        self.connection.settimeout(self.deadline.left())
        number = self.connection.recv_into(memoryview(buffer)[: self.left])
        self.left -= number
        return number


def ask(address: str, seconds: float, internet: Internet) -> Reply:
    """Ask for an address once; follow nothing. Raise Unreachable."""
    try:
        target, deadline = read_target(address), Deadline(seconds)
        with internet.connect(target, deadline) as connection:
            connection.settimeout(deadline.left())
            connection.sendall(write_request(target))
            return read_answer(Incoming(connection, deadline))
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(name_fault(error)) from error


def write_request(target: Target) -> bytes:
    lines = (
        f"GET {target.path} HTTP/1.1",
        f"Host: {target.named}",
        f"User-Agent: {NAME.replace(' ', '-')}-link-check (+{settings.SITE_URL}/about/)",
        "Accept: text/html,application/xhtml+xml,*/*;q=0.8",
        "Accept-Encoding: identity",
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")


def read_answer(incoming: Any) -> Reply:
    with HTTPResponse(incoming, method="GET") as response:
        response.begin()
        incoming.is_in_head = False
        head = response.headers
        return Reply(
            response.status,
            read_location(head),
            head.get("Retry-After", ""),
            read_page(response) if response.status == 200 and is_plain_html(head) else b"",
            head.get_content_charset(""),
        )


def read_location(head: Message) -> str | None:
    """Return where a header leads; servers also write what is not ASCII, most of them as UTF-8."""
    told = head.get("Location")
    return told and told.encode("latin-1", "replace").decode("utf-8", "replace").strip(" ")


def is_plain_html(head: Message) -> bool:
    """Whether the content can be looked into; what is compressed all the same is not unpacked."""
    return head.get_content_type() in HTML and not head.get("Content-Encoding")


def read_page(response: HTTPResponse) -> bytes:
    """Return the beginning of a page; one that breaks off is as good as what came of it."""
    try:
        return response.read(MOST_READ)
    except IncompleteRead as error:
        if not error.partial:
            raise
        return error.partial


def name_fault(error: Exception) -> WebLink.Outcome:
    match error:
        case ssl.SSLError():
            return Outcome.CERTIFICATE
        case TimeoutError():
            return Outcome.TOO_SLOW
        case OSError():
            return Outcome.NO_CONNECTION
    return Outcome.SENSELESS
