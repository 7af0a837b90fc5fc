"""The expected marks in the change feed for each table, and helpers that read actual marks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from programmes.models import (
    Change,
    Discrepancy,
    Evaluation,
    Programme,
    RetiredTerm,
    Revision,
    TakingPart,
)
from stemobs.catalogue.editing import NAME
from stemobs.catalogue.triggers.numbering import OWN_EDITS
from stemobs.catalogue.triggers.tables import UNRECORDED
from tests import builders

Marks = set[tuple[str, int]]
Write = Callable[[], object]
EVERYTHING = {("everything", 0)}

MODELS = [
    row
    for app in ("programmes", "partnerships")
    for row in apps.get_app_config(app).get_models(include_auto_created=True)
]
RECORDED = [model for model in MODELS if model not in UNRECORDED]

# The columns of each table that name the programme or organisation to be marked as changed. Tables
# that are not listed here or below mark nothing.
OF_PROGRAMMES = {
    **dict.fromkeys((
        "Programme_countries", "Programme_also_reaches", "Programme_levels", "Programme_audiences",
        "Programme_kinds", "Programme_factors", "Programme_focuses", "Programme_sectors",
        "ProgrammeName", "FormerSlug", "Citation", "Reach", "Evaluation", "Discrepancy", "Document",
        "TakingPart", "Contact", "Story",
        "Partnership", "Funding", "Strategy", "NationalPlatform_programmes", "CriterionAssessment",
        "GuideItem_programmes",
    ), ("programme_id",)),
    "Programme": ("id",),
    "Lineage": ("from_programme_id", "to_programme_id"),
}  # fmt: skip
OF_ORGANISATIONS = {
    **dict.fromkeys((
        "OrganisationName", "OrganisationSource", "Strategy_owners", "NationalPlatform",
        "NationalPlatform_mandated_by", "GuideItem_organisations", "Partnership", "Funding",
        "FormerOrganisationSlug",
    ), ("organisation_id",)),
    "Organisation": ("id",),
    "Strategy": ("implementing_body_id",),
}  # fmt: skip
OF_EVERYTHING = {
    "Country", "EducationLevel", "InitiativeKind", "InitiativeKind_factors", "CareerFactor",
    "Audience", "RetiredTerm",
}  # fmt: skip
OF_ANOTHER_FACT = {"Claim", "Evaluation_further_sources", "TakingPart_further_sources"}


def marks_of(model: type[models.Model], row: dict[str, Any]) -> Marks:
    """Return the marks that a write to this row must leave in the change feed."""
    name = model.__name__
    if name == "Claim":
        return {("programme", Discrepancy.objects.get(pk=row["discrepancy_id"]).programme_id)}
    if name == "Evaluation_further_sources":
        return {("programme", Evaluation.objects.get(pk=row["evaluation_id"]).programme_id)}
    if name == "TakingPart_further_sources":
        return {("programme", TakingPart.objects.get(pk=row["takingpart_id"]).programme_id)}
    if name in OF_EVERYTHING:
        return EVERYTHING
    programmes = {("programme", row[column]) for column in OF_PROGRAMMES.get(name, ())}
    organisations = {("organisation", row[column]) for column in OF_ORGANISATIONS.get(name, ())}
    return {mark for mark in programmes | organisations if mark[1] is not None}


def number() -> int:
    return Revision.objects.get().number


def marks(since: int) -> Marks:
    rows = Change.objects.filter(revision__gt=since)
    return set(rows.values_list("subject", "object_id"))


def begin_another_transaction() -> None:
    """Make the next write raise the revision, and belong to another edit.

    PostgreSQL raises it once in a transaction, and all that it writes by itself is one edit.
    """
    Revision.objects.update(transaction="")
    with connection.cursor() as cursor:
        cursor.execute(NAME[connection.vendor], [None])
        if connection.vendor == "postgresql":
            cursor.execute("SELECT set_config(%s, '', true)", [OWN_EDITS])


def marked(write: Write) -> Marks:
    """Do a write and return the marks it leaves; fail if it does not raise the revision."""
    begin_another_transaction()
    before = number()
    write()
    assert number() > before
    return marks(before)


@contextmanager
def undone() -> Iterator[None]:
    """Roll back everything that is written in the block, together with deferred constraints."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def of(*programmes: Programme) -> Marks:
    return {("programme", programme.pk) for programme in programmes}


def make_a_row_of_everything() -> None:
    """Make rows in the tables that may be empty after loading the fixtures."""
    programme, partner = builders.make_programme(), builders.make_organisation()
    builders.make_former_slug(programme, "former")
    RetiredTerm.objects.create(vocabulary="audience", slug="former")
    partner.former_slugs.create(slug="former-partner")
    builders.make_source().former_slugs.create(slug="former-source")
    builders.make_assessment(programme)
    builders.make_way_in(programme).further_sources.add(builders.make_source())
    builders.make_contact(programme)
    builders.make_story(programme)
    builders.make_evaluation(programme).further_sources.add(builders.make_source())
    strategy = builders.make_strategy(programme=programme)
    strategy.owners.add(partner)
    strategy.countries.add(builders.country("NL"))
    platform = builders.make_platform(organisation=partner)
    platform.mandated_by.add(partner)
    platform.programmes.add(programme)
    platform.strategies.add(strategy)
    platform.countries.add(builders.country("NL"))
    builders.make_statement(strategy=strategy)
    builders.make_lineage(from_programme=programme, to_strategy=strategy)
    item = builders.make_guide_item(builders.make_guide(), [programme])
    item.organisations.add(partner)
    item.platforms.add(platform)
    item.strategies.add(strategy)
    item.countries.add(builders.country("NL"))
