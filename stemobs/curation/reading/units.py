"""Reads what a figure counts, by the names of the units and by what else people call them."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from django.utils.translation import gettext as _

from stemobs.curation.reading.lines import LineRead
from stemobs.text import fold

# What people write, and the slug of the unit that it is. Each means the same thing in every source.
OTHER_NAMES = {
    "%": "percent", "percent": "percent", "per cent": "percent",
    "pupils": "students", "learners": "students", "school students": "students",
    "businesses": "companies", "firms": "companies", "enterprises": "companies",
    "municipality": "municipalities", "company": "companies", "country": "countries",
    "university": "higher-education-institutions",
    "universities": "higher-education-institutions",
    "towns": "towns", "villages": "towns", "child": "children",
}  # fmt: skip
# Words for which there is no unit, and the units that may be meant: one is chosen, never guessed.
OFFERED = {
    "young people": ("participants", "students"), "girls": ("students", "participants"),
    "boys": ("students", "participants"), "kids": ("children", "students"),
    "people": ("participants", "visitors"), "parents": ("participants",),
    "families": ("participants",), "employees": ("staff", "volunteers"),
    "experts": ("participants", "volunteers"), "role models": ("volunteers", "participants"),
    "mentors": ("volunteers", "participants"), "visits": ("events",), "talks": ("events",),
    "competitions": ("events",), "fairs": ("events",), "camps": ("events",),
    "organisations": ("partner-organisations", "institutions"),
}  # fmt: skip
END = re.compile(r"[,(\[]| (?:in|since|until|from|of|per|each|every|a year)\b")
FEW = 3
CLOSE = 0.6  # how alike two words are that may be the same


class Units:
    """The units of the catalogue by their names, in the form in which words are compared."""

    def __init__(self, units: Iterable[tuple[str, str, str]]) -> None:
        """Take the key, the slug and the name of every unit."""
        self.labels: dict[str, str] = {}  # by key
        self.keys: dict[str, str] = {}
        self.slugs: dict[str, str] = {}
        for key, slug, name in units:
            self.slugs[slug] = key
            self.labels[key] = name
            self.keys[fold(name)] = key
            if name.endswith("s"):
                self.keys.setdefault(fold(name[:-1]), key)
        for name, slug in OTHER_NAMES.items():
            if slug in self.slugs:
                self.keys.setdefault(name, self.slugs[slug])
        self.names = sorted(self.keys, key=len, reverse=True)

    def take(self, text: str) -> tuple[str, str]:
        """Return the unit that a text begins with, and the rest; "" if it begins with none."""
        small = fold(text)
        for name in self.names:
            rest = small[len(name) :]
            if small.startswith(name) and not (name[-1].isalpha() and rest[:1].isalpha()):
                return self.keys[name], text[len(name) :].strip()
        return "", text

    def ask(self, line: LineRead, text: str) -> str:
        """Ask what is counted, offering the units whose names are nearest; return the rest."""
        found = END.search(text)
        word = text[: found.start()].strip() if found else text.strip()
        near = get_close_matches(fold(word), self.keys, FEW, CLOSE)
        keys = dict.fromkeys(self.keys[name] for name in near)
        if not near:
            line.values["unit_detail"] = word
            offered = OFFERED.get(fold(word), ())
            keys = dict.fromkeys(self.slugs[slug] for slug in offered if slug in self.slugs)
        told = _("What is counted? Write it after the number, such as “schools”.")
        if word:
            told = _(
                "We do not count “%(word)s”. Choose what is nearest and keep their word as detail, "
                "or ask an administrator for a new unit."
            ) % {"word": word}
        line.ask("unit", told, [(key, self.labels[key]) for key in keys])
        return text[len(word) :].strip()
