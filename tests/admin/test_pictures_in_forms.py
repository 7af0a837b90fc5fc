"""Pictures in the form of a record: taken in, shown, waiting in drafts, and deleted."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from programmes.models import Edit, Programme
from stemobs.curation.roles import Role
from tests.admin.drafting import decide, find_draft
from tests.admin.forms import Open, address, errors_on, save
from tests.admin.moves.mergers import make_two, merge
from tests.builders import make_programme, make_publishable
from tests.catalogue.marks import begin_another_transaction
from tests.curation.people import make_person, sign_in
from tests.pictures import PICTURE, is_drawn_like, make_large

pytestmark = [pytest.mark.django_db, pytest.mark.once]
TOLD = {"logo_alt": "A cog", "logo_licence": "CC0 1.0"}


@pytest.fixture(autouse=True)
def commit(
    tmp_path: Path,
    settings: LazySettings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> Any:
    """Run what waits for the commit at the end of the block, as outside of tests."""
    settings.MEDIA_ROOT, settings.DRAFTS_ROOT = tmp_path / "media", tmp_path / "private"
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def published(db: None) -> Programme:
    record = make_programme(slug="pictured")
    make_publishable(record)
    return record


def choose(content: bytes = PICTURE, name: str = "cog.png") -> dict[str, Any]:
    return {"logo": SimpleUploadedFile(name, content), **TOLD}


def list_stems(folder: Path) -> set[str]:
    """Return what all files of each picture in a folder have in common."""
    return {file.name.split(".")[0] for file in folder.rglob("*") if file.is_file()}


def read_stem(record: Programme) -> str:
    return Path(Programme.objects.get(pk=record.pk).logo.name).name.split(".")[0]


def test_a_refused_form_and_a_failed_transaction_leave_no_file(
    admin_client: Client, published: Programme, tmp_path: Path
) -> None:
    refused = {
        "no JPEG, PNG or WebP": choose(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png"),
        "The picture has no licence": choose() | {"logo_licence": ""},
        "Describe the picture": choose() | {"logo_alt": ""},
        "The submitted file is empty": choose(b""),
    }
    for told, sent in refused.items():
        assert told in errors_on(save(admin_client, published, sent))
    assert list_stems(tmp_path) == set()
    with transaction.atomic():
        save(admin_client, published, choose(name=f"{'x' * 300}.html"))
    assert list_stems(tmp_path) == {read_stem(published)}
    assert read_stem(published).endswith("-1x1")


def test_the_form_says_what_is_taken_and_shows_the_present_picture_with_its_size(
    admin_client: Client, published: Programme
) -> None:
    for name, value in make_large().items():
        setattr(published, name, value)
    published.save()
    page = admin_client.get(address(published, "change")).text
    assert "up to 5 MB and 40 megapixels" in page
    field = re.findall(r'<input type="file"[^>]*>', page)[0]
    assert 'accept="image/jpeg,image/png,image/webp"' in field
    assert "disabled" not in field
    assert f'src="{published.logo.small_url}"' in page
    assert "800 × 400 pixels" in page
    save(admin_client, published, {"logo_credit": "Cog Club"})
    assert read_stem(published) == Path(published.logo.name).stem


def test_of_two_who_choose_a_picture_at_once_the_second_is_asked_and_one_is_left(
    admin_client: Client, published: Programme, tmp_path: Path, commit: Any
) -> None:
    first, second = Open(admin_client, published), Open(admin_client, published)
    with commit():
        assert first.send(choose()).status_code == 302
    with commit():
        assert second.send(choose(make_large()["logo"].read())).status_code == 409
    assert list_stems(tmp_path) == {read_stem(published)}
    with commit():
        assert second.send(choose(make_large()["logo"].read())).status_code in (302, 409)
    assert list_stems(tmp_path) == {read_stem(published)}


def test_a_picture_of_a_draft_is_deleted_once_another_is_chosen_or_the_draft_is_closed(
    published: Programme, settings: LazySettings, tmp_path: Path, commit: Any
) -> None:
    settings.FOUR_EYES = True
    anna = sign_in(make_person(Role.CURATOR, "anna"))
    rita = sign_in(make_person(Role.REVIEWER, "rita"))
    private = tmp_path / "private"
    with commit():
        save(anna, published, choose())
    first = find_draft(published).picture
    shown = anna.get(reverse("admin:programmes_programme_picture", args=[Path(first).name]))
    assert is_drawn_like(b"".join(shown.streaming_content))
    assert "1 × 1 pixels" in anna.get(address(published, "change")).text
    with commit():
        save(anna, published, choose(make_large()["logo"].read()))
    second = find_draft(published).picture
    assert list_stems(private) == {Path(second).name.split(".")[0]}
    assert list_stems(tmp_path / "media") == set()
    with commit():
        save(anna, published, {"summary": "Sends robots to schools.", "_send": "1"})
        assert decide(rita, published, "_approve").status_code == 302
    assert list_stems(private) == set()
    assert list_stems(tmp_path / "media") == {read_stem(published)}
    assert anna.get(shown.wsgi_request.path).status_code == 404
    with commit():
        save(anna, published, choose())
        decide(anna, published, "_drop")
    assert list_stems(tmp_path) == {read_stem(published)}


def test_a_merger_of_a_record_with_a_picture_can_be_undone(tmp_path: Path, commit: Any) -> None:
    rita = sign_in(make_person(Role.REVIEWER, "rita"))
    stays, goes = make_two()
    Programme.objects.filter(pk=goes.pk).update(summary=goes.summary)
    for name, value in make_large().items():
        setattr(goes, name, value)
    goes.save()
    with commit():
        merge(rita, stays, goes)
    assert list_stems(tmp_path) == list_stems(tmp_path / "private") == {read_stem(goes)}
    begin_another_transaction()
    made = Edit.objects.filter(kind=Edit.Kind.CURATOR).latest("pk")
    history = reverse("admin:programmes_programme_history", args=[stays.pk])
    with commit():
        rita.post(f"{history}{made.pk}/", {"undo": "1"})
    goes.refresh_from_db()
    assert goes.is_public
    assert list_stems(tmp_path) == list_stems(tmp_path / "media") == {read_stem(goes)}
