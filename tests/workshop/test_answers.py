"""The comparison of answers: it finds every difference, and none where nothing changed."""

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


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("answers", *arguments, "--only", *FEW, stdout=out)
    return out.getvalue()


def test_an_unchanged_site_answers_as_before(tmp_path: Path) -> None:
    file = str(tmp_path / "before")
    assert run("save", file) == "5 answers saved.\n"
    assert run("compare", file) == "5 answers are the same as before.\n"


def test_each_address_that_answers_otherwise_is_named(tmp_path: Path) -> None:
    file = str(tmp_path / "before")
    run("save", file)
    Programme.objects.filter(slug="jet-net-nl").update(state=Programme.State.DRAFT)
    with pytest.raises(CommandError) as told:
        run("compare", file)
    assert "/api/v1/programmes/jet-net-nl/: status, headers, digest" in str(told.value)
    assert "/nowhere/" not in str(told.value)


def test_an_address_that_was_not_asked_before_is_named(tmp_path: Path) -> None:
    file = tmp_path / "before"
    run("save", str(file))
    file.write_text("".join(file.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(CommandError, match="/: asked only after"):
        run("compare", str(file))


def test_bodies_are_kept_where_they_are_asked_for(tmp_path: Path, client: Client) -> None:
    run("save", str(tmp_path / "before"), "--bodies", str(tmp_path / "bodies"))
    body = tmp_path / "bodies" / answers.name_body("/about/")
    assert body.read_bytes() == client.get("/about/").content
    assert len(list((tmp_path / "bodies").iterdir())) == len(FEW)


def test_curators_pages_are_asked_as_a_curator(tmp_path: Path) -> None:
    get_user_model().objects.create_superuser("curator", password="a long password")
    file = tmp_path / "before"
    run("save", str(file), "--curator", "curator")
    asked = {line[0]: line[1] for line in map(json.loads, file.read_text().splitlines())}
    assert asked[ADD] == 200


def test_curators_pages_are_among_those_of_the_whole_site() -> None:
    pages = answers.list_starts(answers.Errand(curator=get_user_model()()))
    assert {ADD, "/admin/", "/admin/partnerships/guide/"} <= {*pages}
    assert ADD not in answers.list_starts(answers.Errand())


def test_a_curator_who_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no curator called nobody"):
        run("save", str(tmp_path / "before"), "--curator", "nobody")


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
def test_links_are_followed_within_the_site(body: str, found: list[str]) -> None:
    assert list(answers.find_links("/", "testserver", body.encode())) == found


def test_queries_are_followed_one_step_deep() -> None:
    body = b'<a href="/programmes/?page=2"><a href="/about/">'
    assert list(answers.find_links("/programmes/?country=NL", "testserver", body)) == ["/about/"]
