"""The admin's pages of what was changed in a row, and the ways to take that back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.models import CleanLine, Edit, Programme, Version
from stemobs.admin.rights.publishing import LONGEST_REASON, word_reason_alone
from stemobs.admin.saving import NOTHING
from stemobs.catalogue.editing import wait_for_turn
from stemobs.catalogue.history import where_about
from stemobs.curation.checks.checks import keep_checked
from stemobs.curation.checks.faults import Faulty
from stemobs.curation.states import Refused, explain_withholding, may_act_alone
from stemobs.entries.history.differences import TextPiece, compare_texts, word_fact, word_value
from stemobs.entries.history.rebuilding import RELATIONS, list_foreign_keys
from stemobs.entries.history.undoing import (
    CannotUndo,
    RowChange,
    find_hindrances,
    list_changes,
    name_column,
    undo_edit,
    word_undoing,
)
from stemobs.entries.history.withholding import StillThere, withhold, withhold_reason

MOST_EDITS = 100  # on a page
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
    ).formfield(widget=AdminTextareaWidget(attrs={"rows": 2}))


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
        edits = list_edits(row)[:MOST_EDITS] if row else ()
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
            **self.describe_undoing(request, changes),
        }
        return TemplateResponse(request, "admin/edit.html", context)

    def describe_undoing(
        self, request: HttpRequest, changes: Sequence[RowChange]
    ) -> dict[str, Any]:
        """Return what the page says of undoing the edit."""
        return {"offers_undo": False}

    def take_back(self, request: HttpRequest, row: Any, made: Edit, form: ReasonForm) -> bool:
        """Take an edit back if that is asked for; whether it was done."""
        return form.is_valid() and self.withhold(request, row, made, form)

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
        self, request: HttpRequest, changes: Sequence[RowChange]
    ) -> dict[str, Any]:
        lacking = list_missing_rights(request.user, changes)
        return {"offers_undo": True, "hindrances": [*find_hindrances(changes), *lacking]}

    def take_back(self, request: HttpRequest, row: Any, made: Edit, form: ReasonForm) -> bool:
        if "undo" in request.POST and self.undo(request, row, made):
            return True
        return super().take_back(request, row, made, form)

    def undo(self, request: HttpRequest, programme: Programme, made: Edit) -> bool:
        """Undo an edit; if that cannot be done, say why."""
        try:
            if lacking := [*list_missing_rights(request.user, list_changes(programme, made))]:
                raise CannotUndo(lacking)
            with keep_checked(programme):
                undo_edit(programme, made, request.user)
        except (CannotUndo, Faulty) as error:
            told = _("Nothing was undone: %(reasons)s") % {"reasons": "; ".join(error.reasons)}
            self.message_user(request, told, messages.ERROR)
            return False
        self.log_change(request, programme, word_undoing(made))
        told = _("Undone. Everybody sees it now.") if programme.is_public else _("Undone.")
        self.message_user(request, told, messages.SUCCESS)
        return True


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


def list_edits(row: Any) -> QuerySet[Edit]:
    """Return the edits that wrote a row, or rows about it, the last first."""
    about = Version.objects.filter(where_about(row))
    of_row = Edit.objects.filter(pk__in=about.values("edit_id"))
    last_first = (F("revision").desc(nulls_first=True), "-pk")
    return of_row.select_related("user").order_by(*last_first)


def describe_change(change: RowChange) -> Iterator[tuple[str, Sequence[TextPiece]]]:
    """Yield what a row is about, and what it was and became; a line for each changed column."""
    if change.before is None:
        yield change.name, [TextPiece("ins", word_row(change.model(**change.after or {})))]
    elif change.after is None:
        yield change.name, [TextPiece("del", word_row(change.model(**change.before)))]
    else:
        old, new = change.model(**change.before), change.model(**change.after)
        for field in change.model._meta.concrete_fields:
            if field.attname in change.columns:
                name = f"{change.name}: {name_column(change.model, field.attname)}"
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
