"""How long suggestions are kept, what dumps have of them, and that no log has their addresses."""

import logging
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from programmes.models import Suggestion
from stemobs.dumps.dump import write_dump
from stemobs.dumps.manifest import name_file
from stemobs.logs import HideTokens, hide_tokens
from tests.curation.suggesting import SAID, fill_in, find_row, find_token, send
from tests.hostile import make_small_catalogue

TOKEN = "a2" * 13


def run_tidy() -> str:
    out = StringIO()
    call_command("tidy_suggestions", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_what_was_answered_a_year_ago_is_deleted_and_nothing_else(client: Client) -> None:
    row = find_row(send(client))
    long_ago = timezone.now() - timedelta(days=366)
    Suggestion.objects.update(created_at=long_ago, seen_at=long_ago)
    assert run_tidy() == "0 deleted.\n"
    Suggestion.objects.update(state="accepted", decided_at=long_ago + timedelta(days=2))
    assert run_tidy() == "0 deleted.\n"
    Suggestion.objects.update(decided_at=long_ago)
    assert run_tidy() == "1 deleted.\n"
    assert not Suggestion.objects.filter(pk=row.pk).exists()


# --- Dumps ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_suggestions_are_in_private_dumps_only_and_come_back_from_them(
    client: Client, tmp_path: Path
) -> None:
    make_small_catalogue()
    response = send(client, fill_in_about_one())
    before = list(Suggestion.objects.values())
    public = write_dump(tmp_path)
    assert not (public / name_file(Suggestion)).exists()
    assert not any(SAID.encode() in file.read_bytes() for file in list_files(public))
    private = write_dump(tmp_path, is_private=True)
    assert SAID in (private / name_file(Suggestion)).read_text()
    assert not any(
        find_token(response).encode() in file.read_bytes() for file in list_files(private)
    )
    call_command("load_dump", str(private), "--replace", stdout=StringIO())
    assert list(Suggestion.objects.values()) == before
    assert client.get(response.headers["Location"]).status_code == 200


def fill_in_about_one() -> dict[str, str]:
    return fill_in(programme="one", value="65,000")


def list_files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


@pytest.mark.trial
@pytest.mark.django_db
def test_private_dumps_of_one_revision_are_numbered_if_suggestions_came(
    client: Client, tmp_path: Path
) -> None:
    make_small_catalogue()
    first = write_dump(tmp_path, is_private=True)
    assert write_dump(tmp_path, is_private=True) == first
    send(client, fill_in_about_one())
    second = write_dump(tmp_path, is_private=True)
    assert second.name == f"{first.name}-2"
    assert second.stat().st_mode & 0o077 == 0
    assert write_dump(tmp_path, is_private=True) == second
    assert sorted(tmp_path.iterdir()) == [first, second]


# --- Logs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        (f"GET /suggest/{TOKEN}/ HTTP/1.1", "GET /suggest/…/ HTTP/1.1"),
        (f'"https://a.example/suggest/{TOKEN}"', '"https://a.example/suggest/…"'),
        (f"/SUGGEST/{TOKEN}?x=/suggest/{TOKEN}/#a", "/SUGGEST/…?x=/suggest/…/#a"),
        (f"//suggest//{TOKEN}/", "//suggest//…/"),
        ("GET /suggest/?programme=jet-net-nl", "GET /suggest/?programme=jet-net-nl"),
        ("GET /search/suggestions/?q=x", "GET /search/suggestions/?q=x"),
    ],
)
def test_a_line_of_a_log_does_not_have_the_token(line: str, hidden: str) -> None:
    assert hide_tokens(line) == hidden


def test_the_filter_hides_tokens_in_arguments_and_in_errors() -> None:
    record = logging.LogRecord(
        "x", logging.ERROR, "x", 1, "%s: %d", (f"/suggest/{TOKEN}/", 7), None
    )
    try:
        raise ValueError(f"/suggest/{TOKEN}/")
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    assert HideTokens().filter(record)
    told = logging.Formatter().format(record)
    assert told.startswith("/suggest/…/: 7\nTraceback")
    assert TOKEN not in told


def test_the_log_of_the_site_has_the_filter() -> None:
    handlers = [one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler]
    assert any(isinstance(one, HideTokens) for handler in handlers for one in handler.filters)
