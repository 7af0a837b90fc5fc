"""Tests of the 404 page for a programme's address: a draft reads like an address that never was."""

import pytest
from django.conf import LazySettings
from django.test import Client

from programmes.models import Programme
from tests import builders

pytestmark = pytest.mark.django_db

NOTHING_HERE = "There is nothing at this address. Check its spelling."
FORMS = ("/programmes/{}/", "/programmes/{}.jsonld", "/programmes/{}.json", "/programmes/{}.ris")


@pytest.fixture
def hidden_slugs() -> tuple[str, ...]:
    """The slugs of a draft and of a programme under review, with a former slug of each."""
    slugs = []
    for state in (Programme.State.DRAFT, Programme.State.REVIEW):
        hidden = builders.make_programme(slug=f"quokka-{state}", name="Quokka", state=state)
        builders.make_former_slug(hidden, f"quokka-old-{state}")
        slugs += [hidden.slug, f"quokka-old-{state}"]
    return tuple(slugs)


def get_reason(client: Client, address: str) -> str:
    """Return the reason that the 404 page of an address shows."""
    response = client.get(address)
    assert response.status_code == 404, address
    reason = response.context["detail"]
    assert reason in response.text
    return reason


@pytest.mark.parametrize("form", FORMS)
def test_the_404_of_an_unknown_programme_gives_the_same_reason_as_any_unknown_address(
    client: Client, form: str
) -> None:
    assert get_reason(client, "/no/such/page/") == NOTHING_HERE
    assert get_reason(client, form.format("quokka-never")) == NOTHING_HERE


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("debug", [False, True])
def test_the_404_of_a_draft_or_its_former_slug_reads_like_that_of_an_unknown_programme(
    client: Client, settings: LazySettings, hidden_slugs: tuple[str, ...], form: str, debug: bool
) -> None:
    settings.DEBUG = debug
    for slug in hidden_slugs:
        assert get_reason(client, form.format(slug)) == NOTHING_HERE, slug
