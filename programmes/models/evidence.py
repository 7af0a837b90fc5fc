"""The evidence steps of programmes, from no evaluation to an independent one, and their rules."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EvidenceStep(models.TextChoices):
    """The strongest kind of evaluation on record: how it was looked at, not how good it is."""

    INDEPENDENT = "independent", _("Independently evaluated")
    MONITORED = "monitored", _("Indicators monitored")
    REPORTED = "reported", _("Reported by the programme")
    NONE = "none", _("No evaluation found")


# Designs that compare: with a group drawn by lot, with a matched one, or with the time before.
COMPARING = ("randomised-trial", "matched-comparison", "before-after")
# Designs that measure something beyond who came and how they liked it.
MEASURING = (*COMPARING, "outcome-survey", "indicators", "audit")

# The condition on an evaluation for each step, the strongest first. A programme has the first step
# whose condition one of its evaluations meets. A study of something else counts for none.
OF_ITSELF = Q(evaluations__object="programme")
EVIDENCE = (
    (EvidenceStep.INDEPENDENT, OF_ITSELF & Q(evaluations__independence="independent")),
    (EvidenceStep.MONITORED, OF_ITSELF & Q(evaluations__design__in=MEASURING)),
    (EvidenceStep.REPORTED, OF_ITSELF),
)
