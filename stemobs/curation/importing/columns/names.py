"""Reads what the names of columns say: what a column becomes, units, currencies, sizes, years."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

from stemobs.curation.importing.meanings.figures import list_units
from stemobs.curation.importing.meanings.tables import (
    list_phrases,
    match,
    read_phrases,
    read_table,
    reduce,
    take_first,
    take_last,
)
from stemobs.curation.importing.shapes import KnownTerms

BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
# “Ansprechpartner/in”, “Schüler:innen”, “partner(s)”
ENDINGS = re.compile(r"(?<=\w)(?:/-?|:|\*|\()(?:innen|in|s|es|n|en|y)\)?(?=\s|\Z)")
YEARS = re.compile(r"(?<!\d)(?:19|20)\d\d(?:\s?[/–-]\s?(?:\d{4}|\d\d))?(?!\d)")
# “per pupil”, “pro Schule”, “€/Teilnehmer”
EACH = re.compile(
    r"(?<!\w)(?:(?:(?P<each>per|pro|par|por)|à|je|für jede[ns]?|na|za|på|ανά|на)(?!\w)|€\s?/)\s*"
)
NAMED_QUALIFIERS = ("about", "over", "nearly", "at-least", "up-to")
SIZES = ("numbers", "in-sizes")
SHORTEST_WORD = 3
# “prog_title”, “progTitle”: how programs name columns; “SchülerInnen” is no such name.
CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z])(?!Innen)")
# “Q3_Organisation”, “4. Start”: how forms number their questions.
NUMBERED = re.compile(
    r"(?:q|f|question|frage|pytanie)?\s?[0-9]{1,2}\s?[.):_]\s*(?=[^\W\d_]{2})", re.I
)
TIMES, ENDS = frozenset({"asked-when", "runs"}), frozenset({"start", "end"})
# What the name of somebody or something may be the name of: “organisation name”.
NAMED = frozenset({"coordinator", "funder", "asked-partner", "country", "region"})


@cache
def list_targets() -> Mapping[str, tuple[str, ...]]:
    """Return what columns of each name become: “kraj” is a country, or in Croatian an end."""
    targets: dict[str, tuple[str, ...]] = {}
    for phrase, target in list_phrases(read_table("columns")):
        targets[phrase] = tuple(dict.fromkeys([*targets.get(phrase, ()), target]))
    return targets


@lru_cache(maxsize=4096)
def reduce_name(name: str) -> str:
    """Return the name of a column as words are compared, also one that a program has made."""
    numbered = NUMBERED.match(name)
    bare = name[numbered.end() :] if numbered else name
    return reduce(CAMEL.sub(" ", bare.replace("_", " ")))


def find_targets(name: str, known: KnownTerms) -> tuple[tuple[str, ...], str]:
    """Return what the name of a column says it may become, and how certain that is.

    A name may have brackets, a unit, a currency or a year, and two languages around a stroke.
    """
    bare = trim_name(name)
    forms = (reduce_name(name).strip(" .:*"), bare)
    for form in forms:
        if form in list_targets():
            return list_targets()[form], "sure"
    if any(find_unit_in_name(form, known, alone=True) for form in forms):
        return ("count",), "sure"
    parts = [trim_name(part) for part in split_name(name)]
    found = [set(list_targets().get(part, ())) for part in parts]
    if len(parts) > 1 and (common := set.intersection(*found)):
        return tuple(sorted(common)), "sure"
    if find_unit_in_both(parts, known):
        return ("count",), "sure"
    if find_unit_in_name(name, known):
        return ("count",), "sure"
    if joined := find_joined(bare):
        return joined, "sure"
    return find_within(bare)


def find_joined(bare: str) -> tuple[str, ...]:
    """Return what the parts of a name say together: “year of launch”, “project budget”."""
    for left, right in list_halves(bare):
        for one, other in ((left, right), (right, left)):
            if said := join_parts(one, other):
                return said
    return ()


def join_parts(one: str, other: str) -> tuple[str, ...]:
    """Return what a part of a name says of which the other is a project, a time or a name."""
    said = list_targets().get(other, ())
    if one in read_phrases("names", "things"):
        return said
    if TIMES.intersection(list_targets().get(one, ())) or one in read_phrases(
        "periods", "school-year"
    ):
        ends = {"start": "since", "end": "until"}
        bare = [end for end, words in ends.items() if other in read_phrases("periods", words)]
        return said if said and ENDS.issuperset(said) else tuple(bare[:1])
    if one in read_phrases("names", "names") and NAMED.issuperset(said):
        return said
    return ()


def list_halves(bare: str) -> Iterator[tuple[str, str]]:
    """Yield the two parts around each space of a name, without words such as “of” between."""
    words = bare.split()
    for cut in range(1, len(words)):
        left, right = " ".join(words[:cut]), " ".join(words[cut:])
        yield left, right
        for phrase in list_joints():
            if right.startswith(f"{phrase} "):
                yield left, right.removeprefix(phrase).strip()
            elif phrase.endswith("'") and right.startswith(phrase):
                yield left, right.removeprefix(phrase)


@cache
def list_joints() -> tuple[str, ...]:
    """Return the words that may stand between two parts of a name, the longest first."""
    return tuple(sorted(read_phrases("names", "joints"), key=len, reverse=True))


def split_name(name: str) -> list[str]:
    """Return the parts of a name around strokes, such as those in two languages."""
    return [part for part in re.split(r"[/|\n]", name) if trim_name(part)]


def trim_year(bare: str) -> str:
    """Return a reduced name without its years: “alunni a.s. 2023/24” is “alunni”."""
    without = YEARS.sub(" ", bare).strip()
    if without == bare:
        return bare
    _found, rest = take_last(without.rstrip(" ,:–-"), read_phrases("periods", "school-year"))
    return rest or without


def trim_name(name: str) -> str:
    """Return a name without what stands in brackets, currencies, sizes and years."""
    bare = trim_year(reduce_name(BRACKETS.sub(" ", name))).strip(" .:*-–,?")
    bare = ENDINGS.sub("", bare)
    for table in (SIZES, ("money", "currencies"), SIZES, ("periods", "kinds")):
        found, rest = take_last(bare, read_phrases(*table))
        if found and rest:
            bare = re.sub(r"(?:^|\s)(?:in|w|v|en|u|i|σε|в|em)$", "", rest).strip(" .,-–/")
    return bare


def find_within(bare: str) -> tuple[tuple[str, ...], str]:
    """Return what the longest phrases within a name say; that is only suggested."""
    words = bare.split()
    spans = [
        (start, end) for start in range(len(words)) for end in range(start + 1, len(words) + 1)
    ]
    found: dict[int, dict[str, None]] = {}
    for start, end in spans:
        phrase = " ".join(words[start:end]).strip(" .,:;-–'?")
        targets = list_targets().get(phrase, ())
        if len(phrase) > SHORTEST_WORD or targets == ("age",):
            found.setdefault(end - start, {}).update(dict.fromkeys(targets))
    longest = max((length for length, some in found.items() if some), default=0)
    targets = tuple(found.get(longest, ()))
    # The name of somebody's contact is left out, whatever else the name of the column says.
    return (("ignore",) if "ignore" in targets else targets), "suggested"


def find_unit_in_name(name: str, known: KnownTerms, *, alone: bool = False) -> str:
    """Return the unit that a name says its numbers count; several have “|” between them.

    `alone` means that the whole name is a unit, or a word such as “number of” before one.
    """
    units, kinds = list_units(known), read_phrases("periods", "kinds")
    inside = [
        form
        for found in BRACKETS.findall(name)
        for form in (found, found.removeprefix("in "), take_last(reduce(found), kinds)[1])
    ]
    bare = trim_name(name)
    counted = trim_counts(bare)
    forms = [bare, counted, *([] if alone else inside)]
    for form in forms:
        if form and (slugs := match(form, units)):
            return slugs
    if counted != bare and (slugs := take_first(counted, units)[0]):
        return slugs
    return find_unit_in_both([trim_name(part) for part in split_name(name)], known)


def find_unit_in_both(parts: Sequence[str], known: KnownTerms) -> str:
    """Return the unit that the parts of a name in two languages say, if it is the same."""
    slugs = {match(trim_counts(part), list_units(known)) for part in parts}
    return slugs.pop() if len(parts) > 1 and len(slugs) == 1 else ""


def trim_counts(bare: str) -> str:
    """Return a name without words such as “number of”, before or behind or joined to it."""
    rest = take_first(bare, read_phrases("units", "counts"))[1] or bare
    if rest == bare:  # “reach pupils”, “effectif élèves”
        rest = take_first(bare, read_phrases("columns", "reach"))[1] or bare
    for phrase in read_phrases("units", "behind"):
        if rest.endswith(phrase) and len(rest) > len(phrase) + SHORTEST_WORD:
            return rest.removesuffix(phrase).strip(" -")
    return rest


def find_unit_within(name: str, known: KnownTerms) -> str:
    """Return the only unit of which the word stands anywhere in a name; "" if none or several."""
    units = list_units(known)
    found = {units.get(word.strip(" .,:()"), "") for word in trim_name(name).split()} - {""}
    return found.pop() if len(found) == 1 else ""


def find_qualifier_in_name(name: str) -> str:
    """Return how exact a name says that its numbers are: “about” for “Pupils (ca.)”; else ""."""
    named = read_phrases("numbers", "in-names")
    known = {**read_phrases("numbers", "qualifiers"), **named}
    inside = [match(one, known) for one in BRACKETS.findall(name)]
    bare = reduce_name(BRACKETS.sub(" ", name)).strip(" .:*")
    found = [*inside, take_first(bare, named)[0], take_last(bare, named)[0]]
    return next((one for one in found if one in NAMED_QUALIFIERS), "")


def may_be_no_count(name: str, known: KnownTerms) -> bool:
    """Whether numbers of this name may be no count of what there was.

    A name may say that they are an average, a share, a fee, a plan, or so many for each.
    """
    reduced = reduce_name(name)
    doubts = read_phrases("units", "doubts")
    words = [word.strip(" .,:;()[]/-") for word in reduced.split()]
    if any(word in doubts for word in words):
        return True
    units = list_units(known)
    times = [read_phrases("periods", part) for part in ("kinds", "school-year", "beside")]
    for found in EACH.finditer(reduced):
        behind = reduced[found.end() :]
        is_time = any(take_first(behind, words)[0] for words in times) or bool(
            take_first(reduced[found.start() :], times[0])[0]
        )
        if take_first(behind, units)[0] or (found["each"] and not is_time):
            return True
    return False


def find_currency_in_name(name: str) -> str:
    """Return the currency that a name says its sums have; "" if none, or if it may be several."""
    reduced = reduce_name(name)
    joined = re.search(r"(?<!\w)[tkme]?(€|eur|ft|chf|pln|czk|huf|sek|nok|dkk)(?!\w)", reduced)
    words = [*re.split(r"[\s()\[\],;:/]+", reduced), *([joined[1]] if joined else [])]
    codes = [read_phrases("money", "currencies").get(word.strip("."), "") for word in words]
    found = list(dict.fromkeys(code for code in codes if code and "|" not in code))
    return found[0] if len(found) == 1 else ""


def find_zeros_in_name(name: str) -> int:
    """Return the zeros that a name says its numbers lack: three for “in T€”."""
    reduced = reduce_name(name)
    sizes = read_phrases("numbers", "in-sizes")
    pieces = [reduced, *re.split(r"[()\[\],;:]", reduced)]
    for piece in (one.strip(" .") for one in pieces):
        words = piece.split()
        for start in range(len(words)):
            for end in range(len(words), start, -1):
                phrase = " ".join(words[start:end])
                if phrase in sizes and is_size(phrase, piece):
                    return int(sizes[phrase])
    return 0


def is_size(phrase: str, piece: str) -> bool:
    """Whether a word of size says so of a column; a bare “t” or “k” does only in a currency."""
    return phrase in piece and len(phrase) > 1
