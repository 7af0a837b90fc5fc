"""What a search finds, and how near the top it belongs. Knows no HTTP.

Every search reads the texts of all rows asked: right and simple at the catalogue's size.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from django.db.models import QuerySet

from programmes.text import Search, words

Words = list[list[str]]  # the words of each text, in order


def search(
    wanted: Search, rows: QuerySet, name_paths: Iterable[str], other_paths: Iterable[str] = ()
) -> dict[int, int]:
    """Return the ids of the rows that have every word, each with its tier.

    Tier 0 has all words in its names, tier 1 some, tier 2 none of them.
    """
    names = texts_by_id(rows, name_paths)
    others = texts_by_id(rows, other_paths)
    everything = len(wanted.words) + len(wanted.phrases) + bool(wanted.beginning)
    tiers = {}
    for pk in rows.order_by().values_list("pk", flat=True):
        in_names = matched(wanted, names[pk])
        if matched(wanted, names[pk] + others[pk]) == everything:
            tiers[pk] = 0 if in_names == everything else 1 if in_names else 2
    return tiers


@lru_cache(maxsize=16_384)
def words_of(text: str) -> list[str]:
    """Return the words of a text; kept, because every search reads the same texts."""
    return words(text)


def texts_by_id(rows: QuerySet, paths: Iterable[str]) -> dict[int, Words]:
    """Return the words of every text under these paths, by the row's id."""
    texts: dict[int, Words] = defaultdict(list)
    for path in paths:
        for pk, text in rows.order_by().values_list("pk", path).distinct():
            if text:
                texts[pk].append(words_of(text))
    return texts


def matched(wanted: Search, texts: Words) -> int:
    """Count the parts of the search that these texts have."""
    exact = [*((word,) for word in wanted.words), *wanted.phrases]
    count = sum(any(has_phrase(text, part) for text in texts) for part in exact)
    if wanted.beginning:
        count += any(word.startswith(wanted.beginning) for text in texts for word in text)
    return count


def has_phrase(text: list[str], phrase: tuple[str, ...]) -> bool:
    """Whether the words of the phrase follow one another in the text."""
    length = len(phrase)
    return any(tuple(text[i : i + length]) == phrase for i in range(len(text) - length + 1))
