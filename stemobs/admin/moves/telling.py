"""What the pages of a merger say, for each kind of rows that can be merged."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partnerships.models import Organisation
from programmes.models import Programme, Source
from stemobs.admin.saving import build_admin_url
from stemobs.curation.mergers.shared.doubled import DoubledRows, TouchedDifference

Words = Mapping[Any, Any]  # by model
TITLES: Words = {
    Programme: gettext_lazy("Merge two records"),
    Organisation: gettext_lazy("Merge two organisations"),
    Source: gettext_lazy("Merge two sources"),
}
TO_UNDO: Words = {
    Programme: gettext_lazy(
        "Both records go back to what they were before they were merged, with what led to each. "
        "Suggestions stay with the record that has them now, and tasks stay closed until the next "
        "look."
    ),
    Organisation: gettext_lazy(
        "Both organisations go back to what they were before they were merged, with all that named "
        "each. Open drafts, imports and suggestions stay as they are now, and tasks stay closed "
        "until the next look."
    ),
    Source: gettext_lazy(
        "Both sources go back to what they were before they were merged, with all that rested on "
        "each. Open drafts and suggestions stay as they are now, and tasks stay closed until the "
        "next look."
    ),
}
UNDONE: Words = {
    Programme: gettext_lazy("Undone. Both records are as they were before they were merged."),
    Organisation: gettext_lazy(
        "Undone. Both organisations are as they were before they were merged."
    ),
    Source: gettext_lazy("Undone. Both sources are as they were before they were merged."),
}
UNDONE_ELSEWHERE: Words = {
    Organisation: gettext_lazy(
        "It merged two organisations. Undo it in the history of “%(name)s”."
    ),
    Source: gettext_lazy("It merged two sources. Undo it in the history of “%(name)s”."),
}
LONGEST_NOTE = 200  # letters of a note in a list


def tell_differences(left: Any, right: Any) -> Iterator[SafeString]:
    """Yield what becomes of differences between sources that are others once two rows are one."""
    for one in DoubledRows(right, left).differences:
        record = one.point.programme
        yield format_html(
            '“{}” in <a href="{}">{}</a>: {}',
            one.point, build_admin_url(record), record, word_difference(one),
        )  # fmt: skip


def word_difference(one: TouchedDifference) -> str:
    """Return what becomes of a difference between sources."""
    if one.is_doubled:
        return _("The record has it twice then, so it stands there once.")
    if one.is_over:
        told = _("What its claims say is the same then. Nothing differs any more, so it goes.")
        if one.point.note:
            note = Truncator(one.point.note).chars(LONGEST_NOTE)
            told = _("%(told)s Its note goes with it: “%(note)s”") % {"told": told, "note": note}
        return told
    united = _("Claims that say the same stand there once.") if one.united else ""
    stays = _("It stays, with claims of one source that differ. See whether they do.")
    return " ".join(filter(None, [united, stays if one.cites_one_twice else ""]))
