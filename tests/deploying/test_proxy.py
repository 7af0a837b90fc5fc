"""Tests of deploy/nginx/stem.conf as it stands, with a certificate and both of its servers."""

import http.client
import json
import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.deploying.units import DEPLOY
from tests.proxies import NGINX
from tests.servers import end, end_with_parent, free_port, wait_until

pytestmark = [pytest.mark.once, pytest.mark.slow]

TOKEN = "a" * 26
AROUND = """
daemon off; pid {folder}/pid; error_log {folder}/error.log info; {user}
events {{}}
http {{
    access_log {folder}/any.log;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {shipped}
}}
"""
MAKE_CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
    "-subj /CN=stem.example -addext subjectAltName=DNS:stem.example"
)


class Proxy(NamedTuple):
    """A running nginx, before a site that does not answer."""

    folder: Path
    http: int
    https: int

    def ask(self, path: str, *, is_plain: bool = False) -> http.client.HTTPResponse:
        """Ask over TLS, as a client that knows the certificate and believes no other."""
        trusted = ssl.create_default_context(cafile=str(self.folder / "chain.pem"))
        connection: http.client.HTTPConnection = (
            http.client.HTTPConnection("127.0.0.1", self.http, timeout=20)
            if is_plain
            else _NamedConnection("127.0.0.1", self.https, context=trusted, timeout=20)
        )
        connection.putrequest("GET", path, skip_host=True)
        for key, value in {"Host": "stem.example", "Connection": "close"}.items():
            connection.putheader(key, value)
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def read_logs(self) -> str:
        return "".join(file.read_text() for file in self.folder.glob("*.log"))


class _NamedConnection(http.client.HTTPSConnection):
    """A connection to this machine that asks for the host of the certificate."""

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self._context.wrap_socket(self.sock, server_hostname="stem.example")  # type: ignore[attr-defined]  # the stubs lack it


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("tls")
    files = ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/chain.pem"]
    subprocess.run([*MAKE_CERTIFICATE.split(), *files], check=True, capture_output=True)
    with free_port() as plain, free_port() as secure:
        ports = [one.getsockname()[1] for one in (plain, secure)]
        (folder / "nginx.conf").write_text(write_configuration(folder, *ports))
        command = [NGINX, "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
        tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert tried.returncode == 0, tried.stderr
        process = subprocess.Popen(
            command,
            env={"NGINX": f"{plain.fileno()};{secure.fileno()};"},
            pass_fds=[plain.fileno(), secure.fileno()],
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        found = Proxy(folder, *ports)
        try:
            wait_until(lambda: is_answering(found), "nginx answers")
            yield found
        finally:
            end(process)


def is_answering(proxy: Proxy) -> bool:
    with suppress(OSError):
        return proxy.ask("/").status > 0
    return False


def write_configuration(folder: Path, plain: int, secure: int) -> str:
    """Return the shipped file with other ports and folders, for IPv4 alone.

    Nobody listens at the first port, so what is passed on to the site is a 502.
    """
    lines = (DEPLOY / "nginx/stem.conf").read_text().splitlines(keepends=True)
    shipped = "".join(line for line in lines if "listen [::]" not in line)
    for given, here in {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ": f"listen 127.0.0.1:{secure} ",
        "/etc/ssl/stem/": f"{folder}/",
        "/var/cache/nginx-stem": f"{folder}/cache",
        "/var/log/nginx/": f"{folder}/",
        "http://127.0.0.1:8000": "http://127.0.0.1:1",
    }.items():
        assert given in shipped
        shipped = shipped.replace(given, here)
    user = "user root;" if os.getuid() == 0 else ""
    return AROUND.format(folder=folder, shipped=shipped, user=user)


def test_http_leads_to_https_with_the_whole_address(proxy: Proxy) -> None:
    answer = proxy.ask("/programmes/?country=NL", is_plain=True)
    assert answer.status == 301
    assert answer.headers["Location"] == "https://stem.example/programmes/?country=NL"


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "/METRICS", "//metrics", "/%6detrics", "/./metrics?a=b"]
)
def test_metrics_are_not_found_by_way_of_the_proxy_however_they_are_written(
    proxy: Proxy, path: str
) -> None:
    assert proxy.ask(path).status == 404


@pytest.mark.parametrize(
    "path", ["/suggest/{}/", "/SUGGEST/{}", "//suggest//{}", "/%73uggest/{}", "/a/../suggest/{}"]
)
def test_no_log_has_the_token_of_a_suggestion_however_its_address_is_written(
    proxy: Proxy, path: str
) -> None:
    assert proxy.ask(path.format(TOKEN)).status == 502
    assert proxy.ask(path.format(TOKEN), is_plain=True).status == 301
    assert TOKEN not in proxy.read_logs()


def test_the_log_has_a_line_of_json_under_the_id_of_the_request_and_no_client(
    proxy: Proxy,
) -> None:
    answer = proxy.ask('/programmes/?q="two%20words"')
    given = answer.headers["X-Request-ID"]
    lines = (proxy.folder / "stem.log").read_text().splitlines()
    (told,) = [one for one in map(json.loads, lines) if one["request_id"] == given]
    assert (told["method"], told["status"]) == ("GET", "502")
    assert told["address"] == '/programmes/?q="two%20words"'
    assert not any("127.0.0.1" in str(value) for value in told.values())
