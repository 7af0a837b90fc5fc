"""The page on which a record is checked against its sources, fact by fact."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programmes.models import Programme
from stemobs.admin.checking.records import LONGEST_WHY, read_why
from stemobs.admin.saving import build_admin_url, lock_row
from stemobs.admin.verifying.answers import LONGEST_PLACE, LONGEST_SAYS, AskedFact, CheckSheet
from stemobs.admin.verifying.changes import ONCE_SAVED, ChangeSender, NewReading, read_changes
from stemobs.catalogue.editing import wait_for_turn
from stemobs.curation.drafts import find_open_draft
from stemobs.curation.states import Refused
from stemobs.curation.verifying import (
    Answer,
    count_whole,
    explain_refusal_of_check,
    find_begun,
    finish_check,
    keep_answers,
    recall_answers,
)
from stemobs.entries.cited.facts import CitedFact, SourcesChecked, count_checked
from stemobs.entries.cited.reading import read_cited
from stemobs.entries.entry import Entry
from stemobs.entries.loading import load_facts

FINISH = "_finish"


class NotFinished(Exception):
    """A check cannot be finished; it says why, in words for people. Nothing of it is written."""


class ChecksAgainstSources(admin.ModelAdmin):
    """Lets a record be checked against its sources, and writes what has changed into its form."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.show_check)
        return [
            path("<path:object_id>/check/", view, name="programmes_programme_check"),
            *super().get_urls(),
        ]

    def show_check(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if request.method == "POST":
            with transaction.atomic():
                wait_for_turn()
                return self.answer_check(request, object_id)
        return self.answer_check(request, object_id)

    def answer_check(self, request: HttpRequest, object_id: str) -> HttpResponse:
        record: Any = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        if refusal := explain_refusal_of_check(request.user, record):
            return self.refuse_check(request, record, refusal)
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        if request.method == "POST":
            return self.take_check(request, lock_standing(record))
        return self.draw_check(request, self.read_sheet(request, record))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        record = context.get("original")
        context["may_check"] = (
            record
            and self.has_change_permission(request, record)
            and not explain_refusal_of_check(request.user, record)
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def refuse_check(self, request: HttpRequest, record: Programme, refusal: str) -> HttpResponse:
        if record.is_public:
            raise Refused(refusal)
        self.message_user(request, refusal, messages.WARNING)
        return HttpResponseRedirect(build_admin_url(record))

    def read_sheet(self, request: HttpRequest, record: Programme) -> CheckSheet:
        facts = read_cited(record)
        return CheckSheet(record, facts, recall_answers(find_begun(record, request.user), facts))

    def draw_check(
        self, request: HttpRequest, sheet: CheckSheet, status: int = 200
    ) -> HttpResponse:
        record = sheet.programme
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": record,
            "title": _("Check against sources"),
            "sheet": sheet,
            "checked": count_checked(record, sheet.facts),
            "number": len(sheet.asked),
            "is_drafted": settings.FOUR_EYES and record.is_public,
            "longest_says": LONGEST_SAYS,
            "longest_place": LONGEST_PLACE,
            "asks_why": request.__dict__.get("asks_why", False),
            "longest_why": LONGEST_WHY,
            "why": read_why(request),
            "is_nav_sidebar_enabled": False,
        }
        template = "admin/programmes/programme/check.html"
        return TemplateResponse(request, template, context, status=status)

    # What is sent

    def take_check(self, request: HttpRequest, record: Programme) -> HttpResponse:
        """Keep answers or finish a check; show the page again if that cannot be."""
        sheet = self.read_sheet(request, record)
        sheet.take(request.POST)
        if FINISH not in request.POST:
            return self.keep(request, sheet)
        try:
            with transaction.atomic():
                return self.finish(request, sheet)
        except NotFinished as error:
            self.message_user(request, str(error), messages.ERROR)
        return self.draw_check(request, sheet, status=409 if sheet.asked_again else 200)

    def keep(self, request: HttpRequest, sheet: CheckSheet) -> HttpResponse:
        keep_answers(sheet.programme, request.user, sheet.answers)
        told = _("Kept. This page shows your answers whenever you come back.")
        self.message_user(request, told, messages.SUCCESS)
        if sheet.asked_again:
            self.message_user(request, word_asked_again(sheet.asked_again), messages.WARNING)
        return HttpResponseRedirect(find_check_address(sheet.programme))

    def finish(self, request: HttpRequest, sheet: CheckSheet) -> HttpResponse:
        """Write what has changed, and what the check tells; raise NotFinished if it cannot be."""
        record = sheet.programme
        demand_answers(sheet)
        changes = read_changes(sheet.changed)
        if sheet.has_errors:
            raise NotFinished(word_wrong(sheet.wrong))
        for one in sheet.given:
            if one.chosen == Answer.GONE and one.answer:
                one.answer.left = one.told
        written = self.write_changes(request, record, changes) if changes else []
        if sheet.has_errors:
            raise NotFinished(word_wrong(sheet.wrong))
        finish_check(record, request.user, sheet.facts, sheet.answers, written)
        self.tell_finished(request, record, sheet, changes)
        return HttpResponseRedirect(build_admin_url(record))

    def write_changes(
        self, request: HttpRequest, record: Programme, changes: list[NewReading]
    ) -> list[str]:
        """Return digests of what becomes of the facts that have changed, once they are written."""
        rows = {(one.asked.fact.part, one.asked.fact.row.pk) for one in changes}
        written: list[str] = []

        def note_written(pk: int) -> None:
            written[:] = list_written(pk, rows)

        sender = ChangeSender(self, request, _("Held against its sources"))
        sender.send(record, changes, note_written)
        request.__dict__["asks_why"] = sender.asks_why
        return written

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if once_saved := request.__dict__.get(ONCE_SAVED):
            once_saved(form.instance.pk)

    # What is told

    def tell_finished(
        self, request: HttpRequest, record: Programme, sheet: CheckSheet, changes: list[NewReading]
    ) -> None:
        is_told = count_whole(sheet.facts, sheet.answers) > 0
        told = [word_finished(count_checked(record, sheet.facts) if is_told else None)]
        if changes:
            waits = settings.FOUR_EYES and record.is_public and find_open_draft(record) is not None
            told.append(word_changes(len(changes), waits=waits, is_public=record.is_public))
        if left := sum(bool(one.answer and one.answer.left) for one in sheet.given):
            told.append(word_left(left, is_public=record.is_public))
        self.message_user(request, " ".join(told), messages.SUCCESS)


def lock_standing(record: Programme) -> Programme:
    """Return a record, locked; raise Http404 if it was deleted in the same moment."""
    try:
        locked: Programme = lock_row(record)
    except Programme.DoesNotExist as error:
        raise Http404 from error
    return locked


def demand_answers(sheet: CheckSheet) -> None:
    """Raise NotFinished if a check would say nothing, or something that was not looked at."""
    if sheet.asked_again:
        raise NotFinished(word_asked_again(sheet.asked_again))
    if not sheet.given:
        told = _("Nothing is answered yet. Answer every fact of one source at least, then finish.")
        raise NotFinished(told)
    if all(one.chosen == Answer.SO for one in sheet.given) and not count_whole(
        sheet.facts, sheet.answers
    ):
        told = _(
            "No source is gone through yet: readers are told of a source once each of its facts is "
            "answered. Answer the rest of one, or keep your answers and go on later."
        )
        raise NotFinished(told)


def list_written(pk: int, rows: Collection[tuple[str, int]]) -> list[str]:
    """Return digests of facts as they are stored now, and of those that superseded them."""
    facts: list[CitedFact] = Entry(load_facts(Programme.objects.get(pk=pk))).cited
    newer = {
        (one.part, one.row.superseded_by_id)
        for one in facts
        if (one.part, one.row.pk) in rows and getattr(one.row, "superseded_by_id", None)
    }
    return [one.digest for one in facts if (one.part, one.row.pk) in {*rows, *newer}]


def find_check_address(record: Programme) -> str:
    return reverse("admin:programmes_programme_check", args=[record.pk])


# --- Words ----------------------------------------------------------------------------------------


def word_finished(checked: SourcesChecked | None) -> str:
    """Return what readers are told of a check, with what others have checked on the same day."""
    if checked is None:
        return _("No source was gone through as a whole, so readers are told of no check.")
    told = ngettext(
        "Checked against %(checked)d of %(of)d source.",
        "Checked against %(checked)d of %(of)d sources.",
        checked.of,
    )
    return told % checked._asdict()


def word_changes(number: int, *, waits: bool, is_public: bool) -> str:
    if waits:
        told = ngettext(
            "%(number)d change waits in a draft.", "%(number)d changes wait in a draft.", number
        )
    elif is_public:
        told = ngettext(
            "%(number)d change is public now.", "%(number)d changes are public now.", number
        )
    else:
        told = ngettext(
            "%(number)d change is in the record.", "%(number)d changes are in the record.", number
        )
    return told % {"number": number}


def word_left(number: int, *, is_public: bool) -> str:
    if is_public:
        told = ngettext(
            "%(number)d fact is left to do: it is a task now.",
            "%(number)d facts are left to do: they are tasks now.",
            number,
        )
    else:
        told = ngettext(
            "%(number)d fact is left to do, once the record is published.",
            "%(number)d facts are left to do, once the record is published.",
            number,
        )
    return told % {"number": number}


def word_wrong(wrong: Collection[AskedFact]) -> str:
    told = ngettext(
        "Not finished, and nothing is written yet: %(number)d fact needs another look below.",
        "Not finished, and nothing is written yet: %(number)d facts need another look below.",
        len(wrong),
    )
    return told % {"number": len(wrong)}


def word_asked_again(again: Collection[AskedFact]) -> str:
    told = ngettext(
        "Somebody changed this while your page was open, so it is asked again: %(facts)s. Your "
        "other answers hold.",
        "Somebody changed these while your page was open, so they are asked again: %(facts)s. Your "
        "other answers hold.",
        len(again),
    )
    return told % {"facts": "; ".join(one.told for one in again)}
