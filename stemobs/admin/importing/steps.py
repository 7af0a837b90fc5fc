"""What the steps of an import share: their addresses, their heads, and one answer after another."""

from collections.abc import Callable
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


class StepPages(admin.ModelAdmin):
    """Finds the import of a page, draws the head of its step, and takes one answer at a time."""

    def find_address(self, sheet: Import, step: str = "") -> str:
        """Return the address of a step of an import; of where it stands, if none is named."""
        name = step or AT_STATE[Import.State(sheet.state)]
        return reverse(f"admin:programmes_import_{name}", args=[sheet.pk])

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
        names = list(STEPS)
        done = names[: names.index(step)]
        steps = [
            (label, self.find_address(sheet, name) if sheet and name in done[1:] else "", name)
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
    ) -> HttpResponse:
        """Let an answer be taken, unless somebody else has answered since the page was shown."""
        with transaction.atomic():
            wait_for_turn()
            locked = Import.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
            if request.POST.get(TURN) == str(locked.turn):
                return take(locked)
        told = _("Somebody has changed this import meanwhile. Look at it as it is now.")
        self.message_user(request, told, messages.WARNING)
        return HttpResponseRedirect(self.find_address(sheet, step))

    def keep_answers(self, sheet: Import, **changed: Any) -> None:
        """Store what was answered, as a further turn."""
        sheet.turn += 1
        for name, value in changed.items():
            setattr(sheet, name, drop_nul(value))
        sheet.save(update_fields=["turn", "changed_at", *changed])


def drop_nul(told: Any) -> Any:
    """Return what was answered without the one sign that PostgreSQL keeps in no text."""
    if isinstance(told, dict):
        return {drop_nul(name): drop_nul(value) for name, value in told.items()}
    return told.replace("\0", "") if isinstance(told, str) else told
