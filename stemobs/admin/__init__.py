"""The admin for curators. Django imports only this package, so it imports every module in it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from stemobs.admin import (
    facts,
    guides,
    initiatives,
    organisations,
    programmes,
    sources,
    stories,
    terms,
)
from stemobs.admin.bulk import batches as bulk
from stemobs.admin.drafts import lists as drafts
from stemobs.admin.importing import batches as imports
from stemobs.admin.links import pages as links
from stemobs.admin.moves import proposing
from stemobs.admin.rights import accounts
from stemobs.admin.suggestions import answering
from stemobs.admin.tasks import pages as tasks
from stemobs.publisher import NAME

__all__ = [
    "accounts",
    "answering",
    "bulk",
    "drafts",
    "facts",
    "guides",
    "imports",
    "initiatives",
    "links",
    "organisations",
    "programmes",
    "proposing",
    "sources",
    "stories",
    "tasks",
    "terms",
]

admin.site.site_header = NAME
admin.site.site_title = NAME
admin.site.index_title = _("The catalogue")
