"""Finds the organisations that a partner's file names; what is not known is asked, or its type."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process

from partnerships.models import Organisation, OrganisationName
from stemobs.curation.importing.shapes import Answers, TableQuestion
from stemobs.text import fold

FEW = 4
CLOSE = 85  # of 100: how alike two names are that may be of the same organisation
KEY, NEW, LEAVE = "organisation:", "new:", "leave"
Type = Organisation.Type
# Words in a name that say what its organisation is, in many languages.
WORDS_OF_TYPES: dict[Type, str] = {
    Type.FOUNDATION: r"foundation|stiftung|fondation|fundac\w+|nadac\w+|stichting|fundaci\w+|"
    r"fondazione|alapitvany|stiftelse\w*|saatio|fonden|fundatia|fondacija|zaklada|sihtasutus|fonds",
    Type.UNIVERSITY: r"univer[sz]i\w*|universitat|hochschule|hogeschool|politechnika|polytechnic|"
    r"egyetem|yliopisto|uniwersytet|universit\w+|ulikool|sveuciliste|univerza|fachhochschule",
    Type.GOVERNMENT: r"minist\w+|kormany\w*|regierung|government|departement|ministerstv\w+",
    Type.CHAMBER: r"chamber|kammer|chambre|izba|komora|camara|camera|kamara|handelskamer",
    Type.SCIENCE_CENTRE: r"science cent(?:re|er)|centrum nauki|science museum|cite des sciences",
    Type.COMPANY: r"gmbh|ag|s\.?a\.?|s\.?r\.?o\.?|sp\. z o\.?o\.?|a\.?s\.?|n\.?v\.?|b\.?v\.?|ltd|"
    r"plc|inc|oy|oyj|ab|aps|kft|zrt|nyrt|d\.?o\.?o\.?|s\.?p\.?a\.?|s\.?r\.?l\.?|kg|se|as|uab|sia",
    Type.ASSOCIATION: r"association|verein|verband|e\.? ?v\.?|stowarzyszenie|asociatia|asociacion|"
    r"associazione|vereniging|forening\w*|egyesulet|sdruzeni|zdruzenie|udruga|z\. ?s\.?|o\. ?z\.?",
}
PATTERNS = {
    kind: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    for kind, words in WORDS_OF_TYPES.items()
}


@dataclass(frozen=True)
class PartnerFound:
    """Which organisation a name in a file is: a stored one, or a new one of some type.

    The type of a new one is inferred if its name says it, and nothing else does.
    """

    pk: int | None = None
    name: str = ""
    type: str = ""
    is_inferred: bool = False


class KnownPartners:
    """All organisations by their folded names, read once for a whole file."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.types: dict[int, str] = {}
        self.by_name: dict[str, set[int]] = {}
        self.told: dict[str, str] = {}  # names as they are written
        for pk, name, kind in Organisation.objects.order_by("pk").values_list("pk", "name", "type"):
            self.names[pk], self.types[pk] = name, kind
            self.by_name.setdefault(fold(name), set()).add(pk)
            self.told.setdefault(fold(name), name)
        others = OrganisationName.objects.order_by("pk").values_list("organisation_id", "name")
        for pk, name in others:
            self.by_name.setdefault(fold(name), set()).add(pk)
            self.told.setdefault(fold(name), name)

    def list_similar(self, name: str) -> dict[int, str]:
        """Return organisations with a name that begins like this one or is nearly the same."""
        small = fold(name)
        alike = process.extract(
            small, self.by_name.keys(), scorer=fuzz.ratio, score_cutoff=CLOSE, limit=FEW
        )
        near = [one for one, _score, _place in alike]
        begun = [one for one in self.by_name if one.startswith(f"{small} ")]
        found: dict[int, str] = {}
        for one in [*near, *begun]:
            for pk in sorted(self.by_name[one]):
                found.setdefault(pk, self.told[one])
        return dict([*found.items()][:FEW])

    def find(
        self, named: Mapping[str, Iterable[int]], answers: Answers
    ) -> tuple[dict[str, PartnerFound | None], list[TableQuestion]]:
        """Return which organisation each name is, and what has to be asked.

        `named` has the lines in which each name stands. None is a name that is left out, and one
        that is asked about is not among those found.
        """
        found: dict[str, PartnerFound | None] = {}
        questions = []
        for name, lines in named.items():
            answer = str(answers.get(f"{KEY}{fold(name)}", ""))
            same = self.by_name.get(fold(name), set())
            if len(same) == 1:
                pk = next(iter(same))
                found[name] = self.take(pk)
            elif answer:
                found[name] = self.read_answer(name, answer)
            else:
                offered = dict.fromkeys(sorted(same), name) or self.list_similar(name)
                kind = guess(name)
                if kind and not offered:
                    found[name] = PartnerFound(None, name, kind, is_inferred=True)
                else:
                    questions.append(self.ask(name, offered, lines))
        return found, questions

    def read_answer(self, name: str, answer: str) -> PartnerFound | None:
        if answer.startswith(NEW) and answer.removeprefix(NEW) in Type.values:
            return PartnerFound(None, name, answer.removeprefix(NEW))
        if answer.isdecimal() and int(answer) in self.names:
            return self.take(int(answer))
        return None

    def take(self, pk: int) -> PartnerFound:
        return PartnerFound(pk, self.names[pk], self.types[pk])

    def ask(self, name: str, offered: Mapping[int, str], lines: Iterable[int]) -> TableQuestion:
        """Return the question which organisation a name is: one that we know, or a new one.

        `offered` has those that we know, each by the name by which it was found.
        """
        options = [(str(pk), self.tell(pk, other)) for pk, other in offered.items()]
        if kind := guess(name):
            label = Type(kind).label
            options.append((f"{NEW}{kind}", _("a new one: %(type)s") % {"type": label}))
        options += [
            (f"{NEW}{value}", _("a new one: %(type)s") % {"type": label})
            for value, label in Type.choices
            if value != kind
        ]
        options.append((LEAVE, _("leave it out")))
        told = _("“%(name)s” – which organisation?") % {"name": name}
        return TableQuestion(f"{KEY}{fold(name)}", told, tuple(options), 0, tuple(lines))

    def tell(self, pk: int, other: str) -> str:
        """Return the name of an organisation, with the other one by which it was found."""
        name = self.names[pk]
        if fold(name) == fold(other):
            return name
        return _("%(name)s, also called “%(other)s”") % {"name": name, "other": other}


def guess(name: str) -> str:
    """Return the type of organisation that a name says; "" if it says none, or several."""
    small = fold(name)
    found = [kind for kind, pattern in PATTERNS.items() if pattern.search(small)]
    return str(found[0]) if len(found) == 1 else ""
