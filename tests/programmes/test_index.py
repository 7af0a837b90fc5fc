"""What a search finds among given texts, and in which tier."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programmes.filters import NAME_PATHS, TEXT_PATHS
from programmes.index import has_phrase, matched, search, texts_by_id
from programmes.models import Programme
from programmes.text import parse, words
from tests import builders

STEADY = settings(derandomize=True, database=None, deadline=None)
letters = st.lists(st.sampled_from("abc"), max_size=8)


def found(q: str, *programmes: Programme) -> dict[str, int]:
    """Search these programmes only; return the tier of each that is found."""
    rows = Programme.objects.filter(pk__in=[programme.pk for programme in programmes])
    tiers = search(parse(q), rows, NAME_PATHS, TEXT_PATHS)
    return {
        programme.slug: tiers[programme.pk] for programme in programmes if programme.pk in tiers
    }


@given(letters, letters)
@STEADY
def test_a_phrase_is_words_that_follow_one_another(text: list[str], phrase: list[str]) -> None:
    assert has_phrase(text, tuple(phrase)) == ("".join(phrase) in "".join(text))


@pytest.mark.parametrize(
    ("q", "parts"),
    [
        ("company", 1),
        ("compan", 1),
        ("compan ", 0),
        ("company visits", 2),
        ('"company visits"', 1),
        ('"visits company"', 0),
        ('"visits guest"', 0),
        ("visits guest", 2),
        ("lessons zebra", 1),
    ],
)
def test_each_part_of_a_search_that_some_text_has_is_counted_once(q: str, parts: int) -> None:
    texts = [words("Company visits"), words("guest lessons in the company")]
    assert matched(parse(q), texts) == parts


@pytest.mark.django_db
def test_all_words_in_a_name_come_first_then_some_then_none() -> None:
    all_words = builders.make_programme(slug="all", name="Quokka robots")
    alias = builders.make_programme(slug="alias", name="Other")
    builders.make_name(alias, "Quokka robots")
    spread = builders.make_programme(slug="spread", name="Quokka", short_name="Robots")
    some = builders.make_programme(slug="some", name="Quokka", summary="With robots.")
    none = builders.make_programme(slug="none", name="Other", summary="Robots for a quokka.")
    missing = builders.make_programme(slug="missing", name="Quokka", summary="Without them.")
    tiers = found("quokka robots", all_words, alias, spread, some, none, missing)
    assert tiers == {"all": 0, "alias": 0, "spread": 0, "some": 1, "none": 2}


@pytest.mark.django_db
@pytest.mark.parametrize("field", TEXT_PATHS[:9])
def test_every_text_of_an_entry_is_searched(field: str) -> None:
    programme = builders.make_programme(slug="has", **{field: "About the quokka."})
    assert found("quokka", programme) == {"has": 2}


@pytest.mark.django_db
def test_countries_kinds_and_partners_are_searched_under_any_name() -> None:
    kind = builders.kind("debates")
    programme = builders.make_programme(
        slug="has", countries=[builders.country("NL")], kinds=[kind]
    )
    partner = builders.make_organisation(name="Quokka Works")
    builders.make_organisation_name(partner, name="Wallaby Ltd")
    builders.make_partnership(programme, partner)
    for q in ("netherlands", kind.name, "quokka", "wallaby", "netherlands quokka wallaby"):
        assert found(q, programme) == {"has": 2}, q


@pytest.mark.django_db
def test_curators_notes_and_drafts_are_not_searched() -> None:
    secret = "quokka"
    builders.make_programme(name="Draft quokka", state=Programme.State.DRAFT)
    programme = builders.make_programme(slug="has", curators_note=secret, withdrawn_reason=secret)
    assert found(secret, programme) == {}
    published = Programme.objects.published()
    assert search(parse(secret), published, NAME_PATHS, TEXT_PATHS) == {}


@pytest.mark.django_db
def test_a_phrase_does_not_reach_from_one_text_into_the_next() -> None:
    programme = builders.make_programme(name="Quokka", summary="Quokka", description="wallaby")
    assert found('"quokka wallaby"', programme) == {}


@pytest.mark.django_db
def test_texts_are_read_once_however_many_rows_lead_to_them() -> None:
    programme = builders.make_programme(name="One")
    builders.make_name(programme, "Two")
    texts = texts_by_id(Programme.objects.filter(pk=programme.pk), NAME_PATHS)
    assert texts == {programme.pk: [["one"], ["two"]]}
