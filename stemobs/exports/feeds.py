"""RSS 2.0 and Atom feeds of new and changed programmes in a selection, and of withdrawn programmes.

RSS has no date of change, and feed readers show only items they have not seen. So in RSS a
programme that changes on another day becomes a new item. In Atom the entry keeps its id and gets a
later `updated` date.
"""

import datetime
import hashlib
import html
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.syndication.views import Feed
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed, get_tag_uri
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from programmes.models import Country, EducationLevel, Evaluation, Programme
from stemobs.addresses import build_absolute_url
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.states.moments import Moment
from stemobs.catalogue.states.requests import get_request_catalogue
from stemobs.catalogue.visibility.queries import where_withdrawn_in_public
from stemobs.entries.findings import tell_findings, tell_in_short
from stemobs.entries.history.steps import RecordStep, tell_past
from stemobs.entries.publication import (
    Merged,
    Standing,
    judge_all,
    list_published,
    tell_reason,
)
from stemobs.exports.citations import PUBLISHER
from stemobs.selection.parameters import refuse_parameters
from stemobs.selection.programmes import ProgrammeFilter, WholeFilter
from stemobs.text import join_in_one_line

LENGTH = 50  # most items of a feed
TTL = 60  # minutes that a feed reader should wait before it asks again


@dataclass(frozen=True)
class FeedItem:
    """One item of a feed: a programme, with the title and text that feed readers show."""

    programme: Programme
    title: str
    text: str
    kind: str = "programmes"  # part of the id, so that a withdrawal is another item

    @property
    def id(self) -> str:
        """Return a tag URI with the programme's id, which stays the same if its slug changes."""
        address = build_absolute_url(f"/{self.kind}/{self.programme.pk}")
        return get_tag_uri(address, self.programme.created_at).rstrip("/")


class DatedFeed(SyndicationFeed):
    """A feed dated by its newest item, or by the catalogue's last change if it is empty.

    Django would date an empty feed by the time of the request, so it would always look changed.
    """

    def latest_post_date(self) -> datetime.datetime:
        latest = super().latest_post_date() if self.items else self.feed["changed_at"]
        return latest.replace(microsecond=0)


class RssFeed(DatedFeed, Rss201rev2Feed):
    """RSS 2.0."""


class AtomFeed(DatedFeed, Atom1Feed):
    """Atom 1.0."""


class CatalogueFeed(ABC, Feed):
    """Base class of all feeds; without AsAtom it writes RSS.

    Descriptions are escaped, because feed readers take them for HTML.
    """

    feed_type: type[SyndicationFeed] = RssFeed
    author_name = PUBLISHER
    ttl = TTL
    item_guid_is_permalink = False

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the feed without the time of its newest item, which Django takes for its own.

        A feed also changes when an item leaves it. The middleware for caching knows the right time.
        """
        response = super().__call__(request, *args, **kwargs)
        del response.headers["Last-Modified"]
        return response

    def feed_guid(self, asked: Any) -> str:
        return self.feed_url(asked)

    @abstractmethod
    def feed_url(self, asked: Any) -> str:
        """Return the public address of the feed itself."""

    def item_title(self, item: FeedItem) -> str:
        return join_in_one_line(item.title)

    def item_description(self, item: FeedItem) -> str:
        return html.escape(join_in_one_line(item.text), quote=False)

    def item_link(self, item: FeedItem) -> str:
        return build_absolute_url(item.programme.get_absolute_url())

    def item_guid(self, item: FeedItem) -> str:
        return f"{item.id}#{localdate(item.programme.changed_at)}"

    def item_pubdate(self, item: FeedItem) -> datetime.datetime:
        return item.programme.changed_at.replace(microsecond=0)


class AsAtom(CatalogueFeed):
    """A mixin that makes a feed Atom, whose entries have a date of creation and one of change."""

    feed_type = AtomFeed

    def item_guid(self, item: FeedItem) -> str:
        return item.id

    def item_pubdate(self, item: FeedItem) -> datetime.datetime:
        return item.programme.created_at.replace(microsecond=0)

    def item_updateddate(self, item: FeedItem) -> datetime.datetime:
        return item.programme.changed_at.replace(microsecond=0)


# --- What is new and changed in a selection -------------------------------------------------------


class ProgrammeFeed(CatalogueFeed):
    """The RSS feed of the latest new and changed programmes in a selection."""

    address = "rss"

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> ProgrammeFilter:
        return WholeFilter.strict(request.GET, get_request_catalogue(request))

    def feed_extra_kwargs(self, selection: ProgrammeFilter) -> dict[str, Any]:
        return {"changed_at": selection.catalogue.moment.changed_at}

    def title(self, selection: ProgrammeFilter) -> str:
        name = _("STEM Observatory: new and changed programmes")
        chosen = join_in_one_line(selection.in_words)
        return f"{name} ({chosen})" if chosen else name

    def description(self, selection: ProgrammeFilter) -> str:
        """Return the feed's description; it names the API's list of changes if the feed is cut."""
        words = _("New and changed STEM school–industry programmes, each with its sources.")
        number = len(selection.matched)
        if number <= LENGTH:
            return words
        more = _("The {some} latest of {number}; every change is at {address}")
        address = build_absolute_url(reverse("api-changes-list"))
        return f"{words} {more.format(some=LENGTH, number=number, address=address)}"

    def link(self, selection: ProgrammeFilter) -> str:
        return build_feed_url("programmes", selection)

    def feed_url(self, selection: ProgrammeFilter) -> str:
        return build_feed_url(self.address, selection)

    def items(self, selection: ProgrammeFilter) -> list[FeedItem]:
        ids = selection.index.list_by_change(selection.matched, 0, LENGTH)
        return [
            make_changed_item(programme, selection.catalogue) for programme in list_published(ids)
        ]


class ProgrammeAtomFeed(AsAtom, ProgrammeFeed):
    """The Atom feed of the latest new and changed programmes of a selection."""

    address = "atom"
    subtitle = ProgrammeFeed.description


def build_feed_url(name: str, selection: ProgrammeFilter) -> str:
    query = selection.chosen_query
    return build_absolute_url(f"{reverse(name)}{'?' if query else ''}{query}")


def make_changed_item(programme: Programme, catalogue: Catalogue) -> FeedItem:
    """Return an item: whether a programme is new or changed, when, its countries and levels."""
    day = date_format(localdate(programme.changed_at), "j F Y")
    if programme.was_changed:
        title, when = _("Changed: {name}"), _("Changed on {day}.")
    else:
        title, when = _("New: {name}"), _("New on {day}.")
    places = list_term_names(programme, Country, "country", catalogue) or [
        programme.get_scope_display()
    ]
    levels = list_term_names(programme, EducationLevel, "level", catalogue)
    parts = [when.format(day=day), make_sentence(places), make_sentence(levels), programme.summary]
    text = " ".join(filter(None, parts))
    return FeedItem(programme, title.format(name=programme.name), text)


def list_term_names(
    programme: Programme, model: type[Country | EducationLevel], facet: str, catalogue: Catalogue
) -> list[str]:
    """Return the names of a programme's countries or levels, in the order of the vocabulary."""
    own = catalogue.programmes.list_document_values(programme.pk, facet)
    return [name for code, name in catalogue.list_terms(model, "code").items() if code in own]


def make_sentence(texts: Iterable[str]) -> str:
    told = ", ".join(texts)
    return f"{told}." if told else ""


# --- What evaluations found -----------------------------------------------------------------------


class FindingFeed(ProgrammeFeed):
    """The RSS feed of what evaluations found of programmes in a selection.

    An item is new when what is told of the programme's studies changes, and not when anything else
    of its entry does.
    """

    address = "findings-rss"

    def title(self, selection: ProgrammeFilter) -> str:
        name = _("STEM Observatory: new findings")
        chosen = join_in_one_line(selection.in_words)
        return f"{name} ({chosen})" if chosen else name

    def description(self, selection: ProgrammeFilter) -> str:
        return _("What evaluations of STEM programmes found, good news and bad, newest first.")

    def link(self, selection: ProgrammeFilter) -> str:
        return build_absolute_url(reverse("evidence"))

    def items(self, selection: ProgrammeFilter) -> list[FeedItem]:
        known = (
            result for result in Evaluation.Result if result != Evaluation.Result.NOT_ON_RECORD
        )
        found = selection.index.find_with_value("finding", known) & selection.matched
        programmes = list_published(selection.index.list_by_change(found, 0, LENGTH))
        prefetch_related_objects(programmes, "evaluations")
        return [make_finding_item(programme) for programme in programmes]

    def item_guid(self, item: FeedItem) -> str:
        told = hashlib.sha256(item.text.encode()).hexdigest()
        return f"{item.id}#{told[:12]}"


class FindingAtomFeed(AsAtom, FindingFeed):
    """The Atom feed of what evaluations found of programmes in a selection."""

    address = "findings-atom"
    subtitle = FindingFeed.description


def make_finding_item(programme: Programme) -> FeedItem:
    """Return an item: the strongest study with its result, and all that is told of the studies."""
    rows = programme.evaluations.all()
    text = " ".join(map(str, tell_findings(rows)))
    return FeedItem(programme, f"{programme.name}: {tell_in_short(rows)}", text, "findings")


# --- What was withdrawn ---------------------------------------------------------------------------


class WithdrawnFeed(CatalogueFeed):
    """The RSS feed of programmes that were public and were withdrawn or merged."""

    address = "withdrawn-rss"

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Moment:
        refuse_parameters(request.GET)
        return get_request_catalogue(request).moment

    def feed_extra_kwargs(self, moment: Moment) -> dict[str, Any]:
        return {"changed_at": moment.changed_at}

    def title(self, moment: Moment) -> str:
        return _("STEM Observatory: withdrawn and merged programmes")

    def description(self, moment: Moment) -> str:
        return _("Programmes that left the catalogue, with the reason and what took over.")

    def link(self, moment: Moment) -> str:
        return build_absolute_url(reverse("programmes"))

    def feed_url(self, moment: Moment) -> str:
        return build_absolute_url(reverse(self.address))

    def items(self, moment: Moment) -> list[FeedItem]:
        gone = Programme.objects.filter(where_withdrawn_in_public())
        ends = judge_all(gone.order_by("-changed_at", "slug")[:LENGTH])
        return [make_withdrawn_item(end) for end in ends.values()]


class WithdrawnAtomFeed(AsAtom, WithdrawnFeed):
    """The Atom feed of the latest new and changed programmes of a selection."""

    address = "withdrawn-atom"
    subtitle = WithdrawnFeed.description


def make_withdrawn_item(end: Standing) -> FeedItem:
    """Return an item: why a programme was withdrawn, or which public one it was merged into."""
    programme = end.programme
    if isinstance(end, Merged):
        title, reason = _("Merged: {name}"), programme.withdrawn_reason
        text = _("Merged into {name}: {address}").format(
            name=end.successor.name, address=build_absolute_url(end.successor.get_absolute_url())
        )
    else:
        title, reason = _("Withdrawn: {name}"), tell_reason(programme.withdrawn_reason)
        text = ""
    told = " ".join(filter(None, [reason, text]))
    return FeedItem(programme, title.format(name=programme.name), told, "withdrawn")


# --- What changed in one record -------------------------------------------------------------------


class HistoryFeed(CatalogueFeed):
    """The Atom feed of what changed in the record of a programme, which the view has found."""

    feed_type = AtomFeed

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Programme:
        return kwargs["programme"]

    def feed_extra_kwargs(self, programme: Programme) -> dict[str, Any]:
        return {"changed_at": programme.changed_at}

    def title(self, programme: Programme) -> str:
        name = join_in_one_line(programme.name)
        return _("STEM Observatory: changes to the record of {name}").format(name=name)

    def subtitle(self, programme: Programme) -> str:
        return _("What changed in the record, and when.")

    def link(self, programme: Programme) -> str:
        return build_absolute_url(reverse("programme-history", args=[programme.slug]))

    def feed_url(self, programme: Programme) -> str:
        return build_absolute_url(reverse("programme-history-atom", args=[programme.slug]))

    def items(self, programme: Programme) -> list[tuple[Programme, RecordStep]]:
        return [(programme, step) for step in tell_past(programme).steps[:LENGTH]]

    def item_title(self, item: Any) -> str:
        _programme, step = item
        return step.reason or (_("Withheld") if step.withheld else EVENTS[step.event])

    def item_description(self, item: Any) -> str:
        _programme, step = item
        return html.escape(
            "; ".join(filter(None, [*step.changes, step.withheld, step.maker])), quote=False
        )

    def item_link(self, item: Any) -> str:
        programme, step = item
        place = (
            reverse("programme-state", args=[programme.slug, step.revision])
            if step.has_state
            else reverse("programme-history", args=[programme.slug])
        )
        return build_absolute_url(place)

    def item_guid(self, item: Any) -> str:
        programme, step = item
        # Gaps in the numbers of edits would tell how much is written that nobody sees yet.
        number = salted_hmac("stemobs.change", str(step.edit)).hexdigest()[:20]
        address = build_absolute_url(f"/programmes/{programme.pk}/changes/{number}")
        return get_tag_uri(address, step.made_at)

    def item_pubdate(self, item: Any) -> datetime.datetime:
        return item[1].made_at.replace(microsecond=0)

    item_updateddate = item_pubdate


EVENTS: dict[str, Any] = {
    "": gettext_lazy("Changed"),
    "added": gettext_lazy("Added to the catalogue"),
    "published": gettext_lazy("Published"),
    "withdrawn": gettext_lazy("Withdrawn"),
}
send_programmes_rss = require_safe(ProgrammeFeed())
send_programmes_atom = require_safe(ProgrammeAtomFeed())
send_findings_rss = require_safe(FindingFeed())
send_findings_atom = require_safe(FindingAtomFeed())
send_withdrawn_rss = require_safe(WithdrawnFeed())
send_withdrawn_atom = require_safe(WithdrawnAtomFeed())
