"""The rules of publication: which programmes readers may see, and what withdrawn ones are to them.

Whether an entry is published is answered by `Programme.is_public` for a row, and by `published()`
and `where_published` for queries. On what it depends whether any other row is seen stands in
`stemobs/catalogue/visibility/`, because triggers ask it too. This module decides what an entry is
to readers, why it is gone and who sees drafts; `slugs.py` beside it says where a slug leads. Pages,
API, data, citations, feeds, comparisons and dumps all use these rules and only choose their own
wording and status codes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from programmes.models import (
    NO_REASON,
    Programme,
    where_published,
)
from stemobs.catalogue.visibility.queries import where_withdrawn_in_public

# A user with this permission is a curator; pages show entries that are not yet published to them.
SEES_DRAFTS = "programmes.view_programme"


# --- Results of looking up an entry ---------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """Result for a slug: a published entry, which readers may see."""

    programme: Programme


@dataclass(frozen=True)
class Draft:
    """Result for a slug: an entry that is not public; only curators may learn that it exists."""

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


Standing = Found | Draft | Merged | Gone


def judge(programme: Programme) -> Standing:
    """Return whether a programme is found, a draft, merged or gone."""
    return judge_all([programme])[programme.pk]


def judge_all(programmes: Iterable[Programme]) -> dict[int, Standing]:
    """Return by id whether each programme is found, a draft, merged or gone.

    Queries are needed only if some were withdrawn or merged, and one of each is enough for all.
    """
    programmes = list(programmes)
    known = find_known_withdrawn(programmes)
    successors = Programme.objects.find_successors(one for one in programmes if one.pk in known)
    return {
        one.pk: judge_withdrawn(one, successors.get(one.pk))
        if one.pk in known
        else Found(one)
        if one.is_public
        else Draft(one)
        for one in programmes
    }


def find_known_withdrawn(programmes: Iterable[Programme]) -> set[int]:
    """Return the ids of the withdrawn programmes that readers could see before.

    What was withdrawn without ever having been published stays as secret as a draft.
    """
    withdrawn = [one.pk for one in programmes if one.state == Programme.State.WITHDRAWN]
    if not withdrawn:
        return set()
    seen = Programme.objects.filter(where_withdrawn_in_public(), pk__in=withdrawn)
    return set(seen.values_list("pk", flat=True))


def judge_withdrawn(programme: Programme, successor: Programme | None) -> Standing:
    return Merged(programme, successor) if successor else Gone(programme)


def tell_reason(reason: str) -> str:
    """Return the reason of a withdrawal, or a general sentence if the curator gave no reason."""
    return reason or str(NO_REASON)


def may_see_drafts(user: Any) -> bool:
    """Whether the user of a request is a curator and so may see drafts."""
    return has_given_code(user) and user.has_perm(SEES_DRAFTS)


def has_given_code(user: Any) -> bool:
    """Whether the user of a request gave a code when signing in, if the site asks for one.

    Whoever did not is a reader, in the admin and on pages.
    """
    return not settings.REQUIRE_OTP or user.is_verified()


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
