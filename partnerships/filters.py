"""How the public asks for organisations: by name, type and country."""

from functools import cached_property

from django.utils.translation import gettext_lazy as _

from partnerships.models import Organisation
from programmes.facets import NONE, NOT_STATED, Facet, names, options
from programmes.index import search
from programmes.models import Country
from programmes.selection import FacetFilter, SearchFilter, SelectionFilter

TYPE = Facet("type", _("Type"), "type", options(Organisation.Type), model=Organisation)
SEAT = Facet(
    "country", _("Country"), "country__code", names(Country, "code"),
    normalise=lambda value: NONE if value.lower() == NONE else value.upper(),
    none_label=NOT_STATED, model=Organisation,
)  # fmt: skip
NAME_PATHS = ("name", "names__name", "slug")


class OrganisationFilter(SelectionFilter):
    """The selection of organisations; a search looks at every name and abbreviation."""

    sort_columns = ("name", "slug")

    q = SearchFilter(label=_("Search"), method="filter_search")
    type = FacetFilter(TYPE)
    country = FacetFilter(SEAT)

    @cached_property
    def found(self) -> dict[int, int]:
        """Return the ids that the search finds, each with its tier."""
        return search(self.searched, self.rows, NAME_PATHS)
