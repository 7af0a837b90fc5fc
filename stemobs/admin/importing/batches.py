"""The last step of an import: a second person opens its drafts, and approves or returns them."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.columns.texts import clean_text
from programmes.models import (
    LONGEST_COMMENT,
    ChangeDraft,
    DraftStep,
    Import,
    ImportedRow,
    ImportedRowSeen,
    Programme,
)
from stemobs.admin.drafts.pages import find_draft_address
from stemobs.admin.drafts.reviewing import Undecided
from stemobs.admin.importing.rows import PlansRows
from stemobs.admin.importing.uploading import TakesFiles
from stemobs.admin.lists import ID, DeclaredFilters
from stemobs.admin.merging.people import list_entries, name_users
from stemobs.admin.record.sending import make_request
from stemobs.admin.rights.drawn import count_changes, write_drawn
from stemobs.admin.rights.publishing import lock_programmes
from stemobs.admin.saving import begin_edit, build_admin_url
from stemobs.admin.suggestions.filling import get_page_of
from stemobs.catalogue.editing import wait_for_turn
from stemobs.curation.checks.checks import find_faults_of_many
from stemobs.curation.drafts import (
    explain_refusal_of_draft,
    find_decision,
    find_open_draft,
    take_step,
)
from stemobs.curation.states import MAY_PUBLISH, Refused, State, describe_role, explain_refusal

CHOSEN, COMMENT = "chosen", "comment"
WAITING = (State.DRAFT, State.REVIEW)


@dataclass
class BatchRow:
    """A row of a batch: what it changes, what the checks say, and whether it can be approved."""

    row: ImportedRow
    state: str
    is_open: bool  # whether somebody has to decide still
    faults: list[str]
    refusal: str  # why this user may not approve it
    is_seen: bool  # whether this user has opened it as it is now


class ReviewsBatches(PlansRows):
    """Shows the drafts of an import, and lets them be approved or returned together."""

    def show_batch(self, request: HttpRequest, object_id: str) -> HttpResponse:
        sheet = self.find_sheet(request, object_id)
        if request.method == "POST" and (response := self.take_decision(request, sheet)):
            return response
        rows = self.describe_rows(request, sheet)
        open_ones = [one for one in rows if one.is_open]
        context = {
            **self.describe_step(request, sheet, "batch"),
            "rows": rows,
            "is_open": bool(open_ones),
            "drawn": write_drawn([one.row.programme for one in rows if one.row.is_new]),
            "may_publish": request.user.has_perm(MAY_PUBLISH),
            "longest": LONGEST_COMMENT,
            "comment": request.POST.get(COMMENT, ""),
            "left_out": list_left_out(request, rows),
        }
        return TemplateResponse(request, "admin/programmes/import/batch.html", context)

    def describe_rows(self, request: HttpRequest, sheet: Import) -> list[BatchRow]:
        rows = [
            *sheet.rows.select_related("programme", "draft").prefetch_related("draft__steps__user")
        ]
        marks = mark_rows(rows)
        seen = ImportedRowSeen.objects.filter(row__in=rows, user=request.user)
        known = dict(seen.values_list("row_id", "mark"))
        waiting = [row.programme for row in rows if row.is_new and row.programme.state in WAITING]
        faults = find_faults_of_many(waiting)
        return [
            BatchRow(
                row,
                tell_state(row),
                is_waiting(row),
                [str(one) for one in faults.get(row.programme, ())],
                self.explain(request, row),
                known.get(row.pk) == marks[row.pk],
            )
            for row in rows
        ]

    def explain(self, request: HttpRequest, row: ImportedRow) -> str:
        if row.draft:
            return explain_refusal_of_draft(request.user, row.draft)
        if row.programme.state not in WAITING:
            return ""
        return explain_refusal(request.user, row.programme)

    def open_row(self, request: HttpRequest, object_id: str, row_id: int) -> HttpResponse:
        """Note that somebody opens what came of a row, and lead there."""
        sheet = self.find_sheet(request, object_id)
        row = sheet.rows.select_related("programme", "draft").filter(pk=row_id).first()
        if row is None:
            raise Http404
        ImportedRowSeen.objects.update_or_create(
            row=row, user=request.user, defaults={"mark": mark_rows([row])[row.pk]}
        )
        if row.draft and row.draft.is_open:
            return HttpResponseRedirect(find_draft_address(row.programme))
        return HttpResponseRedirect(build_admin_url(row.programme))

    # Deciding

    def take_decision(self, request: HttpRequest, sheet: Import) -> HttpResponse | None:
        """Do what a button says; None if nothing was done, so that the page is shown again."""
        if not request.user.has_perm(MAY_PUBLISH):
            raise Refused(describe_role(request.user))
        chosen = {int(one) for one in request.POST.getlist(CHOSEN) if ID.fullmatch(one)}
        with transaction.atomic():
            # What others have decided until now is seen, and nobody decides meanwhile.
            wait_for_turn()
            sheet = Import.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
            rows = [one for one in self.describe_rows(request, sheet) if one.row.pk in chosen]
            self.tell_decided(request, [one for one in rows if not one.is_open])
            is_done = self.decide(request, [one for one in rows if one.is_open], bool(rows))
            self.settle(sheet)
        return HttpResponseRedirect(self.find_address(sheet, "batch")) if is_done else None

    def decide(self, request: HttpRequest, rows: list[BatchRow], is_chosen: bool) -> bool:
        """Do what a button says with those of the chosen rows that wait; whether it was done."""
        if not is_chosen:
            told = _("Choose at least one draft that waits for somebody.")
            self.message_user(request, told, messages.WARNING)
            return False
        if rows and "_return" in request.POST:
            return self.hand_back(request, rows)
        if rows and "_approve" in request.POST:
            self.approve(request, rows)
        return True

    def tell_decided(self, request: HttpRequest, rows: list[BatchRow]) -> None:
        """Say who was first with rows on which somebody has decided already."""
        if rows:
            named = "; ".join(f"{one.row.programme} ({tell_decision(one)})" for one in rows)
            told = _("Somebody was first with these: %(names)s.") % {"names": named}
            self.message_user(request, told, messages.WARNING)

    def approve(self, request: HttpRequest, rows: list[BatchRow]) -> None:
        """Publish what was chosen, opened as it is now, and is not of this user."""
        unseen = [one for one in rows if not one.is_seen]
        if unseen:
            names = ", ".join(str(one.row.programme) for one in unseen)
            told = _("Not approved, because you have not opened it as it is now: %(names)s.")
            self.message_user(request, told % {"names": names}, messages.WARNING)
        ready = [one.row for one in rows if one.is_seen]
        with transaction.atomic():
            new = [row for row in ready if row.is_new]
            done = self.publish_new(request, new) if new else 0
            done += self.publish_changes(request, [row for row in ready if not row.is_new])
        if done:
            told = ngettext(
                "Published: %(number)d record. Readers see it now.",
                "Published: %(number)d records. Readers see them now.",
                done,
            )
            self.message_user(request, told % {"number": done}, messages.SUCCESS)

    def publish_new(self, request: HttpRequest, rows: list[ImportedRow]) -> int:
        """Publish new records, by the rules of the list of records; return how many."""
        page: Any = get_page_of(Programme)
        again = make_request(request, must_draft=True)
        again.__dict__["_messages"] = request.__dict__["_messages"]  # what stays says why
        again.POST = request.POST.copy()
        ids = [row.programme_id for row in rows]
        wanted = Programme.objects.filter(pk__in=ids)
        with begin_edit(again):
            page.advance(again, wanted, State.PUBLISHED, from_states=[*WAITING])
        return wanted.published().count()

    def publish_changes(self, request: HttpRequest, rows: list[ImportedRow]) -> int:
        """Approve drafts of changes, each by the rules of its own page; return how many."""
        page: Any = get_page_of(Programme)
        done = 0
        for row in rows:
            draft = find_open_draft(row.programme, lock=True)
            if draft is None or draft.pk != row.draft_id:
                continue
            try:
                with transaction.atomic():
                    page.approve(make_request(request, must_draft=True), draft)
                done += 1
            except (Undecided, Refused) as error:
                words = {"name": row.programme, "told": error}
                told = _("Not approved: %(name)s. %(told)s") % words
                self.message_user(request, told, messages.WARNING)
        return done

    def hand_back(self, request: HttpRequest, rows: list[BatchRow]) -> bool:
        """Return what was chosen to who imported it, with a comment; whether it was done."""
        text = clean_text(request.POST.get(COMMENT, ""))[:LONGEST_COMMENT]
        if not text:
            self.message_user(request, _("Say in a sentence why you return it."), messages.ERROR)
            return False
        with transaction.atomic():
            for one in rows:
                if one.row.draft and one.row.draft.state == ChangeDraft.State.REVIEW:
                    take_step(
                        one.row.draft,
                        DraftStep.Kind.RETURNED,
                        request.user,
                        text,
                        state=ChangeDraft.State.RETURNED,
                    )
                one.row.is_returned, one.row.comment = True, text
                one.row.save(update_fields=["is_returned", "comment"])
            self.make_drafts_again(
                request, [one.row.programme_id for one in rows if one.row.is_new]
            )
        told = ngettext("Returned: %(number)d draft.", "Returned: %(number)d drafts.", len(rows))
        self.message_user(request, told % {"number": len(rows)}, messages.SUCCESS)
        return True

    def make_drafts_again(self, request: HttpRequest, ids: list[int]) -> None:
        """Let new records that were sent to review be drafts, so that they can be sent again."""
        sent = Programme.objects.filter(pk__in=ids, state=State.REVIEW)
        if not sent.exists():
            return
        page: Any = get_page_of(Programme)
        with begin_edit(request):
            records = lock_programmes(sent)
            for record in records:
                record.state = State.DRAFT
                record.save(update_fields=["state", "changed_at"])
            page.log_field(request, records, "state")

    def settle(self, sheet: Import) -> None:
        """Let an import count as decided once nothing of it waits."""
        rows = sheet.rows.select_related("programme", "draft")
        is_decided = not any(map(is_waiting, rows))
        state = Import.State.DECIDED if is_decided else Import.State.DRAFTED
        if state != sheet.state:
            self.keep_answers(sheet, state=state)


def list_left_out(request: HttpRequest, rows: list[BatchRow]) -> list[int]:
    """Return which rows were not chosen on a page that is shown again; on a new one all are."""
    if request.method != "POST":
        return []
    chosen = request.POST.getlist(CHOSEN)
    return [one.row.pk for one in rows if str(one.row.pk) not in chosen]


def is_waiting(row: ImportedRow) -> bool:
    """Whether what came of a row waits for somebody."""
    if row.is_new:
        return row.programme.state in WAITING
    return bool(row.draft and row.draft.is_open)


def tell_state(row: ImportedRow) -> str:
    if row.is_new:
        return str(row.programme.get_state_display())
    return str(row.draft.get_state_display()) if row.draft else _("dropped")


def tell_decision(one: BatchRow) -> str:
    """Return how a row was decided, and by whom."""
    row = one.row
    step = find_decision(row.draft) if row.draft else None
    entry = list_entries(Programme, row.programme_id).first() if row.is_new else None
    found = step or entry
    return ", ".join(filter(None, [one.state, name_users([found.user]) if found else ""]))


def mark_rows(rows: list[ImportedRow]) -> dict[int, str]:
    """Return by row which state of its record or draft there is now."""
    changes = count_changes([row.programme for row in rows])
    return {
        row.pk: f"turn {row.draft.turn}" if row.draft else str(changes[str(row.programme_id)])
        for row in rows
    }


@admin.register(Import)
class ImportAdmin(ReviewsBatches, TakesFiles, DeclaredFilters):
    """The list of imports, and the pages of each, one for every step."""

    list_display = ("file_name", "sender", "stands", "user", "changed_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    search_fields = ("file_name", "sender")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("content")

    @admin.display(description=gettext_lazy("where it stands"), ordering="state")
    def stands(self, sheet: Import) -> str:
        return str(sheet.get_state_display())

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Lead to where an import stands."""
        return HttpResponseRedirect(self.find_address(self.find_sheet(request, object_id)))

    def get_urls(self) -> list[Any]:
        views = {
            "reading": self.show_reading,
            "columns": self.show_columns,
            "rows": self.show_rows,
            "confirm": self.show_confirm,
            "batch": self.show_batch,
        }
        steps = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"programmes_import_{name}",
            )
            for name, view in views.items()
        ]
        opened = path(
            "<path:object_id>/batch/<revision:row_id>/",
            self.admin_site.admin_view(self.open_row),
            name="programmes_import_row",
        )
        return [opened, *steps, *super().get_urls()]
