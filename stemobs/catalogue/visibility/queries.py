"""Conditions of queries for the rows that readers may see; they follow `relations.py`."""

from django.db.models import Q

from programmes.models import (
    Change,
    Departure,
    FormerSlug,
    Programme,
    Story,
    where_published,
    where_told,
)
from stemobs.catalogue.visibility.relations import SHOWN, Model, list_owners


def where_withdrawn_in_public(path: str = "") -> Q:
    """Return the condition for withdrawn entries that readers could see before the withdrawal.

    Readers may learn only of these; entries that were never published stay secret. `path` leads
    to the programme, as in `where_published`.
    """
    seen = Departure.objects.filter(subject=Change.Subject.PROGRAMME).values("object_id")
    return Q(**{f"{path}state": Programme.State.WITHDRAWN, f"{path}pk__in": seen})


def where_known(path: str = "") -> Q:
    """Return the condition for entries that are published, or were until their withdrawal."""
    return where_published(path) | where_withdrawn_in_public(path)


def match_visible(model: Model, path: str = "") -> Q:
    """Return the condition that readers may see a row of a model; an empty one if they always may.

    `path` is the path of lookups from the rows that are filtered to `model`.
    """
    if model is Programme:
        return where_published(path)
    condition = Q(**{f"{path}is_public": True}) if model in SHOWN else Q()
    for field in list_owners(model):
        if related := match_visible(field.related_model, f"{path}{field.name}__"):
            condition &= Q(**{f"{path}{field.name}": None}) | related
    return condition


# Withdrawn programmes and their former slugs stay public, because their old addresses still answer.
VISIBLE = {
    Programme: where_known(),
    FormerSlug: where_known("programme__"),
    Story: where_told(),
}


def where_visible(model: Model) -> Q:
    """Return the condition for the rows of a model of which readers may know."""
    return VISIBLE.get(model) or match_visible(model)
