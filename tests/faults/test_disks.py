"""Curators and readers while the disk of the database is full or read-only, with a mounted disk."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.faults.curators import Curator, Fields
from tests.faults.load import MIXED, ask
from tests.faults.sites import WORKERS, Site, own_site
from tests.servers import free_port, served

pytestmark = [
    pytest.mark.trial,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk"),
]
MEGABYTE = 2**20


def mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True)


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    # The path of a socket may have about 100 characters only.
    disk = Path("/tmp") / f"faults.{secrets.token_hex(4)}"  # noqa: S108
    disk.mkdir()
    mount("-t", "tmpfs", "-o", "size=300m,mode=777", "tmpfs", disk)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
        disk.rmdir()


@pytest.fixture(scope="module")
def site(
    disk: Path, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[Site]:
    """A site whose database, and nothing else, lies on the disk."""
    folder = tmp_path_factory.mktemp("crowded")
    with own_site(folder, django_db_blocker, disk=disk) as served:
        yield served


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    filling = disk / "filling"
    with filling.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(MEGABYTE)):
            pass
    with filling.open("ab", buffering=0) as file, suppress(OSError):
        while file.write(bytes(1)):
            pass
    try:
        yield
    finally:
        filling.unlink()


@contextmanager
def read_only(disk: Path) -> Iterator[Path]:
    """Yield another path of the disk, by which nothing can be written."""
    other = disk.with_suffix(".readonly")
    other.mkdir()
    mount("--bind", disk, other)
    mount("-o", "remount,bind,ro", other)
    try:
        yield other
    finally:
        subprocess.run(["umount", "--lazy", other], check=True)
        other.rmdir()


def write_much(curator: Curator, address: str) -> Fields:
    """Return the fields of a programme, with a text that needs room on the disk."""
    fields = curator.ask(address).read_form(address)
    kept = [(name, value) for name, value in fields if name != "description"]
    return [*kept, ("description", secrets.token_hex(200_000))]


def test_on_a_full_disk_readers_read_on_and_a_curator_saves_the_same_form_afterwards(
    site: Site, disk: Path
) -> None:
    right = site.read_right_answers()
    curator = Curator(site)
    assert curator.sign_in().status == 302
    address = curator.find_programme()
    fields = write_much(curator, address)
    with filled(disk):
        page = curator.ask(address, fields)
        assert page.status == 507, page.text
        answers = [ask(site.port, path) for path in MIXED]
    assert {answer.kind for answer in answers} == {"200"}
    assert all(answer.text == right[answer.path] for answer in answers)
    assert curator.ask(address, page.read_form(address)).status == 302
    assert "Traceback" not in site.read_log()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL writes by itself.")
def test_on_a_read_only_disk_readers_get_right_answers_and_a_curator_a_503(
    site: Site, disk: Path, tmp_path: Path
) -> None:
    right = site.read_right_answers()
    with read_only(disk) as other, free_port() as listener:
        url = f"sqlite:///{other / 'site.sqlite3'}"
        environment = {**site.environment, "DATABASE_URL": url}
        with served(environment, listener, tmp_path / "log", *WORKERS) as server:
            reading = Site(server, None, site.file, environment)
            answers = [ask(reading.port, path) for path in MIXED]
            page = Curator(reading).sign_in()
            assert "Traceback" not in reading.read_log()
    assert {answer.kind for answer in answers} == {"200"}
    assert all(answer.text == right[answer.path] for answer in answers)
    assert (page.status, "Retry-After" in page.headers) == (503, True)
