"""What befalls a site: each fault happens, ends, and the site is whole again afterwards."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain

from tests.faults.replicas import cut_off
from tests.hosts.client import PROXY, ask
from tests.hosts.model import LIST, Model, read_numbers, read_present
from tests.hosts.servers import Database, wait_patiently
from tests.hosts.site import Site, add_copies

LASTING = 4  # seconds that a fault lasts
LAG = 8  # seconds for which replicas are behind
PROMISED = 10  # seconds within which answers are right after a promotion
IMPORTED, BATCH = 2_000, 200
RECEIVED = """
SELECT pg_wal_lsn_diff(greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), '0/0')
"""
Fault = Callable[[Site, Model], object]


def is_right(site: Site, number: int) -> bool:
    """Whether every host shows a state at least as late, and not from memory."""
    answers = [ask(host.machine.name, host.socket, LIST) for host in site.hosts]
    return all(
        one.status == 200 and not one.is_from_memory and max(read_numbers(one.body)) >= number
        for one in answers
    )


def wait_until_right(site: Site, model: Model) -> None:
    """Wait until all hosts show what the primary has now, and the replicas have it too."""
    number = wait_until_replicated(site)
    wait_patiently(lambda: is_right(site, number), "all hosts show the present state")


def wait_until_replicated(site: Site) -> int:
    """Wait until the replicas have the state that the primary has now; return its number."""
    number = read_present(site.primary)
    wait_patiently(
        lambda: all(read_present(replica) >= number for replica in site.replicas),
        "the replicas catch up",
    )
    return number


def kill(site: Site, model: Model) -> None:
    """Kill a host, a replica and the primary, one after the other, and start each again."""
    host = site.hosts[0]
    host.kill()
    time.sleep(LASTING)
    host.start()
    host.wait_until_ready()
    for database in (site.replicas[0], site.primary):
        database.kill()
        time.sleep(LASTING)
        database.control("start")
    wait_until_right(site, model)


def freeze(site: Site, model: Model) -> None:
    """Stop a host, a replica and the primary by turns: they take connections and say nothing."""
    for machine in (site.hosts[1].machine, site.replicas[0].machine, site.primary.machine):
        with machine.frozen():
            time.sleep(LASTING)
    wait_until_right(site, model)


def partition(site: Site, model: Model) -> None:
    """Cut off a host, a replica and the primary, one after the other."""
    for machine in (site.hosts[2].machine, site.replicas[1].machine, site.primary.machine):
        with machine.cut_off():
            time.sleep(LASTING)
    wait_until_right(site, model)


def count_received(replica: Database) -> int:
    """Return how many bytes a replica has received of all that was ever written to its primary."""
    return int(replica.ask("site", RECEIVED))


def promote(site: Site, model: Model) -> float:
    """Lose the primary with a transaction that no replica has; promote one, which others follow.

    Return after how many seconds all hosts showed what was written to the new primary.
    """
    former = site.primary
    with model.paused():
        wait_until_replicated(site)
        for replica in site.replicas:
            cut_off(replica)
        # The one that has received more can no longer follow the one that has received less.
        other, new = sorted(site.replicas, key=count_received)
        model.write()
        time.sleep(1)  # so that the lost state is shown
        former.kill()
        begun = time.monotonic()
        new.control("promote")
        model.lose_all_but(read_present(new))
        model.primary = site.primary = new
        site.pooler.lead_to(new)
        number = model.write()
        other.set("primary_conninfo", f"host={new.machine.address} user=root")
        wait_patiently(lambda: is_right(site, number), "all hosts show the new history")
        taken = time.monotonic() - begun
    former.follow(new)
    site.replicas = [other, former]
    wait_until_right(site, model)
    return taken


def lag(site: Site, model: Model) -> None:
    """Let the replicas be behind for a while, as slow ones are."""
    for replica in site.replicas:
        replica.set("recovery_min_apply_delay", f"{LAG}s")
    time.sleep(LAG + LASTING)
    for replica in site.replicas:
        replica.set("recovery_min_apply_delay", "0")
    wait_until_right(site, model)


def import_many(site: Site, model: Model) -> None:
    """Add many rows, in batches that are committed one by one."""
    last = int(site.primary.ask("site", "SELECT max(id) FROM programmes_programme"))
    for begin in range(last, last + IMPORTED, BATCH):
        add_copies(site.primary, begin, begin + BATCH - 1)
    wait_until_right(site, model)


def deploy(site: Site, model: Model) -> float:
    """Replace one host after the other, while the others answer.

    Return after how many seconds the slowest of them was ready.
    """
    slowest = 0.0
    for host in site.hosts:
        host.end()
        begun = time.monotonic()
        host.start()
        host.wait_until_ready()
        slowest = max(slowest, time.monotonic() - begun)
    wait_until_right(site, model)
    return slowest


FAULTS: dict[str, Fault] = {
    "kill": kill,
    "freeze": freeze,
    "partition": partition,
    "promote": promote,
    "lag": lag,
    "import": import_many,
    "deploy": deploy,
}


@contextmanager
def all_stopped(site: Site) -> Iterator[None]:
    """Stop all that stands behind the proxy."""
    machines = [one.machine for one in chain(site.hosts, site.databases)]
    for machine in machines:
        machine.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for machine in machines:
            machine.signal(signal.SIGCONT)


def count_kept(site: Site, paths: tuple[str, ...]) -> int:
    """Return how many pages the proxy has while all behind it is stopped."""
    for path in paths:
        ask(PROXY, site.proxy.socket, path)
    with all_stopped(site):
        answers = [ask(PROXY, site.proxy.socket, path) for path in paths]
    return sum(one.status == 200 for one in answers)
