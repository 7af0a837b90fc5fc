"""The admin's list of links: what was found, since when, where each is used, where copies are.

It only shows: the check alone writes links.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.models import WebLink
from stemobs.admin.base import format_gap, link_to
from stemobs.admin.links.telling import link_out, tell_found, tell_state_of_all
from stemobs.admin.lists import DeclaredFilters
from stemobs.admin.saving import NOTHING
from stemobs.curation.links.places import find_archived, find_namings, offer_archive

MOST_TOLD = 3  # of the records that name an address, in the list


def add_uses(links: Sequence[WebLink]) -> None:
    """Add to links where they are used and which copies of them are known, in a few queries."""
    addresses = [link.address for link in links]
    namings, archived = find_namings(addresses), find_archived(addresses)
    for link in links:
        vars(link)["namings"] = namings.get(link.address, [])
        vars(link)["archived"] = archived.get(link.address, "")


class LinkList(ChangeList):
    """The list of links, with the uses of those on a page."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = [*self.result_list]
        add_uses(self.result_list)


@admin.register(WebLink)
class LinkAdmin(DeclaredFilters, admin.ModelAdmin):
    """The list of links, and a page of each."""

    list_display = (
        "address", "found", "used_in_short", "elsewhere", "first_failed_at", "looked_at",
    )  # fmt: skip
    ordering = ("-is_broken", "address")
    list_filter = ("is_broken", "outcome")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("address", "host")
    search_help_text = gettext_lazy("Searches addresses.")
    empty_value_display = NOTHING
    fields = (
        "opened", "found", "is_broken", "looked_at", "failures", "first_failed_at", "wait_until",
        "used_in", "elsewhere",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LinkList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        told = {"subtitle": tell_state_of_all(), **(extra_context or {})}
        return super().changelist_view(request, told)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        add_uses([context["original"]])
        return super().render_change_form(request, context, *args, **kwargs)

    # What is shown

    @admin.display(description=gettext_lazy("address"))
    def opened(self, link: WebLink) -> SafeString:
        return link_out(link.address)

    @admin.display(description=gettext_lazy("last found"), ordering="outcome")
    def found(self, link: WebLink) -> SafeString | str:
        return tell_found(link)

    @admin.display(description=gettext_lazy("used in"))
    def used_in(self, link: Any) -> SafeString:
        """Return links to the forms of the records that name an address."""
        return word_records([*dict.fromkeys(naming.record for naming in link.namings)])

    @admin.display(description=gettext_lazy("used in"))
    def used_in_short(self, link: Any) -> SafeString:
        """Return the first of these, and how many more there are."""
        records = [*dict.fromkeys(naming.record for naming in link.namings)]
        shown = word_records(records[:MOST_TOLD])
        if more := len(records[MOST_TOLD:]):
            return format_html("{}<br>{}", shown, _("%(number)d more") % {"number": more})
        return shown

    @admin.display(description=gettext_lazy("where it may be now"))
    def elsewhere(self, link: Any) -> SafeString | str:
        """Return where an address has moved, or for one that fails where copies of it are."""
        if link.moved_to:
            return link_out(link.moved_to)
        if not link.failures:
            return NOTHING
        place = offer_archive(link.address, link.archived)
        return format_html('<a href="{}" rel="noreferrer external">{}</a>', place, _("Copies"))


def word_records(records: Sequence[Model]) -> SafeString:
    if not records:
        return format_gap(_("nothing any more"))
    return format_html_join(SafeString("<br>"), "{}", ((word_record(one),) for one in records))


def word_record(record: Model) -> SafeString:
    kind = record._meta.verbose_name
    shown = link_to(record) if admin.site.is_registered(type(record)) else record
    return format_html("{}: {}", kind, shown)
