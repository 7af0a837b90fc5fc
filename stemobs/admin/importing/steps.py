"""What the steps of an import share: their addresses, their heads, and one answer after another."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.models import Import
from stemobs.admin.lists import ID
from stemobs.catalogue.editing import wait_for_turn

TURN = "_turn"  # the field that says which turn of an import a page shows
STEPS = {
    "upload": gettext_lazy("Upload"),
    "reading": gettext_lazy("How it was read"),
    "columns": gettext_lazy("Columns"),
    "rows": gettext_lazy("Rows"),
    "confirm": gettext_lazy("Confirm"),
    "batch": gettext_lazy("Review"),
}
AT_STATE = {
    Import.State.READING: "reading",
    Import.State.ASIDE: "reading",
    Import.State.DRAFTED: "batch",
    Import.State.DECIDED: "batch",
}
# The states in which drafts are made.
MADE = {state for state, step in AT_STATE.items() if step == "batch"}


class StepPages(admin.ModelAdmin):
    """Finds the import of a page, draws the head of its step, and takes one answer at a time."""

    def find_address(self, sheet: Import, step: str = "") -> str:
        """Return the address of a step of an import; of where it stands, if none is named."""
        return reverse(f"admin:programmes_import_{step or find_standing(sheet)}", args=[sheet.pk])

    def find_sheet(self, request: HttpRequest, object_id: str) -> Import:
        if not self.has_change_permission(request):
            raise PermissionDenied
        found = Import.objects.filter(pk=object_id) if ID.fullmatch(object_id) else None
        sheet = found.select_related("user", "source").first() if found else None
        if sheet is None:
            raise Http404
        return sheet

    def describe_step(
        self, request: HttpRequest, sheet: Import | None, step: str
    ) -> dict[str, Any]:
        """Return what the head of a step shows."""
        reached = list_reached(sheet, step) if sheet else ()
        steps = [
            (label, self.find_address(sheet, name) if sheet and name in reached else "", name)
            for name, label in STEPS.items()
        ]
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": sheet,
            "sheet": sheet,
            "title": sheet.file_name if sheet else "",
            "steps": steps,
            "step": step,
            "is_nav_sidebar_enabled": False,
        }

    def take_answer(
        self,
        request: HttpRequest,
        sheet: Import,
        step: str,
        take: Callable[[Import], HttpResponse],
        take_late: Callable[[Import], HttpResponse | None],
    ) -> HttpResponse:
        """Let an answer be taken; by `take_late` if the import was answered since it was shown.

        That returns None if somebody has to look at the import as it is now. A second click sends
        what is answered already, so it leads on.
        """
        with transaction.atomic():
            wait_for_turn()
            locked = Import.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
            if request.POST.get(TURN) == str(locked.turn):
                return take(locked)
            if response := take_late(locked):
                return response
        told = _("Somebody has changed this import meanwhile. Look at it as it is now.")
        self.message_user(request, told, messages.WARNING)
        return HttpResponseRedirect(self.find_address(sheet, step))

    def keep_answers(self, sheet: Import, **changed: Any) -> None:
        """Store what was answered, as a further turn."""
        sheet.turn += 1
        for name, value in changed.items():
            setattr(sheet, name, value)
        sheet.save(update_fields=["turn", "changed_at", *changed])


def find_standing(sheet: Import) -> str:
    """Return the step at which an import was left."""
    if sheet.state == Import.State.READING and "name" in sheet.columns.values():
        return "rows"
    return AT_STATE[Import.State(sheet.state)]


def list_reached(sheet: Import, step: str) -> list[str]:
    """Return the steps to which the head of a step leads: those before it, and drafts once made."""
    names = list(STEPS)
    made = ["batch"] if sheet.state in MADE else []
    return [name for name in (*names[1 : names.index(step)], *made) if name != step]


def list_sent(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Yield the fields of a page that can be stored: no database keeps a NUL in such a list."""
    for name, value in request.POST.items():
        if "\x00" not in name:
            yield name, str(value).replace("\x00", "")
