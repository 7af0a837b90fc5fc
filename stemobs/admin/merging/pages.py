"""Pages whose forms merge: two people with the same form open both keep what they did."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemobs.admin.merging.base import Base, make_base, read_base, write_base
from stemobs.admin.merging.gone import Typed
from stemobs.admin.merging.merging import Merge
from stemobs.admin.merging.people import describe_deletion, describe_time, name_others
from stemobs.admin.merging.questions import list_links
from stemobs.admin.merging.values import Sent
from stemobs.catalogue.states.moments import hold_one_state


class MergesForms(admin.ModelAdmin):
    """Merges a form with what others saved while it was open; asks where both changed the same."""

    can_be_added_again = True  # whether the form of a row has all that a new one needs

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        if request.method != "POST":
            # What the form shows, and what it says that it was opened with, are of one state.
            with hold_one_state(connection):
                return finish(super().changeform_view(request, object_id, form_url, extra_context))
        self.name_stored(request)
        row = self.get_object(request, unquote(object_id)) if object_id else None
        if object_id and row is None and self.has_change_permission(request):
            typed = self.read_typed(request, unquote(object_id))
            if typed.notes:
                return self.show_typed(request, unquote(object_id), typed)
        merge = self.merge_sent(request, row) if row else None
        response = super().changeform_view(request, object_id, form_url, extra_context)
        if merge and merge.is_refused and response.status_code == 200:
            response.status_code = 409
        return response

    def name_stored(self, request: HttpRequest) -> None:
        """Let a form that was sent name what is stored by now of what it took for new."""

    def merge_sent(self, request: HttpRequest, row: Any) -> Merge | None:
        """Put what others changed into what was sent; return None if that may not be saved."""
        if not self.has_change_permission(request, row):
            return None
        base = read_base(request, self.model, row.pk)
        sent = Sent(request.POST.copy(), request.FILES)
        merge = Merge(base, sent, cache(lambda: name_others(request, row, base)))
        merge.merge_fields(self.make_stored_form(request, row))
        locked = request.__dict__.get("locked", {})
        for formset, inline in self.list_stored_rows(request, row):
            merge.merge_facts(formset, inline.has_change_permission(request, row))
            locked[formset.prefix] = formset.get_queryset()
        if merge.notes:
            merge.name_others()  # before this person is in the log too
        request.POST = sent.data
        request.__dict__["merge"] = merge
        return merge

    def get_formsets_with_inlines(self, request: HttpRequest, obj: Any = None) -> Iterator[Any]:
        """Yield the classes of the rows' forms, made once for a form that is merged and saved."""
        locked = request.__dict__.get("locked", {}) if obj else {}
        if "classes" not in locked:
            locked["classes"] = [*super().get_formsets_with_inlines(request, obj)]
        yield from locked["classes"]

    def make_stored_form(self, request: HttpRequest, row: Any) -> Any:
        """Return the form of a row's page, filled in from the database."""
        fields = flatten_fieldsets(self.get_fieldsets(request, row))
        return self.get_form(request, row, change=True, fields=fields)(instance=row)

    def list_stored_rows(self, request: HttpRequest, row: Any) -> Iterator[tuple[Any, Any]]:
        """Yield the formsets of a row's page with their inlines, filled in from the database."""
        for made, inline in self.get_formsets_with_inlines(request, row):
            prefix, rows = made.get_default_prefix(), inline.get_queryset(request)
            yield made(instance=row, prefix=prefix, queryset=rows), inline

    # What was typed for a row that is gone

    def read_typed(self, request: HttpRequest, pk: str) -> Typed:
        """Return what somebody changed in the form of a row that was deleted meanwhile."""
        base, empty = read_base(request, self.model, pk), self.model()
        typed = Typed(base, Sent(request.POST.copy(), request.FILES))
        typed.read_fields(self.make_stored_form(request, empty))
        for formset, inline in self.list_stored_rows(request, empty):
            typed.read_facts(formset, inline.has_change_permission(request, empty))
        return typed

    def show_typed(self, request: HttpRequest, pk: str, typed: Typed) -> HttpResponse:
        """Show what was typed, with a button that adds it as a new record, if that is allowed."""
        may_add = self.can_be_added_again and self.has_add_permission(request)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("This record is gone, and your text is here"),
            "told": describe_deletion(request, self.model, pk),
            "typed": typed,
            "sent_again": [*typed.list_hidden_fields()] if may_add else [],
            "is_popup": IS_POPUP_VAR in request.POST,
        }
        return TemplateResponse(request, "admin/merging/gone.html", context, status=409)

    # What is asked

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form_class: Any = super().get_form(request, obj, change=change, **kwargs)
        merge = find_merge(request)
        return make_asking(form_class, merge) if merge and merge.is_refused else form_class

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        given = super().get_formset_kwargs(request, obj, inline, prefix)
        if merge := find_merge(request):
            given["form_kwargs"] = {"questions": merge.render_questions_of_facts()}
        if stored := request.__dict__.get("locked", {}).get(prefix):
            given["stored"] = stored
        return given

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row, merge = context.get("original"), find_merge(request)
        context |= {"merge": merge, "seen": ""}
        if row and self.has_change_permission(request, row):
            context["seen"] = write_base(row, self.find_base(merge, context))
        return super().render_change_form(request, context, *args, **kwargs)

    def find_base(self, merge: Merge | None, context: dict[str, Any]) -> Base:
        """Return the state that the form of a page was filled in with."""
        formsets = [one.formset for one in context["inline_admin_formsets"]]
        opened_at = merge.base.opened_at if merge and merge.base else now().isoformat()
        base = make_base(opened_at, context["adminform"].form, formsets)
        return merge.keep_open(base) if merge else base

    # What is told

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        response = super().response_change(request, obj)
        merge = find_merge(request)
        if merge and merge.notes:
            self.message_user(request, describe_kept(merge), messages.WARNING)
        return response


def finish(response: HttpResponse) -> HttpResponse:
    return response.render() if isinstance(response, TemplateResponse) else response


def make_asking(form_class: Any, merge: Merge) -> Any:
    """Return a form class that is refused, with what is to choose at its fields."""

    class AskingForm(form_class):
        def clean(self) -> Any:
            cleaned = super().clean()
            ask_in_form(self, merge)
            return cleaned

    return AskingForm


def ask_in_form(form: Any, merge: Merge) -> None:
    """Put what is to choose at the fields of a form, and why it is not saved at its top."""
    merge.ask_at_fields(form)
    form.add_error(None, describe_refusal(merge))


def find_merge(request: HttpRequest) -> Merge | None:
    return request.__dict__.get("merge")


def describe_refusal(merge: Merge) -> str:
    """Return why a form is not saved yet, with links to what is to choose."""
    if merge.base is None:
        told = _(
            "Not saved: this form came without what it was opened with, so we cannot tell what you "
            "changed. Your text is below. Check it, and save again."
        )
    else:
        told = ngettext(
            "Not saved yet: %(who)s saved this record while your form was open, since %(time)s. "
            "Please choose below.",
            "Not saved yet: %(who)s saved this record while your form was open, since %(time)s. "
            "Please choose in %(number)d places below.",
            len(merge.questions),
        ) % {
            "who": merge.name_others(),
            "time": describe_time(merge.base),
            "number": len(merge.questions),
        }
    # The focus goes there, so that a screen reader begins with it.
    html = '<span class="refusal" tabindex="-1" autofocus>{} {}</span>'
    return format_html(html, told, list_links(merge.questions))


def describe_kept(merge: Merge) -> str:
    """Return which changes of others were kept beside one's own."""
    labels = dict.fromkeys(note.label for note in merge.notes)
    told = _("%(who)s changed this since %(time)s. These changes were kept: %(what)s.")
    time = describe_time(merge.base) if merge.base else _("you opened it")
    return told % {
        "who": capfirst(merge.name_others()), "time": time, "what": ", ".join(labels)
    }  # fmt: skip
