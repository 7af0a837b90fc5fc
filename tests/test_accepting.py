"""Tests of what a client accepts: media types and codings."""

import pytest
from django.test import RequestFactory

from stemobs.accepting import choose_coding, find_preferred_type

HTML, JSON, JSON_LD, CSV = "text/html", "application/json", "application/ld+json", "text/csv"
TYPES = (HTML, JSON, JSON_LD, CSV)


def prefer(accept: str) -> str | None:
    return find_preferred_type(RequestFactory().get("/", headers={"Accept": accept}), TYPES)


@pytest.mark.parametrize(
    ("accept", "preferred"),
    {
        "application/json; charset=utf-8": JSON,
        "application/json;odata=verbose": JSON,
        "APPLICATION/JSON ; Charset=UTF-8": JSON,
        "text/csv; charset=utf-8; header=present": CSV,
        'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"': JSON_LD,
        'application/ld+json;profile="a, text/html;q=1";q=0.5, text/csv;q=0.4': JSON_LD,
        'application/json;a="unclosed, text/csv': JSON,
        "application/*": JSON,
        "application/*+json": JSON,
        "application/*+json, application/json;q=0": JSON_LD,
        "application/json, text/plain, */*": JSON,
        "*; q=.2, */*; q=.2": HTML,
        "text/html;q=0, */*": JSON,
        "*/*, application/*;q=0, text/html;q=0": CSV,
        "text/html;q=0.1, application/json;q=0.9": JSON,
        "text/html ; Q = 0.1 , application/json": JSON,
        "text/csv;q=high, text/html;q=0.5": CSV,
        "text/csv;q=nan": CSV,
        "text/csv;q=": CSV,
        "text/turtle": None,
        "text/*+json": None,
        "*/*;q=0": None,
        "application/json;q=0": None,
        "application/json;q=0.000;charset=utf-8": None,
        "": HTML,
        " ,, ": HTML,
        ";q=1": None,
        "nonsense": None,
        "*/json": None,
        "nonsense, text/csv": CSV,
    }.items(),
)
def test_the_preferred_type_is_that_of_the_accept_header(
    accept: str, preferred: str | None
) -> None:
    assert prefer(accept) == preferred


@pytest.mark.parametrize(
    "part", ["a/b;c=d,", ",", ";", '"', '"\\', '\\"', "text/x;q=0.1, ", "*/*;q=0,"]
)
def test_a_very_long_accept_header_is_read(part: str) -> None:
    assert prefer(part * (10_000 // len(part)) + '", text/csv') in (CSV, HTML, None)


@pytest.mark.parametrize(
    ("header", "coding"),
    {
        "gzip, deflate, br": "br",
        "gzip": "gzip",
        "x-gzip": "gzip",
        "GZIP ; q=0.5": "gzip",
        "br;q=0, gzip": "gzip",
        "br;q=0.1, gzip;q=0.9": "gzip",
        "br;q=0, gzip;q=0": "",
        "gzip;q=0": "",
        "*;q=0": "",
        "*": "",
        "": "",
        "identity": "",
        "gzip;q=0.5, identity": "",
        "gzip, identity;q=0.5": "gzip",
        "identity;q=0": "br",
        "identity;q=0, br;q=0, *": "gzip",
        "*;q=0, gzip": "gzip",
        "notgzip, gzip2": "",
    }.items(),
)
def test_a_coding_is_chosen_if_it_is_named_and_not_refused(header: str, coding: str) -> None:
    assert choose_coding(header, ["br", "gzip"]) == coding
