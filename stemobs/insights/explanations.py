"""What each insight shows and what it does not show: two sentences that stand above its chart."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Explanation(NamedTuple):
    """One sentence on what a chart shows, and one on what nobody should read into it."""

    shows: Any
    limits: Any


EXPLANATIONS = {
    "evidence": Explanation(
        _("This shows the strongest kind of evaluation that we found for each record."),
        _("It does not show how well a programme works, as a good study can find no effect."),
    ),
    "levels": Explanation(
        _("This shows how many records name each level of education; one record can name several."),
        _("It does not show how many pupils take part, or which levels our sources leave out."),
    ),
    "duration": Explanation(
        _("This shows how long one person takes part, where a source says so."),
        _("It does not show how long the programme itself has been running."),
    ),
    "gaps": Explanation(
        _("This shows how many records join a kind of activity with a level or a career factor."),
        _("It does not show that nothing exists in an empty cell: we may not know of it."),
    ),
    "obstacles": Explanation(
        _("This shows which obstacles 15 national reports name, and how large a share each has."),
        _("It does not show how hard an obstacle is to overcome, or how common it is today."),
    ),
    "timeline": Explanation(
        _("This shows programmes whose idea came from another country or went to one, and when."),
        _("It does not show whether the idea worked as well in its new place."),
    ),
    "funding": Explanation(
        _("This shows which kinds of funder pay for a programme, alone or together."),
        _("It does not show who pays most, because it counts records and not money."),
    ),
    "factors": Explanation(
        _("This shows how many records address each factor in the choice of a STEM career."),
        _("It does not show an effect on pupils, and is our reading unless a source says so."),
    ),
    "coverage": Explanation(
        _("This shows which facts our records lack most often."),
        _("It does not show that nobody knows them, only that we have not found them yet."),
    ),
    "organisations": Explanation(
        _("This shows which organisations take part in most programmes, and which they share."),
        _("It does not show how much each does or pays, or organisations that no source names."),
    ),
}
