"""Figures have a life: which may supersede which, which stand, and what of them is told where."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from programmes.models import Figure, Programme, Reach, Unit, list_figures, where_current
from stemobs.catalogue.catalogue import get_current_catalogue
from tests import builders
from tests.builders import make_claim, make_discrepancy, make_programme, make_reach, make_source

pytestmark = pytest.mark.django_db

MISREAD = 987_654  # a number that stands nowhere else
Make = Callable[[], tuple[Figure, Any]]  # a figure, and what cannot supersede it


def of_another_programme() -> tuple[Figure, Any]:
    return make_reach(make_programme()), make_reach(make_programme())


def by_itself() -> tuple[Figure, Any]:
    figure = make_reach(make_programme())
    return figure, figure


def with_another_unit() -> tuple[Figure, Any]:
    programme = make_programme()
    return make_reach(programme), make_reach(programme, unit=Unit.objects.get(slug="schools"))


def in_a_circle() -> tuple[Figure, Any]:
    programme = make_programme()
    last = make_reach(programme)
    return last, make_reach(programme, superseded_by=make_reach(programme, superseded_by=last))


def in_another_currency() -> tuple[Figure, Any]:
    programme = make_programme()
    euros, pounds = (
        builders.make_funding(programme, amount=1, currency=code) for code in ("EUR", "GBP")
    )
    return euros, pounds


def of_another_strategy() -> tuple[Figure, Any]:
    one, other = (
        builders.make_statement(strategy=builders.make_strategy(), value=1) for _number in range(2)
    )
    return one, other


@pytest.mark.parametrize(
    "make",
    [
        by_itself,
        of_another_programme,
        with_another_unit,
        in_a_circle,
        in_another_currency,
        of_another_strategy,
    ],
)
def test_a_wrong_successor_is_refused_by_its_field_and_by_the_database(make: Make) -> None:
    figure, wrong = make()
    figure.superseded_by = wrong
    with pytest.raises(ValidationError) as refused:
        figure.full_clean()
    assert list(refused.value.message_dict) == ["superseded_by"]
    with pytest.raises(IntegrityError), transaction.atomic():
        type(figure)._base_manager.filter(pk=figure.pk).update(superseded_by=wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        figure.save()


def test_what_superseded_a_figure_keeps_its_unit_and_cannot_be_retracted() -> None:
    programme = make_programme()
    newer = make_reach(programme, 50)
    make_reach(programme, 40, superseded_by=newer)
    for name, value in (("unit", Unit.objects.get(slug="schools")), ("retracted_because", "No.")):
        changed = Reach.objects.get(pk=newer.pk)
        setattr(changed, name, value)
        with pytest.raises(ValidationError, match="It replaces “exactly 40"):
            changed.full_clean()


def test_a_retracted_figure_replaces_none_and_has_its_day_and_its_reason() -> None:
    programme = make_programme()
    misread = make_reach(programme, 50, retracted_because="Of all schools, not of these.")
    assert misread.retracted_on == timezone.localdate()
    figure = make_reach(programme, 40)
    figure.superseded_by = misread
    with pytest.raises(ValidationError, match="was retracted cannot replace another"):
        figure.full_clean()
    misread.retracted_because = ""
    misread.save()
    assert misread.retracted_on is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Reach.objects.filter(pk=misread.pk).update(retracted_on=datetime.date(2026, 1, 1))


def test_figures_that_stand_know_the_earlier_ones_the_latest_first() -> None:
    programme = make_programme()
    newest = make_reach(programme, 60)
    middle = make_reach(programme, 50, superseded_by=newest)
    first = make_reach(programme, 40, superseded_by=middle)
    make_reach(programme, 45, superseded_by=newest, retracted_because="Misread.")
    make_reach(programme, MISREAD, retracted_because="Misread.")
    (figure,) = list_figures(programme.reach.all())
    assert (figure, list(figure.earlier)) == (newest, [middle, first])
    assert programme.reach.filter(where_current()).get() == newest
    assert [row.is_current for row in (newest, middle, first)] == [True, False, False]


def test_when_the_newer_figure_goes_the_earlier_one_stands_again() -> None:
    programme = make_programme()
    newer = make_reach(programme, 60)
    earlier = make_reach(programme, 50, superseded_by=newer)
    newer.delete()
    earlier.refresh_from_db()
    assert earlier.is_current
    programme.delete()


@pytest.fixture
def programme() -> Programme:
    """A programme with a figure that superseded another, and with a retracted one of each kind."""
    programme = make_programme(slug="growing", name="Quokkas growing")
    source, told = make_source(title="Year book"), {"retracted_because": "A number of a page."}
    newer = make_reach(programme, 55, position=2, year_to=2024, source=source)
    make_reach(
        programme, 40, position=1, year_to=2019, superseded_by=newer,
        source=make_source(title="Old leaflet"),
    )  # fmt: skip
    make_reach(programme, MISREAD, position=3, source=source, **told)
    money = {"currency": "EUR", "basis": "total", "year_to": 2024}
    builders.make_funding(programme, position=1, amount=MISREAD, **money, **told)
    return programme


@pytest.mark.parametrize(
    ("address", "earlier"),
    [
        ("/programmes/growing/", '<span id="reach-1">40 (until 2019)'),
        ("/programmes/?q=quokkas", ""),
        ("/programmes/compare/?programme=growing&programme=jet-net-nl", ""),
        ("/api/v1/programmes/growing/", '"earlier":[{"text":"40 students"'),
        ("/api/v1/programmes/?q=quokkas", '"earlier":[{"text":"40 students"'),
        ("/api/v1/programmes/growing.jsonld", '"dct:replaces":[{"@type":"Observation"'),
        ("/programmes/figures.csv?q=quokkas", "40 students (until 2019) [Old leaflet]"),
        ("/programmes.csv?q=quokkas", ""),
    ],
)
def test_what_was_retracted_is_told_nowhere_and_what_was_superseded_as_earlier(
    client: Client, programme: Programme, address: str, earlier: str
) -> None:
    response = client.get(address, follow=True)
    text = b"".join(response).decode()
    assert response.status_code == 200, address
    assert "Quokkas" in text
    assert earlier in text
    assert str(MISREAD) not in text.replace(",", "").replace("\N{NO-BREAK SPACE}", "")


def test_only_figures_that_stand_are_counted(client: Client, programme: Programme) -> None:
    figures = client.get("/api/v1/programmes/figures/", {"q": "quokkas"}).json()
    assert [(row["text"], row["anchor"]) for row in figures["results"]] == [
        ("55 students", "reach-2")
    ]
    assert figures["count"] == 1
    told = client.get("/api/v1/programmes/", {"q": "quokkas", "funding": "none"}).json()
    assert told["count"] == 1
    assert client.get("/programmes/growing/").context["entry"].basis("funding") == "not-stated"
    Reach.objects.filter(programme=programme).update(
        retracted_because="All.", retracted_on=timezone.localdate(), superseded_by=None
    )
    index = get_current_catalogue().programmes
    assert programme.pk in index.find_with_value("gap", ["reach"])


def test_a_claim_leads_to_its_figure_of_the_same_programme(client: Client) -> None:
    programme = make_programme(slug="growing")
    figure = make_reach(programme, 55, position=2)
    misread = make_reach(programme, 54, position=3, retracted_because="Misread.")
    point = make_discrepancy(programme)
    claim = make_claim(point, statement="55 pupils", reach=figure)
    make_claim(point, statement="54 pupils", reach=misread)
    html = client.get("/programmes/growing/").text
    assert '<a href="#reach-2">55 pupils</a>' in html
    assert 'id="reach-2"' in html
    assert "#reach-3" not in html
    told = client.get("/api/v1/programmes/growing/").json()["discrepancies"][0]["claims"]
    assert [one["figure"] for one in told] == ["reach-2", ""]
    claim.reach = make_reach(make_programme())
    with pytest.raises(ValidationError, match="of another programme"):
        claim.full_clean()


def test_a_claim_leads_to_its_sum_as_long_as_readers_see_it(client: Client) -> None:
    programme = make_programme(slug="growing")
    newer, earlier, misread = (
        builders.make_funding(programme, position=at, amount=at, currency="EUR") for at in (2, 3, 4)
    )
    point = make_discrepancy(programme)
    for number, money in enumerate((newer, earlier, misread), start=1):
        make_claim(point, statement=f"{number} euros", funding=money)
    earlier.superseded_by, misread.retracted_because = newer, "Misread."
    earlier.save()
    misread.save()
    html = client.get("/programmes/growing/").text
    for number, anchor in ((1, "funding-2"), (2, "funding-3")):
        assert f'<a href="#{anchor}">{number} euros</a>' in html
        assert f'id="{anchor}"' in html
    assert "#funding-4" not in html
    told = client.get("/api/v1/programmes/growing/").json()["discrepancies"][0]["claims"]
    assert [one["figure"] for one in told] == ["funding-2", "funding-3", ""]
    newer.delete()
    assert [claim.funding for claim in point.claims.all()] == [None, earlier, misread]


def test_a_claim_speaks_of_one_figure_of_its_own_programme() -> None:
    programme = make_programme()
    claim = make_claim(make_discrepancy(programme), reach=make_reach(programme))
    claim.funding = builders.make_funding(programme)
    with pytest.raises(ValidationError, match="not both") as refused:
        claim.full_clean()
    assert list(refused.value.message_dict) == ["funding"]
    with pytest.raises(IntegrityError), transaction.atomic():
        claim.save()
    claim.reach = None
    claim.full_clean()
    claim.save()
    claim.funding = builders.make_funding(make_programme())
    with pytest.raises(ValidationError, match="of another programme") as refused:
        claim.full_clean()
    assert list(refused.value.message_dict) == ["funding"]


def test_strategies_tell_what_stands_and_what_it_superseded(client: Client) -> None:
    strategy = builders.make_strategy(slug="plan")
    newer = builders.make_statement(strategy=strategy, text="Places", value=55, year_to=2024)
    builders.make_statement(strategy=strategy, text="Seats", value=40, superseded_by=newer)
    builders.make_statement(strategy=strategy, value=MISREAD, retracted_because="Misread.")
    html = client.get("/strategies/plan/").text
    assert "earlier: 40" in html
    assert str(MISREAD) not in html.replace(",", "")
    (told,) = client.get("/api/v1/strategies/plan/").json()["statements"]
    assert (told["value"], told["earlier"][0]["value"]) == (55, 40)
