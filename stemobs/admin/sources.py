"""The admin's page of sources: their links, and the number of rows that refer to each."""

from functools import reduce
from operator import add
from typing import Any

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.models import (
    Programme,
    Source,
)
from stemobs.admin.base import CatalogueAdmin, link_to
from stemobs.admin.finding.pages import count_rows

# All reverse relations of foreign keys to Source, including hidden ones without a related name.
SOURCE_RELATIONS: list[Any] = [
    relation for relation in Source._meta.get_fields(include_hidden=True) if relation.one_to_many
]


@admin.register(Source)
class SourceAdmin(CatalogueAdmin):
    """The page and the list of sources, with broken links and numbers of uses."""

    list_display = ("title", "publisher", "kind", "link_state", "uses")
    list_filter = ("link_state", "kind")
    search_fields = ("title", "publisher", "slug", "url", "archived_url")
    search_help_text = gettext_lazy("Searches title, publisher and address.")
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("used_by",)
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
                    ("language", "published"),
                    "note",
                    "used_by",
                )
            },
        ),
    )

    def list_derived(self) -> dict[str, Any]:
        counts = (count_rows(relation.related_model, "source") for relation in SOURCE_RELATIONS)
        return {"use_count": reduce(add, counts)}

    @admin.display(description=gettext_lazy("uses"), ordering="use_count")
    def uses(self, source: Any) -> int:
        return source.use_count

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
