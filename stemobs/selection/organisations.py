"""The parameters that select organisations, and the filter of lists by the date of change."""

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
    """Selects organisations by parameters; `q` searches all their names and abbreviations."""

    q = SearchFilter(label=_("Search"))
    type = FacetFilter(TYPE)
    country = FacetFilter(SEAT)
    updated_since = MomentFilter(label=_("Changed since"))

    @property
    def index(self) -> Index:
        return self.catalogue.organisations


class DatedFilter(SelectionFilter):
    """Selects rows with the column `changed_at` by the parameter `updated_since`."""

    updated_since = MomentFilter(label=_("Changed since"))

    def narrow_rows(self, rows: QuerySet) -> QuerySet:
        since = self.values["updated_since"]
        return rows.filter(changed_at__gte=since) if since else rows
