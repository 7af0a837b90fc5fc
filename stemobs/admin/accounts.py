"""The admin's pages of users and groups: Django's own, saved and listed as all others are."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from stemobs.admin.base import SharedPage

admin.site.unregister([User, Group])


@admin.register(User)
class AccountAdmin(SharedPage, UserAdmin):
    """The page of users; signing in meanwhile is no change of theirs."""

    changing_by_themselves = ("last_login",)
    can_be_added_again = False  # a new account needs a password
    readonly_fields = ("last_login", "date_joined")


@admin.register(Group)
class AccountGroupAdmin(SharedPage, GroupAdmin):
    """The page of groups of users."""
