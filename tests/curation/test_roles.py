"""Tests of roles: which permissions each has, who has which, and what was given by hand before."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command

from programmes.models import (
    BulkChange,
    ChangeDraft,
    Import,
    Programme,
    ProposedMerger,
    Suggestion,
    Task,
    WebLink,
)
from stemobs.admin.base import TermAdmin
from stemobs.curation.roles import (
    APPS,
    FACTS,
    OTHER_RECORDS,
    OTHER_ROWS,
    RIGHTS,
    TEXTS,
    Role,
    find_permissions,
    find_role,
    give_role,
    has_rights_by_hand,
    list_rights,
)
from stemobs.curation.states import MAY_PUBLISH
from tests.curation.people import make_person

pytestmark = pytest.mark.django_db


def test_every_migrate_makes_the_groups_equal_to_the_roles_of_the_code() -> None:
    changed = Group.objects.get(name=Role.CURATOR.group)
    changed.permissions.set(Permission.objects.filter(codename="delete_user"))
    Group.objects.filter(name=Role.REVIEWER.group).delete()
    Permission.objects.filter(codename="add_lineage").delete()  # as if its model were new
    call_command("migrate", verbosity=0)
    assert Permission.objects.get(codename="add_lineage").group_set.count() == len(RIGHTS)
    for role in RIGHTS:
        group = Group.objects.get(name=role.group)
        assert {*group.permissions.all()} == {*find_permissions(role)}


def test_every_right_of_a_role_is_a_permission() -> None:
    known = {*Permission.objects.values_list("content_type__app_label", "codename")}
    for role in RIGHTS:
        assert {*list_rights(role)} <= known


def test_each_role_may_what_the_one_before_may_and_more() -> None:
    contributor, curator, reviewer = ({*find_permissions(role)} for role in RIGHTS)
    assert contributor < curator < reviewer
    assert {one.content_type.app_label for one in reviewer} == {*APPS}


def test_every_page_of_the_catalogue_is_of_records_of_texts_or_of_word_lists() -> None:
    pages = {
        model
        for model, page in admin.site._registry.items()
        if model._meta.app_label in APPS and not isinstance(page, TermAdmin)
    }
    others = {Programme, BulkChange, ChangeDraft, Import, ProposedMerger, Suggestion, Task}
    others |= {WebLink}
    assert pages <= {*others, *FACTS, *OTHER_RECORDS, *OTHER_ROWS, *TEXTS}


@pytest.mark.parametrize("role", [*Role, None])
def test_a_user_has_the_role_that_was_given(role: Role | None) -> None:
    user = make_person(Role.REVIEWER)
    user.user_permissions.set(Permission.objects.all()[:3])
    give_role(user, role)
    user = User.objects.get(pk=user.pk)
    assert find_role(user) is role
    assert (user.is_staff, user.is_superuser) == (role is not None, role is Role.ADMINISTRATOR)
    assert not has_rights_by_hand(user)
    assert user.has_perm(MAY_PUBLISH) is (role in (Role.REVIEWER, Role.ADMINISTRATOR))


def test_a_superuser_of_before_is_an_administrator() -> None:
    assert find_role(User(is_superuser=True)) is Role.ADMINISTRATOR


def test_who_could_change_programmes_before_there_were_roles_can_still_publish() -> None:
    by_hand, of_group, reader = (User.objects.create(username=name) for name in "abc")
    change = Permission.objects.get(codename="change_programme")
    by_hand.user_permissions.add(change)
    group = Group.objects.create(name="Friends")
    group.permissions.add(change)
    of_group.groups.add(group)
    reader.user_permissions.add(Permission.objects.get(codename="view_programme"))
    import_module("programmes.migrations.0023_roles").give_publishing(apps, "default")
    may = [User.objects.get(pk=one.pk).has_perm(MAY_PUBLISH) for one in (by_hand, of_group, reader)]
    assert may == [True, True, False]
    assert find_role(by_hand) is None
    assert has_rights_by_hand(by_hand)
    assert has_rights_by_hand(of_group)
