"""Who else saved or deleted a record while a form was open, and since when, in words."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from stemobs.admin.merging.base import Base


def name_others(request: HttpRequest, row: Model, base: Base | None) -> str:
    """Return who saved a row since the form was opened, as the admin's log knows."""
    if base is None:
        return _("someone else")
    entries = list_entries(type(row), row.pk).filter(action_time__gte=base.time)
    return name_people(request, entries)


def list_entries(model: type[Model], pk: Any) -> QuerySet[LogEntry]:
    """Return what the admin's log holds of a row, the last first."""
    kind = ContentType.objects.get_for_model(model)
    return LogEntry.objects.filter(content_type=kind, object_id=str(pk)).select_related("user")


def name_people(request: HttpRequest, entries: Iterable[LogEntry]) -> str:
    people = {entry.user.pk: entry.user.get_username() for entry in entries}
    if [*people] == [request.user.pk]:
        return _("you, in another window,")
    names = sorted(name for pk, name in people.items() if pk != request.user.pk)
    return ", ".join(names) or _("someone else")


def name_users(users: Iterable[Any], but: Any = None) -> str:
    """Return the names of some users, each once, without one who knows."""
    names = dict.fromkeys(one.get_username() for one in users if one and one != but)
    return ", ".join(names) or (_("you, in another window,") if but else _("someone else"))


def describe_deletion(request: HttpRequest, model: type[Model], pk: Any) -> str:
    """Return who deleted a row, and what it was called."""
    deletion = list_entries(model, pk).filter(action_flag=DELETION).first()
    if deletion is None:
        return _("This record is no longer there.")
    who = capfirst(name_people(request, [deletion]))
    told = _("%(who)s deleted “%(record)s” while you had its form open.")
    return told % {"who": who, "record": deletion.object_repr}


def describe_time(base: Base) -> str:
    """Return since when a form is open: the time, and the day if that was not today."""
    opened = timezone.localtime(base.time)
    is_today = opened.date() == timezone.localdate()
    return formats.date_format(opened, "H:i" if is_today else "j F, H:i")
