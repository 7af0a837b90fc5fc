"""Where the slug of a programme leads: to it, to where it moved, to its end, or nowhere."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from programmes.models import (
    FormerSlug,
    Programme,
)
from stemobs.catalogue.visibility.queries import where_known
from stemobs.entries.publication import Draft, Standing, judge, judge_all


@dataclass(frozen=True)
class Moved:
    """Result for a former slug: the entry that had it, which must be looked up by its slug now."""

    programme: Programme


def resolve_slug(
    slug: str, programmes: QuerySet[Programme], *, has_drafts: bool = False
) -> Standing | Moved | None:
    """Return what a slug leads to; `programmes` is the query with which to load the entry.

    None means that no programme known to readers has or had this slug. Without `has_drafts` a draft
    is not even loaded, because a reader could tell by the time that there is one. A former slug
    never leads to a draft.
    """
    known = programmes if has_drafts else programmes.filter(where_known())
    programme = known.filter(slug=slug).first()
    if programme:
        return judge(programme)
    former = find_former([slug]).get(slug)
    return None if former is None or isinstance(judge(former), Draft) else Moved(former)


def resolve_slugs(slugs: Iterable[str]) -> dict[str, Standing]:
    """Return what each present or former slug leads to; unknown slugs are left out."""
    slugs = list(slugs)
    rows = Programme.objects.filter(slug__in=slugs)
    found = {programme.slug: programme for programme in rows}
    if missing := [slug for slug in slugs if slug not in found]:
        found |= find_former(missing)
    standings = judge_all(found.values())
    return {slug: standings[programme.pk] for slug, programme in found.items()}


def find_former(slugs: Iterable[str]) -> dict[str, Programme]:
    """Return the programmes that formerly had these slugs, by slug."""
    former = FormerSlug.objects.select_related("programme")
    return {row.slug: row.programme for row in former.filter(slug__in=list(slugs))}
