"""Finds in which encoding a text was written, by the words that its letters make.

An encoding is as likely as its words: letters that stand where a language has them (`letters.py`),
no capital inside a word, no sign between letters. If two encodings give words that are as good,
both are returned, so that somebody is asked.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.translation import gettext as _

from stemobs.curation.importing.files.letters import COMMON_WORDS, EDGE, LETTERS
from stemobs.curation.importing.shapes import FileRefused

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
# One byte a letter, by how often files are written so; those behind the first are DOS's and Mac's.
USUAL = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1257", "iso-8859-1", "iso-8859-2",
    "iso-8859-15", "iso-8859-13", "iso-8859-7", "iso-8859-5", "iso-8859-9", "koi8-u",
)  # fmt: skip
UNUSUAL = (
    "cp850", "cp852", "cp437", "cp866", "cp775", "cp857", "cp737", "mac-roman", "mac-latin2",
    "mac-cyrillic", "mac-greek",
)  # fmt: skip
KNOWN = {codecs.lookup(name).name: name for name in ("utf-8", *WIDE, *USUAL, *UNUSUAL)}
UNUSUAL_COST = 0.5

# It never begins within a word, so that a file of one endless word is gone through once.
TOKEN = re.compile(
    rb"(?<![A-Za-z0-9'.\x80-\xff-])[A-Za-z0-9'.-]*+[\x80-\xff][A-Za-z0-9'.\x80-\xff-]*"
)
LONGEST_TOKEN = 60  # letters of one that are looked at
PLAIN_WORD = re.compile(rb"(?<![\w\x80-\xff])[a-z]{1,8}(?![\w\x80-\xff])")
WORD = re.compile(r"[^\W\d_]+")
MOST_TOKENS = 2_000  # different ones that are looked at
MOST_TIMES = 3  # that one of them counts
MOST_MARKED = 6
DOUBT = 1.0  # how much better an encoding has to be than the next
MOST_BROKEN = 0.25  # of all letters beyond ASCII, in a text of UTF-8 that was damaged
MOST_JUNK = 0.01  # control characters in a text


@dataclass(frozen=True)
class TextFound:
    """A text, its encoding, others that are as likely, and the words that tell them apart."""

    text: str
    encoding: str
    encodings: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()


def decode_text(content: bytes, chosen: str = "") -> TextFound:
    """Return the text that a file holds; refuse one that is none, or not in the encoding chosen."""
    marked = find_mark(content)
    bare = content.removeprefix(marked[0])
    if chosen:
        found = decode_as_chosen(content if is_other(chosen, marked[1]) else bare, chosen)
    elif marked[1]:
        found = TextFound(decode_or_refuse(bare, marked[1]), marked[1])
    else:
        found = find_encoding(content)
    refuse_binary(found.text)
    return found


def find_mark(content: bytes) -> tuple[bytes, str]:
    """Return the byte order mark that a file begins with, and what it says."""
    return next((mark for mark in MARKS if content.startswith(mark[0])), (b"", ""))


def is_other(chosen: str, marked: str) -> bool:
    return name_encoding(chosen) != marked


def name_encoding(name: str) -> str:
    """Return an encoding as it is called here; "" if we do not read it."""
    try:
        return KNOWN.get(codecs.lookup(name.removesuffix("-sig")).name, "")
    except (LookupError, ValueError):
        return ""


def decode_as_chosen(content: bytes, chosen: str) -> TextFound:
    name = name_encoding(chosen)
    if not name:
        told = _("We do not know the encoding “%(name)s”.") % {"name": chosen}
        raise FileRefused("encoding", told)
    return TextFound(decode_or_refuse(content, name), name)


def decode_or_refuse(content: bytes, name: str) -> str:
    """Return a text; one of UTF-8 with a few broken letters keeps them as half surrogates."""
    try:
        return content.decode(name)
    except UnicodeDecodeError as error:
        if name == "utf-8" and is_nearly_utf8(content):
            return content.decode(name, "surrogateescape")
        told = _("This file cannot be read as %(name)s. Choose another encoding.")
        raise FileRefused("encoding", told % {"name": name}) from error


def find_encoding(content: bytes) -> TextFound:
    """Return the text of a file that does not say how it is encoded."""
    if wide := find_wide(content):
        return TextFound(content.decode(wide), wide)
    try:
        return TextFound(content.decode(), "utf-8")
    except UnicodeDecodeError:
        if is_nearly_utf8(content):
            return TextFound(content.decode("utf-8", "surrogateescape"), "utf-8")
    return compare_encodings(content)


def find_wide(content: bytes) -> str:
    """Return the encoding of a text with several bytes for each letter; "" if it is none."""
    if b"\x00" not in content:
        return ""
    for name in WIDE:
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text and count_letters(text) >= 0.9 * len(text):
            return name
    return ""


def count_letters(text: str) -> int:
    """Return how many characters are such as tables in Europe hold."""
    return sum(letter in "\t\r\n" or " " <= letter < "\u0530" or "\u1e00" <= letter < "\u2300"
               for letter in text)  # fmt: skip


def is_nearly_utf8(content: bytes) -> bool:
    """Return whether a text is UTF-8 of which some letters were damaged, or pasted in."""
    text = content.decode("utf-8", "surrogateescape")
    broken = sum("\udc80" <= letter <= "\udcff" for letter in text)
    whole = sum(letter > "\x7f" for letter in text) - broken
    return whole > 1 and broken <= max(1, MOST_BROKEN * whole)


def refuse_binary(text: str) -> None:
    """Refuse what is no text: control characters are more than a slip in it."""
    junk = sum(letter < " " and letter not in "\t\r\n\x0b\x0c" for letter in text)
    if junk > max(3, MOST_JUNK * len(text)):
        raise FileRefused("binary", _("This file is not a text, and not a workbook either."))


# --- Encodings of one byte a letter ---------------------------------------------------------------


def compare_encodings(content: bytes) -> TextFound:
    """Return the text of a file in the encoding that makes the best words of it."""
    tokens = Counter(found[0][:LONGEST_TOKEN] for found in TOKEN.finditer(content))
    looked_at = dict(tokens.most_common(MOST_TOKENS))
    hints = count_common_words(content)
    readings: dict[tuple[str, ...], tuple[float, str]] = {}
    for name in (*USUAL, *UNUSUAL):
        words = decode_all(looked_at, name)
        if words is None or words in readings or not decodes(content, name):
            continue
        cost = UNUSUAL_COST if name in UNUSUAL else 0
        worth = judge_words(zip(words, looked_at.values(), strict=True), hints) - cost
        readings[words] = (worth, name)
    best = sorted(readings.items(), key=lambda reading: -reading[1][0])
    likely = [reading for reading in best if reading[1][0] > best[0][1][0] - DOUBT]
    names = [name for _words, (_worth, name) in likely]
    marked = tuple(mark_words([words for words, _worth in likely])) if len(likely) > 1 else ()
    return TextFound(content.decode(names[0]), names[0], tuple(names[1:]), marked)


def decode_all(tokens: Iterable[bytes], name: str) -> tuple[str, ...] | None:
    """Return tokens as an encoding reads them; None if it cannot read them."""
    try:
        return tuple(token.decode(name) for token in tokens)
    except UnicodeDecodeError:
        return None


def decodes(content: bytes, name: str) -> bool:
    try:
        content.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def mark_words(readings: list[tuple[str, ...]]) -> Iterator[str]:
    """Yield words that likely encodings read differently, each in all ways: “España / Espańa”."""
    differing = (ways for ways in zip(*readings, strict=True) if len(set(ways)) > 1)
    for _turn, ways in zip(range(MOST_MARKED), differing, strict=False):
        yield " / ".join(dict.fromkeys(way.strip(".-'") for way in ways))


def count_common_words(content: bytes) -> dict[str, float]:
    """Return how sure it is that a text is in a language, by its words without accents: up to 1."""
    words = Counter(found[0].decode() for found in PLAIN_WORD.finditer(content.lower()))
    counts = {
        language: sum(words[word] for word in common) for language, common in COMMON_WORDS.items()
    }
    most = max(counts.values(), default=0)
    return {language: number / (most + 4) for language, number in counts.items()}


# --- How good words are ---------------------------------------------------------------------------

# Signs that stand beside words in tables; any other is a letter that was misread.
SIGNS = frozenset("\xa0€£§°·–—…„“”‘’‚«»‹›•™©®½¼¾²³×µ¿¡±№†‰")
PLAIN_SIGNS = frozenset("€£–—…")
JOINING = frozenset("’‘·–\xad•")  # between letters
CONTROL_COST, SIGN_COST, WITHIN_COST, CASE_COST, SCRIPT_COST = 10.0, 1.0, 3.0, 3.0, 4.0
OTHER_LANGUAGE_COST = 0.6
SIGN_GAIN = 1.1
LONE_WORDS = frozenset("àáèéòóíúåöøœ")  # letters that are words; any other stands for anything
LONE_WORTH = 0.7
# The commonest letters of scripts without accents, by which a word is told from a riddle.
COMMON = {"cyrillic": frozenset("оеаинтсрвлкмдпуіјя"), "greek": frozenset("αοιετσνηυρπκμλςάέήίόύώ")}
READ_WELL = 0.6


@dataclass
class WordsJudged:
    """How good words are: what speaks against them, and how well each language has them."""

    cost: float = 0.0
    best: float = 0.0  # each word in the language that has it best
    gained: dict[str, float] = field(default_factory=dict)  # by a language that is the main one


def judge_words(words: Iterable[tuple[str, int]], hints: Mapping[str, float]) -> float:
    """Return how good words are in the language that has most of them, with some of others."""
    judged = WordsJudged()
    for token, times in words:
        weight = min(times, MOST_TIMES)
        judged.cost += weight * judge_signs(token)
        for word in WORD.findall(token):
            if not word.isascii():
                judged.cost += weight * judge_case(word)
                put_languages(judged, word.lower(), weight)
    main = max(
        (gain + hints.get(language, 0.0) for language, gain in judged.gained.items()), default=0.0
    )
    return judged.best + max(main, max(hints.values(), default=0.0)) - judged.cost


def put_languages(judged: WordsJudged, word: str, weight: int) -> None:
    """Add how well languages have a word; in another than the main one it counts for less."""
    by_language = judge_languages(word)
    foreign = max(by_language.values(), default=-1.0) - OTHER_LANGUAGE_COST
    judged.best += weight * foreign
    for language, worth in by_language.items():
        if worth > foreign:
            gain = weight * (worth - foreign)
            judged.gained[language] = judged.gained.get(language, 0.0) + gain


def judge_signs(token: str) -> float:
    """Return what the signs of a word speak against it."""
    cost = 0.0
    for place, letter in enumerate(token):
        if letter < "\x80" or letter.isalpha():
            continue
        if "\x80" <= letter <= "\x9f":
            cost += CONTROL_COST
        elif letter in "’'" and between_digits(token, place):
            cost -= SIGN_GAIN  # “1’200”
        elif is_within(token, place) and letter not in JOINING:
            cost += WITHIN_COST
        else:
            cost += SIGN_COST if letter not in SIGNS else -SIGN_GAIN * stands_alone(token, place)
    return cost


def between_digits(token: str, place: int) -> bool:
    return token[place - 1 : place].isdigit() and token[place + 1 : place + 4].isdigit()


def stands_alone(token: str, place: int) -> bool:
    """Return whether a sign that tables often hold has no letter beside it: “100 €”."""
    beside = token[max(place - 1, 0) : place] + token[place + 1 : place + 2]
    return token[place] in PLAIN_SIGNS and not any(map(str.isalpha, beside))


def is_within(token: str, place: int) -> bool:
    """Return whether a sign has letters on both sides."""
    return token[place - 1 : place].isalpha() and token[place + 1 : place + 2].isalpha()


@lru_cache(maxsize=4096)
def judge_case(word: str) -> float:
    """Return what capitals inside a word and a mixture of scripts speak against it."""
    is_mixed = any(letter.islower() for letter in word)
    strange = sum(letter > "\x7f" and letter.isupper() and is_mixed for letter in word[1:])
    strange += sum(
        letter > "\x7f" and letter.islower() and place > 1 and word[:place].isupper()
        for place, letter in enumerate(word)
    )
    cost = CASE_COST * strange
    scripts = {name_script(letter) for letter in word}
    return cost + SCRIPT_COST * (len(scripts) - 1)


def name_script(letter: str) -> str:
    if "\u0370" <= letter < "\u0400":
        return "greek"
    return "cyrillic" if "\u0400" <= letter < "\u0530" else "latin"


@lru_cache(maxsize=4096)
def judge_languages(word: str) -> dict[str, float]:
    """Return how well languages have a word, from −1 to 1, of those that have all its letters."""
    script = name_script(word[0])
    if len(word) == 1:
        return dict.fromkeys(LETTERS, LONE_WORTH * (word in LONE_WORDS))
    if script != "latin":
        part = sum(letter in COMMON[script] for letter in word) / len(word)
        return {script: min(part / READ_WELL, 1.0)}
    framed = f"{EDGE}{word}{EDGE}"
    worths = {}
    for language, letters in LETTERS.items():
        fits = [
            (framed[place - 1] in letters[letter][0]) + (framed[place + 1] in letters[letter][1])
            for place, letter in enumerate(framed)
            if letter in letters
        ]
        strange = sum(
            letter > "\x7f" and letter != EDGE and letter not in letters for letter in framed
        )
        if fits and not strange:
            worths[language] = sum(fits) / len(fits) - 1
    return worths
