"""What is read of a line that a curator typed, what is asked about it, and how a line is cut."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from stemobs.text import fold

SPACE = re.compile(r"\s+")
OPENING, CLOSING = "([“", ")]”"


@dataclass(frozen=True)
class FieldQuestion:
    """What is asked about a field that was not understood; answers are offered, never guessed."""

    told: str
    options: tuple[tuple[str, str], ...] = ()  # what the field would hold, and how that reads


@dataclass
class LineRead:
    """A line as it was read: what its fields hold, and what is asked about fields left open."""

    written: str
    values: dict[str, str] = field(default_factory=dict)
    asked: dict[str, FieldQuestion] = field(default_factory=dict)
    source: str = ""  # as it was named: a number in the record, or an address

    def ask(self, name: str, told: str, options: Iterable[tuple[str, str]] = ()) -> None:
        """Ask about a field, unless something is asked about it already."""
        self.asked.setdefault(name, FieldQuestion(told, tuple(options)))
        self.values.pop(name, None)


def split_parts(text: str) -> list[str]:
    """Return the parts of a line between commas; not those in brackets, quotes and numbers."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter in OPENING) - (letter in CLOSING)
        if letter == "," and depth <= 0 and not text[place + 1 : place + 2].isdigit():
            parts.append(text[start:place].strip())
            start = place + 1
    return [*parts, text[start:].strip()]


def take_brackets(text: str) -> tuple[str, str]:
    """Return what stands in the round brackets that a text begins with, and what follows them."""
    depth = 0
    for place, letter in enumerate(text if text.startswith("(") else ""):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text[1:place].strip(), text[place + 1 :].strip()
    return "", text


def find_phrase(text: str, phrases: Mapping[str, str]) -> str:
    """Return what a text means that is one of these phrases; "" if it is none."""
    return phrases.get(SPACE.sub(" ", fold(text)).strip(" ."), "")


def put_longest_first(phrases: Mapping[str, str]) -> dict[str, str]:
    """Return phrases in the order in which they are looked for: “more than” before “more”."""
    return {phrase: phrases[phrase] for phrase in sorted(phrases, key=len, reverse=True)}


def take_phrase(text: str, phrases: Mapping[str, str]) -> tuple[str, str]:
    """Return what the phrase at the start of a text means, and the rest; the first counts."""
    small = text.lower()
    for phrase in phrases:
        rest = text[len(phrase) :]
        if small.startswith(phrase) and not (phrase[-1].isalpha() and rest[:1].isalpha()):
            return phrases[phrase], rest.strip()
    return "", text
