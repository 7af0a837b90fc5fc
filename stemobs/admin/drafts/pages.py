"""The form of a published record where a second person has to approve what is changed.

What is saved there is tried and taken back: it is merged and checked as any form is, and nothing of
it is seen before it is approved. What the form held is kept as the draft of the record.
"""

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from programmes.models import (
    PRIVATE,
    ChangeDraft,
    DraftStep,
    Programme,
    discard_picture,
    keep_only_used,
)
from programmes.pictures.accepting import CleanPicture
from programmes.pictures.names import name_picture
from programmes.pictures.storing import read_stored, store_picture
from stemobs.admin.drafts.comments import find_imported, list_places, place_comments
from stemobs.admin.drafts.documents import (
    SEND,
    TURN,
    Document,
    send_again,
    write_document,
)
from stemobs.admin.drafts.merging import DraftMerge, put_questions
from stemobs.admin.drafts.trying import tried
from stemobs.admin.lists import ID
from stemobs.admin.merging.base import Base, make_base, read_base
from stemobs.admin.merging.merging import Merge
from stemobs.admin.merging.pages import MergesForms, describe_kept, find_merge, finish
from stemobs.admin.merging.people import name_users
from stemobs.admin.merging.values import Sent
from stemobs.admin.record.reading import SHOW, is_only_read
from stemobs.admin.rights.telling import word_sent_already
from stemobs.admin.saving import lock_row
from stemobs.catalogue.editing import wait_for_turn
from stemobs.curation.drafts import (
    PICTURE,
    find_open_draft,
    list_writers,
    take_step,
    write_step_form,
)

MUST_DRAFT = "must_draft"  # of a request: what it changes waits, whatever the settings say
PLAIN = "published"  # of the address: the form of the published record, though there is a draft
Kind = DraftStep.Kind
DraftState = ChangeDraft.State


class KeepsDrafts(MergesForms):
    """Keeps what is saved of a published record as a draft, until somebody else approves it."""

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        record = self.find_drafted(request, object_id)
        if record is None:
            return super().changeform_view(request, object_id, *args, **kwargs)
        request.__dict__["drafted"] = record
        if request.method != "POST":
            return self.show_draft(request, record, object_id, *args, **kwargs)
        if is_only_read(request.POST) or changes_state(request):
            return super().changeform_view(request, object_id, *args, **kwargs)
        return self.keep_draft(request, record, object_id, *args, **kwargs)

    def find_drafted(self, request: HttpRequest, object_id: str | None) -> Programme | None:
        """Return the published record of a form whose changes wait for a second person."""
        must_wait = settings.FOUR_EYES or MUST_DRAFT in request.__dict__
        if not (must_wait and object_id):
            return None
        row: Any = self.get_object(request, unquote(object_id))
        is_published = row is not None and row.state == Programme.State.PUBLISHED
        is_drafted = is_published and self.has_change_permission(request, row)
        return row if is_drafted else None

    # Showing

    def show_draft(
        self, request: HttpRequest, record: Programme, object_id: Any, *args: Any, **kwargs: Any
    ) -> Any:
        draft = None if PLAIN in request.GET else find_open_draft(record)
        if draft is None:
            return super().changeform_view(request, object_id, *args, **kwargs)
        again = send_again(request, draft, SHOW)
        response = finish(super().changeform_view(again, object_id, *args, **kwargs))
        response.status_code = 200  # also where something is asked
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if record := request.__dict__.get("drafted"):
            draft = find_open_draft(record)
            context |= {
                "is_drafted": True,
                "draft": draft,
                "draft_address": find_draft_address(record),
                "is_plain": PLAIN in request.GET,
                "writers": name_users(list_writers(draft)) if draft else "",
                **place_comments(context, None if PLAIN in request.GET else draft),
                "turn": find_shown_turn(request, draft),
                "show_save_and_add_another": False,
            }
        context["imported"] = find_imported(context.get("original"), context.get("draft"))
        return super().render_change_form(request, context, *args, **kwargs)

    # Keeping

    def keep_draft(
        self, request: HttpRequest, record: Programme, object_id: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Try to save a form; if that could be done, keep what it held."""
        with keep_only_used(), transaction.atomic():
            wait_for_turn()
            lock_row(record)
            draft = find_open_draft(record, lock=True)
            opened = self.read_present(request, record)
            add_kept_picture(request, draft)
            with tried():
                request.__dict__["tried"] = None
                response = super().changeform_view(request, object_id, *args, **kwargs)
            told = request.__dict__.pop("tried")
            if response.status_code != 302:
                return response
            if told is None:
                return self.drop_empty(request, draft, response)
            document = self.write_sent(request)
            if draft and draft.form == document and is_as_it_was(request, draft, opened):
                return self.leave_draft(request, draft)
            draft = draft or ChangeDraft(programme=record)
            draft.form = document
            self.write_draft(request, draft, opened, object_id)
        return self.answer(request, draft)

    def leave_draft(self, request: HttpRequest, draft: ChangeDraft) -> HttpResponse:
        """Leave a draft as it is that says already what was sent: who sent it wrote no part."""
        told = _("Nothing was changed, so nothing was saved.")
        if SEND in request.POST:
            told = word_sent_by(draft)
            if draft.state != DraftState.REVIEW:
                take_step(draft, Kind.SENT, request.user, state=DraftState.REVIEW)
                told = word_sent()
        super().message_user(request, told, messages.INFO)
        return HttpResponseRedirect(find_draft_address(draft.programme))

    def write_sent(self, request: HttpRequest) -> Document:
        """Return what a form held that was tried."""
        document = write_document(request.POST)
        for row in request.__dict__.get("retracted", ()):
            # Who approves it may delete figures. Who wrote it was told that it is retracted.
            document.pop(f"{row}-DELETE", None)
        return document

    def drop_empty(
        self, request: HttpRequest, draft: ChangeDraft | None, response: HttpResponse
    ) -> HttpResponse:
        """Keep nothing of a form that says what readers see already."""
        told = _("Nothing was changed, so nothing was saved.")
        if draft:
            take_step(draft, Kind.DROPPED, request.user, state=DraftState.DROPPED)
            told = _("This is what readers see already, so the draft is dropped.")
        super().message_user(request, told, messages.INFO)
        return response

    def read_present(self, request: HttpRequest, record: Programme) -> Base:
        """Return what the form of a record is filled in with now."""
        formsets = [formset for formset, _inline in self.list_stored_rows(request, record)]
        return make_base(now().isoformat(), self.make_stored_form(request, record), formsets)

    def write_draft(
        self, request: HttpRequest, draft: ChangeDraft, opened: Base, object_id: str | None
    ) -> None:
        """Let a draft hold what was sent, as a step of whoever sent it."""
        page: Any = self
        reasons = [*draft.reason.split("; "), *page.give_reason(request, object_id).split("; ")]
        draft.reason = "; ".join(dict.fromkeys(filter(None, reasons)))
        draft.opened = vars(opened)
        keep_picture(request, draft)
        draft.turn += 1
        kept = write_step_form(draft)
        take_step(draft, Kind.WROTE, request.user, state=DraftState.WRITING, form=kept)
        if SEND in request.POST:
            take_step(draft, Kind.SENT, request.user, state=DraftState.REVIEW)

    def answer(self, request: HttpRequest, draft: ChangeDraft) -> HttpResponse:
        """Say what became of a form, and lead to the page of its draft, or back to the form."""
        merge = find_merge(request)
        if merge and merge.notes:
            super().message_user(request, describe_kept(merge), messages.WARNING)
        is_sent = draft.state == DraftState.REVIEW
        told = word_sent() if is_sent else word_kept()
        super().message_user(request, told, messages.SUCCESS)
        if "_continue" in request.POST:
            return HttpResponseRedirect(request.get_full_path())
        return HttpResponseRedirect(find_draft_address(draft.programme))

    def save_form_of_draft(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Save the form of a draft that is sent again, in earnest or to see what comes of it."""
        response: HttpResponse = super().changeform_view(request, object_id)
        return response

    # What the form does while it is tried

    def give_reason(self, request: HttpRequest, object_id: str | None) -> str:
        if draft := request.__dict__.get("draft"):
            return str(draft.reason)
        given: Any = super()
        return str(given.give_reason(request, object_id))

    def message_user(self, request: HttpRequest, message: Any, *args: Any, **kwargs: Any) -> None:
        """Tell nothing of a form that is only tried, but note that it would have been saved."""
        if "tried" not in request.__dict__:
            super().message_user(request, message, *args, **kwargs)
            return
        request.__dict__.pop("saved", None)  # as which Django's words are replaced
        if not request.__dict__.pop("is_unchanged", False):
            request.__dict__["tried"] = message

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if PICTURE in form.changed_data:
            request.__dict__["picture"] = form.cleaned_data[PICTURE]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        rows = (row for formset in formsets for row in formset.forms)
        kept = [row.prefix for row in rows if getattr(row, "is_kept", False)]
        request.__dict__["retracted"] = kept
        request.__dict__["places"] = list_places(formsets)

    # Two authors

    def merge_sent(self, request: HttpRequest, row: Any) -> Merge | None:
        """Put in too what another author has written into the draft since the form was opened."""
        is_drafted = "drafted" in request.__dict__ and not changes_state(request)
        drafted = self.merge_with_draft(request, row) if is_drafted else None
        merge = super().merge_sent(request, row)
        if merge and drafted:
            merge.notes[:0] = drafted.notes
            request.__dict__["is_turn_kept"] = bool(drafted.questions)
            put_questions(merge, drafted)
        return merge

    def merge_with_draft(self, request: HttpRequest, record: Programme) -> DraftMerge | None:
        draft = find_open_draft(record)
        turn = request.POST.get(TURN, "")
        if draft is None or "draft" in request.__dict__ or turn == str(draft.turn):
            return None
        steps = [one for one in draft.steps.all() if one.kind == Kind.WROTE]
        opened: Any = next((one.form for one in steps if str(one.turn) == turn), None)
        opened = read_base(request, Programme, record.pk) if opened is None else Sent.of(opened)
        if opened is None:
            return None  # the form came without what it was opened with: it is refused for that
        later = [one.user for one in steps if one.turn > read_number(turn)]
        who = cache(lambda: name_users(later, but=request.user))
        sent = Sent(request.POST.copy(), request.FILES)
        merge = DraftMerge(opened, Sent.of(write_step_form(draft)), sent, who)
        merge.merge_fields(self.make_stored_form(request, record))
        for formset, _inline in self.list_stored_rows(request, record):
            merge.merge_facts(formset, may_change=True)
        request.POST = sent.data
        add_kept_picture(request, draft)
        if merge.is_cleared_since(PICTURE) and PICTURE not in request.FILES:
            sent.data[f"{PICTURE}-clear"] = "on"
        return merge


# --- Words ----------------------------------------------------------------------------------------


def word_kept() -> str:
    return _("Saved as a draft of the change. Readers see the record as it was.")


def word_sent() -> str:
    return _("Sent to review. Readers see the record as it was until somebody else approves it.")


def word_sent_by(draft: ChangeDraft) -> str:
    """Return that a draft was sent already, and by whom last."""
    senders = [one.user for one in draft.steps.all() if one.kind == Kind.SENT]
    return word_sent_already(senders[-1] if senders else None)


# --- Parts ----------------------------------------------------------------------------------------


def changes_state(request: HttpRequest) -> bool:
    """Whether a form gives a published record another state, which is no part of a draft."""
    return request.POST.get("state", Programme.State.PUBLISHED) != Programme.State.PUBLISHED


def find_draft_address(record: Programme) -> str:
    return reverse("admin:programmes_programme_draft", args=[record.pk])


def find_shown_turn(request: HttpRequest, draft: ChangeDraft | None) -> str:
    """Return which turn of a draft a form shows; the former one while something is asked."""
    if request.__dict__.get("is_turn_kept"):
        return request.POST.get(TURN, "")
    return str(draft.turn) if draft and PLAIN not in request.GET else ""


def read_number(turn: str) -> int:
    return int(turn) if ID.fullmatch(turn) else 0


# --- Pictures -------------------------------------------------------------------------------------


def add_kept_picture(request: HttpRequest, draft: ChangeDraft | None) -> None:
    """Send the picture of a draft again, because a browser cannot, unless it was replaced."""
    is_replaced = PICTURE in request.FILES or f"{PICTURE}-clear" in request.POST
    if draft and not is_replaced and (picture := read_stored(draft.picture)):
        request.FILES[PICTURE] = picture


def is_as_it_was(request: HttpRequest, draft: ChangeDraft, opened: Base) -> bool:
    """Whether a form says of picture and published record what its draft was written with.

    Who chooses between a draft and what was published since writes it, whatever they choose.
    """
    merged_with = Base(**draft.opened)
    is_same = (merged_with.fields, merged_with.facts) == (opened.fields, opened.facts)
    return is_same and not is_picture_new(request, draft)


def is_picture_new(request: HttpRequest, draft: ChangeDraft) -> bool:
    """Whether a form has another picture than its draft, or takes that away."""
    file: Any = request.FILES.get(PICTURE)
    if file is None:
        return bool(draft.picture) and f"{PICTURE}-clear" in request.POST
    return str(file.name) != draft.picture


def keep_picture(request: HttpRequest, draft: ChangeDraft) -> None:
    """Let a draft have the picture that was sent, where nobody but curators sees it."""
    if not is_picture_new(request, draft):
        return
    before = draft.picture
    sent: Any = request.__dict__.get("picture")
    is_sent = isinstance(sent, CleanPicture)
    draft.picture = store_picture(name_picture(PRIVATE, str(sent.name)), sent) if is_sent else ""
    if before:
        discard_picture(before)
