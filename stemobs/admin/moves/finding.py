"""What the pages have in common on which a record is merged, renamed or withdrawn."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from programmes.models import Programme
from stemobs.curation.mergers.inward import read_inward, tell_inward


class FindsRecord(admin.ModelAdmin):
    """Finds the record of a page, for those who may change records."""

    def find_record_to_move(self, request: HttpRequest, object_id: str) -> Any:
        record: Any = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_change_permission(request):
            raise PermissionDenied
        return record


def describe_moving(page: Any, request: HttpRequest, record: Programme) -> dict[str, Any]:
    """Return what such a page is drawn with: the record, and what leads to it."""
    return {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "original": record,
        "inward": tell_inward(read_inward([record.pk])[record.pk]),
        "is_nav_sidebar_enabled": False,
    }
