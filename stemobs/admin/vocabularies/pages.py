"""The page of a term that says who uses it, and lets an administrator merge or retire it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.columns.texts import CleanInput
from programmes.models import Programme
from stemobs.admin.base import TermAdmin
from stemobs.admin.finding.choices import KnownRow
from stemobs.admin.finding.pages import PickedRows, is_picker
from stemobs.admin.rights.publishing import LONGEST_REASON
from stemobs.curation.terms.merging import (
    CannotMergeTerms,
    is_offered,
    is_own,
    list_merged,
    merge_terms,
    offer,
)
from stemobs.curation.terms.uses import OWN_VOCABULARIES, TermUse, list_uses

INTO = "into"


class MergeForm(forms.Form):
    """Into which other term of its vocabulary a term is merged, and why."""

    into = KnownRow(label=gettext_lazy("Merge it into"), queryset=Programme.objects.none())
    reason = CleanInput(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("Readers see it in the history of each record."),
        error_messages={"required": gettext_lazy("Say in a sentence why.")},
    )

    def __init__(self, data: Any, *, term: Any, **options: Any) -> None:
        super().__init__(data, **options)
        into: Any = self.fields[INTO]
        into.queryset = type(term).objects.offered().exclude(pk=term.pk)


class TermPages(TermAdmin):
    """Adds to the pages of a vocabulary who uses each term, and what can be done with it."""

    change_form_template = "admin/programmes/term/change_form.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.show_uses)
        name = f"programmes_{self.opts.model_name}_uses"
        return [path("<path:object_id>/uses/", view, name=name), *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Return what a list finds; what a picker finds without the terms that are retired."""
        found, has_doubles = super().get_search_results(request, queryset, search_term)
        if is_picker(request) and issubclass(self.model, OWN_VOCABULARIES):
            offered = {*list_offered(self.model, found.ids)}
            found = PickedRows(self.model, [pk for pk in found.ids if pk in offered])
        return found, has_doubles

    def find_address(self, term: Any) -> str:
        return reverse(f"admin:programmes_{self.opts.model_name}_uses", args=[term.pk])

    def show_uses(self, request: HttpRequest, object_id: str) -> HttpResponse:
        term: Any = self.get_object(request, unquote(object_id))
        if term is None:
            raise Http404
        if not self.has_view_permission(request, term):
            raise PermissionDenied
        if request.method == "POST":
            return self.take_answer(request, term)
        return self.draw_uses(request, term, None)

    def draw_uses(self, request: HttpRequest, term: Any, form: MergeForm | None) -> HttpResponse:
        uses = list_uses(term)
        may_change = self.may_merge(request, term)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": term,
            "title": _("Who uses it"),
            "uses": uses,
            "is_own": is_own(term),
            "is_offered": is_offered(term),
            "may_change": may_change,
            "merged": [*list_merged(term)] if is_own(term) else [],
            "form": form or (MergeForm(None, term=term) if may_change else None),
            "preview": form and form.is_valid() and word_merger(term, form.cleaned_data, uses),
            "seen": count_uses(uses),
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/programmes/term/uses.html", context)

    def may_merge(self, request: HttpRequest, term: Any) -> bool:
        may = self.has_change_permission(request, term) and self.has_delete_permission(request)
        return may and is_own(term)

    def take_answer(self, request: HttpRequest, term: Any) -> HttpResponse:
        """Do what a button says; a merger is shown in words before it is done."""
        if not self.may_merge(request, term):
            raise PermissionDenied
        if "_retire" in request.POST or "_offer" in request.POST:
            is_wanted = "_offer" in request.POST
            offer(term, request.user, is_wanted=is_wanted)
            self.log_change(request, term, word_offered(term, is_wanted=is_wanted))
            self.message_user(request, word_offered(term, is_wanted=is_wanted), messages.SUCCESS)
            return HttpResponseRedirect(self.find_address(term))
        form = MergeForm(request.POST, term=term)
        if "_merge" not in request.POST or not form.is_valid():
            return self.draw_uses(request, term, form)
        if request.POST.get("_uses") != count_uses(list_uses(term)):
            told = _("Somebody has used it meanwhile. Look once more; nothing was written.")
            self.message_user(request, told, messages.WARNING)
            return self.draw_uses(request, term, form)
        return self.merge(request, term, form)

    def merge(self, request: HttpRequest, term: Any, form: MergeForm) -> HttpResponse:
        into, name = form.cleaned_data[INTO], str(term)
        try:
            number = merge_terms(term, into, request.user, form.cleaned_data["reason"])
        except CannotMergeTerms as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return self.draw_uses(request, term, form)
        words = {"old": name, "new": into, "number": number}
        told = ngettext(
            "“%(old)s” is merged into “%(new)s”. %(number)d record names that now.",
            "“%(old)s” is merged into “%(new)s”. %(number)d records name that now.",
            number,
        )
        self.log_change(request, into, told % words)
        self.message_user(request, told % words, messages.SUCCESS)
        return HttpResponseRedirect(self.find_address(into))

    # Renaming

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "name" in form.changed_data:
            request.__dict__["renamed"] = form.initial["name"]

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        response = super().response_change(request, obj)
        if before := request.__dict__.pop("renamed", ""):
            number = sum(use.published or 0 for use in list_uses(obj))
            told = ngettext(
                "“%(old)s” is called “%(new)s” now, in %(number)d published record too.",
                "“%(old)s” is called “%(new)s” now, in %(number)d published records too.",
                number,
            )
            self.message_user(request, told % {"old": before, "new": obj, "number": number})
        return response


def list_offered(model: Any, ids: list[int]) -> Any:
    """Return those of some ids whose terms a form may offer."""
    return model.objects.offered().filter(pk__in=ids).values_list("pk", flat=True)


def count_uses(uses: list[TermUse]) -> str:
    """Return how often a term is used in each way, to tell whether a page is still right."""
    return ",".join(f"{use.number}" for use in uses)


# --- Words ----------------------------------------------------------------------------------------


def word_offered(term: Any, *, is_wanted: bool) -> str:
    if is_wanted:
        return _("Forms offer “%(term)s” again.") % {"term": term}
    return _("Forms offer “%(term)s” no more. What has it keeps it.") % {"term": term}


def word_merger(term: Any, chosen: dict[str, Any], uses: list[TermUse]) -> list[str]:
    """Return in sentences what becomes of all that names a term."""
    words = {"old": term, "new": chosen[INTO]}
    told = [_("“%(old)s” is deleted. Its name in addresses leads to “%(new)s”.") % words]
    for use in uses:
        line = ngettext(
            "%(label)s: %(number)d names “%(new)s” instead.",
            "%(label)s: %(number)d name “%(new)s” instead.",
            use.number,
        )
        told.append(line % {**words, "label": use.label, "number": use.number})
    told.append(_("What names both keeps “%(new)s” once.") % words)
    return told
