"""Whose turn it is: the first in order whose host has rested, and no host twice at once.

Every request counts, those that a redirect leads to as well.
"""

from collections import defaultdict, deque
from heapq import heappop, heappush

from stemobs.curation.links.visiting import Visit


class Turns:
    """The looks that wait, by their hosts. Moments are seconds of any one clock."""

    def __init__(self, pause: float) -> None:
        self.pause = pause
        self.queues: defaultdict[str, deque[Visit]] = defaultdict(deque)
        self.free_at: dict[str, float] = {}
        self.ready: list[tuple[int, str]] = []  # the hosts that may be asked, by rank
        self.resting: list[tuple[float, str]] = []  # those that may be asked later, by moment
        self.busy: set[str] = set()

    def add(self, visit: Visit, *, is_next: bool = False) -> None:
        """Let a look wait for its host, behind those that do so already or before them."""
        host = visit.host
        queue = self.queues[host]
        is_new = not queue
        (queue.appendleft if is_next else queue.append)(visit)
        if is_new and host not in self.busy:
            heappush(self.resting, (self.free_at.get(host, float("-inf")), host))

    def take(self, now: float) -> Visit | None:
        """Return whose turn it is, None if nobody's; its host is busy until it rests."""
        while self.resting and self.resting[0][0] <= now:
            _moment, host = heappop(self.resting)
            heappush(self.ready, (self.queues[host][0].rank, host))
        if not self.ready:
            return None
        _rank, host = heappop(self.ready)
        self.busy.add(host)
        return self.queues[host].popleft()

    def rest(self, host: str, now: float, pause: float = 0) -> None:
        """Leave a host alone from now on, for longer if it asked for that."""
        self.busy.discard(host)
        self.free_at[host] = now + max(pause, self.pause)
        if self.queues[host]:
            heappush(self.resting, (self.free_at[host], host))
        else:
            del self.queues[host]

    def find_next(self) -> float | None:
        """Return when the next host has rested, maybe long ago; None if nobody waits for one."""
        if self.ready:
            return float("-inf")
        return self.resting[0][0] if self.resting else None
