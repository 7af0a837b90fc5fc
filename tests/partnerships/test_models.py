"""Tests of the models of `partnerships`: constraints, fields, natural keys, deletion, querysets."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from partnerships.models import (
    Criterion,
    FormerOrganisationSlug,
    Funding,
    GuideItem,
    Lineage,
    Obstacle,
    Organisation,
    OrganisationSource,
    Partnership,
    Statement,
)
from programmes.models import Programme, Source
from tests import builders

pytestmark = pytest.mark.django_db

Change = Callable[[Any], dict[str, Any]]  # from a valid row to field values to set on it
EUR = {"amount": 1, "currency": "EUR"}


def programme() -> Programme:
    return builders.make_programme()


def funding() -> Funding:
    return builders.make_funding(programme())


def partnership() -> Partnership:
    return builders.make_partnership(programme(), builders.make_organisation())


def of_strategy() -> Statement:
    return builders.make_statement(strategy=builders.make_strategy())


def of_platform() -> Statement:
    return builders.make_statement(platform=builders.make_platform())


def lineage() -> Lineage:
    return builders.make_lineage(from_programme=programme(), to_programme=programme())


def organisation_source(**fields: Any) -> OrganisationSource:
    defaults = {"position": builders.position(), "source": Source.objects.earliest("pk")}
    return OrganisationSource.objects.create(**{**defaults, **fields})


def refuse(row: models.Model, name: str) -> None:
    """Check that validation and the database refuse a row, with the constraint's message."""
    constraint = next(c for c in row._meta.constraints if c.name == name)
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert str(constraint.violation_error_message) in refused.value.messages
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


IN_ORDER: list[Change] = [
    lambda row: {"year_start": 2010, "year_end": 2010},
    lambda row: {"year_start": None, "year_end": 2010},
    lambda row: {"year_start": 2010, "year_end": None},
]
SPAN: list[Change] = [
    lambda row: {"since": 2010, "until": 2010},
    lambda row: {"since": 2010, "until": None},
    lambda row: {"since": None, "until": 2010},
]
FIGURE_YEARS: list[Change] = [
    lambda row: {"year_from": 2010, "year_to": 2010},
    lambda row: {"year_from": 2010, "year_to": None},
    lambda row: {"year_from": None, "year_to": 2010},
]
NO_END = {"to_programme": None, "to_strategy": None, "to_platform": None, "to_text": ""}

# By constraint: a function that makes a valid row, changes that keep it valid, and changes that
# break the constraint.
RULES: dict[str, tuple[Callable[[], Any], list[Change], list[Change]]] = {
    "organisation_not_its_own_parent": (
        builders.make_organisation,
        [lambda row: {"parent": builders.make_organisation()}, lambda row: {"parent": None}],
        [lambda row: {"parent": row}],
    ),
    "organisation_not_its_own_successor": (
        builders.make_organisation,
        [lambda row: {"successor": builders.make_organisation()}],
        [lambda row: {"successor": row}],
    ),
    "organisation_website_is_of_web": (
        builders.make_organisation,
        [lambda row: {"website": "https://example.org"}],
        [lambda row: {"website": "javascript:alert(1)"}],
    ),
    "organisation_name_once": (
        lambda: builders.make_organisation_name(builders.make_organisation()),
        [lambda row: {"name": builders.make_organisation_name(builders.make_organisation()).name}],
        [lambda row: {"name": builders.make_organisation_name(row.organisation).name}],
    ),
    "organisation_name_years_in_order": (
        lambda: builders.make_organisation_name(builders.make_organisation()),
        SPAN,
        [lambda row: {"since": 2010, "until": 2009}],
    ),
    "organisation_source_position_once": (
        lambda: organisation_source(organisation=builders.make_organisation()),
        [lambda row: {"position": 5}],
        [lambda row: {"position": organisation_source(organisation=row.organisation).position}],
    ),
    "partnership_role_once": (
        partnership,
        [lambda row: {"role": "founder"}],
        [
            lambda row: {
                "role": builders.make_partnership(row.programme, row.organisation, "owner").role
            }
        ],
    ),
    "partnership_years_in_order": (
        partnership,
        SPAN,
        [lambda row: {"since": 2010, "until": 2009}],
    ),
    "partnership_position_once": (
        partnership,
        [lambda row: {"position": 5}],
        [
            lambda row: {
                "position": builders.make_partnership(
                    row.programme, builders.make_organisation()
                ).position
            }
        ],
    ),
    "funding_position_once": (
        funding,
        [lambda row: {"position": 5}],
        [lambda row: {"position": builders.make_funding(row.programme).position}],
    ),
    "funding_years_in_order": (
        funding,
        FIGURE_YEARS,
        [lambda row: {"year_from": 2010, "year_to": 2009}],
    ),
    "funding_amount_has_currency": (
        funding,
        [lambda row: EUR, lambda row: {"amount": None, "currency": ""}],
        [
            lambda row: {"amount": 1, "currency": ""},
            lambda row: {"amount": None, "currency": "EUR"},
        ],
    ),
    "funding_not_replaced_by_itself": (
        funding,
        [lambda row: {"superseded_by": builders.make_funding(row.programme)}],
        [lambda row: {"superseded_by": row}],
    ),
    "statement_not_replaced_by_itself": (
        of_strategy,
        [lambda row: {"superseded_by": builders.make_statement(strategy=row.strategy)}],
        [lambda row: {"superseded_by": row}],
    ),
    "funding_range_has_two_ends": (
        funding,
        [
            lambda row: {**EUR, "qualifier": "range", "amount_max": 2},
            lambda row: {**EUR, "qualifier": "exact", "amount_max": None},
        ],
        [
            lambda row: {**EUR, "qualifier": "range", "amount_max": 1},
            lambda row: {**EUR, "qualifier": "range", "amount_max": None},
            lambda row: {**EUR, "qualifier": "over", "amount_max": 2},
        ],
    ),
    "strategy_ends_after_start": (
        builders.make_strategy,
        IN_ORDER,
        [lambda row: {"year_start": 2010, "year_end": 2009}],
    ),
    "nationalplatform_ends_after_start": (
        builders.make_platform,
        IN_ORDER,
        [lambda row: {"year_start": 2010, "year_end": 2009}],
    ),
    "statement_about_one_thing": (
        of_strategy,
        [lambda row: {"strategy": None, "platform": builders.make_platform()}],
        [
            lambda row: {"strategy": None},
            lambda row: {"platform": builders.make_platform()},
        ],
    ),
    "statement_strategy_position_once": (
        of_strategy,
        [lambda row: {"position": 5}, lambda row: {"position": of_strategy().position}],
        [lambda row: {"position": builders.make_statement(strategy=row.strategy).position}],
    ),
    "statement_platform_position_once": (
        of_platform,
        [lambda row: {"position": 5}, lambda row: {"position": of_platform().position}],
        [lambda row: {"position": builders.make_statement(platform=row.platform).position}],
    ),
    "statement_says_something": (
        of_strategy,
        [
            lambda row: {"text": "", "value": 5},
            lambda row: {"text": "", "source": Source.objects.earliest("pk")},
        ],
        [lambda row: {"text": "", "value": None, "source": None}],
    ),
    "statement_years_in_order": (
        of_strategy,
        FIGURE_YEARS,
        [lambda row: {"year_from": 2010, "year_to": 2009}],
    ),
    "lineage_from_one": (
        lineage,
        [lambda row: {"from_programme": None, "from_strategy": builders.make_strategy()}],
        [
            lambda row: {"from_programme": None},
            lambda row: {"from_strategy": builders.make_strategy()},
        ],
    ),
    "lineage_to_one": (
        lineage,
        [
            lambda row: {**NO_END, "to_strategy": builders.make_strategy()},
            lambda row: {**NO_END, "to_platform": builders.make_platform()},
            lambda row: {**NO_END, "to_text": "Elsewhere"},
        ],
        [
            lambda row: NO_END,
            lambda row: {"to_text": "Elsewhere"},
            lambda row: {"to_strategy": builders.make_strategy()},
            lambda row: {"to_platform": builders.make_platform()},
        ],
    ),
    "obstacle_share_is_percentage": (
        lambda: Obstacle.objects.earliest("pk"),
        [lambda row: {"share": 100}, lambda row: {"share": 0}],
        [lambda row: {"share": 101}],
    ),
    "assessment_once": (
        lambda: builders.make_assessment(programme()),
        [lambda row: {"criterion": Criterion.objects.last()}],
        [
            lambda row: {
                "criterion": builders.make_assessment(
                    row.programme, criterion=Criterion.objects.last()
                ).criterion
            }
        ],
    ),
    "assessment_has_evidence": (
        lambda: builders.make_assessment(programme()),
        [
            lambda row: {"verdict": "met", "evidence": "Its report says so."},
            lambda row: {"verdict": "not-enough-information", "evidence": ""},
        ],
        [
            lambda row: {"verdict": "met", "evidence": ""},
            lambda row: {"verdict": "partly", "evidence": ""},
            lambda row: {"verdict": "not-met", "evidence": ""},
        ],
    ),
    "criterionassessment_position_once": (
        lambda: builders.make_assessment(programme()),
        [lambda row: {"position": 5}],
        [
            lambda row: {
                "position": builders.make_assessment(
                    row.programme, criterion=Criterion.objects.last()
                ).position
            }
        ],
    ),
    "guide_slug_is_free": (
        builders.make_guide,
        [lambda row: {"slug": "plans"}, lambda row: {"slug": "plan-2"}],
        [lambda row: {"slug": "plan"}],
    ),
    "guide_item_once": (
        lambda: builders.make_guide_item(builders.make_guide()),
        [lambda row: {"slug": builders.make_guide_item(builders.make_guide()).slug}],
        [lambda row: {"slug": builders.make_guide_item(row.guide).slug}],
    ),
}
BROKEN = [(name, number) for name, rule in RULES.items() for number in range(len(rule[2]))]
KEPT = [(name, number) for name, rule in RULES.items() for number in range(len(rule[1]))]


def test_every_constraint_has_test_cases() -> None:
    rows = apps.get_app_config("partnerships").get_models()
    names = {constraint.name for row in rows for constraint in row._meta.constraints}
    assert names == {*RULES, "funding_retracted_with_reason", "statement_retracted_with_reason"}


@pytest.mark.parametrize(("name", "number"), BROKEN)
def test_a_row_that_breaks_a_constraint_is_refused_with_its_message(name: str, number: int) -> None:
    make, _kept, broken = RULES[name]
    row = make()
    for field, value in broken[number](row).items():
        setattr(row, field, value)
    refuse(row, name)


@pytest.mark.parametrize(("name", "number"), KEPT)
def test_a_row_that_keeps_a_constraint_can_be_validated_and_saved(name: str, number: int) -> None:
    make, kept, _broken = RULES[name]
    row = make()
    for field, value in kept[number](row).items():
        setattr(row, field, value)
    row.full_clean()
    row.save()


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        (Funding(), "currency", "eur"),
        (Funding(), "currency", "€"),
        (Funding(), "amount", -1),
        (Funding(), "source_type", "magic"),
        (Statement(), "currency", "EURO"),
        (Statement(), "value", -1),
        (Partnership(), "role", "boss"),
        (Partnership(), "since", 1799),
        (Organisation(), "type", "person"),
        (Organisation(), "website", "ftp:"),
    ],
)
def test_a_value_that_is_invalid_for_a_field_is_refused(
    row: models.Model, field: str, value: Any
) -> None:
    setattr(row, field, value)
    with pytest.raises(ValidationError) as refused:
        row.clean_fields()
    assert field in refused.value.message_dict


# --- Natural keys ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    # Former addresses come of mergers alone.
    [
        one
        for one in apps.get_app_config("partnerships").get_models()
        if one is not FormerOrganisationSlug
    ],
    ids=lambda model: model.__name__,
)
def test_every_row_is_found_again_by_its_natural_key(model: type[models.Model]) -> None:
    rows = model._default_manager.order_by("pk")
    some = [*rows[:10], *rows.reverse()[:10]]
    assert some
    for row in some:
        assert model._default_manager.get_by_natural_key(*row.natural_key()) == row
        assert str(row)
        assert "object (" not in str(row)


def test_the_natural_key_of_a_statement_names_its_strategy_or_platform() -> None:
    about_strategy, about_platform = of_strategy(), of_platform()
    assert about_strategy.natural_key()[1] is None
    assert about_platform.natural_key()[0] is None
    for row in (about_strategy, about_platform):
        assert Statement.objects.get_by_natural_key(*row.natural_key()) == row


# --- Texts and addresses of rows ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (Funding(source_type="in-kind"), "In kind"),
        (Funding(source_type="eu", amount=Decimal(5), currency="EUR"), "European Union EUR 5"),
        (Statement(kind="target", text="More graduates."), "More graduates."),
        (Statement(kind="target", value=Decimal(5)), "Target: 5"),
        (Statement(kind="source", source=Source(title="A page")), "Source of the record: A page"),
        (
            Lineage(from_programme=Programme(name="A"), relation="inspired", to_text="B"),
            "A – Inspired – B",
        ),
        (Partnership(organisation=Organisation(name="Shell"), role="founder"), "Shell, Founder"),
    ],
)
def test_the_text_of_a_row_is_a_short_description(row: models.Model, text: str) -> None:
    assert str(row) == text


def test_every_model_with_a_page_has_its_absolute_url() -> None:
    guide = builders.make_guide(slug="how")
    assert guide.get_absolute_url() == "/guides/how/"
    assert GuideItem(guide=guide, slug="one").get_absolute_url() == "/guides/how/#one"
    assert builders.make_organisation(slug="who").get_absolute_url() == "/organisations/who/"
    assert builders.make_strategy(slug="what").get_absolute_url() == "/strategies/what/"
    assert builders.make_platform(slug="where").get_absolute_url() == "/platforms/where/"


# --- Deleting rows --------------------------------------------------------------------------------


def test_an_organisation_with_a_partnership_or_funding_cannot_be_deleted() -> None:
    for make in (builders.make_organisation, builders.make_organisation):
        organisation = make()
        builders.make_partnership(programme(), organisation)
        with pytest.raises(ProtectedError):
            organisation.delete()
    payer = builders.make_organisation()
    builders.make_funding(programme(), organisation=payer)
    with pytest.raises(ProtectedError):
        payer.delete()


@pytest.mark.parametrize("field", ["parent", "successor"])
def test_an_organisation_that_another_refers_to_cannot_be_deleted(field: str) -> None:
    organisation = builders.make_organisation()
    builders.make_organisation(**{field: organisation})
    with pytest.raises(ProtectedError):
        organisation.delete()


def test_deleting_an_organisation_deletes_its_names_and_sources() -> None:
    organisation = builders.make_organisation()
    builders.make_organisation_name(organisation)
    organisation_source(organisation=organisation)
    organisation.delete()
    assert not Organisation.objects.filter(pk=organisation.pk).exists()


# --- Querysets ------------------------------------------------------------------------------------


def test_known_as_finds_an_organisation_by_its_slug_and_those_of_its_names() -> None:
    organisation = builders.make_organisation(slug="own")
    builders.make_organisation_name(organisation, slug="other")
    builders.make_organisation_name(organisation, slug="third")
    for slug in ("own", "other", "third"):
        assert list(Organisation.objects.known_as(slug)) == [organisation]
    assert not Organisation.objects.known_as("fourth").exists()


def test_known_as_prefers_the_organisation_with_this_slug_to_an_equal_alias() -> None:
    own = builders.make_organisation(slug="same", name="Zebra")
    other = builders.make_organisation(name="Aardvark")
    builders.make_organisation_name(other, slug="same")
    assert Organisation.objects.known_as("same").first() == own


def test_the_programme_count_of_an_organisation_counts_published_ones_once() -> None:
    organisation = builders.make_organisation()
    twice = programme()
    builders.make_partnership(twice, organisation, "founder")
    builders.make_partnership(twice, organisation, "funder")
    draft = builders.make_programme(state=Programme.State.DRAFT)
    builders.make_partnership(draft, organisation)
    counted = Organisation.objects.with_programme_count().get(pk=organisation.pk)
    assert counted.programme_count == 1


@pytest.mark.parametrize("end", ["from_programme", "to_programme"])
@pytest.mark.parametrize("state", Programme.State.values)
def test_a_lineage_row_is_public_only_if_both_of_its_programmes_are(end: str, state: str) -> None:
    hidden = builders.make_programme(state=state, withdrawn_reason="Gone.")
    ends = {"from_programme": programme(), "to_programme": programme(), end: hidden}
    row = builders.make_lineage(**ends)
    assert (row in Lineage.objects.public()) == (state == "published")
    assert row in Lineage.objects.public(hidden)


def test_a_lineage_row_without_programmes_is_public() -> None:
    row = builders.make_lineage(from_strategy=builders.make_strategy(), to_text="Elsewhere")
    assert row in Lineage.objects.public()
