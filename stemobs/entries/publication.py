"""What readers may see, and where the address of a programme leads: for every door the same.

That an entry is published is told by its row (`Programme.is_public`) or asked of the database
(`published()`, `where_published`). Here stands what follows from it: what an address leads to, why
an entry is gone, who sees drafts. Pages, API, data, citations, feeds, comparisons and dumps only
put that into words or statuses of their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from programmes.models import (
    NO_REASON,
    Change,
    Departure,
    FormerSlug,
    Programme,
    where_published,
)

# Who has it is a curator, to whom pages show what is not published yet.
SEES_DRAFTS = "programmes.view_programme"


# --- What an entry is to readers ------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """An entry that readers may see."""

    programme: Programme


@dataclass(frozen=True)
class Draft:
    """An entry that is not published: only curators may know that it is there."""

    programme: Programme


@dataclass(frozen=True)
class Merged:
    """An entry that was withdrawn, and the one that took over, which readers may see."""

    programme: Programme
    successor: Programme


@dataclass(frozen=True)
class Gone:
    """An entry that was withdrawn with nothing in its place."""

    programme: Programme

    @property
    def reason(self) -> str:
        return tell_reason(self.programme.withdrawn_reason)


@dataclass(frozen=True)
class Moved:
    """The entry that once had a slug and has another now; that one leads on from there."""

    programme: Programme


Standing = Found | Draft | Merged | Gone


def judge(programme: Programme) -> Standing:
    """Return what a programme is to readers; `merged_into` is read, so better loaded with it."""
    if programme.is_public:
        return Found(programme)
    if programme.state != Programme.State.WITHDRAWN:
        return Draft(programme)
    successor = programme.successor
    return Merged(programme, successor) if successor else Gone(programme)


def tell_reason(reason: str) -> str:
    """Return why an entry was withdrawn, in general words where a curator gave none."""
    return reason or str(NO_REASON)


def may_see_drafts(user: Any) -> bool:
    """Whether somebody is a curator; `user` is that of a request."""
    return user.has_perm(SEES_DRAFTS)


# --- Where a slug leads ---------------------------------------------------------------------------


def resolve_slug(slug: str, programmes: QuerySet[Programme]) -> Standing | Moved | None:
    """Return what a slug leads to; `programmes` loads what is needed of the entry itself.

    None: no programme that readers know of has ever had it. A draft has never been anywhere, so no
    former slug leads to one.
    """
    programme = programmes.select_related("merged_into").filter(slug=slug).first()
    if programme:
        return judge(programme)
    former = find_former([slug]).get(slug)
    return None if former is None or isinstance(judge(former), Draft) else Moved(former)


def resolve_slugs(slugs: Iterable[str]) -> dict[str, Standing]:
    """Return what many slugs, present or former ones, lead to; what leads nowhere is left out."""
    slugs = list(slugs)
    rows = Programme.objects.select_related("merged_into").filter(slug__in=slugs)
    found = {programme.slug: programme for programme in rows}
    if missing := [slug for slug in slugs if slug not in found]:
        found |= find_former(missing)
    return {slug: judge(programme) for slug, programme in found.items()}


def find_former(slugs: Iterable[str]) -> dict[str, Programme]:
    """Return the programmes that once had these slugs."""
    former = FormerSlug.objects.select_related("programme__merged_into")
    return {row.slug: row.programme for row in former.filter(slug__in=list(slugs))}


# --- Of many entries ------------------------------------------------------------------------------


def list_published(
    ids: Iterable[int], programmes: QuerySet[Programme] | None = None
) -> list[Programme]:
    """Return published programmes in the order of their ids; what has gone meanwhile is left out.

    `programmes` loads what is needed of them.
    """
    ids = list(ids)
    rows = Programme.objects.all() if programmes is None else programmes
    found = rows.filter(where_published()).in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def where_withdrawn_in_public(path: str = "") -> Q:
    """Return the condition for entries that readers could see until they were withdrawn.

    Only these are told of: of what was never published nobody learns anything.
    """
    seen = Departure.objects.filter(subject=Change.Subject.PROGRAMME).values("object_id")
    return Q(**{f"{path}state": Programme.State.WITHDRAWN, f"{path}pk__in": seen})


def where_known(path: str = "") -> Q:
    """Return the condition for entries whose addresses readers know: seen now, or until the end."""
    return where_published(path) | where_withdrawn_in_public(path)
