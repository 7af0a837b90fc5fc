"""Helpers for runs of the link check: its clock, rows to look at, and a process of its own.

Run as a module it does one thing in a database of its own: it prepares addresses, tells what was
found, ends a lease, or is `manage.py check_links` for which all public hosts are this machine.
"""

import json
import re
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.core.management import execute_from_command_line
from django.utils import timezone

from programmes.columns.hosts import leads_to_public
from programmes.models import Lease, Source, WebLink
from stemobs.curation.links.asking import Internet
from stemobs.curation.links.checking import Check, Manners
from stemobs.curation.links.records import take_in_addresses
from stemobs.management.commands import check_links
from tests.builders import make_source
from tests.curation.links.webs import HERE, Web

SLUG = "of-a-link-"
START = datetime(2026, 11, 29, 2, tzinfo=UTC)


class Clock:
    """A clock that goes only while somebody sleeps; `moment` are its seconds."""

    def __init__(self) -> None:
        self.moment = 1000.0

    def read(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.moment += seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.moment - 1000)


def look_no_more() -> None:
    """Let no address be due but those that a test makes."""
    take_in_addresses()
    WebLink.objects.update(looked_at=timezone.now() + timedelta(days=3650), outcome="works")


def make_sources(*addresses: str) -> list[Source]:
    return [make_source(url=address) for address in addresses]


def run(web: Web, *, budget: float = 60, clock: Clock | None = None, **manners: Any) -> Check:
    """Run the check in the web of a test, by a clock that stands still unless it sleeps."""
    clock = clock or Clock()
    polite = Manners(**{"pause": 5, "patience": 5, "threads": 4, **manners})
    check = Check(
        budget, web.internet(), polite, clock=clock.read, sleep=clock.sleep, now=clock.now
    )
    check.run()
    return check


def find(address: str) -> WebLink:
    return WebLink.objects.get(address=address)


def prepare(port: str, addresses: str, hosts: str) -> None:
    """Make sources with so many addresses of so many hosts, which alone are due."""
    Lease.objects.all().delete()
    Source.objects.filter(slug__startswith=SLUG).delete()
    look_no_more()
    for number in range(int(addresses)):
        host = f"h{number % int(hosts)}.example"
        make_source(slug=f"{SLUG}{number}", url=f"http://{host}:{port}/{number}")


def tell() -> None:
    """Print the links of such addresses as JSON."""
    rows = WebLink.objects.filter(host__regex=r"^h\d+\.example$").values()
    sys.stdout.write(json.dumps([*rows], default=str))


def end_lease() -> None:
    """Let the lease be over, as after two minutes."""
    Lease.objects.update(until=timezone.now())


def check(pause: str, budget: str) -> None:
    """Run the command with a resolver of its own; print how much memory that took, in kB."""
    internet = Internet(
        lambda _host, _seconds: [HERE], lambda ip: ip == HERE or leads_to_public(ip)
    )
    manners = Manners(pause=float(pause))
    vars(check_links)["Check"] = partial(Check, internet=internet, manners=manners)
    execute_from_command_line(["manage.py", "check_links", f"--budget={budget}"])
    # What `getrusage` tells counts the process that began this one too.
    used = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    sys.stdout.write(f"Used: {used[0]} kB\n")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
