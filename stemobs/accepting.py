"""What a client accepts: reads the headers Accept and Accept-Encoding (RFC 9110, section 12).

Parameters of a media type, other than the weight `q`, play no part: the site has each type in one
variant only, so a request for `text/csv; charset=utf-8` is a request for `text/csv`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from django.http import HttpRequest
from rest_framework.request import Request

# A quoted text, up to the end of the header if its closing mark is missing.
QUOTED = re.compile(r'"(?:[^"\\]|\\.?)*"?', re.DOTALL)
SEPARATORS = str.maketrans("", "", ",;")
MEDIA_RANGE = re.compile(r"\*/\*|[^\s/*]+/(\*|\*\+[^\s/*]+|[^\s/*]+)")
# How exactly a range names a type: */*, application/*, application/*+json, application/json.
ANY, ANY_OF_KIND, ANY_OF_SYNTAX, EXACT = range(4)
IDENTITY = "identity"  # the coding of an answer that is sent as it is
DEPENDS = "depends_on_accept"

AnyView = TypeVar("AnyView", bound=Callable[..., object])


class Wish(NamedTuple):
    """An entry of a header: what is named, in lower case, and its weight; 0 is a refusal."""

    name: str
    weight: float


class Rank(NamedTuple):
    """How much a media type is wanted: the lowest rank wins."""

    unwanted: float  # the weight, negative
    vague: int  # how exactly the type was named, negative
    place: int  # in the header


def parse_wishes(header: str) -> list[Wish]:
    """Return the entries of a header in their order; what is malformed does no harm."""
    plain = QUOTED.sub(lambda found: found[0].translate(SEPARATORS), header)
    return [parse_wish(entry) for entry in plain.lower().split(",") if entry.strip()]


def parse_wish(entry: str) -> Wish:
    name, *parameters = (part.strip() for part in entry.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            return Wish(name, parse_weight(value))
    return Wish(name, 1)


def parse_weight(text: str) -> float:
    """Return a weight between 0 and 1; it is 1 if the text is no such number."""
    try:
        weight = float(text.strip(' \t"'))
    except ValueError:
        return 1
    return weight if 0 <= weight <= 1 else 1


# --- Media types ----------------------------------------------------------------------------------


def find_preferred_type(request: HttpRequest | Request, types: Iterable[str]) -> str | None:
    """Return which media type the Accept header prefers; None if the header allows none of them.

    Of equally wanted types the first is returned, also if there is no header or an empty one.
    """
    wishes = parse_wishes(request.headers.get("Accept", ""))
    if not wishes:
        return next(iter(types))
    # Java's own client writes "*" for any type.
    named = [Wish("*/*" if wish.name == "*" else wish.name, wish.weight) for wish in wishes]
    readable = [wish for wish in named if MEDIA_RANGE.fullmatch(wish.name)]
    ranks = {media_type: rank_type(media_type, readable) for media_type in types}
    wanted = {media_type: rank for media_type, rank in ranks.items() if rank and rank.unwanted}
    return min(wanted, key=lambda media_type: wanted[media_type], default=None)


def rank_type(media_type: str, wishes: Iterable[Wish]) -> Rank | None:
    """Return the rank that the entry naming a type most exactly gives it; None without one."""
    found = [
        (exactness, Rank(-wish.weight, -exactness, place))
        for place, wish in enumerate(wishes)
        if (exactness := measure_exactness(wish.name, media_type)) is not None
    ]
    closest = max((exactness for exactness, _rank in found), default=None)
    return min((rank for exactness, rank in found if exactness == closest), default=None)


def measure_exactness(media_range: str, media_type: str) -> int | None:
    """Return how exactly a range names a type; None if it does not name it."""
    if media_range == "*/*":
        return ANY
    if media_range == media_type:
        return EXACT
    kind, _, name = media_type.partition("/")
    wanted_kind, _, wanted = media_range.partition("/")
    if wanted_kind != kind or not wanted.startswith("*"):
        return None
    # application/*+json: application/ld+json has the syntax of JSON, and so has JSON itself.
    syntax = name.rpartition("+")[2]
    return ANY_OF_KIND if wanted == "*" else ANY_OF_SYNTAX if wanted == f"*+{syntax}" else None


def depending_on_accept(view: AnyView) -> AnyView:
    """Mark a view whose answers depend on the Accept header."""
    setattr(view, DEPENDS, True)
    return view


# --- Codings --------------------------------------------------------------------------------------


def choose_coding(header: str, offered: Sequence[str]) -> str:
    """Return the content coding that Accept-Encoding prefers, or "" for none.

    `offered` has the best first. A coding is chosen if it is named, or if the plain answer is
    refused. If everything is refused, the answer is plain.
    """
    weights = {wish.name.removeprefix("x-"): wish.weight for wish in parse_wishes(header)}
    plain = weights.get(IDENTITY, weights.get("*"))
    if plain == 0:
        usable = {coding: weights.get(coding, weights.get("*", 1)) for coding in offered}
    else:
        usable = {coding: weights.get(coding, 0) for coding in offered}
    best = max(usable, key=lambda coding: usable[coding], default="")
    return best if best and usable[best] > 0 and usable[best] >= (plain or 0) else ""
