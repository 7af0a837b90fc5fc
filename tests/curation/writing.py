"""Writes facts as lines from their own fields, as a curator would type them."""

from collections.abc import Iterator, Mapping
from typing import Any

QUALIFIERS = {
    "exact": "", "about": "about", "over": "over", "nearly": "nearly", "at-least": "at least",
    "up-to": "up to", "range": "",
}  # fmt: skip
KINDS = {
    "annual": "each year", "school-year": "school year", "snapshot": "at one time",
    "cumulative": "in all", "since-start": "since the start",
}  # fmt: skip
BASES = {
    "total": "in total", "annual": "a year", "grant": "grant", "per-unit": "per unit",
    "call-budget": "budget of a call", "prize-money": "prize money",
    "participation-fee": "participation fee", "pay": "pay",
}  # fmt: skip


def write_amount(row: Mapping[str, Any], name: str) -> str:
    ends = [row[name], row.get(f"{name}_max")]
    return "–".join(f"{end:,}" for end in ends if end is not None)


def write_years(row: Mapping[str, Any]) -> str:
    first, last = row.get("year_from"), row.get("year_to")
    if first and last:
        return str(first) if first == last else f"{first}–{last}"
    if first:
        return f"since {first}"
    return f"until {last}" if last else "none"


def write_times(row: Mapping[str, Any], kind: str) -> Iterator[str]:
    """Yield how a time may be typed: plainly, with its words in quotes, with years of its own."""
    words, years = row.get("period") or "", write_years(row)
    for told in (words, f"“{words}”", f"“{words}” = {years}"):
        yield ", ".join(filter(None, [told, kind]))


def write_place(row: Mapping[str, Any], number: int) -> str:
    return f"[{number} {row['locator']}]" if row.get("locator") else f"[{number}]"


def write_figures(row: Mapping[str, Any], unit: str, number: int) -> Iterator[str]:
    """Yield lines for a reach figure, the plainest first."""
    detail = f"({row['unit_detail']})" if row.get("unit_detail") else ""
    words = [QUALIFIERS[row["qualifier"]], write_amount(row, "value"), unit, detail]
    head = " ".join(filter(None, words))
    for time in write_times(row, KINDS.get(row.get("period_type") or "", "")):
        line = ", ".join(filter(None, [head, time]))
        yield f"{line} {write_place(row, number)}"


def write_sums(row: Mapping[str, Any], payer: str, kind: str, number: int) -> Iterator[str]:
    """Yield lines for a sum, the plainest first."""
    detail = f"({row['basis_detail']})" if row.get("basis_detail") else ""
    words = [kind, detail]
    if row.get("amount") is not None:
        money = f"{row['currency']} {write_amount(row, 'amount')}"
        words, kind = [QUALIFIERS[row["qualifier"]], money, detail], f", {kind}"
    else:
        kind = ""
    head = " ".join(filter(None, words))
    for time in write_times(row, BASES.get(row.get("basis") or "", "")):
        told = ", ".join(filter(None, [head, time])) + kind
        yield f"{told}{f' from {payer}' if payer else ''} {write_place(row, number)}".strip()
