"""Marks the words in which two texts differ, so that nobody has to compare them by eye."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

WORDS = re.compile(r"\s*\S+")
ALIKE = 0.5  # the share of words in common from which marks help
MOST_WORDS = 2000  # comparing takes longer than in proportion to the words


def mark_difference(text: str, other: str) -> SafeString:
    """Return a text as HTML, with those of its words marked that another does not have.

    Texts that have little in common are not marked: nearly everything in them differs.
    """
    words, others = WORDS.findall(text), WORDS.findall(other)
    if max(len(words), len(others)) > MOST_WORDS:
        return SafeString(conditional_escape(text))
    matcher = SequenceMatcher(None, others, words)
    if matcher.ratio() < ALIKE:
        return SafeString(conditional_escape(text))
    return format_html_join("", "{}", ((part,) for part in mark_words(matcher, words)))


def mark_words(matcher: SequenceMatcher[str], words: list[str]) -> Iterator[str]:
    """Yield parts of a text, marked where the words are none of the others at that place."""
    for kind, _from, _to, start, end in matcher.get_opcodes():
        part = "".join(words[start:end])
        marked = part.lstrip() if kind != "equal" else ""
        yield part.removesuffix(marked)
        yield format_html("<ins>{}</ins>", marked) if marked else ""
