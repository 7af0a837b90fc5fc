"""The admin's pages of users and groups: Django's own, saved and listed as all others are."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from stemobs.admin.lists import DeclaredFilters
from stemobs.admin.merging.pages import MergesForms
from stemobs.admin.saving import OneAfterAnother, OnlyChanges, UnlessChanged

admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(
    OneAfterAnother, DeclaredFilters, OnlyChanges, MergesForms, UnlessChanged, UserAdmin
):
    """The page of users; signing in meanwhile is no change of theirs."""

    changing_by_themselves = ("last_login",)
    readonly_fields = ("last_login", "date_joined")


@admin.register(Group)
class AccountGroupAdmin(
    OneAfterAnother, DeclaredFilters, OnlyChanges, MergesForms, UnlessChanged, GroupAdmin
):
    """The page of groups of users."""
