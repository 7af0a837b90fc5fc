"""What runs on the machines: PostgreSQL, its replicas, PgBouncer, app hosts and nginx.

Each also listens on a socket in the folder of the run. By that the tests reach it from outside.
"""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from socket import AF_UNIX, socket

from benchmarks.proxies import adapt_shipped, surround
from tests.faults.clusters import Cluster, find_programs
from tests.hosts.namespaces import NETWORK, Machine
from tests.proxies import NGINX
from tests.servers import ROOT, end_with_parent

PATIENCE = 240  # seconds
WORKERS = ("--workers", "2", "--threads", "4")
PORT, POOLER_PORT = 8000, 6432
# What docs/operations.md wants of a role behind a pooler.
ROLE_SETTINGS = ("statement_timeout = '5s'", "lock_timeout = '3s'", "jit = off")
DATABASE_SETTINGS = """
listen_addresses = '{address}'
unix_socket_directories = '{folder}'
max_connections = 100
hot_standby_feedback = on
wal_keep_size = 256MB
wal_sender_timeout = 5s
wal_receiver_timeout = 5s
wal_retrieve_retry_interval = 100
"""
POOLER_SETTINGS = """
[databases]
site = host={primary} dbname=site user=site

[pgbouncer]
listen_addr = {address}
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 10
server_connect_timeout = 2
server_login_retry = 1
logfile = {folder}/pooler.log
"""
UPSTREAM = """
    upstream site {{ {servers} }}
    {documented}
"""


class SocketConnection(HTTPConnection):
    """A connection to a server that listens on a socket in a folder."""

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("127.0.0.1", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        self.sock = socket(AF_UNIX)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(str(self.path))
        except OSError:
            self.sock.close()
            raise


def wait_patiently(is_so: Callable[[], object], what: str) -> None:
    """Wait until something is so, also on a machine with much else to do."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"It never happened: {what}"
        time.sleep(0.25)


def get_status(path: Path, address: str) -> int:
    """Return the status of an answer; 0 if there is none."""
    with closing(SocketConnection(path, 5)) as asked, suppress(OSError):
        asked.request("GET", address, headers={"Connection": "close"})
        answer = asked.getresponse()
        answer.read()
        return answer.status
    return 0


def start(machine: Machine, command: Sequence[str], **options: object) -> subprocess.Popen[bytes]:
    """Start a program on a machine, with its output in the folder of the run."""
    with (machine.network.folder / f"{machine.name}.log").open("ab") as log:
        process = subprocess.Popen(
            [*machine.inside, *command], stdout=log, stderr=log, cwd=ROOT,
            start_new_session=True, preexec_fn=end_with_parent, **options,
        )  # type: ignore[call-overload]  # fmt: skip  # options are those of Popen
    machine.network.processes.append(process)
    return process


# --- Databases ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Database(Cluster):
    """A PostgreSQL server on a machine of its own."""

    machine: Machine

    @classmethod
    def on(cls, machine: Machine) -> "Database":
        folder = machine.network.folder / machine.name
        folder.mkdir()
        shutil.chown(folder, "postgres")
        return cls(folder, machine)

    def run(self, program: str, *arguments: str) -> None:
        as_owner = [*self.machine.inside, "runuser", "-u", "postgres", "--"]
        subprocess.run(
            [*as_owner, str(find_programs() / program), *arguments],
            cwd=self.folder, check=True, capture_output=True,
        )  # fmt: skip

    @property
    def url(self) -> str:
        return f"postgres://site@{self.machine.address}/site"

    def configure(self) -> None:
        """Let the server listen to the other machines."""
        data = self.folder / "data"
        with (data / "postgresql.conf").open("a") as file:
            file.write(DATABASE_SETTINGS.format(address=self.machine.address, folder=self.folder))
        with (data / "pg_hba.conf").open("a") as file:
            for database in ("all", "replication"):
                file.write(f"host {database} all {NETWORK}.0/24 trust\n")

    def make_primary(self, copied_from: Sequence[str]) -> None:
        self.make(copied_from)
        self.configure()
        self.control("restart")
        for setting in ROLE_SETTINGS:
            self.ask("postgres", f"ALTER ROLE site SET {setting}")

    def follow(self, primary: "Database") -> None:
        """Become a replica of a server, as it is now."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        data = str(self.folder / "data")
        self.run(
            "pg_basebackup", "-h", primary.machine.address, "-U", "root", "-D", data,
            "-R", "-X", "stream", "-c", "fast", "--no-sync",
        )  # fmt: skip
        self.configure()
        self.control("start")

    def set(self, name: str, value: str) -> None:
        """Change a setting of the running server."""
        self.ask("postgres", f"ALTER SYSTEM SET {name} = '{value}'")
        self.ask("postgres", "SELECT pg_reload_conf()")

    def kill(self) -> None:
        """End all of the server at once, as a power cut does."""
        self.machine.signal(signal.SIGKILL)
        wait_patiently(lambda: not self.machine.processes, "the server is gone")


@dataclass
class Pooler:
    """PgBouncer, which leads to the primary."""

    machine: Machine
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://site@{self.machine.address}:{POOLER_PORT}/site"

    @property
    def settings(self) -> Path:
        return self.machine.network.folder / "pooler" / "pooler.ini"

    def lead_to(self, primary: Database) -> None:
        """Write the settings, and start the pooler or let it read them anew."""
        folder = self.settings.parent
        if not folder.exists():
            folder.mkdir()
            shutil.chown(folder, "postgres")
        self.settings.write_text(
            POOLER_SETTINGS.format(
                primary=primary.machine.address, address=self.machine.address,
                port=POOLER_PORT, folder=folder,
            )
        )  # fmt: skip
        if self.process:
            self.process.send_signal(signal.SIGHUP)
        else:
            program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
            self.process = start(self.machine, [program, "--user=postgres", str(self.settings)])


# --- The site -------------------------------------------------------------------------------------


@dataclass
class Host:
    """An app host: gunicorn with two workers."""

    machine: Machine
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.machine.network.folder / f"{self.machine.name}.sock"

    @property
    def log(self) -> str:
        return (self.machine.network.folder / f"{self.machine.name}.log").read_text()

    def start(self) -> None:
        self.process = start(
            self.machine,
            [
                *(sys.executable, "-m", "gunicorn", "stemobs.wsgi", "--worker-class", "gthread"),
                *("--bind", f"{self.machine.address}:{PORT}", "--bind", f"unix:{self.socket}"),
                *("--timeout", "120", "--no-control-socket", *WORKERS),
            ],
            env=self.environment,
        )

    def wait_until_ready(self) -> None:
        wait_patiently(lambda: get_status(self.socket, "/health/ready") == 200, "the host is ready")

    def end(self) -> None:
        """End the host as a deploy does: it takes nothing more, and answers what it has."""
        assert self.process
        self.process.terminate()
        self.process.wait()

    def kill(self) -> None:
        self.machine.signal(signal.SIGKILL)
        assert self.process
        self.process.wait()


@dataclass
class Proxy:
    """nginx as docs/operations.md has it, balancing between hosts."""

    machine: Machine
    hosts: Sequence[Host]

    @property
    def socket(self) -> Path:
        return self.machine.network.folder / "proxy.sock"

    def start(self) -> None:
        folder = self.machine.network.folder / "proxy"
        folder.mkdir()
        file = folder / "nginx.conf"
        file.write_text(self.write_configuration(folder))
        start(self.machine, [NGINX, "-e", "stderr", "-p", str(folder), "-c", str(file)])
        wait_patiently(lambda: get_status(self.socket, "/health/live") == 200, "the proxy answers")

    def write_configuration(self, folder: Path) -> str:
        servers = " ".join(
            f"server {host.machine.address}:{PORT} max_fails=1 fail_timeout=2s;"
            for host in self.hosts
        )
        listen = f"{self.machine.address}:80; listen unix:{self.socket}"
        documented = adapt_shipped(listen, "site", folder, folder / "media")
        return surround(UPSTREAM.format(servers=servers, documented=documented), folder)
