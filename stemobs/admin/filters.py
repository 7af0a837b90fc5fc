"""Filters of the admin's list of programmes: missing facts, evidence, last check."""

from abc import ABC, abstractmethod
from collections.abc import Callable
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


def select_rows(model: Any) -> QuerySet:
    """Return the rows of a model that count as a fact; a figure that does not stand is none."""
    standing = where_current() if issubclass(model, Figure) else Q()
    return model.objects.filter(standing).order_by()


def lacks_rows(model: Any) -> Q:
    """Return the condition that a programme has no row of a model, such as no funding."""
    return Q(~Exists(select_rows(model).filter(programme=OuterRef("pk"))))


def lacks_rows_in_all(model: Any) -> Q:
    """Return the same condition, for whoever asks it of all programmes: the rows are read once."""
    return ~Q(pk__in=select_rows(model).values("programme"))


def list_expected(lacks: Callable[[Any], Q]) -> dict[Field, tuple[Any, Q]]:
    """Return the facts that every programme should have: label, and when a programme lacks it."""
    is_wide = Q(scope=Programme.Scope.EU_WIDE)
    return {
        Field.YEAR_START: (gettext_lazy("start year"), Q(year_start=None)),
        Field.LEVELS: (gettext_lazy("level"), lacks(Programme.levels.through)),
        Field.COUNTRIES: (
            gettext_lazy("country"), ~is_wide & lacks(Programme.countries.through)
        ),
        Field.KINDS: (gettext_lazy("kind"), lacks(Programme.kinds.through)),
        Field.REACH: (gettext_lazy("reach"), lacks(Reach)),
        Field.FUNDING: (gettext_lazy("funding"), lacks(Funding)),
        Field.EVALUATION: (gettext_lazy("evaluation"), lacks(Evaluation)),
    }  # fmt: skip


EXPECTED = list_expected(lacks_rows)
EXPECTED_OF_ALL = list_expected(lacks_rows_in_all)
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
