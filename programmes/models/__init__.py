"""Models of vocabularies, sources, programmes, facts, curation, changes and history."""

from programmes.columns.texts import (
    CleanLine,
    CleanSlug,
    CleanText,
    CleanURL,
    make_web_constraint,
)
from programmes.columns.validators import EARLIEST_YEAR, LANGUAGE_CODE, YEAR_VALIDATORS
from programmes.models.changes import (
    Change,
    Departure,
    Edit,
    Redaction,
    Revision,
    Version,
)
from programmes.models.circles import find_circle, refuse_circle
from programmes.models.curation.bulk import BulkChange, BulkChangeRow
from programmes.models.curation.checks import RecordCheck
from programmes.models.curation.drafts import (
    LONGEST_COMMENT,
    LONGEST_PLACE,
    ChangeDraft,
    DraftStep,
)
from programmes.models.curation.imports import (
    Import,
    ImportedRow,
    ImportedRowSeen,
    RememberedColumn,
)
from programmes.models.curation.leases import Lease
from programmes.models.curation.links import LONGEST_MOVED, WebLink
from programmes.models.curation.mergers import ProposedMerger
from programmes.models.curation.suggestions import LONGEST_TEXT, Suggestion
from programmes.models.curation.tasks import LONGEST_REASON_TO_CLOSE, LONGEST_TOLD, Task
from programmes.models.evaluations import Evaluation, Study
from programmes.models.evidence import (
    COMPARING,
    EVIDENCE,
    MEASURING,
    RULES,
    EvidenceStep,
    find_step,
)
from programmes.models.facts import (
    Citation,
    Claim,
    Discrepancy,
    Document,
    Fact,
    Field,
    Reach,
)
from programmes.models.figures.figure import (
    OTHER_PROGRAMME,
    OTHER_UNIT,
    Figure,
    list_figures,
    pair_with_earlier,
    where_current,
)
from programmes.models.keys import FormerAddress, MergedAwayQuerySet, NaturalKeyQuerySet
from programmes.models.names import FormerSlug, ProgrammeName
from programmes.models.pictures import PRIVATE, PUBLIC, discard_picture, keep_only_used
from programmes.models.programme import (
    NO_REASON,
    Programme,
    ProgrammeQuerySet,
    find_last_year,
    where_published,
)
from programmes.models.seeded import SeededRow
from programmes.models.sources import FormerSourceSlug, Source, Sourced, make_public_field
from programmes.models.stories import Story, where_told
from programmes.models.taking_part import OPENING, Contact, TakingPart
from programmes.models.terms import (
    EUROPE,
    HIGHER_LEVELS,
    Audience,
    CareerFactor,
    Country,
    EducationLevel,
    Focus,
    InitiativeKind,
    RetiredTerm,
    Sector,
    Term,
    Unit,
)

__all__ = [
    "COMPARING",
    "EARLIEST_YEAR",
    "EUROPE",
    "EVIDENCE",
    "HIGHER_LEVELS",
    "LANGUAGE_CODE",
    "LONGEST_COMMENT",
    "LONGEST_MOVED",
    "LONGEST_PLACE",
    "LONGEST_REASON_TO_CLOSE",
    "LONGEST_TEXT",
    "LONGEST_TOLD",
    "MEASURING",
    "NO_REASON",
    "OPENING",
    "OTHER_PROGRAMME",
    "OTHER_UNIT",
    "PRIVATE",
    "PUBLIC",
    "RULES",
    "YEAR_VALIDATORS",
    "Audience",
    "BulkChange",
    "BulkChangeRow",
    "CareerFactor",
    "Change",
    "ChangeDraft",
    "Citation",
    "Claim",
    "CleanLine",
    "CleanSlug",
    "CleanText",
    "CleanURL",
    "Contact",
    "Country",
    "Departure",
    "Discrepancy",
    "Document",
    "DraftStep",
    "Edit",
    "EducationLevel",
    "Evaluation",
    "EvidenceStep",
    "Fact",
    "Field",
    "Figure",
    "Focus",
    "FormerAddress",
    "FormerSlug",
    "FormerSourceSlug",
    "Import",
    "ImportedRow",
    "ImportedRowSeen",
    "InitiativeKind",
    "Lease",
    "MergedAwayQuerySet",
    "NaturalKeyQuerySet",
    "Programme",
    "ProgrammeName",
    "ProgrammeQuerySet",
    "ProposedMerger",
    "Reach",
    "RecordCheck",
    "Redaction",
    "RememberedColumn",
    "RetiredTerm",
    "Revision",
    "Sector",
    "SeededRow",
    "Source",
    "Sourced",
    "Story",
    "Study",
    "Suggestion",
    "TakingPart",
    "Task",
    "Term",
    "Unit",
    "Version",
    "WebLink",
    "discard_picture",
    "find_circle",
    "find_last_year",
    "find_step",
    "keep_only_used",
    "list_figures",
    "make_public_field",
    "make_web_constraint",
    "pair_with_earlier",
    "refuse_circle",
    "where_current",
    "where_published",
    "where_told",
]
