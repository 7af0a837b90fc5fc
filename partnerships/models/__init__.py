"""Models of organisations, roles, funding, strategies, platforms, lineage, criteria and guides."""

from partnerships.models.lineage import Lineage
from partnerships.models.organisations import (
    FormerOrganisationSlug,
    Funding,
    Organisation,
    OrganisationName,
    OrganisationSource,
    Partnership,
)
from partnerships.models.research import (
    Criterion,
    CriterionAssessment,
    FieldStudy,
    Guide,
    GuideItem,
    Obstacle,
)
from partnerships.models.strategies import (
    Initiative,
    NationalPlatform,
    Statement,
    Strategy,
)

__all__ = [
    "Criterion",
    "CriterionAssessment",
    "FieldStudy",
    "FormerOrganisationSlug",
    "Funding",
    "Guide",
    "GuideItem",
    "Initiative",
    "Lineage",
    "NationalPlatform",
    "Obstacle",
    "Organisation",
    "OrganisationName",
    "OrganisationSource",
    "Partnership",
    "Statement",
    "Strategy",
]
