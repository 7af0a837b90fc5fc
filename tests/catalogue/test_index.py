"""Tests of the search index without a database, against a model that goes through all documents."""

import copy
from collections.abc import Callable, Iterator
from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyroaring import BitMap

from stemobs.catalogue.documents import SearchDocument
from stemobs.catalogue.index import Index, SearchPart, Tiers
from stemobs.text import Search, find_spans, parse_search
from tests import chance
from tests.catalogue.documents import (
    CATALOGUES,
    CHANGES,
    FACETS,
    LARGEST_NUMBER,
    ONE_WAY_AND_THE_OTHER,
    PHRASES,
    SEARCHES,
    Documents,
    by_change,
    by_name,
    constants,
    counted,
    made,
    nearest,
    some_of,
    text_has,
    texts_of,
    tiers,
    vocabulary,
)
from tests.catalogue.indexes import attributes
from tests.model import full_words, parts_of

STEADY = chance.steady(25)
Answers = dict[str, Any]


# --- Finding documents ----------------------------------------------------------------------------


@given(CATALOGUES, SEARCHES)
@chance.steady(60)
def test_a_search_finds_documents_with_all_its_parts_in_the_right_tier(
    catalogue: Documents, wanted: Search
) -> None:
    index = Index.of(catalogue.values())
    assert index.search(wanted) == tiers(catalogue, wanted)
    assert index.search(wanted).found == BitMap.union(*tiers(catalogue, wanted))


SPELLINGS = ["math", "maths", "Mathematics", "mathematical", "mathsweek", "mat", "b"]
MATHS = st.lists(st.sampled_from(SPELLINGS), max_size=3).map(" ".join)
ASKED = st.lists(st.sampled_from(SPELLINGS), min_size=1, max_size=2).map(" ".join)


@given(st.lists(MATHS, max_size=6), ASKED, st.sampled_from(["phrase", "words", "beginning"]))
@chance.steady(60)
def test_everyday_forms_find_and_mark_the_same_as_their_full_words(
    texts: list[str], q: str, way: str
) -> None:
    typed = {"phrase": f'"{q}"', "words": f"{q} ", "beginning": q}[way]
    index = Index.of(made(n, texts=[text]) for n, text in enumerate(texts))
    found = BitMap.union(*index.search(parse_search(typed))[:3])
    alike = [all(has(full_words(text)) for has in parts_of(typed)) for text in texts]
    assert found == BitMap(n for n, is_alike in enumerate(alike) if is_alike)
    assert all(find_spans(texts[n], parse_search(typed)) for n in found)


@given(CATALOGUES, PHRASES)
@STEADY
def test_a_phrase_matches_only_consecutive_words_of_one_text(
    catalogue: Documents, phrase: tuple[str, ...]
) -> None:
    found = Index.of(catalogue.values()).find_phrase(phrase, BitMap(catalogue))
    assert found.in_names == BitMap(
        n for n, one in catalogue.items() if any(text_has(name, phrase) for name in one.names)
    )
    assert found.anywhere == BitMap(
        n for n, one in catalogue.items() if any(text_has(text, phrase) for text in texts_of(one))
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"names": ["quokka", "wallaby"]},
        {"texts": ["quokka", "wallaby"]},
        {"names": ["quokka"], "texts": ["wallaby"]},
        {"texts": ["a quokka", "wallaby b"], "lines": [" quokka ", " wallaby "]},
        {"texts": ["quokka"], "lines": [" wallaby "]},
        {"texts": ["quokka, and a wallaby"]},
        {"texts": ["quokkas wallaby"]},
        {"texts": ["quokka wallabys"]},
    ],
)
def test_a_phrase_does_not_match_across_the_border_of_two_texts(fields: dict[str, Any]) -> None:
    index = Index.of([made(**fields)])
    assert not index.search(parse_search('"quokka wallaby"')).found


@pytest.mark.parametrize("text", ["Quokka–wallaby", "The QUOKKA\nwallaby!", "“quókka” (wallaby)"])
def test_a_phrase_matches_despite_punctuation_between_its_words(text: str) -> None:
    assert Index.of([made(texts=[text])]).search(parse_search('"quokka wallaby"')).found == BitMap(
        [1]
    )


@given(CATALOGUES, st.sampled_from(["a", "b", "ab", "ba", "𐐨", "c"]))
@STEADY
def test_cached_results_of_a_beginning_are_not_used_after_a_change(
    catalogue: Documents, beginning: str
) -> None:
    with constants(LONG_BEGINNING=0):
        index = Index.of(catalogue.values())
        first = index.find_beginning(beginning)
        assert index.find_beginning(beginning) == first
        assert first.anywhere == tiers(catalogue, Search(beginning=beginning)).found
        fewer = index.with_changes([], gone=list(catalogue)[::2])
        left = {n: one for n, one in catalogue.items() if n in fewer.everything}
        assert (
            fewer.find_beginning(beginning).anywhere
            == tiers(left, Search(beginning=beginning)).found
        )
        assert index.find_beginning(beginning) == first


def test_the_cache_of_beginnings_does_not_grow_beyond_its_limit() -> None:
    index = Index.of([made(texts=["aa ab ba bb"])])
    with constants(LONG_BEGINNING=0, MOST_REMEMBERED=2):
        for beginning in ("a", "b", "aa", "bb", "c"):
            index.find_beginning(beginning)
    assert list(index.beginnings) == ["a", "b"]


def test_words_outside_the_basic_multilingual_plane_are_found_whole_and_by_beginning() -> None:
    index = Index.of([made(1, names=["𐐨𐑌𐐮"]), made(2, texts=["𐐨"]), made(3, names=["z \uffdc"])])
    assert index.search(parse_search("𐐨 ")) == Tiers(BitMap(), BitMap(), BitMap([2]))
    assert index.search(parse_search("𐐨")) == Tiers(BitMap([1]), BitMap(), BitMap([2]))
    assert index.search(parse_search("𐐨𐑌")).found == BitMap([1])


def test_a_search_of_two_hundred_words_finds_a_document_with_all_of_them() -> None:
    words = [f"word{number}" for number in range(200)]
    index = Index.of([made(1, texts=[" ".join(words)]), made(2, texts=[" ".join(words[1:])])])
    assert index.search(parse_search(" ".join(words))).found == BitMap([1])
    assert index.search(parse_search(f'"{" ".join(words[1:])}"')).found == BitMap([1, 2])
    assert index.search(parse_search("a " * 100)).found == BitMap()


@given(CATALOGUES, st.sampled_from(FACETS), st.data())
@STEADY
def test_several_values_of_a_facet_find_documents_with_any_of_them(
    catalogue: Documents, facet: str, data: st.DataObject
) -> None:
    index = Index.of(catalogue.values())
    known = [*index.values.get(facet, {}), "unheard of"]
    chosen = data.draw(st.lists(st.sampled_from(known), max_size=3))
    assert index.find_with_value(facet, chosen) == BitMap(
        n for n, one in catalogue.items() if {*chosen} & {*one.values[facet]}
    )
    assert index.find_with_value("no such facet", chosen) == BitMap()


@given(CATALOGUES, st.integers(-1, 5))
@STEADY
def test_documents_changed_at_or_after_a_moment_are_found(
    catalogue: Documents, moment: int
) -> None:
    index = Index.of(catalogue.values())
    found = BitMap(n for n, one in catalogue.items() if one.changed >= moment)
    assert index.find_changed_since(moment) == found


@given(CATALOGUES, st.text("ab𐐨", min_size=1, max_size=8))
@chance.steady(80)
def test_find_nearest_agrees_with_the_model(catalogue: Documents, word: str) -> None:
    assert Index.of(catalogue.values()).find_nearest(word) == nearest(catalogue, word)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("robt", "robot"), ("rboot", "robot"), ("tow", None), ("robotics", "robotic"), ("xyz", None)],
)
def test_typing_errors_are_corrected_only_in_words_that_are_long_enough(
    typed: str, meant: str | None
) -> None:
    assert Index.of([made(texts=["robot robotic two"])]).find_nearest(typed) == meant


def test_find_nearest_prefers_the_most_frequent_then_the_first_of_equally_near_words() -> None:
    often = [made(1, texts=["robots robota"]), made(2, texts=["robots"])]
    assert Index.of(often).find_nearest("robotx") == "robots"
    assert Index.of(often[:1]).find_nearest("robotx") == "robota"


# --- Counting facet values ------------------------------------------------------------------------


@ONE_WAY_AND_THE_OTHER
@pytest.mark.parametrize("facet", FACETS)
@given(catalogue=CATALOGUES.filter(bool), data=st.data())
@STEADY
def test_count_values_agrees_with_the_model_for_any_documents(
    catalogue: Documents, data: st.DataObject, facet: str, cost: int
) -> None:
    index = Index.of(catalogue.values())
    among = some_of(data, index)
    with constants(VALUES_A_NUMBER=cost):
        assert index.count_values(facet, among) == counted(catalogue, facet, among)


def narrowing(index: Index, facet: str) -> tuple[BitMap, Callable[[Any], BitMap]]:
    """Return a set of documents, and a function that narrows the bitmap of a value to this set."""
    counting = BitMap(n for n in index.everything if n % 2)
    return counting, lambda value: index.values[facet][value] & counting


@ONE_WAY_AND_THE_OTHER
@given(catalogue=CATALOGUES.filter(bool), data=st.data())
@STEADY
def test_a_narrowing_function_limits_which_documents_are_counted(
    catalogue: Documents, data: st.DataObject, cost: int
) -> None:
    index = Index.of(catalogue.values())
    among = some_of(data, index)
    counting, narrow = narrowing(index, "colour")
    with constants(VALUES_A_NUMBER=cost):
        counts = index.count_values("colour", among, narrow)
    assert counts == counted(catalogue, "colour", among & counting)


@ONE_WAY_AND_THE_OTHER
@pytest.mark.parametrize("is_narrow", [False, True])
@given(catalogue=CATALOGUES, limit=st.integers(1, 9), data=st.data())
@chance.steady(40)
def test_count_largest_includes_the_most_frequent_values_and_ties(
    catalogue: Documents, limit: int, data: st.DataObject, is_narrow: bool, cost: int
) -> None:
    index = Index.of(catalogue.values())
    among = some_of(data, index)
    counting, narrow = narrowing(index, "colour") if is_narrow else (index.everything, None)
    with constants(VALUES_A_NUMBER=cost, VALUES_OF_MANY=cost):
        counts = index.count_largest("colour", among, limit, narrow)
    right = counted(catalogue, "colour", among & counting)
    assert counts.items() <= right.items()
    least = sorted(right.values(), reverse=True)[:limit][-1:] or [0]
    assert {value for value, number in right.items() if number >= least[0]} <= counts.keys()


def test_count_largest_does_not_try_values_too_rare_to_be_among_the_largest() -> None:
    """Rare values are not tried once `limit` values with larger counts were found."""
    many = [made(n, values={"colour": [f"rare-{n}", "common"]}) for n in range(100)]
    index = Index.of(many)
    tried: list[str] = []

    def narrow(value: str) -> BitMap:
        tried.append(value)
        return index.values["colour"][value]

    assert index.count_largest("colour", index.everything, 1, narrow) == {"common": 100}
    assert tried == ["common"]


# --- Sorting --------------------------------------------------------------------------------------


@ONE_WAY_AND_THE_OTHER
@given(catalogue=CATALOGUES, data=st.data())
@STEADY
def test_list_by_name_returns_part_after_part_each_sorted_by_name(
    catalogue: Documents, data: st.DataObject, cost: int
) -> None:
    index = Index.of(catalogue.values())
    found = some_of(data, index)
    years = data.draw(st.permutations([2001, 2000, 1999, "none", "unheard of"]))
    ordered = [
        number
        for year in years
        for number in by_name(catalogue, (n for n in found if year in catalogue[n].values["year"]))
    ]
    with constants(STEPS_A_NUMBER=cost):
        for start, stop in slices(len(found)):
            parts = index.split(found, "year", years)
            assert index.list_by_name(parts, start, stop) == ordered[start:stop]


@ONE_WAY_AND_THE_OTHER
@given(catalogue=CATALOGUES, data=st.data())
@STEADY
def test_list_by_change_returns_the_latest_change_first_then_sorts_by_name(
    catalogue: Documents, data: st.DataObject, cost: int
) -> None:
    index = Index.of(catalogue.values())
    found = some_of(data, index)
    ordered = by_change(catalogue, found)
    with constants(STEPS_A_NUMBER=cost):
        for start, stop in slices(len(found)):
            assert index.list_by_change(found, start, stop) == ordered[start:stop]


def slices(length: int) -> Iterator[tuple[int, int]]:
    """Yield every slice (start, stop) of a list of this length, also some past its end."""
    yield from product(range(length + 2), range(length + 3))


@given(CATALOGUES)
@STEADY
def test_an_index_keeps_its_numbers_sorted_by_name_and_by_change(catalogue: Documents) -> None:
    index = Index.of(catalogue.values())
    assert len(index) == len(catalogue)
    assert list(index.by_name) == by_name(catalogue, catalogue)
    assert list(index.by_change) == by_change(catalogue, catalogue)
    assert list(index.labels.items()) == [
        (catalogue[n].slug, catalogue[n].name) for n in by_name(catalogue, catalogue)
    ]


def test_names_are_sorted_without_regard_to_case_and_accents() -> None:
    names = ["a", "Ä b", "a c", "Ab", "ä", "zz", "Ø"]
    index = Index.of(made(n, name=name) for n, name in enumerate(names))
    assert [names[n] for n in index.by_name] == [
        "a", "ä", "Ä b", "a c", "Ab", "Ø", "zz",
    ]  # fmt: skip


# --- Making changed indexes -----------------------------------------------------------------------


def answers(index: Index) -> Answers:
    """Return a sample of the answers of all query methods of an index."""
    colours = BitMap(index.everything)
    return {
        "searches": [index.search(parse_search(q)) for q in ("a", "ab ba", '"a b" b', "𐐨 ")],
        "counts": [index.count_values(facet, colours) for facet in index.facets],
        "largest": [index.count_largest(facet, colours, 2) for facet in index.facets[:1]],
        "names": index.list_by_name([index.everything], 0, 99),
        "changes": index.list_by_change(index.everything, 0, 99),
        "labels": index.labels,
        "nearest": index.find_nearest("aabb"),
        "held": copy.deepcopy(attributes(index)),
    }


def check_changes(
    catalogue: Documents, changes: list[tuple[list[SearchDocument], list[int]]]
) -> None:
    """Apply changes one by one, and compare each index with one built from scratch."""
    catalogue = dict(catalogue)
    states = [Index.of(catalogue.values())]
    before = [answers(states[0])]
    for fresh, gone in changes:
        states.append(states[-1].with_changes(iter(fresh), gone))
        for number in gone:
            catalogue.pop(number, None)
        catalogue |= {one.number: one for one in fresh}
        scratch = Index.of(catalogue.values())
        assert attributes(states[-1]) == attributes(scratch)
        assert states[-1].vocabulary == vocabulary(catalogue)
        before.append(answers(states[-1]))
        if catalogue:
            assert before[-1] == answers(scratch)
    assert [answers(state) for state in states] == before


@given(CATALOGUES, st.lists(CHANGES, max_size=5))
@chance.steady(40)
@example({}, [([], [1])])
@example({1: made(1, names=["a"])}, [([], [1]), ([made(1, names=["b"])], [])])
@example({1: made(1, names=["a"])}, [([made(1, names=["a"])], [1])])
def test_a_changed_index_equals_one_built_from_scratch_and_old_ones_are_unchanged(
    catalogue: Documents, changes: list[tuple[list[SearchDocument], list[int]]]
) -> None:
    check_changes(catalogue, changes)


@pytest.mark.parametrize("many", [-1, 2])
@given(catalogue=CATALOGUES, changes=st.lists(CHANGES, max_size=4))
@STEADY
def test_sorting_everything_gives_the_same_orders_as_inserting_changes(
    catalogue: Documents, changes: list[tuple[list[SearchDocument], list[int]]], many: int
) -> None:
    inserted = sorted_anew = Index.of(catalogue.values())
    for fresh, gone in changes:
        inserted = inserted.with_changes(fresh, gone)
        with constants(MANY_CHANGES=many):
            sorted_anew = sorted_anew.with_changes(fresh, gone)
        assert attributes(inserted) == attributes(sorted_anew)


@given(CATALOGUES)
@STEADY
def test_the_vocabulary_contains_exactly_the_words_of_the_documents(catalogue: Documents) -> None:
    index = Index.of(catalogue.values())
    assert index.vocabulary == vocabulary(catalogue) == sorted(attributes(index)["anywhere"])
    assert all(one < other for one, other in pairwise(index.vocabulary))


def test_a_changed_index_shares_unchanged_bitmaps_with_the_old_index() -> None:
    old = Index.of([made(1, names=["quokka"]), made(2, names=["wallaby"])])
    new = old.with_changes([made(2, names=["wombat"])])
    assert new.entries[1] is old.entries[1]
    assert new.find_word("quokka").anywhere is old.find_word("quokka").anywhere
    assert new.find_word("wallaby").anywhere == BitMap()
    assert old.find_word("wallaby").anywhere == BitMap([2])


def test_a_document_with_a_known_number_replaces_the_old_one() -> None:
    old = made(1, name="Zebra", names=["quokka"], values={"colour": ["red"]}, changed=5)
    new = made(1, name="Ant", names=["wallaby"], values={"colour": ["blue"]}, changed=9)
    other = made(2, name="Bee", values={"colour": ["red"]}, changed=7)
    index = Index.of([old, other]).with_changes([new])
    assert list(index.by_name) == [1, 2]
    assert list(index.by_change) == [1, 2]
    assert index.find_with_value("colour", ["red"]) == BitMap([2])
    assert index.vocabulary == ["wallaby"]


# --- Edge cases -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "index",
    [Index(), Index.of([]), Index.of([made(values={"colour": ["red"]})]).with_changes((), [1])],
)
def test_an_empty_index_finds_and_counts_nothing(index: Index) -> None:
    assert len(index) == 0
    assert index.search(parse_search('a "b c" d')) == Tiers(BitMap(), BitMap(), BitMap())
    assert index.search(Search()).found == BitMap()
    assert index.find_word("a") == index.find_beginning("a") == SearchPart(BitMap(), BitMap())
    assert index.find_with_value("colour", ["red"]) == index.find_changed_since(0) == BitMap()
    assert (
        index.count_values("colour", BitMap()) == index.count_largest("colour", BitMap(), 20) == {}
    )
    assert index.list_by_name([BitMap()], 0, 10) == []
    assert index.list_by_name(index.split(BitMap(), "colour", ["red"]), 0, 10) == []
    assert index.list_by_change(BitMap(), 0, 10) == []
    assert (index.labels, index.vocabulary, index.find_nearest("quokka")) == ({}, [], None)


def test_an_empty_search_finds_everything() -> None:
    assert Index.of([made(1), made(2)]).search(Search()).found == BitMap([1, 2])


@pytest.mark.parametrize("number", [2**32, 2**40, 2**63])
@pytest.mark.parametrize("names", [[], ["quokka"]])
def test_a_number_beyond_32_bits_is_refused(number: int, names: list[str]) -> None:
    with pytest.raises(OverflowError, match=r"too large|greater than maximum"):
        Index.of([made(number, names=names)])


def test_a_document_with_the_largest_allowed_number_is_found() -> None:
    index = Index.of([made(LARGEST_NUMBER, names=["quokka"])])
    assert index.list_by_name([index.search(parse_search("quokka")).found], 0, 1) == [
        LARGEST_NUMBER
    ]
