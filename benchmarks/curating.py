"""`python -m benchmarks.curating`: how fast the admin answers, and what the history costs.

A curator's requests are made within one process, so the time is that of the server alone. The
budgets are those of 100,000 programmes.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks.databases import DATABASES, FOLDER, NotInstalled, child, collect_static
from benchmarks.report import Lines, head, machine, number, row
from benchmarks.run import databases, sizes, tell

# The most milliseconds by kind of request, and the most queries.
MOST = {
    "list": 500, "picker": 100, "form": 700, "desk": 300, "duplicates": 60_000, "publishing": 300,
}  # fmt: skip
MOST_QUERIES = {"form": 20, "desk": 9}
MOST_BYTES_OF_A_FIGURE = 400
MOST_SHARE = 1.2  # of the row's own JSON
MOST_OF_A_SAVE = 0.3


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.curating", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--sizes", type=sizes, default=[100_000], help="100000 if not given")
    parser.add_argument(
        "--databases",
        type=databases,
        default=list(DATABASES),
        help="sqlite,postgresql if not given",
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each is asked (5)")
    return parser.parse_args()


def measure(options: argparse.Namespace) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Yield the measurements of each database and size; what is not installed is left out."""
    for name in options.databases:
        try:
            database = DATABASES[name]()
        except NotInstalled as error:
            tell(f"{name} is left out. {error}")
            continue
        with database:
            for size in options.sizes:
                tell(f"{size:,} programmes, {name}: preparing …")
                url = database.made(size)
                collect_static(url)
                tell(f"{size:,} programmes, {name}: measuring …")
                yield name, size, json.loads(child(url, "desk", str(options.rounds)))


def report(name: str, size: int, measured: dict[str, Any]) -> Lines:
    yield f"\n## {size:,} programmes, {name}\n"
    yield from head("what", "", "median, ms", "worst", "computing", "budget", "queries", "met")
    for one in measured["rows"]:
        times = [second * 1000 for second in one["seconds"]]
        most, most_queries = MOST[one["kind"]], MOST_QUERIES.get(one["kind"])
        queries = one["queries"] if one["queries"] is not None else "–"
        is_met = median(times) <= most and not (most_queries and queries > most_queries)
        told = f"{queries} ≤ {most_queries}" if most_queries else queries
        cpu = number(median(one["cpu"]) * 1000)
        cells = (number(median(times)), number(max(times)), cpu, f"≤ {most}", told)
        yield row(one["kind"], one["name"], *cells, "yes" if is_met else "no")
    yield from report_history(measured)


def report_history(measured: dict[str, Any]) -> Lines:
    """Yield a table of what the history keeps, and of what its steps take of a save.

    Saves with and without them took turns, so each pair has a difference.
    """
    found = measured["history"]
    pairs = [(one - other) for one, other in zip(found["with"], found["without"], strict=True)]
    save, extra = median(found["with"]), median(pairs)
    yield ""
    yield from head("history", "measured", "budget")
    yield row("bytes of a figure's row", found["figure_bytes"], f"≤ {MOST_BYTES_OF_A_FIGURE}")
    for what in ("figure", "programme"):
        share = number(found[f"{what}_share"])
        yield row(f"beside the own JSON of a {what}", share, f"≤ {MOST_SHARE}")
    share, most = f"{extra / save:.1%}", f"≤ {MOST_OF_A_SAVE:.0%}"
    yield row(f"of a save, {number(extra * 1000)} ms of {number(save * 1000)}", share, most)


def report_together(results: list[tuple[str, int, dict[str, Any]]]) -> Lines:
    """Yield the table of docs/performance.md: median and worst of every question by database."""
    yield "\n## All together: median; worst, in milliseconds\n"
    titles = [f"{name}, {size:,}" for name, size, _measured in results]
    yield from head("what", "budget", *titles)
    for place, one in enumerate(results[0][2]["rows"]):
        times = [[s * 1000 for s in found["rows"][place]["seconds"]] for *_of, found in results]
        cells = [f"{number(median(those))}; {number(max(those))}" for those in times]
        yield row(f"{one['kind']}, {one['name']}", f"≤ {MOST[one['kind']]}", *cells)


def main() -> None:
    options = arguments()
    FOLDER.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(f"# Curating\n\n{machine()}")
    try:
        results = []
        for result in measure(options):
            results.append(result)
            sys.stdout.write("\n".join(report(*result)) + "\n")
            sys.stdout.flush()
        if results:
            sys.stdout.write("\n".join(report_together(results)) + "\n")
    except (RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(f"benchmarks: {error}")


if __name__ == "__main__":
    main()
