"""What a suggestion brings to the form of its programme, and to the history of what is saved."""

import re
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext as _

from programmes.columns.texts import is_web_address
from programmes.models import Suggestion
from stemobs.admin.figures.questions import FigureAnswer
from stemobs.admin.lists import ID
from stemobs.admin.saving import NOTHING, build_admin_url
from stemobs.curation.subjects import Subject, find_number, is_still_told, split_fact
from stemobs.entries.basis import VALUES

PARAMETER = "suggestion"  # of the address of a programme's form
# The kinds of facts that sections of the public page are made of. Others have the same name.
INLINES = {
    "works": "evaluations",
    "takes": "taking_part",
    "organisations": "partnerships",
    "from": "citations",
}
# The column that a suggested value is meant for, by the part of the record.
COLUMNS = {"website": "website", "reach": "value", "funding": "amount"}
# A text with one whole number whose thousands are clear: “about 65,000”, not “1.200” or “3 of 4”.
ONE_NUMBER = re.compile(r"[^\d.,]*(\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?![.,]?\d)[^\d]*")


def get_page_of(model: type[models.Model]) -> admin.ModelAdmin:
    return admin.site._registry[model]


class WithSuggestion(admin.ModelAdmin):
    """Shows a suggestion in the form of its programme, and fills in the value where it names one.

    What is filled in is as if the curator had typed it: nothing is changed before they save. The
    history then names the suggestion, and nobody who sent it.
    """

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response = super().render_change_form(request, context, *args, **kwargs)
        programme = context.get("original")
        if programme and (suggestion := find_suggestion_for(request, programme.pk)):
            # Only now, when everybody else has seen what is stored; it is drawn later.
            show_suggestion(context, suggestion, is_opened=request.method == "GET")
        return response

    def give_reason(self, request: HttpRequest, object_id: str | None) -> str:
        given: Any = super()  # a page that saves has a reason
        suggestion = find_suggestion_for(request, object_id)
        named = _("Suggestion %(number)s") % {"number": suggestion} if suggestion else ""
        return "; ".join(filter(None, [given.give_reason(request, object_id), named]))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Lead from a saved form to the suggestion, if it still waits for an answer."""
        response = super().response_change(request, obj)
        suggestion = find_suggestion_for(request, obj.pk)
        if suggestion is None or suggestion.is_decided or "_continue" in request.POST:
            return response
        return HttpResponseRedirect(build_admin_url(suggestion))


def find_suggestion_for(request: HttpRequest, programme_id: Any) -> Suggestion | None:
    """Return the suggestion about a programme that the address of its form names."""
    ids = (request.GET.get(PARAMETER, ""), str(programme_id))
    if not (all(map(ID.fullmatch, ids)) and get_page_of(Suggestion).has_view_permission(request)):
        return None
    return Suggestion.objects.filter(pk=ids[0], programme=ids[1]).first()


def show_suggestion(context: dict[str, Any], suggestion: Suggestion, *, is_opened: bool) -> None:
    """Put a suggestion into what a form of its programme is drawn with."""
    is_told = is_still_told(suggestion)
    form, anchor = find_fact(context, suggestion.fact) if is_told else (None, "")
    context |= {
        "suggestion": suggestion,
        "subject": Subject(suggestion.programme, suggestion.fact, suggestion.fact_told),
        "suggestion_address": build_admin_url(suggestion),
        "fact_anchor": anchor,
        "has_fact_changed": not is_told,
    }
    if form:
        form.is_proposed = True
        if suggestion.kind == Suggestion.Kind.NEWER and (asked := getattr(form, "life", None)):
            asked.propose(FigureAnswer.NEWER)
    if form and is_opened:
        fill_in(form, suggestion)


def find_fact(context: dict[str, Any], fact: str) -> tuple[Any, str]:
    """Return the form of a single fact, None if there is none, and where it stands on the page."""
    part, number = split_fact(fact)
    for inline in context["inline_admin_formsets"]:
        formset = inline.formset
        if formset.prefix == INLINES.get(part, part):
            for form in formset.initial_forms:
                if number is not None and find_number(form.instance) == number:
                    return form, form.prefix
            return None, f"{formset.prefix}-group"
    form = context["adminform"].form
    column = next((name for name in (part, *VALUES.get(part, ())) if name in form.fields), None)
    return form if part in COLUMNS else None, f"id_{column}" if column else ""


def fill_in(form: Any, suggestion: Suggestion) -> None:
    """Put a suggested value into its field, and tell below it what is stored and what was said."""
    part, _number = split_fact(suggestion.fact)
    column, value = COLUMNS.get(part), read_value(part, suggestion.value)
    if not value or column not in form.fields:
        return
    told = '<span class="proposed">{}</span>'
    stored = form.initial.get(column)
    form.initial[column] = value
    # Django shows help texts as HTML.
    form.fields[column].help_text = format_html(
        told,
        _("Suggested: “%(value)s”. Stored until you save: “%(stored)s”.")
        % {"value": suggestion.value, "stored": NOTHING if stored in (None, "") else stored},
    )


def read_value(part: str, text: str) -> str:
    """Return a suggested value as its field takes it; "" if it is not clear."""
    if part == "website":
        return text if is_web_address(text) else ""
    number = ONE_NUMBER.fullmatch(text)
    return re.sub("[, ]", "", number[1]) if number else ""
