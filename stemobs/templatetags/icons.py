"""Template tags for drawings: icons of `static/icons.svg`, kinds of `static/pictograms.svg`."""

import re
from functools import cache

from django import template
from django.conf import settings
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


@register.filter
def pictogram_symbol(kind: str | None) -> str:
    """Return the symbol of a kind of activity; the dashed square for none and for one not drawn."""
    symbol = f"k-{kind}"
    return symbol if symbol in list_pictograms() else "k-none"


@cache
def list_pictograms() -> frozenset[str]:
    sprite = settings.BASE_DIR / "static" / "pictograms.svg"
    return frozenset(re.findall(r'<symbol id="([\w-]+)"', sprite.read_text()))
