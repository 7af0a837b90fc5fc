"""Writes the results of benchmarks as Markdown tables for people and as data for JSON."""

import os
import platform
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.measuring import Measured, Times
from benchmarks.others import OTHERS

Lines = Iterator[str]


class Comparison(NamedTuple):
    """Two contenders to compare, and the number of that comparison in the requirements."""

    number: str
    title: str
    ours: str
    theirs: str


COMPARISONS = (
    Comparison("2", "JSON list with seven facets, beside an empty answer", "JSON", "empty"),
    Comparison("3", "List page, beside its template alone", "page", "page without queries"),
    Comparison("5", "JSON list, beside plain SQL", "JSON", "SQL"),
    Comparison("5", "The same with no cards kept", "JSON, no cards kept", "SQL"),
    *(Comparison("6", f"JSON list, beside {name}", "JSON", name) for name in OTHERS),
    Comparison("7", "JSON list, beside a plain list without facets", "JSON", "DRF"),
    Comparison("8", "Nothing new (304), beside an empty answer", "304", "empty"),
)
GROWING = ("JSON", "page", "SQL", "DRF", *OTHERS)


class Result(NamedTuple):
    """Results of one database of one size; `inside` is empty if it could not be measured."""

    database: str
    size: int
    measured: Measured
    inside: dict[str, Any]


def number(value: float) -> str:
    """Return a number with at least three significant digits, without decimals from 100 on."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def row(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def head(*cells: str) -> Lines:
    yield row(*cells)
    yield row(*("---" if place == 0 else "---:" for place in range(len(cells))))


def machine() -> str:
    cores, python = os.cpu_count(), platform.python_version()
    return f"{processor()}, {cores} cores, {platform.system()}, Python {python}.\n"


def method() -> Lines:
    yield "One process, one thread, lasting connections; all times in milliseconds."
    yield "A ratio is ours divided by theirs: below 1 the catalogue is faster."


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def report(results: list[Result]) -> str:
    """Return the whole report as Markdown."""
    return "\n".join(all_lines(results)) + "\n"


def all_lines(results: list[Result]) -> Lines:
    yield "# Benchmark\n"
    yield machine()
    yield from method()
    for result in results:
        yield f"\n## {result.size:,} programmes, {result.database}"
        for comparison in COMPARISONS:
            yield from compared(comparison, result.measured)
        yield from wire(result.measured)
        yield from inside(result.inside)
        yield from totals(result.measured)
        if result.measured.warnings:
            yield "\n### To know\n"
            yield from (f"- {warning}" for warning in result.measured.warnings)
    yield from growth(results)


def compared(comparison: Comparison, measured: Measured) -> Lines:
    """Yield a table that compares two contenders by shape, then the median and the worst ratio."""
    ours, theirs = measured.times(comparison.ours), measured.times(comparison.theirs)
    if not (ours and theirs):
        return
    names = (f"{who}, {what}" for who in comparison[2:] for what in ("median", "min", "p95"))
    yield f"\n### ({comparison.number}) {comparison.title}\n"
    yield from head("shape", *names, "ratio")
    ratios = {shape: ours[shape].median / theirs[shape].median for shape in ours}
    for shape, ratio in ratios.items():
        yield row(shape, *cells(ours[shape]), *cells(theirs[shape]), number(ratio))
    worst = max(ratios, key=lambda shape: ratios[shape])
    middle = number(median(ratios.values()))
    yield f"\nRatio: median {middle}, worst {number(ratios[worst])} ({worst})."


def cells(times: Times) -> Iterator[str]:
    return map(number, (times.median, times.least, times.p95))


def totals(measured: Measured) -> Lines:
    """Yield a table of the totals that contenders report; text searches may differ."""
    names = list(dict.fromkeys(name for found in measured.totals.values() for name in found))
    yield "\n### Programmes found\n"
    yield from head("shape", *names)
    for shape, found in measured.totals.items():
        yield row(shape, *(f"{found[name]:,}" for name in names))


def wire(measured: Measured) -> Lines:
    yield "\n### (12) List page, bytes on the wire with headers\n"
    yield from head("shape", "plain", "gzip or Brotli accepted")
    for shape, sizes in measured.sizes.items():
        yield row(shape, *(f"{size:,}" for size in sizes))


def inside(found: dict[str, Any]) -> Lines:
    """Yield tables of the measurements by benchmarks.inside: index, check, change, building."""
    if not found:
        return
    yield "\n### (1) Index alone: total, 25 ids in order, seven facets\n"
    yield from head("shape", "median", "min", "p95")
    for shape, seconds in found["index"].items():
        yield row(shape, *cells(Times.of(seconds)))
    yield "\n### (9) Seeing that nothing has changed\n"
    yield from head("", "median", "min", "p95")
    yield row("check", *cells(Times.of(found["freshness"])))
    yield "\n### Taking in one change, ms of CPU (goal: ≤ 5)\n"
    yield from head("", "median", "min", "p95")
    yield row("change", *cells(Times.of(found["change"])))
    yield "\n### (10) Building the index\n"
    yield from head("seconds", "seconds of CPU", "MB", "MB at most, all in all")
    yield row(*(number(value) for value in found["building"].values()))


def growth(results: list[Result]) -> Lines:
    """Yield tables of how times grow with the catalogue: median over all shapes, by size."""
    for database in dict.fromkeys(result.database for result in results):
        of_it = sorted((r for r in results if r.database == database), key=lambda r: r.size)
        if len(of_it) > 1:
            yield f"\n## (4) Growth with the size, {database}\n"
            yield from head("", *(f"{result.size:,}" for result in of_it), "last to first")
            for name in GROWING:
                yield from grown(name, of_it)


def grown(name: str, results: list[Result]) -> Lines:
    times = [result.measured.times(name) for result in results]
    if all(times):
        medians = [median(one.median for one in by_shape.values()) for by_shape in times]
        yield row(name, *map(number, medians), number(medians[-1] / medians[0]))


def as_data(results: list[Result]) -> dict[str, Any]:
    """Return the whole report as data for JSON: times by database, size, contender and shape."""
    data = [data_of(result) for result in results]
    return {"machine": machine().strip(), "results": data}


def data_of(result: Result) -> dict[str, Any]:
    measured = result.measured
    names = dict.fromkeys(name for name, _shape in measured.seconds)
    return {
        "database": result.database,
        "size": result.size,
        "times_ms": {
            name: {shape: asdict(times) for shape, times in measured.times(name).items()}
            for name in names
        },
        "totals": measured.totals,
        "facets_compared": measured.compared,
        "page_bytes": measured.sizes,
        "inside": summed_up(result.inside),
        "warnings": measured.warnings,
    }


def summed_up(value: Any) -> Any:
    """Return the measurements by benchmarks.inside, with statistics instead of lists of seconds."""
    if isinstance(value, dict):
        return {name: summed_up(part) for name, part in value.items()}
    return asdict(Times.of(value)) if isinstance(value, list) else value
