"""Datasette as a contender: how it is started, and the addresses it is asked at.

It is asked for the same rows and facets as the site, from the file that `benchmarks.flatten` makes.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.servers import Server, free_port

NAME = "programmes"  # name of both the database and its table
ARRAYS = ("country", "level", "kind", "organisation", "funding")
SETTINGS = {
    # No time limits, and no suggested facets, which the site does not compute either.
    "sql_time_limit_ms": 600_000,
    "facet_time_limit_ms": 600_000,
    "suggest_facets": "off",
    "default_cache_ttl": 0,
    "cache_size_kb": 262_144,
}


def server(program: Path, file: Path, log: Path) -> Server:
    """Return a Datasette server of a file in immutable mode (-i), which is its fastest."""
    counts = file.with_suffix(".json")
    if not counts.exists():
        command = [program, "inspect", file, "--inspect-file", counts]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    settings = [part for pair in SETTINGS.items() for part in ("--setting", *map(str, pair))]
    command = [
        program, "serve", "-i", file, "--inspect-file", counts,
        "-h", "127.0.0.1", "-p", port, *settings,
    ]  # fmt: skip
    return Server("Datasette", [str(part) for part in command], port, "/-/versions.json", log)


# --- Addresses ------------------------------------------------------------------------------------


def running_in(year: int) -> str:
    """Return SQL for the condition of the site's parameter `running_in`."""
    return (
        f"(year_start <= {year} OR year_start IS NULL) AND (year_end >= {year} OR"
        f" (year_end IS NULL AND status = 'active' AND status_as_of >= {year})) AND"
        f" (year_start IS NOT NULL OR year_end = {year} OR status_as_of = {year})"
    )


def asked(query: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield Datasette's parameters for a query in the site's parameters."""
    for name, value in query.items():
        if name in ARRAYS:
            # Safe to quote like this: values are codes and slugs, which have no quotation marks.
            values = ", ".join(f"'{one}'" for one in value.split(","))
            yield "_where", f"id IN (SELECT programme FROM {name}_of WHERE value IN ({values}))"
        elif name == "q":
            yield "_search", value
        elif name == "running_in":
            yield "_where", running_in(int(value))
        else:
            yield f"{name}__in", value


def address(query: dict[str, str]) -> str:
    """Return Datasette's address for 25 rows and seven facets of a query."""
    facets = [("_facet_array", name) for name in ARRAYS]
    parameters = [
        *asked(query), *facets, ("_facet", "status"), ("_facet", "duration"),
        ("_facet_size", "60"), ("_size", "25"), ("_sort", "name"),
    ]  # fmt: skip
    return f"/{NAME}/{NAME}.json?{urlencode(parameters)}"
