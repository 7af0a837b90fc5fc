"""Mergers that wait for a second person: the list of them, and the page on which one is decided."""

from collections.abc import Collection, Sequence
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from programmes.columns.texts import clean_line, clean_text
from programmes.models import LONGEST_COMMENT, ProposedMerger
from stemobs.admin.lists import DeclaredFilters
from stemobs.admin.moves.merging import (
    AGAIN,
    WITH,
    NotMerged,
    find_merger_address,
    refuse_open_page,
    word_merged,
    write_merger_address,
)
from stemobs.admin.moves.sides import ALONE, PAGES, MergerPage, RecordGone
from stemobs.admin.rights.drawn import FIELD
from stemobs.admin.rights.publishing import LONGEST_REASON
from stemobs.admin.saving import begin_edit, build_admin_url
from stemobs.catalogue.editing import wait_for_turn
from stemobs.curation.mergers.proposing import explain_refusal_to_decide
from stemobs.curation.states import Refused, may_act_alone

State = ProposedMerger.State
WITH_ITS_SENDER = (State.WAITING, State.RETURNED)  # who may drop it in these states
COMMENT = "comment"  # a field of the page
APPROVE, RETURN, DROP = "_approve", "_return", "_drop"


@admin.register(ProposedMerger)
class ProposedMergerAdmin(DeclaredFilters, admin.ModelAdmin):
    """The list of mergers that wait or were decided, and a page of each."""

    list_display = ("__str__", "state", "user", "changed_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    search_fields = ("told", "reason")
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        proposed = self.find_proposed(request, object_id)
        if request.method != "POST":
            return self.draw(request, proposed)
        try:
            return self.decide(request, proposed)
        except NotMerged as error:
            proposed.refresh_from_db()
            return self.draw(request, proposed, error.told, status=409)

    def find_proposed(self, request: HttpRequest, object_id: str | None) -> ProposedMerger:
        if object_id is None:
            raise PermissionDenied
        found: Any = self.get_object(request, unquote(object_id))
        if found is None:
            raise Http404
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        return found

    # Its page

    def draw(
        self,
        request: HttpRequest,
        proposed: ProposedMerger,
        refused: Sequence[Any] = (),
        status: int = 200,
    ) -> HttpResponse:
        page = read_page(request, proposed) if proposed.state == State.WAITING else None
        refusal = explain_refusal_to_decide(request.user, proposed)
        is_alone = bool(refusal) and may_act_alone(request.user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": proposed,
            "title": _("Proposed merger"),
            "proposed": proposed,
            "page": page,
            "kind": apps.get_model(proposed.model)._meta.verbose_name_plural,
            "anew": page and find_merger_address(page.left, page.right),
            "again": proposed.find_again(),
            "mending": find_mending_address(proposed),
            "refused": refused,
            "refusal": "" if is_alone else refusal,
            "asks_why_alone": refusal if is_alone else "",
            "alone": request.POST.get(ALONE, ""),
            "comment": request.POST.get(COMMENT, ""),
            "is_mine": proposed.user == request.user,
            "longest": LONGEST_COMMENT,
            "longest_reason": LONGEST_REASON,
            "seen_field": FIELD,
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/merger/proposed.html", context, status=status)

    # Deciding

    def decide(self, request: HttpRequest, proposed: ProposedMerger) -> HttpResponse:
        """Do what a button says; raise NotMerged if that cannot be done."""
        if DROP in request.POST and proposed.user == request.user:
            return self.drop(request, proposed)
        refusal = explain_refusal_to_decide(request.user, proposed)
        if refusal and not may_act_alone(request.user):
            raise Refused(refusal)
        if RETURN in request.POST:
            return self.hand_back(request, proposed)
        if APPROVE in request.POST:
            return self.approve(request, proposed, refusal)
        return HttpResponseRedirect(build_admin_url(proposed))

    def approve(self, request: HttpRequest, proposed: ProposedMerger, refusal: str) -> HttpResponse:
        """Merge both as somebody chose it, as an edit of theirs."""
        alone = clean_line(request.POST.get(ALONE, ""))[:LONGEST_REASON] if refusal else ""
        if refusal and not alone:
            told = _("%(refusal)s If nobody else can, say why you do it alone.")
            raise NotMerged(told % {"refusal": refusal})
        with begin_edit(request, user=proposed.user):
            waiting = lock_left(proposed)
            decider: Any = self.admin_site.get_model_admin(apps.get_model(waiting.model))
            page = lock_page(decider, request, waiting)
            refuse_open_page(page)
            merger = decider.write_merger(request, page, alone)
            settle(waiting, State.DONE, request.user)
        self.message_user(request, word_merged(merger), messages.SUCCESS)
        return HttpResponseRedirect(build_admin_url(merger.stays))

    def hand_back(self, request: HttpRequest, proposed: ProposedMerger) -> HttpResponse:
        comment = clean_text(request.POST.get(COMMENT, ""))[:LONGEST_COMMENT]
        if not comment:
            raise NotMerged(_("Say in a sentence why you return it."))
        with transaction.atomic():
            wait_for_turn()
            settle(lock_left(proposed), State.RETURNED, request.user, comment)
        told = _("Returned to %(who)s. Nothing is merged.") % {"who": proposed.user or "–"}
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(build_admin_url(proposed))

    def drop(self, request: HttpRequest, proposed: ProposedMerger) -> HttpResponse:
        """Take back what waits, or let go what was returned."""
        with transaction.atomic():
            wait_for_turn()
            locked = lock_left(proposed, WITH_ITS_SENDER)
            if locked.state == State.RETURNED:  # who returned it, and why, still stands there
                locked.state = State.DROPPED
                locked.save(update_fields=["state", "changed_at"])
            else:
                settle(locked, State.DROPPED, request.user)
        self.message_user(request, _("Taken back. Nothing is merged."), messages.SUCCESS)
        return HttpResponseRedirect(build_admin_url(proposed))


def lock_left(
    proposed: ProposedMerger, states: Collection[str] = (State.WAITING,)
) -> ProposedMerger:
    """Return a merger that is still in one of some states, locked; else raise NotMerged."""
    locked = ProposedMerger.objects.select_for_update(of=("self",)).get(pk=proposed.pk)
    if locked.state not in states:
        raise NotMerged(_("Somebody has decided that meanwhile."))
    return locked


def find_mending_address(proposed: ProposedMerger) -> str:
    """Return the address of the page of the two, filled in as it was sent; "" if one is gone."""
    model, pks = apps.get_model(proposed.model), {proposed.goes, proposed.stays}
    if model._base_manager.filter(pk__in=pks).count() < len(pks):
        return ""
    named = {WITH: proposed.goes, AGAIN: proposed.pk}
    return write_merger_address(model, proposed.stays, named)


def lock_page(decider: Any, request: HttpRequest, waiting: ProposedMerger) -> MergerPage:
    """Return both as they are now, locked, with what was chosen; raise NotMerged if one is gone."""
    try:
        return decider.lock_both(request, [waiting.goes, waiting.stays], waiting)
    except RecordGone as error:
        raise NotMerged(_("One of the two is not there any more. Return it.")) from error


def read_page(request: HttpRequest, proposed: ProposedMerger) -> MergerPage | None:
    """Return both as they are now, with what was chosen; None if one of them is gone."""
    pks = sorted((proposed.goes, proposed.stays))
    try:
        return PAGES[apps.get_model(proposed.model)](request, pks, proposed)
    except RecordGone:
        return None


def settle(proposed: ProposedMerger, state: str, user: Any, comment: str = "") -> None:
    proposed.state, proposed.decided_by, proposed.comment = state, user, comment
    proposed.save()
