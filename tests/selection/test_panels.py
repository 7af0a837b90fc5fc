"""Tests of the parts that a page shows of a selection: chips, facet panels, list pages."""

import pytest
from django.http import Http404, QueryDict

from partnerships.models import Organisation
from stemobs.catalogue.catalogue import get_current_catalogue
from stemobs.selection.facets import COUNTRY, ORGANISATION, STATUS
from stemobs.selection.panels import Choice
from stemobs.selection.programmes import ProgrammeFilter
from stemobs.selection.selection import SelectionFilter
from tests import builders

pytestmark = pytest.mark.django_db


def ask(query: str, also: tuple[str, ...] = ()) -> ProgrammeFilter:
    return ProgrammeFilter(QueryDict(query), get_current_catalogue(), also)


# --- Chips and panels -----------------------------------------------------------------------------


def test_each_chip_links_to_the_selection_without_its_value() -> None:
    selection = ask("country=NL,FI&q=robot&page=2&sort=name&started_from=2010")
    chips = [(chip.parameter, chip.text, chip.query) for chip in selection.chips]
    assert chips == [
        ("q", "robot", "country=FI,NL&started_from=2010&sort=name"),
        ("country", "Finland", "q=robot&country=NL&started_from=2010&sort=name"),
        ("country", "Netherlands", "q=robot&country=FI&started_from=2010&sort=name"),
        ("started_from", "2010", "q=robot&country=FI,NL&sort=name"),
    ]


def test_a_chip_of_an_organisation_shows_its_name() -> None:
    name = Organisation.objects.get(slug="ptvt").name
    assert [chip.text for chip in ask("organisation=pbt").chips] == [name]


def test_order_page_and_page_size_have_no_chips() -> None:
    assert ask("sort=name&page=2&page_size=10").chips == []


def test_query_can_replace_or_leave_out_a_single_parameter() -> None:
    selection = ask("country=NL&page=3")
    assert selection.query("page") == "country=NL"
    assert selection.query(page="4") == "country=NL&page=4"
    assert selection.query("country", "page") == ""


def test_a_panel_shows_a_chosen_value_even_if_no_programme_matches() -> None:
    panel = ask("country=AD&country=NL").make_panel(COUNTRY)
    by_value = {choice.value: choice for choice in panel.choices}
    assert by_value["AD"].is_chosen
    assert by_value["AD"].count == 0
    assert by_value["NL"].is_chosen
    assert not by_value["FI"].is_chosen
    assert panel.chosen == 2


def test_a_panel_lists_the_values_that_no_programme_has() -> None:
    panel = ask("").make_panel(STATUS)
    shown = {choice.label for choice in panel.choices}
    assert shown.isdisjoint(panel.missing)
    assert shown | set(panel.missing) == {
        str(label) for label in STATUS.labels(get_current_catalogue()).values()
    }


def test_the_organisation_panel_shows_its_twenty_largest_and_the_chosen_first() -> None:
    everything = ask("").make_panel(ORGANISATION)
    sizes = [choice.count for choice in everything.choices]
    assert len(sizes) == 20
    assert sizes == sorted(sizes, reverse=True)
    assert everything.missing == []
    assert ask("organisation=ptvt").make_panel(ORGANISATION).choices[0].value == "ptvt"


def test_a_panel_shows_every_chosen_organisation_however_many() -> None:
    chosen = [builders.make_organisation().slug for _number in range(23)]
    panel = ask(f"organisation={','.join(chosen)}").make_panel(ORGANISATION)
    assert {choice.value for choice in panel.choices} == set(chosen)


@pytest.mark.parametrize(
    ("count", "most", "share"), [(0, 0, 0), (0, 10, 0), (1, 3, 35), (5, 10, 50), (10, 10, 100)]
)
def test_the_share_of_a_choice_is_rounded_to_steps_of_five_percent(
    count: int, most: int, share: int
) -> None:
    assert Choice("value", "Label", count, False, most).share == share


# --- Pages of lists -------------------------------------------------------------------------------


def test_rows_of_any_query_can_be_split_into_pages() -> None:
    rows = Organisation.objects.order_by("slug")
    page = SelectionFilter(QueryDict("page=2&page_size=50"), get_current_catalogue()).current_page(
        10, rows
    )
    assert list(page) == list(rows[50:100])
    assert page.paginator.count == rows.count()


def test_the_404_for_a_page_past_the_end_names_the_last_page() -> None:
    selection = SelectionFilter(QueryDict("page=99"), get_current_catalogue())
    with pytest.raises(Http404, match=r"ends with page \d+"):
        selection.current_page(100, Organisation.objects.all())


@pytest.mark.parametrize("place", [0, 5, 142, -1, -143, -205])
def test_matches_can_be_indexed_at_any_position(place: int) -> None:
    matches = ask("").matches
    assert matches[place] == matches[:][place]


@pytest.mark.parametrize("place", [10**6, 10**9, -(10**6)])
def test_indexing_matches_past_the_end_raises_index_error(place: int) -> None:
    with pytest.raises(IndexError):
        ask("").matches[place]
