"""The page on which two records are merged, fact by fact."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.models import LONGEST_REASON_TO_CLOSE, Programme, Task
from stemobs.admin.lists import ID
from stemobs.admin.moves.finding import FindsRecord
from stemobs.admin.moves.sides import MergerPage, RecordGone
from stemobs.admin.rights.drawn import FIELD, name_changers
from stemobs.admin.rights.publishing import LONGEST_REASON, word_reason_alone
from stemobs.admin.saving import begin_edit, build_admin_url, lock_row
from stemobs.admin.tasks.telling import tell_handled
from stemobs.curation.checks.checks import keep_checked
from stemobs.curation.checks.faults import Faulty
from stemobs.curation.mergers.making import CannotMerge, Merger
from stemobs.curation.states import Refused, may_act_alone
from stemobs.curation.tasks.queues import close
from stemobs.curation.tasks.watching import look_once_saved

WITH = "with"  # the parameter that names the other record
DIFFERENT, SEARCH = "_different", "q"
MOST_OFFERED = 20
TWO = 2
LONGEST_NAME = 60  # letters of a name in the history, which has room for both and two reasons


class NotMerged(Exception):
    """Two records are not merged yet; it says why, in words for people."""

    def __init__(self, *told: str | SafeString) -> None:
        super().__init__(*told)
        self.told = told


class MergesRecords(FindsRecord, admin.ModelAdmin):
    """Merges two records into one of them: both beside each other, fact by fact."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.show_merger)
        return [
            path("<path:object_id>/merge/", view, name="programmes_programme_merge"),
            *super().get_urls(),
        ]

    @admin.action(description=gettext_lazy("Merge these two"), permissions=["change"])
    def merge_these(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Lead to the page that merges two records which were ticked in the list."""
        pks = [*queryset.order_by("pk").values_list("pk", flat=True)[: TWO + 1]]
        if len(pks) == TWO:
            return HttpResponseRedirect(find_merger_address(*pks))
        self.message_user(request, _("Tick two records to merge them."), messages.WARNING)
        return None

    def show_merger(self, request: HttpRequest, object_id: str) -> HttpResponse:
        record = self.find_record_to_move(request, object_id)
        given = request.GET.get(WITH, "")
        if not given:
            return self.offer_others(request, record)
        pks = sorted({record.pk, int(given) if ID.fullmatch(given) else 0})
        if len(pks) < TWO:
            return self.lead_back(request, record, _("A record cannot be merged with itself."))
        try:
            if request.method == "POST":
                return self.take_merger(request, record, pks)
            return self.draw_merger(request, record, MergerPage(request, pks))
        except RecordGone:
            return self.lead_back(request, record, _("The other record is not there any more."))

    def lead_back(self, request: HttpRequest, record: Programme, told: str) -> HttpResponse:
        self.message_user(request, told, messages.ERROR)
        return HttpResponseRedirect(find_merger_address(record.pk))

    # Choosing the other one

    def offer_others(self, request: HttpRequest, record: Programme) -> HttpResponse:
        """Show records that may be meant: found by a search, or perhaps entered twice."""
        sought = request.GET.get(SEARCH, "")
        found: Sequence[Programme] = ()
        if sought:
            page: Any = self  # which searches as the list of records does
            ids = page.register.look_up().rank(sought, MOST_OFFERED)
            rows = Programme.objects.in_bulk(ids)
            found = [rows[pk] for pk in ids if pk in rows and pk != record.pk]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": record,
            "title": _("Merge two records"),
            "sought": sought,
            "found": [(one, find_merger_address(record.pk, one.pk)) for one in found],
            "asked": [(one, find_merger_address(record.pk, one.pk)) for one in list_asked(record)],
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/programmes/programme/merge_with.html", context)

    # The page of two

    def draw_merger(
        self,
        request: HttpRequest,
        record: Programme,
        page: MergerPage,
        refused: Sequence[str | SafeString] = (),
        status: int = 200,
    ) -> HttpResponse:
        is_alone = bool(page.refusal) and may_act_alone(request.user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": record,
            "title": _("Merge two records"),
            "page": page,
            "refused": refused,
            "refusal": "" if is_alone else page.refusal,
            "asks_why_alone": page.refusal if is_alone else "",
            "open_questions": page.comparison.open_questions,
            "longest_reason": LONGEST_REASON,
            "seen_field": FIELD,
            "is_nav_sidebar_enabled": False,
        }
        template = "admin/programmes/programme/merge.html"
        return TemplateResponse(request, template, context, status=status)

    def take_merger(
        self, request: HttpRequest, record: Programme, pks: Sequence[int]
    ) -> HttpResponse:
        """Do what a button says; show the page again if that cannot be, with all choices."""
        try:
            if DIFFERENT in request.POST:
                return self.tell_apart(request, MergerPage(request, pks))
            return self.merge(request, pks)
        except NotMerged as error:
            page = MergerPage(request, pks)
            return self.draw_merger(request, record, page, error.told, status=409)

    def merge(self, request: HttpRequest, pks: Sequence[int]) -> HttpResponse:
        """Merge two records in one edit; raise NotMerged if something is still in the way.

        Both are locked and read in turn: what two people send at once is done one after the other.
        """
        with begin_edit(request):
            for one in Programme.objects.filter(pk__in=pks).order_by("pk"):
                lock_row(one)
            page = MergerPage(request, pks)
            if page.refusal and not may_act_alone(request.user):
                raise Refused(page.refusal)
            stays = page.stays
            refuse_open_page(page)
            if stays is None:
                raise NotMerged(_("Choose which of the two stays. Nothing is merged yet."))
            reason = page.reason[:LONGEST_REASON]
            merger = Merger(page.comparison, stays.pk)
            request.__dict__["edit"].reason = word_edit_of(merger, reason, page)
            try:
                with keep_checked(merger.stays):
                    merger.make(reason)
            except (CannotMerge, Faulty) as error:
                nothing = _("Nothing is merged yet.")
                raise NotMerged(*error.reasons, nothing) from error
            self.log_change(request, merger.goes, _("Merged into another record."))
            self.log_change(request, merger.stays, _("Another record was merged into it."))
            look_once_saved([merger.stays, merger.goes])
        self.message_user(request, word_merged(merger), messages.SUCCESS)
        return HttpResponseRedirect(build_admin_url(merger.stays))

    def tell_apart(self, request: HttpRequest, page: MergerPage) -> HttpResponse:
        """Close the task that asks whether two records are the same."""
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
    if page.stays and (hindrances := page.list_hindrances(page.stays)):
        raise NotMerged(*hindrances)
    if page.comparison.open_questions:
        raise NotMerged(word_open(page))
    if not page.reason:
        raise NotMerged(_("Say why they are the same. Nothing is merged yet."))
    if page.refusal and not page.reason_alone:
        told = _("%(refusal)s If nobody else can, say why you do it alone.")
        raise NotMerged(told % {"refusal": page.refusal})


def list_asked(record: Programme) -> list[Programme]:
    """Return the records of which an open task asks whether they are the same as this one."""
    tasks = Task.objects.filter(kind=Task.Kind.DUPLICATE, state=Task.State.OPEN).order_by()
    lower = tasks.filter(programme=record).values_list("other")
    higher = tasks.filter(other=record).values_list("programme")
    ids = [pk for (pk,) in lower.union(higher)]
    return [*Programme.objects.filter(pk__in=ids)]


def find_merger_address(pk: int, other: int | None = None) -> str:
    address = reverse("admin:programmes_programme_merge", args=[pk])
    return address if other is None else f"{address}?{urlencode({WITH: other})}"


# --- Words ----------------------------------------------------------------------------------------


def word_changed(page: MergerPage) -> str:
    """Return that others were first, and who."""
    told = _(
        "One of the two was changed by %(who)s after you had opened this page. Look at it once "
        "more: what you chose is kept where both still say the same. Nothing is merged yet."
    )
    return told % {"who": name_changers(page.request)}


def word_open(page: MergerPage) -> SafeString:
    """Return what is still to choose, with links to each."""
    asked = page.comparison.open_questions
    links = format_html_join(
        ", ", '<a href="#ask-{}">{}</a>', ((one.name, one.label) for one in asked)
    )
    told = ngettext(
        "Please choose for %(number)d fact: {}. Nothing is merged yet.",
        "Please choose for %(number)d facts: {}. Nothing is merged yet.",
        len(asked),
    ) % {"number": len(asked)}
    return format_html(told, links)


def word_edit_of(merger: Merger, reason: str, page: MergerPage) -> str:
    """Return what the history of both tells everybody; of a draft it does not tell the name."""
    told = reason
    if merger.goes.is_public:
        words = _("“%(goes)s” was merged into “%(stays)s”: %(reason)s")
        names = {one: getattr(merger, one).name[:LONGEST_NAME] for one in ("goes", "stays")}
        told = words % {**names, "reason": reason}
    if not page.refusal:
        return told
    return f"{told} · {word_reason_alone(page.reason_alone[:LONGEST_REASON])}"


def word_merged(merger: Merger) -> SafeString:
    told = _("Merged: “{}” leads to “{}” now. The history can undo it.")
    return format_html(told, merger.goes, merger.stays)
