"""The command `answers`: what it saves, and which differences between answers it reports."""

import io
import json
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client

from programmes.models import Programme
from stemobs.workshop import answers

pytestmark = pytest.mark.django_db

ADD = "/admin/programmes/programme/add/"
FEW = ("/", "/about/", "/api/v1/programmes/jet-net-nl/", "/nowhere/", ADD)


def run_answers(*arguments: str) -> str:
    out = io.StringIO()
    call_command("answers", *arguments, "--only", *FEW, stdout=out)
    return out.getvalue()


def test_comparing_an_unchanged_site_finds_no_difference(tmp_path: Path) -> None:
    file = str(tmp_path / "before")
    assert run_answers("save", file) == "5 answers saved.\n"
    assert run_answers("compare", file) == "5 answers are the same as before.\n"


def test_comparing_names_each_address_whose_answer_changed(tmp_path: Path) -> None:
    file = str(tmp_path / "before")
    run_answers("save", file)
    Programme.objects.filter(slug="jet-net-nl").update(state=Programme.State.DRAFT)
    with pytest.raises(CommandError) as told:
        run_answers("compare", file)
    assert "/api/v1/programmes/jet-net-nl/: status, headers, digest" in str(told.value)
    assert "/nowhere/" not in str(told.value)


def test_comparing_names_an_address_that_was_not_saved_before(tmp_path: Path) -> None:
    file = tmp_path / "before"
    run_answers("save", str(file))
    file.write_text("".join(file.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(CommandError, match="/: asked only after"):
        run_answers("compare", str(file))


def test_the_option_bodies_writes_each_body_to_a_file(tmp_path: Path, client: Client) -> None:
    run_answers("save", str(tmp_path / "before"), "--bodies", str(tmp_path / "bodies"))
    body = tmp_path / "bodies" / answers.name_body("/about/")
    assert body.read_bytes() == client.get("/about/").content
    assert len(list((tmp_path / "bodies").iterdir())) == len(FEW)


def test_with_the_option_curator_admin_pages_are_asked_as_that_user(tmp_path: Path) -> None:
    get_user_model().objects.create_superuser("curator", password="a long password")
    file = tmp_path / "before"
    run_answers("save", str(file), "--curator", "curator")
    asked = {line[0]: line[1] for line in map(json.loads, file.read_text().splitlines())}
    assert asked[ADD] == 200


def test_admin_pages_are_asked_only_with_a_curator() -> None:
    pages = answers.list_starts(answers.Errand(curator=get_user_model()()))
    assert {ADD, "/admin/", "/admin/partnerships/guide/"} <= {*pages}
    assert ADD not in answers.list_starts(answers.Errand())


def test_an_unknown_curator_is_an_error_that_names_them(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no curator called nobody"):
        run_answers("save", str(tmp_path / "before"), "--curator", "nobody")


@pytest.mark.parametrize(
    ("body", "found"),
    {
        '<a href="/about/#top">': ["/about/"],
        '<a href="/programmes/?country=NL&amp;level=3">': ["/programmes/?country=NL&level=3"],
        '{"next": "http://testserver/api/v1/sources/"}': ["/api/v1/sources/"],
        "<loc>http://testserver/about/</loc>": ["/about/"],
        '<a href="https://example.org/">': [],
        '<a href="/static/icons.svg"><a href="/admin/">': [],
        '<a href="mailto:somebody">': [],
    }.items(),
)
def test_only_links_to_public_pages_of_the_site_are_followed(body: str, found: list[str]) -> None:
    assert list(answers.find_links("/", "testserver", body.encode())) == found


def test_a_page_with_a_query_has_only_its_links_without_a_query_followed() -> None:
    body = b'<a href="/programmes/?page=2"><a href="/about/">'
    assert list(answers.find_links("/programmes/?country=NL", "testserver", body)) == ["/about/"]
