"""Server processes to be measured, as context managers that always stop them."""

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
PATIENCE = 900  # seconds: an index of a million programmes takes minutes
ANSWER = 600  # seconds to wait for one answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


class Server:
    """A server process on a port of its own; `ready` is a path that answers 200 once it runs."""

    def __init__(
        self,
        name: str,
        command: list[str],
        port: int,
        ready: str,
        log: Path,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.name = name
        self.command = command
        self.port = port
        self.ready = ready
        self.log = log
        self.environment = {**os.environ, **(environment or {})}

    def __enter__(self) -> Self:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=log, stderr=log
            )
        try:
            self.wait()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()

    def wait(self) -> None:
        """Wait until the server answers; raise RuntimeError if it ends or takes too long."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} did not start; {self.log} says why.")
            if self.answers():
                return
            time.sleep(0.1)
        raise RuntimeError(f"{self.name} does not answer; {self.log} says why.")

    def answers(self) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)
        try:
            connection.request("GET", self.ready)
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(HOST, self.port, timeout=ANSWER)


def site(
    name: str, environment: dict[str, str], log: Path, workers: int = 1, threads: int = 1
) -> Server:
    """Return a gunicorn server of the site."""
    application = "stemobs.wsgi:application"
    command = [*gunicorn(sys.executable, application), "--workers", str(workers)]
    return served(name, [*command, "--threads", str(threads)], "/health/ready", log, environment)


def gunicorn(python: str | Path, application: str) -> list[str]:
    """Return the command for an application in one process and thread, with lasting connections."""
    return [
        str(python), "-m", "gunicorn", application, "--worker-class", "gthread",
        "--workers", "1", "--threads", "1", "--keep-alive", "3600", "--timeout", "3600",
    ]  # fmt: skip


def served(
    name: str, command: list[str], ready: str, log: Path, environment: dict[str, str] | None = None
) -> Server:
    """Return a gunicorn server on a port of its own."""
    port = free_port()
    return Server(name, [*command, "--bind", f"{HOST}:{port}"], port, ready, log, environment)
