"""The system check of accounts: who could give no code, and who may do what no role stands for."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core import checks
from django.core.checks import CheckMessage, Tags, register
from django.db import connections
from django.db.models import QuerySet
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from stemobs.curation.roles import where_by_hand

MOST_NAMED = 5


@register(Tags.database)
def check_accounts(
    app_configs: Any = None, databases: Sequence[str] | None = None, **_given: Any
) -> list[CheckMessage]:
    """Warn of accounts to look at; for `manage.py check --database default`, and by `migrate`."""
    found: list[CheckMessage] = []
    for alias in filter(has_accounts, databases or ()):
        users = User.objects.using(alias).filter(is_active=True, is_staff=True).order_by("username")
        if settings.REQUIRE_OTP and (names := name_users(list_without_device(users))):
            told = f"REQUIRE_OTP is on, and these have no code to sign in with: {names}"
            hint = "Run manage.py second_factor NAME for each."
            found.append(checks.Warning(told, hint=hint, id="stemobs.W005"))
        if names := name_users(users.filter(where_by_hand(), is_superuser=False).distinct()):
            told = f"These have permissions outside their role, given by hand: {names}"
            hint = "Choose a role on their pages in the admin; it takes the place of all others."
            found.append(checks.Warning(told, hint=hint, id="stemobs.W006"))
    return found


def has_accounts(alias: str) -> bool:
    """Whether a database has the tables that are looked into; a new one has none."""
    tables = {model._meta.db_table for model in (User, TOTPDevice, StaticToken)}
    return tables <= {*connections[alias].introspection.table_names()}


def list_without_device(users: QuerySet[User]) -> QuerySet[User]:
    """Return those of the users who have neither an app for codes nor recovery codes left."""
    with_codes = users.filter(staticdevice__token_set__isnull=False)
    return users.exclude(totpdevice__confirmed=True).exclude(pk__in=with_codes.values("pk"))


def name_users(users: QuerySet[User]) -> str:
    """Return how many users there are, with the first names: “2 (ada, bob).”; "" for none."""
    count = users.count()
    names = ", ".join(user.get_username() for user in users[:MOST_NAMED])
    more = ", …" if count > MOST_NAMED else ""
    return f"{count} ({names}{more})." if count else ""
