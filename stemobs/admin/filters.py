"""Filters of the admin's list of programmes: missing facts, evidence, last check."""

from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import (
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
)
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import Funding
from programmes.models import (
    RULES,
    Evaluation,
    EvidenceStep,
    Field,
    Figure,
    Programme,
    Reach,
    where_current,
)


def lacks_rows(model: Any) -> Q:
    """Return the condition that a programme has no row of a model, such as no funding.

    A figure that does not stand any more is none.
    """
    standing = where_current() if issubclass(model, Figure) else Q()
    return Q(~Exists(model.objects.filter(standing, programme=OuterRef("pk")).order_by()))


# The facts that every programme should have: label, and the condition that a programme lacks it.
EXPECTED = {
    Field.YEAR_START: (gettext_lazy("start year"), Q(year_start=None)),
    Field.LEVELS: (gettext_lazy("level"), lacks_rows(Programme.levels.through)),
    Field.COUNTRIES: (
        gettext_lazy("country"),
        ~Q(scope=Programme.Scope.EU_WIDE) & lacks_rows(Programme.countries.through),
    ),
    Field.KINDS: (gettext_lazy("kind"), lacks_rows(Programme.kinds.through)),
    Field.REACH: (gettext_lazy("reach"), lacks_rows(Reach)),
    Field.FUNDING: (gettext_lazy("funding"), lacks_rows(Funding)),
    Field.EVALUATION: (gettext_lazy("evaluation"), lacks_rows(Evaluation)),
}
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
        return {field.value: (label, condition) for field, (label, condition) in EXPECTED.items()}


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
