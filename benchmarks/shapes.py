"""The questions of the benchmark: fifteen shapes of queries, with values drawn from the database.

Each programme is equally likely to be drawn, so common values are drawn often, as readers ask for
them often. The same seed and programmes give the same questions.
"""

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from django.db.models import Max

from programmes.models import Programme

SAMPLE = 500  # programmes whose words are counted
FREQUENT = 10  # the question for a frequent word draws one of so many most frequent words
SOME = range(3, 60)  # in how many programmes of the sample a word of middle frequency occurs
WORD = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True)
class Shape:
    """One question; contenders may find different totals for those with `is_text`."""

    name: str
    query: dict[str, str]
    is_text: bool = False


class Draw:
    """Draws programmes and their values from one random generator."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.last = Programme.objects.aggregate(last=Max("pk"))["last"]

    def programme(self, **having: Any) -> Programme:
        rows = Programme.objects.published().order_by("pk").filter(**having).distinct()
        return rows.filter(pk__gte=self.rng.randint(1, self.last)).first() or rows.first()

    def country(self, programme: Programme) -> str:
        return self.rng.choice(sorted(country.code for country in programme.countries.all()))

    def level(self, programme: Programme) -> str:
        return str(self.rng.choice(sorted(level.code for level in programme.levels.all())))

    def kind(self, programme: Programme) -> str:
        return self.rng.choice(sorted(kind.slug for kind in programme.kinds.all()))

    def two_countries(self) -> str:
        first = self.country(self.programme())
        others = (self.country(self.programme()) for _ in range(100))
        return f"{first},{next(code for code in others if code != first)}"

    @cached_property
    def frequencies(self) -> Counter[str]:
        """Return in how many programmes of a sample each word occurs, most frequent first."""
        texts = [self.programme().summary for _ in range(SAMPLE)]
        found = Counter(word for text in texts for word in set(plain_words(text)))
        return Counter(dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))))

    def frequent_word(self) -> str:
        return self.rng.choice(list(self.frequencies)[:FREQUENT])

    def rare_word(self) -> str:
        return self.rng.choice([word for word, number in self.frequencies.items() if number == 1])

    def programme_with_words(self) -> tuple[Programme, list[str]]:
        """Return a programme and two words of its summary that are neither rare nor frequent."""
        while True:
            programme = self.programme()
            known = set(plain_words(programme.summary))
            found = sorted(word for word in known if self.frequencies[word] in SOME)
            if len(found) > 1:
                return programme, self.rng.sample(found, 2)

    def phrase(self) -> str:
        """Return two consecutive words of a random programme's summary, in quotation marks."""
        pairs = re.findall(r"(?<![^ ])([a-z]{4,} [a-z]{4,})(?=[ .])", self.programme().summary)
        return f'"{self.rng.choice(pairs)}"'


def plain_words(text: str) -> list[str]:
    """Return the words that all contenders split alike: at least four letters from a to z."""
    return [word for word in text.replace(".", "").lower().split() if WORD.fullmatch(word)]


def facet_shapes(draw: Draw) -> Iterator[Shape]:
    yield Shape("none", {})
    yield Shape("country", {"country": draw.country(draw.programme())})
    yield Shape("two countries", {"country": draw.two_countries()})
    yield Shape("level", {"level": draw.level(draw.programme())})
    yield Shape("kind", {"kind": draw.kind(draw.programme())})
    one = draw.programme()
    place = {"country": draw.country(one), "level": draw.level(one)}
    yield Shape("country, level", place)
    yield Shape("country, kind, level", {**place, "kind": draw.kind(one)})
    paid = draw.programme(funding__isnull=False)
    source = paid.funding.order_by("position")[0].source_type
    yield Shape("status, funding", {"status": paid.status, "funding": source})
    first = draw.programme().partnerships.order_by("position")[0]
    yield Shape("organisation", {"organisation": first.organisation.slug})
    year = draw.programme(year_start__isnull=False).year_start
    yield Shape("running in", {"running_in": str(year)})


def text_shapes(draw: Draw) -> Iterator[Shape]:
    yield Shape("rare word", {"q": draw.rare_word()}, is_text=True)
    yield Shape("frequent word", {"q": draw.frequent_word()}, is_text=True)
    yield Shape("two words", {"q": " ".join(draw.programme_with_words()[1])}, is_text=True)
    programme, words = draw.programme_with_words()
    query = {"q": words[0], "country": draw.country(programme)}
    yield Shape("word, country", query, is_text=True)
    yield Shape("phrase", {"q": draw.phrase()}, is_text=True)


def shapes(seed: int) -> list[Shape]:
    draw = Draw(seed)
    return [*facet_shapes(draw), *text_shapes(draw)]


def main(seed: str) -> None:
    """Write the shapes for a seed as JSON."""
    sys.stdout.write(json.dumps([asdict(shape) for shape in shapes(int(seed))]))
