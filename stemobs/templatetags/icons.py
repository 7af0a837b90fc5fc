"""The template tag for icons, which are symbols of the sprite `static/icons.svg`."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon as large as the text beside it.

    Screen readers skip it, because every icon stands beside words that say the same.
    """
    sprite = static("icons.svg")
    return format_html(
        '<svg class="ico" aria-hidden="true"><use href="{}#{}" /></svg>', sprite, name
    )
