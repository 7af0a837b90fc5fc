"""Template tags for limits of searches and comparisons, so that templates repeat no numbers."""

from django import template
from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils.text import capfirst

from stemobs.entries.comparison import LEAST, MOST
from stemobs.selection.parameters import MAX_QUERY

register = template.Library()


@register.simple_tag
def longest_search() -> int:
    """Return the greatest number of characters that a search may have."""
    return MAX_QUERY


@register.filter
def with_limits(text: str) -> str:
    """Fill the limits of comparisons and searches into a text.

    `{least}` and `{most}` become the numbers of programmes in a comparison, in words; `{Most}`
    the same at the start of a sentence, `{number}` in figures; `{more}` how many can be added to
    the first; `{letters}` the longest search in characters.
    """
    numbers = {"least": LEAST, "most": MOST, "more": MOST - 1}
    words = {name: apnumber(number) for name, number in numbers.items()}
    return text.format(letters=MAX_QUERY, number=MOST, Most=capfirst(str(words["most"])), **words)
