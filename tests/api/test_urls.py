"""Tests of the API's root, and of the behaviour that every resource shares."""

import pytest
from django.conf import LazySettings
from django.test import Client

from stemobs.api.urls import RESOURCES

pytestmark = pytest.mark.django_db


def test_the_root_lists_every_resource_with_its_public_address(
    client: Client, settings: LazySettings
) -> None:
    answer = client.get("/api/v1/").json()
    names = (*RESOURCES, "evaluations", "changes")
    assert answer == {name: f"{settings.SITE_URL}/api/v1/{name}/" for name in names}


def test_the_root_does_not_use_the_host_of_the_request(
    client: Client, settings: LazySettings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    answer = client.get("/api/v1/", headers={"Host": "evil.example"})
    assert "evil.example" not in answer.text


@pytest.mark.parametrize("name", RESOURCES)
def test_a_list_has_count_neighbours_and_rows(client: Client, name: str) -> None:
    answer = client.get(f"/api/v1/{name}/?page_size=2").json()
    assert list(answer)[:4] == ["count", "next", "previous", "results"]
    assert len(answer["results"]) == min(2, answer["count"])
    assert answer["count"] > 0


@pytest.mark.parametrize("name", RESOURCES)
def test_paging_through_a_list_gives_every_row_once(client: Client, name: str) -> None:
    keys = []
    address = f"/api/v1/{name}/?page_size=50"
    while address:
        answer = client.get(address).json()
        keys += [row["code"] if "code" in row else row["slug"] for row in answer["results"]]
        address = answer["next"]
    assert len(keys) == len(set(keys)) == answer["count"]


@pytest.mark.parametrize("name", RESOURCES)
def test_each_row_of_a_list_leads_to_its_detail(client: Client, name: str) -> None:
    row = client.get(f"/api/v1/{name}/?page_size=1").json()["results"][0]
    key = "code" if "code" in row else "slug"
    detail = client.get(f"/api/v1/{name}/{row[key]}/")
    assert detail.status_code == 200
    assert detail.json()[key] == row[key]


@pytest.mark.parametrize("name", RESOURCES)
def test_a_parameter_that_does_not_exist_is_refused_by_list_and_detail(
    client: Client, name: str
) -> None:
    row = client.get(f"/api/v1/{name}/?page_size=1").json()["results"][0]
    for address in (f"/api/v1/{name}/", f"/api/v1/{name}/{row.get('code', row.get('slug'))}/"):
        response = client.get(f"{address}?contry=NL")
        assert response.status_code == 400
        assert [error["parameter"] for error in response.json()["errors"]] == ["contry"]


@pytest.mark.parametrize("name", RESOURCES)
def test_an_unknown_row_is_a_404_with_problem_details(client: Client, name: str) -> None:
    response = client.get(f"/api/v1/{name}/no-such-row/")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("name", RESOURCES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_list_refuses_every_writing_method(client: Client, name: str, method: str) -> None:
    response = getattr(client, method)(f"/api/v1/{name}/", content_type="application/json")
    assert response.status_code == 405
