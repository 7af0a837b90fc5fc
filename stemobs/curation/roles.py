"""The roles of those who sign in, and what each may do.

A role is a group of Django's, made anew by every `migrate` as it stands here. Administrators are
Django's superusers: whoever manages accounts could give themselves any other right anyway.
"""

from collections.abc import Container, Iterable, Iterator
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.db import connections, models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from partnerships.models import (
    CriterionAssessment,
    FieldStudy,
    FormerOrganisationSlug,
    Funding,
    Guide,
    GuideItem,
    Lineage,
    NationalPlatform,
    Organisation,
    OrganisationName,
    OrganisationSource,
    Partnership,
    Statement,
    Strategy,
)
from programmes.models import (
    BulkChange,
    Citation,
    Claim,
    Contact,
    Discrepancy,
    Document,
    Evaluation,
    FormerSlug,
    FormerSourceSlug,
    Import,
    Programme,
    ProgrammeName,
    ProposedMerger,
    Reach,
    Source,
    Story,
    Suggestion,
    TakingPart,
    Task,
)

APPS = ("programmes", "partnerships")


class Role(models.TextChoices):
    """What somebody is to the catalogue; nobody has more than one role."""

    CONTRIBUTOR = "contributor", _("Contributor: writes drafts, and changes only their own")
    CURATOR = "curator", _("Curator: changes every record, and publishes none")
    REVIEWER = "reviewer", _("Reviewer: also publishes, withdraws and restores records")
    ADMINISTRATOR = "administrator", _("Administrator: also looks after people and word lists")

    @property
    def group(self) -> str:
        """The name of its group, which no group made by hand is likely to have."""
        return f"Role: {self.value}"


WRITE = ("add", "change")
WRITE_AND_DELETE = ("add", "change", "delete")
PUBLISH = "publish"  # also to withdraw and to restore
# The rows that belong to a programme, and to other records.
FACTS = (
    *(ProgrammeName, FormerSlug, Citation, Reach, Evaluation, TakingPart, Contact),
    *(Discrepancy, Claim, Document, Funding, Partnership, CriterionAssessment, Lineage),
)
OTHER_ROWS = (OrganisationName, OrganisationSource, Statement)
# What mergers leave behind; who undoes one takes it away.
FORMER_ADDRESSES = (FormerOrganisationSlug, FormerSourceSlug)
OTHER_RECORDS = (Source, Organisation, Strategy, NationalPlatform, FieldStudy)
TEXTS = (Story, Guide, GuideItem)
# What readers say, and what partners send, which may name people; and what waits to be approved.
NOT_FOR_ALL = (Suggestion, Import, BulkChange, ProposedMerger)
# What each role may do besides what those before it may. Everybody may look at everything but what
# others have sent and bulk changes: that is for those who answer. The word lists are left to
# administrators, who may do all.
RIGHTS: dict[Role, tuple[tuple[Iterable[type[models.Model]], Iterable[str]], ...]] = {
    Role.CONTRIBUTOR: (
        ((Programme,), WRITE),
        (FACTS, WRITE_AND_DELETE),
        ((Source, Organisation, OrganisationName, OrganisationSource), ("add",)),
    ),
    Role.CURATOR: (
        (OTHER_RECORDS, WRITE),
        (OTHER_ROWS, WRITE_AND_DELETE),
        (FORMER_ADDRESSES, ("delete",)),
        ((Suggestion,), ("view", "change")),
        ((Import,), ("view", *WRITE)),
        ((BulkChange,), ("view", *WRITE)),
        ((ProposedMerger,), ("view",)),
        ((Task,), ("change",)),
    ),
    Role.REVIEWER: (
        ((Programme,), (PUBLISH, "delete")),
        ((*OTHER_RECORDS, Suggestion, Import), ("delete",)),
        (TEXTS, WRITE_AND_DELETE),
    ),
}


def list_rights(role: Role) -> Iterator[tuple[str, str]]:
    """Yield the app and the codename of each permission of a role, some of them twice."""
    for one in list(RIGHTS)[: list(RIGHTS).index(role) + 1]:
        for kinds, actions in RIGHTS[one]:
            for model in kinds:
                for action in actions:
                    yield model._meta.app_label, f"{action}_{model._meta.model_name}"


def find_permissions(role: Role, using: str = "default") -> models.QuerySet[Permission]:
    """Return the permissions of a role; fewer than all while migrations are incomplete."""
    wanted = Q(content_type__app_label__in=APPS, codename__startswith="view_")
    wanted &= ~Q(codename__in=[f"view_{model._meta.model_name}" for model in NOT_FOR_ALL])
    for app in APPS:
        names = {codename for label, codename in list_rights(role) if label == app}
        wanted |= Q(content_type__app_label=app, codename__in=names)
    return Permission.objects.using(using).filter(wanted)


def keep_roles(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Make the group of each role after a migration, with exactly what this module says."""
    # The last of the apps with models: by then Django has made the permissions of all.
    names = connections[using].introspection.table_names() if sender.label == APPS[-1] else ()
    if Group._meta.db_table not in names:
        return
    for role in RIGHTS:
        group, _made = Group.objects.using(using).get_or_create(name=role.group)
        group.permissions.set(find_permissions(role, using))


# --- Who has which -------------------------------------------------------------------------------


def find_role(user: Any) -> Role | None:
    """Return the role of a user; None for one without, or with permissions given by hand."""
    if user.is_superuser:
        return Role.ADMINISTRATOR
    if "groups" in getattr(user, "_prefetched_objects_cache", {}):  # one of a list
        return choose_role({group.name for group in user.groups.all()})
    read_rights(user)
    found: Role | None = vars(user)["role_found"]
    return found


def choose_role(groups: Container[str]) -> Role | None:
    """Return the role that stands highest of those with one of these groups."""
    return next((one for one in reversed(RIGHTS) if one.group in groups), None)


def read_rights(user: Any) -> set[str]:
    """Return the permissions of a user, such as “programmes.add_reach”, and find their role.

    Both are asked for many times a request. So one query reads them, and the user keeps them.
    """
    if "rights_read" not in vars(user):
        told = [*select_rights(user)] if user.pk else []
        names = {name for name, _app, _code in told}
        role = choose_role(names)
        rights = {f"{app}.{code}" for _name, app, code in told if code}
        vars(user).update(role_found=role, rights_read=rights)
    found: set[str] = vars(user)["rights_read"]
    return found


def select_rights(user: Any) -> models.QuerySet:
    """Return the names of a user's groups with what these may do, and what they may by hand."""
    names = ("content_type__app_label", "codename")
    by_group = Group.objects.filter(user=user).order_by()
    by_hand = Permission.objects.filter(user=user).order_by()
    return by_group.values_list("name", *(f"permissions__{name}" for name in names)).union(
        by_hand.values_list(Value("", models.CharField()), *names), all=True
    )


def where_by_hand() -> Q:
    """Return the condition for users with permissions or groups that no role stands for."""
    others = Group.objects.exclude(name__in=[role.group for role in RIGHTS])
    return Q(user_permissions__isnull=False) | Q(groups__in=others)


def has_rights_by_hand(user: Any) -> bool:
    """Whether somebody gave a user permissions or groups that no role stands for."""
    return bool(user.pk) and type(user).objects.filter(where_by_hand(), pk=user.pk).exists()


def give_role(user: Any, role: Role | None) -> None:
    """Give a user one role in place of all that they had; None takes away every right."""
    user.is_superuser = role is Role.ADMINISTRATOR
    user.is_staff = role is not None
    user.save(update_fields=["is_superuser", "is_staff"])
    user.user_permissions.clear()
    user.groups.set(Group.objects.filter(name=role.group) if role in RIGHTS and role else ())
    for name in ("role_found", "rights_read"):
        vars(user).pop(name, None)
