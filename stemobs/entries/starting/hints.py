"""Reads hints from the words of a way in: of which year it is, for which country, and for money."""

import re
from collections.abc import Iterable

YEARS = re.compile(r"\b(?P<century>20)(?P<year>\d\d)(?:[/–-](?P<next>\d\d)\b)?")
# The end of a name of a website, such as the “se” of “esero.se”.
COUNTRY_ENDING = re.compile(r"\b(?:[\w-]+\.)+(?P<ending>[a-z]{2})\b(?!\.\w|-)")
ENDINGS = {"GB": "uk"}
MONEY = re.compile(r"\b(?:donors?|donate|money|sponsors?|prizes|funds?|support the)\b", re.I)
TIME = re.compile(
    r"\b(?:class(?:es)?|engineers?|experts?|host|judges?|lessons?|mentors?|placements?|pupils"
    r"|speak(?:ers?)?|staff|tours?|visits?|volunteers?|workshops?)\b",
    re.I,
)


def read_latest_year(text: str) -> int | None:
    """Return the latest year that a text names, also the second of “2025/26”; None without one."""
    found = (match["century"] + (match["next"] or match["year"]) for match in YEARS.finditer(text))
    return max(map(int, found), default=None)


def names_other_countries_only(text: str, codes: Iterable[str], home: str) -> bool:
    """Whether a text names websites of some of the countries `codes`, and none of `home`."""
    named = {match["ending"] for match in COUNTRY_ENDING.finditer(text.lower())}
    endings = {code: ENDINGS.get(code, code.lower()) for code in [*codes, home]}
    return bool(named & {*endings.values()}) and endings[home] not in named


def asks_for_money(text: str) -> bool:
    """Whether a text asks for money or gifts, and names nothing that people do with pupils."""
    return bool(MONEY.search(text)) and not TIME.search(text)
