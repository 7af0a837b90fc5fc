"""The list of drafts of changes, which leads to the page of each."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from programmes.models import ChangeDraft, DraftStep
from stemobs.admin.drafts.pages import find_draft_address
from stemobs.admin.lists import DeclaredFilters
from stemobs.admin.merging.people import name_users
from stemobs.curation.drafts import list_writers


@admin.register(ChangeDraft)
class DraftAdmin(DeclaredFilters, admin.ModelAdmin):
    """The drafts of changes, the last step first; they are written in the form of their record."""

    list_display = ("record", "state", "writers", "changed_at")
    list_display_links = None
    list_filter = ("state",)
    list_select_related = ("programme",)
    search_fields = ("programme__name",)
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        return settings.FOUR_EYES and super().has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        steps = Prefetch("steps", DraftStep.objects.select_related("user"))
        return super().get_queryset(request).prefetch_related(steps)

    @admin.display(description=gettext_lazy("record"), ordering="programme__name")
    def record(self, draft: ChangeDraft) -> SafeString | str:
        if not draft.is_open:
            return str(draft.programme)
        return format_html(
            '<a href="{}">{}</a>', find_draft_address(draft.programme), draft.programme
        )

    @admin.display(description=gettext_lazy("written by"))
    def writers(self, draft: ChangeDraft) -> str:
        return name_users(list_writers(draft))
