"""What the tests of the change feed write to."""

import pytest

from programmes.models import Programme
from tests import builders


@pytest.fixture
def programme() -> Programme:
    return builders.make_programme(slug="written")
