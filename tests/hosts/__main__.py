"""`./dev hosts`: starts a site of several hosts on this machine, and lets faults befall it.

Without a fault in its arguments it tries all, tells what it measured, and then asks for more.
"""

import sys
from collections.abc import Iterator

from tests.hosts.faults import FAULTS
from tests.hosts.forwarding import forwarded
from tests.hosts.model import writing
from tests.hosts.namespaces import NoNamespaces
from tests.hosts.site import Site, own_site
from tests.hosts.trying import find_wrong, tell_faults, tell_promises, try_faults


def tell(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tell_what_there_is(site: Site, port: int) -> None:
    tell(f"The site answers at http://127.0.0.1:{port}/. Its machines:", "")
    for machine in site.network.machines.values():
        tell(f"- {machine.name}, {machine.address}: {' '.join(machine.inside)}")
    tell("", "Faults:", "")
    for name, fault in FAULTS.items():
        tell(f"- {name}: {(fault.__doc__ or '').partition(chr(10))[0]}")
    tell("")


def ask_for_more() -> Iterator[str]:
    """Yield the names of faults that somebody types, until they type nothing more."""
    while sys.stdin.isatty():
        tell("", f"Which fault? {' '.join(FAULTS)}, or nothing to end")
        name = sys.stdin.readline().strip()
        if not name:
            return
        if name in FAULTS:
            yield name


def main(*names: str) -> None:
    if unknown := set(names) - set(FAULTS):
        sys.exit(f"There is no fault {unknown.pop()}. There are: {' '.join(FAULTS)}")
    tell("Starting eight machines …")
    with own_site() as site, forwarded(site.proxy.socket) as port:
        tell_what_there_is(site, port)
        with writing(site.primary) as model:
            tried = []
            for one in try_faults(site, model, names or FAULTS):
                tell(f"{one.fault}: done in {one.seconds:.0f} s")
                tried.append(one)
            tell("", *tell_faults(tried), "", *tell_promises(site, tried, model))
            tell("", *find_wrong(site, tried, model))
            for one in try_faults(site, model, ask_for_more()):
                tell(*tell_faults([one]))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except NoNamespaces as error:
        sys.exit(f"./dev hosts: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
