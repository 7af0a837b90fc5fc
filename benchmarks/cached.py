"""`python -m benchmarks.cached`: what readers get from nginx's cache while the catalogue changes.

The site runs with two workers behind the configuration in deploy/nginx. Clients ask
for lists of programmes, each at once again, while a programme gets another name every few seconds.
Then the site is stopped, and every list is asked for once more.
"""

import argparse
import gzip
import http.client
import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.databases import DATABASES, FOLDER, ROOT, child, collect_static, environment
from benchmarks.proxies import write_configuration
from benchmarks.report import Lines, head, machine, number, row
from benchmarks.run import databases, sizes, tell
from benchmarks.servers import HOST, PATIENCE, Server, free_port, site

CLIENTS = 2
LISTS = 40
READ = 25  # one in so many answers is unpacked, to see of which state it is
BETWEEN = 10  # seconds from one change to the next
MOST_AGE = 20  # seconds for which a proxy may show a former state
NAME = re.compile(rb"000 State (\d+)")


class Answer(NamedTuple):
    """An answer: when it came, how long it took, and the number of the state if it was read."""

    at: float
    seconds: float
    status: int
    cached: str
    state: int | None


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.cached", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--sizes", type=sizes, default=[100_000], help="100000 if not given")
    parser.add_argument(
        "--databases",
        type=databases,
        default=list(DATABASES),
        help="sqlite,postgresql if not given",
    )
    parser.add_argument("--seconds", type=int, default=60, help="how long clients ask (60)")
    return parser.parse_args()


@contextmanager
def nginx_before(port: int) -> Iterator[Server]:
    """Run nginx before the site at a port, as deploy/nginx/stem.conf says."""
    with tempfile.TemporaryDirectory(prefix="nginx") as name:
        folder, own = Path(name), free_port()
        folder.chmod(0o755)
        file = folder / "nginx.conf"
        file.write_text(write_configuration(own, port, folder))
        command = [find_nginx(), "-e", "stderr", "-p", str(folder), "-c", str(file)]
        with Server("nginx", command, own, "/health/live", FOLDER / "servers.log") as server:
            yield server


def find_nginx() -> str:
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        raise SystemExit("nginx is missing. On Debian or Ubuntu: apt-get install nginx-light")
    return found


# --- Asking ---------------------------------------------------------------------------------------


def ask_again_and_again(port: int, paths: list[str], until: float, seed: int) -> list[Answer]:
    """Ask for lists over one connection until a time, and return all answers."""
    rng, found = random.Random(seed), []
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    while time.time() < until:
        found.append(ask(connection, rng.choice(paths), is_read=len(found) % READ == 0))
    connection.close()
    return found


def ask(connection: http.client.HTTPConnection, path: str, is_read: bool = True) -> Answer:
    start = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    seconds = time.perf_counter() - start
    state = read_state(body) if is_read and answer.status == 200 else None
    return Answer(time.time(), seconds, answer.status, answer.headers["X-Cache"] or "", state)


def read_state(body: bytes) -> int | None:
    named = NAME.search(gzip.decompress(body))
    return int(named[1]) if named else None


class Writer:
    """A process that gives the named programme the next name for each line it gets."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.child", "benchmarks.naming"],
            env=environment(url),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def write(self, state: int) -> float:
        """Commit a state, and return when that was done."""
        asked, done = self.process.stdin, self.process.stdout
        if asked is None or done is None:
            raise RuntimeError("The pipes to the writer are closed.")
        asked.write(f"{state}\n")
        asked.flush()
        done.readline()
        return time.time()

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


def measure(url: str, seconds: int) -> dict[str, Any]:
    """Let clients ask while the catalogue changes; return what they got."""
    paths = json.loads(child(url, "naming", str(LISTS)))
    own = {**environment(url), "DJANGO_SETTINGS_MODULE": "stemobs.settings"}
    log = FOLDER / "servers.log"
    with (
        site("the site", own, log, workers=2, threads=4) as server,
        nginx_before(server.port) as proxy,
        closing(Writer(url)) as writer,
    ):
        committed = {1: writer.write(1)}
        ask_once(proxy, paths)
        until = time.time() + seconds
        asked = [(proxy.port, paths, until, seed) for seed in range(CLIENTS)]
        with multiprocessing.get_context("spawn").Pool(CLIENTS) as pool:
            working = pool.starmap_async(ask_again_and_again, asked)
            while time.time() < until - BETWEEN:
                time.sleep(BETWEEN)
                state = len(committed) + 1
                committed[state] = writer.write(state)
            answers = [one for several in working.get() for one in several]
        server.end()
        time.sleep(MOST_AGE)  # until nothing that is kept is current
        stopped = Counter(one.status for one in ask_once(proxy, paths))
    return {"answers": answers, "committed": committed, "seconds": seconds, "stopped": stopped}


def ask_once(proxy: Server, paths: list[str]) -> list[Answer]:
    connection = proxy.connect()
    return [ask(connection, path) for path in paths]


def find_oldest(answers: list[Answer], committed: dict[int, float]) -> float:
    """Return for how many seconds at most an answer showed what was not current any more."""
    ages = (
        one.at - committed[one.state + 1]
        for one in answers
        if one.state is not None and one.state + 1 in committed
    )
    return max(0.0, *ages)


def report(name: str, size: int, measured: dict[str, Any]) -> Lines:
    answers: list[Answer] = measured["answers"]
    times = sorted(one.seconds * 1000 for one in answers)
    statuses = Counter(one.status for one in answers)
    cached = Counter(one.cached for one in answers)
    oldest = find_oldest(answers, measured["committed"])
    yield f"\n## {size:,} programmes, {name}\n"
    yield from head("what", "measured", "goal")
    yield row("list pages a second", number(len(answers) / measured["seconds"]), "≥ 2,000")
    for share in (0.5, 0.99, 1):
        place = min(int(len(times) * share), len(times) - 1)
        yield row(f"{share:.0%} were quicker than, ms", number(times[place]), "–")
    yield row("oldest state shown, s", number(oldest), f"≤ {MOST_AGE}")
    yield row("other than 200", sum(statuses.values()) - statuses[200], "0")
    stopped = measured["stopped"]
    yield row("200 while the site is stopped", f"{stopped[200]} of {stopped.total()}", "all")
    yield f"\nFrom the cache: {', '.join(f'{what} {n:,}' for what, n in cached.most_common())}."
    yield f"{len(measured['committed'])} changes."


def main() -> None:
    options = arguments()
    sys.stdout.write(f"# Behind nginx\n\n{machine()}")
    for name in options.databases:
        with DATABASES[name]() as database:
            for size in options.sizes:
                tell(f"{size:,} programmes, {name}: preparing …")
                url = database.made(size)
                collect_static(url)
                tell(f"{size:,} programmes, {name}: measuring …")
                for line in report(name, size, measure(url, options.seconds)):
                    sys.stdout.write(f"{line}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
