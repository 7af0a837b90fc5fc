"""Tests that the in-memory catalogue follows every edit of the database.

After each edit its answers are compared with those of the reference model (tests/model.py), which
reads all rows again.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from partnerships.models import Organisation, OrganisationName, Partnership
from programmes.models import (
    Change,
    Country,
    Programme,
    ProgrammeName,
    Revision,
    Unit,
)
from stemobs.catalogue import catalogue as module
from stemobs.catalogue.catalogue import (
    Catalogue,
    Keeper,
    build_catalogue,
    get_current_catalogue,
    keeper,
    renew_catalogue,
)
from stemobs.catalogue.index import Index
from stemobs.selection.facets import COUNTRY, FACETS
from stemobs.selection.programmes import ProgrammeFilter
from tests import builders, chance, model
from tests.catalogue.edits import EDITS, Edit
from tests.catalogue.indexes import attributes
from tests.catalogue.marks import begin_another_transaction
from tests.selection.asking import in_words

pytestmark = pytest.mark.django_db

STEADY = chance.steady(2)
EDITS_IN_A_ROW = 6
SELECTIONS_AFTER_AN_EDIT = 3
SEARCHES = ["quokka", "robots quokka", '"guest lessons"', "ub", "q", "jet-net ", "teachers orsted"]


@pytest.fixture(autouse=True)
def model_of_this_test_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty the caches of the reference model before and after each test of this file."""
    known = cache(model.plain_words)  # cached, to save time
    monkeypatch.setattr(model, "plain_words", lambda text: known(text).copy())
    forget()
    yield
    forget()


def forget() -> None:
    """Empty the caches of the reference model, so that it reads all rows again."""
    for remembered in (model.catalogue, model.aliases, model.tiers):
        remembered.cache_clear()
    for remembered in (model.searches, model.known_values, model.known_words):
        remembered.cache_clear()


@contextmanager
def undone() -> Iterator[None]:
    """Roll back everything that is written in the block."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def assert_same(one: Index, other: Index) -> None:
    """Fail with the names of the attributes that differ; their values would fill megabytes."""
    left, right = attributes(one), attributes(other)
    assert left.keys() == right.keys()
    assert [name for name in left if left[name] != right[name]] == []


def find(query: str, catalogue: Catalogue) -> list[str]:
    """Return the slugs of the programmes that a query finds in a catalogue."""
    return in_words(ProgrammeFilter(QueryDict(query), catalogue))


# --- Answers after random edits -------------------------------------------------------------------


def draw_query(data: st.DataObject) -> tuple[model.Selection, str]:
    selection = data.draw(model.selections())
    if data.draw(st.booleans()):
        selection["q"] = [data.draw(st.sampled_from(SEARCHES))]
    return selection, urlencode(selection, doseq=True)


def assert_right(catalogue: Catalogue, selection: model.Selection, query: str) -> None:
    """Compare the order, the total and all facet counts with those of the reference model."""
    found = ProgrammeFilter(QueryDict(query), catalogue)
    assert found.problems == []
    expected = model.ordered(selection)
    assert in_words(found) == expected
    assert len(found.matches) == len(expected)
    for name, facet in FACETS.items():
        assert found.count_values(facet) == model.counted(selection, name), name


def assert_shown(selection: model.Selection, query: str) -> None:
    """Compare the page and the API's answer with the reference model."""
    expected, of_api = (model.ordered(selection, on_pages=each) for each in (True, False))
    query = f"{query}&page_size=50"
    page = Client().get(f"/programmes/?{query}&show={','.join(FACETS)}").context
    answer = Client().get(f"/api/v1/programmes/?{query}&facets=all").json()
    names = dict(Programme.objects.values_list("slug", "name"))
    shown = Programme.objects.in_bulk(list(page["page"]))
    assert [shown[pk].slug for pk in page["page"]] == expected[:50]
    assert [row["slug"] for row in answer["results"]] == of_api[:50]
    assert page["page"].paginator.count == answer["count"] == len(expected)
    assert [row["name"] for row in answer["results"]] == [names[slug] for slug in of_api[:50]]
    if "q" not in selection:  # with a search, the name contains marks around the found words
        for slug, card in zip(expected, [*page["cards"], *page["past"]], strict=False):
            assert escape(names[slug]) in card
    for panel in [*page["panels"], *page["further"]]:
        name = panel.facet.parameter
        counts = [(choice.value, choice.count) for choice in panel.choices]
        assert [(row["value"], row["count"]) for row in answer["facets"][name]] == counts
        assert_counts(counts, model.counted(selection, name), panel.facet.limit)


def assert_counts(counts: list[tuple[str, int]], right: dict[str, int], limit: int | None) -> None:
    """Check counts against the model; a facet with a limit may leave out its smaller values."""
    assert all(count == right.get(value, 0) for value, count in counts)
    missing = [count for value, count in right.items() if value not in dict(counts)]
    if limit is None:
        assert missing == []
    elif len(counts) >= limit:
        assert max(missing, default=0) <= max(count for _value, count in counts)
    else:
        assert missing == []


def leave_fewer_programmes() -> None:
    """Turn two thirds of the programmes into drafts, so that each edit is checked faster."""
    some = Programme.objects.values_list("pk", flat=True)[::3]
    Programme.objects.exclude(pk__in=list(some)).update(state="draft")


@given(st.data())
@STEADY
def test_catalogue_agrees_with_the_reference_model_after_every_edit(data: st.DataObject) -> None:
    with undone():
        if data.draw(st.integers(0, 3)):
            leave_fewer_programmes()
        for name in ("Quokka robots", "Robots", "Überquokka"):
            builders.make_programme(name=name, year_start=2010)
        kept = build_catalogue()
        edits = st.lists(st.sampled_from(EDITS), min_size=EDITS_IN_A_ROW, max_size=EDITS_IN_A_ROW)
        for make in data.draw(edits):
            begin_another_transaction()
            # An edit that the database refuses is rolled back and must change nothing.
            with suppress(IntegrityError), transaction.atomic():
                make(data)
            forget()
            kept, now = renew_catalogue(kept), get_current_catalogue()
            assert_same(kept.programmes, now.programmes)
            assert_same(kept.organisations, now.organisations)
            for _number in range(SELECTIONS_AFTER_AN_EDIT):
                selection, query = draw_query(data)
                assert_right(now, selection, query)
        assert_shown(selection, query)
        assert_same(kept.programmes, build_catalogue().programmes)
        assert_same(kept.organisations, build_catalogue().organisations)


def test_catalogue_does_not_depend_on_the_physical_order_of_rows() -> None:
    before = build_catalogue()
    for rows in (Partnership, OrganisationName, ProgrammeName):
        oldest = rows.objects.order_by("pk").values_list("pk", flat=True)[:60]
        # PostgreSQL stores a changed row as a new version, after the other rows.
        rows.objects.filter(pk__in=list(oldest)).update(id=F("id"))
    after = build_catalogue()
    assert_same(before.programmes, after.programmes)
    assert_same(before.organisations, after.organisations)


def test_every_kind_of_edit_succeeds_at_least_sometimes() -> None:
    """A kind of edit that always fails would not be tested by the random test above."""

    @given(st.data())
    @chance.steady(12, least=12)
    def succeeds_at_times(data: st.DataObject) -> None:
        for make in EDITS:
            with suppress(IntegrityError), undone():
                builders.make_evaluation(builders.make_programme())
                before = Revision.objects.get().number
                begin_another_transaction()
                make(data)
                if Revision.objects.get().number > before:
                    made.add(make)

    made: set[Edit] = set()
    succeeds_at_times()
    assert made == set(EDITS)


# --- Sharing a catalogue between requests and transactions ----------------------------------------


def test_a_write_inside_a_transaction_does_not_change_the_shared_catalogue() -> None:
    before = keeper.kept
    with undone():
        builders.make_programme(slug="passing")
        inside = get_current_catalogue()
        assert "passing" in inside.programmes.labels
        assert not inside.is_shared
        assert keeper.kept is before
    assert keeper.kept is before
    assert before is not None
    assert "passing" not in before.programmes.labels
    assert "passing" not in get_current_catalogue().programmes.labels


def test_labels_and_cards_made_inside_a_transaction_are_not_cached_for_others() -> None:
    before = get_current_catalogue()
    with undone():
        Country.objects.filter(code="NL").update(name="Quokkaland")
        Client().get("/programmes/")
        assert COUNTRY.labels(get_current_catalogue())["NL"] == "Quokkaland"
        assert get_current_catalogue().cards == {}
    assert COUNTRY.labels(before)["NL"] == "Netherlands"
    assert "Quokkaland" not in "".join(map(str, before.cards.values()))


@pytest.fixture
def own() -> Keeper:
    """A keeper used by this test only, with a catalogue that was just built."""
    one = Keeper()
    one.kept = build_catalogue()
    return one


Count = Callable[[int], Any]


def test_without_writes_the_kept_catalogue_is_returned_after_one_query(
    own: Keeper, django_assert_num_queries: Count
) -> None:
    with django_assert_num_queries(1):
        assert own.current() is own.kept


def test_a_catalogue_first_read_inside_a_transaction_is_not_kept() -> None:
    builders.make_programme(slug="first")
    one = Keeper()
    assert "first" in one.current().programmes.labels
    assert one.kept is None
    assert not one.is_ready


# --- Renewing a catalogue after changes -----------------------------------------------------------


def queries_to_renew(old: Catalogue) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        renew_catalogue(old)
    return len(queries)


def test_renewing_after_one_change_takes_as_many_queries_in_a_larger_catalogue() -> None:
    programme, numbers = builders.make_programme(), []
    for others in (1, 20):
        for _number in range(others):
            other = builders.make_programme(countries=[builders.country("NL")])
            builders.make_partnership(other, builders.make_organisation())
        before = build_catalogue()
        begin_another_transaction()
        Programme.objects.filter(pk=programme.pk).update(name=f"Beside {others}")
        numbers.append(queries_to_renew(before))
    assert numbers[0] == numbers[1]


def test_a_renewed_catalogue_reuses_the_entries_of_unchanged_programmes() -> None:
    programme = builders.make_programme()
    before = build_catalogue()
    begin_another_transaction()
    Programme.objects.filter(pk=programme.pk).update(name="Renamed")
    after = renew_catalogue(before)
    assert changed_entries(before, after) == {programme.pk}
    assert after.programmes.entries[programme.pk].name_key.startswith("renamed")
    assert not before.programmes.entries[programme.pk].name_key.startswith("renamed")
    assert after.lasting is before.lasting


def changed_entries(before: Catalogue, after: Catalogue) -> set[int]:
    old, new = before.programmes.entries, after.programmes.entries
    return {pk for pk in {*old, *new} if old.get(pk) is not new.get(pk)}


@pytest.mark.parametrize("how", ["name", "slug", "alias", "alias gone"])
def test_renaming_an_organisation_renews_the_programmes_that_it_takes_part_in(
    how: str,
) -> None:
    partner = builders.make_organisation(name="Wallaby Ltd")
    alias = builders.make_organisation_name(partner, name="Wombat")
    programme = builders.make_programme(slug="with-partner")
    builders.make_partnership(programme, partner)
    before = build_catalogue()
    begin_another_transaction()
    match how:
        case "name":
            Organisation.objects.filter(pk=partner.pk).update(name="Quokka Works")
        case "slug":
            Organisation.objects.filter(pk=partner.pk).update(slug="quokka")
        case "alias":
            builders.make_organisation_name(partner, name="Quokka")
        case "alias gone":
            alias.delete()
    after = renew_catalogue(before)
    assert changed_entries(before, after) == {programme.pk}
    wanted = {"slug": "organisation=quokka", "alias gone": "q=wombat"}.get(how, "q=quokka")
    assert find(wanted, after) == ([] if how == "alias gone" else ["with-partner"])


def test_a_change_that_is_not_indexed_renews_no_entry_but_empties_the_card_cache() -> None:
    before = build_catalogue()
    before.cards["made"] = "of old rows"
    begin_another_transaction()
    Unit.objects.filter(slug="students").update(name="learners")
    after = renew_catalogue(before)
    assert changed_entries(before, after) == set()
    assert after.moment != before.moment
    assert after.cards == {}


def test_a_deleted_programme_and_its_words_leave_the_index() -> None:
    programme = builders.make_programme(slug="leaving", name="Quokkaville")
    builders.make_name(programme, "Wombattown")
    before = build_catalogue()
    begin_another_transaction()
    programme.delete()
    after = renew_catalogue(before)
    assert "leaving" not in after.programmes.labels
    assert {"quokkaville", "wombattown"}.isdisjoint(after.programmes.vocabulary)
    assert len(ProgrammeFilter(QueryDict("q=quokkaville"), before).matches) == 1


def test_a_changed_vocabulary_rebuilds_the_whole_catalogue_and_its_labels() -> None:
    before = build_catalogue()
    assert COUNTRY.labels(before)["NL"] == "Netherlands"
    begin_another_transaction()
    Country.objects.filter(code="NL").update(name="Quokkaland")
    after = renew_catalogue(before)
    assert COUNTRY.labels(after)["NL"] == "Quokkaland"
    assert set(find("q=quokkaland", after)) >= set(find("country=NL", after)) != set()


def test_too_many_changed_programmes_rebuild_the_whole_catalogue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = build_catalogue()
    begin_another_transaction()
    Programme.objects.filter(slug__startswith="j").update(summary="About quokkas.")
    assert renew_catalogue(before).lasting is before.lasting
    monkeypatch.setattr(module, "MANY", 0)
    monkeypatch.setattr(module, "LARGE_SHARE", 0)
    rebuilt = renew_catalogue(before)
    assert rebuilt.lasting is not before.lasting
    assert find("q=quokkas ", rebuilt) == find("q=quokkas ", renew_catalogue(before)) != []


def restore(number: Any) -> None:
    """Imitate a restored backup: changed rows, an empty change feed and a given revision number."""
    Programme.objects.filter(slug="jet-net-nl").update(name="Quokkanet")
    Change.objects.all().delete()
    Revision.objects.update(number=number)


def test_a_restored_backup_with_a_lower_revision_rebuilds_the_catalogue(own: Keeper) -> None:
    restore(F("number") - 3)
    assert find("q=quokkanet", own.current()) == ["jet-net-nl"]


def test_a_restored_backup_with_an_equal_revision_rebuilds_the_catalogue(
    own: Keeper,
) -> None:
    assert own.kept is not None
    restore(own.kept.revision)
    assert find("q=quokkanet", own.current()) == ["jet-net-nl"]


@pytest.mark.parametrize("address", ["/", "/programmes/", "/api/v1/programmes/?facets=all"])
def test_pages_and_the_api_answer_200_without_any_programme(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "kept", None)
    Programme.objects.update(state=Programme.State.DRAFT)
    assert Client().get(address).status_code == 200


# --- Building a catalogue in the background -------------------------------------------------------


def test_building_in_the_background_logs_a_warning_if_the_database_is_missing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """The changed settings affect only the new connection that the thread opens."""
    place = "HOST" if connection.vendor == "postgresql" else "NAME"
    monkeypatch.setitem(connections.databases["default"], place, str(tmp_path / "none" / "there"))
    one = Keeper()
    with caplog.at_level(logging.WARNING, logger="stemobs.catalogue.catalogue"):
        one.build_in_background()
        assert one.builder is not None
        one.builder.join()
    assert "The catalogue cannot be read yet" in caplog.text
    assert one.kept is None


def test_building_in_the_background_does_nothing_if_a_catalogue_is_kept(own: Keeper) -> None:
    own.build_in_background()
    assert own.builder is None
