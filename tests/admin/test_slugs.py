"""A row that is added without a slug gets one that leads to nothing else."""

import pytest

from partnerships.models import Organisation, OrganisationName
from programmes.models import Programme
from stemobs.curation.slugs import find_free_slug
from tests.builders import make_organisation, make_organisation_name, make_programme

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_a_slug_that_some_row_or_page_has_gets_a_number() -> None:
    make_organisation_name(make_organisation(slug="made-here-2"), slug="made-here")
    assert find_free_slug("Made here", Organisation) == "made-here"
    assert find_free_slug("Made, here!", Organisation, OrganisationName) == "made-here-3"
    assert find_free_slug("All", Programme, reserved=["all"]) == "all-2"
    assert find_free_slug("?", Programme) == "new"


def test_a_long_slug_leaves_room_for_its_number() -> None:
    make_programme(slug=find_free_slug("long " * 40, Programme))
    assert len(find_free_slug("long " * 40, Programme)) <= 80
