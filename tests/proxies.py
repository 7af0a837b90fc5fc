"""Helpers that start nginx with the configuration of deploy/nginx before a site."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

from benchmarks.proxies import write_configuration
from tests.servers import PATIENCE, end, end_with_parent, free_port, wait_until

NGINX = "/usr/sbin/nginx"


class Reply(NamedTuple):
    """An answer as it came over the wire, with its headers in their order."""

    status: int
    headers: dict[str, str]
    head_size: int
    body: bytes


def send_request(port: int, path: str, method: str = "GET", **headers: str) -> Reply:
    """Send a request over a new connection; underscores in names of headers become hyphens."""
    asked = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked.putrequest(method, path, skip_accept_encoding=True)
        for name, value in {"Connection": "close", **named}.items():
            asked.putheader(name, value)
        asked.endheaders()
        answer = asked.getresponse()
        told = answer.getheaders()
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}", *(f"{n}: {v}" for n, v in told), ""]
        return Reply(answer.status, dict(told), len("\r\n".join(lines)) + 2, answer.read())
    finally:
        asked.close()


@contextmanager
def nginx_before(site: int, media: Path, folder: Path) -> Iterator[int]:
    """Start nginx before the site at a port, and yield nginx's own port."""
    with free_port() as listener, (folder / "nginx.log").open("wb") as log:
        port = listener.getsockname()[1]
        config = folder / "nginx.conf"
        config.write_text(write_configuration(port, site, folder, media, level="warn"))
        process = subprocess.Popen(
            [NGINX, "-e", "stderr", "-p", str(folder), "-c", str(config)],
            # nginx takes over sockets that this variable names, as it does when it is upgraded.
            env={"NGINX": f"{listener.fileno()};"},
            pass_fds=[listener.fileno()],
            stderr=log,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        try:
            wait_until(lambda: is_answering(port, process), "nginx answers")
            yield port
        finally:
            end(process)


def is_answering(port: int, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "nginx ended; see nginx.log"
    with suppress(OSError):
        return send_request(port, "/health/live").status == 200
    return False
