"""A small web on this machine, whose servers behave as badly as some of the real ones do."""

import re
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread

from programmes.columns.hosts import Address, leads_to_public
from stemobs.curation.links.asking import Internet, Outcome, Unreachable

HERE = ip_address("127.0.0.1")
# Whose numbers they are; all others of this web are this machine.
NUMBERS: dict[str, list[str]] = {
    "private.example": ["10.0.0.1"],
    "mixed.example": ["127.0.0.1", "192.168.1.1"],
    "metadata.example": ["169.254.169.254"],
    "six.example": ["fd00::1"],
    "second.example": ["127.0.0.9", "127.0.0.1"],  # nobody listens at the first
}
Behaviour = Callable[["Talk"], None]
TLS = 0x16  # how somebody begins who wants a secure connection
BROKEN_OFF = (OSError, ssl.SSLError)


@dataclass
class Talk:
    """A connection to the server: what was asked, and how to answer it."""

    connection: socket.socket
    web: "Web"
    request: str = ""

    def say(self, text: str | bytes) -> None:
        self.connection.sendall(text.encode() if isinstance(text, str) else text)

    def answer(self, status: str, *lines: str, body: str | bytes = b"") -> None:
        content = body.encode() if isinstance(body, str) else body
        head = (f"HTTP/1.1 {status}", *lines, f"Content-Length: {len(content)}", "", "")
        self.say("\r\n".join(head).encode("latin-1") + content)

    def drip(self, text: str) -> None:
        """Say something letter by letter, and never come to an end."""
        for letter in text + "x" * 10_000:
            self.say(letter)
            if self.web.ended.wait(0.05):
                return


@dataclass
class Web:
    """The server: behaviours by path, and what was asked of it when."""

    listener: socket.socket
    behaviours: dict[str, Behaviour]
    secure: ssl.SSLContext | None = None
    asked: list[tuple[float, str, str]] = field(default_factory=list)  # moment, host, path
    heads: list[str] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    ended: Event = field(default_factory=Event)
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def address(self, path: str, host: str = "site.example") -> str:
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}{path}"

    def serve(self) -> None:
        while True:
            try:
                connection, _address = self.listener.accept()
            except OSError:
                return
            Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection: socket.socket) -> None:
        with suppress(*BROKEN_OFF), connection:
            if self.secure:
                connection = self.secure.wrap_socket(connection, server_side=True)
            request = b""
            while b"\r\n\r\n" not in request and (some := connection.recv(4096)):
                request += some
                if request[0] == TLS:
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    return
            if not request:
                return
            head = request.decode("latin-1")
            path = head.split(" ", 2)[1]
            host = re.findall(r"(?im)^host: ([^:\r\n]*)", head)[0]
            self.asked.append((time.monotonic(), host, path))
            self.heads.append(head)
            known = self.behaviours.get(path, partial(Talk.answer, status="404 Not Found"))
            known(Talk(connection, self, head))
            connection.close()

    # The network as the check sees it

    def resolve(self, host: str, _seconds: float) -> list[Address]:
        self.resolved.append(host)
        if host.startswith("nowhere."):
            raise Unreachable(Outcome.NO_HOST)
        if host.startswith("rebinding.") and self.resolved.count(host) > 1:
            return [ip_address("10.0.0.1")]
        return [ip_address(one) for one in NUMBERS.get(host, ["127.0.0.1"])]

    def allows(self, ip: Address) -> bool:
        """Whether a number is public, by the true rule; this machine stands for the world."""
        return ip.packed[:1] == b"\x7f" or leads_to_public(ip)

    def internet(self, trusted: Path | None = None) -> Internet:
        context = ssl.create_default_context(cafile=trusted) if trusted else self.context
        return Internet(self.resolve, self.allows, context)


@contextmanager
def serve(behaviours: dict[str, Behaviour], secure: ssl.SSLContext | None = None) -> Iterator[Web]:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        web = Web(listener, behaviours, secure)
        thread = Thread(target=web.serve, daemon=True)
        thread.start()
        yield web
        web.ended.set()
        # Closing alone does not wake whoever waits in accept.
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def make_certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """Return a certificate that names a host and is signed by itself, and a server's context."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    subprocess.run(
        [
            *command.split(), "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
            "-keyout", str(key), "-out", str(certificate),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context
