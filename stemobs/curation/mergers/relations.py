"""What becomes of everything that names a programme when it is merged into another.

Each foreign key stands here once. A test looks for those of which nobody has said it.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from django.db import models

from partnerships.models import (
    CriterionAssessment,
    Funding,
    GuideItem,
    Lineage,
    NationalPlatform,
    Partnership,
    Strategy,
)
from programmes.models import (
    BulkChangeRow,
    ChangeDraft,
    Citation,
    Contact,
    Discrepancy,
    Document,
    Evaluation,
    FormerSlug,
    ImportedRow,
    Programme,
    ProgrammeName,
    Reach,
    RecordCheck,
    Story,
    Suggestion,
    TakingPart,
    Task,
)


class FateOfRows(Enum):
    """What becomes of a row that names the record which goes."""

    COMPARED = "it is a part of the record, which is compared, and copied if only that one has it"
    MOVES = "it names the one that stays from then on"
    STAYS = "it stays as it is, and leads to the one that stays by way of the one that goes"
    CLOSES = "it is closed, because nothing is left to do"
    HINDERS = "as long as it is open, the record cannot go"


def name_through(model: type[models.Model], name: str) -> tuple[type[models.Model], str]:
    """Return where a list of a model is stored: the rows, and their column for the programme."""
    field: Any = model._meta.get_field(name)
    return field.remote_field.through, "programme"


# Each column that leads to a programme, with what becomes of its rows.
FATES: Mapping[tuple[type[models.Model], str], FateOfRows] = {
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


def list_columns(model: type[models.Model] = Programme) -> Iterator[tuple[type[models.Model], str]]:
    """Yield every column that leads to a model, those of many-to-many relations too."""
    relations: Iterable[Any] = model._meta.get_fields(include_hidden=True)
    for relation in relations:
        if relation.auto_created and (relation.one_to_many or relation.one_to_one):
            yield relation.related_model, relation.field.name
