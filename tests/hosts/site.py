"""Three app hosts, a primary, two replicas, a pooler and a proxy, on a machine each."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.hosts.namespaces import NETWORK, Network, own_network
from tests.hosts.servers import Database, Host, Pooler, Proxy
from tests.servers import manage, settings_of_a_site

HOSTS, DATABASES = 3, 3
# With so many more programmes, processes hold states for their readers (WORTH_HOLDING).
COPIED, ADDED = "jet-net-nl", 1_000
# Copies of a published programme, with names of their own and no country.
COPIES = """
INSERT INTO programmes_programme SELECT (jsonb_populate_record(p, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('programmes_programme', 'id')),
    'slug', 'imported-' || n, 'name', 'Imported ' || n
))).* FROM programmes_programme p, generate_series({begin}, {end}) n WHERE p.slug = '{slug}'
"""


@dataclass
class Site:
    """All machines of a site. The primary may change, so it is named by what it is now."""

    network: Network
    primary: Database
    replicas: list[Database]
    pooler: Pooler
    hosts: list[Host]
    proxy: Proxy

    @property
    def databases(self) -> list[Database]:
        return [self.primary, *self.replicas]


def make_environment(network: Network, number: int, url: str, replicas: str) -> dict[str, str]:
    folder = network.folder / f"files-{number}"
    folder.mkdir()
    return {
        **settings_of_a_site(url, "http://127.0.0.1", folder),
        "DATABASE_REPLICA_URLS": replicas,
        "DATABASE_POOLER": "transaction",
        "HOST_ROOT": str(folder / "host"),
        "METRICS": f"{NETWORK}.0/24",
        # All hosts of a site have one key.
        "SECRET_KEY": "hosts" * 12,
    }


def fill(primary: Database, folder_of: Network) -> None:
    """Load the catalogue into the primary, where it is no copy of a loaded one."""
    folder = folder_of.folder / "loading"
    folder.mkdir()
    by_socket = f"postgres:///site?host={primary.folder}&user=site"
    environment = settings_of_a_site(by_socket, "http://127.0.0.1", folder)
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, "seed")


def add_copies(primary: Database, first: int, last: int) -> None:
    """Add published programmes with these numbers, all in one transaction."""
    primary.ask("site", COPIES.format(begin=first, end=last, slug=COPIED))


@contextmanager
def own_site(copied_from: Sequence[str] = ()) -> Iterator[Site]:
    """Yield a site that answers; its database is a copy of one that `pg_dump` can read."""
    with own_network() as network:
        primary, *replicas = [
            Database.on(network.add(f"db{number}")) for number in range(1, DATABASES + 1)
        ]
        primary.make_primary(copied_from)
        if not copied_from:
            fill(primary, network)
        add_copies(primary, 1, ADDED)
        for replica in replicas:
            replica.follow(primary)
        pooler = Pooler(network.add("pooler"))
        pooler.lead_to(primary)
        urls = ",".join(replica.url for replica in replicas)
        hosts = [
            Host(network.add(f"host{number}"), make_environment(network, number, pooler.url, urls))
            for number in range(1, HOSTS + 1)
        ]
        for host in hosts:
            host.start()
        for host in hosts:
            host.wait_until_ready()
        proxy = Proxy(network.add("proxy"), hosts)
        proxy.start()
        yield Site(network, primary, replicas, pooler, hosts, proxy)
