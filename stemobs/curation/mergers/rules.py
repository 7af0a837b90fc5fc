"""Which records can be merged, and who may do it."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from programmes.models import ChangeDraft, Programme, Task, Version
from stemobs.catalogue.history import LAST_FIRST, where_about
from stemobs.curation.roles import Role, find_role
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


# --- Organisations and sources --------------------------------------------------------------------


def find_hindrances_to_unite(goes: Any, stays: Any) -> list[str]:
    """Return what keeps a row that records share from being merged into another; [] if nothing."""
    if not goes.is_public or stays.is_public:
        return []
    told = _("Readers see “%(goes)s”, and do not see “%(stays)s”. Let the first stay.")
    return [told % {"goes": goes, "stays": stays}]


def explain_refusal_to_unite(user: Any, rows: Sequence[Any]) -> str:
    """Return why a user may not merge rows that records share; "" if they may.

    It changes at once what readers see. So it takes who may publish, and with four eyes somebody
    who neither added nor last changed one of the two.
    """
    if find_role(user) is Role.CONTRIBUTOR:
        return describe_role(user)
    if not any(one.is_public for one in rows):
        return ""
    if not user.has_perm(MAY_PUBLISH):
        return describe_role(user)
    if settings.FOUR_EYES:
        for one in rows:
            if is_own_work(user, one):
                told = _("You added or last changed “%(name)s”, so somebody else has to do that.")
                return told % {"name": one}
    return ""


def is_own_work(user: Any, row: Any) -> bool:
    """Whether a user added a row that records share, or was the last to change it."""
    versions = Version.objects.filter(where_about(row)).order_by("pk")
    own = versions.filter(model=row._meta.label_lower)
    added = own.filter(operation=Version.Operation.INSERT).values_list("edit__user", flat=True)
    last = versions.order_by(*LAST_FIRST).values_list("edit__user", flat=True)
    return user.pk in (added.first(), last.first())


# --- Tasks ----------------------------------------------------------------------------------------


def name_pair(one: Any, other: Any) -> tuple[str, str]:
    """Return key and subject of the task that asks whether two rows are the same."""
    return name_ids(type(one), *sorted((one.pk, other.pk)))


def name_ids(model: Any, low: int, high: int) -> tuple[str, str]:
    """Return the same for the rows of a model with these ids."""
    if model is Programme:
        return f"{low}-{high}", ""
    return f"{model._meta.model_name}-{low}-{high}", f"{model._meta.label_lower} {low} {high}"


def find_task(one: Any, other: Any) -> Task | None:
    """Return the open task that asks whether two rows are the same."""
    key, _about = name_pair(one, other)
    return Task.objects.filter(kind=Task.Kind.DUPLICATE, key=key, state=Task.State.OPEN).first()


def list_asked(record: Any) -> list[Any]:
    """Return the rows of which an open task asks whether they are the same as this one."""
    tasks = Task.objects.filter(kind=Task.Kind.DUPLICATE, state=Task.State.OPEN).order_by()
    if isinstance(record, Programme):
        lower = tasks.filter(programme=record).values_list("other")
        higher = tasks.filter(other=record).values_list("programme")
        ids = {pk for (pk,) in lower.union(higher)}
    else:
        label = record._meta.label_lower
        told = tasks.filter(about__startswith=f"{label} ").values_list("about", flat=True)
        pairs = [{*map(int, about.split()[1:])} for about in told]
        ids = {pk for pair in pairs if record.pk in pair for pk in pair - {record.pk}}
    return [*type(record)._base_manager.filter(pk__in=ids).order_by("pk")]
