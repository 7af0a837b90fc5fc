"""The admin's page of users: Django's own, saved and listed as all others, with a role each."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminRadioSelect
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import (
    ReadOnlyPasswordHashField,
    ReadOnlyPasswordHashWidget,
    UserChangeForm,
    UserCreationForm,
)
from django.contrib.auth.hashers import is_password_usable
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from stemobs.admin.base import SharedPage
from stemobs.admin.checking.problems import NamesProblems, word_missing
from stemobs.curation.roles import Role, find_role, give_role, has_rights_by_hand

# Secrets of second factors are nobody's to see: `manage.py second_factor` makes them.
admin.site.unregister([User, Group, TOTPDevice, StaticDevice])
NO_ROLE = ("", gettext_lazy("None: cannot sign in here"))
BY_HAND = ("by-hand", gettext_lazy("None: keeps the permissions that were given by hand"))

BESIDE = gettext_lazy(
    "This account has permissions outside its role, which were given by hand. They are taken away "
    "when you choose another role."
)


class WhetherSet(ReadOnlyPasswordHashWidget):
    """Says whether there is a password. Its digest would only help to guess it."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        is_set = bool(value) and is_password_usable(value)
        told = _("A password is set.") if is_set else _("No password is set.")
        context["summary"] = [{"label": told}]
        return context


class AccountForm(UserChangeForm):
    """The form of a user, with a role in place of permissions."""

    password = ReadOnlyPasswordHashField(label=gettext_lazy("Password"), widget=WhetherSet)
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[NO_ROLE, *Role.choices],
        required=False,
        widget=AdminRadioSelect(attrs={"class": "radiolist"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = find_role(self.instance)
        self.initial["role"] = role or ""
        field: Any = self.fields["role"]
        if role is None and has_rights_by_hand(self.instance):
            field.choices = [NO_ROLE, BY_HAND, *Role.choices]
            self.initial["role"] = BY_HAND[0]
        elif role is not Role.ADMINISTRATOR and has_rights_by_hand(self.instance):
            field.help_text = BESIDE

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        stays = cleaned.get("is_active") and cleaned.get("role") == Role.ADMINISTRATOR
        if not stays and is_last_administrator(self.instance.pk):
            self.add_error(
                "role", _("This is the only administrator. Give somebody else that role first.")
            )
        return cleaned


class NewAccountForm(UserCreationForm):
    """The form of a new user: a name, a password, and the role for which they are added."""

    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=Role.choices,
        widget=AdminRadioSelect(attrs={"class": "radiolist"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.error_messages["required"] = word_missing(field)


def is_last_administrator(pk: int) -> bool:
    """Whether without this user nobody could look after people."""
    administrators = User.objects.filter(is_superuser=True, is_active=True)
    return set(administrators.values_list("pk", flat=True)) == {pk}


@admin.register(User)
class AccountAdmin(NamesProblems, SharedPage, UserAdmin):
    """The page of users; signing in meanwhile is no change of theirs."""

    form = AccountForm
    add_form = NewAccountForm
    add_form_template = None  # Django's own says that more can be told later
    changing_by_themselves = ("last_login",)
    can_be_added_again = False  # a new account needs a password
    readonly_fields = ("last_login", "date_joined")
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2", "role")}),)
    list_display = ("username", "email", "role", "is_active", "last_login")
    list_filter = ("is_active", "is_superuser", "groups")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password", ("first_name", "last_name"), "email")}),
        (gettext_lazy("What they may do"), {"fields": ("role", "is_active")}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=gettext_lazy("role"))
    def role(self, user: User) -> str:
        role = find_role(user)
        return role.label.partition(":")[0] if role else ""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not is_last_administrator(obj.pk))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "role" in form.changed_data and form.cleaned_data["role"] != BY_HAND[0]:
            give_role(obj, Role(role) if (role := form.cleaned_data["role"]) else None)
