"""The action of the list of records that begins a bulk change of what was ticked there."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.models import BulkChange

MOST_RECORDS = 500  # of one bulk change
MAY_BEGIN = "programmes.add_bulkchange"


class BeginsBulkChanges(admin.ModelAdmin):
    """Lets curators change one field of many records that they have ticked in the list."""

    def has_bulk_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY_BEGIN) and self.has_change_permission(request)

    @admin.action(
        description=gettext_lazy("Change levels, kinds, audiences, countries or status"),
        permissions=["bulk"],
    )
    def change_many(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Note which records were ticked and which the list finds, and lead to the choices.

        The list tells both, so that without scripts too all that it finds can be chosen.
        """
        ticked = list_ids(queryset)
        if len(ticked) > MOST_RECORDS:
            told = _("At most %(number)d records can be changed at once. Narrow the list down.")
            self.message_user(request, told % {"number": MOST_RECORDS}, messages.ERROR)
            return None
        found = self.get_changelist_instance(request).get_queryset(request)
        matching = list_ids(found)
        is_offered = len(ticked) < len(matching) <= MOST_RECORDS
        user: Any = request.user
        batch = BulkChange.objects.create(
            user=user, ticked=ticked, matching=matching if is_offered else []
        )
        return HttpResponseRedirect(reverse("admin:programmes_bulkchange_what", args=[batch.pk]))


def list_ids(queryset: QuerySet) -> list[int]:
    """Return the ids of records, of very many only so many that it shows."""
    ids = queryset.order_by("pk").values_list("pk", flat=True).distinct()
    return list(ids[: MOST_RECORDS + 1])
