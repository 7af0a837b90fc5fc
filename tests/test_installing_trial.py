"""Tests of `./dev` on a disk that is full or read-only, with a small disk that is mounted."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tiny_project import Project, assert_nothing_is_lost, make

pytestmark = [
    pytest.mark.trial,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk"),
]


def mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The tiny project on a disk of 100 megabytes of its own."""
    disk = tmp_path_factory.mktemp("disk")
    mount("-t", "tmpfs", "-o", "size=100m", "tmpfs", disk)
    try:
        (disk / "temporary").mkdir()
        yield make(disk)
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.fixture
def disk(project: Project) -> Path:
    return project.folder.parent


# Depending on the free megabytes, the disk is full at different steps of the installation.
@pytest.mark.parametrize("left", [0, 1, 4, 8, 12, 16])
def test_on_a_full_disk_installing_fails_with_a_message_and_keeps_the_environment(
    project: Project, disk: Path, left: int
) -> None:
    project.write_new_lock()
    fill(disk, left)
    try:
        finished = project.dev("manage", "tell", TMPDIR=str(disk / "temporary"))
        assert finished.returncode == 1
        assert "the disk is full. Make room" in finished.stderr
        assert "repeat the command" in finished.stderr
        assert "The environment in .venv is as it was." in finished.stderr
        assert_nothing_is_lost(project)
    finally:
        (disk / "filling").unlink()
    project.write_new_lock()
    assert project.versions()["giving"] == "2.0"
    project.write_lock(project.old)
    project.versions()


def fill(disk: Path, left: int) -> None:
    """Fill the disk, leaving `left` megabytes free."""
    room = os.statvfs(disk)
    with (disk / "filling").open("wb") as file:
        for _ in range(room.f_bavail * room.f_frsize // 1_000_000 - left):
            file.write(bytes(1_000_000))
        if left == 0:
            fill_to_the_last(file.fileno())


def fill_to_the_last(file: int) -> None:
    try:
        while os.write(file, bytes(4096)):
            pass
    except OSError:
        return


def test_on_a_read_only_disk_installing_fails_and_names_the_folder(
    project: Project, disk: Path
) -> None:
    mount("-o", "remount,ro", disk)
    try:
        finished = project.dev("manage", "tell")
        now = project.versions_of_now()
    finally:
        mount("-o", "remount,rw", disk)
    assert finished.returncode == 1
    assert f"nothing can be written in {project.folder}" in finished.stderr
    assert "repeat the command" in finished.stderr
    assert now["giving"] == "1.0"
