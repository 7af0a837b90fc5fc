"""How the public asks for organisations: by name, type and country."""

from django.utils.translation import gettext_lazy as _

from partnerships.models import Organisation
from programmes.facets import NOT_STATED, Facet, country_code, options, terms
from programmes.index import Index
from programmes.models import Country
from programmes.parameters import FacetFilter, SearchFilter
from programmes.selection import IndexedFilter

TYPE = Facet("type", _("Type"), options(Organisation.Type))
SEAT = Facet("country", _("Country"), terms(Country, "code"), country_code, none_label=NOT_STATED)


class OrganisationFilter(IndexedFilter):
    """The selection of organisations; a search looks at every name and abbreviation."""

    q = SearchFilter(label=_("Search"))
    type = FacetFilter(TYPE)
    country = FacetFilter(SEAT)

    @property
    def index(self) -> Index:
        return self.catalogue.organisations
