"""The steps by which a record became what it is, as far as readers may see them.

A step is told if readers could see the record before and after it, or in what it became public or
was withdrawn. What happened to a draft is never told, also after it was published, and what readers
never see of a record is left out: it makes no step.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, islice
from typing import Any

from django.db.models import Exists, OuterRef

from programmes.models import Edit, Programme, Redaction, Version
from stemobs.catalogue.history import LAST_FIRST, Row, decode_row, where_since_it_came
from stemobs.entries.history.telling import TOLD, ShownRows, is_published, word_fates
from stemobs.entries.history.wording import (
    classify_rows,
    describe_facts,
    describe_fields,
    name_maker,
)

MOST_STEPS = 100  # on a page
BEGINNINGS = {"added", "published"}
PROGRAMME = Programme._meta.label_lower


@dataclass(frozen=True)
class RecordStep:
    """What one edit changed in a record, in words, the last first."""

    edit: int  # its id, because edits of one transaction lead to the same revision
    revision: int
    made_at: datetime
    maker: str
    event: str  # "added", "published", "withdrawn"; "" if it was public before and after
    changes: Sequence[str]
    reason: str = ""
    withheld: str = ""  # why it is not told what it brought

    @property
    def has_state(self) -> bool:
        """Whether readers could see the record after it, and may look it up."""
        return self.event != "withdrawn" and not self.withheld

    @property
    def revision_before(self) -> int | None:
        """A revision at which the record was as before; None if readers could not see it then."""
        return None if self.event or self.withheld else self.revision - 1


@dataclass(frozen=True)
class Past:
    """The steps of a record, and whether they lead back to its beginning."""

    steps: Sequence[RecordStep]
    is_whole: bool


def tell_past(programme: Programme) -> Past:
    """Return the latest steps of a published record, the last first."""
    steps = hide_withheld(programme, walk_back(programme))
    told = list(islice(filter(None, steps), MOST_STEPS))
    is_whole = bool(told) and told[-1].event in BEGINNINGS and not any(steps)
    return Past(told, is_whole)


def hide_withheld(
    programme: Programme, steps: Iterable[RecordStep | None]
) -> Iterator[RecordStep | None]:
    """Yield the steps, those that must not be told any more with the reason alone."""
    rows = Redaction.objects.filter(programme_id=programme.pk)
    reasons = dict(rows.values_list("edit_id", "reason"))
    for step in steps:
        reason = step and reasons.get(step.edit)
        yield replace(step, changes=(), reason="", withheld=reason) if step and reason else step


def find_latest_step(programme: Programme) -> RecordStep | None:
    """Return the latest step of a published record; None if history knows of none."""
    return next(filter(None, walk_back(programme)), None)


@dataclass(frozen=True)
class MadeBy:
    """The edit by which a record reached a revision, as far as readers may know of it."""

    at: datetime
    kind: str
    reason: str


def find_edits(revisions: Mapping[int, int]) -> dict[int, MadeBy]:
    """Return by which edit each published record reached a revision; takes revisions by ids.

    On SQLite every statement raises the number, and an edit has the last of its numbers.
    """
    withheld = Redaction.objects.filter(
        edit=OuterRef("edit"), programme_id=OuterRef("programme_id")
    )
    rows = (
        Version.objects.filter(
            programme_id__in=revisions, edit__revision__gte=min(revisions.values(), default=0)
        )
        .annotate(is_withheld=Exists(withheld))
        .order_by("-edit__revision", "-edit")  # so that the first one stays
        .values_list(
            "programme_id", "edit__revision", "edit__made_at", "edit__kind", "edit__reason",
            "is_withheld", "edit",
        )
        .distinct()
    )  # fmt: skip
    return {
        pk: MadeBy(made_at, kind, "" if is_withheld else reason)
        for pk, revision, made_at, kind, reason, is_withheld, _edit in rows
        if pk and (revision or 0) >= revisions[pk]
    }


def walk_back(programme: Programme) -> Iterator[RecordStep | None]:
    """Yield a step for each edit of a record, the last first; None if readers may not see it."""
    after: Any = Programme.objects.filter(pk=programme.pk).values().get()
    shown = ShownRows(programme.pk)
    for made, versions in group_versions(programme.pk):
        before, written = find_row_before(versions, after), shown.read(versions)
        if is_published(before) and is_published(after):
            told = [one for one in versions if one.model not in TOLD]
            fates = [*classify_rows(told), *shown.classify(written, made.revision or 0)]
            changes = [*describe_fields(told, before, after), *describe_facts(fates)]
            yield make_step(made, [*changes, *word_fates(written)], before, after)
        else:
            yield make_step(made, [], before, after)
        after = before


def group_versions(pk: int) -> Iterator[tuple[Edit, list[Version]]]:
    """Yield the edits of a record with the versions that they left, the last first."""
    begun = Edit.objects.filter(kind=Edit.Kind.UNSEEN).order_by("-revision").first()
    versions = Version.objects.filter(
        where_since_it_came(Programme, pk),
        programme_id=pk,
        edit__revision__gt=begun.revision if begun else 0,
    )
    rows = versions.select_related("edit").order_by(*LAST_FIRST).iterator()
    for made, some in groupby(rows, key=lambda version: version.edit):
        yield made, list(some)


def find_row_before(versions: Sequence[Version], after: Row | None) -> Row | None:
    """Return the programme's own row as it was before an edit; None if there was none."""
    own = [one for one in versions if one.model == PROGRAMME]
    if not own:
        return after
    return None if own[-1].was is None else decode_row(Programme, own[-1].was)


def make_step(
    made: Edit, changes: Sequence[str], before: Row | None, after: Row | None
) -> RecordStep | None:
    was_public, is_public = is_published(before), is_published(after)
    event = ""
    if is_public and not was_public:
        event = "published" if before else "added"
    elif was_public and not is_public:
        event = "withdrawn"
    if not (event or changes):
        return None
    maker, revision = name_maker(made.kind), made.revision or 0
    return RecordStep(made.pk, revision, made.made_at, maker, event, changes, made.reason)
