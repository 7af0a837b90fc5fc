"""Uploaded pictures are public only while their programme is, and none is lost on the way."""

import os
import time
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from programmes.models import PUBLIC, Programme
from programmes.pictures.names import list_renditions
from stemobs.dumps.dump import write_dump
from stemobs.dumps.restore import load_dump
from tests.admin.forms import address, delete, save
from tests.builders import make_programme, make_publishable
from tests.hostile import make_small_catalogue
from tests.pictures import PICTURE, is_drawn_like

pytestmark = pytest.mark.django_db
Commit = DjangoCaptureOnCommitCallbacks


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, settings: LazySettings) -> None:
    settings.MEDIA_ROOT, settings.DRAFTS_ROOT = tmp_path / "media", tmp_path / "private"


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Commit) -> Any:
    """Run what waits for the commit at the end of the block, as outside of tests."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def list_files(folder: Path) -> list[str]:
    """Return the names of the pictures in a folder, of which each has its renditions beside it."""
    names = sorted(file.name for file in folder.rglob("*") if file.is_file())
    pictures = [name for name in names if ".w" not in name]
    made = [one.name for name in pictures for one in list_renditions(f"{PUBLIC}{name}")]
    assert sorted(PurePath(name).name for name in made) == [n for n in names if ".w" in n]
    return pictures


def make_pictured(**fields: Any) -> Programme:
    picture = SimpleUploadedFile("The logo.PNG", PICTURE)
    told = {"logo_alt": "A cog", "logo_licence": "CC0-1.0", "slug": "pictured"}
    return make_programme(logo=picture, **told, **fields)


def reload(programme: Programme) -> Programme:
    return Programme.objects.get(pk=programme.pk)


def ask_api(client: Client) -> Any:
    return client.get("/api/v1/programmes/pictured/").json()["logo"]


def test_the_picture_of_a_draft_lies_where_no_proxy_serves_it(tmp_path: Path) -> None:
    programme = make_pictured(state="draft")
    assert programme.logo.name.startswith("drafts/")
    assert list_files(tmp_path / "media") == []
    (file,) = (tmp_path / "private").rglob("*.png")
    assert is_drawn_like(file.read_bytes())
    assert file.stat().st_mode & 0o077 == 0


class TestFromDraftToPublic:
    """Publishing renames the picture, withdrawing takes its address away."""

    def test_an_action_publishes_it_under_a_name_that_nobody_can_guess(
        self, admin_client: Client, commit: Any, tmp_path: Path
    ) -> None:
        programme = make_pictured(state="draft")
        make_publishable(programme)
        before = programme.logo.name
        with commit():
            data = {"action": "publish", "_selected_action": [programme.pk]}
            admin_client.post(address(Programme), data)
        name = reload(programme).logo.name
        assert name.startswith("logos/")
        assert Path(name).stem != Path(before).stem
        assert len(Path(name).stem) == len("-1x1") + 24
        assert list_files(tmp_path / "media") == [Path(name).name]
        assert list_files(tmp_path / "private") == []
        assert ask_api(admin_client)["url"].endswith(f"/media/{name}")

    def test_withdrawing_takes_it_out_and_publishing_again_gives_another_name(
        self, admin_client: Client, commit: Any, tmp_path: Path
    ) -> None:
        programme = make_pictured()
        make_publishable(programme)
        first = programme.logo.name
        with commit():
            save(admin_client, programme, {"state": "withdrawn", "withdrawn_reason": "It ended."})
        assert list_files(tmp_path / "media") == []
        assert reload(programme).logo.name.startswith("drafts/")
        with commit():
            save(admin_client, programme, {"state": "published", "_why": "It goes on."})
        second = reload(programme).logo.name
        assert second.startswith("logos/")
        assert second != first
        assert list_files(tmp_path / "media") == [Path(second).name]

    def test_a_transaction_that_fails_loses_no_picture(self, tmp_path: Path, commit: Any) -> None:
        programme = make_pictured(state="draft")
        with commit(), suppress(RuntimeError), transaction.atomic():
            programme.state = "published"
            programme.save()
            raise RuntimeError
        stored = reload(programme)
        assert stored.state == "draft"
        assert is_drawn_like(Path(stored.logo.path).read_bytes())

    def test_another_picture_a_cleared_one_and_a_deleted_draft_leave_no_file(
        self, admin_client: Client, commit: Any, tmp_path: Path
    ) -> None:
        programme = make_pictured(state="draft")
        with commit():
            save(admin_client, programme, {"logo": SimpleUploadedFile("b.png", PICTURE)})
        assert list_files(tmp_path / "private") == [Path(reload(programme).logo.name).name]
        with commit():
            save(admin_client, programme, {"logo-clear": "on", "logo_alt": ""})
        assert list_files(tmp_path / "private") == []
        with commit():
            save(
                admin_client, programme,
                {"logo": SimpleUploadedFile("c.png", PICTURE), "logo_alt": "A cog"},
            )  # fmt: skip
            delete(admin_client, reload(programme))
        assert list_files(tmp_path) == []

    def test_a_picture_that_two_programmes_share_stays_for_the_other(self, commit: Any) -> None:
        programme = make_pictured(state="published")
        other = make_programme(logo=programme.logo.name, logo_alt="A cog")
        with commit():
            programme.state, programme.withdrawn_reason = "withdrawn", "It ended."
            programme.save()
        assert is_drawn_like(Path(reload(other).logo.path).read_bytes())


class TestWhoSeesIt:
    """Curators see the picture of a draft in the admin; nobody else, and no other file."""

    def test_curators_see_it_and_others_are_asked_to_sign_in(
        self, admin_client: Client, client: Client
    ) -> None:
        link = make_pictured(state="draft").logo.url
        assert link.startswith("/admin/programmes/programme/picture/")
        answer: Any = admin_client.get(link)
        assert is_drawn_like(b"".join(answer.streaming_content))
        assert answer.headers["Content-Type"] == "image/png"
        assert "private" in answer.headers["Cache-Control"]
        client.logout()
        assert client.get(link).status_code == 302

    @pytest.mark.parametrize("name", ["x.png", "..", "%2e%2e", "..%2fsecret", ".", "a%00.png"])
    def test_only_a_picture_that_a_programme_has_is_shown(
        self, admin_client: Client, name: str
    ) -> None:
        answer = admin_client.get(f"/admin/programmes/programme/picture/{name}")
        assert answer.status_code in (301, 302, 400, 404)

    def test_one_that_sql_published_is_not_told_until_it_is_in_place(
        self, client: Client, tmp_path: Path
    ) -> None:
        make_small_catalogue()
        programme = make_pictured(state="draft")
        Programme.objects.filter(pk=programme.pk).update(state="published")
        assert ask_api(client) is None
        assert "drafts/" not in client.get("/programmes/pictured.jsonld").content.decode()
        folder = write_dump(tmp_path / "dumps")
        assert not any("drafts/" in file.read_text("latin-1") for file in folder.rglob("*.ndjson"))
        assert not list(folder.rglob("*.png"))


def test_a_private_dump_has_the_pictures_of_drafts_and_puts_each_in_its_place(
    tmp_path: Path, settings: LazySettings
) -> None:
    make_small_catalogue()
    shown = make_pictured()
    hidden = make_programme(state="draft", logo=ContentFile(PICTURE, "a.png"), logo_alt="A cog")
    assert len(list(write_dump(tmp_path / "public").rglob("*.png"))) == 1
    folder = write_dump(tmp_path / "dumps", is_private=True)
    settings.MEDIA_ROOT, settings.DRAFTS_ROOT = tmp_path / "media-2", tmp_path / "private-2"
    load_dump(folder, tmp_path / "none", replace=True)
    assert list_files(tmp_path / "media-2") == [Path(shown.logo.name).name]
    assert list_files(tmp_path / "private-2") == [Path(hidden.logo.name).name]


def test_tidying_moves_what_lies_in_the_wrong_place_and_deletes_what_nobody_has(
    tmp_path: Path, commit: Any
) -> None:
    default_storage.save("logos/old.png", ContentFile(PICTURE))
    draft = make_programme(state="draft")
    changed_at = reload(draft).changed_at
    Programme.objects.filter(pk=draft.pk).update(logo="logos/old.png", logo_alt="A cog")
    for name in ("logos/left.png", "drafts/left.png", "drafts/new.png"):
        default_storage.save(name, ContentFile(PICTURE))
        if "left" in name:
            long_ago = time.time() - 7200
            os.utime(default_storage.path(name), (long_ago, long_ago))
    with commit():
        call_command("tidy_pictures", verbosity=0)
    stored = reload(draft)
    assert stored.logo.name.startswith("drafts/")
    assert stored.changed_at == changed_at
    assert list_files(tmp_path / "media") == []
    assert list_files(tmp_path / "private") == sorted([Path(stored.logo.name).name, "new.png"])
