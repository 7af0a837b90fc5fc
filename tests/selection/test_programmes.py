"""The selection of programmes against a model of it in plain Python, written from the contract.

The model knows nothing of the code that it checks: it reads the published rows once and answers
every question by going through them.
"""

import datetime
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from partnerships.models import Organisation, OrganisationName, Partnership
from programmes.models import Programme
from stemobs.catalogue.catalogue import current
from stemobs.selection.facets import FACETS
from stemobs.selection.programmes import SORTS, ProgrammeFilter
from tests import builders

pytestmark = pytest.mark.django_db

STEADY = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# Every test below sees the same catalogue; what one adds is rolled back.
PARAMETERS = [
    "q", "country", "level", "kind", "factor", "audience", "organisation", "role", "status",
    "duration", "evidence", "funding", "record", "scope", "running_in", "started_from",
    "started_to", "updated_since", "sort", "page", "page_size",
]  # fmt: skip


# --- The model ------------------------------------------------------------------------------------


@dataclass
class Row:
    """One published programme with everything that can be asked of it."""

    slug: str
    name: str
    values: dict[str, set[str]]
    partnerships: list[tuple[str, str]]
    year_start: int | None
    year_end: int | None
    active_as_of: int | None
    as_of: int | None
    changed_at: datetime.datetime
    names: list[list[str]] = field(default_factory=list)
    texts: list[list[str]] = field(default_factory=list)


def bare(text: str) -> str:
    """Return a text in small letters, without accents."""
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    text = unicodedata.normalize("NFKD", text.lower())
    for letter, plain in {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i"}.items():
        text = text.replace(letter, plain)
    for letter, plain in {"æ": "ae", "œ": "oe", "þ": "th", "ß": "ss", "ς": "σ"}.items():
        text = text.replace(letter, plain)
    return text


def plain_words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", bare(text)) if word]


# What people say, and what texts say.
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
    if any(row.conducted_by == "independent" for row in evaluations):
        return "independent"
    if any(row.approach in ("indicators", "outcomes", "comparison") for row in evaluations):
        return "monitored"
    return "reported" if evaluations else "none"


def or_none(values: set[str]) -> set[str]:
    return values or {"none"}


def read_row(programme: Programme) -> Row:
    partners = list(programme.partnerships.all())
    codes = {str(level.code) for level in programme.levels.all()}
    levels = or_none(codes)
    if codes & {"5", "6", "7", "8"}:
        levels = levels | {"higher"}
    if programme.is_vocational:
        levels = levels | {"vocational"}
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
            "funding": or_none({row.source_type for row in programme.funding.all()}),
            "record": {programme.record_type},
            "scope": {programme.scope},
        },
        partnerships=[(row.organisation.slug, row.role) for row in partners],
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
    """Every slug of an organisation's other names, with the organisation's own slug."""
    own = set(Organisation.objects.values_list("slug", flat=True))
    pairs = OrganisationName.objects.values_list("slug", "organisation__slug")
    return {alias: slug for alias, slug in pairs if alias not in own}


Selection = dict[str, list[str]]  # parameter and the values asked for, in the contract's spelling


def parts_of(q: str) -> list[Callable[[list[str]], bool]]:
    """Return one test of a text for each word, phrase and beginning of a search."""
    tests: list[Callable[[list[str]], bool]] = []
    rest = q = q.strip()
    for phrase in re.findall(r'"([^"]*)"', q):
        rest = rest.replace(f'"{phrase}"', " ", 1)
        words = joined(full_words(phrase))
        tests.append(lambda text, words=words: words in joined(text))
    words = plain_words(rest)
    if words and (q[-1].isalnum()):
        last = words.pop()
        starts = (last, EVERYDAY.get(last, last))
        tests.append(lambda text, starts=starts: any(word.startswith(starts) for word in text))
    words = [EVERYDAY.get(word, word) for word in words]
    return tests + [lambda text, word=word: word in text for word in words]


def joined(words: list[str]) -> str:
    return f" {' '.join(words)} "


def tier(row: Row, tests: list[Callable[[list[str]], bool]]) -> int | None:
    """0: all of the search is in the names; 1: some is; 2: none, but elsewhere; None: not found."""
    if not all(any(test(text) for text in row.names + row.texts) for test in tests):
        return None
    in_names = [any(test(text) for text in row.names) for test in tests]
    return 0 if all(in_names) else 1 if any(in_names) else 2


@cache
def tiers(q: str) -> dict[str, int]:
    """Return the programmes that a search finds, each with its tier."""
    tests = parts_of(q)
    found = {row.slug: tier(row, tests) for row in catalogue()}
    return {slug: place for slug, place in found.items() if place is not None}


def ran_in(row: Row, year: int) -> bool:
    """Known to have run that year; an end that nobody states is the last year seen active."""
    end = row.year_end or row.active_as_of
    if end is None or end < year:
        return False
    if row.year_start is None:
        return year in (row.year_end, row.as_of)
    return row.year_start <= year


def has(row: Row, selection: Selection, parameter: str) -> bool:
    """Whether a programme fits one parameter of a selection."""
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


def ordered(selection: Selection) -> list[str]:
    """Return the slugs that match, in the order asked for: ties by name, unknown years last."""
    q = selection.get("q", [""])[0]
    sort = selection.get("sort", [""])[0]
    if not sort or (sort == "relevance" and not q):
        sort = "relevance" if q else "evidence"
    steps = ["independent", "monitored", "reported", "none"]
    keys: dict[str, Callable[[Row], Any]] = {
        "name": lambda row: 0,
        "newest": lambda row: (row.year_start is None, -(row.year_start or 0)),
        "oldest": lambda row: (row.year_start is None, row.year_start or 0),
        "updated": lambda row: -row.changed_at.timestamp(),
        "evidence": lambda row: steps.index(*row.values["evidence"]),
        "relevance": lambda row: (
            tiers(q)[row.slug],
            row.year_start is None,
            -(row.year_start or 0),
        ),
    }
    by_name = sorted(matching(selection), key=lambda row: (bare(row.name), row.slug))
    return [row.slug for row in sorted(by_name, key=keys[sort])]


def counted(selection: Selection, facet: str) -> dict[str, int]:
    """For each value of a facet: how many match everything else and have that value."""
    rest = {name: values for name, values in selection.items() if name != facet}
    counts: Counter[str] = Counter()
    for row in matching(rest):
        values = row.values[facet]
        if facet == "role" and selection.get("organisation"):
            wanted = {aliases().get(slug, slug) for slug in selection["organisation"]}
            values = {role for slug, role in row.partnerships if slug in wanted}
        if facet == "organisation" and selection.get("role"):
            values = {slug for slug, role in row.partnerships if role in selection["role"]}
        counts.update(values)
    return dict(counts)


# --- Random selections ----------------------------------------------------------------------------


@cache
def searches() -> list[str]:
    """Words, beginnings and phrases from the catalogue, and some that it does not have."""
    found = {"zzzz", "a", "stem", "BÈTA", "jet-net", "teacher training", '"guest lessons"', "øst"}
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
    """Every value that the catalogue has for a facet, the aliases of organisations too."""
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
    for name in draw(st.lists(st.sampled_from(PARAMETERS[1:14]), max_size=3, unique=True)):
        chosen[name] = draw(
            st.lists(st.sampled_from(known_values(name)), min_size=1, max_size=3, unique=True)
        )
    if draw(st.integers(0, 3)) == 0:
        both = draw(st.sampled_from([p for row in catalogue() for p in row.partnerships]))
        chosen["organisation"], chosen["role"] = [both[0]], [both[1]]
    if draw(st.booleans()):
        chosen["q"] = [draw(st.sampled_from(searches()))]
    for name in ("running_in", "started_from", "started_to"):
        if draw(st.integers(0, 5)) == 0:
            chosen[name] = [draw(YEARS)]
    if "started_from" in chosen and "started_to" in chosen:  # the other way round it is an error
        years = sorted([*chosen["started_from"], *chosen["started_to"]])
        chosen["started_from"], chosen["started_to"] = years[:1], years[1:]
    if draw(st.integers(0, 9)) == 0:
        chosen["updated_since"] = [draw(MOMENTS)]
    if draw(st.booleans()):
        chosen["sort"] = [draw(st.sampled_from(sorted(SORTS)))]
    return chosen


@st.composite
def queries(draw: st.DrawFn) -> tuple[Selection, str]:
    """A selection, and one of the ways to write it as a query."""
    selection = draw(selections())
    pairs = []
    for name, values in draw(st.permutations(sorted(selection.items()))):
        together = name in PARAMETERS[1:14] and draw(st.booleans())
        pairs += [(name, ",".join(values))] if together else [(name, value) for value in values]
    return selection, urlencode(pairs)


def ask(query: str) -> ProgrammeFilter:
    selection = ProgrammeFilter(QueryDict(query), current())
    assert selection.problems == []
    return selection


def slugs(query: str) -> list[str]:
    """Return the slugs that a query finds, in its order."""
    return in_words(ask(query))


def in_words(selection: ProgrammeFilter) -> list[str]:
    known = dict(Programme.objects.values_list("pk", "slug"))
    return [known[pk] for pk in selection.matches[:]]


# --- The code against the model -------------------------------------------------------------------


def test_the_model_and_the_code_know_the_same_parameters() -> None:
    assert list(ask("").filters) == PARAMETERS
    assert list(FACETS) == PARAMETERS[1:14]


@given(queries())
@STEADY
def test_a_selection_finds_the_programmes_that_the_contract_says_in_its_order(
    asked: tuple[Selection, str],
) -> None:
    selection, query = asked
    assert slugs(query) == ordered(selection)


@given(queries())
@STEADY
def test_every_facet_counts_what_each_of_its_values_would_give(
    asked: tuple[Selection, str],
) -> None:
    selection, query = asked
    found = ask(query)
    for name, facet in FACETS.items():
        assert found.counts(facet) == counted(selection, name), name


@pytest.mark.parametrize("parameter", PARAMETERS[1:14])
def test_a_count_is_the_number_that_choosing_the_value_finds(parameter: str) -> None:
    counts = ask("").counts(FACETS[parameter])
    assert counts
    for value, number in counts.items():
        assert len(ask(urlencode({parameter: value})).matches) == number, value


@pytest.mark.parametrize("search", ["beta", "BÈTA", "Bèta", "be\u0300ta"])
def test_case_and_accents_do_not_matter(search: str) -> None:
    assert slugs(urlencode({"q": search})) == slugs("q=beta")
    assert "vo-ho-netwerken" in slugs("q=beta")


def test_obuda_finds_óbuda() -> None:
    assert "childrens-university-obuda" in slugs("q=obuda")
    assert slugs("q=obuda") == slugs(urlencode({"q": "Óbuda"}))


def test_all_words_must_match() -> None:
    both = set(slugs("q=teachers+girls+"))
    assert both == set(slugs("q=girls+")) & set(slugs("q=teachers+")) != set()


def test_programmes_named_so_come_before_those_that_only_mention_it() -> None:
    assert slugs("q=jet-net")[0] in ("jet-net-nl", "basque-jet-net-pilot")
    assert "vo-ho-netwerken" not in slugs("q=jet-net")[:2]


def test_an_alias_of_an_organisation_finds_what_the_organisation_is_in() -> None:
    assert slugs("organisation=pbt") == slugs("organisation=ptvt") != []


def test_an_organisation_and_its_role_belong_to_one_partnership() -> None:
    programme = builders.make_programme(slug="two-partners")
    first, second = builders.make_organisation(), builders.make_organisation()
    builders.make_partnership(programme, first, Partnership.Role.FOUNDER)
    builders.make_partnership(programme, second, Partnership.Role.FUNDER)
    assert slugs(f"organisation={first.slug}&role=founder") == ["two-partners"]
    assert slugs(f"organisation={first.slug}&role=funder") == []
    assert slugs(f"organisation={first.slug},{second.slug}&role=funder") == ["two-partners"]
    found = ask(f"organisation={first.slug}&role=funder")
    assert found.counts(FACETS["role"]) == {"founder": 1}
    assert found.counts(FACETS["organisation"])[second.slug] == 1
    assert first.slug not in found.counts(FACETS["organisation"])


def test_a_slug_that_is_an_organisations_own_is_never_taken_for_an_alias() -> None:
    own = builders.make_organisation(slug="same")
    other = builders.make_organisation()
    builders.make_organisation_name(other, slug="same")
    builders.make_partnership(builders.make_programme(slug="of-own"), own)
    builders.make_partnership(builders.make_programme(slug="of-other"), other)
    assert slugs("organisation=same") == ["of-own"]


def test_facts_that_are_not_stated_can_be_asked_for() -> None:
    bare = builders.make_programme(slug="bare")
    for parameter in ("country", "level", "kind", "audience", "duration", "funding", "evidence"):
        assert bare.slug in slugs(f"{parameter}=none"), parameter


def test_higher_means_the_four_levels_of_tertiary_education() -> None:
    assert set(slugs("level=higher")) == set(slugs("level=5,6,7,8"))


def test_vocational_is_an_orientation_whatever_the_level() -> None:
    builders.make_programme(slug="vocational", is_vocational=True, levels=[builders.level(3)])
    builders.make_programme(slug="general", levels=[builders.level(3)])
    assert {"vocational"} <= set(slugs("level=vocational"))
    assert "general" not in slugs("level=vocational")


@pytest.mark.parametrize(
    ("fields", "years"),
    [
        ({"year_start": 2010, "year_end": 2012}, {2010, 2011, 2012}),
        ({"year_start": 2010, "year_end": 2010}, {2010}),
        ({"year_start": 2010, "status": "active", "status_as_of": 2012}, {2010, 2011, 2012}),
        ({"year_start": 2010, "status": "active"}, set()),
        ({"year_start": 2010, "status": "completed", "status_as_of": 2012}, set()),
        ({"year_start": 2010}, set()),
        ({"year_end": 2012}, {2012}),
        ({"status": "active", "status_as_of": 2011}, {2011}),
        ({}, set()),
    ],
)
def test_running_in_finds_only_what_is_known_to_have_run(
    fields: dict[str, Any], years: set[int]
) -> None:
    builders.make_programme(slug="dated", **fields)
    found = {year for year in range(2008, 2015) if "dated" in slugs(f"running_in={year}")}
    assert found == years


def test_unknown_years_come_last_in_both_directions() -> None:
    for query in ("sort=newest", "sort=oldest"):
        found = list(ask(query).matches)
        known = Programme.objects.in_bulk(found)
        years = [known[pk].year_start for pk in found]
        assert None in years
        assert years.index(None) == sum(year is not None for year in years)


def test_programmes_with_the_same_name_have_a_fixed_order() -> None:
    for slug in ("same-b", "same-a", "same-c"):
        builders.make_programme(slug=slug, name="Same name")
    for sort in SORTS:
        found = [slug for slug in slugs(f"sort={sort}") if slug.startswith("same-")]
        if sort != "updated":
            assert found == ["same-a", "same-b", "same-c"], sort


def test_the_default_order_is_best_match_with_a_search_else_the_strongest_evidence() -> None:
    assert slugs("") == slugs("sort=evidence")
    assert slugs("q=teacher") == slugs("q=teacher&sort=relevance")
    assert slugs("q=teacher") != slugs("q=teacher&sort=evidence")


def test_best_match_without_a_search_is_the_default_order() -> None:
    assert ask("sort=relevance").order == "evidence"
    assert "relevance" not in ask("").sorts
    assert "relevance" in ask("q=robot").sorts


def test_updated_since_takes_a_date_a_time_and_a_zone() -> None:
    programme = builders.make_programme(slug="changed")
    moment = datetime.datetime(2040, 6, 1, 12, 0, tzinfo=datetime.UTC)
    Programme.objects.filter(pk=programme.pk).update(changed_at=moment)
    assert slugs("updated_since=2040-06-01") == ["changed"]
    assert slugs("updated_since=2040-06-01T12:00:00Z") == ["changed"]
    assert slugs("updated_since=2040-06-01T14:00:00%2B02:00") == ["changed"]
    assert slugs("updated_since=2040-06-01T14:00:00+02:00") == ["changed"]
    assert slugs("updated_since=2040-06-01T12:00:01Z") == []


# --- What must hold between selections ------------------------------------------------------------


@given(queries(), st.randoms(use_true_random=False))
@settings(STEADY, max_examples=25)
def test_the_order_of_the_parameters_is_irrelevant(
    asked: tuple[Selection, str], random: Any
) -> None:
    pairs = asked[1].split("&")
    random.shuffle(pairs)
    assert slugs("&".join(pairs)) == slugs(asked[1])


@given(selections(), selections())
@settings(STEADY, max_examples=25)
def test_a_further_parameter_only_narrows(first: Selection, second: Selection) -> None:
    more = {name: values for name, values in second.items() if name not in first}
    both = {**more, **first}
    assume(both.get("started_from", ["0"]) <= both.get("started_to", ["9999"]))
    narrowed = slugs(urlencode(both, doseq=True))
    assert set(narrowed) <= set(slugs(urlencode(first, doseq=True)))


@given(selections(), st.sampled_from(PARAMETERS[1:14]), st.data())
@settings(STEADY, max_examples=25)
def test_a_further_value_of_a_parameter_only_widens(
    selection: Selection, name: str, data: st.DataObject
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(known_values(name)), min_size=2, max_size=4))
    fewer = urlencode({**selection, name: chosen[:-1]}, doseq=True)
    more = urlencode({**selection, name: chosen}, doseq=True)
    assert set(slugs(fewer)) <= set(slugs(more))


@given(queries(), st.integers(1, 3), st.integers(1, 100))
@settings(STEADY, max_examples=25)
def test_the_canonical_query_means_the_same_and_is_its_own_canonical_query(
    asked: tuple[Selection, str], page: int, size: int
) -> None:
    found = ask(f"{asked[1]}&page={page}&page_size={size}")
    again = ask(found.query())
    assert again.query() == found.query()
    assert again.parameters == found.parameters
    assert list(again.matches) == list(found.matches)
    names = [name for name, _value in found.parameters]
    assert names == sorted(names, key=PARAMETERS.index)


@pytest.mark.parametrize(
    ("query", "canonical"),
    [
        ("", ""),
        ("kind=debates&country=nl&country=FI,nl", "country=FI&country=NL&kind=debates"),
        ("page=1&sort=evidence", ""),
        ("sort=relevance", ""),
        ("q=robot&sort=relevance", "q=robot"),
        ("q=robot&sort=evidence", "q=robot&sort=evidence"),
        ("sort=NAME&page=2", "sort=name&page=2"),
        ("q=+robot+", "q=robot"),
        ("country=&level=,", ""),
        ("organisation=pbt", "organisation=ptvt"),
        ("updated_since=2026-11-21", "updated_since=2026-11-21T00%3A00%3A00Z"),
        ("updated_since=2026-11-21T02:00:00%2B02:00", "updated_since=2026-11-21T00%3A00%3A00Z"),
        ("page_size=50&started_from=2010", "started_from=2010&page_size=50"),
    ],
)
def test_a_selection_has_one_canonical_query(query: str, canonical: str) -> None:
    assert ask(query).query() == canonical


# --- Page and API ---------------------------------------------------------------------------------


@given(queries(), st.integers(1, 40), st.integers(1, 3))
@settings(STEADY, max_examples=20)
def test_page_and_api_give_the_same_programmes_in_the_same_order(
    asked: tuple[Selection, str], size: int, number: int
) -> None:
    query = f"{asked[1]}&page_size={size}&page={number}"
    page = Client().get(f"/programmes/?{query}")
    api = Client().get(f"/api/v1/programmes/?{query}")
    expected = ordered(asked[0])
    if number > 1 and (number - 1) * size >= len(expected):
        assert (page.status_code, api.status_code) == (404, 404)
        return
    assert (page.status_code, api.status_code) == (200, 200)
    assert api.json()["count"] == page.context["page"].paginator.count == len(expected)
    shown = [row["slug"] for row in api.json()["results"]]
    known = dict(Programme.objects.values_list("pk", "slug"))
    assert shown == [known[pk] for pk in page.context["page"]]
    assert shown == expected[(number - 1) * size : number * size]


@given(queries())
@settings(STEADY, max_examples=20)
def test_the_api_counts_its_facets_as_the_page_does(asked: tuple[Selection, str]) -> None:
    answer = Client().get(f"/api/v1/programmes/?{asked[1]}&facets=all&page_size=1").json()
    page = Client().get(f"/programmes/?{asked[1]}&page_size=1")
    for panel in page.context["panels"]:
        shown = [(choice.value, choice.count) for choice in panel.choices]
        rows = answer["facets"][panel.facet.parameter]
        assert [(row["value"], row["count"]) for row in rows] == shown


@given(queries(), st.integers(10, 60))
@settings(STEADY, max_examples=20)
def test_the_pages_of_a_list_are_complete_and_repeat_nothing(
    asked: tuple[Selection, str], size: int
) -> None:
    found: list[str] = []
    address = f"/api/v1/programmes/?{asked[1]}&page_size={size}"
    while address:
        answer = Client().get(address).json()
        found += [row["slug"] for row in answer["results"]]
        address = answer["next"]
    assert found == ordered(asked[0])
