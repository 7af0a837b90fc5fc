"""Where a task is done: the form of its record at the right place, a history, a list."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.apps import apps
from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext as _

from programmes.models import Task
from stemobs.admin.moves.merging import TWO, find_merger_address
from stemobs.admin.saving import build_admin_url

Kind = Task.Kind
# The parts of a record's form to which tasks of a kind lead.
ANCHORS = {
    Kind.OUTDATED: "reach-group",
    Kind.SUM: "funding-group",
}


class PlaceOfTask(NamedTuple):
    """A page where something can be done about a task."""

    words: str
    address: str


def list_places(task: Task) -> Iterator[PlaceOfTask]:
    """Yield the pages where a task is done, the first one first."""
    if task.kind == Kind.STALE and task.programme:
        address = reverse("admin:programmes_programme_check", args=[task.programme.pk])
        yield PlaceOfTask(_("Check it against its sources"), address)
    if task.kind == Kind.LINK:
        query = urlencode({"q": task.about})
        address = reverse("admin:programmes_weblink_changelist")
        yield PlaceOfTask(_("See where it is used, and where copies are"), f"{address}?{query}")
    if task.programme and task.other:
        address = find_merger_address(task.programme, task.other)
        yield PlaceOfTask(_("See both beside each other, and merge them"), address)
    if task.programme:
        yield PlaceOfTask(
            _("Open “%(record)s”") % {"record": task.programme}, find_form(task, task.programme)
        )
    if task.other:
        yield PlaceOfTask(
            _("Open “%(record)s”") % {"record": task.other}, find_form(task, task.other)
        )
    if task.kind == Kind.FOUND or (task.kind != Kind.LINK and task.programme is None):
        yield from list_other_places(task)


def find_form(task: Task, programme: Any) -> str:
    """Return the address of a record's form, with the part that a task is about."""
    if task.kind == Kind.OUTSIDE:
        return reverse("admin:programmes_programme_history", args=[programme.pk])
    if task.kind == Kind.CONFLICT:
        model = task.about.partition(" ")[0].rpartition(".")[2]
        return f"{build_admin_url(programme)}#{model}-group"
    anchor = ANCHORS.get(Kind(task.kind), "")
    return f"{build_admin_url(programme)}{'#' if anchor else ''}{anchor}"


def list_other_places(task: Task) -> Iterator[PlaceOfTask]:
    """Yield where the row stands that a task without a record is about, or the list of its kind."""
    label, _space, named = task.about.partition(" ")
    try:
        model: Any = apps.get_model(label)
    except (LookupError, ValueError):
        return
    if not admin.site.is_registered(model):
        return
    meta = model._meta
    rows = [*model._base_manager.filter(pk__in=named.split()).order_by("pk")]
    if len(rows) == TWO:
        address = find_merger_address(*rows)
        yield PlaceOfTask(_("See both beside each other, and merge them"), address)
    for row in rows:
        yield PlaceOfTask(_("Open “%(record)s”") % {"record": row}, build_admin_url(row))
    if not rows:
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        yield PlaceOfTask(_("Open the list"), address)
