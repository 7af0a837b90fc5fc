"""Tests of `manage.py try_backup`, which restores a backup into a database that is thrown away."""

import io
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def backup(emptied: None, tmp_path: Path) -> Path:
    """A private dump of a catalogue with one programme, in a folder of backups."""
    builders.make_programme()
    call_command("dump", tmp_path / "backups", private=True, stdout=io.StringIO())
    (found,) = (tmp_path / "backups").iterdir()
    return found


def drill(place: Path, **options: str) -> str:
    out = io.StringIO()
    call_command("try_backup", place, stdout=out, **options)
    return out.getvalue()


# Into a file of SQLite, whatever the site has. PostgreSQL's own way has a test of its own below.
# All migrations run in it, which takes a quarter of a minute.
@pytest.mark.trial
@pytest.mark.once
def test_the_newest_dump_in_a_folder_is_restored_and_told_in_plain_words(backup: Path) -> None:
    former = backup.with_name("stem-observatory-1-private")
    former.mkdir()
    (former / "manifest.json").write_text("of no use")
    os.utime(former, (0, 0))
    told = drill(backup.parent)
    assert f"{backup} can be restored." in told
    assert f"from revision {backup.name.split('-')[2]}." in told
    assert "1 programmes are published in it, and all checks passed." in told


def test_a_dump_with_a_byte_changed_is_named_as_damaged(backup: Path) -> None:
    with (backup / "data/programmes.programme.ndjson").open("r+b") as file:
        file.write(b" ")
    with pytest.raises(CommandError, match=r"cannot be restored.*programmes\.programme\.ndjson"):
        drill(backup)


def test_a_damaged_file_and_one_that_is_no_backup_are_named(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("something else")
    with pytest.raises(CommandError, match="neither a dump nor a file of SQLite"):
        drill(tmp_path / "other")
    with closing(sqlite3.connect(tmp_path / "cut.sqlite3")) as made:
        made.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(99999));")
    os.truncate(tmp_path / "cut.sqlite3", 9_000)
    with pytest.raises(CommandError, match=r"cut\.sqlite3 (cannot be read|is damaged)"):
        drill(tmp_path)


def test_where_no_backup_is_the_drill_fails_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no backup in"):
        drill(tmp_path)
    with pytest.raises(CommandError, match="does not exist"):
        drill(tmp_path / "nowhere")


@pytest.mark.parametrize("url", ["postgres:///stem", "postgres://drill/stem", "mysql:///drill"])
def test_no_database_is_overwritten_whose_name_does_not_say_that_it_is_for_drills(
    tmp_path: Path, url: str
) -> None:
    with pytest.raises(CommandError, match="has to end in “drill”"):
        drill(tmp_path, into=url)


@pytest.fixture
def beside() -> Iterator[str]:
    """The URL of an empty database on the server of the tests."""
    given = urlsplit(os.environ["DATABASE_URL"])
    name = f"{connection.settings_dict['NAME']}_drill"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
        yield f"{given.scheme}://{given.netloc}/{name}?{given.query}"
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.trial
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server.")
def test_on_postgresql_a_database_beside_is_filled_again_and_again(
    backup: Path, beside: str
) -> None:
    for _time in range(2):
        assert "1 programmes are published" in drill(backup, into=beside)
