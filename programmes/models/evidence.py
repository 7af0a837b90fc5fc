"""The evidence steps of programmes, from no evaluation to an independent one, and their rules."""

from collections.abc import Collection
from typing import Any

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

# What an evaluation must be for each step, the strongest first: the values that columns may have.
# A programme has the first step that one of its evaluations supports. A study of something else
# supports none.
OF_ITSELF: dict[str, tuple[str, ...]] = {"object": ("programme",)}
RULES: dict[EvidenceStep, dict[str, tuple[str, ...]]] = {
    EvidenceStep.INDEPENDENT: {**OF_ITSELF, "independence": ("independent",)},
    EvidenceStep.MONITORED: {**OF_ITSELF, "design": MEASURING},
    EvidenceStep.REPORTED: OF_ITSELF,
}
# The same as conditions on programmes.
EVIDENCE = tuple(
    (step, Q(**{f"evaluations__{column}__in": values for column, values in rule.items()}))
    for step, rule in RULES.items()
)


def find_step(evaluations: Collection[Any]) -> str:
    """Return the strongest step that these evaluations of a programme support."""
    for step, rule in RULES.items():
        for one in evaluations:
            if all(getattr(one, column) in values for column, values in rule.items()):
                return step.value
    return EvidenceStep.NONE.value
