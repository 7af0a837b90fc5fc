"""A run of the link check: several hosts at once, each at most every few seconds, for a while.

Threads do nothing but ask. What they found is written by the one that began the run, each look in
a commit of its own, so that a run which is killed loses only what was under way.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime

from django.db import reset_queries
from django.utils import timezone

from programmes.models import WebLink
from stemobs.curation.links.asking import Internet, Reply, Unreachable, ask
from stemobs.curation.links.records import list_due, list_pauses, note, take_in_addresses
from stemobs.curation.links.turns import Turns
from stemobs.curation.links.visiting import Finding, Visit

log = logging.getLogger(__name__)

LONGEST_WAIT = 10.0  # seconds without a look at the clock and the lease


@dataclass(frozen=True)
class Manners:
    """How a run behaves: the seconds between requests of a host, and for all of an address."""

    pause: float = 5.0
    patience: float = 15.0
    threads: int = 8


@dataclass
class Check:
    """One run; `clock` tells seconds, `now` the time of day, and `sleep` waits."""

    budget: float
    internet: Internet = field(default_factory=Internet)
    manners: Manners = Manners()
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = timezone.now
    go_on: Callable[[], None] = lambda: None  # called every few seconds; may raise to end the run

    def run(self) -> Counter[WebLink.Outcome]:
        """Look at what is due until the budget is over; return how often what was found.

        Nothing begins after that, and what is under way ends by its own deadline.
        """
        self.found: Counter[WebLink.Outcome] = Counter()
        self.ends = self.clock() + self.budget
        take_in_addresses()
        self.turns = self.line_up()
        self.under_way: dict[Future[Reply], tuple[Visit, str, float]] = {}
        with ThreadPoolExecutor(self.manners.threads) as self.pool:
            try:
                while self.begin_requests() or self.wait_for_turn():
                    self.go_on()
                    self.end_requests()
            finally:
                self.pool.shutdown(cancel_futures=True)
        return self.found

    def line_up(self) -> Turns:
        turns = Turns(self.manners.pause)
        begun = self.clock()
        for host, seconds in list_pauses(self.now()).items():
            turns.free_at[host] = begun + seconds
        most = 1 + int(self.budget / max(self.manners.pause, 0.01))
        for rank, (pk, address) in enumerate(
            list_due(self.now(), most).values_list("pk", "address")
        ):
            turns.add(Visit(rank, pk, address, self.manners.patience))
        return turns

    # One round

    def begin_requests(self) -> bool:
        """Let idle threads ask, as far as it is somebody's turn; return whether any is busy."""
        while len(self.under_way) < self.manners.threads and self.clock() < self.ends:
            visit = self.turns.take(self.clock())
            if visit is None:
                break
            future = self.pool.submit(ask, visit.address, visit.seconds, self.internet)
            self.under_way[future] = visit, visit.host, time.monotonic()
        return bool(self.under_way)

    def wait_for_turn(self) -> bool:
        """Sleep until it is somebody's turn; return False if that is not before the end."""
        moment = self.turns.find_next()
        if moment is None or max(moment, self.clock()) >= self.ends:
            return False
        self.sleep(min(max(moment - self.clock(), 0), LONGEST_WAIT))
        return True

    def end_requests(self) -> None:
        """Wait until a request has ended or another may begin, and take in what was answered."""
        moment = self.turns.find_next()
        is_full = len(self.under_way) == self.manners.threads
        longest = LONGEST_WAIT
        if moment is not None and not is_full and self.clock() < self.ends:
            longest = min(max(moment - self.clock(), 0), LONGEST_WAIT)
        done, _others = wait(self.under_way, longest, FIRST_COMPLETED)
        for future in done:
            visit, host, begun = self.under_way.pop(future)
            visit.seconds -= time.monotonic() - begun
            finding = self.take_in(visit, future)
            self.turns.rest(host, self.clock(), finding.pause.total_seconds() if finding else 0)
            if finding is None:
                self.turns.add(visit, is_next=True)
            else:
                self.keep(visit, finding)

    def take_in(self, visit: Visit, future: Future[Reply]) -> Finding | None:
        """Return what was found; None if the answer leads on. No answer ends the run."""
        try:
            return visit.take_in(future.result(), self.now())
        except Unreachable as error:
            return Finding(error.outcome)
        except Exception:
            log.exception("An answer could not be understood: %s", visit.address)
            return Finding(WebLink.Outcome.SENSELESS)

    def keep(self, visit: Visit, finding: Finding) -> None:
        note(visit.pk, finding, self.now())
        self.found[finding.outcome] += 1
        reset_queries()  # with DEBUG, Django would keep all queries in memory
