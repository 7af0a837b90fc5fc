"""A merger that somebody proposes: kept as it was chosen, until a second person decides."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from programmes.models import Programme, ProposedMerger
from stemobs.curation.mergers.comparing import TwoCompared
from stemobs.curation.mergers.shared.following import drop_proposals
from stemobs.curation.roles import Role, find_role
from stemobs.curation.states import MAY_PUBLISH, describe_role, may_write

LONGEST_NAME = 100  # letters of each of the two


def may_propose(user: Any, records: Sequence[Any]) -> bool:
    """Whether a user who may not merge two rows alone may send that to review.

    That may who may change both: contributors only drafts of their own.
    """
    if find_role(user) is Role.CONTRIBUTOR:
        return False
    return all(may_write(user, one) for one in records if isinstance(one, Programme))


class ProposedAlready(Exception):
    """A merger that waits for review already as somebody would send it again."""

    def __init__(self, proposed: ProposedMerger) -> None:
        super().__init__(proposed)
        self.proposed = proposed


class SentMerger(NamedTuple):
    """A merger that was sent to review, and who had sent others that give way to it."""

    proposed: ProposedMerger
    gave_way: Sequence[Any]


def propose(
    comparison: TwoCompared, stays: Any, counted: Mapping[str, int], user: Any, reason: str
) -> SentMerger:
    """Keep a merger as it was chosen; raise ProposedAlready if it waits as such already.

    One of the same rows that waits with other choices gives way. One that was returned is followed.
    """
    goes = comparison.right if stays is comparison.left else comparison.left
    chosen = {one.name: f"{one.chosen}:{one.mark}" for one in comparison.questions}
    choices = {**chosen, "stay": str(stays.pk), "reason": reason}
    of_both = find_proposals(type(stays), (goes.pk, stays.pk))
    waiting = [*of_both.filter(state=ProposedMerger.State.WAITING).select_related("user")]
    for one in waiting:
        if (one.choices, one.seen) == (choices, dict(counted)):
            raise ProposedAlready(one)
    names = [Truncator(str(one)).chars(LONGEST_NAME) for one in (goes, stays)]
    drop_proposals(goes)
    proposed = ProposedMerger.objects.create(
        follows=of_both.filter(state=ProposedMerger.State.RETURNED, again=None).first(),
        model=stays._meta.label_lower,
        goes=goes.pk,
        stays=stays.pk,
        choices=choices,
        seen=dict(counted),
        told=_("“%(goes)s” into “%(stays)s”") % {"goes": names[0], "stays": names[1]},
        reason=reason,
        user=user,
    )
    return SentMerger(proposed, [one.user for one in waiting if one.user])


def find_proposals(model: Any, pks: Collection[int]) -> QuerySet[ProposedMerger]:
    """Return the mergers of two rows that somebody has sent, whichever of them goes."""
    label = model._meta.label_lower
    return ProposedMerger.objects.filter(model=label, goes__in=pks, stays__in=pks)


def find_returned_merger(model: Any, pks: Collection[int], pk: int) -> ProposedMerger | None:
    """Return a merger of two rows that was returned, and not sent again; None if there is none."""
    returned = find_proposals(model, pks).filter(state=ProposedMerger.State.RETURNED, again=None)
    return returned.filter(pk=pk).select_related("decided_by").first() if pk else None


def explain_refusal_to_decide(user: Any, proposed: ProposedMerger) -> str:
    """Return why a user may not approve or return a merger; "" if they may."""
    if not user.has_perm(MAY_PUBLISH):
        return describe_role(user)
    if settings.FOUR_EYES and proposed.user_id == user.pk:
        return _("You sent this, so somebody else has to approve it.")
    return ""
