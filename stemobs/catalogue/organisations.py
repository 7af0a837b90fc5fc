"""Reads organisations from the database as documents of the index: names, type and country."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from partnerships.models import FormerOrganisationSlug, Organisation, OrganisationName
from stemobs.catalogue.documents import NONE, SearchDocument, count_microseconds


def read_organisations(ids: Collection[int] | None = None) -> Iterator[SearchDocument]:
    """Yield the documents of all public organisations, or of those with these ids."""
    if ids is not None and not ids:
        return
    organisations = Organisation.objects.public().order_by()
    names = OrganisationName.objects.order_by()
    former = FormerOrganisationSlug.objects.order_by()
    if ids is not None:
        organisations = organisations.filter(pk__in=ids)
        names = names.filter(organisation__in=ids)
        former = former.filter(organisation__in=ids)
    others: defaultdict[int, list[Any]] = defaultdict(list)
    for pk, name, slug in names.values_list("organisation", "name", "slug"):
        others[pk].append((name, slug))
    aliases: defaultdict[int, set[str]] = defaultdict(set)  # slugs that lead to it
    for pk, slug in former.values_list("organisation", "slug"):
        aliases[pk].add(slug)
    rows = organisations.values_list("pk", "slug", "name", "type", "country__code", "changed_at")
    for pk, slug, name, kind, country, changed in rows:
        yield SearchDocument(
            number=pk,
            name=name,
            label=name,
            slug=slug,
            names=[name, slug, *sorted(other for other, _slug in others[pk])],
            texts=(),
            values={
                "alias": sorted({*aliases[pk], *(alias for _name, alias in others[pk])}),
                "type": (kind,),
                "country": (country or NONE,),
            },
            changed=count_microseconds(changed),
        )
