"""Loading dumps: the result is equal, or nothing is loaded; faulty files and lines are named."""

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

from partnerships.models import Organisation
from programmes.models import (
    Change,
    Country,
    Departure,
    Programme,
    Reach,
    Revision,
)
from stemobs.catalogue.states.moments import read_latest_moment
from stemobs.dumps.dump import write_dump
from stemobs.dumps.manifest import name_file, parse_manifest
from stemobs.dumps.restore import clear_catalogue, compare_rows
from stemobs.dumps.verify import LoadError
from tests.builders import make_organisation, make_programme
from tests.catalogue.marks import begin_another_transaction
from tests.dumps.signing import drop_history, sign
from tests.hostile import make_small_catalogue
from tests.pictures import PICTURE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("emptied")]


def run_load(folder: Path, *options: str) -> str:
    begin_another_transaction()
    out = StringIO()
    call_command("load_dump", folder, *options, stdout=out)
    return out.getvalue()


# --- Numbers and pictures -------------------------------------------------------------------------


def test_new_rows_get_ids_above_the_loaded_ones(small: Path) -> None:
    run_load(small)
    last = Programme.objects.latest("pk").pk
    assert make_programme(countries=Country.objects.all()).pk > last


def test_new_rows_get_ids_above_those_deleted_before_the_dump(tmp_path: Path) -> None:
    make_small_catalogue()
    for subject in (Change.Subject.PROGRAMME, Change.Subject.ORGANISATION):
        Departure.objects.create(subject=subject, object_id=10**9, slug="gone", revision=1)
    run_load(write_dump(tmp_path, is_private=True), "--replace")
    assert make_programme().pk == make_organisation().pk == 10**9 + 1


def test_loading_copies_pictures_and_replaces_others_only_on_demand(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.MEDIA_ROOT = tmp_path / "here"
    default_storage.save("logos/cog.png", ContentFile(PICTURE))
    make_small_catalogue()
    make_programme(logo="logos/cog.png", logo_alt="A cog")
    folder = write_dump(tmp_path, is_private=True)
    settings.MEDIA_ROOT = tmp_path / "there"
    for _time in range(2):  # the second time, the picture is there already and is kept
        run_load(folder, "--replace")
        assert [file.name for file in (tmp_path / "there/logos").iterdir()] == ["cog.png"]
    assert (tmp_path / "there/logos/cog.png").read_bytes() == PICTURE
    with default_storage.open("logos/cog.png", "wb") as other:
        other.write(b"another")
    clear_catalogue(replace=True)
    with pytest.raises(CommandError, match="another picture has this name already"):
        run_load(folder)
    run_load(folder, "--replace")
    assert [file.name for file in (tmp_path / "there/logos").iterdir()] == ["cog.png"]
    assert (tmp_path / "there/logos/cog.png").read_bytes() == PICTURE


def test_loading_copies_pictures_with_unusual_names(tmp_path: Path, settings: LazySettings) -> None:
    settings.MEDIA_ROOT = tmp_path / "here"
    make_small_catalogue()
    names = ["-x.png", "a..png", "é_ü.png", "校徽.png", "x" * 80 + ".png"]
    for name in names:
        default_storage.save(f"logos/{name}", ContentFile(PICTURE))
        make_programme(logo=f"logos/{name}", logo_alt="A cog")
    folder = write_dump(tmp_path, is_private=True)
    settings.MEDIA_ROOT = tmp_path / "there"
    run_load(folder, "--replace")
    assert len(list((tmp_path / "there/logos").iterdir())) == len(names)
    for programme in Programme.objects.exclude(logo=""):
        assert Path(programme.logo.path).read_bytes() == PICTURE


def test_loading_that_fails_leaves_the_pictures_of_the_site_unchanged(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.MEDIA_ROOT = tmp_path / "site"
    make_small_catalogue()
    for name in ("a", "b"):
        default_storage.save(f"logos/{name}.png", ContentFile(PICTURE))
        make_programme(logo=f"logos/{name}.png", logo_alt="A cog")
    folder = write_dump(tmp_path, is_private=True)
    own = tmp_path / "site/logos/a.png"
    own.write_bytes(b"our own")
    bad_picture, bad_row = shutil.copytree(folder, tmp_path / "1"), tmp_path / "2"
    shutil.copytree(folder, bad_row)
    (bad_picture / "media/logos/b.png").write_bytes(b"none")
    lines = bad_row / name_file(Reach)
    lines.write_bytes(lines.read_bytes() + b"x\n")
    before = read_latest_moment(connection)
    for changed in (bad_picture, bad_row):
        sign(changed)
        with pytest.raises(CommandError, match="Nothing was loaded"):
            run_load(changed, "--replace")
        assert own.read_bytes() == b"our own"
        assert {file.name for file in own.parent.iterdir()} == {"a.png", "b.png"}
    assert read_latest_moment(connection) == before
    run_load(folder, "--replace")
    assert own.read_bytes() == PICTURE


# --- The revision ---------------------------------------------------------------------------------


def test_a_higher_revision_of_a_dump_without_history_becomes_that_of_the_catalogue(
    small: Path,
) -> None:
    drop_history(small)
    dumped = parse_manifest(json.loads((small / "manifest.json").read_text())).moment
    Revision.objects.update(number=1)
    run_load(small)
    assert read_latest_moment(connection)[:2] == dumped[:2]  # the history is the catalogue's own
    assert set(Change.objects.values_list("revision", flat=True)) == {dumped.number}


def test_loading_an_older_dump_without_history_raises_the_revision_by_one(small: Path) -> None:
    drop_history(small)
    before = read_latest_moment(connection)
    assert f"at revision {before.number + 1}." in run_load(small)
    assert read_latest_moment(connection).number == before.number + 1
    assert read_latest_moment(connection).changed_at > before.changed_at


def test_rows_are_compared_when_nobody_else_gets_a_revision_any_more(small: Path) -> None:
    """Else another writer could use the revision of the dump for a different state."""
    asked: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        run_load(small)
    rows = [place for place, sql in enumerate(asked) if 'INSERT INTO "programmes_reach"' in sql]
    locks = [place for place, sql in enumerate(asked) if "FOR UPDATE" in sql]
    assert bool(locks) is connection.features.has_select_for_update
    for locked in locks:
        assert max(rows) < locked < max(i for i, sql in enumerate(asked) if "_reach" in sql)


def test_after_loading_the_api_lists_everything_as_changed_and_deleted_programmes_as_gone(
    tmp_path: Path, client: Client
) -> None:
    make_small_catalogue()
    make_programme(slug="three").delete()
    before = list(Departure.objects.order_by("slug").values())
    run_load(write_dump(tmp_path, is_private=True), "--replace")
    assert list(Departure.objects.order_by("slug").values()) == before
    told = client.get("/api/v1/changes/?since=0").json()
    assert told["everything"] is True
    assert {row["slug"]: row["change"] for row in told["results"]} == {
        "one": "changed", "two": "merged", "three": "gone", "part": "changed", "whole": "changed",
    }  # fmt: skip


# --- Nothing is loaded ----------------------------------------------------------------------------


def test_loading_into_a_catalogue_with_rows_needs_the_option_replace(small: Path) -> None:
    run_load(small)
    before = read_latest_moment(connection)
    with pytest.raises(CommandError, match=r"not empty; --replace deletes everything"):
        run_load(small)
    assert read_latest_moment(connection) == before


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The folder of a private dump of a small catalogue; the catalogue itself is emptied."""
    make_small_catalogue()
    folder = write_dump(tmp_path / "small", is_private=True)
    clear_catalogue(replace=True)
    return folder


@pytest.fixture
def tampered(small: Path, tmp_path: Path) -> Callable[..., Path]:
    """Give a function that copies the dump, changes lines of one file, and mends all digests."""

    def tamper(model: Any, change: Callable[[list[bytes]], Any]) -> Path:
        folder = tmp_path / "tampered"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(small, folder)
        file = folder / name_file(model)
        lines = file.read_bytes().splitlines(keepends=True)
        lines = change(lines) or lines
        file.write_bytes(b"".join(lines))
        sign(folder)
        return folder

    return tamper


def find_fault(folder: Path) -> str:
    """Return why a dump cannot be loaded, and check that nothing was loaded."""
    with pytest.raises(CommandError, match=r"^Nothing was loaded\.") as caught:
        run_load(folder)
    assert not Country.objects.exists()
    assert not Programme.objects.exists()
    assert not Departure.objects.exists()
    return str(caught.value).removeprefix("Nothing was loaded. ")


def put(column: str, value: Any, line: int = 0) -> Callable[[list[bytes]], None]:
    """Return a function that sets a column in one of the lines, in the format of `dump`."""

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
    run_load(small)
    assert Programme.objects.get(slug="one").countries.get().code == "NL"
    assert Organisation.objects.get(slug="part").parent.slug == "whole"
    assert Reach.objects.get().value == Decimal("10.5")
    assert Programme.objects.get(slug="two").merged_into.slug == "one"


P, R, G = Programme, Reach, Organisation
programme, reach, organisation = map(name_file, (P, R, G))
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
    (P, put("slug", "No slug!"), "line 1: slug: 'No slug!': Use only letters without accents"),
    (P, put("slug", "counts"), f"{programme}, line 1: "),
    (P, put("slug", "two"), f"{programme}, line 2: "),  # twice
    (P, put("name", "x" * 201), "line 1: name: 'xxx"),
    (P, put("name", ["One"]), "line 1: name: ['One'] is of another type"),
    (P, put("name", ""), "line 1: name: '': This field cannot be blank."),
    (P, put("name", "a\0b"), r"line 1: name: 'a\x00b': Null characters are not allowed."),
    (P, put("website", "javascript:alert(1)"), "javascript:alert(1)': Give an address"),
    (P, put("state", "secret"), "state: 'secret': Value 'secret' is not a valid choice."),
    (P, put("name", "Soft\u00adly"), "name: is not as `dump` writes it."),
    (P, put("note", "One.\r\nTwo."), "note: is not as `dump` writes it."),
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
def test_an_invalid_line_is_named_with_file_line_and_reason(
    tampered: Callable[..., Path],
) -> None:
    for model, change, expected in LINES:
        assert expected in find_fault(tampered(model, change))


def test_comparing_finds_rows_that_the_dump_does_not_have(small: Path) -> None:
    run_load(small)
    make_programme()
    with pytest.raises(LoadError, match=f"^{programme}: the database gives back more than it was"):
        compare_rows(small, Programme)


def test_a_number_that_the_database_would_round_is_not_loaded(
    tampered: Callable[..., Path],
) -> None:
    faults = {
        "12345678901234.56": f"{reach}, line 1: the database gives back something else",
        "99999999999999.99": f"{reach}: the database cannot give back a number.",
    }
    for value, expected in faults.items():
        folder = tampered(Reach, put("value", value))
        if connection.vendor == "sqlite":  # it keeps only 15 digits of a number
            assert expected in find_fault(folder)
        else:
            run_load(folder, "--replace")
            assert Reach.objects.get().value == Decimal(value)


# --- The files ------------------------------------------------------------------------------------


def write(name: str, text: bytes = b"x") -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(text)


def edit(old: str, new: str) -> Callable[[Path], object]:
    """Return a function that replaces text in the manifest, without mending digests."""

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


def missing_pictures(folder: Path) -> None:
    """Add 10,000 pictures to the manifest whose files do not exist."""
    told = json.loads((folder / "manifest.json").read_text())
    picture = {"rows": None, "bytes": 1, "sha256": "0" * 64}
    more = [{"name": f"media/logos/{number}.png", **picture} for number in range(10_000)]
    manifest = parse_manifest({**told, "files": [*told["files"], *more]})
    (folder / "manifest.json").write_bytes(manifest.encode_manifest())


def signed(**changes: Any) -> Callable[[Path], object]:
    return lambda folder: sign(folder, **changes)


def without(name: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        (folder / name).unlink()
        told = json.loads((folder / "manifest.json").read_text())
        sign(folder, files=[file for file in told["files"] if file["name"] != name])

    return change


def false_picture(folder: Path) -> None:
    (folder / "media/logos").mkdir(parents=True)
    (folder / "media/logos/x.png").write_bytes(b"<script>")
    told = json.loads((folder / "manifest.json").read_text())
    picture = {"name": "media/logos/x.png", "rows": None, "bytes": 0, "sha256": ""}
    sign(folder, files=[*told["files"], picture])


FILES: list[tuple[Callable[[Path], object], str]] = [
    (
        write(name_file(Programme)),
        f"{programme}: its size or its digest is not the one in manifest",
    ),
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
    (edit('"version": 2', '"version": 3'), "manifest.json: version 3 of the format is not 1 or 2"),
    (edit('"history": "', '"history": "x'), "manifest.json: badly formed hexadecimal UUID"),
    (edit('"revision": ', '"revision": -'), "manifest.json: revision: it is out of range."),
    (edit('"private": true', '"private": 1'), "manifest.json: private: it is not of the type"),
    (edit('"files": [', '"files": [7,'), "manifest.json: files: each is an object."),
    (edit('"changed_at": "', '"changed_at": "x'), "manifest.json: Invalid isoformat string"),
    (edit("README.txt", "../README.txt"), "../README.txt: it is missing."),
    (without(name_file(Reach)), f"manifest.json: it does not name {reach}."),
    (edit('"format"', '"format": "x", "format"'), "manifest.json: it is not written as `dump`"),
    (link(name_file(Programme), "/etc/hostname"), "it is a link or a device, not a file."),
    (link("figures.csv", "programmes.csv"), "it is a link or a device, not a file."),
    (lambda folder: os.mkfifo(folder / "data/pipe"), "it is a link or a device, not a file."),
    (signed(migrations={"partnerships": ["0001_x"]}), "other migrations of partnerships: 0001_x;"),
    (edit('"programmes": [', '"x": 7, "programmes": ['), "manifest.json: migrations: each is"),
    (signed(private=False), "programmes.changedraft.ndjson: a dump of this release has no such"),
    (missing_pictures, "media/logos/0.png: it is missing."),
    (false_picture, "media/logos/x.png: Upload a valid image."),
]  # fmt: skip


def test_a_dump_with_changed_missing_or_extra_files_is_refused(small: Path, tmp_path: Path) -> None:
    for change, expected in FILES:
        folder = tmp_path / "changed"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(small, folder)
        change(folder)
        assert expected in find_fault(folder)


def test_a_manifest_cannot_name_a_file_outside_its_folder(small: Path) -> None:
    (small.parent / "outside.txt").write_bytes(b"x")
    told = json.loads((small / "manifest.json").read_text())
    outside = {"name": "../outside.txt", "rows": None, "bytes": 1, "sha256": ""}
    sign(small, files=[*told["files"], outside])
    assert re.search("outside.txt: it is missing", find_fault(small))
