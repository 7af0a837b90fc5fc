"""The admin's pages of what was changed in a programme, and the ways to take that back."""

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

from programmes.models import CleanLine, Edit, Programme
from stemobs.admin.rights.publishing import LONGEST_REASON, word_reason_alone
from stemobs.admin.saving import NOTHING
from stemobs.catalogue.editing import wait_for_turn
from stemobs.curation.checks.checks import keep_checked
from stemobs.curation.checks.faults import Faulty
from stemobs.curation.states import Refused, explain_refusal, may_act_alone
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
from stemobs.entries.history.withholding import StillThere, withhold

MOST_EDITS = 100  # on a page
NAME = "programmes_programme_edit"


class ReasonForm(forms.Form):
    """Why something must not be shown any more."""

    reason = CleanLine(
        gettext_lazy("Why it must not be shown any more"),
        max_length=LONGEST_REASON,
        help_text=gettext_lazy("Shown to everybody. Do not repeat what is to be withheld."),
    ).formfield(widget=AdminTextareaWidget(attrs={"rows": 2}))


class WithHistory(admin.ModelAdmin):
    """Adds to the page of changes what each edit changed, and the ways to take it back."""

    object_history_template = "admin/record_history.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.show_edit)
        return [
            path("<path:object_id>/history/<revision:edit>/", view, name=NAME),
            *super().get_urls(),
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        programme = self.get_object(request, object_id)
        edits = list_edits(programme)[:MOST_EDITS] if programme else ()
        return super().history_view(request, object_id, {**(extra_context or {}), "edits": edits})

    def show_edit(self, request: HttpRequest, object_id: str, edit: int) -> HttpResponse:
        """Show what an edit changed in a programme; a POST undoes or withholds it."""
        with wait_for_others(request):
            return self.answer_about_edit(request, object_id, edit)

    def answer_about_edit(self, request: HttpRequest, object_id: str, edit: int) -> HttpResponse:
        programme = self.get_object(request, object_id)
        if programme is None:
            raise Http404
        if not self.has_change_permission(request, programme):
            raise PermissionDenied
        made = get_object_or_404(list_edits(programme), pk=edit)
        form = ReasonForm(request.POST if "withhold" in request.POST else None)
        if "undo" in request.POST and self.undo(request, programme, made):
            return redirect_to_history(programme)
        if form.is_valid() and self.withhold(request, programme, made, form):
            return redirect_to_history(programme)
        changes = list_changes(programme, made)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": programme,
            "title": _("What was changed"),
            "made": made,
            "rows": [row for change in changes for row in describe_change(change)],
            "hindrances": [*find_hindrances(changes), *list_missing_rights(request.user, changes)],
            "refusal": explain_withholding(request.user, programme),
            "withheld": made.redactions.filter(programme_id=programme.pk).first(),
            "form": form,
        }
        return TemplateResponse(request, "admin/edit.html", context)

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

    def withhold(
        self, request: HttpRequest, programme: Programme, made: Edit, form: ReasonForm
    ) -> bool:
        """Withhold what an edit brought in; if it still stands in the record, say so.

        What readers could see is taken from them, so it takes who may withdraw the record.
        """
        if refusal := explain_withholding(request.user, programme):
            raise Refused(refusal)
        reason = form.cleaned_data["reason"]
        if explain_refusal(request.user, programme):
            reason = word_reason_alone(reason)
        try:
            withhold(programme, made, request.user, reason)
        except StillThere as error:
            self.message_user(request, str(error), messages.ERROR)
            return False
        self.log_change(request, programme, _("Withheld the content of an earlier change."))
        told = _("Withheld. The history keeps the line, its date and your reason.")
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


def explain_withholding(user: Any, programme: Programme) -> str:
    """Return why a user may not withhold anything of a record's history; "" if they may."""
    return "" if may_act_alone(user) else explain_refusal(user, programme)


def list_missing_rights(user: Any, changes: Sequence[RowChange]) -> Iterator[str]:
    """Yield the names of what a user may not change back, in records or texts beside the record."""
    for one in changes:
        whole: Any = one.model._meta.auto_created  # of rows that only say which ones were chosen
        action = "delete" if one.before is None else "add" if one.after is None else "change"
        model, action = (whole, "change") if whole else (one.model, action)
        if not user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}"):
            yield _("%(name)s: you may not change it") % {"name": one.name}


def list_edits(programme: Programme) -> QuerySet[Edit]:
    """Return the edits that wrote rows about a programme, the last first."""
    of_programme = Edit.objects.filter(versions__programme_id=programme.pk)
    last_first = (F("revision").desc(nulls_first=True), "-pk")
    return of_programme.select_related("user").distinct().order_by(*last_first)


def redirect_to_history(programme: Programme) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:programmes_programme_history", args=[programme.pk]))


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
