"""Tests of similar programmes: against a simple model with random data, and in the catalogue."""

import random
from collections.abc import Iterable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programmes.models import CareerFactor, InitiativeKind, Programme
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.catalogue.documents import NONE, SearchDocument
from stemobs.catalogue.index import Index
from stemobs.entries.similar import LOOKED_AT, MOST, Similar, find_likest, find_similar
from tests import chance
from tests.builders import country, kind, level, make_programme

KINDS = ("debates", "visits", "talks", "courses", "games")
FACTORS = ("school", "social", "image")
LEVELS = ("1", "2", "3", "6")
COUNTRIES = ("NL", "FI", "BE", "SE")

Values = dict[str, tuple[str, ...]]


def some(rng: random.Random, values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value for value in values if rng.random() < 0.35) or (NONE,)


def row_of(rng: random.Random) -> Values:
    levels = some(rng, LEVELS)
    return {
        "kind": some(rng, KINDS),
        "factor": tuple(value for value in some(rng, FACTORS) if value != NONE),
        "level": (*levels, "higher") if "6" in levels else levels,
        "country": some(rng, COUNTRIES),
    }


def document(number: int, values: Values, name: str = "") -> SearchDocument:
    name = name or f"Programme {number % 7}"  # only seven names, so that many are equal
    return SearchDocument(number, name, f"slug-{number:06}", [name], [], values)


def like(rows: dict[int, Values], names: dict[int, str], number: int, most: int) -> list[int]:
    """Return the most similar programmes, computed by a simple model with sets."""
    own = {facet: set(values) - {NONE, "higher"} for facet, values in rows[number].items()}
    ranked = [["kind", "factor"], ["level"], ["country"]]
    needed = next((facets for facets in ranked if any(own[facet] for facet in facets)), [])

    def shared(other: int) -> float:
        total = 0.0
        for facet, weight in (("kind", 3), ("factor", 2), ("level", 2), ("country", 1)):
            theirs = set(rows[other][facet]) - {NONE, "higher"}
            if own[facet] & theirs:
                total += weight * len(own[facet] & theirs) / len(own[facet] | theirs)
        return total

    others = [
        other
        for other in rows
        if other != number and any(own[facet] & set(rows[other][facet]) for facet in needed)
    ]
    return sorted(others, key=lambda other: (-shared(other), names[other], other))[:most]


@pytest.mark.parametrize("seed", chance.seeds(12))
def test_similar_programmes_agree_with_a_simple_model(seed: int) -> None:
    rng = random.Random(seed)
    rows = {number: row_of(rng) for number in rng.sample(range(1, 10_000), 60)}
    documents = [document(number, values) for number, values in rows.items()]
    names = {one.number: one.name.lower() for one in documents}
    index = Index.of(documents)
    for number in rows:
        assert find_likest(index, number, (), MOST) == like(rows, names, number, MOST), rows[number]


def test_similar_programmes_do_not_depend_on_the_order_of_indexing() -> None:
    rng = random.Random(5)
    documents = [document(number, row_of(rng)) for number in range(1, 900)]
    found = [find_likest(Index.of(documents), number, (), MOST) for number in range(1, 900, 50)]
    rng.shuffle(documents)
    again = Index.of(documents[:400]).with_changes(documents[400:])
    assert [find_likest(again, number, (), MOST) for number in range(1, 900, 50)] == found


def test_of_too_many_candidates_those_with_the_rarest_values_are_compared() -> None:
    common: Values = {"kind": ("talks",), "factor": (), "level": ("3",), "country": ("NL",)}
    rare = {**common, "kind": ("talks", "games")}
    number = LOOKED_AT * 10
    documents = [document(n, rare if n % 500 == 0 else common) for n in range(1, number)]
    found = find_likest(Index.of(documents), 500, (), MOST)
    assert found
    assert all(n % 500 == 0 and n != 500 for n in found)


def test_of_too_many_equal_candidates_the_first_by_name_are_compared() -> None:
    same: Values = {"kind": ("talks",), "factor": (), "level": ("3",), "country": ("NL",)}
    number = LOOKED_AT * 5
    names = {n: f"Name {(n * 7919) % number:05}" for n in range(1, number)}
    index = Index.of(document(n, same, names[n]) for n in names)
    expected = sorted((n for n in names if n != 1), key=names.__getitem__)[:MOST]
    assert find_likest(index, 1, (), MOST) == expected


def test_programmes_given_in_without_are_not_found_as_similar() -> None:
    same: Values = {"kind": ("talks",), "factor": (), "level": (NONE,), "country": (NONE,)}
    index = Index.of(document(n, same, f"Name {n}") for n in range(1, 8))
    assert find_likest(index, 2, (1, 3), MOST) == [4, 5, 6, 7]


# --- Similar programmes in the catalogue and on the page -----------------------------------------


def alike(**fields: object) -> Programme:
    """Make a programme whose only kind is used by no programme of the fixtures."""
    new = InitiativeKind.objects.get_or_create(slug="moon", defaults={"name": "Moon walks"})[0]
    return make_programme(**{"kinds": [new], **fields})


def near(programme: Programme) -> list[Similar]:
    return find_similar(get_current_catalogue(), programme.pk)


@pytest.mark.django_db
def test_a_programme_itself_and_unpublished_ones_are_not_found_as_similar() -> None:
    programme, other = alike(), alike()
    alike(state=Programme.State.DRAFT)
    alike(state=Programme.State.REVIEW)
    alike(state=Programme.State.WITHDRAWN, withdrawn_reason="Because.")
    assert [one.programme for one in near(programme)] == [other]


@pytest.mark.django_db
def test_a_draft_has_no_similar_programmes() -> None:
    alike()
    assert near(alike(state=Programme.State.DRAFT)) == []


@pytest.mark.django_db
def test_a_similar_programme_has_shared_terms_and_all_its_countries() -> None:
    programme = alike(levels=[level(1), level(2)], countries=[country("NL")])
    alike(levels=[level(2), level(3)], countries=[country("NL"), country("FI")])
    (one,) = near(programme)
    assert one.places == ["Finland", "Netherlands"]
    assert one.terms == ["Moon walks", "Lower secondary education"]


@pytest.mark.django_db
def test_a_shared_factor_is_named_if_no_kind_is_shared() -> None:
    factor = CareerFactor.objects.create(slug="stars", name="Star factor")
    programme = make_programme(factors=[factor], kinds=[kind("debates")])
    other = make_programme(factors=[factor], kinds=[kind("company-visits")])
    found = {
        one.programme: one.terms
        for one in find_similar(get_current_catalogue(), programme.pk, most=50)
    }
    assert found[other] == ["Star factor"]


@pytest.mark.django_db
def test_without_kind_and_factor_a_level_or_else_a_country_must_be_shared() -> None:
    with_level = make_programme(levels=[level(3)])
    assert near(with_level)
    assert all(3 in {one.code for one in row.programme.levels.all()} for row in near(with_level))
    with_country = make_programme(countries=[country("FI")])
    assert near(with_country)
    assert all(row.places.count("Finland") for row in near(with_country))


@pytest.mark.django_db
def test_a_programme_without_kind_factor_level_and_country_has_no_similar_ones(
    client: Client,
) -> None:
    programme = make_programme()
    assert near(programme) == []
    assert "Similar programmes" not in client.get(programme.get_absolute_url()).text


@pytest.mark.django_db
def test_finding_similar_programmes_takes_one_query() -> None:
    number = Programme.objects.get(slug="jet-net-nl").pk
    catalogue = get_current_catalogue()
    find_similar(catalogue, number)  # so that the vocabularies are cached already
    with CaptureQueriesContext(connection) as captured:
        assert len(find_similar(catalogue, number)) == MOST
    assert len(captured) == 1


@pytest.mark.django_db
def test_the_page_of_a_programme_lists_similar_programmes_with_shared_terms(client: Client) -> None:
    programme, other = alike(), alike(name="<i>Other</i>", countries=[country("FI")])
    text = client.get(programme.get_absolute_url()).text
    aside = text.partition('id="h-similar"')[2].partition("</section>")[0]
    assert other.get_absolute_url() in aside
    assert "&lt;i&gt;Other&lt;/i&gt;" in aside
    assert "Finland. In common: Moon walks" in aside
