"""The page on which a record is withdrawn: why, what readers see then, and what leads there."""

import copy
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.columns.texts import clean_line
from programmes.models import Programme
from stemobs.admin.moves.finding import FindsRecord, describe_moving
from stemobs.admin.moves.merging import find_merger_address
from stemobs.admin.moves.sending import send_form
from stemobs.admin.rights.drawn import FIELD, list_changed, write_drawn
from stemobs.admin.rights.publishing import LONGEST_REASON
from stemobs.admin.saving import build_admin_url
from stemobs.curation.states import State, explain_refusal, may_act_alone

REASON, WORDS, ALONE = "why", "words", "reason_alone"  # fields of the page
PREVIEW = "_preview"
LONGEST: int = Programme._meta.get_field("withdrawn_reason").max_length or 0


class WithdrawalReason(models.TextChoices):
    """Why a record is withdrawn, as a sentence that readers see."""

    DUPLICATE = "duplicate", gettext_lazy("It is in the catalogue twice.")
    NEVER = "never", gettext_lazy("It does not exist, or never took place.")
    SCOPE = "scope", gettext_lazy("It is no programme of schools and industry.")
    ASKED = "asked", gettext_lazy("Those who run it asked us to remove it.")
    UNCONFIRMED = "unconfirmed", gettext_lazy("We could not confirm it by any source.")
    OTHER = "other", gettext_lazy("Another reason, in your words below")


class WithdrawsRecords(FindsRecord, admin.ModelAdmin):
    """Withdraws a record from readers with a reason, as its form does."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.show_withdrawal)
        return [
            path("<path:object_id>/withdraw/", view, name="programmes_programme_withdraw"),
            *super().get_urls(),
        ]

    def show_withdrawal(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what becomes of a record that is withdrawn; a POST shows it or does it."""
        record = self.find_record_to_move(request, object_id)
        if record.state != State.PUBLISHED:
            told = _("Only what readers see can be withdrawn.")
            self.message_user(request, told, messages.ERROR)
            return HttpResponseRedirect(build_admin_url(record))
        if request.method != "POST":
            return self.draw_withdrawal(request, record)
        if request.POST.get(REASON) == WithdrawalReason.DUPLICATE:
            return HttpResponseRedirect(find_merger_address(record))
        why, wrong = read_reason(request)
        if wrong:
            return self.draw_withdrawal(request, record, [wrong])
        if PREVIEW in request.POST:
            return show_as_withdrawn(request, record, why)
        wrongs = self.withdraw(request, record, why)
        if wrongs:
            record.refresh_from_db()
            return self.draw_withdrawal(request, record, wrongs)
        told = _("“%(name)s” is withdrawn. Readers see only that, and why.") % {"name": record}
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(build_admin_url(record))

    def withdraw(self, request: HttpRequest, record: Programme, why: str) -> list[str]:
        """Withdraw a record; return what is wrong, if anything is."""
        if list_changed(request, [record]):
            return [_("Somebody has changed this record meanwhile. Look at it as it is now.")]
        after = State.WITHDRAWN
        sent = {"state": after, "withdrawn_reason": why, "merged_into": ""}
        alone = clean_line(request.POST.get(ALONE, ""))[:LONGEST_REASON]
        return send_form(self, request, record, {**sent, ALONE: alone}, why)

    def draw_withdrawal(
        self, request: HttpRequest, record: Programme, wrong: list[str] | None = None
    ) -> HttpResponse:
        refusal = explain_refusal(request.user, record)
        is_alone = bool(refusal) and may_act_alone(request.user)
        context = {
            **describe_moving(self, request, record),
            "title": _("Withdraw a record"),
            "wrong": wrong or [],
            "reasons": WithdrawalReason.choices,
            "chosen": request.POST.get(REASON, ""),
            "words": request.POST.get(WORDS, ""),
            "longest": LONGEST,
            "refusal": "" if is_alone else refusal,
            "asks_why_alone": refusal if is_alone else "",
            "alone": request.POST.get(ALONE, ""),
            "longest_reason": LONGEST_REASON,
            "drawn_field": FIELD,
            "drawn": write_drawn([record]),
        }
        template = "admin/programmes/programme/withdraw.html"
        return TemplateResponse(request, template, context, status=409 if wrong else 200)


def read_reason(request: HttpRequest) -> tuple[str, str]:
    """Return the reason that readers see, and what is wrong with what was sent."""
    chosen = request.POST.get(REASON, "")
    words = clean_line(request.POST.get(WORDS, ""))
    if chosen not in WithdrawalReason:
        return "", _("Choose why it is withdrawn.")
    if chosen == WithdrawalReason.OTHER:
        why = words
    else:
        why = " ".join(filter(None, [str(WithdrawalReason(chosen).label), words]))
    if not why:
        return "", _("Say in a sentence why it is withdrawn. Readers see it.")
    if len(why) > LONGEST:
        told = _("That has %(number)d letters. Readers see %(most)d at most, so say it shorter.")
        return "", told % {"number": len(why), "most": LONGEST}
    return why, ""


def show_as_withdrawn(request: HttpRequest, record: Programme, why: str) -> HttpResponse:
    """Return the page that readers would get, for nobody to keep."""
    record.withdrawn_reason = why
    plain = copy.copy(request)
    plain.method, plain.path, plain.path_info = "GET", record.get_absolute_url(), ""
    context = {"programme": record, "successor": None}
    page = render(plain, "pages/programme/withdrawn.html", context)
    page.headers["Cache-Control"] = "no-store"
    return page
