"""Filters of the admin's list of tasks: whether they are open, who has them, in which country."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programmes.models import Country, Programme, Task
from stemobs.curation.tasks.queues import where_free, where_taken

State = Task.State


class OpenFilter(admin.SimpleListFilter):
    """Shows the open tasks, unless others are chosen."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(one.value, one.label) for one in State if one != State.OPEN]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": State.OPEN.label}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        state = self.value()
        return queryset.filter(state=state if state in State.values else State.OPEN)


class HolderFilter(admin.SimpleListFilter):
    """Filters tasks by who has taken them."""

    title = gettext_lazy("who has it")
    parameter_name = "holder"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("I have it")), ("nobody", _("Nobody")), ("others", _("Somebody else"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        now = timezone.now()
        match self.value():
            case "mine":
                return queryset.filter(where_taken(request.user, now))
            case "nobody":
                return queryset.filter(where_free(now))
            case "others":
                held = Q(state=State.OPEN, taken_until__gt=now)
                return queryset.filter(held).exclude(taken_by=request.user)
        return queryset


class CountryFilter(admin.SimpleListFilter):
    """Filters tasks by a country of their record."""

    title = gettext_lazy("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        placed = Programme.countries.through.objects.filter(country=OuterRef("pk"))
        rows = Country.objects.filter(Exists(placed)).order_by("name")
        return list(rows.values_list("code", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        placed = Programme.countries.through.objects.filter(country__code=self.value())
        return queryset.filter(programme__in=placed.order_by().values("programme"))
