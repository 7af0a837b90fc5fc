"""The catalogue as a file: what was stored is loaded as it was, and nothing else is believed."""

import fcntl
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from stemobs.catalogue.catalogue import Catalogue, build_catalogue
from stemobs.catalogue.index import Index
from stemobs.catalogue.states.stored import find_file, load_catalogue, store_catalogue
from stemobs.release import digest_release

pytestmark = pytest.mark.django_db

PARTS = (
    *("facets", "entries", "everything", "in_names", "anywhere", "values"),
    *("vocabulary", "by_name", "by_change"),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("host")


@pytest.fixture(autouse=True)
def _own_host(settings: LazySettings, root: Path) -> None:
    settings.HOST_ROOT = root


@pytest.fixture
def built() -> Catalogue:
    return build_catalogue()


@pytest.fixture
def stored(built: Catalogue) -> Catalogue:
    assert store_catalogue(built)
    return built


def read_parts(index: Index) -> dict[str, object]:
    return {part: getattr(index, part) for part in PARTS} | {"words": index.words.numbers}


def test_a_stored_catalogue_is_loaded_as_it_was(stored: Catalogue) -> None:
    loaded = load_catalogue(stored.moment)
    assert loaded is not None
    assert loaded.moment == stored.moment
    assert loaded.is_shared
    for name in ("programmes", "organisations", "findings"):
        assert read_parts(getattr(loaded, name)) == read_parts(getattr(stored, name))


def test_without_a_file_nothing_is_loaded_and_nothing_told(
    built: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    find_file().unlink(missing_ok=True)
    assert load_catalogue(built.moment) is None
    assert not caplog.messages


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.999])
def test_a_file_that_was_cut_off_is_not_used(
    stored: Catalogue, share: float, caplog: pytest.LogCaptureFixture
) -> None:
    content = find_file().read_bytes()
    find_file().write_bytes(content[: int(len(content) * share)])
    assert load_catalogue(stored.moment) is None
    assert "The stored catalogue is not used" in caplog.text


@pytest.mark.parametrize("place", [0, 35, 100, -1])
def test_a_file_with_one_wrong_bit_is_not_used(
    stored: Catalogue, place: int, caplog: pytest.LogCaptureFixture
) -> None:
    content = bytearray(find_file().read_bytes())
    content[place] ^= 1
    find_file().write_bytes(content)
    assert load_catalogue(stored.moment) is None
    assert "The stored catalogue is not used" in caplog.text


def test_a_file_of_somebody_without_the_secret_key_is_not_used(
    stored: Catalogue, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SECRET_KEY = "another-" * 8
    assert load_catalogue(stored.moment) is None
    assert "another SECRET_KEY" in caplog.text


@pytest.fixture
def _another_release(stored: Catalogue, settings: LazySettings) -> Iterator[None]:
    settings.SITE_URL = "https://another.example"
    digest_release.cache_clear()
    yield
    digest_release.cache_clear()


@pytest.mark.usefixtures("_another_release")
def test_a_file_of_another_release_is_not_used(
    stored: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    assert load_catalogue(stored.moment) is None
    assert "another release" in caplog.text


def test_a_file_of_another_history_is_not_used(
    stored: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    assert load_catalogue(stored.moment._replace(history="f" * 32)) is None
    assert "another history" in caplog.text


def test_a_file_of_a_later_state_than_the_database_has_is_not_used(stored: Catalogue) -> None:
    earlier = stored.moment._replace(number=stored.moment.number - 1)
    assert load_catalogue(earlier) is None


def test_a_full_disk_is_told_and_the_present_file_stays(
    stored: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    before = find_file().read_bytes()
    find_file().with_name("catalogue.new").symlink_to("/dev/full")
    assert not store_catalogue(stored)
    assert "cannot be stored" in caplog.text
    assert find_file().read_bytes() == before
    assert store_catalogue(stored)


def test_a_folder_that_cannot_be_made_is_told(
    built: Catalogue, settings: LazySettings, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = root / "file"
    file.touch()
    settings.HOST_ROOT = file / "folder"
    assert not store_catalogue(built)
    assert "cannot be stored" in caplog.text
    assert load_catalogue(built.moment) is None


def test_a_process_leaves_it_to_another_that_is_just_writing(stored: Catalogue) -> None:
    find_file().unlink()
    with find_file().with_name("catalogue.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        beside = find_file().with_name("catalogue.new")
        beside.touch()
        assert not store_catalogue(stored)
        assert not find_file().exists()
        assert beside.exists()
    assert store_catalogue(stored)


def test_nobody_else_can_read_the_file(stored: Catalogue) -> None:
    assert find_file().stat().st_mode & 0o077 == 0


def test_the_log_says_which_revision_was_taken_from_the_file(
    stored: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        load_catalogue(stored.moment)
    assert f"revision {stored.revision} was stored" in caplog.text
