"""Broken links in what readers see, and sources and organisations that nothing names."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from partnerships.models import Organisation
from programmes.models import Programme, Source, WebLink
from stemobs.curation.links.places import find_namings
from stemobs.curation.tasks.matters import DIGEST, Matter, Sight

MOST_TOLD = 3  # of the records that name an address
LONGEST_NAME = 60


def find_broken_links(sight: Sight) -> Iterator[Matter]:
    """Yield the broken addresses that a published record, or something else that is seen, names."""
    links = {link.address: link for link in WebLink.objects.filter(is_broken=True)}
    namings = find_namings(links) if links else {}
    for address, link in links.items():
        records = [*dict.fromkeys(one.record for one in namings.get(address, ()))]
        if seen := [one for one in records if is_seen(one)]:
            yield make_broken_link(sight, link, seen)


def is_seen(record: Any) -> bool:
    return bool(getattr(record, "is_public", True))


def make_broken_link(sight: Sight, link: WebLink, records: list[Any]) -> Matter:
    programmes = [one.pk for one in records if isinstance(one, Programme)]
    told = f"{link.get_outcome_display()} ({link.status})" if link.status else None
    words = {
        "found": told or link.get_outcome_display(),
        "records": name_some(records),
    }
    return Matter(
        key=blake2b(link.address.encode(), digest_size=DIGEST).hexdigest(),
        told=_("%(found)s. Used in: %(records)s.") % words,
        evidence=(link.outcome, link.status),
        programme=programmes[0] if len(programmes) == 1 else None,
        about=link.address,
        weight=max(map(sight.weigh, programmes), default=0),
    )


def name_some(records: list[Any]) -> str:
    """Return the first names of some records, and how many more there are."""
    names = ", ".join(f"“{str(one)[:LONGEST_NAME]}”" for one in records[:MOST_TOLD])
    more = len(records) - MOST_TOLD
    if more <= 0:
        return names
    return _("%(names)s and %(number)d more") % {"names": names, "number": more}


# --- What nothing names ---------------------------------------------------------------------------


def find_orphans(_sight: Sight) -> Iterator[Matter]:
    """Yield the sources and organisations that no row names, be it only in a draft."""
    for model, told in (
        (Source, _("No record names this source: %(name)s.")),
        (Organisation, _("No record names this organisation: %(name)s.")),
    ):
        for pk, name in select_unused(model).values_list("pk", *name_title(model)):
            yield Matter(
                key=f"{model._meta.model_name}-{pk}",
                told=told % {"name": name},
                evidence=(),
                about=f"{model._meta.label_lower} {pk}",
            )


def name_title(model: Any) -> Iterable[str]:
    return ("title",) if model is Source else ("name",)


def select_unused(model: Any) -> models.QuerySet:
    """Return the rows of a model to which no other row leads but those that are a part of them."""
    unused = Q()
    for relation in list_uses(model):
        rows: Any = relation.related_model._base_manager
        unused &= ~Q(Exists(rows.filter(**{relation.field.name: OuterRef("pk")}).order_by()))
    return model._base_manager.filter(unused).order_by("pk")


def list_uses(model: Any) -> list[Any]:
    """Return the relations by which other rows name a row of a model."""
    found: list[Any] = model._meta.get_fields(include_hidden=True)
    return [
        one
        for one in found
        if one.one_to_many
        if one.on_delete is not models.CASCADE or one.related_model._meta.auto_created
    ]
