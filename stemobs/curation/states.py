"""Which states a record can have one after the other, and who may change and publish it."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from programmes.models import Edit, Programme
from stemobs.curation.roles import Role, find_role
from stemobs.curation.writers import find_last_changer, find_writer

State = Programme.State
# The states to which a programme can change from each state. What was published cannot become a
# draft again: it stays public or is withdrawn with a reason.
NEXT_STATES = {
    State.DRAFT: (State.REVIEW, State.PUBLISHED),
    State.REVIEW: (State.DRAFT, State.PUBLISHED),
    State.PUBLISHED: (State.WITHDRAWN,),
    State.WITHDRAWN: (State.PUBLISHED,),
}
PUBLIC_ONCE = (State.PUBLISHED, State.WITHDRAWN)
CHANGEABLE = (State.DRAFT, State.REVIEW, State.PUBLISHED)  # what is withdrawn is restored first
MAY_PUBLISH = "programmes.publish_programme"
MAY_DELETE = "programmes.delete_programme"


class Refused(PermissionDenied):
    """Somebody may not do this; it says why, in words for them."""


def is_publication(before: str, after: str) -> bool:
    """Whether a change of state publishes, withdraws or restores a record."""
    return before != after and State.PUBLISHED in (before, after)


def may_write(user: Any, programme: Programme | None) -> bool:
    """Whether a user may change a record: contributors only what they began and nobody published.

    Whether they may change records at all is a permission of Django's.
    """
    if find_role(user) is not Role.CONTRIBUTOR:
        return True
    if programme is None or programme.state in PUBLIC_ONCE:
        return False
    return programme.pk is None or find_writer(programme.pk) == user.pk


def explain_refusal(user: Any, programme: Programme) -> str:
    """Return why a user may not publish, withdraw or restore a record; "" if they may."""
    if not user.has_perm(MAY_PUBLISH):
        return describe_role(user)
    return find_one_pair_of_eyes(user, programme) if settings.FOUR_EYES else ""


def find_one_pair_of_eyes(user: Any, programme: Programme) -> str:
    """Return in words what makes a user the one who may not do it alone; "" if nothing does."""
    if programme.pk and find_last_changer(programme.pk) == user.pk:
        return _("You changed this last, so somebody else has to do that.")
    if not programme.pk or find_writer(programme.pk) == user.pk:
        return _("You wrote this, so somebody else has to do that.")
    return ""


def explain_refusal_at_once(user: Any, programme: Programme) -> str:
    """Return why a user may not change a record where no draft can be made of it; "" if they may.

    To undo an edit, and to say that sources differ, changes at once what readers see. So with four
    eyes that takes who may publish, and neither wrote nor last changed the record.
    """
    if not (settings.FOUR_EYES and programme.is_public) or may_act_alone(user):
        return ""
    return explain_refusal(user, programme)


def explain_withholding(user: Any, made: Edit) -> str:
    """Return why a user may not withhold what an edit brought, or why it was made; "" if they may.

    To withhold only takes away, and what is withheld was corrected before. So whoever corrected it
    may go on, and a second person is asked for only where somebody would hide what they did.
    """
    if not user.has_perm(MAY_PUBLISH):
        return describe_role(user)
    if settings.FOUR_EYES and made.user_id == user.pk:
        return _("You made this change, so somebody else has to withhold it.")
    return ""


def may_act_alone(user: Any) -> bool:
    """Whether a user may do without a second person, for a reason that everybody can read."""
    return find_role(user) is Role.ADMINISTRATOR


def describe_role(user: Any) -> str:
    """Return in words what somebody who may not publish may do."""
    match find_role(user):
        case Role.CONTRIBUTOR:
            return _(
                "Your role is contributor: you can write drafts, and a reviewer publishes them."
            )
        case Role.CURATOR:
            return _("Your role is curator: you can change records, and a reviewer publishes them.")
    return _("Your account cannot publish, withdraw or restore records. Ask a reviewer.")
