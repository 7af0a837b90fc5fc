"""The admin's pages of what was changed in a row, and the ways to take that back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models, transaction
from django.db.models import F, QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import Funding
from programmes.models import CleanLine, Edit, Programme, Reach, Version, keep_only_used
from stemobs.admin.checking.problems import EMPTY
from stemobs.admin.moves.telling import TO_UNDO, UNDONE, UNDONE_ELSEWHERE
from stemobs.admin.rights.publishing import LONGEST_REASON, word_reason_alone
from stemobs.admin.saving import NOTHING
from stemobs.catalogue.editing import wait_for_turn
from stemobs.catalogue.history import where_about
from stemobs.curation.checks.checks import keep_checked
from stemobs.curation.checks.faults import Faulty
from stemobs.curation.mergers.rules import explain_refusal_to_unite
from stemobs.curation.mergers.undoing import find_merged, list_changes_of_merger
from stemobs.curation.states import (
    MAY_PUBLISH,
    Refused,
    State,
    explain_refusal,
    explain_refusal_at_once,
    explain_withholding,
    may_act_alone,
)
from stemobs.curation.tasks.watching import look_once_saved
from stemobs.entries.history.differences import TextPiece, compare_texts, word_fact, word_value
from stemobs.entries.history.rebuilding import RELATIONS, list_foreign_keys
from stemobs.entries.history.undoing import (
    CannotUndo,
    RowChange,
    find_hindrances,
    list_all_changes,
    list_changes,
    name_column,
    undo_edit,
    undo_everywhere,
    word_undoing,
)
from stemobs.entries.history.withholding import StillThere, withhold, withhold_reason

MOST_EDITS = 100  # on a page
MOST_TOLD = 5  # of what an edit changed, in the list of edits
FACTS_TOLD = (Reach, Funding)  # of which a record may have many, and each has to be told apart
WITHHOLDING = {
    "withhold",
    "withhold_reason",
}  # the buttons: what a change brought, or why it was made


class ReasonForm(forms.Form):
    """Why something must not be shown any more."""

    reason = CleanLine(
        gettext_lazy("Why it must not be shown any more"),
        max_length=LONGEST_REASON,
        help_text=gettext_lazy("Shown to everybody. Do not repeat what is to be withheld."),
    ).formfield(widget=AdminTextareaWidget(attrs={"rows": 2}), error_messages={"required": EMPTY})


class WithEdits(admin.ModelAdmin):
    """Adds to the page of changes what each edit changed, and a way to withhold it.

    Rows that records share have it too, because earlier states of records show what they said.
    """

    object_history_template = "admin/record_history.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.show_edit)
        name = f"{self.opts.app_label}_{self.opts.model_name}_edit"
        return [
            path("<path:object_id>/history/<revision:edit>/", view, name=name),
            *super().get_urls(),
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        edits = tell_changes(row, list_edits(row)[:MOST_EDITS]) if row else ()
        return super().history_view(request, object_id, {**(extra_context or {}), "edits": edits})

    def show_edit(self, request: HttpRequest, object_id: str, edit: int) -> HttpResponse:
        """Show what an edit changed in a row; a POST takes that back."""
        with wait_for_others(request):
            return self.answer_about_edit(request, object_id, edit)

    def answer_about_edit(self, request: HttpRequest, object_id: str, edit: int) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        made = get_object_or_404(list_edits(row), pk=edit)
        form = ReasonForm(request.POST if WITHHOLDING & request.POST.keys() else None)
        if self.take_back(request, row, made, form):
            return self.redirect_to_history(row)
        changes = list_changes(row, made)
        refusal = explain_withholding(request.user, made)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": _("What was changed"),
            "made": made,
            "rows": [told for change in changes for told in describe_change(change)],
            "refusal": "" if may_act_alone(request.user) else refusal,
            "form": form,
            "withheld": next((one.withheld for one in changes if one.withheld), ""),
            **self.describe_undoing(request, row, made, changes),
        }
        return TemplateResponse(request, "admin/edit.html", context)

    def describe_undoing(
        self, request: HttpRequest, row: Any, made: Edit, changes: Sequence[RowChange]
    ) -> dict[str, Any]:
        """Return what the page says of undoing the edit: of rows that records share, a merger."""
        merger = list_changes_of_merger(made)
        merged = find_merged(merger)
        if merged is None or not merged.is_shared:
            return {"offers_undo": False}
        refusal = explain_refusal_to_divide(request.user, made, merger)
        hindrances = [*find_hindrances(merger), *filter(None, [refusal])]
        told = TO_UNDO[merged.model]
        return {"offers_undo": True, "of_merger": told, "hindrances": hindrances}

    def take_back(self, request: HttpRequest, row: Any, made: Edit, form: ReasonForm) -> bool:
        """Take an edit back if that is asked for; whether it was done."""
        if "undo" in request.POST and self.undo(request, row, made):
            return True
        return form.is_valid() and self.withhold(request, row, made, form)

    def undo(self, request: HttpRequest, row: Any, made: Edit) -> bool:
        """Undo the merger of two rows that records share; if that cannot be done, say why."""
        merger = list_changes_of_merger(made)
        merged = find_merged(merger)
        if merged is None or not merged.is_shared:
            return False
        try:
            if refusal := explain_refusal_to_divide(request.user, made, merger):
                raise CannotUndo([refusal])
            undo_everywhere(made, request.user, lambda: list_changes_of_merger(made))
        except CannotUndo as error:
            return self.tell_not_undone(request, error.reasons)
        self.log_change(request, row, word_undoing(made))
        told = UNDONE[merged.model]
        self.message_user(request, told, messages.SUCCESS)
        return True

    def tell_not_undone(self, request: HttpRequest, reasons: Iterable[str]) -> bool:
        """Say why nothing was undone; False, as nothing was."""
        told = _("Nothing was undone: %(reasons)s") % {"reasons": "; ".join(reasons)}
        self.message_user(request, told, messages.ERROR)
        return False

    def withhold(self, request: HttpRequest, row: Any, made: Edit, form: ReasonForm) -> bool:
        """Withhold what an edit brought in, or its reason; if that cannot be done, say why.

        What readers could see is taken from them, so it takes who may withdraw a record.
        """
        reason = form.cleaned_data["reason"]
        if refusal := explain_withholding(request.user, made):
            if not may_act_alone(request.user):
                raise Refused(refusal)
            reason = word_reason_alone(reason)
        if "withhold_reason" in request.POST:
            withhold_reason(made, reason)
            done = _("Withheld the reason of an earlier change.")
        else:
            try:
                withhold(row, made, request.user, reason)
            except StillThere as error:
                self.message_user(request, str(error), messages.ERROR)
                return False
            done = _("Withheld the content of an earlier change.")
        self.log_change(request, row, done)
        told = _("Withheld. The history keeps the line, its date and your reason.")
        self.message_user(request, told, messages.SUCCESS)
        return True

    def redirect_to_history(self, row: Any) -> HttpResponse:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_history"
        return HttpResponseRedirect(reverse(name, args=[row.pk]))


class WithHistory(WithEdits):
    """Adds to the page of changes of a record a way to undo each edit."""

    def describe_undoing(
        self, request: HttpRequest, row: Any, made: Edit, changes: Sequence[RowChange]
    ) -> dict[str, Any]:
        merger = list_own_merger(made)
        if refusal := explain_other_merger(made):
            return {"offers_undo": True, "hindrances": [refusal]}
        lacking = list_missing_rights(request.user, merger or changes)
        refusal = explain_refusal_at_once(request.user, row)
        if merger:
            refusal = explain_refusal_to_part(request.user, made, merger)
        hindrances = [*find_hindrances(merger or changes), *lacking, *filter(None, [refusal])]
        merged = find_merged(merger)
        told = TO_UNDO[merged.model] if merged else ""
        return {"offers_undo": True, "of_merger": told, "hindrances": hindrances}

    def undo(self, request: HttpRequest, row: Any, made: Edit) -> bool:
        """Undo an edit; if that cannot be done, say why."""
        programme: Programme = row
        merger = list_own_merger(made)
        try:
            if refusal := explain_other_merger(made):
                raise CannotUndo([refusal])
            if merger:
                self.part(request, made, merger)
            else:
                refuse_missing_rights(request.user, list_changes(programme, made))
                if refusal := explain_refusal_at_once(request.user, programme):
                    raise CannotUndo([refusal])
                with keep_checked(programme):
                    undo_edit(programme, made, request.user)
        except (CannotUndo, Faulty) as error:
            return self.tell_not_undone(request, error.reasons)
        self.log_change(request, programme, word_undoing(made))
        told = _("Undone. Everybody sees it now.") if programme.is_public else _("Undone.")
        if merger:
            told = UNDONE[Programme]
        self.message_user(request, told, messages.SUCCESS)
        return True

    def part(self, request: HttpRequest, made: Edit, merger: Sequence[RowChange]) -> None:
        """Undo a merger, in both records at once; raise CannotUndo if somebody may not do that."""
        refuse_missing_rights(request.user, merger)
        if refusal := explain_refusal_to_part(request.user, made, merger):
            raise CannotUndo([refusal])
        merged: Any = find_merged(merger)
        pks = [merged.goes, merged.stays]
        records = Programme.objects.in_bulk(pks)
        goes, stays = records[merged.goes], records[merged.stays]
        with keep_only_used(), keep_checked(goes), keep_checked(stays):
            undo_edit(stays, made, request.user, lambda: list_changes_of_merger(made))
        look_once_saved([*Programme.objects.filter(pk__in=pks)])


@contextmanager
def wait_for_others(request: HttpRequest) -> Iterator[None]:
    """Let what is checked of a POST hold until it is written: one after another, as in forms."""
    if request.method != "POST":
        yield
        return
    with transaction.atomic():
        wait_for_turn()
        yield


def list_missing_rights(user: Any, changes: Sequence[RowChange]) -> Iterator[str]:
    """Yield the names of what a user may not change back, in records or texts beside the record."""
    for one in changes:
        whole: Any = one.model._meta.auto_created  # of rows that only say which ones were chosen
        action = "delete" if one.before is None else "add" if one.after is None else "change"
        model, action = (whole, "change") if whole else (one.model, action)
        if not user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}"):
            yield _("%(name)s: you may not change it") % {"name": one.name}


def refuse_missing_rights(user: Any, changes: Sequence[RowChange]) -> None:
    """Raise CannotUndo if a user may not change back all of this."""
    if lacking := [*list_missing_rights(user, changes)]:
        raise CannotUndo(lacking)


def list_own_merger(made: Edit) -> list[RowChange]:
    """Return what an edit did if it merged two records; nothing if it merged what records share.

    That is undone on the page of the one that stayed, and here only where it touches this record.
    """
    merger = list_changes_of_merger(made)
    merged = find_merged(merger)
    return [] if merged is None or merged.is_shared else merger


def explain_other_merger(made: Edit) -> str:
    """Return where an edit is undone that merged rows which records share; "" if it did not."""
    merged = find_merged(list_changes_of_merger(made))
    if merged is None or not merged.is_shared:
        return ""
    stays = merged.model.objects.filter(pk=merged.stays).first()
    told: str = UNDONE_ELSEWHERE[merged.model] % {"name": stays or NOTHING}
    return told


def explain_refusal_to_divide(user: Any, made: Edit, merger: Sequence[RowChange]) -> str:
    """Return why a user may not undo a merger of rows that records share; "" if they may.

    As to merge them: it changes at once what readers see. Who merged them may take that back.
    """
    merged: Any = find_merged(merger)
    went: Any = next(one for one in merger if (one.model, one.pk) == (merged.model, merged.goes))
    rows = [merged.model(**went.before), *merged.model.objects.filter(pk=merged.stays)]
    is_allowed = made.user_id == user.pk or may_act_alone(user)
    if is_allowed and user.has_perm(MAY_PUBLISH):
        return ""
    return explain_refusal_to_unite(user, rows)


def explain_refusal_to_part(user: Any, made: Edit, merger: Sequence[RowChange]) -> str:
    """Return why a user may not undo a merger; "" if they may.

    It restores a record. Who merged the two may take that back: they neither wrote it nor changed
    it before, or they could not have done it.
    """
    merged: Any = find_merged(merger)
    before = next(one.before for one in merger if one.model is Programme and one.pk == merged.goes)
    if before is None or before["state"] != State.PUBLISHED or may_act_alone(user):
        return ""
    if made.user_id == user.pk and user.has_perm(MAY_PUBLISH):
        return ""
    return explain_refusal(user, Programme.objects.get(pk=merged.goes))


def list_edits(row: Any) -> QuerySet[Edit]:
    """Return the edits that wrote a row, or rows about it, the last first."""
    about = Version.objects.filter(where_about(row))
    of_row = Edit.objects.filter(pk__in=about.values("edit_id"))
    last_first = (F("revision").desc(nulls_first=True), "-pk")
    return of_row.select_related("user").order_by(*last_first)


def tell_changes(owner: models.Model, edits: Iterable[Edit]) -> list[tuple[Edit, str]]:
    """Return edits, each with what it changed in a row and in the rows about it, in words."""
    listed = list(edits)
    found = list_all_changes(owner, listed)
    rows = {one: build_row(one) for one in chain.from_iterable(found.values())}
    for model in {one.model for one in rows} - {type(owner)}:
        same = [row for row in rows.values() if type(row) is model]
        prefetch_related_objects(same, *(one.name for one in list_foreign_keys(model)))
    return [(one, word_edit(owner, found.get(one.pk, ()), rows)) for one in listed]


def build_row(change: RowChange) -> models.Model:
    return change.model(**(change.after or change.before or {}))


def word_edit(
    owner: models.Model, changes: Sequence[RowChange], rows: Mapping[RowChange, models.Model]
) -> str:
    """Return what an edit changed; of many things the first, and how many there are more."""
    told = [text for one in changes for text in word_change(one, rows[one], owner)]
    if more := len(told[MOST_TOLD:]):
        told[MOST_TOLD:] = [_("%(number)d more") % {"number": more}]
    return "; ".join(told)


def word_change(change: RowChange, row: Any, owner: models.Model) -> Iterator[str]:
    """Yield what became of a row: of the owner each column, of another which one it is."""
    if change.withheld:
        yield _("Withheld")
    elif change.model is not type(owner):
        told = _("Removed: %(fact)s") if change.after is None else _("Changed: %(fact)s")
        told = _("Added: %(fact)s") if change.before is None else told
        yield told % {"fact": f"{change.name}, {word_row(row)}"}
    elif change.before is None:
        yield _("The record itself was added")
    else:
        for column in change.columns:
            label = capfirst(name_column(change.model, column))
            yield f"{label}: {row.get_state_display()}" if column == "state" else label


def describe_change(change: RowChange) -> Iterator[tuple[str, Sequence[TextPiece]]]:
    """Yield what a row is about, and what it was and became; a line for each changed column."""
    if change.withheld and (change.before is None or change.after is None):
        yield change.name, [TextPiece("same", _("Withheld"))]
    elif change.before is None:
        yield change.name, [TextPiece("ins", word_row(change.model(**change.after or {})))]
    elif change.after is None:
        yield change.name, [TextPiece("del", word_row(change.model(**change.before)))]
    else:
        old, new = change.model(**change.before), change.model(**change.after)
        for field in change.model._meta.concrete_fields:
            if field.attname in change.columns:
                is_told = change.model in FACTS_TOLD and not change.withheld
                fact = f" “{word_row(old)}”" if is_told else ""
                name = f"{change.name}{fact}: {name_column(change.model, field.attname)}"
                yield name, compare_texts(word(old, field), word(new, field))


def word(row: Any, field: Any) -> str:
    try:
        return word_value(row, field)
    except ObjectDoesNotExist:  # what it referred to is gone
        return NOTHING


def word_row(row: Any) -> str:
    """Return a row in words; a choice by what was chosen."""
    try:
        if row._meta.auto_created:
            chosen = [field for field in list_foreign_keys(type(row))
                      if field.related_model not in RELATIONS]  # fmt: skip
            return ", ".join(str(getattr(row, field.name)) for field in chosen)
        return word_fact(row)
    except ObjectDoesNotExist:
        return NOTHING
