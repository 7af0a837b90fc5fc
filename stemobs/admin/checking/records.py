"""Checks before publishing in the admin: what readers would see is saved only as they allow.

A form is saved, then looked at as stored. If a check fails, all is taken back and the form is shown
again, with what is wrong beside its fields. So forms, actions and code share one set of checks.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from programmes.columns.texts import clean_line
from programmes.models import Programme
from stemobs.admin.saving import build_admin_url, rewind_files
from stemobs.curation.checks.checks import State, find_faults, find_new_faults, look_at
from stemobs.curation.checks.faults import Fault, Faulty

WHY = "_why"  # the field that says why something is right as it is, or why a record is restored
LONGEST_WHY = 250  # letters, less than the history takes
Places = Mapping[tuple[type[models.Model], int], str]


@dataclass(frozen=True)
class PlacedFault:
    """A fault with its place in the form: the prefix of a row's form, and the field there."""

    text: str
    is_error: bool
    field: str = ""
    prefix: str = ""
    names: tuple[str, ...] = ()  # the fields of the form of the record

    @property
    def anchor(self) -> str:
        """The id of what to mend on the page of the form."""
        if self.field == WHY:
            return f"id_{WHY}"
        if self.prefix:
            return f"id_{self.prefix}-{self.field}" if self.field else self.prefix
        if not self.field:
            return "faults"
        return f"id_{self.field}" if self.field in self.names else f"{self.field}-group"


class ChecksRecords(admin.ModelAdmin):
    """Refuses a form whose record readers would see with errors, or with oddities unexplained."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sent = request.POST
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Faulty as refused:
            request.POST = sent
            request.__dict__["faults"] = refused.faults
            return self.show_again(request, *args, **kwargs)

    def show_again(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a form again, as it was sent, after all that it had saved was taken back."""
        request.__dict__.pop("merge", None)
        rewind_files(request)
        return super().changeform_view(request, *args, **kwargs)

    def give_reason(self, request: HttpRequest, object_id: str | None) -> str:
        given: Any = super()  # a page that saves has a reason
        told = (given.give_reason(request, object_id), read_why(request))
        return "; ".join(filter(None, told))

    # Saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            request.__dict__["before"] = look_at(obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        before = request.__dict__.get("before")
        was = State(before.state) if before else State.DRAFT
        if before:
            faults = find_new_faults(form.instance, before)
        else:
            is_public = form.instance.state == State.PUBLISHED
            faults = find_faults(form.instance) if is_public else []
        refused = [*list_refused(faults, read_why(request)), *ask_why(request, form.instance, was)]
        if refused:
            raise Faulty([place_fault(one, form, formsets) for one in refused])
        is_sent = was != State.REVIEW == form.instance.state
        request.__dict__["ahead"] = find_faults(form.instance) if is_sent else []

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        response = super().response_add(request, obj, *args)
        self.tell_ahead(request, obj, request.__dict__["ahead"])
        return response

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        response = super().response_change(request, obj)
        self.tell_ahead(request, obj, request.__dict__["ahead"])
        return response

    def tell_ahead(self, request: HttpRequest, programme: Programme, faults: list[Fault]) -> None:
        """Tell what stands in the way of publishing a record that is sent to review."""
        if faults:
            self.message_user(request, describe_ahead(programme, faults), messages.WARNING)

    # Showing

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form_class: Any = super().get_form(request, obj, change=change, **kwargs)
        faults = list_found(request)
        return make_refused(form_class, faults) if faults else form_class

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        given = super().get_formset_kwargs(request, obj, inline, prefix)
        if faults := list_found(request):
            given["form_kwargs"] = {**given.get("form_kwargs", {}), "faults": faults}
        return given

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context.get("original")
        faults = list_found(request)
        context["faults"] = faults
        context["why"] = read_why(request)
        context["longest_why"] = LONGEST_WHY
        context["is_restorable"] = bool(row and row.state == State.WITHDRAWN)
        odd = any(not fault.is_error for fault in faults)
        context["asks_why"] = odd or context["is_restorable"]
        return super().render_change_form(request, context, *args, **kwargs)

    # Actions on many

    def tell_faults(self, request: HttpRequest, programme: Programme) -> bool:
        """Whether the checks keep a record from being published at once; say so if they do."""
        faults = find_faults(programme)
        if faults:
            self.message_user(request, describe_faults(programme, faults), messages.WARNING)
        return bool(faults)


def list_found(request: HttpRequest) -> list[PlacedFault]:
    return request.__dict__.get("faults", [])


def read_why(request: HttpRequest) -> str:
    """Return the reason in a form; of one that is too long no more than shows that it is."""
    return clean_line(request.POST.get(WHY, ""))[: LONGEST_WHY + 1]


def list_refused(faults: list[Fault], why: str) -> list[Fault]:
    """Return the faults that refuse a form: none if all are only odd, and it is said why."""
    is_explained = why and not any(fault.is_error for fault in faults)
    return [] if is_explained else faults


def ask_why(request: HttpRequest, programme: Programme, was: str) -> Iterator[Fault]:
    """Yield what is wrong with the reason of a form."""
    why = read_why(request)
    if was == State.WITHDRAWN and programme.state == State.PUBLISHED and not why:
        yield Fault(_("Say why you restore it."), programme, WHY)
    if len(why) > LONGEST_WHY:
        told = _("Say it in %(number)d letters at most.") % {"number": LONGEST_WHY}
        yield Fault(told, programme, WHY)


def place_fault(fault: Fault, form: Any, formsets: Iterable[Any]) -> PlacedFault:
    """Return a fault with the place where its row is in a form that was sent."""
    prefixes = {
        (type(row.instance), row.instance.pk): row.prefix
        for formset in formsets
        for row in formset.forms
    }
    prefix = prefixes.get((type(fault.row), fault.row.pk), "")
    names = tuple(form.fields)
    return PlacedFault(fault.text, fault.is_error, fault.field, prefix, names)


def make_refused(form_class: Any, faults: list[PlacedFault]) -> Any:
    """Return a form class that is refused, with what is wrong with the record at its fields.

    It is refused whatever else it holds by now: somebody may have saved since it was looked at.
    """

    class RefusedForm(form_class):
        def is_valid(self) -> bool:
            super().is_valid()
            return False

        def clean(self) -> Any:
            cleaned = super().clean()
            for fault in faults:
                if not fault.prefix:
                    self.add_error(fault.field if fault.field in self.fields else None, fault.text)
            return cleaned

    return RefusedForm


def describe_ahead(programme: Programme, faults: list[Fault]) -> SafeString:
    """Return what a reviewer would have to mend in a record, with a link to its form."""
    link = format_html('<a href="{}">{}</a>', build_admin_url(programme), programme)
    return format_html(_("Before {} can be published: {}"), link, word_faults(faults))


def word_faults(faults: list[Fault]) -> SafeString:
    return format_html_join(" ", "{}", ((fault.text,) for fault in faults))


def describe_faults(programme: Programme, faults: list[Fault]) -> SafeString:
    """Return why a record is not published by an action, with a link to its form."""
    told = word_faults(faults)
    link = format_html('<a href="{}">{}</a>', build_admin_url(programme), programme)
    if any(fault.is_error for fault in faults):
        return format_html(_("{} is not published: {}"), link, told)
    return format_html(
        _("{} is not published: {} Mend it, or publish it in its form and say why."), link, told
    )
