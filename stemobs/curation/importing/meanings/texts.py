"""Reads names, addresses, organisations and other texts that are kept as they are."""

import re
from collections.abc import Mapping
from functools import cache

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from programmes.columns.hosts import NOT_PUBLIC, is_public
from programmes.columns.texts import clean_line, clean_text, is_web_address, write_uri
from stemobs.curation.importing.meanings.asking import CellInHand
from stemobs.curation.importing.meanings.tables import (
    is_nothing,
    read_phrases,
    read_table,
    reduce,
)

LONGEST_NAME, LONGEST_ADDRESS, LONGEST_TEXT = 200, 400, 20_000
LONGEST_KEY = 80
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
BREAKS = re.compile(r"[\s;,|]+(?=(?:https?://|www\.))", re.IGNORECASE)
PARTS = re.compile(r"[\s;,|]+")
BARE = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:/\S*)?", re.IGNORECASE)
ASIDE = re.compile(r"\s+\([^()]*\)\Z")  # “(in Norwegian)” behind an address
SURE_BREAKS = re.compile(r"\s*[;\n|•]\s*")
UNSURE_BREAKS = re.compile(r",\s+|\s/\s")
LEGAL_FORM = re.compile(
    r"(?i)\b(?:gmbh|ag|kg|se|e\.\s?v\.|ltd\.?|plc|inc\.?|llc|s\.\s?r\.\s?o\.|a\.\s?s\.|"
    r"sp\. z o\.\s?o\.|s\.\s?a\.|s\.\s?p\.\s?a\.|s\.\s?r\.\s?l\.|b\.\s?v\.|n\.\s?v\.|kft\.?|zrt\.?|"
    r"d\.\s?o\.\s?o\.|d\.\s?d\.|oy|oyj|ab|as|a/s|aps|oü|uab|sia|eood|ood|z\.\s?s\.|o\.\s?p\.\s?s\.)\Z"
)


def read_text(hand: CellInHand, *, is_line: bool = False) -> None:
    """Keep a text as it is, without what nobody sees."""
    text = clean_line(hand.text) if is_line else clean_text(hand.text)
    longest = LONGEST_NAME if is_line else LONGEST_TEXT
    if is_nothing(text):
        return
    if len(text) > longest:
        told = _("This text is too long: %(number)d letters are the most.")
        hand.refuse("too-long", told, number=longest)
        return
    hand.add({"value": text})


# --- Addresses ------------------------------------------------------------------------------------


def read_website(hand: CellInHand) -> None:
    """Read the address of a website; of several, people say which it is."""
    if is_nothing(hand.text):
        return
    parts = split_addresses(ASIDE.sub("", hand.text.strip()))
    good = []
    for part in parts:
        address = complete_address(part)
        code, told = find_address_fault(part, address)
        if code:
            hand.refuse(code, told)
            return
        good.append(address)
    if len(set(good)) > 1:
        told = _("Line %(line)d has several addresses. Which is the website?")
        key = f"website:{hand.line}:{hand.column.place}"
        options = [(one, one) for one in dict.fromkeys(good)]
        hand.add({"value": hand.ask(key, told % {"line": hand.line}, options)})
    elif good:
        hand.add({"value": good[0]})


def split_addresses(text: str) -> list[str]:
    """Return the addresses in a text; what follows an address that is none stays with it."""
    parts = [part for part in PARTS.split(text) if part]
    if not all(map(BARE.fullmatch, parts)):
        parts = BREAKS.split(text)
    return [part.strip(" ,;<>") for part in parts if part.strip(" ,;<>")]


def complete_address(text: str) -> str:
    """Return an address with its scheme, as programs need it."""
    address = text if is_web_address(text) else f"https://{text}"
    try:
        return write_uri(address)
    except ValueError:
        return address


def find_address_fault(text: str, address: str) -> tuple[str, str]:
    """Return why an address cannot be the one of a website, as a code and in words."""
    if MAIL.fullmatch(text.removeprefix("mailto:")):
        return "mail-address", _("This is an e-mail address, not the address of a website.")
    if SCHEME.match(text):
        return "other-scheme", _("Give an address that begins with http:// or https://.")
    if len(address) > LONGEST_ADDRESS:
        return "too-long", _("This address is too long.")
    host = address.partition("://")[2].partition("/")[0]
    if host and not is_public(address) and re.fullmatch(r"[\w.\[\]:%-]+", host):
        return "private-address", str(NOT_PUBLIC)
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError:
        return "no-address", _("“%(text)s” is no address of a website.") % {
            "text": text[:LONGEST_NAME]
        }
    return "", ""


# --- Organisations --------------------------------------------------------------------------------


def read_organisations(hand: CellInHand, role: str) -> None:
    """Read the organisations of a cell, in the role that its column says."""
    if is_nothing(hand.text):
        return
    for part in SURE_BREAKS.split(clean_text(hand.text)):
        for name in split_names(hand, part.strip(" ,-–•")):
            add_organisation(hand, name, role)


def add_organisation(hand: CellInHand, name: str, role: str) -> None:
    """Add an organisation by its name; an address of a person is none."""
    bare = clean_line(name).strip(" ,;")
    if len(bare) > LONGEST_NAME:
        told = _("This name is too long: %(number)d letters are the most.")
        hand.refuse("too-long", told, number=LONGEST_NAME)
    elif MAIL.search(bare):
        hand.refuse("mail-address", _("An e-mail address is no organisation. Leave it out."))
    elif not is_nothing(bare):
        hand.add({"name": bare, "role": role})


def split_names(hand: CellInHand, text: str) -> list[str]:
    """Return the names in a text; what may be one name or two is asked."""
    unsure = UNSURE_BREAKS.split(text)
    if len(unsure) > 1:
        return ask_to_split(hand, text, unsure, "")
    words = text.split()
    ands = read_phrases("places", "and").keys() - {"&", "+", "plus"}
    abroad = {word for word, codes in read_joints().items() if hand.country not in codes}
    if hand.country:
        ands = ands - abroad
    cuts = [place for place, word in enumerate(words[1:-1], 1) if reduce(word) in ands]
    if not cuts:
        return [text]
    parts = [" ".join(words[: cuts[0]]), " ".join(words[cuts[0] + 1 :])]
    if all(LEGAL_FORM.search(part) for part in parts):
        return parts
    return ask_to_split(hand, text, parts, ":and")


@cache
def read_joints() -> Mapping[str, frozenset[str]]:
    """Return in which countries short words are “and”: “i” in Poland, but “in” in Sweden."""
    table = read_table("places")["and-in"]
    return {word: frozenset(codes.split()) for word, codes in table.items()}


def ask_to_split(hand: CellInHand, text: str, parts: list[str], suffix: str) -> list[str]:
    """Return the names in a text, as people said for the column or for this text."""
    place, name = hand.column.place, hand.column.name
    told = _("Column “%(column)s”: is “%(text)s” one organisation, or %(number)d?")
    told %= {"column": name, "text": text[:LONGEST_NAME], "number": len(parts)}
    options = (("keep", _("one")), ("split", _("several")))
    each = (f"organisation:{text[:LONGEST_KEY]}", told)
    answer = hand.ask_each(f"organisations:{place}{suffix}", told, options, each)
    return {"keep": [text], "split": parts}.get(answer, [])
