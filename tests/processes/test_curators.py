"""Two curators who save at the same moment: one is told what the other took, and nothing fails."""

from typing import Any

import pytest

from tests.processes.hosts import (
    Environment,
    execute,
    is_writer_blocked,
    open_connection,
)
from tests.servers import Clerk, wait_until

PROGRAMMES, ORGANISATIONS = "/admin/programmes/programme", "/admin/partnerships/organisation"


def save_at_once(
    holder: Clerk, curators: list[Clerk], environment: Environment, forms: list[Any]
) -> list[list[Any]]:
    """Let two curators save while it is another one's turn; return both answers."""
    holder.do("take_turn")
    for curator, (path, changes) in zip(curators, forms, strict=True):
        curator.tell("curate", path=path, **changes)
    wait_until(lambda: is_writer_blocked(environment), "a curator waits")
    holder.do("commit")
    return [curator.answer() for curator in curators]


def add_twice(path: str, **fields: Any) -> list[Any]:
    return [(f"{path}/add/", fields)] * 2


def list_doubles(word: str) -> list[tuple[list[Any], str]]:
    """Return pairs of equal forms, with what the second is told."""
    programme = {"name": word, "slug": f"{word}-p", "summary": "A.", "scope": "national"}
    source = {"title": word, "slug": f"{word}-s", "kind": "page"}
    return [
        (
            add_twice(PROGRAMMES, **programme),
            "Another one has this name in addresses. Choose a different name.",
        ),
        (
            add_twice(ORGANISATIONS, name=word, slug=f"{word}-o", type="ngo"),
            "This address already leads to",
        ),
        (
            add_twice("/admin/programmes/audience", name=word, slug=f"{word}-a", position=1),
            "Another one has this name in addresses. Choose a different name.",
        ),
        (
            add_twice("/admin/programmes/country", name=word, code="NR"),
            "Country with this Code already exists.",
        ),
        (
            [
                ("/admin/programmes/source/add/", {**source, "url": f"https://{word}.example/"}),
                (
                    "/admin/programmes/source/add/",
                    {**source, "slug": f"{word}-t", "url": f"https://{word}.example/"},
                ),
            ],
            "Another source has this address. Use that source instead.",
        ),
    ]


def test_what_two_want_at_once_is_an_error_of_the_second_form(
    made: str, writers: list[Clerk], environment: Environment
) -> None:
    holder, *curators = writers[:3]
    for forms, told in list_doubles(made):
        answers = save_at_once(holder, curators, environment, forms)
        assert sorted(status for status, _errors in answers) == [200, 302], answers
        assert told in "".join(errors for _status, errors in answers)


def test_what_somebody_took_without_a_form_meanwhile_is_an_error_of_the_form(
    made: str, writers: list[Clerk], environment: Environment
) -> None:
    seeding, curator = writers[:2]
    taken = {"name": made, "slug": f"{made}-taken", "summary": "A.", "scope": "national"}
    seeding.do("begin")
    seeding.do("make", **taken)
    curator.tell("curate", path=f"{PROGRAMMES}/add/", **taken)
    wait_until(lambda: is_writer_blocked(environment), "the curator waits for the name")
    seeding.do("commit")
    status, errors = curator.answer()
    assert status == 200
    assert "Another one has this name in addresses." in errors


def find_id(opened: Any, slug: str) -> int:
    ((pk,),) = execute(opened, "SELECT id FROM programmes_programme WHERE slug = ?", slug)
    return pk


def test_two_mergers_cannot_close_a_circle_together(
    made: str, writers: list[Clerk], environment: Environment
) -> None:
    holder, *curators = writers[:3]
    for number in (2, 3):
        holder.do("make", slug=f"{made}-{number}", name=f"{made} {number}")
    with open_connection(environment) as opened:
        ids = [find_id(opened, f"{made}-{number}") for number in (2, 3)]
    forms = [
        (f"{PROGRAMMES}/{one}/change/", {"state": "withdrawn", "merged_into": other})
        for one, other in (ids, reversed(ids))
    ]
    answers = save_at_once(holder, curators, environment, forms)
    assert sorted(status for status, _errors in answers) == [200, 302], answers
    assert "This would go round in a circle" in "".join(errors for _status, errors in answers)


COUNTS = {
    "names": "SELECT count(*) FROM programmes_programmename WHERE programme_id = ?",
    "former_slugs": "SELECT count(*) FROM programmes_formerslug WHERE programme_id = ?",
}


@pytest.mark.parametrize("name", COUNTS)
def test_the_same_new_row_of_two_at_once_is_stored_once(
    made: str, writers: list[Clerk], environment: Environment, name: str
) -> None:
    holder, *curators = writers[:3]
    slug = f"{made}-{name.replace('_', '-')}"
    holder.do("make", slug=slug, name=slug)
    with open_connection(environment) as opened:
        pk = find_id(opened, slug)
    rows = {"names": {"name": made, "kind": "alias"}, "former_slugs": {"slug": f"{slug}-once"}}
    changes = {f"{name}__0__{column}": value for column, value in rows[name].items()}
    form = (f"{PROGRAMMES}/{pk}/change/", {**changes, f"{name}__TOTAL_FORMS": 1})
    answers = save_at_once(holder, curators, environment, [form, form])
    assert [status for status, _errors in answers] == [302, 302], answers
    with open_connection(environment) as opened:
        assert [tuple(row) for row in execute(opened, COUNTS[name], pk)] == [(1,)]
