"""Which records can be merged, and who may do it."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from programmes.models import ChangeDraft, Programme, Task, Version
from stemobs.curation.states import (
    MAY_PUBLISH,
    PUBLIC_ONCE,
    describe_role,
    explain_refusal,
    may_write,
)

State = Programme.State


def find_drafted(records: Sequence[Programme]) -> set[int]:
    """Return the ids of those records of which there is an open draft of a change."""
    drafts = ChangeDraft.objects.filter(programme__in=records, state__in=ChangeDraft.OPEN)
    return {*drafts.order_by().values_list("programme_id", flat=True)}


def find_hindrances(goes: Programme, stays: Programme, drafted: Collection[int]) -> list[str]:
    """Return what keeps one record from being merged into another, in words; [] if nothing does.

    `drafted` has the ids of records with an open draft of a change.
    """
    return [*find_withdrawn(goes, stays), *find_others(goes, stays, drafted)]


def find_withdrawn(*records: Programme) -> Iterator[str]:
    for one in records:
        if one.state == State.WITHDRAWN and one.merged_into_id:
            told = _("“%(name)s” was merged into another record already.")
            yield told % {"name": one}
        elif one.state == State.WITHDRAWN:
            yield _("“%(name)s” is withdrawn. Restore it first.") % {"name": one}


def find_others(goes: Programme, stays: Programme, drafted: Collection[int]) -> Iterator[str]:
    if goes.is_public and not stays.is_public:
        told = _(
            "Readers see “%(goes)s”, and do not see “%(stays)s”. Let the first stay, or publish "
            "the second before."
        )
        yield told % {"goes": goes, "stays": stays}
    if goes.pk in drafted:
        told = _("“%(name)s” has a draft of a change. It has to be approved or dropped first.")
        yield told % {"name": goes}
    if all(getattr(one, "strategy", None) for one in (goes, stays)):
        told = _("Each of the two is the record of a strategy. Change that at the strategy first.")
        yield told


def explain_refusal_to_merge(user: Any, records: Sequence[Programme]) -> str:
    """Return why a user may not merge these records; "" if they may.

    To merge what readers see withdraws one record and changes another at once. So it takes who may
    publish, and with four eyes somebody who neither wrote nor last changed one of the two.
    """
    if not all(may_write(user, one) for one in records):
        return describe_role(user)
    if not any(one.state in PUBLIC_ONCE for one in records):
        return ""
    if not user.has_perm(MAY_PUBLISH):
        return describe_role(user)
    if not is_second_needed(user, records):
        return ""
    for one in records:
        if refusal := explain_refusal(user, one):
            return _("%(record)s: %(refusal)s") % {"record": one, "refusal": refusal}
    return ""


def is_second_needed(user: Any, records: Sequence[Programme]) -> bool:
    """Whether a second person may have to merge records: who never wrote in them is one."""
    written = Version.objects.filter(programme_id__in=[one.pk for one in records], edit__user=user)
    return settings.FOUR_EYES and written.exists()


def find_task(one: Programme, other: Programme) -> Task | None:
    """Return the open task that asks whether two records are the same."""
    low, high = sorted((one.pk, other.pk))
    return Task.objects.filter(
        kind=Task.Kind.DUPLICATE, key=f"{low}-{high}", state=Task.State.OPEN
    ).first()
