"""Finds the organisations that lines name, and builds those that are not known yet."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from partnerships.models import FormerOrganisationSlug, Organisation, OrganisationName
from stemobs.curation.reading.lines import LineRead
from stemobs.curation.reading.partners import GIVES
from stemobs.curation.slugs import find_free_slug
from stemobs.text import fold

BEGINNING = 4  # letters by which names are looked up, before accents are compared
FEW = 5
CLOSE = 0.75


class KnownOrganisations:
    """Organisations whose names begin like those in the lines, by their folded names."""

    def __init__(self, names: Iterable[str]) -> None:
        own, other = Q(), Q()
        for beginning in {name[:BEGINNING] for name in names if name}:
            own |= Q(name__istartswith=beginning)
            other |= Q(names__name__istartswith=beginning)
        self.by_name: dict[str, dict[int, Organisation]] = {}
        self.other_names: dict[str, dict[int, Organisation]] = {}
        if own:
            self.read(own, other)

    def read(self, own: Q, other: Q) -> None:
        for row in Organisation.objects.filter(own | other).distinct().prefetch_related("names"):
            self.by_name.setdefault(fold(row.name), {})[row.pk] = row
            for name in row.names.all():
                self.other_names.setdefault(fold(name.name), {})[row.pk] = row

    def find(self, name: str) -> list[Organisation]:
        """Return the organisations of this very name; their own names go before others."""
        small = fold(name)
        found = self.by_name.get(small) or self.other_names.get(small) or {}
        return list(found.values())

    def list_similar(self, name: str) -> list[Organisation]:
        """Return organisations whose name begins with this one or is nearly the same."""
        small = fold(name)
        names = {**self.other_names, **self.by_name}
        begun = sorted(one for one in names if one.startswith(small))
        near = get_close_matches(small, names, FEW, CLOSE)
        found = {row.pk: row for one in [*begun, *near] for row in names[one].values()}
        return list(found.values())[:FEW]


def put_organisation(line: LineRead, known: KnownOrganisations) -> str:
    """Put the organisation that a line names into its field, or ask which it is; return its type.

    One that is not known is put into the fields of a new one.
    """
    name = line.values.pop("organisation", "")
    found = known.find(name) if name else []
    if len(found) == 1:
        line.values["organisation"] = str(found[0].pk)
        return found[0].type
    if found:
        told = _("There are several organisations called “%(name)s”. Choose one.")
        line.ask("organisation", told % {"name": name}, list_options(found))
    elif name:
        line.values["new_name"] = name
    return ""


def ask_who_it_is(line: LineRead, known: KnownOrganisations, may_add: bool | None = None) -> None:
    """Ask who an organisation is that is not known, offering those with similar names.

    `may_add` says whether the row itself may add it; None if another one has to.
    """
    name = line.values["new_name"]
    similar = known.list_similar(name)
    told = [_("We do not know “%(name)s”.") % {"name": name}]
    if similar:
        told.append(_("Is it one of these?"))
    if may_add:
        told.append(_("If it is new, choose its type: saving adds it."))
    elif may_add is None:
        told.append(_("If it is new, add it under “Who is behind it”."))
    asks_type = may_add and not similar
    line.ask("new_type" if asks_type else "organisation", " ".join(told), list_options(similar))


def put_kind_of_money(line: LineRead, kind: str) -> None:
    """Put what kind of money an organisation of a type gives into its field, or ask."""
    if gives := GIVES.get(Organisation.Type(kind)) if kind else None:
        line.values.setdefault("source_type", str(gives))
    if "source_type" not in line.values:
        line.ask("source_type", _("What kind of money is it? Choose one."))


def list_options(rows: Iterable[Organisation]) -> list[tuple[str, str]]:
    return [(str(row.pk), row.name) for row in rows]


def build_organisation(name: str, kind: str) -> Organisation:
    """Return a new organisation, not saved yet."""
    slug = find_free_slug(name, Organisation, OrganisationName, FormerOrganisationSlug)
    return Organisation(name=name, type=kind, slug=slug)


def find_by_name(name: str) -> Any:
    """Return the organisation of this very name; None if there is none."""
    small = fold(name)
    beginning = Organisation.objects.filter(name__istartswith=name[:BEGINNING])
    return next((row for row in beginning if fold(row.name) == small), None)
