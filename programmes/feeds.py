"""Feeds of any selection, the newest change first: RSS 2.0 and Atom."""

import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.translation import gettext as _

from programmes.catalogue import catalogue_of
from programmes.filters import ProgrammeFilter
from programmes.models import Programme

LENGTH = 50


class ProgrammeFeed(Feed):
    """The programmes of a selection, as RSS 2.0."""

    feed_type: type[SyndicationFeed] = Rss201rev2Feed
    address = "rss"

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> ProgrammeFilter:
        selection = ProgrammeFilter(request.GET, catalogue_of(request))
        if selection.problems:
            names = ", ".join(problem.parameter for problem in selection.problems)
            raise BadRequest(_("These parameters are wrong: {names}.").format(names=names))
        return selection

    def title(self, selection: ProgrammeFilter) -> str:
        chosen = ", ".join(chip.text for chip in selection.chips)
        name = _("STEM Observatory: programmes")
        return f"{name} ({chosen})" if chosen else name

    def description(self, selection: ProgrammeFilter) -> str:
        return _("New and changed STEM school–industry programmes, each with its sources.")

    def link(self, selection: ProgrammeFilter) -> str:
        query = selection.query()
        return f"{settings.SITE_URL}/programmes/{'?' if query else ''}{query}"

    def feed_url(self, selection: ProgrammeFilter) -> str:
        query = selection.query()
        return f"{settings.SITE_URL}{reverse(self.address)}{'?' if query else ''}{query}"

    def items(self, selection: ProgrammeFilter) -> Any:
        ids = selection.index.in_order_of_changes(selection.matched, 0, LENGTH)
        rows = Programme.objects.published().in_bulk(ids)
        return [rows[pk] for pk in ids if pk in rows]

    def item_title(self, programme: Programme) -> str:
        return programme.name

    def item_description(self, programme: Programme) -> str:
        return programme.summary

    def item_link(self, programme: Programme) -> str:
        return f"{settings.SITE_URL}{programme.get_absolute_url()}"

    def item_guid(self, programme: Programme) -> str:
        return self.item_link(programme)

    def item_pubdate(self, programme: Programme) -> datetime.datetime:
        return programme.created_at

    def item_updateddate(self, programme: Programme) -> datetime.datetime:
        return programme.changed_at


class ProgrammeAtomFeed(ProgrammeFeed):
    """The same as Atom."""

    feed_type = Atom1Feed
    address = "atom"
    subtitle = ProgrammeFeed.description
