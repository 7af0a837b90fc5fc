"""The catalogue in many processes at once: workers of two hosts, writers, threads, sudden deaths.

Everything is real: gunicorn, commits, `kill -9`. What is asked of a worker is asked of that one, by
its process id, so that “every worker” is meant.
"""

import json
from typing import Any

import pytest

from tests.processes.hosts import (
    AFTER_RELATIONS,
    ORGANISATIONS,
    Environment,
    every_worker_tells,
    execute,
    from_every_worker,
    outside,
    revision,
    search,
    told,
)
from tests.servers import (
    Answer,
    Clerk,
    Server,
)

# --- What is committed, the next request of every worker shows ------------------------------------


def test_a_row_that_was_saved_shows(made: str, writer: Clerk, hosts: list[Server]) -> None:
    writer.do("save", slug=made, name=f"{made} after", status="completed")
    every_worker_tells(hosts, made, [f"{made} after"], status={"Completed": 1})
    every_worker_tells(hosts, f'"{made} before"', [], status={})


def test_rows_that_were_updated_without_a_signal_show(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    writer.do("make", slug=f"{made}-2", name=f"{made} second")
    writer.do("update", slugs=[made, f"{made}-2"], status="planned")
    every_worker_tells(hosts, made, [f"{made} before", f"{made} second"], status={"Planned": 2})


def test_what_somebody_wrote_past_django_shows(
    made: str, environment: Environment, hosts: list[Server]
) -> None:
    with outside(environment) as opened:
        execute(
            opened,
            "UPDATE programmes_programme SET name = ?, status = 'unknown' WHERE slug = ?",
            f"{made} by hand",
            made,
        )
        every_worker_tells(hosts, made, [f"{made} before"], status={"Active": 1})
        opened.commit()
    every_worker_tells(hosts, made, [f"{made} by hand"], status={"Not known": 1})


def test_a_relation_that_was_changed_shows(made: str, writer: Clerk, hosts: list[Server]) -> None:
    writer.do("place", slug=made, countries=["BE", "FR"])
    every_worker_tells(hosts, made, [f"{made} before"], country={"Belgium": 1, "France": 1})
    every_worker_tells(hosts, f"{made} netherlands", [])


def test_a_programme_that_was_deleted_is_gone(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    writer.do("remove", slug=made)
    every_worker_tells(hosts, made, [], country={}, status={}, organisation={})


def test_an_organisation_that_was_renamed_shows(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    writer.do("rename_organisation", slug=f"{made}-partner", name=f"Renamed{made}")
    every_worker_tells(
        hosts, f"renamed{made}", [f"{made} before"], organisation={f"Renamed{made}": 1}
    )


def test_another_name_of_an_organisation_finds_its_programme(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    names = {"name": f"Called{made}", "alias": f"called-{made}"}
    writer.do("call_organisation", slug=f"{made}-partner", **names)
    every_worker_tells(hosts, f"called{made}", [f"{made} before"], organisation={f"{made} Ltd": 1})
    for answer in from_every_worker(hosts, f"/api/v1/organisations/?q=called{made}"):
        assert [row["slug"] for row in answer.json()["results"]] == [f"{made}-partner"]


def test_a_tag_of_one_worker_holds_at_all_of_them_until_something_changes(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    tag = hosts[0].ask(search(made)).headers["ETag"]
    answers = from_every_worker(hosts, search(made), **{"If-None-Match": tag})
    assert {answer.status for answer in answers} == {304}
    writer.do("save", slug=made, name=f"{made} after")
    answers = from_every_worker(hosts, search(made), **{"If-None-Match": tag})
    assert {answer.status for answer in answers} == {200}


# --- Threads --------------------------------------------------------------------------------------

PAIRS, FIRST, LAST, THREADS = 5, 1900, 2000, 8


def test_threads_never_see_half_a_change_nor_an_older_one(
    word: str, writers: list[Clerk], environment: Environment
) -> None:
    reader, writer = writers[:2]
    writer.do("make_pairs", word=word, pairs=PAIRS, version=FIRST)
    reader.do("start_reading", word=word, pairs=PAIRS, threads=THREADS)
    writer.do("swap_pairs", word=word, pairs=PAIRS, versions=(FIRST + 1, LAST + 1))
    seen = reader.do("stop_reading")
    assert seen["faults"] == {}
    assert seen["newest"] == [LAST] * THREADS
    assert seen["revisions"] == [revision(environment)] * THREADS
    assert seen["states"] > 1  # they did read meanwhile


def test_reading_waits_for_no_lock(made: str, writer: Clerk) -> None:
    assert writer.do("read_while_locked", word=made, threads=THREADS) == [1] * THREADS


@pytest.fixture
def reader(writers: list[Clerk], made: str) -> Clerk:
    """A process that knows the programme, and that its organisation has changed since."""
    reader, writer = writers[:2]
    reader.do("look", paths=["/api/v1/programmes/?page_size=1"])
    writer.do("rename_organisation", slug=f"{made}-partner", name=f"{made} plc")
    return reader


def interrupted(reader: Clerk, word: str, before: str, *step: Any) -> list[Any]:
    """Ask while a step is committed in the midst of renewing, and once more."""
    return [
        told(Answer(status, {}, json.dumps(said).encode()))
        for status, said in reader.do(
            "read_interrupted", path=search(word), before=before, step=step
        )
    ]


def test_a_programme_that_changes_while_it_is_read_is_read_as_it_was(
    made: str, reader: Clerk
) -> None:
    place = ("place", {"slug": made, "countries": ["BE"]})
    rename = ("save", {"slug": made, "name": f"{made} after"})
    first, second = interrupted(
        reader,
        f"{made} before",
        AFTER_RELATIONS,
        "transact",
        {"steps": [place, rename], "keep": True},
    )
    assert (first[0], first[2]["country"]) == (1, {"Netherlands": 1})
    assert second[0] == 0


def test_an_organisation_that_goes_while_it_is_read_is_still_there(
    made: str, reader: Clerk
) -> None:
    dissolve = ("dissolve_organisation", {"slug": f"{made}-partner", "programme": made})
    first, second = interrupted(reader, made, AFTER_RELATIONS, *dissolve)
    assert first[2]["organisation"] == {f"{made} plc": 1}
    assert second[2]["organisation"] == {}


def test_an_organisation_that_moves_while_it_is_read_has_its_old_address(
    made: str, reader: Clerk
) -> None:
    move = ("move_organisation", {"slug": f"{made}-partner", "to": f"{made}-moved"})
    first, second = interrupted(reader, made, ORGANISATIONS, *move)
    assert first[2]["organisation"] == second[2]["organisation"] == {f"{made} plc": 1}
