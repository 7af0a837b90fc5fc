"""The settings of gunicorn, which reads this file where it is started from this folder."""

import logging
import os
import signal
from typing import Any

from django.utils.module_loading import import_string
from gunicorn.systemd import sd_notify

# The longest first line of a request that gunicorn can be told to take without giving up all
# limits: every query that the site accepts (8 kB) has room in it. gunicorn's usual limit is half.
limit_request_line = 8_190

# gunicorn would take a header SCRIPT_NAME from a proxy on the same machine for the prefix of the
# site. The site has none, and not every proxy takes such a header away from what clients send.
forwarder_headers = ""

# The site is imported, and the catalogue read, before there are workers. So these are ready at
# once, and share the memory of what was read.
preload_app = True


def on_starting(server: Any) -> None:
    """Let no log of gunicorn have the token of a suggestion; workers inherit this."""
    hide_tokens = import_string("stemobs.logs.HideTokens")()
    for name in ("gunicorn.access", "gunicorn.error"):
        logging.getLogger(name).addFilter(hide_tokens)


def when_ready(server: Any) -> None:
    """Wait until the catalogue is in memory; then let a server end that this one replaces.

    SIGUSR2 starts a server beside the old one, on the same sockets. The old one answers until the
    new one is ready, so a reload or a new release keeps nobody waiting.
    """
    import_string("stemobs.catalogue.requests.wait_until_built")()
    if server.master_pid and server.master_pid == os.getppid():
        sd_notify(f"MAINPID={os.getpid()}", server.log)
        os.kill(server.master_pid, signal.SIGTERM)


def post_worker_init(worker: Any) -> None:
    """Let a worker say that it lives, and answer a longer line as a query that is too long."""
    # By name: what answers needs Django's settings, which gunicorn reads before this file's hooks.
    import_string("stemobs.http.addresses.server.explain_long_lines")(worker)
    import_string("stemobs.http.health.answer_while_busy")(worker)
