"""The gallery of components: each template is documented and is shown in all its states."""

from pathlib import Path

import html5lib
import pytest
from django.conf import LazySettings
from django.test import Client

from programmes.models import Programme
from stemobs.workshop.gallery import FOLDER, SPECIMENS, TOP

pytestmark = pytest.mark.django_db

ADDRESS = "/about/components/"
FILES = sorted(FOLDER.glob("*.html"))


@pytest.fixture
def debugging(settings: LazySettings) -> None:
    settings.DEBUG = True


def test_without_debug_the_gallery_is_not_found(client: Client) -> None:
    assert client.get(ADDRESS).status_code == 404


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_component_begins_with_a_comment_on_purpose_and_inputs(file: Path) -> None:
    top = TOP.match(file.read_text())
    assert top, "Begin with a comment: {# What it shows. Inputs: `name`. #}"
    assert "Inputs: " in top[1]


def test_every_component_has_registered_states_and_no_states_lack_a_component() -> None:
    assert sorted(SPECIMENS) == [file.stem for file in FILES], "See stemobs/workshop/specimens.py."


@pytest.mark.usefixtures("debugging")
def test_the_gallery_shows_every_component_in_at_least_one_state(client: Client) -> None:
    response = client.get(ADDRESS)
    assert response.status_code == 200
    for component in response.context["components"]:
        assert component.states, component.name
        assert f'id="{component.anchor}"' in response.text


@pytest.mark.usefixtures("debugging")
def test_states_of_one_component_have_different_html(client: Client) -> None:
    for component in client.get(ADDRESS).context["components"]:
        looks = [" ".join(str(state.html).split()) for state in component.states]
        assert len(looks) == len(set(looks)), component.name


@pytest.mark.usefixtures("debugging")
def test_a_state_has_no_html_only_if_its_name_ends_with_nothing(client: Client) -> None:
    for component in client.get(ADDRESS).context["components"]:
        for state in component.states:
            assert bool(str(state.html).strip()) != state.name.endswith(": nothing"), (
                component.name,
                state.name,
            )


@pytest.mark.usefixtures("debugging")
def test_the_gallery_is_valid_html(client: Client) -> None:
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"))
    parser.parse(client.get(ADDRESS).text)
    assert parser.errors == []


@pytest.mark.usefixtures("debugging")
def test_the_gallery_is_served_without_published_programmes(client: Client) -> None:
    Programme.objects.update(state=Programme.State.WITHDRAWN, withdrawn_reason="For a test.")
    assert client.get(ADDRESS).status_code == 200
