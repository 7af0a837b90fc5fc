"""Fixtures of users of the admin: a superuser and a curator with few permissions."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client


@pytest.fixture
def admin_user(db: None) -> User:
    """A superuser without a password, because hashing one takes longer than most tests."""
    return User.objects.create(username="admin", is_staff=True, is_superuser=True)


@pytest.fixture
def curator(client: Client) -> Client:
    """A member of staff who may see and change programmes, and nothing else."""
    user = User.objects.create_user("curator", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["view_programme", "change_programme"])
    )
    client.force_login(user)
    return client
