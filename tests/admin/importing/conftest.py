"""Fixtures of imports: the words that files are read by."""

import pytest

from programmes.models import Unit
from tests.builders import country, level


@pytest.fixture(autouse=True)
def _words(db: None) -> None:
    for code in ("NL", "PL", "SK"):
        country(code)
    for code in (1, 2, 3):
        level(code)
    for slug in ("students", "schools", "participants", "teachers"):
        Unit.objects.get_or_create(slug=slug, defaults={"name": slug})
