"""Education stages with short names: ISCED 2011 levels, with all tertiary levels as one stage."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from programmes.models import HIGHER_LEVELS
from stemobs.catalogue.programmes import HIGHER


class Stage(NamedTuple):
    """Education levels that are shown as one: the parameter value, the name, the ISCED codes."""

    value: str
    name: Any
    codes: frozenset[int]


STAGES = (
    Stage("0", _("Early childhood"), frozenset({0})),
    Stage("1", _("Primary"), frozenset({1})),
    Stage("2", _("Lower secondary"), frozenset({2})),
    Stage("3", _("Upper secondary"), frozenset({3})),
    Stage("4", _("Post-secondary"), frozenset({4})),
    Stage(HIGHER, _("Higher"), frozenset(HIGHER_LEVELS)),
)
