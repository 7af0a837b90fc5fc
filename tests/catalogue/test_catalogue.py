"""The catalogue is as fresh as the database: after every edit it answers as the contract says.

The model of the contract reads the rows anew after each edit.
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
from stemobs.catalogue.catalogue import Catalogue, Keeper, build, current, keeper, renewed
from stemobs.catalogue.index import Index
from stemobs.selection.facets import COUNTRY, FACETS
from stemobs.selection.programmes import ProgrammeFilter
from tests import builders, chance, model
from tests.catalogue.edits import EDITS, Edit
from tests.catalogue.indexes import attributes
from tests.selection.asking import in_words

pytestmark = pytest.mark.django_db

STEADY = chance.steady(4)
EDITS_IN_A_ROW = 6
SELECTIONS_AFTER_AN_EDIT = 3
SEARCHES = ["quokka", "robots quokka", '"guest lessons"', "ub", "q", "jet-net ", "teachers orsted"]


@pytest.fixture(autouse=True)
def model_of_this_test_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the model remembers of these rows must not reach the tests of others."""
    known = cache(model.plain_words)  # the same words, sooner
    monkeypatch.setattr(model, "plain_words", lambda text: known(text).copy())
    forget()
    yield
    forget()


def forget() -> None:
    """Have the model read every row again."""
    for remembered in (model.catalogue, model.aliases, model.tiers):
        remembered.cache_clear()
    for remembered in (model.searches, model.known_values):
        remembered.cache_clear()


@contextmanager
def undone() -> Iterator[None]:
    """Undo what is written within."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def begin_another_transaction() -> None:
    """Have the next write raise the revision, as PostgreSQL does once for every transaction."""
    Revision.objects.update(transaction="")


def assert_same(one: Index, other: Index) -> None:
    """Name what differs; to show it would take megabytes."""
    left, right = attributes(one), attributes(other)
    assert left.keys() == right.keys()
    assert [name for name in left if left[name] != right[name]] == []


def find(query: str, catalogue: Catalogue) -> list[str]:
    """Return the slugs that a query finds."""
    return in_words(ProgrammeFilter(QueryDict(query), catalogue))


# --- After every edit -----------------------------------------------------------------------------


def draw_query(data: st.DataObject) -> tuple[model.Selection, str]:
    selection = data.draw(model.selections())
    if data.draw(st.booleans()):
        selection["q"] = [data.draw(st.sampled_from(SEARCHES))]
    return selection, urlencode(selection, doseq=True)


def assert_right(catalogue: Catalogue, selection: model.Selection, query: str) -> None:
    """Compare the order, the total and every count with the model's."""
    found = ProgrammeFilter(QueryDict(query), catalogue)
    assert found.problems == []
    expected = model.ordered(selection)
    assert in_words(found) == expected
    assert len(found.matches) == len(expected)
    for name, facet in FACETS.items():
        assert found.counts(facet) == model.counted(selection, name), name


def assert_shown(selection: model.Selection, query: str) -> None:
    """Compare the page and the API with the model."""
    expected = model.ordered(selection)
    query = f"{query}&page_size=50"
    page = Client().get(f"/programmes/?{query}").context
    answer = Client().get(f"/api/v1/programmes/?{query}&facets=all").json()
    names = dict(Programme.objects.values_list("slug", "name"))
    shown = Programme.objects.in_bulk(list(page["page"]))
    assert [shown[pk].slug for pk in page["page"]] == expected[:50]
    assert [row["slug"] for row in answer["results"]] == expected[:50]
    assert page["page"].paginator.count == answer["count"] == len(expected)
    assert [row["name"] for row in answer["results"]] == [names[slug] for slug in expected[:50]]
    if "q" not in selection:  # what was searched is marked within the name
        for slug, card in zip(expected, page["cards"], strict=False):
            assert escape(names[slug]) in card
    for panel in page["panels"]:
        name = panel.facet.parameter
        counts = [(choice.value, choice.count) for choice in panel.choices]
        assert [(row["value"], row["count"]) for row in answer["facets"][name]] == counts
        assert_counts(counts, model.counted(selection, name), panel.facet.limit)


def assert_counts(counts: list[tuple[str, int]], right: dict[str, int], limit: int | None) -> None:
    """A long facet shows the chosen values, which may have none, and the largest."""
    assert all(count == right.get(value, 0) for value, count in counts)
    missing = [count for value, count in right.items() if value not in dict(counts)]
    if limit is None:
        assert missing == []
    elif len(counts) >= limit:
        assert max(missing, default=0) <= max(count for _value, count in counts)
    else:
        assert missing == []


def leave_fewer_programmes() -> None:
    """Withdraw two thirds, so that there is time for more edits."""
    some = Programme.objects.values_list("pk", flat=True)[::3]
    Programme.objects.exclude(pk__in=list(some)).update(state="draft")


@given(st.data())
@STEADY
def test_after_every_edit_the_catalogue_answers_as_the_contract_says(data: st.DataObject) -> None:
    with undone():
        if data.draw(st.integers(0, 3)):
            leave_fewer_programmes()
        for name in ("Quokka robots", "Robots", "Überquokka"):
            builders.make_programme(name=name, year_start=2010)
        kept = build()
        edits = st.lists(st.sampled_from(EDITS), min_size=EDITS_IN_A_ROW, max_size=EDITS_IN_A_ROW)
        for make in data.draw(edits):
            begin_another_transaction()
            # What the database refuses is rolled back and must leave no trace.
            with suppress(IntegrityError), transaction.atomic():
                make(data)
            forget()
            kept, now = renewed(kept), current()
            assert_same(kept.programmes, now.programmes)
            assert_same(kept.organisations, now.organisations)
            for _number in range(SELECTIONS_AFTER_AN_EDIT):
                selection, query = draw_query(data)
                assert_right(now, selection, query)
        assert_shown(selection, query)
        assert_same(kept.programmes, build().programmes)
        assert_same(kept.organisations, build().organisations)


def test_where_rows_lie_in_the_database_makes_no_difference() -> None:
    before = build()
    for rows in (Partnership, OrganisationName, ProgrammeName):
        oldest = rows.objects.order_by("pk").values_list("pk", flat=True)[:60]
        # PostgreSQL writes a changed row anew, behind the others.
        rows.objects.filter(pk__in=list(oldest)).update(id=F("id"))
    after = build()
    assert_same(before.programmes, after.programmes)
    assert_same(before.organisations, after.organisations)


def test_every_kind_of_edit_can_be_made() -> None:
    """Otherwise the test above would prove nothing about it."""

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


# --- What is shared -------------------------------------------------------------------------------


def test_the_shared_catalogue_is_never_touched_inside_a_transaction() -> None:
    before = keeper.kept
    with undone():
        builders.make_programme(slug="passing")
        inside = current()
        assert "passing" in inside.programmes.labels
        assert not inside.is_shared
        assert keeper.kept is before
    assert keeper.kept is before
    assert before is not None
    assert "passing" not in before.programmes.labels
    assert "passing" not in current().programmes.labels


def test_what_is_made_of_rows_in_a_transaction_is_not_kept_for_others() -> None:
    before = current()
    with undone():
        Country.objects.filter(code="NL").update(name="Quokkaland")
        Client().get("/programmes/")
        assert COUNTRY.labels(current())["NL"] == "Quokkaland"
        assert current().cards == {}
    assert COUNTRY.labels(before)["NL"] == "Netherlands"
    assert "Quokkaland" not in "".join(map(str, before.cards.values()))


@pytest.fixture
def own() -> Keeper:
    """A keeper of this test alone, which has just read everything."""
    one = Keeper()
    one.kept = build()
    return one


Count = Callable[[int], Any]


def test_without_writes_the_same_catalogue_answers_after_one_query(
    own: Keeper, django_assert_num_queries: Count
) -> None:
    with django_assert_num_queries(1):
        assert own.current() is own.kept


def test_a_keeper_without_a_catalogue_reads_one_for_the_transaction_only() -> None:
    builders.make_programme(slug="first")
    one = Keeper()
    assert "first" in one.current().programmes.labels
    assert one.kept is None
    assert not one.is_ready


# --- What is read again ---------------------------------------------------------------------------


def queries_to_renew(old: Catalogue) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        renewed(old)
    return len(queries)


def test_a_change_reads_again_what_changed_however_much_there_is_beside_it() -> None:
    programme, numbers = builders.make_programme(), []
    for others in (1, 20):
        for _number in range(others):
            other = builders.make_programme(countries=[builders.country("NL")])
            builders.make_partnership(other, builders.make_organisation())
        before = build()
        begin_another_transaction()
        Programme.objects.filter(pk=programme.pk).update(name=f"Beside {others}")
        numbers.append(queries_to_renew(before))
    assert numbers[0] == numbers[1]


def test_the_entries_of_what_did_not_change_are_the_very_same() -> None:
    programme = builders.make_programme()
    before = build()
    begin_another_transaction()
    Programme.objects.filter(pk=programme.pk).update(name="Renamed")
    after = renewed(before)
    assert changed_entries(before, after) == {programme.pk}
    assert after.programmes.entries[programme.pk].name_key.startswith("renamed")
    assert not before.programmes.entries[programme.pk].name_key.startswith("renamed")
    assert after.lasting is before.lasting


def changed_entries(before: Catalogue, after: Catalogue) -> set[int]:
    old, new = before.programmes.entries, after.programmes.entries
    return {pk for pk in {*old, *new} if old.get(pk) is not new.get(pk)}


@pytest.mark.parametrize("how", ["name", "slug", "alias", "alias gone"])
def test_an_organisation_renamed_is_read_again_with_the_programmes_that_it_takes_part_in(
    how: str,
) -> None:
    partner = builders.make_organisation(name="Wallaby Ltd")
    alias = builders.make_organisation_name(partner, name="Wombat")
    programme = builders.make_programme(slug="with-partner")
    builders.make_partnership(programme, partner)
    before = build()
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
    after = renewed(before)
    assert changed_entries(before, after) == {programme.pk}
    wanted = {"slug": "organisation=quokka", "alias gone": "q=wombat"}.get(how, "q=quokka")
    assert find(wanted, after) == ([] if how == "alias gone" else ["with-partner"])


def test_a_change_that_no_list_shows_reads_nothing_again_but_makes_new_cards() -> None:
    before = build()
    before.cards["made"] = "of old rows"
    begin_another_transaction()
    Unit.objects.filter(slug="students").update(name="learners")
    after = renewed(before)
    assert changed_entries(before, after) == set()
    assert after.moment != before.moment
    assert after.cards == {}


def test_a_deleted_programme_is_gone_with_all_its_words() -> None:
    programme = builders.make_programme(slug="leaving", name="Quokkaville")
    builders.make_name(programme, "Wombattown")
    before = build()
    begin_another_transaction()
    programme.delete()
    after = renewed(before)
    assert "leaving" not in after.programmes.labels
    assert {"quokkaville", "wombattown"}.isdisjoint(after.programmes.vocabulary)
    assert len(ProgrammeFilter(QueryDict("q=quokkaville"), before).matches) == 1


def test_a_vocabulary_that_changed_has_everything_read_again_its_labels_too() -> None:
    before = build()
    assert COUNTRY.labels(before)["NL"] == "Netherlands"
    begin_another_transaction()
    Country.objects.filter(code="NL").update(name="Quokkaland")
    after = renewed(before)
    assert COUNTRY.labels(after)["NL"] == "Quokkaland"
    assert set(find("q=quokkaland", after)) >= set(find("country=NL", after)) != set()


def test_many_changed_programmes_have_everything_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = build()
    begin_another_transaction()
    Programme.objects.filter(slug__startswith="j").update(summary="About quokkas.")
    assert renewed(before).lasting is before.lasting
    monkeypatch.setattr(module, "MANY", 0)
    monkeypatch.setattr(module, "LARGE_SHARE", 0)
    rebuilt = renewed(before)
    assert rebuilt.lasting is not before.lasting
    assert find("q=quokkas ", rebuilt) == find("q=quokkas ", renewed(before)) != []


def restore(number: Any) -> None:
    """Change the catalogue as a backup does: other rows, no record of them, an older number."""
    Programme.objects.filter(slug="jet-net-nl").update(name="Quokkanet")
    Change.objects.all().delete()
    Revision.objects.update(number=number)


def test_after_a_backup_was_restored_everything_is_read_again(own: Keeper) -> None:
    restore(F("number") - 3)
    assert find("q=quokkanet", own.current()) == ["jet-net-nl"]


def test_after_a_backup_was_restored_and_changed_to_the_same_number_everything_is_read_again(
    own: Keeper,
) -> None:
    assert own.kept is not None
    restore(own.kept.revision)
    assert find("q=quokkanet", own.current()) == ["jet-net-nl"]


@pytest.mark.parametrize("address", ["/", "/programmes/", "/api/v1/programmes/?facets=all"])
def test_a_catalogue_without_programmes_answers_too(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "kept", None)
    Programme.objects.update(state=Programme.State.DRAFT)
    assert Client().get(address).status_code == 200


# --- In the background ----------------------------------------------------------------------------


def test_a_database_that_is_not_there_is_told_of_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """The thread has a connection of its own, which these settings are for."""
    place = "HOST" if connection.vendor == "postgresql" else "NAME"
    monkeypatch.setitem(connections.databases["default"], place, str(tmp_path / "none" / "there"))
    one = Keeper()
    with caplog.at_level(logging.WARNING, logger="stemobs.catalogue.catalogue"):
        one.build_in_background()
        assert one.builder is not None
        one.builder.join()
    assert "The catalogue cannot be read yet" in caplog.text
    assert one.kept is None


def test_a_catalogue_that_is_kept_is_not_built_again(own: Keeper) -> None:
    own.build_in_background()
    assert own.builder is None
