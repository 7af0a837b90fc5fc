"""What the catalogue looked like in each of its states, and who writes them.

A state has a number. Two programmes are named after it in one transaction, and whether the second
one runs depends on it. So an answer tells of which state it is, and whether all of it is of that.
"""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, RLock, Thread

import psycopg2

from tests.faults.clusters import Cluster

NAMED, BESIDE = "esero", "katapult"
LIST = "/api/v1/programmes/?country=NL&page_size=100&facets=status"
# Each shows one of both programmes at least.
PATHS = (LIST, f"/api/v1/programmes/{NAMED}/", "/programmes/?country=NL", f"/programmes/{NAMED}/")
NUMBER = re.compile(rb"State (\d+)")
CHANGE = """
UPDATE programmes_programme SET
    name = CASE slug WHEN %(named)s THEN %(name)s ELSE %(name)s || ' beside' END,
    status = CASE slug WHEN %(named)s THEN 'active' ELSE %(status)s END
WHERE slug IN (%(named)s, %(beside)s)
"""
PRESENT = f"SELECT name FROM programmes_programme WHERE slug = '{NAMED}'"  # noqa: S608  # ours
OTHERS = f"""
SELECT count(*) FROM programmes_programme p
JOIN programmes_programme_countries c ON c.programme_id = p.id
JOIN programmes_country n ON n.id = c.country_id
WHERE n.code = 'NL' AND p.status = 'active' AND p.state = 'published'
AND p.slug NOT IN ('{NAMED}', '{BESIDE}')
"""  # noqa: S608  # ours
BETWEEN = 0.5  # seconds from one state to the next


def is_running(number: int) -> bool:
    """Whether the second programme runs in a state."""
    return number % 2 == 0


@dataclass
class State:
    """A state: when its writing began and was done, and whether a promotion lost it."""

    number: int
    begun: float
    done: float | None = None
    lost: float | None = None


@dataclass
class Model:
    """All states that were written, by number, and how many other programmes run."""

    primary: Cluster
    others: int = 0
    states: dict[int, State] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let nothing be written within the block but what it writes itself."""
        with self.lock:
            yield

    def write(self) -> int:
        """Write the next state; its number is never used again, whatever becomes of it."""
        state = State(len(self.states) + 1, time.monotonic())
        self.states[state.number] = state
        given = {
            "named": NAMED,
            "beside": BESIDE,
            "name": f"State {state.number}",
            "status": "active" if is_running(state.number) else "completed",
        }
        opened = psycopg2.connect(host=str(self.primary.folder), user="site", dbname="site")
        try:
            with opened, opened.cursor() as cursor:
                cursor.execute(CHANGE, given)
        finally:
            opened.close()
        state.done = time.monotonic()
        return state.number

    def list_begun(self, begun: float, ended: float) -> list[State]:
        """Return the states whose writing began within a time."""
        return [one for one in [*self.states.values()] if begun <= one.begun <= ended]

    def lose_all_but(self, kept: int) -> None:
        """Note which states a promoted server does not have."""
        for state in self.states.values():
            if state.number > kept:
                state.lost = time.monotonic()

    def rank(self, number: int) -> int:
        """Return the place of a state in history; a lost one has that of the last one kept."""
        while number and self.states[number].lost:
            number -= 1
        return number

    def find_fault(self, path: str, body: bytes, ended: float) -> tuple[int, str]:
        """Return the number of the state that an answer shows, and what is wrong with it."""
        numbers = read_numbers(body)
        if len(numbers) != 1:
            return 0, f"shows {sorted(numbers)} at once"
        (number,) = numbers
        if number not in self.states or self.states[number].begun > ended:
            return number, f"shows {number}, which was not yet"
        if path == LIST:
            counted = {one["value"]: one["count"] for one in json.loads(body)["facets"]["status"]}
            right = self.others + 1 + is_running(number)
            if counted["active"] != right:
                return number, f"counts {counted['active']} instead of {right} in {number}"
        return number, ""


def read_numbers(body: bytes) -> set[int]:
    """Return the numbers of the states that an answer shows; there should be one."""
    return {int(found) for found in NUMBER.findall(body)}


def read_present(primary: Cluster) -> int:
    """Return the number of the state that a server has."""
    return int(primary.ask("site", PRESENT).split()[1])


@contextmanager
def writing(primary: Cluster) -> Iterator[Model]:
    """Write one state after the other while the block runs, to whatever is the model's primary."""
    model, ending = Model(primary), Event()
    model.others = int(primary.ask("site", OTHERS))
    model.write()

    def work() -> None:
        while not ending.wait(BETWEEN):
            with model.lock, suppress(psycopg2.Error):  # the primary may be away
                model.write()

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield model
    finally:
        ending.set()
        thread.join()
