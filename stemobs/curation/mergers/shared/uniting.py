"""Merges two organisations, or two sources, that were compared: all names the one that stays.

The one that goes is deleted. Its address leads to the other, and the history keeps all of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Max
from django.utils import timezone

from partnerships.models import (
    FieldStudy,
    FormerOrganisationSlug,
    Lineage,
    Organisation,
    OrganisationName,
    OrganisationSource,
)
from programmes.models import (
    Claim,
    Discrepancy,
    Evaluation,
    Fact,
    FormerSourceSlug,
    Programme,
    Source,
    Suggestion,
    TakingPart,
)
from stemobs.curation.drafts import move_in_drafts
from stemobs.curation.mergers.comparing import RowsCompared
from stemobs.curation.mergers.inward import find_records
from stemobs.curation.mergers.making import (
    CannotMerge,
    keep_source,
    note_source,
    take_values,
)
from stemobs.curation.mergers.relations import FATES, FateOfRows
from stemobs.curation.mergers.shared.comparing import TO_OTHERS_OF_ITS_KIND, TwoShared
from stemobs.curation.mergers.shared.doubled import DoubledRows, TouchedDifference
from stemobs.curation.mergers.shared.following import (
    CheckedFacts,
    close_what_waits,
    follow_in_imports,
)
from stemobs.curation.subjects import name_row
from stemobs.entries.history.differences import KINDS
from stemobs.text import fold

FORMER_SLUGS: dict[Any, Any] = {
    Organisation: FormerOrganisationSlug,
    Source: FormerSourceSlug,
}
# The kinds of facts, by which suggestions name them.
MODELS_OF_FACTS = {
    **{kind: getattr(Programme, kind).rel.related_model for kind in KINDS},
    "lineage": Lineage,
}
OWNERS_OF_FURTHER_SOURCES: Sequence[Any] = (Evaluation, TakingPart, FieldStudy)
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
            doubled = self.move_links()
            self.keep_address()
            move_in_drafts(self.goes, self.stays)
            follow_in_imports(self.goes, self.stays)
            close_what_waits(self.goes)
            self.model._base_manager.filter(pk=self.goes.pk).delete()
            self.take_fields()
            checked.follow(doubled.became)
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
        if compared.kind == "partnerships":
            move_suggested(compared.kind, [theirs], [own])
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

    def move_links(self) -> DoubledRows:
        """Let all that names the one that goes name the other, once; return what it united."""
        doubled = DoubledRows(self.goes, self.stays)
        self.unite(doubled)
        self.drop_further_sources()
        for (model, name), fate in FATES[self.model].items():
            if fate is FateOfRows.MOVES:
                rows = model._base_manager.filter(**{name: self.goes}).order_by()
                if model is self.model:
                    rows.filter(pk=self.stays.pk).update(**{name: None})
                rows.update(**{name: self.stays})
        for one in doubled.differences:
            if one.is_over:
                self.end_difference(one)
        return doubled

    def unite(self, doubled: DoubledRows) -> None:
        """Let what says the same once both are one stand there once."""
        pairs = doubled.list_pairs()
        for kind, model in MODELS_OF_FACTS.items():
            rows, kept = read_pairs(model, pairs.get(model, {}))
            move_suggested(kind, rows, kept)
            if self.model is Organisation:
                for row, other in zip(rows, kept, strict=True):
                    keep_source(other.programme, kind, other, row)
        self.show_claims(pairs.get(Claim, {}))
        # Links first: those that are left can lead to the row that is kept then.
        for model in sorted(pairs, key=lambda one: not one._meta.auto_created):
            move_what_speaks_of(model, pairs[model])
            model._base_manager.filter(pk__in=pairs[model]).delete()

    def drop_further_sources(self) -> None:
        """Let no row name as a further source the one that it names anyway."""
        both = (self.goes, self.stays) if self.model is Source else ()
        for owner in OWNERS_OF_FURTHER_SOURCES:
            name = owner._meta.model_name
            links = owner.further_sources.through._base_manager
            named = links.filter(**{"source__in": both, f"{name}__source__in": both})
            named.exclude(source=F(f"{name}__source")).delete()

    def show_claims(self, pairs: Mapping[int, int]) -> None:
        """Let a record go on showing what it showed."""
        shown = Claim.objects.filter(pk__in=pairs, is_shown=True).values_list("pk", flat=True)
        Claim.objects.filter(pk__in=[pairs[pk] for pk in shown]).update(is_shown=True)

    def end_difference(self, ended: TouchedDifference) -> None:
        """Delete a difference of which both say the same; its record goes on naming the source."""
        for claim in ended.left:
            if claim.reach_id is None and claim.funding_id is None:
                source = self.stays if claim.source == self.goes else claim.source
                note_source(ended.point.programme, ended.point.field, source, claim.locator)
        ended.point.delete()


def read_pairs(model: Any, pairs: Mapping[int, int]) -> tuple[list[Any], list[Any]]:
    """Return the rows that are united with others, and beside each the one that is kept."""
    known = model._base_manager.in_bulk([*pairs, *pairs.values()])
    return [known[pk] for pk in pairs], [known[pk] for pk in pairs.values()]


def move_suggested(kind: str, rows: Sequence[Any], kept: Sequence[Any]) -> None:
    """Let suggestions about rows that are united be about those that are kept."""
    suggested = Suggestion.objects.filter(fact__startswith=f"{kind}-")
    if not rows or not suggested.exists():
        return
    for row, other in zip(rows, kept, strict=True):
        about = suggested.filter(fact=name_row(row, kind))
        if isinstance(row, Fact):  # which is numbered within its record
            about = about.filter(programme=row.programme_id)
        about.update(fact=name_row(other, kind))


def move_what_speaks_of(model: Any, pairs: Mapping[int, int]) -> None:
    """Let the rows that lead to a row which is united with another lead to that one.

    The claims of a difference do not: the other one has its own, which say the same.
    """
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and relation.one_to_many and model is not Discrepancy:
            rows = relation.related_model._base_manager
            for pk, kept in pairs.items():
                rows.filter(**{relation.field.name: pk}).update(**{relation.field.name: kept})
