"""Loading a dump: equal or not at all, and nothing in it is believed."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from partnerships.models import Organisation, Strategy
from programmes.models import (
    Change,
    Country,
    Departure,
    FormerSlug,
    Programme,
    Reach,
    Revision,
)
from stemobs.catalogue.triggers import latest
from stemobs.dumps.dump import dump
from stemobs.dumps.manifest import file_of, manifest_of
from stemobs.dumps.restore import LoadError, compare, make_room
from stemobs.dumps.seed import seed
from tests.builders import make_organisation, make_programme
from tests.hostile import make_hostile_rows, make_small_catalogue
from tests.pictures import PICTURE
from tests.servers import FIXTURES

pytestmark = pytest.mark.django_db


def load(folder: Path, *options: str) -> str:
    out = StringIO()
    call_command("load_dump", folder, *options, stdout=out)
    return out.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def data(folder: Path) -> dict[str, bytes]:
    """Return everything but what names the revision."""
    told = contents(folder)
    return {
        name: told[name] for name in told if name.startswith(("data/", "media/")) or "csv" in name
    }


# --- Equal ----------------------------------------------------------------------------------------


def test_new_rows_are_numbered_behind_those_that_were_loaded(small: Path) -> None:
    load(small)
    last = Programme.objects.latest("pk").pk
    assert make_programme(countries=Country.objects.all()).pk > last


def test_new_rows_inherit_nothing_from_what_departed_before_the_dump(tmp_path: Path) -> None:
    make_small_catalogue()
    for subject in (Change.Subject.PROGRAMME, Change.Subject.ORGANISATION):
        Departure.objects.create(subject=subject, object_id=10**9, slug="gone", revision=1)
    load(dump(tmp_path, is_private=True), "--replace")
    assert make_programme().pk == make_organisation().pk == 10**9 + 1


@pytest.mark.slow
def test_what_a_public_dump_made_is_equal_and_the_seeding_leaves_it_alone(tmp_path: Path) -> None:
    make_hostile_rows()
    renamed, deleted, hidden = Programme.objects.order_by("pk")[:3]
    Programme.objects.filter(pk=renamed.pk).update(slug="renamed-since")
    FormerSlug.objects.create(programme=renamed, slug=renamed.slug)
    Strategy.objects.filter(programme=deleted).update(programme=None)
    deleted.delete()
    Programme.objects.filter(pk=hidden.pk).update(state="draft")
    folder = dump(tmp_path / "1")
    load(folder, "--replace")
    assert data(dump(tmp_path / "2")) == data(folder)
    outcome = seed(FIXTURES)
    assert (outcome.created, outcome.updated, outcome.kept) == (0, 0, [])


def test_pictures_come_along(tmp_path: Path, settings: LazySettings) -> None:
    settings.MEDIA_ROOT = tmp_path / "here"
    default_storage.save("logos/cog.png", ContentFile(PICTURE))
    make_small_catalogue()
    make_programme(logo="logos/cog.png", logo_alt="A cog")
    folder = dump(tmp_path, is_private=True)
    settings.MEDIA_ROOT = tmp_path / "there"
    for _time in range(2):  # what is there already stays
        load(folder, "--replace")
        assert [file.name for file in (tmp_path / "there/logos").iterdir()] == ["cog.png"]
    assert (tmp_path / "there/logos/cog.png").read_bytes() == PICTURE
    with default_storage.open("logos/cog.png", "wb") as other:
        other.write(b"another")
    make_room(replace=True)
    with pytest.raises(CommandError, match="another picture has this name already"):
        load(folder)
    load(folder, "--replace")
    assert [file.name for file in (tmp_path / "there/logos").iterdir()] == ["cog.png"]
    assert (tmp_path / "there/logos/cog.png").read_bytes() == PICTURE


def test_every_name_that_an_upload_gets_comes_along(tmp_path: Path, settings: LazySettings) -> None:
    settings.MEDIA_ROOT = tmp_path / "here"
    make_small_catalogue()
    names = [".logo.png", "..png", "-x.png", "a..png", "é ü.png", "校徽.png", "x" * 300 + ".png"]
    for name in names:
        programme = make_programme(logo_alt="A cog")
        programme.logo.save(name, ContentFile(PICTURE))
    folder = dump(tmp_path, is_private=True)
    settings.MEDIA_ROOT = tmp_path / "there"
    load(folder, "--replace")
    assert len(list((tmp_path / "there/logos").iterdir())) == len(names)
    for programme in Programme.objects.exclude(logo=""):
        assert Path(programme.logo.path).read_bytes() == PICTURE


def test_what_fails_leaves_the_pictures_of_the_site_alone(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.MEDIA_ROOT = tmp_path / "site"
    make_small_catalogue()
    for name in ("a", "b"):
        default_storage.save(f"logos/{name}.png", ContentFile(PICTURE))
        make_programme(logo=f"logos/{name}.png", logo_alt="A cog")
    folder = dump(tmp_path, is_private=True)
    own = tmp_path / "site/logos/a.png"
    own.write_bytes(b"our own")
    bad_picture, bad_row = shutil.copytree(folder, tmp_path / "1"), tmp_path / "2"
    shutil.copytree(folder, bad_row)
    (bad_picture / "media/logos/b.png").write_bytes(b"none")
    lines = bad_row / file_of(Reach)
    lines.write_bytes(lines.read_bytes() + b"x\n")
    before = latest(connection)
    for changed in (bad_picture, bad_row):
        sign(changed)
        with pytest.raises(CommandError, match="Nothing was loaded"):
            load(changed, "--replace")
        assert own.read_bytes() == b"our own"
        assert {file.name for file in own.parent.iterdir()} == {"a.png", "b.png"}
    assert latest(connection) == before
    load(folder, "--replace")
    assert own.read_bytes() == PICTURE


# --- The revision ---------------------------------------------------------------------------------


def test_the_catalogue_goes_on_at_the_revision_of_the_dump(small: Path) -> None:
    dumped = manifest_of(json.loads((small / "manifest.json").read_text())).moment
    Revision.objects.update(number=1)
    load(small)
    assert latest(connection) == dumped
    assert set(Change.objects.values_list("revision", flat=True)) == {dumped.number}


def test_the_revision_never_goes_back(small: Path) -> None:
    before = latest(connection)
    assert f"at revision {before.number + 1}." in load(small)
    assert latest(connection).number == before.number + 1
    assert latest(connection).changed_at > before.changed_at


def test_the_revision_is_locked_before_it_is_read(small: Path) -> None:
    asked: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        load(small)
    first = next(sql for sql in asked if "programmes_revision" in sql)
    assert ("FOR UPDATE" in first) is connection.features.has_select_for_update


def test_whoever_keeps_a_copy_is_told_to_read_everything_and_what_had_gone(
    tmp_path: Path, client: Client
) -> None:
    make_small_catalogue()
    make_programme(slug="three").delete()
    before = list(Departure.objects.order_by("slug").values())
    load(dump(tmp_path, is_private=True), "--replace")
    assert list(Departure.objects.order_by("slug").values()) == before
    told = client.get("/api/v1/changes/?since=0").json()
    assert told["everything"] is True
    assert {row["slug"]: row["change"] for row in told["results"]} == {
        "one": "changed", "two": "merged", "three": "gone", "part": "changed", "whole": "changed",
    }  # fmt: skip


# --- Not at all -----------------------------------------------------------------------------------


def test_a_catalogue_that_holds_something_is_only_replaced_on_demand(small: Path) -> None:
    load(small)
    before = latest(connection)
    with pytest.raises(CommandError, match=r"not empty; --replace deletes everything"):
        load(small)
    assert latest(connection) == before


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A private dump of a small catalogue, and an empty one to load it into."""
    make_small_catalogue()
    folder = dump(tmp_path / "small", is_private=True)
    make_room(replace=True)
    return folder


@pytest.fixture
def tampered(small: Path, tmp_path: Path) -> Callable[..., Path]:
    """Give a copy of the dump with lines of a file changed, and all digests as they should be."""

    def tamper(model: Any, change: Callable[[list[bytes]], Any]) -> Path:
        folder = tmp_path / "tampered"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(small, folder)
        file = folder / file_of(model)
        lines = file.read_bytes().splitlines(keepends=True)
        lines = change(lines) or lines
        file.write_bytes(b"".join(lines))
        sign(folder)
        return folder

    return tamper


def sign(folder: Path, **changes: Any) -> None:
    """Make the manifest and the digests agree with the files."""
    told = {**json.loads((folder / "manifest.json").read_text()), **changes}
    for file in told["files"]:
        content = (folder / file["name"]).read_bytes()
        file["bytes"], file["sha256"] = len(content), hashlib.sha256(content).hexdigest()
    manifest = manifest_of(told)
    (folder / "manifest.json").write_bytes(manifest.text())
    (folder / "SHA256SUMS").write_bytes(manifest.sums())


def fault(folder: Path) -> str:
    """Return why a dump cannot be loaded; nothing may have come of it."""
    with pytest.raises(CommandError, match=r"^Nothing was loaded\.") as caught:
        load(folder)
    assert not Country.objects.exists()
    assert not Programme.objects.exists()
    assert not Departure.objects.exists()
    return str(caught.value).removeprefix("Nothing was loaded. ")


def put(column: str, value: Any, line: int = 0) -> Callable[[list[bytes]], None]:
    """Change the value of a column, written as `dump` writes it."""

    def change(lines: list[bytes]) -> None:
        row = {**json.loads(lines[line]), column: value}
        text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        lines[line] = text.encode("utf-8", "surrogatepass") + b"\n"

    return change


def swap(old: bytes, new: bytes) -> Callable[[list[bytes]], None]:
    def change(lines: list[bytes]) -> None:
        assert old in lines[0]
        lines[0] = lines[0].replace(old, new, 1)

    return change


def test_the_small_dump_loads(small: Path) -> None:
    load(small)
    assert Programme.objects.get(slug="one").countries.get().code == "NL"
    assert Organisation.objects.get(slug="part").parent.slug == "whole"
    assert Reach.objects.get().value == Decimal("10.5")
    assert Programme.objects.get(slug="two").merged_into.slug == "one"


P, R, G = Programme, Reach, Organisation
programme, reach, organisation = map(file_of, (P, R, G))
LINES: list[tuple[Any, Callable[[list[bytes]], Any], str]] = [
    (P, swap(b"{", b"["), f"{programme}, line 1: is not JSON"),
    (P, swap(b'"slug":"one"', b'"slug":"\\ud800"'), f"{programme}, line 1: is not JSON"),
    (P, lambda lines: [b"[1]\n"], f"{programme}, line 1: is no object"),
    (P, lambda lines: [b"[" * 100_000 + b"\n"], f"{programme}, line 1: is not JSON"),
    (P, lambda lines: [b"\n"], f"{programme}, line 1: is not JSON"),
    (P, lambda lines: [b"\xff\xfe\n"], f"{programme}, line 1: is not JSON"),
    (P, lambda lines: [*lines[:-1], lines[-1].rstrip()], f"{programme}, line 2: the line is cut"),
    (P, swap(b'"id":', b'"password":1,"id":'), "line 1: other columns than expected: password."),
    (P, swap(b'"curators_note":"",', b""), "other columns than expected: curators_note."),
    (P, swap(b'{"id":', b'{"slug":"x","id":'), "other columns than expected: their order."),
    (P, swap(b'{"id":', b'{"id":7,"id":'), f"{programme}, line 1: is not as `dump` writes it."),
    (P, swap(b'","', b'" ,"'), f"{programme}, line 1: is not as `dump` writes it."),
    (P, put("id", 0), "line 1: id: is not above the one before"),
    (P, put("id", 1 << 63), "line 1: id: is not above the one before"),
    (P, put("id", 10**40), "line 1: id: 1e+40 is of another type"),
    (P, put("id", True), "line 1: id: True is of another type"),
    (P, lambda lines: lines[::-1], "line 2: id: is not above the one before"),
    (P, lambda lines: [lines[0], lines[0]], "line 2: id: is not above the one before"),
    (P, put("slug", None), "line 1: slug: None is of another type"),
    (P, put("slug", "No slug!"), "line 1: slug: 'No slug!': Enter a valid “slug”"),
    (P, put("slug", "counts"), f"{programme}, line 1: "),
    (P, put("slug", "two"), f"{programme}, line 2: "),  # twice
    (P, put("name", "x" * 201), "line 1: name: 'xxx"),
    (P, put("name", ["One"]), "line 1: name: ['One'] is of another type"),
    (P, put("name", ""), "line 1: name: '': This field cannot be blank."),
    (P, put("name", "a\0b"), r"line 1: name: 'a\x00b': Null characters are not allowed."),
    (P, put("website", "javascript:alert(1)"), "website: 'javascript:alert(1)': Enter a valid URL"),
    (P, put("state", "secret"), "state: 'secret': Value 'secret' is not a valid choice."),
    (P, put("logo", "logos/../../x.png"), "This is not the name of an uploaded picture."),
    (P, put("logo", "logos/x.svg"), "logo: 'logos/x.svg': File extension “svg” is not allowed"),
    (P, put("is_vocational", 1), "is_vocational: 1 is of another type"),
    (P, put("year_start", 1 << 63), "line 1: year_start: 9223372036854775808: Ensure this value"),
    (P, put("year_start", 1066), "year_start: 1066: Ensure this value is greater than or equal"),
    (P, put("year_start", 2001.5), "year_start: 2001.5 is of another type"),
    (P, put("verified_on", "31 January"), "verified_on: '31 January': “31 January” value has an"),
    (P, put("verified_on", "2026-1-31"), "verified_on: is not as `dump` writes it."),
    (P, put("changed_at", "2026-01-31"), "line 1: changed_at: is not as `dump` writes it."),
    (P, put("countries", 1), "line 1: countries: 1 is no list"),
    (P, put("countries", [10**9]), "countries: there is no country with the id 1000000000."),
    (P, put("countries", ["NL"]), "line 1: countries: 'NL' is no id"),
    (P, put("countries", [[]]), "line 1: countries: [] is no id"),
    (P, put("merged_into_id", 10**9, line=1), "line 2: merged_into_id: there is no programme"),
    (P, put("merged_into_id", None, line=1), f"{programme}, line 2: "),  # nor a reason
    (R, put("programme_id", 10**9), "programme_id: there is no programme with the id 1000000000."),
    (R, put("programme_id", -1), "line 1: programme_id: -1 is no id"),
    (R, put("value", "10.5"), f"{reach}, line 1: the database gives back something else"),
    (R, put("value", "NaN"), "line 1: value: 'NaN': “NaN” value must be a decimal number."),
    (R, put("value", "1e999999999"), "line 1: value: '1e999999999': Ensure that there are no more"),
    (R, put("value", "-1.00"), "line 1: value: '-1.00': Ensure this value is greater than or"),
    (R, put("value", 10.5), "line 1: value: 10.5 is of another type"),
    (G, put("parent_id", 10**9, line=1), f"{organisation}, line 2: parent_id: there is no organ"),
]  # fmt: skip


@pytest.mark.slow
def test_a_line_that_could_not_stand_in_the_catalogue_is_named(
    tampered: Callable[..., Path],
) -> None:
    for model, change, expected in LINES:
        assert expected in fault(tampered(model, change))


def test_rows_that_came_by_themselves_are_found(small: Path) -> None:
    load(small)
    make_programme()
    with pytest.raises(LoadError, match=f"^{programme}: the database gives back more than it was"):
        compare(small, Programme)


def test_what_a_database_does_not_keep_exactly_is_not_loaded(
    tampered: Callable[..., Path],
) -> None:
    faults = {
        "12345678901234.56": f"{reach}, line 1: the database gives back something else",
        "99999999999999.99": f"{reach}: the database cannot give back a number.",
    }
    for value, expected in faults.items():
        folder = tampered(Reach, put("value", value))
        if connection.vendor == "sqlite":  # which keeps 15 digits
            assert expected in fault(folder)
        else:
            load(folder, "--replace")
            assert Reach.objects.get().value == Decimal(value)


# --- The files ------------------------------------------------------------------------------------


def write(name: str, text: bytes = b"x") -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(text)


def rewrite(old: str, new: str) -> Callable[[Path], object]:
    """Change the manifest by hand."""

    def change(folder: Path) -> None:
        file = folder / "manifest.json"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))

    return change


def link(name: str, target: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to(target)

    return change


def long_manifest(folder: Path) -> None:
    """Name as many pictures as a large site has; they are missing."""
    told = json.loads((folder / "manifest.json").read_text())
    picture = {"rows": None, "bytes": 1, "sha256": "0" * 64}
    more = [{"name": f"media/logos/{number}.png", **picture} for number in range(10_000)]
    manifest = manifest_of({**told, "files": [*told["files"], *more]})
    (folder / "manifest.json").write_bytes(manifest.text())


def signed(**changes: Any) -> Callable[[Path], object]:
    return lambda folder: sign(folder, **changes)


def without(name: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        (folder / name).unlink()
        told = json.loads((folder / "manifest.json").read_text())
        sign(folder, files=[file for file in told["files"] if file["name"] != name])

    return change


def with_picture(folder: Path) -> None:
    (folder / "media/logos").mkdir(parents=True)
    (folder / "media/logos/x.png").write_bytes(b"<script>")
    told = json.loads((folder / "manifest.json").read_text())
    picture = {"name": "media/logos/x.png", "rows": None, "bytes": 0, "sha256": ""}
    sign(folder, files=[*told["files"], picture])


FILES: list[tuple[Callable[[Path], object], str]] = [
    (write(file_of(Programme)), f"{programme}: its size or its digest is not the one in manifest"),
    (write("README.txt"), "README.txt: its size or its digest is not the one in manifest.json."),
    (write("extra.txt"), "extra.txt: it is no part of the dump."),
    (lambda folder: (folder / "figures.csv").unlink(), "figures.csv: it is missing."),
    (lambda folder: (folder / "SHA256SUMS").unlink(), "SHA256SUMS: it is missing."),
    (lambda folder: (folder / "manifest.json").unlink(), "manifest.json: "),
    (lambda folder: shutil.rmtree(folder / "data"), "data/"),
    (lambda folder: shutil.rmtree(folder), "is not a folder."),
    (write("SHA256SUMS"), "SHA256SUMS: it does not agree with manifest.json."),
    (write("manifest.json"), "manifest.json: "),
    (write("manifest.json", b"[" * 100_000), "manifest.json: "),
    (write("manifest.json", b" " * (1 << 21)), "manifest.json: "),
    (write("manifest.json", b"null"), "manifest.json: it is not a manifest of the format"),
    (rewrite('"version": 1', '"version": 2'), "manifest.json: version 2 of the format is not 1."),
    (rewrite('"revision": ', '"revision": -'), "manifest.json: revision: it is out of range."),
    (rewrite('"private": true', '"private": 1'), "manifest.json: private: it is not of the type"),
    (rewrite('"files": [', '"files": [7,'), "manifest.json: files: each is an object."),
    (rewrite('"changed_at": "', '"changed_at": "x'), "manifest.json: Invalid isoformat string"),
    (rewrite("README.txt", "../README.txt"), "../README.txt: it is missing."),
    (without(file_of(Reach)), f"manifest.json: it does not name {reach}."),
    (rewrite('"format"', '"format": "x", "format"'), "manifest.json: it is not written as `dump`"),
    (link(file_of(Programme), "/etc/hostname"), "it is a link or a device, not a file."),
    (link("figures.csv", "programmes.csv"), "it is a link or a device, not a file."),
    (lambda folder: os.mkfifo(folder / "data/pipe"), "it is a link or a device, not a file."),
    (signed(migrations={"partnerships": ["0001_x"]}), "other migrations of partnerships: 0001_x;"),
    (rewrite('"programmes": [', '"x": 7, "programmes": ['), "manifest.json: migrations: each is"),
    (signed(private=False), "programmes.seededrow.ndjson: a dump of this release has no such"),
    (long_manifest, "media/logos/0.png: it is missing."),
    (with_picture, "media/logos/x.png: Upload a valid image."),
]  # fmt: skip


def test_a_folder_that_is_not_as_it_was_written_is_refused(small: Path, tmp_path: Path) -> None:
    for change, expected in FILES:
        folder = tmp_path / "changed"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(small, folder)
        change(folder)
        assert expected in fault(folder)


def test_a_manifest_cannot_lead_out_of_the_folder(small: Path) -> None:
    (small.parent / "outside.txt").write_bytes(b"x")
    told = json.loads((small / "manifest.json").read_text())
    outside = {"name": "../outside.txt", "rows": None, "bytes": 1, "sha256": ""}
    sign(small, files=[*told["files"], outside])
    assert re.search("outside.txt: it is missing", fault(small))
