"""On what it depends whether readers may see a row, and what a row shows them of others.

Triggers ask in SQL (`conditions.py`), dumps and the API by queries (`queries.py`). Both follow the
same relations:

* A programme is seen while it is published.
* What belongs to another row is seen with it: a fact with its programme, a claim with its
  discrepancy. Lineage is seen if both of its ends are.
* A source or an organisation is seen as soon as a row that is seen names it, or a curator said so.
  It stays so, and knows it itself (`is_public`): what readers have seen is no secret any more.
* Everything else is always seen: vocabularies, guides, platforms, strategies.
"""

from functools import cache
from typing import Any

from django.db import models

from partnerships.models import Organisation
from programmes.models import Programme, Source

Model = Any  # type[models.Model], of which Django's stubs know no relations

# The models whose rows are seen once another row shows them.
SHOWN = (Source, Organisation)


@cache
def list_owners(model: Model) -> list[Any]:
    """Return the relations that a row depends on: it is deleted with them, or needs a programme.

    A row of a many-to-many relation does not depend on what it shows.
    """
    is_link = bool(model._meta.auto_created)
    ties: list[Any] = [field for field in model._meta.concrete_fields if field.remote_field]
    return [
        tie
        for tie in ties
        if not (is_link and tie.related_model in SHOWN)
        if tie.remote_field.on_delete is models.CASCADE
        or (tie.related_model is Programme and not tie.null)
    ]


@cache
def list_shown(model: Model) -> list[Any]:
    """Return the relations by which a row shows a source or an organisation to readers."""
    ties = [field for field in model._meta.concrete_fields if field.related_model in SHOWN]
    return [tie for tie in ties if tie not in list_owners(model)]
