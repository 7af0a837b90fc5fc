"""The settings of gunicorn, which reads this file where it is started from this folder."""

import os
import shutil
import signal
import sys
import tempfile
from typing import Any

from django.utils.module_loading import import_string
from gunicorn.glogging import Logger
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

# Where the workers of this server add up what they count. The library reads the variable when the
# site is imported. The name of the folder has the server's number: the file is read again when the
# server reloads, and a server that takes over from another inherits the variable.
COUNTS = "PROMETHEUS_MULTIPROC_DIR"
OWN_COUNTS = f"stem-metrics-{os.getpid()}-"
if os.environ.get("METRICS") and OWN_COUNTS not in os.environ.get(COUNTS, ""):
    os.environ[COUNTS] = tempfile.mkdtemp(prefix=OWN_COUNTS)


class PrivateLogger(Logger):
    """Lets no log of gunicorn have the token of a suggestion, and writes JSON if told to."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        # By name: this file is read before gunicorn knows where the site is.
        hide_tokens = import_string("stemobs.logs.HideTokens")()
        for log in (self.error_log, self.access_log):
            log.filters[:] = [hide_tokens]
            for handler in log.handlers if os.environ.get("LOG_FORMAT") == "json" else ():
                handler.setFormatter(import_string("stemobs.logs.JSONLines")())


logger_class = PrivateLogger


def when_ready(server: Any) -> None:
    """Wait until the catalogue is in memory; then let a server end that this one replaces.

    SIGUSR2 starts a server beside the old one, on the same sockets. The old one answers until the
    new one is ready, so a reload or a new release keeps nobody waiting. If the new one cannot read
    the catalogue, it ends and the old one goes on.
    """
    forget_figures(os.getpid())  # those of the server itself, which answers nobody
    is_built = import_string("stemobs.catalogue.states.requests.wait_until_built")()
    if server.master_pid and server.master_pid == os.getppid():
        if not is_built:
            sys.exit("The catalogue cannot be read, so the server of before goes on.")
        sd_notify(f"MAINPID={os.getpid()}", server.log)
        os.kill(server.master_pid, signal.SIGTERM)


def post_worker_init(worker: Any) -> None:
    """Let a worker say that it lives, and answer a longer line as a query that is too long."""
    # By name: what answers needs Django's settings, which gunicorn reads before this file's hooks.
    import_string("stemobs.http.addresses.server.explain_long_lines")(worker)
    import_string("stemobs.http.health.answer_while_busy")(worker)
    import_string("stemobs.catalogue.states.requests.begin_serving")()


def child_exit(server: Any, worker: Any) -> None:
    """Forget the state of a worker that ended; what it counted stays."""
    forget_figures(worker.pid)


def forget_figures(process: int) -> None:
    if COUNTS in os.environ:
        # By name: imported before the variable is set, the library would count for itself.
        import_string("prometheus_client.multiprocess.mark_process_dead")(process)


def on_exit(server: Any) -> None:
    """Delete what was counted, when the server itself ends."""
    if OWN_COUNTS in os.environ.get(COUNTS, ""):
        shutil.rmtree(os.environ[COUNTS], ignore_errors=True)
