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
from programmes.pictures.names import is_private
from stemobs.admin.drafts.pages import find_draft_address
from stemobs.curation.roles import Role
from tests.admin.drafting import decide, find_draft, read_messages
from tests.admin.forms import Open, address, errors_on, save
from tests.admin.moves.mergers import OpenMerger, make_two, merge
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


def list_files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def list_stems(folder: Path) -> set[str]:
    """Return what all files of each picture in a folder have in common."""
    return {file.name.split(".")[0] for file in list_files(folder)}


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


def test_of_two_authors_of_a_draft_the_second_is_asked_before_a_picture_gives_way(
    published: Programme, settings: LazySettings, tmp_path: Path, commit: Any
) -> None:
    settings.FOUR_EYES = True
    anna, ben = (sign_in(make_person(Role.CURATOR, name)) for name in ("anna", "ben"))
    first, second = Open(anna, published), Open(ben, published)
    with commit():
        assert first.send(choose()).status_code == 302
    kept = find_draft(published).picture
    with commit():
        page = second.send(choose(make_large()["logo"].read()))
        assert page.status_code == 409
    assert "a picture of 1 × 1 pixels" in page.text
    assert list_stems(tmp_path) == {Path(kept).name.split(".")[0]}
    with commit():
        assert second.answer("theirs").status_code == 302
    assert find_draft(published).picture == kept
    # Who leaves the picture as it is keeps what the other one did with it.
    first, second = Open(anna, published), Open(ben, published)
    with commit():
        assert first.send({"logo-clear": "on", "logo_alt": ""}).status_code == 302
        assert second.send({"summary": "Sends robots to schools."}).status_code == 302
    draft = find_draft(published)
    assert (draft.picture, draft.form["logo-clear"], list_stems(tmp_path)) == ("", ["on"], set())


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


def test_who_reads_a_draft_sees_both_pictures_with_what_is_said_of_each(
    published: Programme, settings: LazySettings, tmp_path: Path, commit: Any
) -> None:
    settings.FOUR_EYES = True
    for name, value in make_large().items():
        setattr(published, name, value)
    published.save()
    anna, rita = (
        sign_in(make_person(role, name))
        for role, name in ((Role.CURATOR, "anna"), (Role.REVIEWER, "rita"))
    )
    with commit():
        save(anna, published, {**choose(), "logo_credit": "", "_send": "1"})
    kept = find_draft(published).picture
    page = rita.get(find_draft_address(published))
    (line,) = (one for one in page.context["outcome"].lines if one.pictures)
    assert [(one.title, one.picture.name, one.alt) for one in line.pictures] == [
        ("Before", published.logo.name, "Red above blue"),
        ("After", kept, "A cog"),
    ]
    shown = re.findall(
        r'<img class="chosen"\s+src="(\S+)"\s+width="(\d+)" height="(\d+)"', page.text
    )
    stem = Path(kept).name.split(".")[0]
    address_of_kept = reverse("admin:programmes_programme_picture", args=[f"{stem}.w1.webp"])
    assert shown == [(published.logo.small_url, "320", "160"), (address_of_kept, "1", "1")]
    assert Path(published.logo.name).name not in page.text.replace(published.logo.url, "")
    # Only those see it who may read the draft.
    assert b"".join(rita.get(address_of_kept).streaming_content).startswith(b"RIFF")
    assert sign_in(make_person(Role.CONTRIBUTOR)).get(address_of_kept).status_code == 403
    preview = rita.get(reverse("admin:programmes_programme_preview", args=[published.pk])).text
    assert preview.count(stem) > 1
    named = re.findall(rf"[^\s\"]*/{stem}", preview)
    assert all(one.endswith(address_of_kept.partition(".")[0]) for one in named)
    assert list_stems(tmp_path / "media") == {read_stem(published)}
    # One that is taken away is shown as such.
    with commit():
        save(anna, published, {"logo-clear": "on", "logo_alt": "", "_send": "1"})
    (line,) = (
        one for one in rita.get(find_draft_address(published)).context["outcome"].lines
        if one.pictures
    )  # fmt: skip
    assert [bool(one.picture) for one in line.pictures] == [True, False]


def read_told(record: Programme) -> tuple[str, str]:
    """Return what is said of the picture of a record, and which file is there for it."""
    found = Programme.objects.get(pk=record.pk)
    there = found.logo and found.logo.storage.exists(found.logo.name)
    return found.logo_alt, "private" if there and is_private(found.logo.name) else str(bool(there))


def undo_last(client: Client, record: Programme) -> None:
    made = Edit.objects.filter(kind=Edit.Kind.CURATOR).latest("pk")
    history = reverse("admin:programmes_programme_history", args=[record.pk])
    done = client.post(f"{history}{made.pk}/", {"undo": "1"}, follow=True)
    assert "Undone. Both records are as they were" in read_messages(done)


def test_a_merger_keeps_the_picture_that_was_chosen_and_gives_both_back_if_it_is_undone(
    tmp_path: Path, commit: Any
) -> None:
    rita = sign_in(make_person(Role.REVIEWER, "rita"))
    stays, goes = make_two()
    for name, value in make_large().items():
        setattr(goes, name, value)
    goes.save()
    # What only one has comes along.
    with commit():
        merge(rita, stays, goes)
    assert [read_told(one) for one in (stays, goes)] == [("Red above blue", "True"), ("", "False")]
    begin_another_transaction()
    with commit():
        undo_last(rita, stays)
    assert [read_told(one) for one in (stays, goes)] == [("", "False"), ("Red above blue", "True")]
    # Of two, somebody chooses.
    stays.refresh_from_db()
    for name, value in make_large(logo_alt="Blue below").items():
        setattr(stays, name, value)
    stays.save()
    begin_another_transaction()
    form = OpenMerger(rita, stays, goes)
    assert "Picture" in [one.label for one in form.told.comparison.open_questions]
    assert form.page.text.count('width="320" height="160"') == 2
    with commit():
        merge(rita, stays, goes, logo=goes)
    merged = [("Red above blue", "True"), ("Blue below", "private")]
    assert [read_told(one) for one in (stays, goes)] == merged
    assert list_stems(tmp_path) == {read_stem(stays), read_stem(goes)}
    assert len(list_files(tmp_path)) == 8
    begin_another_transaction()
    with commit():
        undo_last(rita, stays)
    apart = [("Blue below", "True"), ("Red above blue", "True")]
    assert [read_told(one) for one in (stays, goes)] == apart
    assert list_stems(tmp_path) == list_stems(tmp_path / "media")
    assert list_stems(tmp_path) == {read_stem(stays), read_stem(goes)}
    assert len(list_files(tmp_path)) == 8
    # One that was replaced since keeps the merger from being undone.
    begin_another_transaction()
    with commit():
        merge(rita, stays, goes, logo=goes)
    made = Edit.objects.filter(kind=Edit.Kind.CURATOR).latest("pk")
    begin_another_transaction()
    with commit():
        save(rita, stays, choose())
    begin_another_transaction()
    history = reverse("admin:programmes_programme_history", args=[stays.pk])
    told = rita.get(f"{history}{made.pk}/").context["hindrances"]
    assert "Programme, logo or photo: changed since" in told
