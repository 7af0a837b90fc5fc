"""Marks the words in which two texts differ, so that nobody has to compare them by eye."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

WORDS = re.compile(r"\s*\S+")
MOST_WORDS = 2000  # comparing takes longer than in proportion to the words


def mark_difference(text: str, other: str) -> SafeString:
    """Return a text as HTML, with those of its words marked that another does not have.

    Texts without a word in common are not marked: everything in them differs.
    """
    words, others = WORDS.findall(text), WORDS.findall(other)
    if max(len(words), len(others)) > MOST_WORDS or not share_a_word(words, others):
        return SafeString(conditional_escape(text))
    return format_html_join("", "{}", ((part,) for part in mark_words(words, others)))


def share_a_word(words: list[str], others: list[str]) -> bool:
    return not {*map(str.strip, words)}.isdisjoint(map(str.strip, others))


def mark_words(words: list[str], others: list[str]) -> Iterator[str]:
    """Yield parts of a text, marked where the words are none of the others at that place."""
    matcher = SequenceMatcher(None, others, words)
    for kind, _from, _to, start, end in matcher.get_opcodes():
        part = "".join(words[start:end])
        marked = part.lstrip() if kind != "equal" else ""
        yield part.removesuffix(marked)
        yield format_html("<ins>{}</ins>", marked) if marked else ""
