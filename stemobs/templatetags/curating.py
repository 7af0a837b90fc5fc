"""Template tags for curators: how much waits for them."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.db.models import Count, Q

from programmes.models import Programme, Suggestion
from stemobs.curation.suggestions import where_late
from stemobs.curation.tasks.desk import CuratorsDesk

register = template.Library()


@register.simple_tag
def count_records() -> dict[str, int]:
    """Return how many records there are in each state."""
    states = Programme.objects.order_by().values_list("state")
    return dict.fromkeys(Programme.State.values, 0) | dict(states.annotate(number=Count("pk")))


@register.simple_tag
def count_suggestions() -> dict[str, int]:
    """Return how many suggestions of readers nobody has looked at, and how many wait too long."""
    return Suggestion.objects.aggregate(
        received=Count("pk", filter=Q(state=Suggestion.State.RECEIVED)),
        late=Count("pk", filter=where_late()),
    )


@register.simple_tag(takes_context=True)
def read_desk(context: Mapping[str, Any]) -> CuratorsDesk:
    """Return what waits for whoever has signed in."""
    return CuratorsDesk(context["user"])
