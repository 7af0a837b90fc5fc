"""The rules of publication: which programmes readers may see, and what withdrawn ones are to them.

Whether an entry is published is answered by `Programme.is_public` for a row, and by `published()`
and `where_published` for queries. This module decides what an entry is to readers, why it is gone
and who sees drafts; `slugs.py` beside it says where a slug leads. Pages, API, data, citations,
feeds, comparisons and dumps all use these rules and only choose their own wording and status codes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from programmes.models import (
    NO_REASON,
    Change,
    Departure,
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


Standing = Found | Draft | Merged | Gone


def judge(programme: Programme) -> Standing:
    """Return whether a programme is found, a draft, merged or gone."""
    return judge_all([programme])[programme.pk]


def judge_all(programmes: Iterable[Programme]) -> dict[int, Standing]:
    """Return by id whether each programme is found, a draft, merged or gone.

    A query is needed only if some were merged, and one is enough for all of them.
    """
    programmes = list(programmes)
    successors = Programme.objects.find_successors(programmes)
    return {one.pk: judge_alone(one, successors.get(one.pk)) for one in programmes}


def judge_alone(programme: Programme, successor: Programme | None) -> Standing:
    if programme.is_public:
        return Found(programme)
    if programme.state != Programme.State.WITHDRAWN:
        return Draft(programme)
    return Merged(programme, successor) if successor else Gone(programme)


def tell_reason(reason: str) -> str:
    """Return the reason of a withdrawal, or a general sentence if the curator gave no reason."""
    return reason or str(NO_REASON)


def may_see_drafts(user: Any) -> bool:
    """Whether the user of a request is a curator and so may see drafts."""
    return user.has_perm(SEES_DRAFTS)


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
