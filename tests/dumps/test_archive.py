"""Archives of dumps: what they hold, which one the site offers, and how it is served."""

import hashlib
import json
import logging
import os
import re
import shutil
import subprocess
import tracemalloc
import zipfile
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import html5lib
import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.test import Client
from rdflib import DCAT, DCTERMS, RDF, XSD, Literal, Namespace, URIRef

from programmes.models import Programme, Revision
from stemobs.dumps import archive
from stemobs.dumps.archive import Archive, find_offered_archive, pack_dump
from stemobs.dumps.dump import DumpError, write_dump
from stemobs.publisher import LICENCE_ADDRESS as LICENCE
from tests.graphs import read, told
from tests.hostile import make_small_catalogue
from tests.pages.walk import look

# Dumps of both databases are compared elsewhere; archives only pack their files.
pytestmark = [
    *(pytest.mark.django_db, pytest.mark.once),
    pytest.mark.usefixtures("emptied", "small"),
]

SPDX = Namespace("http://spdx.org/rdf/terms#")
NAMING = ("/", "/about/data/", "/catalogue.jsonld")  # pages that name the offered dump


@pytest.fixture
def small(tmp_path: Path, settings: LazySettings) -> None:
    make_small_catalogue()
    settings.DUMPS_ROOT = str(tmp_path / "dumps")
    archive.warn_once.cache_clear()


@pytest.fixture
def folder(settings: LazySettings) -> Path:
    """The folder of a public dump where the site looks for archives, without an archive yet."""
    return write_dump(Path(settings.DUMPS_ROOT))


def read_revision() -> int:
    return Revision.objects.get().number


def list_names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


def read_files(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def run(*command: Any, cwd: Path) -> str:
    finished = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


# --- Writing --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_commands_that_the_data_page_gives_unpack_and_load_an_archive(
    folder: Path, tmp_path: Path
) -> None:
    archive = pack_dump(folder)
    assert list_names(folder.parent) == {
        folder.name,
        f"{folder.name}.zip",
        f"{folder.name}.zip.sha256",
    }
    assert run("sha256sum", "--check", f"{archive.name}.sha256", cwd=archive.parent)
    with ZipFile(archive) as packed:
        assert packed.testzip() is None
        packed.extractall(tmp_path)
    unpacked = tmp_path / folder.name
    assert read_files(unpacked) == read_files(folder)
    run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=unpacked)
    call_command("load_dump", unpacked, replace=True, stdout=StringIO())
    assert Programme.objects.published().get().slug == "one"


def test_packing_the_same_dump_twice_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other" / folder.name))
    for file in other.rglob("*"):
        file.chmod(0o700)
        os.utime(file, (1, 1))
    assert pack_dump(folder).read_bytes() == pack_dump(other).read_bytes()
    with ZipFile(pack_dump(folder)) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.external_attr >> 16 for entry in packed.infolist()} == {0o100644}
        assert packed.namelist()[:-2] == sorted(packed.namelist()[:-2])


def tell_writing(file: Path) -> tuple[int, ...]:
    """Return what changes if a file is written, and not if it is only read."""
    found = file.stat()
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size


def test_an_existing_archive_is_kept_and_a_missing_digest_is_written(folder: Path) -> None:
    archive = pack_dump(folder)
    before = tell_writing(archive)
    assert pack_dump(folder) == archive
    assert tell_writing(archive) == before
    digest = archive.with_name(f"{archive.name}.sha256")
    digest.unlink()
    pack_dump(folder)
    run("sha256sum", "--check", digest.name, cwd=archive.parent)


def test_packing_fails_and_keeps_another_file_with_the_archives_name(
    folder: Path, tmp_path: Path
) -> None:
    archive = folder.with_name(f"{folder.name}.zip")
    Programme.objects.filter(slug="one").update(note="Changed.")
    Revision.objects.update(number=int(folder.name.rpartition("-")[2]))
    of_another = pack_dump(write_dump(tmp_path / "another")).read_bytes()
    for content in (b"", b"Text", of_another, of_another[:-30]):
        archive.write_bytes(content)
        with pytest.raises(DumpError, match="exists and is not this dump's archive"):
            pack_dump(folder)
        assert archive.read_bytes() == content


def test_a_private_dump_is_never_packed_even_if_it_is_renamed(tmp_path: Path) -> None:
    private = write_dump(tmp_path, is_private=True)
    with pytest.raises(DumpError, match="is not the public dump of its revision"):
        pack_dump(private)
    renamed = private.rename(tmp_path / private.name.removesuffix("-private"))
    with pytest.raises(DumpError, match="is not the public dump of its revision"):
        pack_dump(renamed)
    assert list_names(tmp_path) == {renamed.name}
    assert "zip" not in call_dump(tmp_path / "by command", "--private")


def call_dump(*arguments: Any) -> str:
    out = StringIO()
    call_command("dump", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_packs_every_public_dump(tmp_path: Path) -> None:
    name = f"stem-observatory-{read_revision()}"
    assert f"{name} and {tmp_path / name}.zip." in call_dump(tmp_path)
    assert list_names(tmp_path) == {name, f"{name}.zip", f"{name}.zip.sha256"}


@pytest.mark.parametrize("fault", ["changed", "added", "linked"])
def test_a_dump_whose_files_were_changed_is_not_packed(folder: Path, fault: str) -> None:
    readme = folder / "README.txt"
    if fault == "changed":
        readme.write_text("Something else.")
    elif fault == "added":
        (folder / "notes.txt").write_text("Not for everybody.")
    else:
        readme.rename(folder.parent / "elsewhere")
        readme.symlink_to(folder.parent / "elsewhere")
    before = list_names(folder.parent)
    with pytest.raises(DumpError, match="was changed"):
        pack_dump(folder)
    assert list_names(folder.parent) == before


def test_packing_that_fails_leaves_no_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(_file: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        pack_dump(folder)
    assert list_names(folder.parent) == {folder.name}


def test_large_files_are_packed_as_zip64_with_little_memory(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Files above 1 kB are packed as files above 4 GB would be.
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    with ZipFile(pack_dump(folder)) as packed:
        assert packed.testzip() is None
        assert any(entry.extract_version == 45 for entry in packed.infolist())
    with (tmp_path / "large").open("wb") as large:
        large.truncate(64 << 20)
    tracemalloc.start()
    with (tmp_path / "large.zip").open("x+b") as file:
        archive.write_archive(file, tmp_path, ["large"])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


# --- Which one is offered -------------------------------------------------------------------------


def pack_at_revision(number: int, settings: LazySettings) -> Path:
    Revision.objects.update(number=number)
    return pack_dump(write_dump(Path(settings.DUMPS_ROOT)))


@pytest.fixture
def two(settings: LazySettings) -> tuple[Path, Path]:
    """Archives of revisions 99 and 100, whose names sort otherwise; the catalogue is at 1000."""
    older, newer = pack_at_revision(99, settings), pack_at_revision(100, settings)
    Revision.objects.update(number=1000)
    return older, newer


NEVER = (
    "stem-observatory-0101.zip", "stem-observatory-102-private.zip", ".stem-observatory-103.zip",
    "stem-observatory-104.zip.part", "stem-observatory-+105.zip", "stem-observatory-1०६.zip",
    "STEM-OBSERVATORY-107.zip", "stem-observatory-108.zip\n", "stem-observatory-.zip",
    "stem-observatory--109.zip", " stem-observatory-110.zip", "stem-observatory-1e2.zip",
    "stem-observatory-1001.zip", f"stem-observatory-{10**30}.zip", "stem-observatory-99.zip",
)  # fmt: skip


def test_the_newest_public_archive_is_offered_among_files_with_similar_names(
    client: Client, two: tuple[Path, Path]
) -> None:
    older, newer = two
    for name in NEVER[:-1]:
        shutil.copy(newer, newer.with_name(name))
    newer.with_name("stem-observatory-200.zip").mkdir()
    newer.with_name("stem-observatory-201.zip").symlink_to(newer)
    newer.with_name("stem-observatory-202.zip").symlink_to("nowhere")
    os.mkfifo(newer.with_name("stem-observatory-203.zip"))
    found = find_offered_archive(1000)
    assert found
    assert (found.path, found.moment.number) == (newer, 100)
    assert client.get(f"/dumps/{newer.name}").getvalue() == newer.read_bytes()
    # After restoring an older backup, archives of later revisions are not offered.
    restored = find_offered_archive(99)
    assert restored
    assert restored.path == older
    assert find_offered_archive(98) is None


def test_under_dumps_only_the_offered_archive_and_its_digest_are_found(
    client: Client, two: tuple[Path, Path]
) -> None:
    older, newer = two
    (newer.parent.parent / "secret.zip").write_text("For nobody.")
    newer.with_name("stem-observatory-201.zip").symlink_to(newer)
    asked = [
        *NEVER, "", older.name, f"{older.name}.sha256", older.stem, f"{newer.stem}/README.txt",
        "../secret.zip", "..%2fsecret.zip", "%2e%2e/secret.zip", "..\\secret.zip", "./", "..", ".",
        f".%2f{newer.name}", f"{newer.name}%00", f"{newer.name}.sha256.sha256",
        newer.stem, f"{newer.name}%20", "stem-observatory-201.zip", "%2fetc%2fpasswd", "%ff.zip",
    ]  # fmt: skip
    for name in asked:
        response = client.get(f"/dumps/{name}")
        assert response.status_code in (400, 404), name
        assert response.headers["Cache-Control"] == "no-store"
        assert "<h1" in response.text
        assert "For nobody." not in response.text
    assert client.get(f"/dumps/{newer.name}?x=1").status_code == 400
    assert client.post(f"/dumps/{newer.name}").status_code == 405


def test_without_a_folder_of_dumps_pages_are_shown_and_one_warning_is_logged(
    client: Client, settings: LazySettings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    for root, warnings in (("", 0), (tmp_path / "nowhere", 1), (tmp_path / "file", 1)):
        caplog.clear()
        settings.DUMPS_ROOT = str(root)
        for address in (*NAMING, "/about/data/"):
            response = client.get(address)
            assert response.status_code == 200
            assert "/dumps/" not in response.text
        assert client.get("/dumps/stem-observatory-1.zip").status_code == 404
        logged = [one for one in caplog.records if one.name == "stemobs.dumps.archive"]
        assert len(logged) == warnings
        assert all(one.levelno == logging.WARNING for one in logged)


def test_an_archive_with_a_wrong_digest_or_manifest_is_not_offered(
    settings: LazySettings, tmp_path: Path, two: tuple[Path, Path]
) -> None:
    _older, newer = two
    whole = newer.read_bytes()
    digest = newer.with_name(f"{newer.name}.sha256")
    line = digest.read_bytes()
    for wrong in (b"", b"0" * 64, line.upper(), line[:-1], line + b"x", b"\xff" * 64 + line[64:]):
        digest.write_bytes(wrong)
        os.utime(newer)
        assert find_offered_archive(1000) is None, wrong
    digest.write_bytes(line)
    assert find_offered_archive(1000)
    # A private dump that somebody packed and named by hand, and the dump of another revision.
    Revision.objects.update(number=100)
    private = write_dump(tmp_path / "private", is_private=True).rename(tmp_path / newer.stem)
    for base in (private, newer.with_name("stem-observatory-99")):
        newer.unlink()
        with ZipFile(newer, "x") as packed:
            packed.write(base / "manifest.json", f"{newer.stem}/manifest.json")
        assert find_offered_archive(1000) is None
    newer.write_bytes(whole)
    assert find_offered_archive(1000)


def test_a_damaged_archive_raises_no_error_and_a_truncated_one_is_not_offered(
    two: tuple[Path, Path],
) -> None:
    _older, newer = two
    whole = newer.read_bytes()
    for place in range(0, len(whole), len(whole) // 150):
        newer.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        assert isinstance(find_offered_archive(1000), Archive | None)
        newer.write_bytes(whole[:place])
        assert find_offered_archive(1000) is None


def test_an_archive_that_is_deleted_before_it_is_opened_is_not_found(
    client: Client, two: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _older, newer = two
    assert find_offered_archive(1000)
    path_open = Path.open

    def open_too_late(path: Path, *given: Any, **options: Any) -> Any:
        path.unlink()
        return path_open(path, *given, **options)

    monkeypatch.setattr(Path, "open", open_too_late)
    assert client.get(f"/dumps/{newer.name}").status_code == 404


# --- How it is served -----------------------------------------------------------------------------


def test_an_archive_is_sent_uncompressed_with_its_length_and_digest(
    client: Client, folder: Path
) -> None:
    archive = pack_dump(folder)
    response = client.get(f"/dumps/{archive.name}", headers={"Accept-Encoding": "gzip"})
    content = response.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    assert content == archive.read_bytes()
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Content-Length"] == str(len(content))
    assert response.headers["Content-Disposition"] == f'attachment; filename="{archive.name}"'
    assert response.headers["ETag"] == f'"{digest}"'
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert "Content-Encoding" not in response.headers
    only_headers = client.head(f"/dumps/{archive.name}")
    assert only_headers.getvalue() == b""
    for name in ("Content-Length", "Content-Type", "ETag"):
        assert only_headers.headers[name] == response.headers[name]
    again = client.get(f"/dumps/{archive.name}", headers={"If-None-Match": f'"{digest}"'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == f'"{digest}"'
    told = client.get(f"/dumps/{archive.name}.sha256")
    assert told.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert told.text == f"{digest}  {archive.name}\n"


def test_the_dcat_description_has_the_archives_size_and_checksum(
    client: Client, settings: LazySettings, two: tuple[Path, Path]
) -> None:
    _older, newer = two
    graph = read(client.get("/catalogue.jsonld").content)
    one = URIRef(f"{settings.SITE_URL}/catalogue.jsonld#dump")
    assert (None, DCAT.dataset, one) in graph
    assert told(graph, one, URIRef(f"{DCAT}version")) == {"100"}  # the catalogue is at 1000
    (form,) = graph.objects(one, DCAT.distribution)
    assert (form, RDF.type, DCAT.Distribution) in graph
    (address,) = told(graph, form, DCAT.downloadURL)
    assert address == f"{settings.SITE_URL}/dumps/{newer.name}"
    assert told(graph, form, DCAT.accessURL) == {address}
    assert told(graph, form, DCTERMS.license) == {LICENCE}
    assert told(graph, form, DCTERMS.modified) == told(graph, one, DCTERMS.modified)
    (package,) = told(graph, form, DCAT.packageFormat)
    assert package == "https://www.iana.org/assignments/media-types/application/zip"
    size = Literal(str(newer.stat().st_size), datatype=XSD.nonNegativeInteger)
    assert (form, DCAT.byteSize, size) in graph
    (checksum,) = graph.objects(form, SPDX.checksum)
    assert (checksum, RDF.type, SPDX.Checksum) in graph
    assert told(graph, checksum, SPDX.algorithm) == {f"{SPDX}checksumAlgorithm_sha256"}
    (value,) = graph.objects(checksum, SPDX.checksumValue)
    assert isinstance(value, Literal)
    assert value.datatype == XSD.hexBinary
    assert value.value == hashlib.sha256(newer.read_bytes()).digest()


def test_the_archive_is_in_the_schema_org_data_of_pages(
    client: Client, settings: LazySettings, two: tuple[Path, Path]
) -> None:
    _older, newer = two
    for page in ("/", "/about/data/"):
        root = html5lib.parse(client.get(page).text, namespaceHTMLElements=False)
        scripts = [json.loads(e.text) for e in root.iter("script") if e.text]
        nodes = [node for one in scripts for node in one.get("@graph", [one])]
        (catalogue,) = [node for node in nodes if node["@type"] == "DataCatalog"]
        one = catalogue["dataset"][-1]
        assert one["version"] == "100"
        assert one["url"] == f"{settings.SITE_URL}/about/data/#dump"
        assert one["distribution"] == [
            {
                "@type": "DataDownload",
                "contentUrl": f"{settings.SITE_URL}/dumps/{newer.name}",
                "encodingFormat": "application/zip",
                "contentSize": f"{newer.stat().st_size} B",
                "sha256": hashlib.sha256(newer.read_bytes()).hexdigest(),
            }
        ]


def test_a_new_archive_changes_the_etag_of_only_those_pages_that_name_it(
    client: Client, settings: LazySettings, two: tuple[Path, Path]
) -> None:
    _older, newer = two
    addresses = (*NAMING, "/about/", "/programmes/", "/api/v1/programmes/", "/guides/")
    before = {address: client.get(address).headers["ETag"] for address in addresses}
    # The archive is new, but the catalogue has not changed.
    pack_at_revision(1000, settings)
    for address, tag in before.items():
        response = client.get(address, headers={"If-None-Match": tag})
        assert response.status_code == (200 if address in NAMING else 304), address
        assert ("stem-observatory-1000.zip" in response.text) == (address in NAMING)
    assert client.get(f"/dumps/{newer.name}").status_code == 404


def test_the_data_page_links_to_the_archive_and_says_how_to_use_it(
    client: Client, settings: LazySettings, two: tuple[Path, Path]
) -> None:
    _older, newer = two
    found = look(client, "/about/data/")
    settings.DUMPS_ROOT = ""
    without = look(client, "/about/data/")
    assert "dump" in found.ids - without.ids
    assert found.faults == without.faults
    assert {f"/dumps/{newer.name}", f"/dumps/{newer.name}.sha256"} <= found.links
    assert "/api/v1/changes/?since=100" in found.links
    assert client.get("/api/v1/changes/?since=100").status_code == 200
    settings.DUMPS_ROOT = str(newer.parent)
    text = re.sub(r"\s+", " ", client.get("/about/data/").text)
    assert hashlib.sha256(newer.read_bytes()).hexdigest() in text
    assert f"{newer.stat().st_size / 1024:.1f} KB" in text
    assert f"unzip {newer.name} python manage.py load_dump {newer.stem}</code>" in text
