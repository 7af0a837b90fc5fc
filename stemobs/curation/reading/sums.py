"""Reads a line that says who pays how much: “EUR 9,650 in 2015 from ESET Foundation [6]”."""

import re

from django.utils.translation import gettext as _

from partnerships.models import Funding
from programmes.columns.texts import clean_line
from stemobs.curation.reading.figures import LONGEST_DETAIL, cut_time
from stemobs.curation.reading.lines import LineRead, find_phrase, split_parts, take_brackets
from stemobs.curation.reading.numbers import (
    QUALIFIERS,
    put_amount,
    read_amount,
)
from stemobs.curation.reading.periods import BASES, ask_for_kind, fill_period, read_period
from stemobs.curation.reading.places import take_source

SIGNS = {
    "€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "$": "USD", "zł": "PLN", "Kč": "CZK",
    "Ft": "HUF",
}  # fmt: skip
CURRENCY = re.compile(r"[A-Z]{3}\b|€|£|\$|zł|Kč|Ft\b|(?i:\beuros?\b)")
UNCLEAR_SIGNS = {"kr": ("SEK", "NOK", "DKK", "ISK"), "kr.": ("SEK", "NOK", "DKK", "ISK")}
KIND = Funding.SourceType
# How people say who pays, where they name no organisation.
PAYERS = {
    **{str(label).lower(): value for value, label in KIND.choices},
    "industry": KIND.PRIVATE, "companies": KIND.PRIVATE, "business": KIND.PRIVATE,
    "the state": KIND.PUBLIC, "government": KIND.PUBLIC, "public money": KIND.PUBLIC,
    "public funds": KIND.PUBLIC, "the eu": KIND.EU, "eu": KIND.EU, "a foundation": KIND.FOUNDATION,
    "public and private": KIND.MIXED, "mixed": KIND.MIXED, "in kind": KIND.IN_KIND,
}  # fmt: skip
ALSO_AN_ORGANISATION = "european union"
FROM = re.compile(r"(?:^|\s)(?:paid by|from|by)\s+(?!\d)(?P<who>[“\"]?.+)\Z", re.IGNORECASE)


def read_sum(written: str) -> LineRead:
    """Return what a line says of a sum: amount, what it is, when, who pays."""
    line = LineRead(written)
    text, named = take_source(clean_line(written))
    line.source, line.values["locator"] = named.name, named.place
    head, *parts = split_parts(text)
    head, parts = take_payer(line, head, parts)
    parts = [part for part in parts if not take_payer_kind(line, part)]
    if head and not take_payer_kind(line, head):
        head = take_money(line, head)
        detail, time = cut_time(head, BASES)
        put_basis_detail(line, detail)
        parts = [time, *parts]
    put_time(line, ", ".join(filter(None, parts)))
    return line


def take_payer_kind(line: LineRead, part: str) -> bool:
    """Take what kind of money it is, if a part of the line says that alone."""
    kind = find_phrase(part, PAYERS)
    if kind:
        line.values["source_type"] = str(kind)
    return bool(kind)


def take_payer(line: LineRead, head: str, parts: list[str]) -> tuple[str, list[str]]:
    """Take who pays from the end of the line: the name may itself have commas."""
    whole = [head, *parts]
    for place, part in enumerate(whole):
        inside, rest = take_brackets(part) if place else ("", part)
        if inside and not rest:
            continue
        found = FROM.search(mask_brackets(part))
        if found:
            who = ", ".join([part[found.start("who") :], *whole[place + 1 :]])
            name_payer(line, who.strip(' “”"'))
            before = [*whole[:place], part[: found.start()].strip()]
            return before[0], [one for one in before[1:] if one]
    return head, parts


def name_payer(line: LineRead, who: str) -> None:
    """Put who pays into its field: an organisation, or a kind of payer such as “industry”."""
    if who.lower() == ALSO_AN_ORGANISATION or not take_payer_kind(line, who):
        line.values["organisation"] = who


def mask_brackets(text: str) -> str:
    """Return a text of the same length in which no letter stands within brackets or quotes."""
    return re.sub(r"\([^()]*\)|“[^”]*”(?=\s*=)", lambda found: "_" * len(found[0]), text)


def take_money(line: LineRead, head: str) -> str:
    """Take the amount with its currency, before or after the number; return what follows it."""
    found = CURRENCY.search(head)
    qualifier = next((one for one in QUALIFIERS if head.lower().startswith(one)), "")
    starts = head[len(qualifier) :].strip() if qualifier else head
    if found and starts.startswith(found[0]):
        bare = f"{qualifier} {starts[found.end() - found.start() :]}".strip()
        amount = read_amount(bare)
        rest = amount.rest
    else:
        amount = read_amount(head)
        found = CURRENCY.match(amount.rest)
        rest = amount.rest[found.end() :].strip() if found else amount.rest
    if amount.low is None and not amount.unreadable:
        if head:
            line.ask("amount", _("How much? Write it as in “EUR 9,650”, or only who pays."))
        return ""
    put_amount(line, amount, "amount")
    put_currency(line, found[0] if found else "", amount.rest)
    return rest


def put_currency(line: LineRead, written: str, rest: str) -> None:
    """Put the currency into its field, or ask which it is."""
    sign = rest.split(" ")[0].rstrip(",")
    if written:
        line.values["currency"] = SIGNS.get(written, SIGNS.get(written.lower(), written))
    elif sign in UNCLEAR_SIGNS:
        told = _("Which crowns are these? Write SEK, NOK, DKK or ISK.")
        line.ask("currency", told, [(code, code) for code in UNCLEAR_SIGNS[sign]])
    else:
        line.ask("currency", _("In which currency? Write its three letters, such as EUR."))


def put_basis_detail(line: LineRead, text: str) -> None:
    inside, rest = take_brackets(text)
    detail = inside if not rest else text
    if len(detail) > LONGEST_DETAIL:
        line.ask("basis_detail", _("This is too long. Say in fewer words what the sum is."))
    elif detail:
        line.values["basis_detail"] = detail


def put_time(line: LineRead, text: str) -> None:
    """Put when it was and what the sum is into their fields, and ask what is not clear."""
    period = read_period(text, BASES)
    if fill_period(line, period, "basis") and period.asks_kind and "amount" in line.values:
        options = (("total", _("in all these years together")), ("annual", _("each year")))
        line.asked.setdefault("basis", ask_for_kind(period, options))
