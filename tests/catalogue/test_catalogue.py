"""The catalogue is as fresh as the database: after every edit it answers as the contract says.

The model of the contract is that of tests/selection/test_programmes.py, which reads the rows anew
after each edit.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F, Model, QuerySet
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partnerships.models import Funding, Organisation, OrganisationName, Partnership
from programmes.models import (
    Audience,
    CareerFactor,
    Change,
    Country,
    EducationLevel,
    Evaluation,
    InitiativeKind,
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
from tests import builders
from tests.catalogue.test_index import attributes
from tests.selection import test_programmes as model

pytestmark = pytest.mark.django_db

# Thousands of edits take minutes: HYPOTHESIS_EXAMPLES=500 for each database.
STEADY = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "8")),
    suppress_health_check=list(HealthCheck),
)
EDITS_IN_A_ROW = 6
SELECTIONS_AFTER_AN_EDIT = 3

Edit = Callable[[st.DataObject], None]
EDITS: list[Edit] = []


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
    return model.in_words(ProgrammeFilter(QueryDict(query), catalogue))


# --- Edits ----------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    ["Quokka robots", "Überquokka", "quokka guest lessons", "Robots", "Jet-Net", "Ørsted teachers"]
)
YEARS = st.sampled_from([None, 1999, 2010, 2011, 2020])
SEARCHES = ["quokka", "robots quokka", '"guest lessons"', "ub", "q", "jet-net ", "teachers orsted"]
ROLES = st.sampled_from(["founder", "funder", "partner"])


def edit(make: Edit) -> Edit:
    EDITS.append(make)
    return make


def one_of(data: st.DataObject, rows: QuerySet[Any], last: int = 8) -> Any:
    """Draw one of the rows made last; an edit of nothing is refused like any other."""
    some = list(rows.order_by("-pk")[:last])
    if not some:
        raise IntegrityError
    return data.draw(st.sampled_from(some))


def some_of(data: st.DataObject, rows: QuerySet[Any], last: int = 8) -> list[Any]:
    found = list(rows.order_by("-pk")[:last])
    return data.draw(st.lists(st.sampled_from(found), max_size=4, unique=True)) if found else []


def programme_of(data: st.DataObject) -> Programme:
    return one_of(data, Programme.objects.all())


def organisation_of(data: st.DataObject) -> Organisation:
    return one_of(data, Organisation.objects.all())


@edit
def create_a_programme(data: st.DataObject) -> None:
    programme = builders.make_programme(
        name=data.draw(NAMES),
        summary=data.draw(NAMES),
        year_start=data.draw(YEARS),
        state=data.draw(st.sampled_from(["published", "published", "draft"])),
        countries=some_of(data, Country.objects.all()),
        kinds=some_of(data, InitiativeKind.objects.all()),
    )
    builders.make_partnership(programme, organisation_of(data), data.draw(ROLES))


@edit
def create_many_programmes_at_once(data: st.DataObject) -> None:
    number = Programme.objects.count()
    Programme.objects.bulk_create(
        Programme(slug=f"bulk-{n}", name=data.draw(NAMES), scope="local", state="published")
        for n in range(number, number + 3)
    )


@edit
def change_the_state_of_a_programme(data: st.DataObject) -> None:
    programme = programme_of(data)
    programme.state = data.draw(st.sampled_from(Programme.State.values))
    programme.withdrawn_reason = "Made twice." if programme.state == "withdrawn" else ""
    programme.save()


@edit
def merge_two_programmes(data: st.DataObject) -> None:
    programme = programme_of(data)
    programme.merged_into, programme.state = programme_of(data), "withdrawn"
    programme.save()


@edit
def rename_a_programme(data: st.DataObject) -> None:
    programme = programme_of(data)
    setattr(programme, data.draw(st.sampled_from(["name", "short_name"])), data.draw(NAMES))
    programme.save()


@edit
def rename_a_programme_without_a_signal(data: st.DataObject) -> None:
    Programme.objects.filter(pk=programme_of(data).pk).update(name=data.draw(NAMES))


@edit
def move_a_programme_to_another_address(data: st.DataObject) -> None:
    programme = programme_of(data)
    programme.slug = f"{programme.slug[:60]}-moved"
    programme.save()


@edit
def change_a_text(data: st.DataObject) -> None:
    column = data.draw(st.sampled_from(["summary", "objectives", "region", "key_statement"]))
    Programme.objects.filter(pk=programme_of(data).pk).update(**{column: data.draw(NAMES)})


@edit
def change_years(data: st.DataObject) -> None:
    programme = programme_of(data)
    programme.year_start, programme.year_end = data.draw(YEARS), data.draw(YEARS)
    programme.status_as_of = data.draw(YEARS)
    programme.save()


@edit
def change_closed_lists(data: st.DataObject) -> None:
    programme = programme_of(data)
    programme.duration = data.draw(st.sampled_from(["", *Programme.Duration.values]))
    programme.scope = data.draw(st.sampled_from(Programme.Scope.values))
    programme.record_type = data.draw(st.sampled_from(Programme.RecordType.values))
    programme.is_vocational = data.draw(st.booleans())
    programme.save()


@edit
def change_the_status_of_many(data: st.DataObject) -> None:
    years = data.draw(st.lists(YEARS.filter(bool), min_size=1))
    status = data.draw(st.sampled_from(Programme.Status.values))
    Programme.objects.filter(year_start__in=years).update(status=status)


@edit
def change_two_in_one_statement(data: st.DataObject) -> None:
    pair = [programme_of(data), programme_of(data)]
    for programme in pair:
        programme.name = data.draw(NAMES)
    Programme.objects.bulk_update(pair, ["name"])


@edit
def delete_programmes(data: st.DataObject) -> None:
    Programme.objects.filter(pk__in=[row.pk for row in some_of(data, Programme.objects)]).delete()


@edit
def change_a_relation(data: st.DataObject) -> None:
    relations: dict[str, type[Model]] = {
        "countries": Country, "also_reaches": Country, "levels": EducationLevel,
        "kinds": InitiativeKind, "factors": CareerFactor, "audiences": Audience,
    }  # fmt: skip
    name = data.draw(st.sampled_from(sorted(relations)))
    related = getattr(programme_of(data), name)
    rows = some_of(data, relations[name]._default_manager.all())
    match data.draw(st.sampled_from(["add", "remove", "set", "clear"])):
        case "add":
            related.add(*rows)
        case "remove":
            related.remove(*related.all()[:2])
        case "set":
            related.set(rows)
        case "clear":
            related.clear()


@edit
def give_a_country_other_programmes(data: st.DataObject) -> None:
    one_of(data, Country.objects.all()).programmes.set(some_of(data, Programme.objects.all()))


@edit
def add_a_name(data: st.DataObject) -> None:
    ProgrammeName.objects.create(programme=programme_of(data), name=data.draw(NAMES))


@edit
def change_a_name(data: st.DataObject) -> None:
    name = one_of(data, ProgrammeName.objects.all())
    name.programme, name.name = programme_of(data), data.draw(NAMES)
    name.save()


@edit
def remove_a_name(data: st.DataObject) -> None:
    one_of(data, ProgrammeName.objects.all()).delete()


@edit
def add_a_partnership(data: st.DataObject) -> None:
    builders.make_partnership(programme_of(data), organisation_of(data), data.draw(ROLES))


@edit
def change_a_partnership(data: st.DataObject) -> None:
    partnership = one_of(data, Partnership.objects.all())
    match data.draw(st.sampled_from(["role", "organisation", "programme"])):
        case "role":
            partnership.role = data.draw(ROLES)
        case "organisation":
            partnership.organisation = organisation_of(data)
        case "programme":
            partnership.programme = programme_of(data)
            partnership.position = builders.position()
    partnership.save()


@edit
def end_partnerships(data: st.DataObject) -> None:
    organisation_of(data).partnerships.all().delete()


@edit
def create_an_organisation(data: st.DataObject) -> None:
    partner = builders.make_organisation(name=data.draw(NAMES))
    builders.make_partnership(programme_of(data), partner, data.draw(ROLES))


@edit
def rename_an_organisation(data: st.DataObject) -> None:
    Organisation.objects.filter(pk=organisation_of(data).pk).update(name=data.draw(NAMES))


@edit
def move_an_organisation_to_another_address(data: st.DataObject) -> None:
    organisation = organisation_of(data)
    organisation.slug = f"{organisation.slug[:60]}-moved"
    organisation.save()


@edit
def delete_an_organisation(data: st.DataObject) -> None:
    organisation = organisation_of(data)
    organisation.partnerships.all().delete()
    organisation.delete()


@edit
def add_a_name_of_an_organisation(data: st.DataObject) -> None:
    builders.make_organisation_name(organisation_of(data), name=data.draw(NAMES))


@edit
def change_a_name_of_an_organisation(data: st.DataObject) -> None:
    name = one_of(data, OrganisationName.objects.all())
    name.organisation, name.name = organisation_of(data), data.draw(NAMES)
    name.save()


@edit
def remove_a_name_of_an_organisation(data: st.DataObject) -> None:
    one_of(data, OrganisationName.objects.all()).delete()


@edit
def add_an_evaluation(data: st.DataObject) -> None:
    builders.make_evaluation(programme_of(data))


@edit
def change_an_evaluation(data: st.DataObject) -> None:
    evaluation = one_of(data, Evaluation.objects.all())
    evaluation.approach = data.draw(st.sampled_from(Evaluation.Approach.values))
    evaluation.conducted_by = data.draw(st.sampled_from(Evaluation.ConductedBy.values))
    evaluation.programme, evaluation.position = programme_of(data), builders.position()
    evaluation.save()


@edit
def remove_evaluations(data: st.DataObject) -> None:
    programme_of(data).evaluations.all().delete()


@edit
def add_funding(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(Funding.SourceType.values))
    builders.make_funding(programme_of(data), source_type=source)


@edit
def change_funding(data: st.DataObject) -> None:
    rows = Funding.objects.filter(pk=one_of(data, Funding.objects.all()).pk)
    rows.update(programme=programme_of(data), position=builders.position())


@edit
def remove_funding(data: st.DataObject) -> None:
    programme_of(data).funding.all()._raw_delete(using="default")


@edit
def rename_a_country(data: st.DataObject) -> None:
    Country.objects.filter(code=data.draw(st.sampled_from(["NL", "FI"]))).update(
        name=data.draw(NAMES)
    )


@edit
def rename_a_kind(data: st.DataObject) -> None:
    kind = one_of(data, InitiativeKind.objects.all())
    kind.name, kind.slug = data.draw(NAMES), f"{kind.slug[:50]}-new"
    kind.save()


@edit
def delete_an_audience(data: st.DataObject) -> None:
    one_of(data, Audience.objects.all()).delete()


@edit
def write_past_django(data: st.DataObject) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE programmes_programme SET name = %s WHERE id = %s",
            [data.draw(NAMES), programme_of(data).pk],
        )


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
    assert model.in_words(found) == expected
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
    @settings(STEADY, max_examples=12)
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
