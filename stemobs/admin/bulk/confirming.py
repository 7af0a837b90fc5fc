"""The third step of a bulk change: what becomes of each record, and confirming it."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programmes.columns.texts import clean_line
from programmes.models import (
    LONGEST_COMMENT,
    BulkChange,
    BulkChangeRow,
    Edit,
    Programme,
)
from stemobs.admin.bulk.forms import ChangeForm
from stemobs.admin.bulk.planning import BulkPlan, PlannedRecord, make_plan
from stemobs.admin.bulk.steps import BulkSteps, State, list_chosen, read_choice
from stemobs.admin.rights.publishing import LONGEST_REASON, lock_programmes
from stemobs.admin.suggestions.filling import get_page_of
from stemobs.catalogue.editing import edit, wait_for_turn
from stemobs.curation.tasks.watching import look_once_saved

SEEN, REASON = "_plan", "reason"  # fields of the page
FEW = 20  # records that are looked at at once


class NotConfirmed(Exception):
    """A bulk change that is not made as it was confirmed; it says why, in words for people."""


class ConfirmsBulkChanges(BulkSteps):
    """Shows what would become of each record, and makes all of it or nothing."""

    def show_preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        batch = self.find_batch(request, object_id)
        if leads := self.lead_on(request, batch):
            return leads
        form = read_choice(batch)
        if form is None:
            return HttpResponseRedirect(self.find_address(batch, "which"))
        if request.method == "POST":
            try:
                return self.confirm(request, batch)
            except NotConfirmed as refused:
                self.message_user(request, str(refused), messages.ERROR)
        return self.draw_preview(request, batch, form)

    def draw_preview(
        self, request: HttpRequest, batch: BulkChange, form: ChangeForm
    ) -> HttpResponse:
        chosen = list_chosen(batch)
        plan = make_plan(form.build(), chosen)
        context = {
            **self.describe_step(request, batch, "preview"),
            "title": form.tell(),
            "plan": plan,
            "marks": plan.write_marks(),
            "gone": len(chosen) - len(plan.rows) - plan.same,
            "reason": request.POST.get(REASON, batch.reason),
            "longest": LONGEST_REASON,
        }
        return TemplateResponse(request, "admin/programmes/bulkchange/preview.html", context)

    def confirm(self, request: HttpRequest, batch: BulkChange) -> HttpResponse:
        """Change the records, all or none, if they are as the page showed them."""
        reason = read_reason(request)
        with transaction.atomic():
            wait_for_turn()
            locked = BulkChange.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            if leads := self.lead_on(request, locked):
                return leads
            form, chosen = read_choice(locked), list_chosen(locked)
            if form is None:
                raise NotConfirmed(_("What you chose is gone meanwhile. Choose again."))
            lock_programmes(Programme.objects.filter(pk__in=chosen))
            plan = make_plan(form.build(), chosen)
            refuse_moved(plan, request.POST.get(SEEN, ""))
            locked.told, locked.reason = form.tell()[:600], reason
            self.make(request, locked, plan)
        told = word_made(len(plan.at_once), len(plan.waiting))
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(self.find_address(locked, "batch"))

    def make(self, request: HttpRequest, batch: BulkChange, plan: BulkPlan) -> None:
        """Change what can be changed at once, and note that and what waits."""
        made = self.write(request, plan, plan.at_once, request.user, batch.reason)
        BulkChangeRow.objects.bulk_create(
            BulkChangeRow(
                batch=batch,
                programme=row.record,
                edit=None if row.waits else made,
                told=plan.change.tell_change(row.value)[:LONGEST_COMMENT],
            )
            for row in plan.ready
        )
        batch.state = State.WAITING if plan.waiting else State.DONE
        batch.save()

    def write(
        self,
        request: HttpRequest,
        plan: BulkPlan,
        rows: Sequence[PlannedRecord],
        writer: Any,
        reason: str,
    ) -> Edit | None:
        """Change records as one edit of who chose that; return it, None if there are none."""
        if not rows:
            return None
        with edit(Edit.Kind.CURATOR, writer, reason) as made:
            plan.change.write([row.value for row in rows])
        records = [row.record for row in rows]
        page: Any = get_page_of(Programme)
        page.log_field(request, records, plan.change.field)
        look_at_few(records)
        return made


def look_at_few(records: Sequence[Programme]) -> None:
    """Look for tasks of records once they are saved; those of many wait for the next night."""
    if len(records) <= FEW:
        look_once_saved(records)


def read_reason(request: HttpRequest) -> str:
    """Return the reason on the page; raise NotConfirmed if there is none, or it is too long."""
    reason = clean_line(request.POST.get(REASON, ""))
    if not reason:
        raise NotConfirmed(_("Say in a sentence why. Readers see it in the history."))
    if len(reason) > LONGEST_REASON:
        told = _("Say why in %(number)d letters at most.")
        raise NotConfirmed(told % {"number": LONGEST_REASON})
    return reason


def refuse_moved(plan: BulkPlan, shown: str) -> None:
    """Raise NotConfirmed if something is not as the page showed it, or nothing is left to do."""
    if moved := plan.list_moved(shown):
        names = Programme.objects.filter(pk__in=moved).values_list("name", flat=True)
        told = _(
            "Nothing was written, because this is not as you saw it any more: %(names)s. Look at "
            "the preview once more."
        )
        raise NotConfirmed(told % {"names": ", ".join(names) or _("a record that is gone")})
    if not plan.ready:
        raise NotConfirmed(_("There is nothing to change."))


def word_made(at_once: int, waiting: int) -> str:
    told = []
    if at_once:
        told.append(
            ngettext("%(number)d record is changed.", "%(number)d records are changed.", at_once)
            % {"number": at_once}
        )
    if waiting:
        told.append(
            ngettext(
                "%(number)d record waits until somebody else approves it.",
                "%(number)d records wait until somebody else approves them.",
                waiting,
            )
            % {"number": waiting}
        )
    return " ".join(told)
