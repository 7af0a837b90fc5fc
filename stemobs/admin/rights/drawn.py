"""What a list of records knew of them when it was drawn: it travels in the form of its actions.

Whoever publishes what others wrote publishes what stood there then, not what was written since.
"""

from collections.abc import Iterable, Sequence

from django import forms
from django.conf import settings
from django.contrib.admin.helpers import ActionForm
from django.core import signing
from django.db import models
from django.db.models import Count
from django.http import HttpRequest

from partnerships.models import Organisation
from programmes.models import Programme, Version
from stemobs.admin.merging.people import name_users

FIELD = "drawn"


class ActionOnDrawn(ActionForm):
    """The form of the actions of a list of records, with what was known when it was drawn."""

    drawn = forms.CharField(label="", required=False, widget=forms.HiddenInput)


def write_drawn(programmes: Iterable[Programme]) -> str:
    return write_counted(count_changes(programmes))


def write_counted(counted: dict[str, int]) -> str:
    return signing.dumps(counted, salt=__name__, compress=True)


def read_drawn(request: HttpRequest) -> dict[str, int]:
    """Return how often the records of a page had been changed; none if it does not say so."""
    try:
        return signing.loads(request.POST.get(FIELD, ""), salt=__name__)
    except signing.BadSignature:
        return {}


def list_unread(request: HttpRequest, programmes: Iterable[Programme]) -> set[str]:
    """Return the ids of the records that a second person cannot have read as they are now."""
    return list_changed(request, programmes) if settings.FOUR_EYES else set()


def list_changed(request: HttpRequest, programmes: Iterable[Programme]) -> set[str]:
    """Return the ids of the records that were changed since a page was drawn, or were not on it."""
    drawn = read_drawn(request)
    return {pk for pk, number in count_changes(programmes).items() if drawn.get(pk) != number}


def name_changers(request: HttpRequest, model: type[models.Model]) -> str:
    """Return who has changed the rows of a page since it was drawn, in words."""
    column, more = find_changes_of(model)
    users = []
    for pk, number in read_drawn(request).items():
        later = Version.objects.filter(**{column: pk}, **more).order_by("pk")[number:]
        users += [one.edit.user for one in later.select_related("edit__user")]
    is_only_me = {*filter(None, users)} == {request.user}
    return name_users(users, but=request.user if is_only_me else None)


def count_changes(programmes: Iterable[Programme]) -> dict[str, int]:
    """Return how often records have been changed, in their facts too, by their ids."""
    return count_changes_of(Programme, [programme.pk for programme in programmes])


def count_changes_of(model: type[models.Model], ids: Sequence[int]) -> dict[str, int]:
    """Return how often records, organisations or sources have been changed, by their ids.

    The roles and names of an organisation count as well.
    """
    column, more = find_changes_of(model)
    rows = Version.objects.filter(**{f"{column}__in": ids}, **more).order_by().values_list(column)
    changes = dict(rows.annotate(number=Count("pk")))
    return {str(pk): changes.get(pk, 0) for pk in ids}


def find_changes_of(model: type[models.Model]) -> tuple[str, dict[str, str]]:
    """Return the column that names the rows of a model in their versions, and what else is said."""
    columns = {Programme: "programme_id", Organisation: "organisation_id"}
    if model in columns:
        return columns[model], {}
    return "object_id", {"model": model._meta.label_lower}
