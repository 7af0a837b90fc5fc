"""Merges two organisations, or two sources, that were compared: all names the one that stays.

The one that goes is deleted. Its address leads to the other, and the history keeps all of it.
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone

from partnerships.models import (
    FormerOrganisationSlug,
    Organisation,
    OrganisationName,
    OrganisationSource,
)
from programmes.models import Citation, FormerSourceSlug, Programme, Source
from stemobs.curation.drafts import move_in_drafts
from stemobs.curation.mergers.comparing import RowsCompared
from stemobs.curation.mergers.following import (
    CheckedFacts,
    close_what_waits,
    follow_in_imports,
)
from stemobs.curation.mergers.inward import find_records
from stemobs.curation.mergers.making import CannotMerge, keep_source, take_values
from stemobs.curation.mergers.relations import FATES, FateOfRows
from stemobs.curation.mergers.shared import TO_OTHERS_OF_ITS_KIND, TwoShared
from stemobs.text import fold

FORMER_SLUGS: dict[Any, Any] = {
    Organisation: FormerOrganisationSlug,
    Source: FormerSourceSlug,
}
# Rows that say no more than which row they name: two that name one row say the same.
SAID_ONCE = (Citation, OrganisationSource)
OWN = ("since", "until", "note", "source_id", "locator")  # what is said of a role
OF_NAMES = ("name", "kind", "language", "since", "until")


class SharedMerger:
    """One organisation or source goes, and another stays; within the transaction that is open."""

    def __init__(self, comparison: TwoShared, stays: int) -> None:
        """Both are read anew to be written; `stays` is the id of one of the two."""
        self.comparison = comparison
        one, other = comparison.left, comparison.right
        self.told, self.lost = (one, other) if one.pk == stays else (other, one)
        self.model: Any = type(one)
        self.stays = self.model._base_manager.get(pk=self.told.pk)
        self.goes = self.model._base_manager.get(pk=self.lost.pk)

    def make(self, reason: str) -> None:
        """Write the merger; raise CannotMerge if the models refuse what would come of it.

        The reason is that of the edit, which stands in the history of each record.
        """
        try:
            records = find_records(self.model, [self.goes.pk])[self.goes.pk]
            checked = CheckedFacts(records, self.goes, self.stays)
            for one in self.comparison.rows:
                self.take_row(one)
            self.move_links()
            self.keep_address()
            move_in_drafts(self.goes, self.stays)
            follow_in_imports(self.goes, self.stays)
            close_what_waits(self.goes)
            self.model._base_manager.filter(pk=self.goes.pk).delete()
            self.take_fields()
            checked.follow()
            Programme.objects.filter(pk__in=records).update(changed_at=timezone.now())
        except ValidationError as error:
            raise CannotMerge(list(dict.fromkeys(error.messages))) from error

    def take_fields(self) -> None:
        for name in TO_OTHERS_OF_ITS_KIND:
            if getattr(self.stays, f"{name}_id", None) == self.goes.pk:
                setattr(self.stays, name, None)
        take_values(self.comparison, self.told, self.lost, self.stays)
        self.stays.full_clean()
        self.stays.save()

    # What belongs to both

    def take_row(self, compared: RowsCompared) -> None:
        """Do with a name, a source or a doubled role what its kind and the answer say."""
        own, theirs = compared.pair
        if self.told is not self.comparison.left:
            own, theirs = theirs, own
        if theirs is None:
            return
        if own is None:
            self.move_part(theirs)
            return
        if compared.question and compared.question.chosen == str(self.lost.pk):
            for name in OF_NAMES if compared.kind == "names" else OWN:
                setattr(own, name, getattr(theirs, name))
            theirs.delete()
            own.save()
            return
        if compared.kind == "partnerships" and not compared.question:
            keep_source(own.programme, compared.kind, own, theirs)
        theirs.delete()

    def move_part(self, row: Any) -> None:
        """Let a name or a source be of the one that stays; a name that it has itself is none."""
        if isinstance(row, OrganisationName) and fold(row.name) == fold(self.stays.name):
            row.delete()
            return
        row.organisation = self.stays
        if isinstance(row, OrganisationSource):
            last = self.stays.citations.aggregate(last=Max("position"))["last"] or 0
            row.position = last + 1
        row.full_clean()
        row.save()

    def keep_address(self) -> None:
        """Let the addresses of the one that goes lead on, and its name be another name."""
        former = FORMER_SLUGS[self.model]
        own = {self.goes.slug}
        if isinstance(self.goes, Organisation):
            own |= {one.slug for one in self.lost.names.all()}
            own -= {one.slug for one in self.stays.names.all()}
            self.take_name()
        column = self.model._meta.model_name
        for slug in sorted(own - {self.stays.slug}):
            former.objects.get_or_create(slug=slug, defaults={column: self.stays})

    def take_name(self) -> None:
        """Let the name of the organisation that goes be another name of the one that stays."""
        known = {fold(self.stays.name), *(fold(one.name) for one in self.stays.names.all())}
        if fold(self.goes.name) not in known:
            self.stays.names.create(name=self.goes.name, slug=self.goes.slug)

    # What names it

    def move_links(self) -> None:
        """Let everything that names the one that goes name the other, once."""
        for (model, name), fate in FATES[self.model].items():
            if fate is FateOfRows.MOVES:
                rows = model._base_manager.filter(**{name: self.goes}).order_by()
                if model is self.model:
                    rows.filter(pk=self.stays.pk).update(**{name: None})
                if model in SAID_ONCE or model._meta.auto_created:
                    rows.filter(pk__in=[*self.find_doubled(model, name)]).delete()
                rows.update(**{name: self.stays})

    def find_doubled(self, model: Any, name: str) -> Iterator[int]:
        """Yield the ids of the rows that would say what another one says already."""
        column = model._meta.get_field(name).attname
        aside = {"id", "position", column}
        said = [one.attname for one in model._meta.concrete_fields if one.attname not in aside]
        rows = model._base_manager.order_by()
        own = {*rows.filter(**{name: self.stays}).values_list(*said)}
        for pk, *told in rows.filter(**{name: self.goes}).values_list("pk", *said):
            if tuple(told) in own:
                yield pk
