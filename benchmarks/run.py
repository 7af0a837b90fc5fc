"""`python -m benchmarks.run`: make databases, start servers, measure, and print a report.

The comparisons are explained in `benchmarks/report.py`, `reference.py` and `flatten.py`.
"""

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.databases import (
    DATABASES,
    FOLDER,
    SEED,
    NotInstalled,
    child,
    collect_static,
    environment,
    flat_copy,
)
from benchmarks.measuring import Loop, Measured, WrongAnswer, contenders
from benchmarks.others import OTHERS, make_servers
from benchmarks.report import Result, as_data, report
from benchmarks.servers import site

Shapes = list[dict[str, Any]]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--sizes", type=sizes, default=[10_000, 100_000], help="10000,100000 if not given"
    )
    parser.add_argument(
        "--databases",
        type=databases,
        default=list(DATABASES),
        help="sqlite,postgresql if not given",
    )
    parser.add_argument("--rounds", type=int, default=30, help="how often all is asked (30)")
    parser.add_argument(
        "--budget", type=float, default=20, help="seconds for one contender and question (20)"
    )
    parser.add_argument(
        "--without",
        type=others,
        default=[],
        help=f"of {','.join(OTHERS).lower()}; Datasette takes minutes a question at 1,000,000",
    )
    parser.add_argument(
        "--out", type=Path, action="append", default=[], help="FILE.md or FILE.json; more than once"
    )
    return parser.parse_args()


def sizes(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def databases(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(DATABASES):
        raise argparse.ArgumentTypeError(f"{unknown.pop()} is none of {', '.join(DATABASES)}")
    return names


def others(text: str) -> list[str]:
    known = {name.lower(): name for name in OTHERS}
    names = text.lower().split(",")
    if unknown := set(names) - set(known):
        raise argparse.ArgumentTypeError(f"{unknown.pop()} is none of {', '.join(known)}")
    return [known[name] for name in names]


def tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def drawn(url: str) -> Shapes:
    return json.loads(child(url, "shapes", str(SEED)))


def inside(url: str, shapes: Shapes) -> dict[str, Any]:
    """Return the measurements of benchmarks.inside, or {} if its process fails."""
    queries = {shape["name"]: urlencode(shape["query"]) for shape in shapes}
    try:
        return json.loads(child(url, "inside", json.dumps(queries)))
    except subprocess.CalledProcessError:
        tell("The index alone, its check and its building could not be measured (see above).")
        return {}


def asked(url: str, size: int, shapes: Shapes, options: argparse.Namespace) -> Measured:
    """Start the servers, run the measuring loop, and stop the servers; return the results."""
    log = FOLDER / "servers.log"
    wanted = [name for name in OTHERS if name not in options.without]
    beside = make_servers(wanted, flat_copy(url, size), log) if wanted else {}
    with ExitStack() as stack:
        kept = site("the site", environment(url), log)
        uncached = site("the site without cards", {**environment(url), "CARD_CACHE": "off"}, log)
        for server in (kept, uncached, *beside.values()):
            stack.enter_context(server)
        loop = Loop(contenders(kept, uncached, beside), shapes, options.budget)
        return loop.run(options.rounds)


def measure(options: argparse.Namespace) -> Iterator[Result]:
    """Yield the result of each database and size; a database that is not installed is left out."""
    for name in options.databases:
        try:
            database = DATABASES[name]()
        except NotInstalled as error:
            tell(f"{name} is left out. {error}")
            continue
        with database:
            for size in options.sizes:
                yield measured(database, size, options)


def measured(database: Any, size: int, options: argparse.Namespace) -> Result:
    tell(f"{size:,} programmes, {database.name}: preparing …")
    url = database.made(size)
    collect_static(url)
    shapes = drawn(url)
    tell(f"{size:,} programmes, {database.name}: measuring …")
    found = inside(url, shapes)
    return Result(database.name, size, asked(url, size, shapes, options), found)


def write(results: list[Result], file: Path) -> None:
    data = json.dumps(as_data(results), indent=1) + "\n"
    file.write_text(data if file.suffix == ".json" else report(results))


def main() -> None:
    options = arguments()
    FOLDER.mkdir(parents=True, exist_ok=True)
    # Exit by an exception, as with Ctrl-C, so that the `with` statements stop all servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results, fault = [], ""
    try:
        for result in measure(options):
            results.append(result)
    except (RuntimeError, WrongAnswer, subprocess.CalledProcessError) as error:
        fault = f"benchmarks: {error}"
    except (KeyboardInterrupt, SystemExit):
        fault = "benchmarks: ended before all was measured"
    # After a fault, too, report what was measured before it, because measuring takes long.
    if results:
        sys.stdout.write(report(results))
        for file in options.out:
            write(results, file)
    sys.exit(fault or None)


if __name__ == "__main__":
    main()
