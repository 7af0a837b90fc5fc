"""Feeds: new and changed programmes of any selection, and withdrawn ones; RSS 2.0 and Atom.

RSS knows no date of change, and its readers show only what they have not seen. So a programme that
changed on another day is another item there. In Atom it stays the same entry, updated later.
"""

import datetime
import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed, get_tag_uri
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from programmes.models import Country, EducationLevel, Programme
from stemobs.addresses import absolute
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.requests import catalogue_of
from stemobs.catalogue.triggers import Moment
from stemobs.entries.publication import (
    Merged,
    Standing,
    judge,
    list_published,
    tell_reason,
    where_withdrawn_in_public,
)
from stemobs.exports.citations import PUBLISHER
from stemobs.selection.parameters import refuse_parameters
from stemobs.selection.programmes import ProgrammeFilter, WholeFilter
from stemobs.text import in_one_line

LENGTH = 50
TTL = 60  # minutes after which a reader may ask again


@dataclass(frozen=True)
class Item:
    """What a feed tells of a programme."""

    programme: Programme
    title: str
    text: str
    kind: str = "programmes"  # what its id is one of

    @property
    def id(self) -> str:
        """Return what stays the same for ever, whatever slug the programme gets."""
        address = absolute(f"/{self.kind}/{self.programme.pk}")
        return get_tag_uri(address, self.programme.created_at).rstrip("/")


class Dated(SyndicationFeed):
    """A feed as old as its newest item; without any, as the catalogue: never as the moment."""

    def latest_post_date(self) -> datetime.datetime:
        return super().latest_post_date() if self.items else self.feed["changed_at"]


class Rss(Dated, Rss201rev2Feed):
    """RSS 2.0."""


class Atom(Dated, Atom1Feed):
    """Atom 1.0."""


class CatalogueFeed(Feed):
    """What all feeds share, as RSS. Texts go out as HTML, which readers take them for."""

    feed_type: type[SyndicationFeed] = Rss
    author_name = PUBLISHER
    ttl = TTL
    item_guid_is_permalink = False

    def feed_guid(self, asked: Any) -> str:
        return self.feed_url(asked)

    def feed_url(self, asked: Any) -> str:
        """Return the public address of the feed itself."""
        # Each feed has its own.
        raise NotImplementedError

    def item_title(self, item: Item) -> str:
        return in_one_line(item.title)

    def item_description(self, item: Item) -> str:
        return html.escape(in_one_line(item.text), quote=False)

    def item_link(self, item: Item) -> str:
        return absolute(item.programme.get_absolute_url())

    def item_guid(self, item: Item) -> str:
        return f"{item.id}#{localdate(item.programme.changed_at)}"

    def item_pubdate(self, item: Item) -> datetime.datetime:
        return item.programme.changed_at


class AsAtom(CatalogueFeed):
    """Makes a feed Atom, where one entry can tell when it came and when it changed."""

    feed_type = Atom

    def item_guid(self, item: Item) -> str:
        return item.id

    def item_pubdate(self, item: Item) -> datetime.datetime:
        return item.programme.created_at

    def item_updateddate(self, item: Item) -> datetime.datetime:
        return item.programme.changed_at


# --- What is new and changed in a selection -------------------------------------------------------


class ProgrammeFeed(CatalogueFeed):
    """The latest changes to the programmes of a selection."""

    address = "rss"

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> ProgrammeFilter:
        return WholeFilter.strict(request.GET, catalogue_of(request))

    def feed_extra_kwargs(self, selection: ProgrammeFilter) -> dict[str, Any]:
        return {"changed_at": selection.catalogue.moment.changed_at}

    def title(self, selection: ProgrammeFilter) -> str:
        name = _("STEM Observatory: new and changed programmes")
        chosen = in_one_line(selection.in_words)
        return f"{name} ({chosen})" if chosen else name

    def description(self, selection: ProgrammeFilter) -> str:
        """Say what it holds, and where all of it is where it cannot hold all."""
        words = _("New and changed STEM school–industry programmes, each with its sources.")
        number = len(selection.matched)
        if number <= LENGTH:
            return words
        more = _("The {some} latest of {number}; every change is at {address}")
        address = absolute(reverse("api-changes-list"))
        return f"{words} {more.format(some=LENGTH, number=number, address=address)}"

    def link(self, selection: ProgrammeFilter) -> str:
        return address_of("programmes", selection)

    def feed_url(self, selection: ProgrammeFilter) -> str:
        return address_of(self.address, selection)

    def items(self, selection: ProgrammeFilter) -> list[Item]:
        ids = selection.index.in_order_of_changes(selection.matched, 0, LENGTH)
        return [changed(programme, selection.catalogue) for programme in list_published(ids)]


class ProgrammeAtomFeed(AsAtom, ProgrammeFeed):
    """The same as Atom."""

    address = "atom"
    subtitle = ProgrammeFeed.description


def address_of(name: str, selection: ProgrammeFilter) -> str:
    query = selection.chosen_query
    return absolute(f"{reverse(name)}{'?' if query else ''}{query}")


def changed(programme: Programme, catalogue: Catalogue) -> Item:
    """Say whether a programme is new or was changed, and when; where it is and for which levels."""
    day = date_format(localdate(programme.changed_at), "j F Y")
    if programme.was_changed:
        title, when = _("Changed: {name}"), _("Changed on {day}.")
    else:
        title, when = _("New: {name}"), _("New on {day}.")
    places = names(programme, Country, "country", catalogue) or [programme.get_scope_display()]
    levels = names(programme, EducationLevel, "level", catalogue)
    parts = [when.format(day=day), sentence(places), sentence(levels), programme.summary]
    text = " ".join(filter(None, parts))
    return Item(programme, title.format(name=programme.name), text)


def names(
    programme: Programme, model: type[Country | EducationLevel], facet: str, catalogue: Catalogue
) -> list[str]:
    """Return the names of a programme's terms, in the order of their vocabulary."""
    own = catalogue.programmes.values_of(programme.pk, facet)
    return [name for code, name in catalogue.terms(model, "code").items() if code in own]


def sentence(texts: Iterable[str]) -> str:
    told = ", ".join(texts)
    return f"{told}." if told else ""


# --- What was withdrawn ---------------------------------------------------------------------------


class WithdrawnFeed(CatalogueFeed):
    """What readers could see and no longer can, because it was withdrawn."""

    address = "withdrawn-rss"

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Moment:
        refuse_parameters(request.GET)
        return catalogue_of(request).moment

    def feed_extra_kwargs(self, moment: Moment) -> dict[str, Any]:
        return {"changed_at": moment.changed_at}

    def title(self, moment: Moment) -> str:
        return _("STEM Observatory: withdrawn and merged programmes")

    def description(self, moment: Moment) -> str:
        return _("Programmes that left the catalogue, with the reason and what took over.")

    def link(self, moment: Moment) -> str:
        return absolute(reverse("programmes"))

    def feed_url(self, moment: Moment) -> str:
        return absolute(reverse(self.address))

    def items(self, moment: Moment) -> list[Item]:
        gone = Programme.objects.filter(where_withdrawn_in_public())
        rows = gone.select_related("merged_into").order_by("-changed_at", "slug")
        return [withdrawn(judge(programme)) for programme in rows[:LENGTH]]


class WithdrawnAtomFeed(AsAtom, WithdrawnFeed):
    """The same as Atom."""

    address = "withdrawn-atom"
    subtitle = WithdrawnFeed.description


def withdrawn(end: Standing) -> Item:
    """Say why a programme was withdrawn, and which one took over if readers may see that."""
    programme = end.programme
    if isinstance(end, Merged):
        title, reason = _("Merged: {name}"), programme.withdrawn_reason
        text = _("Merged into {name}: {address}").format(
            name=end.successor.name, address=absolute(end.successor.get_absolute_url())
        )
    else:
        title, reason = _("Withdrawn: {name}"), tell_reason(programme.withdrawn_reason)
        text = ""
    told = " ".join(filter(None, [reason, text]))
    return Item(programme, title.format(name=programme.name), told, "withdrawn")


programmes_rss = require_safe(ProgrammeFeed())
programmes_atom = require_safe(ProgrammeAtomFeed())
withdrawn_rss = require_safe(WithdrawnFeed())
withdrawn_atom = require_safe(WithdrawnAtomFeed())
