"""Filters of the admin's list of programmes: missing facts, evidence, last check."""

from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.models import RULES, Evaluation, EvidenceStep
from stemobs.curation.expected import EXPECTED_OF_ALL

YEAR = timedelta(days=365)


def list_steps() -> dict[EvidenceStep, Q]:
    """Return the condition for each step of evidence: its rule is met, and no stronger one.

    Comparing with the CASE expression of `evidence` would be slow, because databases would look
    for the evaluations of each row.
    """
    steps, stronger = {}, Q()
    for step, rule in RULES.items():
        columns = {f"{column}__in": values for column, values in rule.items()}
        met = Q(pk__in=Evaluation.objects.filter(**columns).order_by().values("programme"))
        steps[step] = met & stronger
        stronger &= ~met
    return {**steps, EvidenceStep.NONE: stronger}


class ConditionFilter(ABC, admin.SimpleListFilter):
    """A filter whose choices are conditions; one query counts the rows of all choices."""

    @abstractmethod
    def choices_by_value(self) -> dict[str, tuple[Any, Q]]:
        """Return label and condition of every choice, by its value in the address."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(value, label) for value, (label, _q) in self.choices_by_value().items()]

    def queryset(self, request: Any, queryset: QuerySet) -> QuerySet:
        _label, condition = self.choices_by_value().get(self.value() or "", ("", Q()))
        return queryset.filter(condition)

    def get_facet_counts(self, pk_attname: str, filtered_qs: QuerySet) -> dict[str, Any]:
        conditions = [condition for _label, condition in self.choices_by_value().values()]
        return {f"{n}__c": Count(pk_attname, filter=q) for n, q in enumerate(conditions)}


class MissingFilter(ConditionFilter):
    """Filters programmes by a fact that they lack."""

    title = gettext_lazy("missing fact")
    parameter_name = "missing"

    def choices_by_value(self) -> dict[str, tuple[Any, Q]]:
        return {field.value: told for field, told in EXPECTED_OF_ALL.items()}


class EvidenceFilter(ConditionFilter):
    """Filters programmes by the strongest kind of evaluation on record."""

    title = gettext_lazy("evidence")
    parameter_name = "evidence"

    def choices_by_value(self) -> dict[str, tuple[Any, Q]]:
        return {step.value: (step.label, rule) for step, rule in list_steps().items()}


class VerifiedFilter(ConditionFilter):
    """Filters programmes by how long ago a curator verified them."""

    title = gettext_lazy("last check")
    parameter_name = "verified"

    def choices_by_value(self) -> dict[str, tuple[Any, Q]]:
        a_year_ago = timezone.localdate() - YEAR
        never = Q(verified_on=None)
        return {
            "due": (_("Not for a year, or never"), never | Q(verified_on__lt=a_year_ago)),
            "never": (_("Never"), never),
            "recently": (_("Within a year"), Q(verified_on__gte=a_year_ago)),
        }
