"""How much may be asked for, where pages say so: templates have no such numbers of their own."""

from django import template
from django.contrib.humanize.templatetags.humanize import apnumber

from stemobs.entries.comparison import LEAST, MOST
from stemobs.selection.parameters import MAX_QUERY

register = template.Library()


@register.simple_tag
def longest_search() -> int:
    """Return how many letters a search may have."""
    return MAX_QUERY


@register.filter
def with_limits(text: str) -> str:
    """Fill in a text how many programmes can be compared, and how long a search may be.

    `{least}` and `{most}` programmes, `{more}` besides a first one; `{letters}` of a search.
    """
    numbers = {"least": LEAST, "most": MOST, "more": MOST - 1}
    words = {name: apnumber(number) for name, number in numbers.items()}
    return text.format(letters=MAX_QUERY, **words)
