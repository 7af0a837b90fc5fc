"""The API's resources about programmes, their vocabularies and their sources."""

from programmes.api.changes import ChangeList
from programmes.api.programmes import ProgrammeResource
from programmes.api.serializers import ProgrammeRowSerializer
from programmes.api.vocabularies import (
    AudienceResource,
    CareerFactorResource,
    CountryResource,
    EducationLevelResource,
    InitiativeKindResource,
    SourceResource,
)

__all__ = [
    "AudienceResource",
    "CareerFactorResource",
    "ChangeList",
    "CountryResource",
    "EducationLevelResource",
    "InitiativeKindResource",
    "ProgrammeResource",
    "ProgrammeRowSerializer",
    "SourceResource",
]
