"""Network namespaces: one for each machine, and one with the bridge that joins them.

Nothing is made outside of them, so all is gone when they are. A process of its own waits until the
tests end, in whatever way, and then ends what runs in the namespaces and deletes them.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir

PREFIX = "stemhosts"
WIRE = "wire"  # the namespace with the bridge
NETWORK = "10.77.0"
ROOT = Path(__file__).parent.parent.parent
NEEDED = "Machines of their own need root and iproute2 (apt-get install iproute2), and a kernel"


class NoNamespaces(Exception):
    """This machine does not let us make namespaces."""


def ip(*arguments: str) -> str:
    """Run iproute2's program, and return what it tells."""
    asked = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if asked.returncode:
        raise NoNamespaces(f"ip {' '.join(arguments)}: {asked.stderr.strip()}")
    return asked.stdout


@dataclass(frozen=True)
class Machine:
    """A namespace with one address, reached by the others over the bridge."""

    network: "Network"
    name: str
    number: int

    @property
    def address(self) -> str:
        return f"{NETWORK}.{self.number}"

    @property
    def namespace(self) -> str:
        return f"{self.network.name}-{self.name}"

    @property
    def inside(self) -> list[str]:
        """Return the beginning of a command that runs on this machine."""
        return ["ip", "netns", "exec", self.namespace]

    @property
    def processes(self) -> list[int]:
        return list_processes(self.namespace)

    @property
    def seconds_of_cpu(self) -> float:
        """Return how long a processor has worked for what runs on this machine now."""
        return sum(map(measure_cpu, self.processes))

    def signal(self, number: int) -> None:
        """Send a signal to all that runs on this machine."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def set_link(self, state: str) -> None:
        ip("-n", f"{self.network.name}-{WIRE}", "link", "set", f"to-{self.name}", state)

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """Pull the machine's plug: what is sent to it, or by it, arrives nowhere."""
        self.set_link("down")
        try:
            yield
        finally:
            self.set_link("up")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop all that runs on the machine, so that it takes connections and answers nothing."""
        self.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)


@dataclass
class Network:
    """The machines of one run, whose names begin with that of the process that made them."""

    name: str
    machines: dict[str, Machine] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return Path(gettempdir()) / self.name

    def add(self, name: str) -> Machine:
        """Make a machine, with the next address."""
        machine = Machine(self, name, 10 + len(self.machines))
        wire, own = f"{self.name}-{WIRE}", machine.namespace
        ip("netns", "add", own)
        ends = ("link", "add", f"to-{name}", "type", "veth", "peer", "name", "eth0", "netns", own)
        ip("-n", wire, *ends)
        ip("-n", wire, "link", "set", f"to-{name}", "master", "bridge", "up")
        ip("-n", own, "address", "add", f"{machine.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            ip("-n", own, "link", "set", device, "up")
        self.machines[name] = machine
        return machine


@contextmanager
def own_network() -> Iterator[Network]:
    """Yield a network without machines; end all that runs on them, and delete them, at the end."""
    if os.geteuid() or not shutil.which("ip"):
        raise NoNamespaces(f"{NEEDED} with network namespaces.")
    sweep()
    network = Network(make_name())
    guard = subprocess.Popen(
        [sys.executable, "-m", "tests.hosts.namespaces", network.name],
        cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        network.folder.mkdir(mode=0o755)
        wire = f"{network.name}-{WIRE}"
        ip("netns", "add", wire)
        ip("-n", wire, "link", "add", "bridge", "type", "bridge")
        ip("-n", wire, "link", "set", "bridge", "up")
        yield network
    finally:
        guard.communicate()
        for process in network.processes:
            process.wait()


# --- Names, and what is left of runs that ended ---------------------------------------------------


def make_name() -> str:
    """Return a name for this process that none before it had."""
    return f"{PREFIX}-{os.getpid()}-{find_start(os.getpid())}"


def find_start(process: int) -> str:
    """Return when a process began, in ticks since the machine did; "" if there is none."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19]
    return ""


def measure_cpu(process: int) -> float:
    """Return the seconds of CPU that all threads of a process took; 0 if it has ended."""
    with suppress(OSError):
        figures = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, figures[11:13])) / os.sysconf("SC_CLK_TCK")
    return 0


def list_namespaces() -> list[str]:
    return [line.split()[0] for line in ip("netns", "list").splitlines() if line]


def list_processes(namespace: str) -> list[int]:
    return [int(one) for one in ip("netns", "pids", namespace).split()]


def sweep() -> None:
    """Delete what runs left whose guard was killed together with them."""
    folders = [path.name for path in Path(gettempdir()).glob(f"{PREFIX}-*")]
    for left in [*list_namespaces(), *folders]:
        if left.startswith(f"{PREFIX}-"):
            process, start = left.split("-")[1:3]
            if find_start(int(process)) != start:
                delete(f"{PREFIX}-{process}-{start}")


def delete(name: str) -> None:
    """Delete all namespaces and the folder of a run, and end what runs in them."""
    for namespace in list_namespaces():
        if not namespace.startswith(f"{name}-"):
            continue
        while processes := list_processes(namespace):
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.1)
        ip("netns", "delete", namespace)
    shutil.rmtree(Path(gettempdir()) / name, ignore_errors=True)


if __name__ == "__main__":
    # The other end is closed when the run ends, also if it is killed.
    sys.stdin.read()
    delete(sys.argv[1])
