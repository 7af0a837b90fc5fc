"""Checks before publishing in the admin: what readers would see is saved only as they allow.

A form is saved, then looked at as stored. If a check fails, all is taken back and the form is shown
again, with what is wrong beside its fields. So forms, actions and code share one set of checks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from stemobs.curation.checks.checks import (
    Before,
    State,
    find_faults,
    find_faults_of_many,
    find_new_faults,
    look_at,
)
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


class ChecksForms(admin.ModelAdmin):
    """Refuses a form with which readers would see an error, in its row or in a record of it."""

    def list_checked(self, row: Any) -> Iterable[models.Model]:
        """Return what is looked at after a row was saved: itself, or the records it belongs to."""
        return (row,)

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

    # Saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        stored = [one for one in self.list_checked(obj) if one.pk]
        request.__dict__["before"] = {one: look_at(one) for one in stored}
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        before = request.__dict__["before"]
        faults = [
            fault
            for one in self.list_checked(form.instance)
            for fault in find_new_faults(one, before.get(one, Before(State.DRAFT)))
        ]
        if refused := [*self.list_refusing(request, form.instance, faults)]:
            raise Faulty([place_fault(one, form, formsets) for one in refused])

    def list_refusing(
        self, request: HttpRequest, row: Any, faults: Sequence[Fault]
    ) -> Iterable[Fault]:
        """Return those faults for which a form is refused."""
        return (fault for fault in faults if fault.is_error)

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
        context["faults"] = list_found(request)
        return super().render_change_form(request, context, *args, **kwargs)


class ChecksRecords(ChecksForms):
    """Refuses also the form of a record for what is odd, unless it says why."""

    def give_reason(self, request: HttpRequest, object_id: str | None) -> str:
        given: Any = super()  # a page that saves has a reason
        told = (given.give_reason(request, object_id), read_why(request))
        return "; ".join(filter(None, told))

    # Saving

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        is_sent = find_former_state(request) != State.REVIEW == form.instance.state
        request.__dict__["ahead"] = find_faults(form.instance) if is_sent else []

    def list_refusing(
        self, request: HttpRequest, row: Any, faults: Sequence[Fault]
    ) -> Iterable[Fault]:
        why = ask_why(request, row, find_former_state(request))
        return [*list_refused(faults, read_why(request)), *why]

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

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row, faults = context.get("original"), list_found(request)
        is_restorable = bool(row and row.state == State.WITHDRAWN)
        context["asks_why"] = any(not fault.is_error for fault in faults) or is_restorable
        context |= {"is_restorable": is_restorable, "why": read_why(request)}
        context["longest_why"] = LONGEST_WHY
        return super().render_change_form(request, context, *args, **kwargs)

    # Actions on many

    def tell_faults(self, request: HttpRequest, programme: Programme) -> bool:
        """Whether the checks keep a record from being published at once; say so if they do."""
        faults = find_faults(programme)
        if faults:
            self.message_user(request, describe_faults(programme, faults), messages.WARNING)
        return bool(faults)

    def tell_ahead_of_many(self, request: HttpRequest, programmes: list[Programme]) -> None:
        found = find_faults_of_many(programmes)
        if ahead := [(link_record(one), len(faults)) for one, faults in found.items() if faults]:
            names = format_html_join(", ", "{} ({})", ahead)
            told = _("How many things stand in the way of publishing: {}.")
            self.message_user(request, format_html(told, names), messages.WARNING)


def find_former_state(request: HttpRequest) -> State:
    """Return the state that the record of a form had before it was saved."""
    before: Any = request.__dict__["before"].values()
    return next((State(one.state) for one in before), State.DRAFT)


def list_found(request: HttpRequest) -> list[PlacedFault]:
    return request.__dict__.get("faults", [])


def read_why(request: HttpRequest) -> str:
    """Return the reason in a form; of one that is too long no more than shows that it is."""
    return clean_line(request.POST.get(WHY, ""))[: LONGEST_WHY + 1]


def list_refused(faults: Sequence[Fault], why: str) -> Sequence[Fault]:
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
    prefixes[type(form.instance), form.instance.pk] = ""
    prefix = prefixes.get((type(fault.row), fault.row.pk))
    field = fault.field if prefix is not None else ""  # of a row that is on another page
    return PlacedFault(fault.text, fault.is_error, field, prefix or "", tuple(form.fields))


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
    told = _("Before {} can be published: {}")
    return format_html(told, link_record(programme), word_faults(faults))


def link_record(programme: Programme) -> SafeString:
    return format_html('<a href="{}">{}</a>', build_admin_url(programme), programme)


def word_faults(faults: list[Fault]) -> SafeString:
    return format_html_join(" ", "{}", ((fault.text,) for fault in faults))


def describe_faults(programme: Programme, faults: list[Fault]) -> SafeString:
    """Return why a record is not published by an action, with a link to its form."""
    told, link = word_faults(faults), link_record(programme)
    if any(fault.is_error for fault in faults):
        return format_html(_("{} is not published: {}"), link, told)
    return format_html(
        _("{} is not published: {} Mend it, or publish it in its form and say why."), link, told
    )
