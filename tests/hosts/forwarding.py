"""A port on the loopback that leads to the proxy, which has an address on its own network only."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import AF_UNIX, SHUT_WR, socket
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread


class Server(ThreadingTCPServer):
    """Takes connections, and carries what is sent over each to a socket in a folder, and back."""

    daemon_threads = True

    def __init__(self, target: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.target = str(target)


class Handler(BaseRequestHandler):
    """One connection."""

    server: Server

    def handle(self) -> None:
        with socket(AF_UNIX) as there:
            there.connect(self.server.target)
            back = Thread(target=carry, args=(there, self.request), daemon=True)
            back.start()
            carry(self.request, there)
            back.join()


def carry(source: socket, target: socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(SHUT_WR)


@contextmanager
def forwarded(target: Path) -> Iterator[int]:
    """Yield a port that leads to a socket in a folder."""
    with Server(target) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
