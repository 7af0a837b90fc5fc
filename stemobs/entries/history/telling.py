"""What the history of a record tells of rows that readers see for a time only: figures, lineage.

A figure that was retracted is not shown any more, and a relation only while readers may see both of
its ends. A history is walked from its end. So what a row was after an edit is what the next later
edit found, or what the row is now.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

from partnerships.models import Funding, Lineage
from programmes.models import Programme, Reach, Version
from stemobs.catalogue.history import Model, Row, decode_row, read_named_rows_at
from stemobs.catalogue.visibility.queries import where_known
from stemobs.entries.history.differences import word_fact
from stemobs.entries.history.wording import Fate

Key = tuple[str, int]  # the label of a row's model, and its id
Written = Mapping[Key, tuple[Row | None, Row | None]]  # rows before and after; None for no row
LINEAGE = Lineage._meta.label_lower
FIGURES = {model._meta.label_lower: model for model in (Reach, Funding)}
TOLD = {LINEAGE, *FIGURES}
ENDS = ("from_programme_id", "to_programme_id")


class ShownRows:
    """The figures and the lineage of a record, as its edits found and left them."""

    def __init__(self, programme: int) -> None:
        self.programme = programme
        self.found: dict[Key, Row | None] = {}  # as the edits found them that were read so far

    def read(self, versions: Sequence[Version]) -> Written:
        """Return the rows that an edit wrote; it is asked of all edits, the last first."""
        # Versions come the last first too, so that the first one of each row is left.
        began = {(one.model, one.object_id): one for one in versions if one.model in TOLD}
        return {key: self.read_row(key, version) for key, version in began.items()}

    def read_row(self, key: Key, version: Version) -> tuple[Row | None, Row | None]:
        model: Model = apps.get_model(key[0])
        if key not in self.found:
            self.found[key] = model._base_manager.filter(pk=key[1]).values().first()
        after = self.found[key]
        before = None if version.was is None else decode_row(model, version.was)
        self.found[key] = before
        return self.keep_own(before), self.keep_own(after)

    def keep_own(self, row: Row | None) -> Row | None:
        """Return a row if it is about the record, and was not moved to another or from there."""
        owners = {row.get(name) for name in ("programme_id", *ENDS)} if row else ()
        return row if self.programme in owners else None

    def classify(self, written: Written, revision: int) -> Iterator[Fate]:
        """Yield what became of each row for readers, unless `word_fates` says more of it."""
        befores, afters = [*zip(*written.values(), strict=True)] or ((), ())
        hidden_before = self.find_hidden(befores, revision - 1)
        hidden_after = self.find_hidden(afters, revision)
        for (label, _pk), (before, after) in written.items():
            was_shown = is_shown(before, hidden_before)
            if was_shown and is_shown(after, hidden_after):
                if not word_fate(label, before, after):
                    yield label, "changed"
            elif was_shown and not (after and after.get("retracted_on")):
                yield label, "removed"
            elif not was_shown and is_shown(after, hidden_after):
                yield label, "added"

    def find_hidden(self, rows: Iterable[Row | None], revision: int) -> set[int]:
        """Return the other ends of lineage of which readers could not know then, or may not now."""
        ends: set[Any] = {row.get(name) for row in rows if row for name in ENDS}
        ends -= {None, self.programme}
        if not ends:
            return set()
        known = Programme.objects.filter(where_known(), pk__in=ends).values_list("pk", flat=True)
        then = read_named_rows_at({Programme: ends}, revision)[Programme]
        return {pk for pk in ends if pk not in known or not is_published(then.get(pk))}


def is_published(row: Any) -> bool:
    return row is not None and Programme(state=row["state"]).is_public


def is_shown(row: Row | None, hidden: set[int]) -> bool:
    """Whether readers see a row: it was not retracted, and leads to nothing hidden."""
    if row is None or row.get("retracted_on"):
        return False
    return not hidden.intersection(row.get(name) for name in ENDS)


def word_fates(written: Written) -> Iterator[str]:
    """Yield in words which figures an edit retracted, and why, and which it replaced by others."""
    for (label, _pk), (before, after) in written.items():
        if told := word_fate(label, before, after):
            yield told


def word_fate(label: str, before: Row | None, after: Row | None) -> str:
    """Return in words that a figure does not stand any more; "" if that did not change."""
    if label not in FIGURES or not before or not after or before["retracted_on"]:
        return ""
    if after["retracted_on"]:
        told = _("Retracted: “{figure}”. {reason}")
        return told.format(figure=word_row(label, before), reason=after["retracted_because"])
    if after["superseded_by_id"] and not before["superseded_by_id"]:
        return _("Replaced by a newer figure: “{figure}”").format(figure=word_row(label, before))
    return ""


def word_row(label: str, row: Row) -> str:
    """Return in words what a figure says, given its columns."""
    model: Any = FIGURES[label]
    return word_fact(model.from_db(DEFAULT_DB_ALIAS, list(row), list(row.values())))
