"""The evidence steps of programmes, from no evaluation to an independent one, and their rules."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EvidenceStep(models.TextChoices):
    """The strongest kind of evaluation on record: what was evaluated, not how good it is."""

    INDEPENDENT = "independent", _("Independently evaluated")
    MONITORED = "monitored", _("Indicators monitored")
    REPORTED = "reported", _("Reported by the programme")
    NONE = "none", _("No evaluation on record")


# The condition on an evaluation for each step, the strongest first. A programme has the first step
# whose condition one of its evaluations meets.
EVIDENCE = (
    (EvidenceStep.INDEPENDENT, Q(evaluations__conducted_by="independent")),
    (EvidenceStep.MONITORED, Q(evaluations__approach__in=["indicators", "outcomes", "comparison"])),
    (EvidenceStep.REPORTED, Q(evaluations__isnull=False)),
)
