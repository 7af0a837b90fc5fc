"""The catalogue in many processes: each worker of two hosts must show what others commit.

Gunicorn, commits and killed processes are real. Requests reach a certain worker by its process id,
so that every single worker is checked.
"""

import json
from typing import Any

import pytest

from tests.processes.hosts import (
    AFTER_RELATIONS,
    ORGANISATIONS,
    Environment,
    ask_every_worker,
    assert_every_worker_lists,
    execute,
    open_connection,
    read_list,
    read_revision,
    search,
)
from tests.servers import (
    Answer,
    Clerk,
    Server,
)

# --- The next request of every worker shows what was committed ------------------------------------


def test_a_saved_programme_is_seen_by_every_worker(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    writer.do("save", slug=made, name=f"{made} after", status="completed")
    assert_every_worker_lists(hosts, made, [f"{made} after"], status={"Ended": 1})
    assert_every_worker_lists(hosts, f'"{made} before"', [], status={})


def test_a_bulk_update_without_signals_is_seen_by_every_worker(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    writer.do("make", slug=f"{made}-2", name=f"{made} second")
    writer.do("update", slugs=[made, f"{made}-2"], status="planned")
    assert_every_worker_lists(
        hosts, made, [f"{made} before", f"{made} second"], status={"Planned": 2}
    )


def test_an_sql_update_without_django_is_seen_by_every_worker(
    made: str, environment: Environment, hosts: list[Server]
) -> None:
    with open_connection(environment) as opened:
        execute(
            opened,
            "UPDATE programmes_programme SET name = ?, status = 'unknown' WHERE slug = ?",
            f"{made} by hand",
            made,
        )
        assert_every_worker_lists(hosts, made, [f"{made} before"], status={"Running": 1})
        opened.commit()
    assert_every_worker_lists(hosts, made, [f"{made} by hand"], status={"Not known": 1})


def test_changed_countries_of_a_programme_are_seen_by_every_worker(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    writer.do("place", slug=made, countries=["BE", "FR"])
    assert_every_worker_lists(hosts, made, [f"{made} before"], country={"Belgium": 1, "France": 1})
    assert_every_worker_lists(hosts, f"{made} netherlands", [])


def test_a_deleted_programme_is_no_longer_found_by_any_worker(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    writer.do("remove", slug=made)
    assert_every_worker_lists(hosts, made, [], country={}, status={}, organisation={})


def test_a_renamed_organisation_is_seen_by_every_worker(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    writer.do("rename_organisation", slug=f"{made}-partner", name=f"Renamed{made}")
    assert_every_worker_lists(
        hosts, f"renamed{made}", [f"{made} before"], organisation={f"Renamed{made}": 1}
    )


def test_a_new_other_name_of_an_organisation_finds_its_programme(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    names = {"name": f"Called{made}", "alias": f"called-{made}"}
    writer.do("call_organisation", slug=f"{made}-partner", **names)
    assert_every_worker_lists(
        hosts, f"called{made}", [f"{made} before"], organisation={f"{made} Ltd": 1}
    )
    for answer in ask_every_worker(hosts, f"/api/v1/organisations/?q=called{made}"):
        assert [row["slug"] for row in answer.json()["results"]] == [f"{made}-partner"]


def test_an_etag_from_one_worker_gives_304_at_all_until_something_changes(
    made: str, writer: Clerk, hosts: list[Server]
) -> None:
    tag = hosts[0].ask(search(made)).headers["ETag"]
    answers = ask_every_worker(hosts, search(made), **{"If-None-Match": tag})
    assert {answer.status for answer in answers} == {304}
    writer.do("save", slug=made, name=f"{made} after")
    answers = ask_every_worker(hosts, search(made), **{"If-None-Match": tag})
    assert {answer.status for answer in answers} == {200}


# --- Threads --------------------------------------------------------------------------------------

PAIRS, FIRST, LAST, THREADS = 5, 1900, 2000, 8


def test_threads_never_see_half_a_transaction_or_an_older_state(
    word: str, writers: list[Clerk], environment: Environment
) -> None:
    reader, writer = writers[:2]
    writer.do("make_pairs", word=word, pairs=PAIRS, version=FIRST)
    reader.do("start_reading", word=word, pairs=PAIRS, threads=THREADS)
    writer.do("swap_pairs", word=word, pairs=PAIRS, versions=(FIRST + 1, LAST + 1))
    seen = reader.do("stop_reading")
    assert seen["faults"] == {}
    assert seen["newest"] == [LAST] * THREADS
    assert seen["revisions"] == [read_revision(environment)] * THREADS
    assert seen["states"] > 1  # the threads did read while the writer wrote


def test_reading_the_catalogue_does_not_wait_for_its_lock(made: str, writer: Clerk) -> None:
    assert writer.do("read_while_locked", word=made, threads=THREADS) == [1] * THREADS


@pytest.fixture
def reader(writers: list[Clerk], made: str) -> Clerk:
    """A process that has read the catalogue, before its organisation was renamed by another."""
    reader, writer = writers[:2]
    reader.do("look", paths=["/api/v1/programmes/?page_size=1"])
    writer.do("rename_organisation", slug=f"{made}-partner", name=f"{made} plc")
    return reader


def ask_interrupted(reader: Clerk, word: str, before: str, *step: Any) -> list[Any]:
    """Search twice; in the first answer, a step is committed in the middle of renewing."""
    return [
        read_list(Answer(status, {}, json.dumps(said).encode()))
        for status, said in reader.do(
            "read_interrupted", path=search(word), before=before, step=step
        )
    ]


def test_a_programme_changed_during_renewing_is_read_in_its_old_state(
    made: str, reader: Clerk
) -> None:
    place = ("place", {"slug": made, "countries": ["BE"]})
    rename = ("save", {"slug": made, "name": f"{made} after"})
    first, second = ask_interrupted(
        reader,
        f"{made} before",
        AFTER_RELATIONS,
        "transact",
        {"steps": [place, rename], "keep": True},
    )
    assert (first[0], first[2]["country"]) == (1, {"Netherlands": 1})
    assert second[0] == 0


def test_an_organisation_deleted_during_renewing_is_still_read(made: str, reader: Clerk) -> None:
    dissolve = ("dissolve_organisation", {"slug": f"{made}-partner", "programme": made})
    first, second = ask_interrupted(reader, made, AFTER_RELATIONS, *dissolve)
    assert first[2]["organisation"] == {f"{made} plc": 1}
    assert second[2]["organisation"] == {}


def test_an_organisation_whose_slug_changes_during_renewing_is_still_counted(
    made: str, reader: Clerk
) -> None:
    move = ("move_organisation", {"slug": f"{made}-partner", "to": f"{made}-moved"})
    first, second = ask_interrupted(reader, made, ORGANISATIONS, *move)
    assert first[2]["organisation"] == second[2]["organisation"] == {f"{made} plc": 1}
