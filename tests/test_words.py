"""Tests of the words that readers meet: plain, short, and about programmes, not our filing."""

import re
from pathlib import Path
from statistics import median

import pytest

from partnerships.models import Organisation, Strategy
from programmes.models import Programme
from tests.texts import (
    PLACE,
    ROOT,
    list_class_names,
    list_documents,
    measure_reading_ease,
    read_document,
    read_interface_texts,
    split_sentences,
)

MOST_WORDS = 30  # in a sentence
MOST_WORDS_OF_A_SUMMARY = 25

# The verbs that summaries begin with; a new one is added here.
DOES = """
Asks Awards Brings Calls Certifies Challenges Coaches Draws Equips Fits Follows Gathers Gets
Gives Guides Helps Holds Honours Invites Joins Lends Lets Links Makes Matches Offers Opens
Pairs Pays Plans Prepares Puts Recognises Rewards Runs Sends Sets Shows Supports Takes Teaches
Tests Trains Turns Unites Welcomes
"""
DID = """
Aimed Announced Brought Collected Developed Equipped Gave Helped Invited Joined Kept Let
Linked Made Offered Paid Paired Presented Put Renewed Sent Showed Sought Taught Tied Took
Trained United Worked
"""

# What nobody should read on any page, and what only those read who work with the data.
RIDDLES = r"\blines? \d|plain-text copy|status field|has no address|for ever\b|on the record|—| - "
FILING = r"\bslugs?\b|\blocators?\b|on record|not recorded|not stated|taken up|^ISCED"
# Rooms whose texts are for programmers, who need the names of fields and parameters.
WORKSHOPS = re.compile("templates/(api|pages/gallery)/|stemobs/(api|exports|workshop)/")


def find_texts(pattern: str) -> list[tuple[str, str]]:
    return [
        (path, text)
        for path, text in read_interface_texts()
        if re.search(pattern, PLACE.sub(" ", text), re.IGNORECASE)
    ]


def test_no_text_speaks_in_riddles() -> None:
    assert find_texts(RIDDLES) == []


def test_texts_for_readers_and_curators_do_not_speak_of_our_filing() -> None:
    assert [found for found in find_texts(FILING) if not WORKSHOPS.match(found[0])] == []


def test_no_sentence_is_long() -> None:
    long = [
        (path, " ".join(words))
        for path, text in read_interface_texts()
        for words in split_sentences(text)
        if len(words) > MOST_WORDS
    ]
    assert long == []


def test_the_texts_of_the_interface_read_easily() -> None:
    sentences = {text for _path, text in read_interface_texts() if text.endswith(".")}
    assert measure_reading_ease(sentences) >= 60


@pytest.mark.django_db
@pytest.mark.data
@pytest.mark.parametrize("field", ["summary", "description"])
def test_most_summaries_and_descriptions_read_easily(field: str) -> None:
    """Names of programmes and organisations do not count: nobody can choose shorter ones."""
    rows = [*Programme.objects.prefetch_related("names"),
            *Organisation.objects.prefetch_related("names")]  # fmt: skip
    names = {name for row in rows for name in (row.name, *(one.name for one in row.names.all()))}
    known = re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)))
    texts = Programme.objects.published().exclude(**{field: ""}).values_list(field, flat=True)
    assert median(measure_reading_ease([known.sub(" ", text)]) for text in texts) >= 50


@pytest.mark.django_db
@pytest.mark.data
def test_no_summary_of_a_programme_is_long() -> None:
    texts = Programme.objects.values_list("summary", flat=True)
    assert [text for text in texts if len(text.split()) > MOST_WORDS_OF_A_SUMMARY] == []


def list_verbs(status: str) -> list[str]:
    return (DOES if status == Programme.Status.ACTIVE else DID).split()


@pytest.mark.django_db
@pytest.mark.data
@pytest.mark.parametrize("model", [Programme, Strategy], ids=lambda model: model.__name__)
def test_a_summary_begins_with_a_verb_in_the_present_only_for_what_runs(
    model: type[Programme | Strategy],
) -> None:
    """What it did stays true of what may have ended; that it still does it, nobody has told us."""
    odd = [
        (row.slug, row.summary)
        for row in model._default_manager.all()
        if row.summary.split()[0] not in list_verbs(row.status)
    ]
    assert odd == []


# --- Documents -----------------------------------------------------------------------------------
#
# They follow the rules of pages, with three differences. They may say slug, locator and ISCED:
# programmers, for whom they are, use fields of these names. Rows of tables are no sentences, and
# hold names such as “Roberta - Learning with Robots”. What is code has to be marked as code.

FILING_OF_DOCUMENTS = r"on record|not recorded|not stated|taken up"
DASH = " - "
NAME_OF_CODE = re.compile(r"\b[A-Za-z]+_\w+|\b\w+\(\)|\b[A-Z]\w*[a-z][A-Z]\w*")


@pytest.fixture(params=list_documents(), ids=lambda path: str(path.relative_to(ROOT)))
def document(request: pytest.FixtureRequest) -> Path:
    """Each of the documents in turn."""
    path: Path = request.param
    return path


def test_no_document_speaks_in_riddles_or_of_our_filing(document: Path) -> None:
    forbidden = re.compile(f"{RIDDLES}|{FILING_OF_DOCUMENTS}", re.IGNORECASE)
    found = [
        (match[0], text)
        for start, text in read_document(document)
        for match in forbidden.finditer(PLACE.sub(" ", text))
        if not (start == "|" and match[0] == DASH)
    ]
    assert found == []


def test_no_sentence_of_a_document_is_long(document: Path) -> None:
    long = [
        " ".join(words)
        for start, text in read_document(document)
        for words in split_sentences(text)
        if start != "|" and len(words) > MOST_WORDS
    ]
    assert long == []


def test_documents_mark_the_names_of_code_as_code(document: Path) -> None:
    """Headings may be such names: those of the data dictionary are the models."""
    unmarked = [
        (name, text)
        for start, text in read_document(document)
        if start != "|" and not start.startswith("#")
        for name in NAME_OF_CODE.findall(PLACE.sub(" ", text))
        if not name[0].isupper() or name in list_class_names()
    ]
    assert unmarked == []


def test_documents_read_easily(document: Path) -> None:
    texts = [text for start, text in read_document(document) if start != "|"]
    assert measure_reading_ease(texts) >= 60
