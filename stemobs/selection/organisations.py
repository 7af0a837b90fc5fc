"""How the public asks for organisations, and for other rows that say when they changed."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from partnerships.models import Organisation
from programmes.models import Country
from stemobs.catalogue.index import Index
from stemobs.selection.facets import (
    NOT_STATED,
    Facet,
    make_options,
    make_term_choices,
    normalise_country_code,
)
from stemobs.selection.parameters import FacetFilter, MomentFilter, SearchFilter
from stemobs.selection.selection import IndexedFilter, SelectionFilter

TYPE = Facet("type", _("Type"), make_options(Organisation.Type))
SEAT = Facet(
    "country",
    _("Country"),
    make_term_choices(Country, "code"),
    normalise_country_code,
    none_label=NOT_STATED,
)


class OrganisationFilter(IndexedFilter):
    """The selection of organisations; a search looks at every name and abbreviation."""

    q = SearchFilter(label=_("Search"))
    type = FacetFilter(TYPE)
    country = FacetFilter(SEAT)
    updated_since = MomentFilter(label=_("Changed since"))

    @property
    def index(self) -> Index:
        return self.catalogue.organisations


class DatedFilter(SelectionFilter):
    """A list of rows that say when they changed."""

    updated_since = MomentFilter(label=_("Changed since"))

    def narrow_rows(self, rows: QuerySet) -> QuerySet:
        since = self.values["updated_since"]
        return rows.filter(changed_at__gte=since) if since else rows
