"""Fixtures of users of the admin: an administrator, and others with fewer rights."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from stemobs.curation.roles import Role
from tests.curation.people import make_person, sign_in


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


@pytest.fixture
def anna(db: None) -> User:
    """A curator, who changes records and publishes none."""
    return make_person(Role.CURATOR, "anna")


@pytest.fixture
def ben(db: None) -> User:
    """Another curator."""
    return make_person(Role.CURATOR, "ben")


@pytest.fixture
def rita(db: None) -> User:
    """A reviewer, who approves what others have changed."""
    return make_person(Role.REVIEWER, "rita")


@pytest.fixture
def client_of_anna(anna: User) -> Client:
    return sign_in(anna)


@pytest.fixture
def client_of_rita(rita: User) -> Client:
    return sign_in(rita)
