"""Reads cells that say how much money: amounts with their currency, and what the sum is."""

import re
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _

from stemobs.curation.importing.meanings.asking import CellInHand
from stemobs.curation.importing.meanings.figures import (
    find_next,
    put_detail,
    refuse_second_number,
    scale_typed,
    take_each,
    take_time,
)
from stemobs.curation.importing.meanings.numbers import (
    DIGITS,
    OPENED,
    CellAmount,
    Marks,
    is_typed,
    keep_in_bounds,
    prepare,
    read_amount,
    refuse_number,
    take_qualifier,
)
from stemobs.curation.importing.meanings.tables import (
    is_nothing,
    match,
    read_phrases,
    read_table,
    reduce,
    take_first,
    take_last,
)

# “T€ 500”, “500 TEUR”, “12 eFt”: one letter of size that is joined to a currency.
JOINED = re.compile(r"(?<![^\W\d_])(t|k|m|e)\s?(€|eur|kr|ft|sek|nok|dkk|chf|pln|czk|huf)(?!\w)")
LETTERS = {"t": "k", "k": "k", "m": "m", "e": "ezer"}
NO_CENTS = re.compile(r"(?<=[0-9])[.,][-–—]{1,2}(?![-–—0-9])")
SIGN_BEFORE = re.compile(r"[^\d]*")
OFFERED = (
    "EUR", "GBP", "CHF", "PLN", "CZK", "HUF", "SEK", "NOK", "DKK", "RON", "BGN", "RSD", "USD",
)  # fmt: skip
CONVERTED = re.compile(r"\s*[(\[=≈~/]")  # the same in another currency, or a part of it
CODE = re.compile(r"[A-Z]{3}")
UNKNOWN = re.compile(r"([a-z]{3})(?![^\W_])")


def read_sums(hand: CellInHand, marks: Marks, currency: str, zeros: int) -> list[dict[str, str]]:
    """Return the sums of a cell; `currency` and `zeros` are what the row and the name say."""
    if is_typed(hand.cell.value):
        return read_typed_sum(hand, currency, zeros)
    return take_each(hand, prepare_sum, lambda text: take_sum(hand, text, marks, currency, zeros))


def prepare_sum(text: str) -> str:
    """Return a text in which sums are looked for: “5 000,-” is a whole number, “T€” two words."""
    small = NO_CENTS.sub("", prepare(text))
    small = JOINED.sub(lambda found: f"{LETTERS[found[1]]} {found[2]}", small)
    found = re.match(r"(k|m|ezer|tsd\.?|mio\.?|mln\.?) ?(€|[a-z]{2,3}) ?([0-9][0-9., ]*)", small)
    if found:
        return f"{found[3].strip()} {found[1]} {found[2]}{small[found.end() :]}"
    return small


def read_typed_sum(hand: CellInHand, currency: str, zeros: int) -> list[dict[str, str]]:
    """Return the sum that a workbook holds as a number; its look may name the currency."""
    value = hand.cell.value
    if hand.text.endswith("%"):
        refuse_number(hand, hand.text)
        return []
    words = re.sub(r"[0-9.,\s'’\u00a0\u202f-]+", " ", hand.text)
    shown = match(words, read_phrases("money", "currencies"))
    if not shown and (joined := JOINED.fullmatch(reduce(words))):
        shown = match(joined[2], read_phrases("money", "currencies"))
    if zeros and shown:
        zeros = ask_for_zeros(hand, zeros)
    number = scale_typed(hand, value, zeros) if isinstance(value, Decimal) and zeros >= 0 else None
    code = find_code(hand, shown, words.strip() if shown else "", currency)
    return [put_sum(CellAmount(number), code)] if code and number is not None else []


def take_sum(
    hand: CellInHand, text: str, marks: Marks, currency: str, zeros: int
) -> tuple[dict[str, str], str]:
    """Return the sum that a text begins with, and the text from the next sum on."""
    first, text = take_basis(text)
    sign, word, text = take_sign(text)
    amount = read_amount(hand, text, marks)
    if amount is None or amount.rest.startswith("%"):
        if not hand.meaning.asked:
            refuse_number(hand, hand.text)
        return {}, ""
    if not sign:
        sign, word, amount.rest = take_sign_behind(hand, amount.rest, currency)
    if zeros and not amount.has_size:
        amount = scale_sum(hand, amount, zeros, has_sign=bool(sign))
    beside, rest = take_beside(amount.rest, first)
    following = find_next_sum(rest) if sign or "period" in beside else ""
    if not sign and not following and refuse_second_number(hand, rest):
        return {}, ""
    code = find_code(hand, sign, word, currency)
    one = put_sum(amount, code) | beside if code and amount.low is not None else {}
    return (one if following or not rest else put_rest(hand, one, rest)), following


def take_sign_behind(hand: CellInHand, rest: str, currency: str) -> tuple[str, str, str]:
    """Take the currency behind a number, how it is written, and the rest.

    Three capital letters that are no currency we know are asked about, if nobody else names one.
    """
    inside = re.match(r"\(([^()]+)\)", rest)  # “10 000 (EUR)”
    if inside and (sign := match(inside[1], read_phrases("money", "currencies"))):
        return sign, inside[1], rest[inside.end() :].strip()
    sign, behind = take_first(rest, read_phrases("money", "currencies"))
    if sign:
        return sign, rest[: len(rest) - len(behind)].strip(), behind
    found = None if currency else UNKNOWN.match(rest)
    if found and found[1].upper() in hand.text:
        return "", found[1], rest[found.end() :]
    return "", "", rest


def take_beside(rest: str, first: str) -> tuple[dict[str, str], str]:
    """Take what a sum is and when it was from behind it; `first` is what stood before it."""
    basis, rest = take_basis(rest)
    fields, rest = take_time(rest)
    late, rest = take_basis(rest)
    annual = "annual" if fields.get("period_type") == "annual" else ""
    meant = basis or annual or late or first
    return ({**fields, "basis": meant} if meant else fields), rest


def find_code(hand: CellInHand, codes: str, word: str, currency: str) -> str:
    """Return the currency of a sum: what stands in its cell counts before what stands beside."""
    if codes:
        return settle_currency(hand, codes, word)
    if word:
        return ask_for_currency(hand, (word.upper(), *OFFERED), word)
    return currency or ask_for_currency(hand)


def ask_for_zeros(hand: CellInHand, zeros: int) -> int:
    """Return the zeros that the name of a column adds, as people said, to a sum with a currency."""
    told = _("Column “%(column)s”: are sums such as “%(text)s” in thousands or millions as well?")
    told %= {"column": hand.column.name, "text": hand.text[:40]}
    options = ((str(zeros), _("yes, as the name says")), ("0", _("no, they are as they stand")))
    answer = hand.ask(f"size:{hand.column.place}", told, options)
    return int(answer) if answer else -1


def scale_sum(hand: CellInHand, amount: CellAmount, zeros: int, *, has_sign: bool) -> CellAmount:
    """Return an amount in the thousands or millions that the name of its column says."""
    zeros = ask_for_zeros(hand, zeros) if has_sign else zeros
    if zeros < 0:
        return replace(amount, low=None, high=None)
    low, high = (
        end if end is None else keep_in_bounds(hand, end.scaleb(zeros))
        for end in (amount.low, amount.high)
    )
    return replace(amount, low=low, high=high)


def put_sum(amount: CellAmount, currency: str) -> dict[str, str]:
    """Return the fields of a sum."""
    low, high, qualifier = amount.fields
    fields = {"amount": low, "amount_max": high, "qualifier": qualifier, "currency": currency}
    return {name: value for name, value in fields.items() if value}


def put_rest(hand: CellInHand, one: dict[str, str], rest: str) -> dict[str, str]:
    """Return a sum with what else its cell says as a detail; nothing while that is asked."""
    detail: dict[str, str] = {"of": "a sum"}
    if not put_detail(hand, detail, rest):
        return {}
    if one and "unit_detail" in detail:
        one["basis_detail"] = detail["unit_detail"]
    return one


def find_next_sum(rest: str) -> str:
    """Return the rest of a text from the next sum on; "" if there is none."""
    if CONVERTED.match(rest):
        return ""
    found = re.match(r"[,;/+&|\s]*", rest)
    behind = rest[found.end() :] if found else rest
    sign, _word, bare = take_sign(behind)
    if sign and found and found[0].strip() and DIGITS.match(take_qualifier(bare)[1]):
        return behind
    return find_next(rest)


# --- Currencies -----------------------------------------------------------------------------------


def take_sign(text: str) -> tuple[str, str, str]:
    """Take the currency before a number, also behind a word such as “about”, and how it is written.

    The last text is the number, with the word before it.
    """
    currencies = read_phrases("money", "currencies")
    sign, rest = take_first(text, currencies)
    if sign:
        return sign, text[: len(text) - len(rest)].strip(), rest
    qualifier, rest = take_first(text, read_phrases("numbers", "qualifiers"))
    sign, behind = take_first(rest, currencies)
    if qualifier and sign:
        word = rest[: len(rest) - len(behind)].strip()
        return sign, word, f"{text[: len(text) - len(rest)].strip()} {behind}"
    return "", "", text


def settle_currency(hand: CellInHand, codes: str, word: str) -> str:
    """Return the currency that a sign means: of several, the one of the country, or as answered."""
    offered = codes.split("|")
    if len(offered) == 1:
        if codes == "RON" and "MD" in hand.countries:
            return ask_for_currency(hand, ("RON", "MDL"), word)
        return codes
    own = read_table("money")["by-country"]
    meant = dict.fromkeys(own[one] for one in hand.countries if own.get(one) in offered)
    if "USD" in offered and not meant:
        return "USD"
    # Who pays may be of another country than the programme, so that is asked too.
    return ask_for_currency(hand, tuple(dict.fromkeys([*meant, *offered])), word)


def ask_for_currency(hand: CellInHand, offered: tuple[str, ...] = OFFERED, word: str = "") -> str:
    """Return the currency of a column, as people said; they may type another code."""
    of_country = hand.country if offered is not OFFERED else ""
    sign = word.strip(OPENED + ".")
    key = ":".join(filter(None, [f"currency:{hand.column.place}", sign, of_country]))
    told = _("Column “%(column)s”: in which currency are these sums?")
    if word:
        told = _("Column “%(column)s”: which currency is “%(word)s”?")
    told %= {"column": hand.column.name, "word": word}
    answer = hand.ask(key, told, [(code, code) for code in offered], free=True)
    if CODE.fullmatch(answer.upper()):
        return answer.upper()
    if answer:
        hand.ask(f"{key}:{answer}", told, [(code, code) for code in offered])
    return ""


def read_currency(hand: CellInHand) -> str:
    """Return the currency that a cell of its own names, and add it as a fact."""
    if is_nothing(hand.text):
        return ""
    codes = match(hand.text, read_phrases("money", "currencies"))
    if not codes and CODE.fullmatch(hand.text.strip().upper()):
        codes = hand.text.strip().upper()
    if not codes:
        told = _("We do not know the currency “%(text)s”. Write its three letters, such as EUR.")
        hand.refuse("no-currency", told, text=hand.text[:40])
        return ""
    code = settle_currency(hand, codes, hand.text.strip())
    hand.add({"value": code})
    return code


# --- What a sum is --------------------------------------------------------------------------------


def take_basis(rest: str) -> tuple[str, str]:
    """Take the words that say what a sum is: in total, a year, a grant."""
    text = rest.strip(OPENED + ").")
    for table in (("periods", "kinds"), ("money", "bases")):
        basis, behind = take_first(text, read_phrases(*table))
        if basis in ("annual", "total", "grant", "cumulative"):
            return "total" if basis == "cumulative" else basis, behind.strip(" )]")
    return "", rest


def find_basis(name: str) -> str:
    """Return what the name of a column says its sums are; "" if nothing."""
    reduced = reduce(name)
    for table in (("money", "bases"), ("periods", "kinds")):
        phrases = read_phrases(*table)
        found = match(reduced, phrases) or take_first(reduced, phrases)[0]
        found = found or take_last(reduced.strip(" )"), phrases)[0]
        if found in ("annual", "total", "cumulative"):
            return "total" if found == "cumulative" else found
    return ""
