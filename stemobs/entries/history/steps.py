"""The steps by which a record became what it is, as far as readers may see them.

A step is told if readers could see the record before and after it, or in what it became public or
was withdrawn. What happened to a draft is never told, also after it was published, and what readers
never see of a record is left out: it makes no step.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Any

from programmes.models import Edit, Programme, Version
from stemobs.catalogue.history import Row, decode_row
from stemobs.entries.history.wording import describe_facts, describe_fields, name_maker

MOST_STEPS = 100  # on a page
BEGINNINGS = {"added", "published"}
PROGRAMME = Programme._meta.label_lower


@dataclass(frozen=True)
class RecordStep:
    """What one edit changed in a record, in words, the last first."""

    revision: int
    made_at: datetime
    maker: str
    event: str  # "added", "published", "withdrawn"; "" if it was public before and after
    changes: Sequence[str]
    reason: str = ""  # as it was given, if any was


@dataclass(frozen=True)
class Past:
    """The steps of a record, and whether they lead back to its beginning."""

    steps: Sequence[RecordStep]
    is_whole: bool


def tell_past(programme: Programme) -> Past:
    """Return the latest steps of a published record, the last first."""
    steps = walk_back(programme)
    told = list(islice(filter(None, steps), MOST_STEPS))
    is_whole = bool(told) and told[-1].event in BEGINNINGS and not any(steps)
    return Past(told, is_whole)


def walk_back(programme: Programme) -> Iterator[RecordStep | None]:
    """Yield a step for each edit of a record, the last first; None if readers may not see it."""
    after: Any = Programme.objects.filter(pk=programme.pk).values().get()
    for made, versions in group_versions(programme.pk):
        before = find_row_before(versions, after)
        yield make_step(made, versions, before, after)
        after = before


def group_versions(pk: int) -> Iterator[tuple[Edit, list[Version]]]:
    """Yield the edits of a record with the versions that they left, the last first."""
    begun = Edit.objects.filter(kind=Edit.Kind.UNSEEN).order_by("-revision").first()
    versions = Version.objects.filter(
        programme_id=pk, edit__revision__gt=begun.revision if begun else 0
    )
    rows = versions.select_related("edit").order_by("-pk").iterator()
    for made, some in groupby(rows, key=lambda version: version.edit):
        yield made, list(some)


def find_row_before(versions: Sequence[Version], after: Row | None) -> Row | None:
    """Return the programme's own row as it was before an edit; None if there was none."""
    own = [one for one in versions if one.model == PROGRAMME]
    if not own:
        return after
    return None if own[-1].was is None else decode_row(Programme, own[-1].was)


def make_step(
    made: Edit, versions: Sequence[Version], before: Row | None, after: Row | None
) -> RecordStep | None:
    was_public, is_public = is_published(before), is_published(after)
    if not (was_public or is_public):
        return None
    changes: list[str] = []
    event = ""
    if not was_public:
        event = "published" if before else "added"
    elif not is_public:
        event = "withdrawn"
    else:
        changes = [*describe_fields(versions, before, after), *describe_facts(versions)]
        if not changes:
            return None
    maker = name_maker(made.kind)
    return RecordStep(made.revision or 0, made.made_at, maker, event, changes, made.reason)


def is_published(row: Any) -> bool:
    return row is not None and Programme(state=row["state"]).is_public
