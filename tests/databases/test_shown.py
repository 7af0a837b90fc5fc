"""What a host has shown stands in a file: whole or not at all, and never pinned to what is gone."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings

from stemobs.databases.shown import LENGTH, NotedState, ShownState, write_line
from tests.servers import ROOT

SHOWN = NotedState("71", "a1", 5)
RAISE = """
import sys; import django; django.setup()
from stemobs.databases.shown import NotedState, shown_state
for number in range(int(sys.argv[1]), 300, 2):
    before = shown_state.find()
    # Whoever began later has something newer to note first: a lower one means a restored backup.
    if before is None or before.number < number:
        shown_state.advance(before, NotedState("71", "a1", number))
    assert shown_state.find().number >= number
"""


@pytest.fixture
def shown(tmp_path: Path, settings: LazySettings) -> ShownState:
    settings.HOST_ROOT = tmp_path / "host"
    return ShownState()


def test_what_one_process_notes_the_others_find(shown: ShownState) -> None:
    assert shown.find() is None
    shown.advance(None, SHOWN)
    assert ShownState().find() == SHOWN


def test_only_a_later_state_takes_the_place_of_what_others_noted_meanwhile(
    shown: ShownState,
) -> None:
    shown.advance(None, SHOWN)
    shown.advance(None, SHOWN._replace(number=4))
    shown.advance(None, SHOWN._replace(history="b2", number=9))
    assert shown.find() == SHOWN
    shown.advance(None, SHOWN._replace(number=6))
    assert shown.find() == SHOWN._replace(number=6)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (SHOWN._replace(history="b2", number=2), "another server or history"),
        (SHOWN._replace(system="72"), "another server or history"),
        (SHOWN._replace(number=3), "Was a backup restored?"),
    ],
)
def test_the_primary_is_believed_when_it_is_of_another_history_or_behind(
    shown: ShownState, caplog: pytest.LogCaptureFixture, state: NotedState, told: str
) -> None:
    shown.advance(None, SHOWN)
    shown.advance(SHOWN, state)
    assert shown.find() == state
    assert told in caplog.text


@pytest.mark.parametrize(
    "broken",
    [write_line(SHOWN)[:12], write_line(SHOWN).replace(b" 5 ", b" 6 "), b"\xff" * LENGTH, b"x y"],
)
def test_a_broken_file_is_ignored_and_said_and_noted_anew(
    shown: ShownState, caplog: pytest.LogCaptureFixture, broken: bytes
) -> None:
    shown.advance(None, SHOWN)
    shown.file.write_bytes(broken)
    assert shown.find() is None
    assert "cannot be read" in caplog.text
    shown.advance(None, SHOWN)
    assert shown.find() == SHOWN


def test_a_file_that_cannot_be_written_is_not_believed(
    shown: ShownState, caplog: pytest.LogCaptureFixture
) -> None:
    shown.file.mkdir(parents=True)
    with caplog.at_level(logging.WARNING):
        assert shown.find() is None
        shown.advance(None, SHOWN)
        assert shown.find() is None
    assert caplog.text.count("cannot be kept") == 1


def test_a_deleted_file_is_made_anew(shown: ShownState) -> None:
    shown.advance(None, SHOWN)
    shown.file.unlink()
    assert shown.find() is None
    shown.advance(None, SHOWN)
    assert shown.find() == SHOWN


@pytest.mark.slow
def test_two_processes_that_note_states_at_once_never_find_a_lower_one(
    shown: ShownState,
) -> None:
    environment = {
        "DJANGO_SETTINGS_MODULE": "stemobs.settings",
        "DEBUG": "true",
        "SECRET_KEY": "k" * 50,
        "HOST_ROOT": str(shown.file.parent),
    }
    both = [
        subprocess.Popen([sys.executable, "-c", RAISE, first], cwd=ROOT, env=environment)
        for first in ("1", "2")
    ]
    assert [process.wait() for process in both] == [0, 0]
    assert shown.find() == SHOWN._replace(number=299)
