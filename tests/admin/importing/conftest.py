"""Fixtures of imports: who imports and who approves, and the words that files are read by."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from programmes.models import Unit
from stemobs.curation.roles import Role
from tests.builders import country, level
from tests.curation.people import make_person, sign_in


@pytest.fixture(autouse=True)
def _words(db: None) -> None:
    for code in ("NL", "PL", "SK"):
        country(code)
    for code in (1, 2, 3):
        level(code)
    for slug in ("students", "schools", "participants", "teachers"):
        Unit.objects.get_or_create(slug=slug, defaults={"name": slug})


@pytest.fixture
def anna(db: None) -> User:
    """Who imports."""
    return make_person(Role.CURATOR, "anna")


@pytest.fixture
def rita(db: None) -> User:
    """Who approves what others imported."""
    return make_person(Role.REVIEWER, "rita")


@pytest.fixture
def client_of_anna(anna: User) -> Client:
    return sign_in(anna)


@pytest.fixture
def client_of_rita(rita: User) -> Client:
    return sign_in(rita)
