"""Merges two records that were compared: the one that stays gets what only the other one says.

What comes along is copied. So the record that goes keeps all its facts, and comes back whole if the
merger is undone. What others say of it names the one that stays from then on.
"""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Max
from django.utils.translation import gettext as _

from partnerships.models import Lineage
from programmes.models import Citation, Field, Programme
from stemobs.curation.mergers.comparing import Keeping, RowsCompared, TwoCompared, read_group
from stemobs.curation.mergers.matching import FIGURES
from stemobs.curation.mergers.moving import close_tasks, move_links, move_suggestions
from stemobs.curation.mergers.programmes import CITED_AS, LISTS, PICTURE, TwoRecords
from stemobs.curation.slugs import find_free_slug
from stemobs.curation.states import PUBLIC_ONCE
from stemobs.entries.history.differences import MORE
from stemobs.text import fold

State = Programme.State
# The part of a record of which a second source of a fact is noted as a source.
PARTS = {
    "reach": Field.REACH,
    "funding": Field.FUNDING,
    "partnerships": Field.ORGANISATIONS,
    "lineage": Field.LINEAGE,
}


class CannotMerge(ValueError):
    """Two records that cannot be merged as they are, with what is in the way, for people."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class Merger:
    """One record goes, and another stays; all within the transaction of whoever begins it."""

    def __init__(self, comparison: TwoRecords, stays: int) -> None:
        """Both are read anew to be written; `stays` is the id of one of the two."""
        self.comparison = comparison
        one, other = comparison.left, comparison.right
        self.told, self.lost = (one, other) if one.pk == stays else (other, one)
        self.stays = Programme.objects.get(pk=self.told.pk)
        self.goes = Programme.objects.get(pk=self.lost.pk)
        self.became: dict[tuple[str, int], Any] = {}  # rows that stand for those of the other one
        self.copied: list[tuple[Any, Any]] = []

    def make(self, reason: str) -> None:
        """Write the merger; raise CannotMerge if the models refuse what would come of it."""
        try:
            self.find_same_rows()
            self.take_picture()
            self.take_fields()
            self.take_lists()
            for one in sorted(self.comparison.rows, key=rank_kind):
                self.take_fact(one)
            self.link_earlier_figures()
            self.take_names()
            move_links(self.goes, self.stays)
            move_suggestions(self.goes, self.stays, self.became)
            close_tasks(self.goes)
            self.withdraw(reason)
        except ValidationError as error:
            raise CannotMerge(list(dict.fromkeys(error.messages))) from error

    def find_same_rows(self) -> None:
        """Note which facts both have."""
        for one in self.comparison.rows:
            own, theirs = self.sort(one)
            if own is not None and theirs is not None and one.question is None:
                self.became[one.kind, theirs.pk] = own

    def sort(self, compared: RowsCompared) -> tuple[Any, Any]:
        """Return a fact of the record that stays, and that of the other one."""
        left, right = compared.pair
        return (left, right) if self.told is self.comparison.left else (right, left)

    # The record itself

    def take_fields(self) -> None:
        """Give the record that stays what only the other one says, and what was chosen of it."""
        for names in take_values(self.comparison, self.told, self.lost, self.stays):
            self.drop_sources(CITED_AS.get(names[0], names[0]))
        notes = [self.stays.curators_note, self.goes.curators_note]
        self.stays.curators_note = "\n\n".join(dict.fromkeys(filter(None, notes)))
        self.stays.full_clean()
        self.stays.save()

    def take_picture(self) -> None:
        """Give the record that stays the picture of the other one, which gets its own for that.

        So no picture is deleted, and both can go back. Each moves to where it belongs when its
        record is saved.
        """
        if not self.comparison.takes_picture_of(self.lost):
            return
        for name in PICTURE:
            own, theirs = (getattr(one, name) for one in (self.stays, self.goes))
            setattr(self.stays, name, str(theirs))
            setattr(self.goes, name, str(own))

    def drop_sources(self, part: str) -> None:
        """Drop the sources of a value that gave way, but for those that the other one has too."""
        kept = [one.pk for one in self.became.values() if isinstance(one, Citation)]
        self.stays.citations.filter(field=part).exclude(pk__in=kept).delete()

    def take_lists(self) -> None:
        for name in LISTS:
            terms = getattr(self.stays, name)
            own = {one.pk for one in getattr(self.told, name).all()}
            asked = self.comparison.items.get(name, {})
            if not own:
                kept = {one.pk for one in getattr(self.lost, name).all()}
            else:
                left = {pk for pk, one in asked.items() if one.chosen == Keeping.LEAVE}
                kept = (
                    own | {pk for pk, one in asked.items() if one.chosen == Keeping.KEEP}
                ) - left
            if kept != own:
                terms.set(kept)

    def take_names(self) -> None:
        """Let what the other one is called be other names of the record that stays."""
        known = {fold(self.stays.name), *(fold(one.name) for one in self.stays.names.all())}
        for name in (self.goes.name, self.goes.short_name):
            if name and fold(name) not in known:
                known.add(fold(name))
                self.stays.names.create(name=name)

    def withdraw(self, reason: str) -> None:
        self.goes.state = State.WITHDRAWN
        self.goes.merged_into = self.stays
        self.goes.withdrawn_reason = reason
        self.goes.full_clean()
        self.goes.save()

    # Facts

    def take_fact(self, compared: RowsCompared) -> None:
        """Do with a fact what its kind and the answer say."""
        own, theirs = self.sort(compared)
        chosen = compared.question.chosen if compared.question else ""
        if theirs is None or (compared.kind == "citations" and self.leaves_out(theirs)):
            return
        if own is None or chosen == Keeping.BOTH:
            self.copy(compared.kind, theirs)
        elif chosen == str(self.lost.pk):
            self.replace(compared.kind, own, theirs)
        else:
            self.became[compared.kind, theirs.pk] = own
            if not compared.question:
                keep_source(self.stays, compared.kind, own, theirs)

    def leaves_out(self, citation: Any) -> bool:
        """Whether a citation is a source of a value that was not chosen."""
        question = self.comparison.find_choice(citation)
        return question is not None and question.chosen != str(self.lost.pk)

    def copy(self, kind: str, row: Any) -> Any:
        """Copy a fact to the record that stays, with what belongs to it."""
        if kind == "names" and fold(row.name) == fold(self.stays.name):
            return None
        new = type(row)(**read_columns(row))
        if isinstance(new, Lineage):
            new.from_programme = self.stays
            end = getattr(row.target, "slug", None) or row.target
            new.slug = find_free_slug(f"{self.stays.slug} {row.relation} {end}", Lineage)
        else:
            new.programme = self.stays
        if hasattr(new, "position"):
            siblings = type(row)._base_manager.filter(programme=self.stays)
            new.position = (siblings.aggregate(last=Max("position"))["last"] or 0) + 1
        if hasattr(new, "superseded_by_id"):
            new.superseded_by = None
        clean(new)
        new.save()
        self.became[kind, row.pk] = new
        self.copied.append((row, new))
        self.copy_parts(row, new)
        return new

    def copy_parts(self, row: Any, new: Any) -> None:
        """Copy the claims of a difference between sources, and name further sources."""
        names = MORE.get(type(row), ())
        if "further_sources" in names:
            new.further_sources.set(row.further_sources.all())
        for claim in row.claims.all() if "claims" in names else ():
            said = type(claim)(**read_columns(claim))
            said.discrepancy = new
            said.reach = self.became.get(("reach", claim.reach_id))
            said.funding = self.became.get(("funding", claim.funding_id))
            clean(said)
            said.save()

    def replace(self, kind: str, own: Any, theirs: Any) -> None:
        """Let a fact of the other one stand in place of that of the record that stays.

        A figure that readers have seen is not written over: it is retracted, which says why.
        """
        stored = type(own)._base_manager.get(pk=own.pk)
        if kind in FIGURES and self.stays.state in PUBLIC_ONCE:
            new = self.copy(kind, theirs)
            stored.replaces.update(superseded_by=new)
            told = _("“%(name)s” says otherwise, and its figure was kept when both were merged.")
            stored.retracted_because = told % {"name": self.goes.name}
        else:
            columns = read_columns(theirs)
            for name in columns.keys() - {"position", "slug", "superseded_by_id"}:
                setattr(stored, name, columns[name])
            self.became[kind, theirs.pk] = stored
            if "further_sources" in MORE.get(type(stored), ()):
                stored.further_sources.set(theirs.further_sources.all())
        clean(stored)
        stored.save()

    def link_earlier_figures(self) -> None:
        """Let figures that were copied be superseded by what stands for their newer ones."""
        for row, new in self.copied:
            following = getattr(row, "superseded_by_id", None)
            kind = "funding" if "amount" in vars(row) else "reach"
            if following and (successor := self.became.get((kind, following))):
                new.superseded_by = successor
                new.save(update_fields=["superseded_by"])


def take_values(comparison: TwoCompared, told: Any, lost: Any, stays: Any) -> list[Sequence[str]]:
    """Give the row that stays what only the one that goes says, and what was chosen of it.

    Return the fields of which what the one that goes says was chosen. `told` and `lost` are the two
    as they were compared.
    """
    given_way: list[Sequence[str]] = []
    for names in comparison.groups:
        own, theirs = (read_group(one, names) for one in (told, lost))
        question = comparison.fields.get(names)
        is_chosen = question is not None and question.chosen == str(lost.pk)
        if theirs and (is_chosen or not own):
            for name in names:
                setattr(stays, name, getattr(lost, name))
        if is_chosen:
            given_way.append(names)
    return given_way


def keep_source(record: Programme, kind: str, own: Any, theirs: Any) -> None:
    """Let a fact of a record that another one says too keep the source of that one as well."""
    further = "further_sources" in MORE.get(type(own), ())
    if further:
        own.further_sources.add(*theirs.further_sources.all())
    source = getattr(theirs, "source", None)
    if source is None or (source.pk == own.source_id and theirs.locator in ("", own.locator)):
        return
    if further:
        own.further_sources.add(source)
    else:
        note_source(record, PARTS.get(kind, Field.ENTRY), source, theirs.locator)


def note_source(record: Programme, part: str, source: Any, locator: str) -> None:
    """Let a part of a record name a source, and the place in it, unless it does."""
    there = {"locator": locator} if locator else {}
    if source is None or record.citations.filter(field=part, source=source, **there).exists():
        return
    last = record.citations.aggregate(last=Max("position"))["last"] or 0
    noted = Citation(
        programme=record, position=last + 1, field=part, source=source,
        locator=locator, basis=Citation.Basis.STATED,
    )  # fmt: skip
    clean(noted)
    noted.save()


def rank_kind(compared: RowsCompared) -> int:
    """Return when the facts of a kind are taken: sources first, as they are numbered in a record.

    Figures come before the differences between sources, which bring what is claimed of them.
    """
    order = ("citations", *FIGURES)
    return order.index(compared.kind) if compared.kind in order else len(order)


def read_columns(row: models.Model) -> dict[str, Any]:
    """Return what a row holds, but to which record it belongs."""
    ties = {"id", "programme_id", "from_programme_id", "discrepancy_id"}
    columns = row._meta.concrete_fields
    return {one.attname: getattr(row, one.attname) for one in columns if one.attname not in ties}


def clean(row: Any) -> None:
    """Raise ValidationError if a row is not as its model wants; figures it names may come later."""
    row.full_clean(exclude=getattr(row, "checked_links", ()))
