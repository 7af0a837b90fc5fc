"""What a list of the admin may be asked for: its declared filters, its rows, and nothing else."""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import BadRequest, FieldDoesNotExist
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from stemobs.selection.parameters import MAX_QUERY, shorten

# The rest are o, p, q and _to_field, whose values are looked at below.
OF_EVERY_LIST = {"all", "e", "_facets", "_popup"}
ORDER = re.compile(r"-?\d{1,2}(\.-?\d{1,2}){0,9}")
PAGE = re.compile(r"[0-9]{1,9}")
ID = re.compile(r"[0-9]{1,18}")


class DeclaredFilters(admin.ModelAdmin):
    """Refuses in words whatever asks a list for more than it offers, in its address or in a form.

    Django lets an address carry any lookup on any column, regular expressions included.
    """

    linked_filters: tuple[str, ...] = ()  # further columns by which other pages link to the list

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        for name, values in request.GET.lists():
            if len(values) > 1 or not self.is_offered(name, values[0]):
                told = _("This list has no filter “%(part)s”. Choose one of its filters.")
                raise BadRequest(told % {"part": shorten(f"{name}={values[0]}")})
        if not all(map(ID.fullmatch, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest(_("What you chose is none of this list’s rows. Choose again."))
        titled = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        return super().changelist_view(request, titled)

    def is_offered(self, name: str, value: str) -> bool:
        """Whether a parameter is one that the page of the list has, with a value of its kind."""
        match name:
            case "o":
                return not value or bool(ORDER.fullmatch(value))
            case "p":
                return bool(PAGE.fullmatch(value))
            case "q":
                return len(value) <= MAX_QUERY
            case "_to_field":
                return value in ("", "id")
        return name in OF_EVERY_LIST or name in {*self.list_parameters()}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the address of a form to add fills in, without rows that cannot be."""
        given = super().get_changeform_initial_data(request)
        return {name: told for name, told in given.items() if self.can_hold(name, told)}

    def can_hold(self, name: str, told: Any) -> bool:
        """Whether a value from an address can be that of a field; ids are whole numbers."""
        try:
            is_relation = self.model._meta.get_field(name).is_relation
        except FieldDoesNotExist:
            return False
        ids = told if isinstance(told, list) else [told]
        return not is_relation or all(ID.fullmatch(str(one)) for one in ids)

    def list_parameters(self) -> Iterator[str]:
        """Yield the parameters of the declared filters."""
        for one in (*self.list_filter, *self.linked_filters):
            if isinstance(one, type):
                simple: Any = (
                    one  # only simple filters stand here as classes, and these have the name
                )
                yield simple.parameter_name
                continue
            path = one[0] if isinstance(one, tuple) else str(one)
            is_relation = get_fields_from_path(self.model, path)[-1].is_relation
            yield f"{path}__id__exact" if is_relation else f"{path}__exact"
            yield f"{path}__isnull"

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        try:
            return super().get_changelist_instance(request)
        except IncorrectLookupParameters as error:
            raise BadRequest(
                _("A filter in this address has a wrong value. Choose it again.")
            ) from error
