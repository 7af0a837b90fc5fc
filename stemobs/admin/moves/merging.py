"""The page on which two rows are merged, fact by fact: records, organisations or sources."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.models import LONGEST_REASON_TO_CLOSE, Programme, ProposedMerger, Task
from stemobs.admin.lists import ID
from stemobs.admin.merging.people import name_users
from stemobs.admin.moves.finding import FindsRecord
from stemobs.admin.moves.sides import PAGES, MergerPage, RecordGone
from stemobs.admin.moves.telling import TITLES
from stemobs.admin.rights.drawn import FIELD, name_changers
from stemobs.admin.rights.publishing import LONGEST_REASON, word_reason_alone
from stemobs.admin.rights.telling import word_sent_already
from stemobs.admin.saving import begin_edit, build_admin_url, lock_row
from stemobs.admin.tasks.telling import tell_handled
from stemobs.catalogue.editing import wait_for_turn
from stemobs.curation.checks.checks import keep_checked
from stemobs.curation.checks.faults import Faulty
from stemobs.curation.mergers.making import CannotMerge
from stemobs.curation.mergers.proposing import (
    ProposedAlready,
    find_returned_merger,
    may_propose,
    propose,
)
from stemobs.curation.mergers.rules import list_asked
from stemobs.curation.states import Refused, may_act_alone
from stemobs.curation.tasks.queues import close
from stemobs.curation.tasks.watching import look_once_saved

WITH = "with"  # the parameter that names the other record
AGAIN = "again"  # that which names a merger that was returned, to be sent again
DIFFERENT, PROPOSE, SEARCH = "_different", "_propose", "q"
MOST_OFFERED = 20
TWO = 2
LONGEST_NAME = 60  # letters of a name in the history, which has room for both and two reasons


class NotMerged(Exception):
    """Two rows are not merged yet; it says why, in words for people."""

    def __init__(self, *told: str | SafeString) -> None:
        super().__init__(*told)
        self.told = told


class MergesRecords(FindsRecord, admin.ModelAdmin):
    """Merges two rows into one of them: both beside each other, fact by fact."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.show_merger)
        name = f"{self.opts.app_label}_{self.opts.model_name}_merge"
        return [path("<path:object_id>/merge/", view, name=name), *super().get_urls()]

    @admin.action(description=gettext_lazy("Merge these two"), permissions=["change"])
    def merge_these(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Lead to the page that merges two rows which were ticked in the list."""
        rows = [*queryset.order_by("pk")[: TWO + 1]]
        if len(rows) == TWO:
            return HttpResponseRedirect(find_merger_address(*rows))
        self.message_user(request, _("Tick two of them to merge them."), messages.WARNING)
        return None

    def show_merger(self, request: HttpRequest, object_id: str) -> HttpResponse:
        try:
            record = self.find_record_to_move(request, object_id)
        except Http404:
            given = request.GET.get(WITH, "")
            if not ID.fullmatch(given):
                raise
            other = self.find_record_to_move(request, given)
            return self.lead_back(request, other, word_gone(request, self.model))
        if not request.GET.get(WITH):
            return self.offer_others(request, record)
        pks = sorted({record.pk, read_id(request, WITH)})
        if len(pks) < TWO:
            return self.lead_back(request, record, _("Nothing can be merged with itself."))
        try:
            return self.answer_about_two(request, record, pks)
        except RecordGone:
            return self.lead_back(request, record, word_gone(request, self.model))

    def answer_about_two(
        self, request: HttpRequest, record: Any, pks: Sequence[int]
    ) -> HttpResponse:
        if request.method == "POST":
            return self.take_merger(request, record, pks)
        returned = find_returned_merger(self.model, pks, read_id(request, AGAIN))
        page = self.read_page(request, pks, returned)
        return self.draw_merger(request, record, page)

    def read_page(
        self, request: HttpRequest, pks: Sequence[int], proposed: ProposedMerger | None = None
    ) -> MergerPage:
        return PAGES[self.model](request, sorted(pks), proposed)

    def lead_back(self, request: HttpRequest, record: Any, told: str) -> HttpResponse:
        self.message_user(request, told, messages.ERROR)
        return HttpResponseRedirect(find_merger_address(record))

    # Choosing the other one

    def offer_others(self, request: HttpRequest, record: Any) -> HttpResponse:
        """Show rows that may be meant: found by a search, or perhaps entered twice."""
        sought = request.GET.get(SEARCH, "")
        found: Sequence[Any] = ()
        if sought:
            page: Any = self  # which searches as the list does
            ids = page.register.look_up().rank(sought, MOST_OFFERED)
            rows = self.model._base_manager.in_bulk(ids)
            found = [rows[pk] for pk in ids if pk in rows and pk != record.pk]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": record,
            "title": TITLES[self.model],
            "sought": sought,
            "found": [*describe_offered(record, found)],
            "asked": [*describe_offered(record, list_asked(record))],
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/merger/with.html", context)

    # The page of two

    def draw_merger(
        self,
        request: HttpRequest,
        record: Any,
        page: MergerPage,
        refused: Sequence[str | SafeString] = (),
        status: int = 200,
    ) -> HttpResponse:
        is_alone = bool(page.refusal) and may_act_alone(request.user)
        refusal = "" if is_alone else page.refusal
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": record,
            "title": TITLES[self.model],
            "page": page,
            "refused": refused,
            "refusal": refusal,
            "may_propose": bool(refusal) and may_propose(request.user, page.records),
            "asks_why_alone": page.refusal if is_alone else "",
            "open_questions": page.comparison.open_questions,
            "longest_reason": LONGEST_REASON,
            "seen_field": FIELD,
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/merger/merge.html", context, status=status)

    def take_merger(self, request: HttpRequest, record: Any, pks: Sequence[int]) -> HttpResponse:
        """Do what a button says; show the page again if that cannot be, with all choices."""
        try:
            if DIFFERENT in request.POST:
                return self.tell_apart(request, self.read_page(request, pks))
            if PROPOSE in request.POST:
                return self.keep_proposed(request, pks)
            return self.merge(request, pks)
        except NotMerged as error:
            page = self.read_page(request, pks)
            return self.draw_merger(request, record, page, error.told, status=409)

    def merge(self, request: HttpRequest, pks: Sequence[int]) -> HttpResponse:
        """Merge two rows in one edit; raise NotMerged if something is still in the way."""
        with begin_edit(request):
            page = self.lock_both(request, pks)
            if page.refusal and not may_act_alone(request.user):
                raise Refused(page.refusal)
            refuse_open_page(page)
            if page.refusal and not page.reason_alone:
                told = _("%(refusal)s If nobody else can, say why you do it alone.")
                raise NotMerged(told % {"refusal": page.refusal})
            alone = page.reason_alone[:LONGEST_REASON] if page.refusal else ""
            merger = self.write_merger(request, page, alone)
        self.message_user(request, word_merged(merger), messages.SUCCESS)
        return HttpResponseRedirect(build_admin_url(merger.stays))

    def lock_both(
        self, request: HttpRequest, pks: Sequence[int], proposed: ProposedMerger | None = None
    ) -> MergerPage:
        """Lock both and read them in turn: what two people send at once is done one by one."""
        for one in self.model._base_manager.filter(pk__in=pks).order_by("pk"):
            lock_row(one)
        return self.read_page(request, pks, proposed)

    def write_merger(self, request: HttpRequest, page: MergerPage, alone: str = "") -> Any:
        """Write a merger as it was chosen, within the edit that was begun."""
        reason = page.reason[:LONGEST_REASON]
        merger = page.merging(page.comparison, page.stays.pk)
        request.__dict__["edit"].reason = word_edit_of(merger, reason, alone)
        is_record = self.model is Programme
        try:
            with keep_checked(merger.stays) if is_record else nullcontext():
                merger.make(reason)
        except (CannotMerge, Faulty) as error:
            raise NotMerged(*error.reasons, _("Nothing is merged yet.")) from error
        except IntegrityError as error:
            told = _("Somebody has changed something about the two meanwhile. Send it once more.")
            raise NotMerged(told) from error
        self.log_change(request, merger.goes, _("Merged into another one."))
        self.log_change(request, merger.stays, _("Another one was merged into it."))
        if is_record:
            look_once_saved([merger.stays, merger.goes])
        return merger

    def keep_proposed(self, request: HttpRequest, pks: Sequence[int]) -> HttpResponse:
        """Keep a merger as it was chosen, for a second person."""
        with transaction.atomic():
            wait_for_turn()
            page = self.lock_both(request, pks)
            if not may_propose(request.user, page.records):
                raise Refused(page.refusal)
            refuse_open_page(page)
            reason = page.reason[:LONGEST_REASON]
            try:
                sent = propose(page.comparison, page.stays, page.counted, request.user, reason)
            except ProposedAlready as error:
                told = word_sent_already(error.proposed.user)
                self.message_user(request, told, messages.WARNING)
                return HttpResponseRedirect(build_admin_url(error.proposed))
        self.message_user(request, word_proposed(sent.gave_way, request.user), messages.SUCCESS)
        return HttpResponseRedirect(build_admin_url(page.stays))

    def tell_apart(self, request: HttpRequest, page: MergerPage) -> HttpResponse:
        """Close the task that asks whether both are the same."""
        if not request.user.has_perm("programmes.change_task"):
            raise PermissionDenied
        if page.task is None:
            raise NotMerged(_("Nobody asks about these two any more."))
        if not page.reason:
            raise NotMerged(_("Say in a sentence why they are different."))
        handled = close([page.task.pk], request.user, page.reason[:LONGEST_REASON_TO_CLOSE])
        for told in tell_handled(handled):
            self.message_user(request, told, messages.WARNING)
        if handled.done:
            told = _("Noted: they are different. It is not asked again while both stay alike.")
            self.message_user(request, told, messages.SUCCESS)
        query = urlencode({"kind__exact": Task.Kind.DUPLICATE})
        return HttpResponseRedirect(f"{reverse('admin:programmes_task_changelist')}?{query}")


def refuse_open_page(page: MergerPage) -> None:
    """Raise NotMerged if the page was overtaken, or something on it is still to choose or say."""
    if page.is_changed:
        hindrances = page.list_hindrances(page.stays) if page.stays else []
        raise NotMerged(word_changed(page), *hindrances)
    if page.stays is None:
        raise NotMerged(_("Choose which of the two stays. Nothing is merged yet."))
    if hindrances := page.list_hindrances(page.stays):
        raise NotMerged(*hindrances)
    if page.comparison.open_questions:
        raise NotMerged(word_open(page))
    if not page.reason:
        raise NotMerged(_("Say why they are the same. Nothing is merged yet."))


def describe_offered(record: Any, others: Iterable[Any]) -> Iterable[tuple[Any, str, str]]:
    """Yield what may be the same as a row, with its address and in which state it is."""
    for one in others:
        shown = _("shown to readers") if one.is_public else _("not shown yet")
        state = one.get_state_display() if isinstance(one, Programme) else shown
        yield one, find_merger_address(record, one), f"{one.slug} · {state}"


def read_id(request: HttpRequest, name: str) -> int:
    """Return the id that a parameter names; 0, which no row has, if it names none."""
    given = request.GET.get(name, "")
    return int(given) if ID.fullmatch(given) else 0


def find_merger_address(one: Any, other: Any = None) -> str:
    """Return the address of the page on which two rows are merged, or the other is chosen."""
    named = {} if other is None else {WITH: other.pk}
    return write_merger_address(type(one), one.pk, named)


def write_merger_address(model: Any, pk: int, named: Mapping[str, int]) -> str:
    meta = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_merge", args=[pk])
    return f"{address}?{urlencode(named)}" if named else address


# --- Words ----------------------------------------------------------------------------------------


def word_changed(page: MergerPage) -> str:
    """Return that others were first, and who."""
    told = _(
        "One of the two was changed by %(who)s after you had opened this page. Look at it once "
        "more: what you chose is kept where both still say the same. Nothing is merged yet."
    )
    return told % {"who": name_changers(page.request, page.model)}


def word_gone(request: HttpRequest, model: Any) -> str:
    """Return that one of the two is gone, and who was first, if the page knew both."""
    who = name_changers(request, model)
    if not who:
        return _("The other one is not there any more.")
    return _("The other one is not there any more. It was merged or deleted by %(who)s.") % {
        "who": who
    }


def word_open(page: MergerPage) -> SafeString:
    """Return what is still to choose, with links to each."""
    asked = page.comparison.open_questions
    links = format_html_join(
        " · ", '<a href="#ask-{}">{}</a>', ((one.name, one.label) for one in asked)
    )
    told = ngettext(
        "Please choose for %(number)d fact: {}. Nothing is merged yet.",
        "Please choose for %(number)d facts: {}. Nothing is merged yet.",
        len(asked),
    ) % {"number": len(asked)}
    return format_html(told, links)


def word_edit_of(merger: Any, reason: str, alone: str) -> str:
    """Return what the history tells everybody; it does not tell the name of what nobody saw."""
    told = reason
    if merger.goes.is_public:
        words = _("“%(goes)s” was merged into “%(stays)s”: %(reason)s")
        names = {one: str(getattr(merger, one))[:LONGEST_NAME] for one in ("goes", "stays")}
        told = words % {**names, "reason": reason}
    return f"{told} · {word_reason_alone(alone)}" if alone else told


def word_proposed(gave_way: Sequence[Any], user: Any) -> str:
    told = _("Sent to review. Nothing is merged before somebody else approves it.")
    if others := [one for one in gave_way if one != user]:
        words = _("It takes the place of what %(who)s had sent.") % {"who": name_users(others)}
        told = f"{told} {words}"
    return told


def word_merged(merger: Any) -> SafeString:
    told = _("Merged: “{}” leads to “{}” now. The history can undo it.")
    return format_html(told, merger.goes, merger.stays)
