"""A simple reference model of search, filters, facet counts and sorting, to test the site against.

It is written from the public contract and shares no code with the site: it reads the published
programmes once and goes through all of them for every query.
"""

import datetime
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st

from partnerships.models import Organisation, OrganisationName
from programmes.models import Country, Programme
from tests.loose import Loose, Others

PARAMETERS = [
    "q", "country", "level", "kind", "factor", "audience", "organisation", "role", "status",
    "duration", "evidence", "finding", "design", "funding", "record", "scope", "open_to",
    "language",
    "running_in", "started_from", "started_to", "updated_since", "sort", "page", "page_size",
]  # fmt: skip
SORTS = ["country", "evidence", "name", "newest", "oldest", "relevance", "updated"]

# --- The reference model --------------------------------------------------------------------------


Text = list[str]  # a text as its words
Test = Callable[[Text], bool]


@dataclass
class Row:
    """A published programme with all the values that parameters can select or sort by."""

    slug: str
    name: str
    values: dict[str, set[str]]
    partnerships: list[tuple[str, str]]
    studies: list[tuple[str, str]]  # design and result of evaluations of the programme itself
    year_start: int | None
    year_end: int | None
    active_as_of: int | None
    as_of: int | None
    changed_at: datetime.datetime
    names: list[Text] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


def bare(text: str) -> str:
    """Return a text in lower case, without accents and special Latin letters."""
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = unicodedata.normalize("NFKD", text.lower())
    for letter, plain in {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i"}.items():
        text = text.replace(letter, plain)
    for letter, plain in {"æ": "ae", "œ": "oe", "þ": "th", "ß": "ss", "ς": "σ"}.items():
        text = text.replace(letter, plain)
    return text


def plain_words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", bare(text)) if word]


# Everyday forms of words, and the full words that texts use.
EVERYDAY = {
    "math": "mathematics", "maths": "mathematics",
    "apprentice": "apprenticeship", "apprentices": "apprenticeship",
    "apprenticeships": "apprenticeship",
    "program": "programme", "programs": "programmes",
}  # fmt: skip
ELSEWHERE = {
    "CZ": ["Czech Republic"], "GB": ["UK", "Great Britain"], "NL": ["Holland"],
    "SK": ["Slovak Republic"], "TR": ["Turkey"], "US": ["US", "USA", "United States of America"],
}  # fmt: skip


def full_words(text: str) -> list[str]:
    return [EVERYDAY.get(word, word) for word in plain_words(text)]


def strongest(evaluations: list[Any]) -> str:
    evaluations = [row for row in evaluations if row.object == "programme"]
    if any(row.independence == "independent" for row in evaluations):
        return "independent"
    measuring = (
        "randomised-trial", "matched-comparison", "before-after", "outcome-survey", "indicators",
        "audit",
    )  # fmt: skip
    if any(row.design in measuring for row in evaluations):
        return "monitored"
    return "reported" if evaluations else "none"


def is_own_programme(one: Programme) -> bool:
    """Whether a record counts among the programmes of its countries."""
    if one.record_type in ("strategy", "agreement") or len(one.countries.all()) >= 3:
        return False
    return (one.record_type, one.status) != ("project", "completed")


def or_none(values: set[str]) -> set[str]:
    return values or {"none"}


def read_row(programme: Programme) -> Row:
    partners = list(programme.partnerships.all())
    studies = [
        (one.design, one.result) for one in programme.evaluations.all() if one.object == "programme"
    ]
    codes = {str(level.code) for level in programme.levels.all()}
    levels = or_none(codes)
    if codes & {"5", "6", "7", "8"}:
        levels = levels | {"higher"}
    if programme.is_vocational:
        levels = levels | {"vocational"}
    ways = programme.taking_part.filter(is_open=True, source__isnull=False)
    runs = programme.status == "active"
    names = [programme.name, programme.short_name, *(n.name for n in programme.names.all())]
    texts = [
        programme.summary, programme.description, programme.objectives, programme.activities,
        programme.impact, programme.reach_text, programme.funding_text, programme.key_statement,
        programme.region,
        *(country.name for country in programme.countries.all()),
        *(name for c in programme.countries.all() for name in ELSEWHERE.get(c.code, [])),
        *(kind.name for kind in programme.kinds.all()),
        *(audience.name for audience in programme.audiences.all()),
        *(row.organisation.name for row in partners),
        *(name.name for row in partners for name in row.organisation.names.all()),
    ]  # fmt: skip
    return Row(
        slug=programme.slug,
        name=programme.name,
        values={
            "country": or_none({country.code for country in programme.countries.all()}),
            "level": levels,
            "kind": or_none({kind.slug for kind in programme.kinds.all()}),
            "factor": {factor.slug for factor in programme.factors.all()},
            "audience": or_none({audience.slug for audience in programme.audiences.all()}),
            "organisation": {row.organisation.slug for row in partners},
            "role": {row.role for row in partners},
            "status": {programme.status},
            "duration": {programme.duration or "none"},
            "evidence": {strongest(list(programme.evaluations.all()))},
            "finding": or_none({result for _design, result in studies}),
            "design": {design for design, _result in studies},
            "funding": or_none({row.source_type for row in programme.funding.all()}),
            "record": {programme.record_type},
            "scope": {programme.scope},
            "open_to": or_none({row.audience for row in ways if runs}),
            "language": or_none(set(programme.languages.replace(",", " ").split())),
        },
        partnerships=[(row.organisation.slug, row.role) for row in partners],
        studies=studies,
        year_start=programme.year_start,
        year_end=programme.year_end,
        active_as_of=programme.status_as_of if programme.status == "active" else None,
        as_of=programme.status_as_of,
        changed_at=programme.changed_at,
        names=[full_words(name) for name in names],
        texts=[full_words(text) for text in texts],
    )


@cache
def catalogue() -> list[Row]:
    published = Programme.objects.filter(state="published").prefetch_related(
        "countries", "levels", "kinds", "factors", "audiences", "evaluations", "funding", "names",
        "partnerships__organisation__names",
    )  # fmt: skip
    return [read_row(programme) for programme in published]


@cache
def aliases() -> dict[str, str]:
    """Return a mapping from the slugs of organisations' other names to the organisations' slugs."""
    own = set(Organisation.objects.values_list("slug", flat=True))
    pairs = OrganisationName.objects.values_list("slug", "organisation__slug")
    return {alias: slug for alias, slug in pairs if alias not in own}


Selection = dict[str, list[str]]  # from a parameter to its values, as they are written in queries


def parts_of(q: str) -> list[Test]:
    """Parse a search and return a predicate on texts for each word, phrase and beginning in it."""
    rest = q
    phrases = re.findall(r'"([^"]*)"', q)
    for phrase in phrases:
        rest = rest.replace(f'"{phrase}"', " ", 1)
    words, starts = plain_words(rest), ()
    if words and q[-1].isalnum():
        last = words.pop()
        starts = (last, EVERYDAY.get(last, last))
    words = [EVERYDAY.get(word, word) for word in words]
    return requirements(words, map(full_words, phrases), starts)


def requirements(
    words: Iterable[str], phrases: Iterable[Iterable[str]], starts: tuple[str, ...]
) -> list[Test]:
    """Return a predicate on texts for each word, each phrase, and the beginning of a word.

    `starts` are the spellings of the beginning, of which a text needs to have one.
    """
    tests: list[Test] = [lambda text, word=word: word in text for word in words]
    for phrase in map(joined, phrases):
        tests.append(lambda text, phrase=phrase: phrase in joined(text))
    if starts:
        tests.append(lambda text: any(word.startswith(starts) for word in text))
    return tests


def joined(words: Iterable[str]) -> str:
    return f" {' '.join(words)} "


def tier(names: list[Text], texts: list[Text], tests: list[Test]) -> int | None:
    """Return how well names and other texts match a search.

    0 if the names meet all predicates, 1 if they meet some, 2 if only other texts meet them, and
    None if a predicate is not met at all.
    """
    if not all(any(test(text) for text in names + texts) for test in tests):
        return None
    in_names = [any(test(text) for text in names) for test in tests]
    return 0 if all(in_names) else 1 if any(in_names) else 2


@cache
def others() -> Others:
    return Others(plain_words, EVERYDAY)


@cache
def known_words() -> frozenset[str]:
    return frozenset(word for row in catalogue() for text in row.names + row.texts for word in text)


@cache
def tiers(q: str) -> dict[str, int]:
    """Return the slugs of the programmes that a search finds, with their tiers.

    From 0 to 2 if they have the words themselves, from 3 to 5 if they have other forms of them.
    """
    q = q.strip()  # as the parameter `q` is
    tests = parts_of(q)
    found = {row.slug: tier(row.names, row.texts, tests) for row in catalogue()}
    loosely = loose_tiers(q)
    places = {slug: loosely.get(slug) if place is None else place for slug, place in found.items()}
    return {slug: place for slug, place in places.items() if place is not None}


def loose_tiers(q: str) -> dict[str, int]:
    """Return the tiers of programmes by other forms of the words outside of quotation marks."""
    outside = re.sub(r'"[^"]*"', " ", q)
    typed = [word for word in re.split(r"[\W_]+", outside) if word]
    if not all(len(plain_words(word)) == 1 for word in typed):
        typed = plain_words(outside)
    loose = Loose(others(), typed, bool(typed) and q[-1].isalnum(), known_words())
    phrases = [joined(full_words(phrase)) for phrase in re.findall(r'"([^"]*)"', q)]
    found = {}
    for row in catalogue():
        place = loose.tier(row.names, row.texts, row.values)
        named = [any(p in joined(text) for text in row.names) for p in phrases]
        told = [any(p in joined(text) for text in row.names + row.texts) for p in phrases]
        if place is not None and all(told):
            some = place < 5 or any(named)
            found[row.slug] = 3 if place == 3 and all(named) else 4 if some else 5
    return found


def ran_in(row: Row, year: int) -> bool:
    """Whether a programme is known to have run in a year.

    Without a stated end, the last year in which a source shows it as active counts as the end.
    """
    end = row.year_end or row.active_as_of
    if end is None or end < year:
        return False
    if row.year_start is None:
        return year in (row.year_end, row.as_of)
    return row.year_start <= year


def has(row: Row, selection: Selection, parameter: str) -> bool:
    """Whether a programme matches one parameter of a selection."""
    values = selection.get(parameter, [])
    match parameter:
        case _ if not values:
            return True
        case "q":
            return row.slug in tiers(values[0])
        case "organisation":
            wanted = {aliases().get(slug, slug) for slug in values}
            roles = selection.get("role")
            return any(o in wanted and (not roles or r in roles) for o, r in row.partnerships)
        case "design" if selection.get("finding"):
            return any(d in values and f in selection["finding"] for d, f in row.studies)
        case "running_in":
            return ran_in(row, int(values[0]))
        case "started_from":
            return row.year_start is not None and row.year_start >= int(values[0])
        case "started_to":
            return row.year_start is not None and row.year_start <= int(values[0])
        case "updated_since":
            since = datetime.datetime.fromisoformat(values[0].replace("Z", "+00:00"))
            since = since if since.tzinfo else since.replace(tzinfo=datetime.UTC)
            return row.changed_at >= since
        case "sort" | "page" | "page_size":
            return True
    return bool(row.values[parameter] & set(values))


def matching(selection: Selection) -> list[Row]:
    return [row for row in catalogue() if all(has(row, selection, p) for p in selection)]


def ordered(selection: Selection, on_pages: bool = True) -> list[str]:
    """Return the slugs that match a selection, sorted as it asks, with ties sorted by name.

    Programmes without a start year come last in orders by year. On pages what ended comes last in
    the order by evidence.
    """
    q = selection.get("q", [""])[0]
    sort = selection.get("sort", [""])[0]
    if not sort or (sort == "relevance" and not q):
        sort = "relevance" if q else "evidence"
    steps = ["independent", "monitored", "reported", "none"]
    names = dict(Country.objects.values_list("code", "name"))
    keys: dict[str, Callable[[Row], Any]] = {
        "name": lambda row: 0,
        "country": lambda row: min(
            (code == "none", bare(names.get(code, ""))) for code in row.values["country"]
        ),
        "newest": lambda row: (row.year_start is None, -(row.year_start or 0)),
        "oldest": lambda row: (row.year_start is None, row.year_start or 0),
        "updated": lambda row: -row.changed_at.timestamp(),
        "evidence": lambda row: (
            on_pages and row.values["status"] == {"completed"},
            steps.index(*row.values["evidence"]),
        ),
        "relevance": lambda row: (
            tiers(q)[row.slug],
            row.year_start is None,
            -(row.year_start or 0),
        ),
    }
    by_name = sorted(matching(selection), key=lambda row: (bare(row.name), row.slug))
    return [row.slug for row in sorted(by_name, key=keys[sort])]


def counted(selection: Selection, facet: str) -> dict[str, int]:
    """Return for each value of a facet how many matches of the other parameters have it."""
    rest = {name: values for name, values in selection.items() if name != facet}
    counts: Counter[str] = Counter()
    for row in matching(rest):
        values = row.values[facet]
        if facet == "role" and selection.get("organisation"):
            wanted = {aliases().get(slug, slug) for slug in selection["organisation"]}
            values = {role for slug, role in row.partnerships if slug in wanted}
        if facet == "organisation" and selection.get("role"):
            values = {slug for slug, role in row.partnerships if role in selection["role"]}
        if facet == "design" and selection.get("finding"):
            values = {design for design, found in row.studies if found in selection["finding"]}
        if facet == "finding" and selection.get("design"):
            values = {found for design, found in row.studies if design in selection["design"]}
        counts.update(values)
    return dict(counts)


# --- Random selections ----------------------------------------------------------------------------


OTHERWISE = [
    "jetnet", "jetne", "jet net", "astra zeneca", "astra zen", "stemambassadors", "SMEs", "coding ",
    "guest lecture", "guest lectures in schools", "Lehrerfortbildungen", "empresa", "meisjes ",
    "Mädchen", "Maedchen", "chicas empresas", "visitas a empresas", "teacher training robot",
    "τεχνολογία", "Suomessa", "Verenigd Koninkrijk", "i.n.g.e.n.i.o.u.s", "Alemania Lehrer ",
    'empresas "guest lessons"', "maths week", "mathsweek", "lehrerfortb", "industry 40", "romani ",
    "secondary school teachers", "formation continue", "islands", "nederlan", "women", "elementary",
]  # fmt: skip


@cache
def searches() -> list[str]:
    """Return searches to try: words, beginnings and phrases, found in the catalogue or not."""
    found = {"zzzz", "a", "stem", "BÈTA", "jet-net", "teacher training", '"guest lessons"', "øst"}
    found |= {*OTHERWISE}
    for word in [*EVERYDAY, *itertools.chain.from_iterable(ELSEWHERE.values())]:
        found |= {word, f"{word} teachers", f'"in {word}"', f"teachers {word}"}
    for row in catalogue()[::4]:
        found.add(row.name)
        for text in row.texts[:2]:
            if len(text) > 8:
                found |= {text[3], text[5][:3], f"{text[1]} {text[6]}", f'"{text[2]} {text[3]}"'}
                found |= {f"{text[0]} ", f'{text[7]} "{text[4]} {text[5]}"', f"{text[2]} {text[3]}"}
    return sorted(item for item in found if plain_words(item))


@cache
def known_values(parameter: str) -> list[str]:
    """Return all values of a facet in the catalogue, including aliases of organisations."""
    values = {value for row in catalogue() for value in row.values[parameter]}
    if parameter == "organisation":
        taking_part = values
        values = values | {alias for alias, slug in aliases().items() if slug in taking_part}
    return sorted(values)


YEARS = st.integers(1995, 2027).map(str)
MOMENTS = st.sampled_from(["2020-01-01", "2099-12-31T12:00:00Z", "2021-05-05T10:00:00+02:00"])


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    chosen: Selection = {}
    for name in draw(st.lists(st.sampled_from(PARAMETERS[1:16]), max_size=3, unique=True)):
        chosen[name] = draw(
            st.lists(st.sampled_from(known_values(name)), min_size=1, max_size=3, unique=True)
        )
    if draw(st.integers(0, 3)) == 0:
        both = draw(st.sampled_from([p for row in catalogue() for p in row.partnerships]))
        chosen["organisation"], chosen["role"] = [both[0]], [both[1]]
    if draw(st.integers(0, 3)) == 0:
        study = draw(st.sampled_from([one for row in catalogue() for one in row.studies]))
        chosen["design"], chosen["finding"] = [study[0]], [study[1]]
    if draw(st.booleans()):
        chosen["q"] = [draw(st.sampled_from(searches()))]
    for name in ("running_in", "started_from", "started_to"):
        if draw(st.integers(0, 5)) == 0:
            chosen[name] = [draw(YEARS)]
    if "started_from" in chosen and "started_to" in chosen:  # it is an error if from is after to
        years = sorted([*chosen["started_from"], *chosen["started_to"]])
        chosen["started_from"], chosen["started_to"] = years[:1], years[1:]
    if draw(st.integers(0, 9)) == 0:
        chosen["updated_since"] = [draw(MOMENTS)]
    if draw(st.booleans()):
        chosen["sort"] = [draw(st.sampled_from(SORTS))]
    return chosen


@st.composite
def queries(draw: st.DrawFn) -> tuple[Selection, str]:
    """Draw a selection, and one of several ways to write it as a query string."""
    selection = draw(selections())
    pairs = []
    for name, values in draw(st.permutations(sorted(selection.items()))):
        together = name in PARAMETERS[1:16] and draw(st.booleans())
        pairs += [(name, ",".join(values))] if together else [(name, value) for value in values]
    return selection, urlencode(pairs)
