"""The page of a draft: what it would change, what was said about it, and who decides."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
)
from django.template.response import TemplateResponse
from django.urls import path, resolve
from django.utils.translation import gettext as _

from programmes.columns.texts import clean_line, clean_text
from programmes.models import LONGEST_COMMENT, LONGEST_PLACE, ChangeDraft, DraftStep, Programme
from stemobs.admin.drafts.comments import RowKey, find_imported, find_place
from stemobs.admin.drafts.documents import SEND, TURN, send_again
from stemobs.admin.drafts.pages import (
    KeepsDrafts,
    find_draft_address,
    word_sent,
    word_sent_by,
)
from stemobs.admin.drafts.pictures import list_pictures, show_kept_picture
from stemobs.admin.drafts.trying import tried
from stemobs.admin.history import describe_change
from stemobs.admin.merging.pages import find_merge
from stemobs.admin.merging.people import name_users
from stemobs.admin.record.pictures import ShownPicture
from stemobs.admin.rights.publishing import LONGEST_REASON, word_reason_alone
from stemobs.admin.saving import build_admin_url, lock_row
from stemobs.catalogue.editing import wait_for_turn
from stemobs.curation.drafts import (
    PICTURE,
    explain_refusal_of_draft,
    find_decision,
    find_open_draft,
    list_writers,
    take_step,
)
from stemobs.curation.states import Refused, may_act_alone
from stemobs.entries.history.differences import TextPiece
from stemobs.entries.history.undoing import RowChange, list_changes

Kind = DraftStep.Kind
DraftState = ChangeDraft.State
SAVE = "_save"
COMMENT, ABOUT, PLACE = "comment", "about", "place"  # fields of the page
ALONE = "reason_alone"


class Undecided(Exception):
    """What was to be done with a draft cannot be done; it says why, in words for people."""


@dataclass
class Line:
    """A line of what a draft would change, with what was said about it."""

    name: str
    pieces: Sequence[TextPiece]
    kind: str  # added, removed, changed, replaced or retracted
    place: str = ""  # of the field or row in the form that says it; "" if none does
    comments: list[DraftStep] = field(default_factory=list)
    pictures: Sequence[ShownPicture] = ()  # that say it, in place of the pieces


@dataclass
class Effect:
    """What would become of a draft if it were approved now."""

    lines: list[Line]
    is_ready: bool  # whether it could be saved as it is


class ReviewsDrafts(KeepsDrafts):
    """Shows what a draft would change, and lets somebody else than its authors approve it."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.show_review)
        preview = self.admin_site.admin_view(self.show_preview)
        return [
            path("<path:object_id>/draft/", view, name="programmes_programme_draft"),
            path("<path:object_id>/draft/page/", preview, name="programmes_programme_preview"),
            *super().get_urls(),
        ]

    def show_review(self, request: HttpRequest, object_id: str) -> HttpResponse:
        record = self.find_record_of_draft(request, object_id)
        draft = find_open_draft(record)
        if draft is None:
            decided = word_first(record) if request.method == "POST" else ""
            return self.lead_to_record(request, record, decided)
        if request.method == "POST" and (response := self.take_answer(request, record)):
            return response
        return self.draw_review(request, find_open_draft(record) or draft)

    def find_record_of_draft(self, request: HttpRequest, object_id: str) -> Programme:
        record: Any = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        return record

    def lead_to_record(
        self, request: HttpRequest, record: Programme, decided: str = ""
    ) -> HttpResponse:
        told = decided or _("This record has no draft of a change.")
        self.message_user(request, told, messages.INFO)
        return HttpResponseRedirect(build_admin_url(record))

    def show_preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the page that readers would get if a draft were approved now."""
        record = self.find_record_of_draft(request, object_id)
        draft = find_open_draft(record)
        if draft is None:
            return self.lead_to_record(request, record)
        with tried():
            _again, is_ready = self.replay(request, draft)
            response = show_as_reader(request, record) if is_ready else None
            if response:
                response.content = show_kept_picture(response.content, record, draft)
        return response or HttpResponseRedirect(find_draft_address(record))

    def draw_review(self, request: HttpRequest, draft: ChangeDraft) -> HttpResponse:
        outcome = self.try_draft(request, draft)
        placed = {one.pk for line in outcome.lines for one in line.comments}
        said = [one for one in draft.steps.all() if one.text]
        refusal = explain_refusal_of_draft(request.user, draft)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": draft.programme,
            "title": _("Draft of a change"),
            "draft": draft,
            "imported": find_imported(draft.programme, draft),
            "outcome": outcome,
            # Also those about what the draft does not change any more.
            "comments": [one for one in said if one.pk not in placed],
            "writers": name_users(list_writers(draft)),
            "refusal": "" if may_act_alone(request.user) else refusal,
            "asks_why_alone": bool(refusal) and may_act_alone(request.user),
            "can_approve": draft.state == DraftState.REVIEW and outcome.is_ready,
            "can_drop": request.user in list_writers(draft) or not refusal,
            "longest": LONGEST_COMMENT,
            "longest_reason": LONGEST_REASON,
            "said": request.POST.get(COMMENT, ""),
            "reason_alone": request.POST.get(ALONE, ""),
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/programmes/programme/draft.html", context)

    # What it would change

    def try_draft(self, request: HttpRequest, draft: ChangeDraft) -> Effect:
        """Return what a draft would change now; nothing of it stays."""
        with tried():
            again, is_saved = self.replay(request, draft)
            changes = list_changes(draft.programme, again.__dict__["edit"]) if is_saved else []
            places = again.__dict__.get("places", {})
            lines = [line for one in changes for line in describe_lines(one, draft, places)]
            say_once(lines)
        return Effect(lines, is_saved)

    def replay(self, request: HttpRequest, draft: ChangeDraft) -> tuple[HttpRequest, bool]:
        """Save the form of a draft as it is merged with the record now; whether that could be."""
        again = send_again(request, draft, SAVE)
        again.__dict__["tried"] = None
        response = self.save_form_of_draft(again, str(draft.programme_id))
        return again, response.status_code == 302

    # What is answered

    def take_answer(self, request: HttpRequest, record: Programme) -> HttpResponse | None:
        """Do what a button says; None if the page is to be shown again, which says why."""
        answers = {
            "_comment": self.comment,
            "_return": self.hand_back,
            SEND: self.send,
            "_drop": self.drop,
            "_approve": self.approve,
        }
        button = next((one for one in answers if one in request.POST), None)
        if button is None:
            return None
        try:
            with transaction.atomic():
                wait_for_turn()
                lock_row(record)
                draft = find_open_draft(record, lock=True)
                if draft and request.POST.get(TURN) == str(draft.turn):
                    return answers[button](request, draft)
                told = word_first(record)
        except Undecided as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        told = told or _("Somebody has changed this draft meanwhile. Read it as it is now.")
        self.message_user(request, told, messages.WARNING)
        if draft:
            return None  # the page keeps what was written on it
        return HttpResponseRedirect(build_admin_url(record))

    def comment(self, request: HttpRequest, draft: ChangeDraft) -> HttpResponse:
        text = read_comment(request)
        if not text:
            raise Undecided(_("Write what you want to say."))
        about = clean_line(request.POST.get(ABOUT, ""))[:300]
        place = clean_line(request.POST.get(PLACE, ""))[:LONGEST_PLACE]
        take_step(draft, Kind.COMMENTED, request.user, text, about=about, place=place)
        return self.done(request, draft, _("Your comment stands beside the draft."))

    def hand_back(self, request: HttpRequest, draft: ChangeDraft) -> HttpResponse:
        text = read_comment(request)
        self.demand(request, draft)
        if draft.state != DraftState.REVIEW:
            told = _("Only what was sent to review can be returned.")
            raise Undecided(word_decision(find_decision(draft)) or told)
        if not text and not was_commented(draft, request.user):
            raise Undecided(_("Say in a sentence why you return it."))
        take_step(draft, Kind.RETURNED, request.user, text, state=DraftState.RETURNED)
        told = _("Returned to %(who)s.") % {"who": name_users(list_writers(draft))}
        return self.done(request, draft, told)

    def send(self, request: HttpRequest, draft: ChangeDraft) -> HttpResponse:
        if draft.state == DraftState.REVIEW:
            raise Undecided(word_sent_by(draft))
        take_step(draft, Kind.SENT, request.user, read_comment(request), state=DraftState.REVIEW)
        return self.done(request, draft, word_sent())

    def drop(self, request: HttpRequest, draft: ChangeDraft) -> HttpResponse:
        if request.user not in list_writers(draft):
            self.demand(request, draft)
        take_step(
            draft, Kind.DROPPED, request.user, read_comment(request), state=DraftState.DROPPED
        )
        told = _("The draft is dropped. The record is as readers see it.")
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(build_admin_url(draft.programme))

    def approve(self, request: HttpRequest, draft: ChangeDraft) -> HttpResponse:
        """Publish what a draft changes, all at once, as an edit of who wrote it last."""
        refusal = explain_refusal_of_draft(request.user, draft)
        reason = request.POST.get(ALONE, "").strip()[:LONGEST_REASON] if refusal else ""
        if refusal and not may_act_alone(request.user):
            raise Refused(refusal)
        if refusal and not reason:
            told = _("%(refusal)s If nobody else can, say why you do it alone.")
            raise Undecided(told % {"refusal": refusal})
        if draft.state != DraftState.REVIEW:
            told = _("Only what was sent to review can be approved.")
            raise Undecided(word_decision(find_decision(draft)) or told)
        again, is_saved = self.replay(request, draft)
        if not is_saved:
            raise Undecided(word_behind(find_merge(again)))
        if again.__dict__["tried"] is None:
            return self.drop(request, draft)  # readers see all of it already
        made = again.__dict__["edit"]
        made.user = (list_writers(draft) or [request.user])[-1]
        if reason:
            made.reason = " · ".join(filter(None, [made.reason, word_reason_alone(reason)]))
        made.save(update_fields=["user", "reason"])
        draft.edit = made
        text = read_comment(request)
        take_step(draft, Kind.PUBLISHED, request.user, text, state=DraftState.PUBLISHED)
        self.message_user(request, _("Published. Readers see it now."), messages.SUCCESS)
        return HttpResponseRedirect(build_admin_url(draft.programme))

    def demand(self, request: HttpRequest, draft: ChangeDraft) -> None:
        """Refuse what only somebody may do who may approve the draft."""
        refusal = explain_refusal_of_draft(request.user, draft)
        if refusal and not may_act_alone(request.user):
            raise Refused(refusal)

    def done(self, request: HttpRequest, draft: ChangeDraft, told: str) -> HttpResponse:
        self.message_user(request, told, messages.SUCCESS)
        return HttpResponseRedirect(find_draft_address(draft.programme))


def show_as_reader(request: HttpRequest, record: Programme) -> HttpResponse:
    """Return the public page of a record as it is in this transaction, for nobody to keep."""
    address = Programme.objects.get(pk=record.pk).get_absolute_url()
    found, plain = resolve(address), copy.copy(request)
    plain.__dict__.pop("reading", None)
    plain.method, plain.path, plain.path_info = "GET", address, address
    plain.GET, plain.resolver_match = QueryDict(), found
    plain.__dict__["is_preview"] = True
    page: HttpResponse = found.func(plain, *found.args, **found.kwargs)
    response = HttpResponse(page.content, content_type=page.headers["Content-Type"])
    response.headers["Cache-Control"] = "no-store"
    return response


def describe_lines(
    change: RowChange, draft: ChangeDraft, places: Mapping[RowKey, str]
) -> list[Line]:
    """Return the lines of a change, with the comments on each."""
    kind = find_kind(change)
    lines = [Line(name, list(pieces), kind) for name, pieces in describe_change(change)]
    for number, line in enumerate(lines):
        line.place = find_place(change, number, places)
        if change.model is Programme and line.place == PICTURE:
            line.pictures = list_pictures(change, draft)
        line.comments = [
            one
            for one in draft.steps.all()
            if one.text and (one.about, one.place) == (line.name, line.place)
        ]
    return lines


def say_once(lines: Iterable[Line]) -> None:
    """Let what was said of a list of the record, such as its levels, stand at its first line."""
    seen: set[int] = set()
    for line in lines:
        line.comments = [one for one in line.comments if one.pk not in seen]
        seen |= {one.pk for one in line.comments}


def find_kind(change: RowChange) -> str:
    if change.before is None:
        return _("added")
    if change.after is None:
        return _("removed")
    if "superseded_by_id" in change.columns:
        return _("replaced")
    if "retracted_because" in change.columns:
        return _("retracted")
    return _("changed")


def read_comment(request: HttpRequest) -> str:
    return clean_text(request.POST.get(COMMENT, ""))[:LONGEST_COMMENT]


def was_commented(draft: ChangeDraft, user: Any) -> bool:
    """Whether somebody has said something about what was sent to review last."""
    steps = [*draft.steps.all()]
    sent = max((n for n, one in enumerate(steps) if one.kind == Kind.SENT), default=0)
    return any(one.text and one.user == user for one in steps[sent:])


def word_first(record: Programme) -> str:
    """Return who has decided on the last draft of a record, and how; "" if nobody has."""
    draft = ChangeDraft.objects.filter(programme=record).first()
    return word_decision(find_decision(draft)) if draft else ""


def word_decision(step: DraftStep | None) -> str:
    """Return in words by whom and how a draft was decided; "" of none."""
    if step is None:
        return ""
    words = {
        Kind.PUBLISHED: _("This draft was approved first by %(who)s. Readers see it."),
        Kind.RETURNED: _("This draft was returned first by %(who)s. %(text)s"),
        Kind.DROPPED: _("This draft was dropped first by %(who)s."),
    }
    return (words[Kind(step.kind)] % {"who": name_users([step.user]), "text": step.text}).strip()


def word_behind(merge: Any) -> str:
    number = len(merge.questions) if merge else 0
    if number:
        told = _(
            "The published record moved on since this was sent, and %(number)d facts need a choice "
            "before it can be approved. Open the draft, choose, and send it again."
        )
        return told % {"number": number}
    return _(
        "This cannot be published as it is. Open the draft: what is in the way stands beside its "
        "fields."
    )
