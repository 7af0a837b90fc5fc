"""Tests of drafts, withdrawn, merged and moved programmes, in the API and on pages."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from programmes.models import Programme
from tests import builders
from tests.api.asking import one, programmes

pytestmark = pytest.mark.django_db


# --- Drafts ---------------------------------------------------------------------------------------


@pytest.fixture
def draft(request: pytest.FixtureRequest) -> Programme:
    """A draft that is connected with public records of every kind."""
    draft = builders.make_programme(
        slug="quokka-draft", name="Quokka draft", state=request.param,
        countries=[builders.country("NL")], levels=[builders.level(3)],
        kinds=[builders.kind("debates")], is_highlighted=True,
    )  # fmt: skip
    organisation = builders.make_organisation(slug="tied", name="Tied")
    builders.make_partnership(draft, organisation)
    builders.make_funding(draft, organisation=organisation, note="Quokka money")
    builders.make_former_slug(draft, "quokka-old")
    builders.make_story(draft, title="A quokka draft")
    public = builders.make_programme(slug="public", name="Public")
    builders.make_partnership(public, organisation)
    strategy = builders.make_strategy(slug="tied-strategy", name="Tied", programme=draft)
    platform = builders.make_platform(slug="tied-platform", name="Tied")
    platform.programmes.set([draft])
    builders.make_guide_item(builders.make_guide(slug="tied-guide"), [draft])
    for end in ({"to_programme": public}, {"to_strategy": strategy}, {"to_platform": platform}):
        builders.make_lineage(from_programme=draft, **end)
    builders.make_lineage(from_programme=public, to_programme=draft)
    builders.make_lineage(from_strategy=strategy, to_programme=draft)
    gone = builders.make_programme(
        slug="gone", name="Gone", state=Programme.State.WITHDRAWN, merged_into=draft
    )
    builders.make_former_slug(gone, "gone-old")
    return draft


ADDRESSES = [
    "/", "/programmes/?page_size=100", "/programmes/?q=quokka", "/programmes/?country=NL",
    "/programmes/public/", "/programmes/gone/", "/organisations/?q=tied", "/organisations/tied/",
    "/countries/", "/countries/nl/", "/platforms/", "/platforms/tied-platform/", "/strategies/",
    "/strategies/tied-strategy/", "/guides/", "/guides/tied-guide/", "/about/",
    "/feeds/programmes.rss", "/feeds/programmes.atom", "/feeds/withdrawn.rss",
    "/feeds/withdrawn.atom", "/programmes.bib?q=quokka", "/programmes/gone.ris",
    "/api/v1/programmes/?page_size=100&facets=all", "/api/v1/programmes/?page_size=100&page=2",
    "/api/v1/programmes/public/", "/api/v1/programmes/gone/", "/api/v1/organisations/tied/",
    "/api/v1/platforms/tied-platform/", "/api/v1/platforms/?page_size=100",
    "/api/v1/strategies/tied-strategy/", "/api/v1/strategies/?page_size=100",
    "/api/v1/guides/tied-guide/", "/api/v1/countries/NL/", "/api/v1/changes/?page_size=100",
    "/api/v1/programmes/counts/?group_by=organisation", "/api/v1/programmes/?format=ndjson",
    "/api/v1/evaluations/", "/api/v1/programmes/figures/",
    "/api/v1/programmes/public/?format=jsonld",
]  # fmt: skip


@pytest.mark.parametrize("draft", ["draft", "review"], indirect=True)
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_public_address_mentions_a_draft(client: Client, draft: Programme, address: str) -> None:
    response = client.get(address)
    assert response.status_code in (200, 410)
    text = (
        response.getvalue().decode().replace("q=quokka", "").replace('value="quokka"', "").lower()
    )
    assert "quokka-" not in text
    assert "quokka draft" not in text
    assert "quokka money" not in text


@pytest.mark.parametrize("draft", ["draft", "review"], indirect=True)
@pytest.mark.parametrize(
    "address",
    [
        "/programmes/quokka-draft/", "/programmes/quokka-old/",
        "/api/v1/programmes/quokka-draft/", "/api/v1/programmes/quokka-old/",
    ],
)  # fmt: skip
def test_a_draft_and_its_former_slug_are_a_404(
    client: Client, draft: Programme, address: str
) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("draft", ["draft"], indirect=True)
def test_no_count_includes_a_draft(client: Client, draft: Programme) -> None:
    answer = programmes(client, "facets=all")
    assert answer["count"] == Programme.objects.published().count()
    in_nl = {row["value"]: row["count"] for row in answer["facets"]["country"]}["NL"]
    assert in_nl == programmes(client, "country=NL")["count"]
    assert client.get("/api/v1/countries/NL/").json()["programme_count"] == in_nl
    assert client.get("/api/v1/organisations/tied/").json()["programme_count"] == 1
    assert programmes(client, "organisation=tied")["count"] == 1
    assert programmes(client, "q=quokka")["count"] == 0


@pytest.mark.parametrize("draft", ["draft"], indirect=True)
def test_a_curator_sees_a_draft_page_with_no_store(client: Client, draft: Programme) -> None:
    client.force_login(get_user_model().objects.create_superuser("curator"))
    response = client.get("/programmes/quokka-draft/")
    assert response.status_code == 200
    assert response.context["is_public"] is False
    assert "no-store" in response.headers["Cache-Control"]
    assert client.get("/api/v1/programmes/quokka-draft/").status_code == 404


def test_a_user_without_the_permission_sees_no_draft(client: Client) -> None:
    builders.make_programme(slug="secret", state=Programme.State.DRAFT)
    client.force_login(get_user_model().objects.create_user("somebody"))
    assert client.get("/programmes/secret/").status_code == 404


# --- Withdrawn, merged and moved programmes -------------------------------------------------------


def test_a_withdrawn_programme_answers_410_with_its_reason(client: Client) -> None:
    reason = "It never took place."
    builders.make_programme(slug="old", name="Quokka", state="withdrawn", withdrawn_reason=reason)
    page = client.get("/programmes/old/")
    assert page.status_code == 410
    assert reason in page.text
    api = client.get("/api/v1/programmes/old/")
    assert api.status_code == 410
    assert api.headers["Content-Type"] == "application/problem+json"
    assert api.json()["detail"] == reason
    assert programmes(client, "q=quokka")["count"] == 0
    assert programmes(client)["count"] == Programme.objects.published().count()


def test_a_merged_programme_redirects_to_its_successor(client: Client) -> None:
    successor = builders.make_programme(slug="new")
    builders.make_programme(slug="old", state="withdrawn", merged_into=successor)
    page = client.get("/programmes/old/")
    assert (page.status_code, page.headers["Location"]) == (301, "/programmes/new/")
    api = client.get("/api/v1/programmes/old/")
    assert api.status_code == 410
    assert "new" in api.json()["detail"]


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_a_programme_merged_into_a_hidden_one_answers_410_without_naming_it(
    client: Client, state: str
) -> None:
    successor = builders.make_programme(slug="quokka", state=state, withdrawn_reason="Gone too.")
    builders.make_programme(slug="old", state="withdrawn", merged_into=successor)
    for path in ("/programmes/old/", "/api/v1/programmes/old/"):
        response = client.get(path)
        assert response.status_code == 410
        assert "quokka" not in response.text
    assert client.get("/api/v1/programmes/old/").json()["detail"]


def test_a_former_slug_leads_to_the_programme(client: Client) -> None:
    builders.make_former_slug(builders.make_programme(slug="new"), "old")
    page = client.get("/programmes/old/")
    assert (page.status_code, page.headers["Location"]) == (301, "/programmes/new/")
    assert one(client, "old")["slug"] == "new"


def test_a_slug_in_use_wins_over_the_same_former_slug_of_another(client: Client) -> None:
    former = builders.make_programme(slug="new", name="Aardvark")
    builders.make_former_slug(former, "same")
    builders.make_programme(slug="same", name="Zebra")
    assert client.get("/programmes/same/").context["programme"].name == "Zebra"
    assert one(client, "same")["name"] == "Zebra"


def test_a_former_slug_of_a_withdrawn_programme_answers_410(client: Client) -> None:
    gone = builders.make_programme(slug="gone", state="withdrawn", withdrawn_reason="A duplicate.")
    builders.make_former_slug(gone, "older")
    assert client.get("/programmes/older/", follow=True).status_code == 410
    assert client.get("/api/v1/programmes/older/").status_code == 410


@pytest.mark.parametrize("slug", ["nobody", "a" * 500, "%20", "é", "jet-net-nl.pdf", "..", "🚀"])
def test_an_unknown_programme_is_a_404(client: Client, slug: str) -> None:
    for path in (f"/programmes/{slug}/", f"/api/v1/programmes/{slug}/"):
        assert client.get(path).status_code == 404
