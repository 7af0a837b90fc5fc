"""The steps of evidence: from no evaluation to an independent one."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EvidenceStep(models.TextChoices):
    """The strongest kind of evaluation on record: what was evaluated, not how good it is."""

    INDEPENDENT = "independent", _("Independently evaluated")
    MONITORED = "monitored", _("Indicators monitored")
    REPORTED = "reported", _("Reported by the programme")
    NONE = "none", _("No evaluation on record")


# What an evaluation must be for each step; the first that one of them meets counts.
EVIDENCE = (
    (EvidenceStep.INDEPENDENT, Q(evaluations__conducted_by="independent")),
    (EvidenceStep.MONITORED, Q(evaluations__approach__in=["indicators", "outcomes", "comparison"])),
    (EvidenceStep.REPORTED, Q(evaluations__isnull=False)),
)
