"""The admin's page of sources: their links, and the number of rows that refer to each.

With the page of organisations it shares that readers see a row only once something public uses it.
"""

from functools import reduce
from operator import add
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from programmes.models import FormerSourceSlug, Programme, Source, WebLink
from stemobs.admin.base import CatalogueAdmin, link_to
from stemobs.admin.checking.records import ChecksForms
from stemobs.admin.finding.pages import PickedRows, count_rows
from stemobs.admin.finding.sources import offer_sources
from stemobs.admin.history import WithEdits
from stemobs.admin.links.telling import (
    BrokenLinkFilter,
    derive_broken,
    derive_found,
    tell_links_of,
)
from stemobs.admin.moves.merging import MergesRecords
from stemobs.admin.saving import NOTHING

# All reverse relations of foreign keys to Source, including hidden ones without a related name.
SOURCE_RELATIONS: list[Any] = [
    relation
    for relation in Source._meta.get_fields(include_hidden=True)
    if relation.one_to_many and relation.related_model is not FormerSourceSlug
]


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


@admin.register(Source)
class SourceAdmin(MergesRecords, ChecksForms, ShownOnceUsed, WithEdits, CatalogueAdmin):
    """The page and the list of sources, with broken links and numbers of uses."""

    change_form_template = "admin/merger/change_form.html"
    actions = (*ShownOnceUsed.actions, "merge_these")
    list_display = ("title", "publisher", "kind", "link_state", "found", "uses")
    list_filter = ("is_public", "link_state", BrokenLinkFilter, "kind")
    search_fields = ("title", "publisher", "slug", "url", "archived_url")
    search_help_text = gettext_lazy("Searches title, publisher and address.")
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("is_public", "last_found", "used_by")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    ("slug", "kind"),
                    "publisher",
                    "url",
                    ("link_state", "recorded_on"),
                    "archived_url",
                    "last_found",
                    ("language", "published"),
                    "note",
                    ("is_public", "used_by"),
                )
            },
        ),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[Any, bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if isinstance(found, PickedRows):
            found = offer_sources(request, found, search_term)
        return found, may_repeat

    def list_derived(self) -> dict[str, Any]:
        counts = (count_rows(relation.related_model, "source") for relation in SOURCE_RELATIONS)
        return {
            "use_count": reduce(add, counts),
            "outcome_found": derive_found(),
            "is_found_broken": derive_broken(),
        }

    @admin.display(description=gettext_lazy("uses"), ordering="use_count")
    def uses(self, source: Any) -> int:
        return source.use_count

    @admin.display(description=gettext_lazy("last found"), ordering="outcome_found")
    def found(self, source: Any) -> SafeString | str:
        """Return what the check of links last found at the address of a source."""
        if not source.outcome_found:
            return NOTHING
        label = str(WebLink.Outcome(source.outcome_found).label)
        return format_html("<strong>{}</strong>", label) if source.is_found_broken else label

    @admin.display(description=gettext_lazy("last found"))
    def last_found(self, source: Source) -> SafeString | str:
        return tell_links_of([one for one in (source.url, source.archived_url) if one])

    @admin.display(description=gettext_lazy("used by"))
    def used_by(self, source: Source) -> SafeString | str:
        """Return the number of rows of each kind that name a source, and links to programmes."""
        rows = {
            relation.related_model._meta.verbose_name_plural: number
            for relation in SOURCE_RELATIONS
            if source.pk and (number := count_uses(relation, source))
        }
        if not rows:
            return _("Nothing yet.")
        programmes = Programme.objects.filter(citations__source=source).distinct()
        return format_html(
            "{}{}",
            ", ".join(f"{name}: {number}" for name, number in rows.items()),
            format_html_join("", "<br>{}", ((link_to(p),) for p in programmes)),
        )


def count_uses(relation: Any, source: Source) -> int:
    return relation.related_model._base_manager.filter(source=source).count()
