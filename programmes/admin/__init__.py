"""Where curators edit the catalogue: programmes and their facts, sources, vocabularies."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from programmes.admin.facts import DiscrepancyAdmin
from programmes.admin.programmes import ProgrammeAdmin
from programmes.admin.sources import SourceAdmin
from programmes.admin.terms import TermAdmin

__all__ = ["DiscrepancyAdmin", "ProgrammeAdmin", "SourceAdmin", "TermAdmin"]

admin.site.site_header = _("STEM Observatory")
admin.site.site_title = _("STEM Observatory")
admin.site.index_title = _("The catalogue")
