"""Template tags for curators: how much waits for them."""

from django import template
from django.db.models import Count

from programmes.models import Programme, Suggestion, WebLink

register = template.Library()


@register.simple_tag
def count_records() -> dict[str, int]:
    """Return how many records there are in each state."""
    states = Programme.objects.order_by().values_list("state")
    return dict.fromkeys(Programme.State.values, 0) | dict(states.annotate(number=Count("pk")))


@register.simple_tag
def count_new_suggestions() -> int:
    """Return how many suggestions of readers nobody has looked at."""
    return Suggestion.objects.filter(state=Suggestion.State.RECEIVED).count()


@register.simple_tag
def count_broken_links() -> int:
    """Return how many links the check has found broken."""
    return WebLink.objects.filter(is_broken=True).count()
