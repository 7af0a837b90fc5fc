"""How the admin tells of tasks: who was first with one, and when somebody last looked."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from programmes.models import Task
from stemobs.admin.merging.people import name_users
from stemobs.curation.tasks.desk import find_last_look, is_late
from stemobs.curation.tasks.queues import Handled


def tell_handled(handled: Handled) -> Iterator[str]:
    """Yield what keeps somebody from tasks: that others have them, or have closed them."""
    for task in handled.held:
        told = _("“%(task)s” was taken first by %(who)s, until %(when)s.")
        yield told % {
            "who": name_users([task.taken_by]),
            "task": task,
            "when": tell(task.taken_until),
        }
    for task in handled.closed:
        yield tell_closed(task)


def tell_closed(task: Task) -> str:
    """Return who closed a task and why, or that it closed by itself."""
    if task.state == Task.State.GONE:
        return _("“%(task)s” closed by itself: it is not found any more.") % {"task": task}
    told = _("“%(task)s” was closed first by %(who)s: %(reason)s")
    return told % {"who": name_users([task.closed_by]), "task": task, "reason": task.reason}


def tell(moment: datetime | None) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT") if moment else ""


def tell_last_look() -> str:
    """Return when somebody last looked for tasks, and whether that is too long ago."""
    ended = find_last_look()
    if ended is None:
        return _("Nobody has looked for tasks yet.")
    told = _("Last looked for on %(when)s.") % {"when": tell(ended)}
    if is_late(ended):
        return f"{told} {_('A later look has failed, or was not begun.')}"
    return told
