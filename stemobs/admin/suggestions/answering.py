"""The admin's list and page of readers' suggestions."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.columns.texts import is_web_address
from programmes.models import Suggestion
from stemobs.admin.base import CatalogueAdmin, format_gap, link_to
from stemobs.admin.saving import NOTHING, build_admin_url
from stemobs.admin.suggestions.filling import PARAMETER, get_page_of
from stemobs.curation.subjects import Subject

State = Suggestion.State


class SuggestionAnswer(forms.ModelForm):
    """The form of an answer; one who is not followed is told why."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("state") == State.ACCEPTED and not cleaned.get("answer"):
            cleaned["answer"] = _(
                "Thank you. You are right. Readers will see the change once we have checked it."
            )
        needs_reason = cleaned.get("state") in Suggestion.WITH_REASON
        if needs_reason and not cleaned.get("answer") and "answer" not in self.errors:
            self.add_error("answer", _("Say why it is not right. The sender reads this."))
        return cleaned


@admin.register(Suggestion)
class SuggestionAdmin(CatalogueAdmin):
    """The list of suggestions, the latest first, and the page to answer one."""

    is_public_at_once = False
    form = SuggestionAnswer
    kept = ()
    list_display = ("__str__", "state", "subject", "kind", "start", "age", "answer_told")
    list_filter = ("state", "kind")
    list_select_related = ("programme",)
    search_fields = ("said", "source", "about", "value", "answer", "programme__name")
    readonly_fields = (
        "subject", "kind", "value", "said", "looked_up", "role", "created_at", "seen_at",
        "decided_at",
    )  # fmt: skip
    fieldsets = (
        (
            gettext_lazy("What they say"),
            {"fields": ("subject", "kind", "value", "said", "looked_up", "role")},
        ),
        (gettext_lazy("What we answer"), {"fields": ("state", "answer")}),
        (gettext_lazy("When"), {"fields": (("created_at", "seen_at", "decided_at"),)}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: only readers make a suggestion, on the page for it."""
        return False

    # What is shown

    @admin.display(description=gettext_lazy("about"), ordering="programme__name")
    def subject(self, suggestion: Suggestion) -> SafeString | str:
        """Return the record with the part of it, as it was shown to the reader."""
        if suggestion.programme is None:
            return suggestion.about or NOTHING
        subject = Subject(suggestion.programme, suggestion.fact, suggestion.fact_told)
        told = ": ".join(filter(None, [subject.part, subject.told]))
        return format_html("{} {}", link_to(suggestion.programme), told)

    @admin.display(description=gettext_lazy("what they say"))
    def start(self, suggestion: Suggestion) -> str:
        return Truncator(suggestion.said).chars(100)

    @admin.display(description=gettext_lazy("age"), ordering="created_at")
    def age(self, suggestion: Suggestion) -> str:
        return timesince(suggestion.created_at, depth=1)

    @admin.display(description=gettext_lazy("answer"), ordering="answer")
    def answer_told(self, suggestion: Suggestion) -> SafeString | str:
        return Truncator(suggestion.answer).chars(60) or format_gap(_("none yet"))

    @admin.display(description=gettext_lazy("where to look it up"))
    def looked_up(self, suggestion: Suggestion) -> SafeString | str:
        """Return where to look it up; an address is a link that tells nobody of this page."""
        if not is_web_address(suggestion.source) or " " in suggestion.source:
            return suggestion.source
        link = '<a href="{0}" rel="nofollow noopener noreferrer external">{0}</a>'
        return format_html(link, suggestion.source)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["record_address"] = find_form_address(request, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    # Saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        now = timezone.now()
        if "state" in form.changed_data:
            obj.seen_at = None if obj.state == State.RECEIVED else obj.seen_at or now
            obj.decided_at = now if obj.is_decided else None
        super().save_model(request, obj, form, change)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Lead from an accepted suggestion to the form of its record."""
        request.__dict__["is_answered"] = obj.is_decided
        response = super().response_change(request, obj)
        is_taken = obj.state in (State.ACCEPTED, State.PARTLY)
        goes_on = is_taken and "_continue" not in request.POST
        address = find_form_address(request, obj) if goes_on else ""
        return HttpResponseRedirect(address) if address else response

    def message_user(self, request: HttpRequest, message: Any, *args: Any, **kwargs: Any) -> None:
        """Say that the sender can read an answer, where Django tells that a form was saved."""
        if request.__dict__.pop("is_answered", False):
            message = _("Answered. Whoever sent it can read that now.")
        super().message_user(request, message, *args, **kwargs)


def find_form_address(request: HttpRequest, suggestion: Suggestion) -> str:
    """Return the address of the form of a suggestion's record, with the suggestion in it.

    "" if it is about no record, or about one that the user may not change.
    """
    programme = suggestion.programme
    if not programme or not get_page_of(type(programme)).has_change_permission(request, programme):
        return ""
    return f"{build_admin_url(programme)}?{PARAMETER}={suggestion.pk}"
