"""Drafts of changes: who wrote them, who may approve them, and what was said about them."""

from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from programmes.models import ChangeDraft, DraftStep, Programme, discard_picture
from stemobs.curation.states import MAY_PUBLISH, describe_role

Kind = DraftStep.Kind


def find_open_draft(programme: Programme, *, lock: bool = False) -> ChangeDraft | None:
    """Return the draft of a record that is not published or dropped yet, with its steps."""
    steps = Prefetch("steps", DraftStep.objects.select_related("user"))
    found = ChangeDraft.objects.filter(
        programme=programme, state__in=ChangeDraft.OPEN
    ).prefetch_related(steps)
    return (found.select_for_update() if lock else found).first()


def list_writers(draft: ChangeDraft) -> list[Any]:
    """Return the users who wrote a draft, each once, who wrote last at the end."""
    wrote = [one.user for one in draft.steps.all() if one.kind == Kind.WROTE and one.user]
    return list(dict.fromkeys(reversed(wrote)))[::-1]


def find_decision(draft: ChangeDraft) -> DraftStep | None:
    """Return the step by which a draft was decided last, if nobody has gone on with it since."""
    decided = (draft.State.RETURNED, draft.State.PUBLISHED, draft.State.DROPPED)
    if draft.state not in decided:
        return None
    steps = [one for one in draft.steps.all() if one.kind == draft.state]
    return steps[-1] if steps else None


def explain_refusal_of_draft(user: Any, draft: ChangeDraft) -> str:
    """Return why a user may not approve a draft; "" if they may."""
    if not user.has_perm(MAY_PUBLISH):
        return describe_role(user)
    if settings.FOUR_EYES and user in list_writers(draft):
        return _("You wrote part of this, so somebody else has to approve it. You can comment.")
    return ""


def take_step(
    draft: ChangeDraft, kind: str, user: Any, text: str = "", state: str = "", **more: Any
) -> DraftStep:
    """Note what somebody did with a draft, and give it the state that follows."""
    if state:
        draft.state = state
    draft.save()
    if draft.picture and not draft.is_open:
        discard_picture(draft.picture)
    return draft.steps.create(kind=kind, user=user, text=text, turn=draft.turn, **more)
