"""Which facts every record should have, and when a record lacks one."""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from partnerships.models import Funding
from programmes.models import Evaluation, Field, Figure, Programme, Reach, where_current


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
        Field.YEAR_START: (_("start year"), Q(year_start=None)),
        Field.LEVELS: (_("level"), lacks(Programme.levels.through)),
        Field.COUNTRIES: (_("country"), ~is_wide & lacks(Programme.countries.through)),
        Field.KINDS: (_("kind"), lacks(Programme.kinds.through)),
        Field.REACH: (_("reach"), lacks(Reach)),
        Field.FUNDING: (_("funding"), lacks(Funding)),
        Field.EVALUATION: (_("evaluation"), lacks(Evaluation)),
    }


EXPECTED = list_expected(lacks_rows)
EXPECTED_OF_ALL = list_expected(lacks_rows_in_all)
