"""Two people who decide on the same thing at once, and processes killed while somebody decides."""

import random
import signal
from contextlib import closing
from typing import Any

import pytest

from tests import chance
from tests.processes.hosts import Environment, is_writer_blocked
from tests.servers import Clerk, wait_until

Deciders = tuple[Clerk, Clerk, Clerk]


def decide_at_once(
    people: Deciders, environment: Environment, buttons: Any, hold: str = "take_turn", **held: Any
) -> list[list[Any]]:
    """Let two people press buttons while somebody else's turn lasts; return both answers."""
    holder, *deciders = people
    holder.do(hold, **held)
    for person, (button, fields) in zip(deciders, buttons, strict=True):
        person.tell("press", button=button, **fields)
        wait_until(lambda: is_writer_blocked(environment), "somebody waits")
    holder.do("commit")
    return [person.answer() for person in deciders]


def open_for_two(people: Deciders, made: dict[str, Any], **options: Any) -> None:
    for person, name in zip(people[1:], ("rita", "rob"), strict=True):
        first = made.get("first", [])
        person.do("open_page", name=name, page=made["page"], first=first, **options)


def find_second(answers: list[list[Any]], done: str) -> tuple[str, str]:
    """Return who came first, as one of two answers shows, and what the other one was told."""
    told = dict(zip(("rita", "rob"), (one for _status, one in answers), strict=True))
    (first,) = [name for name, one in told.items() if done in one]
    (second,) = told.keys() - {first}
    return first, told[second]


@pytest.fixture(scope="module")
def people(writers: list[Clerk]) -> Deciders:
    holder, one, another = writers[:3]
    return holder, one, another


APPROVE, COMMENT = ("_approve", {}), {"comment": "Give a year."}


@pytest.mark.parametrize(
    ("what", "button", "done", "told"),
    [
        ("draft", APPROVE, "Published", "This draft was approved first by"),
        ("bulk", APPROVE, "Published: 3 records", "This was decided first by"),
        ("import", APPROVE, "Published: 2 records", "Somebody was first with these"),
        ("merger", ("_merge", {"reason": "One website."}), "Merged", "was changed by"),
    ],
    ids=["draft", "bulk", "import", "merger"],
)
def test_of_two_who_decide_at_once_the_second_is_told_who_was_first(
    people: Deciders,
    word: str,
    environment: Environment,
    what: str,
    button: Any,
    done: str,
    told: str,
) -> None:
    made = people[0].do("prepare", what=what, word=word)
    if what == "merger":
        button = (button[0], {**button[1], "stay": made["stay"]})
    open_for_two(people, made)
    before = people[0].do("tell_all", word=word)
    answers = decide_at_once(people, environment, [button, button])
    first, other = find_second(answers, done)
    assert told in other
    assert first in other
    assert done not in other
    left = people[0].do("tell_all", word=word)
    assert left["edits"] == before["edits"] + 1
    assert left["revision"] > before["revision"]


def test_a_draft_is_either_approved_or_returned(
    people: Deciders, word: str, environment: Environment
) -> None:
    open_for_two(people, people[0].do("prepare", what="draft", word=word))
    before = people[0].do("tell_all", word=word)
    answers = decide_at_once(people, environment, [APPROVE, ("_return", COMMENT)])
    told = " ".join(one for _status, one in answers)
    is_approved = "Published. Readers see it now." in told
    first = "approved first by rita" if is_approved else "returned first by rob"
    assert first in told
    assert ("Returned to anna" in told) is not is_approved
    left = people[0].do("tell_all", word=word)
    assert left["edits"] == before["edits"] + is_approved
    assert left["drafts"] == ["published" if is_approved else "returned"]


def test_a_task_is_taken_or_closed_by_one_of_two(
    people: Deciders, word: str, environment: Environment
) -> None:
    made = people[0].do("open_task", word=word)
    open_for_two(people, made)
    close = ("_close", {"reason": "It is right."})
    answers = decide_at_once(
        people, environment, [("_take", {}), close], hold="hold_task", task=made["task"]
    )
    told = " ".join(one for _status, one in answers)
    assert sorted(status for status, _told in answers) == [302, 409]
    is_taken = "1 task is yours" in told
    assert ("was taken first by rita" if is_taken else "was closed first by rob") in told


COLOURS = {"red": [254, 0, 0], "blue": [0, 0, 254]}


@pytest.mark.trial
@pytest.mark.parametrize("is_reviewed", [False, True], ids=["at-once", "reviewed"])
def test_of_two_who_upload_a_picture_at_once_the_second_is_asked_and_no_file_is_left_over(
    people: Deciders, word: str, environment: Environment, is_reviewed: bool
) -> None:
    holder, *curators = people
    holder.do("prepare", what="record", word=word)
    for person, name in zip(curators, ("carla", "curt"), strict=True):
        person.do("open_form", name=name, word=word, is_reviewed=is_reviewed)
    holder.do("take_turn")
    for person, colour in zip(curators, COLOURS, strict=True):
        person.tell("choose_picture", colour=colour)
        wait_until(lambda: is_writer_blocked(environment), "somebody waits")
    holder.do("commit")
    answers = [person.answer() for person in curators]
    assert sorted(status for status, _told in answers) == [302, 409], answers
    second = next(n for n, (status, _told) in enumerate(answers) if status == 409)
    assert "logo" in answers[second][1].lower()
    left = holder.do("list_pictures", word=word)
    assert left["used"] == left["there"]
    assert is_like(left["colour"], [*COLOURS][1 - second])


def is_like(colour: list[int], name: str) -> bool:
    """Whether a pixel has a colour, but for what writing it as a picture may change."""
    return all(abs(one - other) < 9 for one, other in zip(colour, COLOURS[name], strict=True))


MERGE = {"reason": "The same."}
SHARED = ("sources", "organisations")


@pytest.mark.trial
@pytest.mark.parametrize("what", SHARED)
def test_of_two_who_merge_a_pair_both_ways_one_does_and_the_other_is_told_who(
    people: Deciders, word: str, environment: Environment, what: str
) -> None:
    made = people[0].do("prepare", what=what, word=word)
    open_for_two(people, made)
    before = people[0].do("tell_all", word=word)
    buttons = [("_merge", {**MERGE, "stay": pk}) for pk in made["both"]]
    answers = decide_at_once(people, environment, buttons)
    first, other = find_second(answers, "Merged")
    assert f"not there any more. It was merged or deleted by {first}" in other
    left = people[0].do("tell_all", word=word)
    assert left["edits"] == before["edits"] + 1
    assert left["named"] == left["shared"] * 3


@pytest.mark.trial
@pytest.mark.parametrize("what", SHARED)
@pytest.mark.parametrize("is_merger_first", [True, False])
def test_one_merges_what_a_record_names_while_somebody_saves_the_record(
    people: Deciders, word: str, environment: Environment, what: str, is_merger_first: bool
) -> None:
    made = people[0].do("prepare", what=what, word=word)
    merger = ("_merge", {**MERGE, "stay": made["stay"]}), made["page"]
    saving = ("_continue", {"summary": f"{word} after."}), made["form"]
    order = (merger, saving) if is_merger_first else (saving, merger)
    for person, name, (_button, page) in zip(people[1:], ("rita", "rob"), order, strict=True):
        person.do("open_page", name=name, page=page, four_eyes=False)
    answers = decide_at_once(people, environment, [button for button, _page in order])
    assert any("Merged" in told for _status, told in answers)
    left = people[0].do("tell_all", word=word)
    assert left["named"] == left["shared"] * 3
    assert left["records"][0][1] == f"{word} after.", answers


# --- Killed ---------------------------------------------------------------------------------------

DECIDED = {
    "draft": ("_approve", {}),
    "bulk": ("_approve", {}),
    "merger": ("_merge", {"reason": "One website."}),
    "file": ("_make", {}),
    **dict.fromkeys(SHARED, ("_merge", MERGE)),
}
OUTCOMES: dict[str, Any] = {
    "draft": (["published"], 3),
    "bulk": ("done", [True] * 3, [["published", [3]]] * 3),
    "merger": ["published", "withdrawn"],
    **dict.fromkeys(SHARED, (1, True)),
    "file": ("drafted", ["published", *["draft"] * 12], ["review"]),
}
AFTERWARDS = 12  # statements after the commit, such as those of looking for tasks


@pytest.mark.trial
@pytest.mark.parametrize("seed", chance.seeds(1))
@pytest.mark.parametrize("what", DECIDED)
def test_what_is_killed_while_somebody_decides_is_done_as_a_whole_or_not_at_all(
    writer: Clerk, environment: Environment, word: str, what: str, seed: int
) -> None:
    made = writer.do("prepare", what=what, word=word)
    button, fields = DECIDED[what]
    fields = {**fields, **{name: made[name] for name in ("stay",) if name in made}}
    before = writer.do("tell_all", word=word)
    with closing(Clerk(environment)) as mortal:
        mortal.do("open_page", name="rita", page=made["page"])
        number = mortal.do("count_statements", button=button, **fields)
        place = random.Random(seed).randrange(number + AFTERWARDS)
        mortal.do("open_page", name="rita", page=made["page"])
        mortal.tell("die_at", number=place, button=button, **fields)
        assert mortal.process.wait(timeout=60) == -signal.SIGKILL
    left = writer.do("tell_all", word=word)
    is_done = left != before
    writer.do("open_page", name="rob", page=made["page"] if not is_done else "/admin/")
    if not is_done:
        writer.do("press", button=button, **fields)
        left = writer.do("tell_all", word=word)
    assert left["edits"] == before["edits"] + 1, place
    assert find_outcome(what, left) == OUTCOMES[what], place


def find_outcome(what: str, left: dict[str, Any]) -> Any:
    """Return the part of what there is that says whether all was done, and once."""
    if what == "draft":
        return left["drafts"], left["steps"]
    if what in SHARED:
        return len(left["shared"]), left["named"] == left["shared"] * 3
    if what == "bulk":
        records = [[state, levels] for state, _summary, _merged, levels in left["records"]]
        return left["batches"][-1], left["rows"], records
    states = [state for state, *_rest in left["records"]]
    return (left["imports"][-1], states, left["drafts"]) if what == "file" else states
