"""What came of a bulk change: who approves it, how all of it is undone, and the list of them."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programmes.columns.texts import clean_line, clean_text
from programmes.models import LONGEST_COMMENT, BulkChange, Programme
from stemobs.admin.bulk.confirming import (
    SEEN,
    ConfirmsBulkChanges,
    NotConfirmed,
    refuse_moved,
)
from stemobs.admin.bulk.forms import RECORDS, TICKED
from stemobs.admin.bulk.planning import BulkPlan, make_plan
from stemobs.admin.bulk.steps import State, read_choice
from stemobs.admin.bulk.undoing import UndoesBulkChanges, find_undoing, list_rows
from stemobs.admin.lists import DeclaredFilters
from stemobs.admin.merging.people import name_users
from stemobs.admin.rights.publishing import LONGEST_REASON, lock_programmes, word_reason_alone
from stemobs.admin.rights.telling import word_sent_already
from stemobs.catalogue.editing import wait_for_turn
from stemobs.curation.states import MAY_PUBLISH, Refused, describe_role, may_act_alone

COMMENT, ALONE = "comment", "reason_alone"  # fields of the page


class DecidesBulkChanges(UndoesBulkChanges, ConfirmsBulkChanges):
    """Shows what came of a bulk change, and lets a second person approve or return what waits."""

    def show_batch(self, request: HttpRequest, object_id: str) -> HttpResponse:
        batch = self.find_batch(request, object_id)
        if batch.state == State.CHOOSING:
            return HttpResponseRedirect(self.find_address(batch))
        if request.method == "POST" and (response := self.take_decision(request, batch)):
            return response
        return self.draw_batch(request, self.find_batch(request, object_id))

    def draw_batch(self, request: HttpRequest, batch: BulkChange) -> HttpResponse:
        rows = list_rows(batch)
        undoing = find_undoing(rows)
        again = batch.find_again()
        plan = self.plan_waiting(batch) if batch.state == State.WAITING else None
        refusal = explain_refusal_of_many(request.user, batch)
        is_alone = bool(refusal) and may_act_alone(request.user)
        context = {
            **self.describe_step(request, batch, "batch"),
            "title": _("Bulk change"),
            "is_mine": batch.user == request.user,
            "again": again if again and not again.is_unsent else None,
            "done": [(row, undoing.left.get(row.programme_id, "")) for row in rows if row.edit],
            "left": [row for row in rows if not row.edit] if plan is None else [],
            "plan": plan,
            "marks": plan.write_marks() if plan else "",
            "refusal": "" if is_alone else refusal,
            "asks_why_alone": refusal if is_alone else "",
            "can_undo": bool(undoing.changes),
            "undone": len(undoing.changes),
            "longest": LONGEST_COMMENT,
            "longest_reason": LONGEST_REASON,
            "comment": request.POST.get(COMMENT, ""),
            "alone": request.POST.get(ALONE, ""),
        }
        return TemplateResponse(request, "admin/programmes/bulkchange/batch.html", context)

    def plan_waiting(self, batch: BulkChange) -> BulkPlan | None:
        """Return what would become now of the records that wait; None if a term of it is gone."""
        form = read_choice(batch)
        ids = batch.rows.filter(edit=None).values_list("programme_id", flat=True)
        return make_plan(form.build(), ids) if form else None

    # Deciding

    def take_decision(self, request: HttpRequest, batch: BulkChange) -> HttpResponse | None:
        """Do what a button says; None if that cannot be done: the page then says why."""
        if "_undo" in request.POST:
            return self.undo(request, batch)
        if "_again" in request.POST:
            return self.begin_again(request, batch)
        if "_drop" in request.POST:
            return self.let_go(request, batch)
        refusal = explain_refusal_of_many(request.user, batch)
        if refusal and not may_act_alone(request.user):
            raise Refused(refusal)
        try:
            with transaction.atomic():
                wait_for_turn()
                locked = BulkChange.objects.select_for_update(of=("self",)).get(pk=batch.pk)
                if locked.state != State.WAITING:
                    raise NotConfirmed(word_first(locked))
                locked.decided_by = request.user
                if "_return" in request.POST:
                    self.hand_back(request, locked)
                elif "_approve" in request.POST:
                    self.approve(request, locked, refusal)
        except NotConfirmed as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return None
        return HttpResponseRedirect(self.find_address(batch, "batch"))

    def begin_again(self, request: HttpRequest, batch: BulkChange) -> HttpResponse:
        """Let whoever chose a bulk change that was returned mend it, and send it again.

        That is another one, of the records that waited, so what was said of the first stays there.
        Who begins twice goes on with the one that was begun.
        """
        try:
            with transaction.atomic():
                again = self.find_or_begin_again(self.lock_returned(request, batch))
        except NotConfirmed as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(self.find_address(batch))
        if not again.is_unsent:
            self.message_user(request, word_sent_already(again.user), messages.WARNING)
            return HttpResponseRedirect(self.find_address(again))
        words = {"who": name_users([batch.decided_by]), "comment": batch.comment}
        told = _("%(comment)s (%(who)s) Mend what you chose, or send it as it is.") % words
        self.message_user(request, told, messages.WARNING)
        return HttpResponseRedirect(self.find_address(again, "preview"))

    def lock_returned(self, request: HttpRequest, batch: BulkChange) -> BulkChange:
        """Return a bulk change that its user got back, locked; else raise NotConfirmed."""
        wait_for_turn()
        locked = BulkChange.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if locked.state != State.RETURNED or locked.user_id != request.user.pk:
            raise NotConfirmed(_("Only whoever it was returned to can send it again, or drop it."))
        return locked

    def find_or_begin_again(self, batch: BulkChange) -> BulkChange:
        """Return the bulk change that follows one that was returned."""
        waited = batch.rows.filter(edit=None).values_list("programme_id", flat=True)
        return batch.find_again() or BulkChange.objects.create(
            user=batch.user,
            follows=batch,
            ticked=[*waited],
            choice={**batch.choice, RECORDS: TICKED},
            reason=batch.reason,
        )

    def let_go(self, request: HttpRequest, batch: BulkChange) -> HttpResponse:
        """Drop what was returned: nothing of it is sent again, and what was done stays."""
        try:
            with transaction.atomic():
                locked = self.lock_returned(request, batch)
                is_done = locked.rows.exclude(edit=None).exists()
                locked.state = State.DONE if is_done else State.UNDONE
                locked.save(update_fields=["state", "changed_at"])
        except NotConfirmed as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            told = _("Dropped. Nothing of what was returned is changed.")
            self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(self.find_address(batch, "batch"))

    def approve(self, request: HttpRequest, batch: BulkChange, refusal: str) -> None:
        """Write what waits, as an edit of who chose it, if it is as the page showed it."""
        reason = read_reason_of(request, batch, refusal)
        waiting = Programme.objects.filter(pk__in=batch.rows.values("programme"))
        lock_programmes(waiting)
        plan = self.plan_waiting(batch)
        if plan is None:
            raise NotConfirmed(_("A term or source that it names is gone. Return it."))
        refuse_moved(plan, request.POST.get(SEEN, ""))
        made = self.write(request, plan, plan.ready, batch.user, reason)
        written = [row.record.pk for row in plan.ready]
        batch.rows.filter(programme__in=written).update(edit=made)
        batch.state = State.DONE
        batch.save()
        told = ngettext(
            "Published: %(number)d record. Readers see it now.",
            "Published: %(number)d records. Readers see them now.",
            len(written),
        )
        self.message_user(request, told % {"number": len(written)}, messages.SUCCESS)

    def hand_back(self, request: HttpRequest, batch: BulkChange) -> None:
        batch.comment = clean_text(request.POST.get(COMMENT, ""))[:LONGEST_COMMENT]
        if not batch.comment:
            raise NotConfirmed(_("Say in a sentence why you return it."))
        batch.state = State.RETURNED
        batch.save()
        told = _("Returned to %(who)s. Nothing of what waited is changed.")
        self.message_user(request, told % {"who": batch.user or "–"}, messages.SUCCESS)


def explain_refusal_of_many(user: Any, batch: BulkChange) -> str:
    """Return why a user may not approve a bulk change; "" if they may."""
    if not user.has_perm(MAY_PUBLISH):
        return describe_role(user)
    if settings.FOUR_EYES and batch.user_id == user.pk:
        return _("You chose this, so somebody else has to approve it.")
    return ""


def word_first(batch: BulkChange) -> str:
    """Return who has decided on a bulk change, and how."""
    words = {"who": name_users([batch.decided_by]), "state": batch.get_state_display()}
    return _("This was decided first by %(who)s. It has the state “%(state)s” now.") % words


def read_reason_of(request: HttpRequest, batch: BulkChange, refusal: str) -> str:
    """Return the reason of what is approved; of whoever does it alone with why they do."""
    if not refusal:
        return batch.reason
    alone = clean_line(request.POST.get(ALONE, ""))[:LONGEST_REASON]
    if not alone:
        told = _("%(refusal)s If nobody else can, say why you do it alone.")
        raise NotConfirmed(told % {"refusal": refusal})
    return f"{batch.reason} · {word_reason_alone(alone)}"


@admin.register(BulkChange)
class BulkChangeAdmin(DecidesBulkChanges, DeclaredFilters):
    """The list of bulk changes, and the pages of each; they begin in the list of records."""

    list_display = ("__str__", "state", "user", "changed_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    search_fields = ("told", "reason")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the bulk changes, without those that others are preparing."""
        is_mine = ~Q(state=State.CHOOSING) | Q(user=request.user)
        return super().get_queryset(request).filter(is_mine).defer("ticked", "matching", "choice")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Lead to where a bulk change stands."""
        return HttpResponseRedirect(self.find_address(self.find_batch(request, object_id)))

    def get_urls(self) -> list[Any]:
        views = {
            "what": self.show_what,
            "which": self.show_which,
            "preview": self.show_preview,
            "batch": self.show_batch,
        }
        steps = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"programmes_bulkchange_{name}",
            )
            for name, view in views.items()
        ]
        return [*steps, *super().get_urls()]
