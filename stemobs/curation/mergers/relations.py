"""What becomes of everything that names a row when it is merged into another.

Each foreign key stands here once. A test looks for those of which nobody has said it.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from django.db import models

from partnerships.models import (
    Criterion,
    CriterionAssessment,
    FieldStudy,
    FormerOrganisationSlug,
    Funding,
    Guide,
    GuideItem,
    Lineage,
    NationalPlatform,
    Obstacle,
    Organisation,
    OrganisationName,
    OrganisationSource,
    Partnership,
    Statement,
    Strategy,
)
from programmes.models import (
    Audience,
    BulkChangeRow,
    CareerFactor,
    ChangeDraft,
    Citation,
    Claim,
    Contact,
    Discrepancy,
    Document,
    Evaluation,
    Focus,
    FormerSlug,
    FormerSourceSlug,
    Import,
    ImportedRow,
    InitiativeKind,
    Programme,
    ProgrammeName,
    Reach,
    RecordCheck,
    Sector,
    Source,
    Story,
    Suggestion,
    TakingPart,
    Task,
    Unit,
)


class FateOfRows(Enum):
    """What becomes of a row that names the record which goes."""

    COMPARED = "it is a part, which is compared, and comes along if only the one that goes has it"
    MOVES = "it names the one that stays from then on"
    STAYS = "it stays as it is, and leads to the one that stays by way of the one that goes"
    CLOSES = "it is closed, because nothing is left to do"
    HINDERS = "as long as it is open, the record cannot go"


def name_through(model: type[models.Model], name: str) -> tuple[type[models.Model], str]:
    """Return where a list of a model is stored: the rows, and their column for the programme."""
    field: Any = model._meta.get_field(name)
    return field.remote_field.through, "programme"


# Each column that leads to a programme, with what becomes of its rows.
FATES_OF_PROGRAMMES: Mapping[tuple[type[models.Model], str], FateOfRows] = {
    **{
        name_through(Programme, one.name): FateOfRows.COMPARED
        for one in Programme._meta.many_to_many
    },
    (ProgrammeName, "programme"): FateOfRows.COMPARED,
    (Citation, "programme"): FateOfRows.COMPARED,
    (Reach, "programme"): FateOfRows.COMPARED,
    (Funding, "programme"): FateOfRows.COMPARED,
    (Partnership, "programme"): FateOfRows.COMPARED,
    (Evaluation, "programme"): FateOfRows.COMPARED,
    (TakingPart, "programme"): FateOfRows.COMPARED,
    (Contact, "programme"): FateOfRows.COMPARED,
    (CriterionAssessment, "programme"): FateOfRows.COMPARED,
    (Discrepancy, "programme"): FateOfRows.COMPARED,
    (Document, "programme"): FateOfRows.COMPARED,
    (Lineage, "from_programme"): FateOfRows.COMPARED,
    (Lineage, "to_programme"): FateOfRows.MOVES,
    name_through(NationalPlatform, "programmes"): FateOfRows.MOVES,
    name_through(GuideItem, "programmes"): FateOfRows.MOVES,
    (Story, "programme"): FateOfRows.MOVES,
    (Strategy, "programme"): FateOfRows.MOVES,
    (Suggestion, "programme"): FateOfRows.MOVES,
    (FormerSlug, "programme"): FateOfRows.STAYS,
    (Programme, "merged_into"): FateOfRows.STAYS,
    (ImportedRow, "programme"): FateOfRows.STAYS,  # it says what an import has made
    (BulkChangeRow, "programme"): FateOfRows.STAYS,  # and what was changed in many records
    (RecordCheck, "programme"): FateOfRows.STAYS,  # it was of the record as that was
    (Task, "programme"): FateOfRows.CLOSES,
    (Task, "other"): FateOfRows.CLOSES,
    (ChangeDraft, "programme"): FateOfRows.HINDERS,
}

# Rows that records share: they are deleted when they are merged, so whatever names them moves.
FATES_OF_ORGANISATIONS: Mapping[tuple[type[models.Model], str], FateOfRows] = {
    (OrganisationName, "organisation"): FateOfRows.COMPARED,
    (OrganisationSource, "organisation"): FateOfRows.COMPARED,
    # Compared only where both have the same role in a programme, of which there can be one row.
    (Partnership, "organisation"): FateOfRows.MOVES,
    (Funding, "organisation"): FateOfRows.MOVES,
    (Organisation, "parent"): FateOfRows.MOVES,
    (Organisation, "successor"): FateOfRows.MOVES,
    (Strategy, "implementing_body"): FateOfRows.MOVES,
    (Strategy.owners.through, "organisation"): FateOfRows.MOVES,
    (NationalPlatform, "organisation"): FateOfRows.MOVES,
    (NationalPlatform.mandated_by.through, "organisation"): FateOfRows.MOVES,
    (GuideItem.organisations.through, "organisation"): FateOfRows.MOVES,
    (FormerOrganisationSlug, "organisation"): FateOfRows.MOVES,
}
FATES_OF_SOURCES: Mapping[tuple[type[models.Model], str], FateOfRows] = {
    (model, "source"): FateOfRows.MOVES
    for model in (
        *(Audience, CareerFactor, Focus, InitiativeKind, Sector, Unit),
        *(Citation, Reach, Discrepancy, Claim, Document, Evaluation, TakingPart, Contact),
        *(Partnership, Funding, CriterionAssessment, Lineage, Statement, OrganisationSource),
        *(Obstacle, Criterion, FieldStudy, Guide),
        *(Evaluation.further_sources.through, TakingPart.further_sources.through),
        *(FieldStudy.further_sources.through, Import, FormerSourceSlug),
    )
}
FATES: Mapping[type[models.Model], Mapping[tuple[type[models.Model], str], FateOfRows]] = {
    Programme: FATES_OF_PROGRAMMES,
    Organisation: FATES_OF_ORGANISATIONS,
    Source: FATES_OF_SOURCES,
}


def list_columns(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Yield every column that leads to a model, those of many-to-many relations too."""
    relations: Iterable[Any] = model._meta.get_fields(include_hidden=True)
    for relation in relations:
        if relation.auto_created and (relation.one_to_many or relation.one_to_one):
            yield relation.related_model, relation.field.name
