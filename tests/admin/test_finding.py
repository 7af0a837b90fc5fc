"""Tests of how curators find rows: pickers ranked by likeness, searches, what is kept of names."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from programmes.models import Edit, Programme, Source
from stemobs.admin.finding.known import Block, Findable, Register, put_rows
from stemobs.admin.programmes import MISSING_COUNT
from stemobs.catalogue.editing import edit
from stemobs.curation.expected import EXPECTED
from tests.admin.curating import listed
from tests.admin.forms import address
from tests.builders import (
    country,
    level,
    make_citation,
    make_name,
    make_organisation,
    make_organisation_name,
    make_programme,
    make_reach,
    make_source,
)
from tests.catalogue.marks import begin_another_transaction

pytestmark = pytest.mark.django_db

NAMES = ("name", "slug", "names__name")


def pick(client: Client, field: str, term: str, **more: Any) -> list[str]:
    """Return the texts that a picker of a form offers for what was typed."""
    app, model, name = field.split(".")
    asked = {"app_label": app, "model_name": model, "field_name": name, "term": term, **more}
    answer = client.get(reverse("admin:autocomplete"), asked)
    return [one["text"] for one in answer.json()["results"]]


def test_a_code_of_a_country_finds_that_country_first(admin_client: Client) -> None:
    assert pick(admin_client, "programmes.programme.countries", "NO")[0] == "Norway"
    assert pick(admin_client, "programmes.programme.countries", "is")[0] == "Iceland"
    # Without scripts there is no picker, so the form lists them all.
    html = admin_client.get(address(Programme, "add")).text
    assert all(f">{one}</option>" in html for one in ("Norway", "Iceland"))


def test_a_picker_offers_exact_names_then_beginnings_then_words(admin_client: Client) -> None:
    for name in ("A zebra day", "Zebra days", "Zebrä-Day", "The razebra day", "Day of zebras"):
        make_programme(name=name)
    assert pick(admin_client, "programmes.programme.merged_into", "zebra DAY") == [
        "Zebrä-Day", "Zebra days", "A zebra day", "Day of zebras", "The razebra day",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "term"),
    [
        ("partnerships.partnership.organisation", "zebra"),
        ("programmes.reach.source", "zebra"),
        ("partnerships.lineage.to_programme", "zebra"),
    ],
)
def test_pickers_of_what_grows_rank_too(admin_client: Client, field: str, term: str) -> None:
    for name in ("Zebra and friends", "Zebra"):
        make_organisation(name=name)
        make_source(title=name)
        make_programme(name=name)
    assert pick(admin_client, field, term) == ["Zebra", "Zebra and friends"]


def test_a_source_is_picked_by_its_address_and_an_organisation_by_its_other_names(
    admin_client: Client,
) -> None:
    make_source(title="Quoted", url="https://example.org/Zebra/page?x=1")
    assert pick(admin_client, "programmes.reach.source", "https://example.org/zebra/page") == [
        "Quoted (example.org)"
    ]
    make_organisation_name(make_organisation(name="Known"), name="Zébre")
    assert pick(admin_client, "partnerships.partnership.organisation", "zebre") == ["Known"]


def test_a_picker_leads_through_its_rows_in_pages(admin_client: Client) -> None:
    names = [f"Zebra {number:02}" for number in range(25)]
    for name in names:
        make_source(title=name)
    source = "programmes.reach.source"
    assert pick(admin_client, source, "zebra") == names[:20]
    assert pick(admin_client, source, "zebra", page=2) == names[20:]
    assert pick(admin_client, source, "qqxx") == []
    assert len(pick(admin_client, source, "")) == 20


def test_a_picker_asks_the_database_for_its_page_only(admin_client: Client) -> None:
    def count_queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            pick(admin_client, "programmes.reach.source", "zebra")
        return len(captured)

    make_source(title="Zebra")
    before = count_queries()
    for _n in range(30):
        make_source(title="Zebra")
    assert count_queries() == before


def test_a_list_narrowed_by_a_chosen_value_shows_each_row_once(admin_client: Client) -> None:
    programme = make_programme(name="Zebra", levels=[level(2), level(3)])
    programme.countries.set([country("NL"), country("BE")])
    other = make_programme(name="Zebra", levels=[level(2)])
    wanted = {"q": "zebra", "levels__id__exact": level(3).pk}
    assert listed(admin_client.get(address(Programme), wanted)) == [programme]
    both = listed(admin_client.get(address(Programme), {"q": "zebra", "o": "-7"}))
    assert set(both) == {programme, other}


class TestKeeping:
    """What a process keeps of names follows every write."""

    @pytest.fixture
    def register(self) -> Register:
        """A register that keeps what it read, as outside a transaction."""
        register = Register(Programme, NAMES, ("name", "slug"))
        self.look(register)
        return register

    def look(self, register: Register) -> list[str]:
        begin_another_transaction()
        known = register.read_known()
        register.kept = known
        return [row.text for row in known.rows if "zebra" in row.text]

    def test_a_row_that_was_added_renamed_or_deleted_is_known_so(self, register: Register) -> None:
        with edit(Edit.Kind.CURATOR):
            programme = make_programme(name="Zebra", slug="z")
        assert self.look(register) == ["zebra\nz"]
        Programme.objects.filter(pk=programme.pk).update(name="Zébra two")  # no edit of anybody
        assert self.look(register) == ["zebra two\nz"]
        make_name(programme, "Other")
        assert self.look(register) == ["zebra two\nz\nother"]
        programme.delete()
        assert self.look(register) == []

    def test_only_what_changed_is_read_again(self, register: Register) -> None:
        make_programme(name="Zebra", slug="z")
        begin_another_transaction()
        assert register.kept is not None
        changed = register.find_changed(register.kept)
        assert changed is not None
        assert Programme.objects.get(slug="z").pk in changed
        assert len(changed) < Programme.objects.count()

    def test_drafts_are_known_too_although_they_raise_no_revision(self, register: Register) -> None:
        with edit(Edit.Kind.CURATOR):
            draft = make_programme(name="Zebra", slug="z", state=Programme.State.DRAFT)
        assert self.look(register) == ["zebra\nz"]
        begin_another_transaction()
        with edit(Edit.Kind.CURATOR):
            Programme.objects.filter(pk=draft.pk).update(name="Zebra two")
        assert self.look(register) == ["zebra two\nz"]

    def test_the_number_of_missing_facts_follows_every_fact(self) -> None:
        draft = make_programme(name="Zebra", state=Programme.State.DRAFT)
        register = Register(Programme, NAMES, ("name", "slug"), MISSING_COUNT)

        def look() -> int:
            self.look(register)
            assert register.kept is not None
            return next(row.number for row in register.kept.rows if row.pk == draft.pk)

        assert look() == len(EXPECTED)
        draft.levels.add(level(2))
        assert look() == len(EXPECTED) - 1
        figure = make_reach(draft, 7)
        assert look() == len(EXPECTED) - 2
        figure.delete()
        assert look() == len(EXPECTED) - 1

    def test_only_the_block_of_a_changed_row_is_made_anew(self) -> None:
        rows = [Findable(number, (number,), f"\n {number} \n", "") for number in range(5)]
        blocks = [Block(rows[:2]), Block(rows[2:])]
        new = Findable(1, (3.5,), "\n one \n", "")
        kept, changed = put_rows(blocks, {1}, [new])
        assert [row.pk for row in (*kept.rows, *changed.rows)] == [0, 2, 3, 1, 4]
        (left, same) = put_rows(blocks, {0}, [])
        assert [row.pk for row in left.rows] == [1]
        assert same is blocks[1]
        assert [row.pk for one in put_rows([], {1}, [new]) for row in one.rows] == [1]

    def test_rows_stay_in_the_order_of_their_list(self, register: Register) -> None:
        for name in ("Zebra b", "zebra a", "Zébra c"):
            make_programme(name=name, slug=name[-1])
        assert self.look(register) == ["zebra a\na", "zebra b\nb", "zebra c\nc"]

    def test_what_a_transaction_read_is_not_kept(self) -> None:
        register = Register(Source, ("title",), ("title",))
        assert register.look_up().rows
        assert register.kept is None


@pytest.mark.once
def test_a_picker_offers_the_sources_of_its_record_first_with_their_numbers(
    admin_client: Client,
) -> None:
    programme = make_programme()
    names = ("University", "Zoo")
    first, second = (make_source(title="Zebra news", publisher=name) for name in names)
    for source in (second, first):
        make_citation(programme, source=source)
    make_source(title="Zebra", publisher="Somebody else")
    html = admin_client.get(address(programme, "change")).content.decode()
    assert f'data-ajax--url="/admin/autocomplete/?record={programme.pk}"' in html
    own = ["S1 Zebra news (Zoo)", "S2 Zebra news (University)"]
    of_record = {"field": "programmes.reach.source", "record": str(programme.pk)}
    assert pick(admin_client, term="", **of_record)[:2] == own
    assert pick(admin_client, term="S2", **of_record)[0] == own[1]
    found = pick(admin_client, term="zebra", **of_record)
    assert found == [*own, "Zebra (Somebody else)"]
