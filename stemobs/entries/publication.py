"""The rules of publication: which programmes readers may see, and what each slug leads to.

Whether an entry is published is answered by `Programme.is_public` for a row, and by `published()`
and `where_published` for queries. This module decides what a slug leads to, why an entry is gone
and who sees drafts. Pages, API, data, citations, feeds, comparisons and dumps all use these rules
and only choose their own wording and status codes.
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

# A user with this permission is a curator; pages show entries that are not yet published to them.
SEES_DRAFTS = "programmes.view_programme"


# --- Results of looking up an entry ---------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """Result for a slug: a published entry, which readers may see."""

    programme: Programme


@dataclass(frozen=True)
class Draft:
    """Result for a slug: an unpublished entry; only curators may learn that it exists."""

    programme: Programme


@dataclass(frozen=True)
class Merged:
    """Result for a slug: a withdrawn entry, and the published entry that it was merged into."""

    programme: Programme
    successor: Programme


@dataclass(frozen=True)
class Gone:
    """Result for a slug: a withdrawn entry without a published successor."""

    programme: Programme

    @property
    def reason(self) -> str:
        return tell_reason(self.programme.withdrawn_reason)


@dataclass(frozen=True)
class Moved:
    """Result for a former slug: the entry that had it, which must be looked up by its slug now."""

    programme: Programme


Standing = Found | Draft | Merged | Gone


def judge(programme: Programme) -> Standing:
    """Return whether a programme is found, a draft, merged or gone.

    Reads `merged_into`, so load the programme with it to save a query.
    """
    if programme.is_public:
        return Found(programme)
    if programme.state != Programme.State.WITHDRAWN:
        return Draft(programme)
    successor = programme.successor
    return Merged(programme, successor) if successor else Gone(programme)


def tell_reason(reason: str) -> str:
    """Return the reason of a withdrawal, or a general sentence if the curator gave no reason."""
    return reason or str(NO_REASON)


def may_see_drafts(user: Any) -> bool:
    """Whether the user of a request is a curator and so may see drafts."""
    return user.has_perm(SEES_DRAFTS)


# --- Looking up slugs -----------------------------------------------------------------------------


def resolve_slug(slug: str, programmes: QuerySet[Programme]) -> Standing | Moved | None:
    """Return what a slug leads to; `programmes` is the query with which to load the entry.

    None means that no programme known to readers has or had this slug. A former slug never leads
    to a draft, so that readers do not learn of drafts.
    """
    programme = programmes.select_related("merged_into").filter(slug=slug).first()
    if programme:
        return judge(programme)
    former = find_former([slug]).get(slug)
    return None if former is None or isinstance(judge(former), Draft) else Moved(former)


def resolve_slugs(slugs: Iterable[str]) -> dict[str, Standing]:
    """Return what each present or former slug leads to; unknown slugs are left out."""
    slugs = list(slugs)
    rows = Programme.objects.select_related("merged_into").filter(slug__in=slugs)
    found = {programme.slug: programme for programme in rows}
    if missing := [slug for slug in slugs if slug not in found]:
        found |= find_former(missing)
    return {slug: judge(programme) for slug, programme in found.items()}


def find_former(slugs: Iterable[str]) -> dict[str, Programme]:
    """Return the programmes that formerly had these slugs, by slug."""
    former = FormerSlug.objects.select_related("programme__merged_into")
    return {row.slug: row.programme for row in former.filter(slug__in=list(slugs))}


# --- Queries of many entries ----------------------------------------------------------------------


def list_published(
    ids: Iterable[int], programmes: QuerySet[Programme] | None = None
) -> list[Programme]:
    """Return the programmes with these ids in the given order; unpublished ones are left out.

    `programmes` is the query with which to load them.
    """
    ids = list(ids)
    rows = Programme.objects.all() if programmes is None else programmes
    found = rows.filter(where_published()).in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def where_withdrawn_in_public(path: str = "") -> Q:
    """Return the condition for withdrawn entries that readers could see before the withdrawal.

    Readers may learn only of these; entries that were never published stay secret. `path` leads
    to the programme, as in `where_published`.
    """
    seen = Departure.objects.filter(subject=Change.Subject.PROGRAMME).values("object_id")
    return Q(**{f"{path}state": Programme.State.WITHDRAWN, f"{path}pk__in": seen})


def where_known(path: str = "") -> Q:
    """Return the condition for entries that are published, or were until their withdrawal."""
    return where_published(path) | where_withdrawn_in_public(path)
