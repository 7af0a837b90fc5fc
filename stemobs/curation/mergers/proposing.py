"""A merger that somebody proposes: kept as it was chosen, until a second person decides."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
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


def propose(
    comparison: TwoCompared, stays: Any, counted: Mapping[str, int], user: Any, reason: str
) -> ProposedMerger:
    """Keep a merger as it was chosen; one of the same rows that waits already gives way."""
    goes = comparison.right if stays is comparison.left else comparison.left
    chosen = {one.name: f"{one.chosen}:{one.mark}" for one in comparison.questions}
    names = [Truncator(str(one)).chars(LONGEST_NAME) for one in (goes, stays)]
    drop_proposals(goes)
    return ProposedMerger.objects.create(
        model=stays._meta.label_lower,
        goes=goes.pk,
        stays=stays.pk,
        choices={**chosen, "stay": str(stays.pk), "reason": reason},
        seen=dict(counted),
        told=_("“%(goes)s” into “%(stays)s”") % {"goes": names[0], "stays": names[1]},
        reason=reason,
        user=user,
    )


def explain_refusal_to_decide(user: Any, proposed: ProposedMerger) -> str:
    """Return why a user may not approve or return a merger; "" if they may."""
    if not user.has_perm(MAY_PUBLISH):
        return describe_role(user)
    if settings.FOUR_EYES and proposed.user_id == user.pk:
        return _("You sent this, so somebody else has to approve it.")
    return ""
