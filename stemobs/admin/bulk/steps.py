"""What the pages of a bulk change share, and its first two: what is changed, and to what."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.columns.texts import clean_line
from programmes.models import BulkChange
from stemobs.admin.bulk.forms import (
    MATCHING,
    RECORDS,
    ChangeForm,
    WhatForm,
    make_form,
    name_choice,
)
from stemobs.admin.lists import ID
from stemobs.admin.merging.values import Sent
from stemobs.catalogue.editing import wait_for_turn

State = BulkChange.State
STEPS = {
    "what": gettext_lazy("What to change"),
    "which": gettext_lazy("To what"),
    "preview": gettext_lazy("Look and confirm"),
    "batch": gettext_lazy("What came of it"),
}
LONGEST_SENT = 100  # values of one field that a form keeps


class BulkSteps(admin.ModelAdmin):
    """Finds the bulk change of a page, draws the head of its step, and takes what is chosen."""

    def find_address(self, batch: BulkChange, step: str = "") -> str:
        """Return the address of a step; of where the bulk change stands, if none is named."""
        name = step or ("what" if batch.state == State.CHOOSING else "batch")
        return reverse(f"admin:programmes_bulkchange_{name}", args=[batch.pk])

    def find_batch(self, request: HttpRequest, object_id: str) -> BulkChange:
        """Return a bulk change; one that is being prepared is its maker's alone."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        found = BulkChange.objects.filter(pk=object_id) if ID.fullmatch(object_id) else None
        batch = found.select_related("user").first() if found else None
        if batch is None or (batch.state == State.CHOOSING and batch.user != request.user):
            raise Http404
        return batch

    def describe_step(self, request: HttpRequest, batch: BulkChange, step: str) -> dict[str, Any]:
        """Return what the head of a step shows."""
        names = list(STEPS)
        done = names[: names.index(step)] if batch.state == State.CHOOSING else []
        steps = [
            (label, self.find_address(batch, name) if name in done else "", name)
            for name, label in STEPS.items()
        ]
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": batch,
            "batch": batch,
            "title": batch.told or _("Change many records"),
            "steps": steps,
            "step": step,
            "is_nav_sidebar_enabled": False,
        }

    def lead_on(self, request: HttpRequest, batch: BulkChange) -> HttpResponse | None:
        """Lead to what came of a bulk change that is not prepared any more, and say so."""
        if batch.state == State.CHOOSING:
            return None
        if request.method == "POST":
            told = _("This was confirmed already. Look at what came of it.")
            self.message_user(request, told, messages.WARNING)
        return HttpResponseRedirect(self.find_address(batch))

    # Choosing

    def show_what(self, request: HttpRequest, object_id: str) -> HttpResponse:
        batch = self.find_batch(request, object_id)
        if leads := self.lead_on(request, batch):
            return leads
        form = WhatForm(request.POST if request.method == "POST" else None, batch=batch)
        if request.method == "POST" and form.is_valid():
            chosen = form.cleaned_data
            if chosen["what"] == batch.choice.get("what"):  # who goes back keeps the rest
                chosen = {**batch.choice, **chosen}
            return self.keep_choice(request, batch, chosen, "which")
        return self.draw_choice(request, batch, "what", form)

    def show_which(self, request: HttpRequest, object_id: str) -> HttpResponse:
        batch = self.find_batch(request, object_id)
        if leads := self.lead_on(request, batch):
            return leads
        form = make_form(batch.choice, request.POST if request.method == "POST" else None)
        if form is None:
            return HttpResponseRedirect(self.find_address(batch, "what"))
        if request.method == "POST" and form.is_valid():
            sent = {
                name: [*map(clean_line, request.POST.getlist(name)[:LONGEST_SENT])]
                for name in form.fields
                if name in request.POST
            }
            return self.keep_choice(request, batch, {**batch.choice, "sent": sent}, "preview")
        if request.method != "POST":
            fill_in(form, batch)
        return self.draw_choice(request, batch, "which", form)

    def keep_choice(
        self, request: HttpRequest, batch: BulkChange, choice: dict[str, Any], step: str
    ) -> HttpResponse:
        """Store what was chosen, unless the bulk change has been made meanwhile."""
        with transaction.atomic():
            wait_for_turn()
            locked = BulkChange.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            if leads := self.lead_on(request, locked):
                return leads
            locked.choice = choice
            locked.save(update_fields=["choice", "changed_at"])
        return HttpResponseRedirect(self.find_address(batch, step))

    def draw_choice(
        self, request: HttpRequest, batch: BulkChange, step: str, form: Any
    ) -> HttpResponse:
        context = {
            **self.describe_step(request, batch, step),
            "form": form,
            "fields": [(field, list_groups(field)) for field in form],
            "number": len(list_chosen(batch)),
        }
        if step == "which":
            context["title"] = name_choice(batch.choice)
        return TemplateResponse(request, "admin/programmes/bulkchange/choose.html", context)


def list_groups(field: Any) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the choices of a field of boxes by their groups; none of any other field."""
    widget = field.field.widget
    if not isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return []
    found = widget.optgroups(field.html_name, widget.format_value(field.value()))
    groups: dict[str, list[dict[str, Any]]] = {}
    for name, options, _number in found:
        groups.setdefault(name or "", []).extend(options)
    return [*groups.items()]


def list_chosen(batch: BulkChange) -> list[int]:
    """Return the ids of the records that are to be changed."""
    is_all = batch.choice.get(RECORDS) == MATCHING and batch.matching
    return batch.matching if is_all else batch.ticked


def read_choice(batch: BulkChange) -> ChangeForm | None:
    """Return the form as it was filled in; None if it is not, or what it names is gone since."""
    sent = batch.choice.get("sent")
    if sent is None:
        return None
    form = make_form(batch.choice, Sent.of(sent).data)
    return form if form and form.is_valid() else None


def fill_in(form: ChangeForm, batch: BulkChange) -> None:
    """Let a form begin with what was chosen before."""
    for name, values in batch.choice.get("sent", {}).items():
        if name in form.fields and values:
            form.initial[name] = values if name == "terms" else values[-1]
