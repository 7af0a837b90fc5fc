"""Who merges, renames and withdraws in these tests."""

import pytest
from django.test import Client

from stemobs.curation.roles import Role
from tests.curation.people import make_person, sign_in


@pytest.fixture
def rita(db: None) -> Client:
    """Who publishes what others wrote."""
    return sign_in(make_person(Role.REVIEWER, "rita"))
