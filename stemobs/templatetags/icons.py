"""The icons of the site: symbols of one sprite, beside words that say the same."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw a symbol of `static/icons.svg`, as large as the letters beside it."""
    sprite = static("icons.svg")
    return format_html(
        '<svg class="ico" aria-hidden="true"><use href="{}#{}" /></svg>', sprite, name
    )
