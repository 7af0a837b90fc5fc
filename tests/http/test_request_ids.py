"""Tests of the id of a request: taken or made, sent back, and in every line of the log."""

import json
import logging

import pytest
from django.test import Client

from stemobs.logs import HideTokens, JSONLines, request_id

OWN = "0123456789abcdef"
TOKEN = "a" * 26


def ask(client: Client, given: str | None = None) -> str:
    headers = {} if given is None else {"X-Request-ID": given}
    return client.get("/health/live", headers=headers).headers["X-Request-ID"]


@pytest.mark.parametrize("given", ["12345678", "A-B-C-D-E", "f" * 64])
def test_the_id_of_a_proxy_is_taken_and_sent_back(client: Client, given: str) -> None:
    assert ask(client, given) == given
    assert request_id.get() == given


@pytest.mark.parametrize(
    "given", [None, "", "1234567", "f" * 65, "a b c d e f", 'x"} {"level":"x', "ä" * 9, "a\nb" * 4]
)
def test_another_id_is_made_in_place_of_what_no_proxy_makes(
    client: Client, given: str | None
) -> None:
    made = {ask(client, given), ask(client, given)}
    assert len(made) == 2
    assert all(len(one) == 32 and one.isalnum() for one in made)


def write(record: logging.LogRecord) -> dict[str, str]:
    """Return a record as a handler with our filter and our formatter writes it."""
    HideTokens().filter(record)
    line = JSONLines().format(record)
    assert "\n" not in line
    return json.loads(line)


def make_record(message: str, *given: object, **more: object) -> logging.LogRecord:
    made = {"name": "stemobs.x", "levelno": logging.WARNING, "levelname": "WARNING", **more}
    return logging.makeLogRecord({"msg": message, "args": given, **made})


def test_a_line_of_json_has_time_level_logger_message_and_id(client: Client) -> None:
    ask(client, OWN)
    told = write(make_record("It is %s:\n“so”", "so"))
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "WARNING", "logger": "stemobs.x", "message": "It is so:\n“so”", "request_id": OWN
    }  # fmt: skip


def test_neither_message_nor_error_has_the_token_of_a_suggestion() -> None:
    try:
        raise ValueError(f"/suggest/{TOKEN}/ failed")
    except ValueError as error:
        with_error = (type(error), error, error.__traceback__)
    record = make_record("Fault at %s", f"/suggest/{TOKEN}/", exc_info=with_error)
    told = write(record)
    assert TOKEN not in json.dumps(told)
    assert "Traceback" in told["error"]
    record.exc_text = None
    assert TOKEN not in JSONLines().format(record)
