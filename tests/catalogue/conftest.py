"""A fixture for tests of the change feed: a programme to write to."""

import pytest

from programmes.models import Programme
from tests import builders


@pytest.fixture
def programme() -> Programme:
    return builders.make_programme(slug="written")
