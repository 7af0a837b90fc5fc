"""The nginx of deploy/nginx/stem.conf as tests and measurements start it, without TLS."""

import os
import re
from pathlib import Path

CONFIGURATION = Path(__file__).parent.parent / "deploy/nginx/stem.conf"
# The server that leads from http to https, and all that a certificate is needed for.
REDIRECT = re.compile(r"^server \{\n    listen 80;.*?^\}\n", re.DOTALL | re.MULTILINE)
TLS = re.compile(r"^    (?:listen \[::\]|ssl_).*\n", re.MULTILINE)
OWN_ID = "add_header X-Request-ID $request_id always;"
# What a configuration needs besides, so that nginx writes into one folder only. `X-Cache` says
# whether an answer came from the cache.
AROUND = """
daemon off; pid {folder}/pid; error_log stderr {level}; {user}
events {{}}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {shipped}
}}
"""


def write_configuration(
    port: int, site: int, folder: Path, media: Path | None = None, level: str = "error"
) -> str:
    """Return the shipped configuration for a site at a port, answering by plain http at another."""
    shipped = adapt_shipped(f"127.0.0.1:{port}", f"127.0.0.1:{site}", folder, media)
    return surround(shipped, folder, level)


def adapt_shipped(listen: str, site: str, folder: Path, media: Path | None = None) -> str:
    """Return the shipped servers without TLS, with addresses and folders of our own."""
    shipped, redirects = REDIRECT.subn("", CONFIGURATION.read_text())
    shipped, lines = TLS.subn("", shipped)
    if not (redirects == 1 and lines):
        raise ValueError(f"{CONFIGURATION} has other servers than it had.")
    for given, here in {
        "/var/cache/nginx-stem": f"{folder}/cache",
        "/var/log/nginx/stem.log": f"{folder}/access.log",
        "listen 443 ssl http2;": f"listen {listen};",
        "http://127.0.0.1:8000": f"http://{site}",
        "/srv/data/media/": f"{media or folder}/",
        OWN_ID: f"{OWN_ID} add_header X-Cache $upstream_cache_status always;",
    }.items():
        if given not in shipped:
            raise ValueError(f"{CONFIGURATION} does not say {given}")
        shipped = shipped.replace(given, here)
    return shipped


def surround(servers: str, folder: Path, level: str = "warn") -> str:
    """Return a whole configuration, by which nginx writes into one folder only."""
    user = "user root;" if os.getuid() == 0 else ""
    return AROUND.format(folder=folder, level=level, shipped=servers, user=user)
