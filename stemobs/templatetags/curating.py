"""Template tags for curators: how much waits for them."""

from collections.abc import Mapping
from typing import Any

from django import template

from stemobs.curation.tasks.desk import CuratorsDesk

register = template.Library()


@register.simple_tag(takes_context=True)
def read_desk(context: Mapping[str, Any]) -> CuratorsDesk:
    """Return what waits for whoever has signed in."""
    return CuratorsDesk(context["user"])
