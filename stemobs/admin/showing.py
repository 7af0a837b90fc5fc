"""What the admin's pages of sources and organisations share: readers see them only once used."""

from typing import cast

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, ngettext


class ShownOnceUsed(admin.ModelAdmin):
    """Lets a curator show a row to readers before anything that is public uses it.

    Nothing takes that back: what readers have seen is no secret any more.
    """

    is_public_at_once = False
    changing_by_themselves = ("is_public",)
    actions = ("show_to_readers",)

    @admin.action(description=gettext_lazy("Show to readers"), permissions=["change"])
    def show_to_readers(self, request: HttpRequest, queryset: QuerySet) -> None:
        chosen = self.model._base_manager.filter(pk__in=queryset.values("pk"), is_public=False)
        rows = list(chosen.select_for_update())
        self.model._base_manager.filter(pk__in=[row.pk for row in rows]).update(is_public=True)
        LogEntry.objects.log_actions(
            cast(int, request.user.pk),  # the admin requires a signed-in user
            rows,
            CHANGE,
            [{"changed": {"fields": [str(self.model._meta.get_field("is_public").verbose_name)]}}],
        )
        told = ngettext("%(number)d is now shown.", "%(number)d are now shown.", len(rows))
        self.message_user(request, told % {"number": len(rows)}, messages.SUCCESS)
