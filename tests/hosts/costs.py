"""What readers and changes cost a host, while nobody else asks it and nothing else is written."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tests.hosts.client import ask
from tests.hosts.model import LIST, Model, read_numbers
from tests.hosts.servers import PORT, Host, wait_patiently

CHANGES = 20
WARMING = 10
# Tells the addresses of a hundred records, and of the countries that have any.
KNOWN = "/api/v1/programmes/?page_size=100&facets=country"
HOME = ["/"] * 100
# Asks a host for its figures from its own machine, which is one of those that may read them.
READ_FIGURES = """
import sys
from http.client import HTTPConnection
asked = HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=30)
asked.request("GET", "/metrics", headers={"Host": "127.0.0.1"})
print(asked.getresponse().read().decode())
"""


@dataclass(frozen=True)
class Costs:
    """Milliseconds of CPU: of a process for a change, and of a host for a page of each kind."""

    change: float
    record: float
    listing: float
    home: float


def measure_costs(host: Host, model: Model) -> Costs:
    with model.paused():
        change = measure_changes(host, model)
        known = json.loads(ask(host.machine.name, host.socket, KNOWN).body)
        countries = [one["value"] for one in known["facets"]["country"]]
        records = [f"/programmes/{one['slug']}/" for one in known["results"]]
        lists = [f"/programmes/?country={code}" for code in countries]
        return Costs(change, *(measure_pages(host, one) for one in (records, lists, HOME)))


def measure_changes(host: Host, model: Model) -> float:
    """Return the milliseconds that a process takes for a state with two other names."""
    times, seconds = read_renewals(host)
    for _change in range(CHANGES):
        number = model.write()
        wait_patiently(lambda number=number: shows(host, number), "the host shows the change")
    more, longer = read_renewals(host)
    return (longer - seconds) / (more - times) * 1000


def shows(host: Host, number: int) -> bool:
    answer = ask(host.machine.name, host.socket, LIST)
    return max(read_numbers(answer.body), default=0) >= number


def read_renewals(host: Host) -> tuple[float, float]:
    """Return how often processes of a host made an index anew, and the seconds of CPU it took."""
    asked = subprocess.run(
        [*host.machine.inside, sys.executable, "-c", READ_FIGURES, host.machine.address, str(PORT)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = ("stem_index_renewals_total", "stem_index_renewing_cpu_seconds_total")
    times, seconds = (
        sum(map(float, re.findall(rf"^{name} (\S+)$", asked.stdout, flags=re.M))) for name in names
    )
    return times, seconds


def measure_pages(host: Host, paths: Sequence[str]) -> float:
    """Return the milliseconds of CPU that a host takes for a page, asked for the first time.

    Some are asked before, because a process writes its queries and templates once.
    """
    ask_each(host, paths[:WARMING])
    begun = host.machine.seconds_of_cpu
    ask_each(host, paths[WARMING:])
    return (host.machine.seconds_of_cpu - begun) / len(paths[WARMING:]) * 1000


def ask_each(host: Host, paths: Sequence[str]) -> None:
    for path in paths:
        assert ask(host.machine.name, host.socket, path).status == 200, path
