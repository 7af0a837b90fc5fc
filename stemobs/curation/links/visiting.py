"""A look at an address: from one redirect to the next, to what is found in the end."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

from programmes.models import LONGEST_MOVED, WebLink
from stemobs.curation.links.asking import CONTROL, Reply, name_host
from stemobs.curation.links.missing_pages import says_gone

Outcome = WebLink.Outcome

MOST_REDIRECTS = 5
FOR_GOOD = (301, 308)
REDIRECTING = (*FOR_GOOD, 302, 303, 307)
# 999 is what some networks of people answer to every robot.
REFUSING = (401, 402, 403, 405, 406, 429, 451, 999)
BUSY = (429, 503)
# “/”, and what sites lead to from it: “/en/”, “/index.html”, “/de-at/index.php”.
FRONT = re.compile(r"/*([a-z]{2}([-_][a-z]{2})?/?)?((index|home|default)(\.\w{2,5})?/?)?", re.I)
LONGEST_PAUSE = timedelta(days=7)


class Finding(NamedTuple):
    """What was found at an address, and how long its host wants to be left alone."""

    outcome: WebLink.Outcome
    status: int | None = None
    moved_to: str = ""
    pause: timedelta = timedelta()


@dataclass
class Visit:
    """A look that is under way: which address comes next, and how many seconds are left for it."""

    rank: int  # its place in the order of the run
    pk: int
    first: str
    seconds: float
    address: str = ""
    redirects: int = 0
    moved_to: str = ""  # where redirects for good have led, until the first that is none
    is_for_good: bool = True
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.address = self.first
        self.seen.add(urldefrag(self.first).url)

    @property
    def host(self) -> str:
        return name_host(self.address)

    def take_in(self, answer: Reply, now: datetime) -> Finding | None:
        """Return what was found; None if the answer leads to another address, which is next."""
        if answer.status in REDIRECTING:
            return self.follow(answer)
        return judge(self, answer, now)

    def follow(self, answer: Reply) -> Finding | None:
        status = answer.status
        target = join(self.address, answer.location)
        if not target:
            return Finding(Outcome.SENSELESS, status)
        self.redirects += 1
        place = urldefrag(target).url
        if self.redirects > MOST_REDIRECTS or place in self.seen:
            return Finding(Outcome.REDIRECTS, status)
        self.seen.add(place)
        self.is_for_good &= status in FOR_GOOD
        self.address = target
        if self.is_for_good:
            self.moved_to = keep_fragment(target, self.first)
        return None


def join(address: str, location: str | None) -> str:
    """Return where a redirect leads; "" if nowhere. An address of several lines is none."""
    if not location or CONTROL.search(location):
        return ""
    try:
        return urljoin(address, location)
    except ValueError:
        return ""


def judge(visit: Visit, answer: Reply, now: datetime) -> Finding:
    """Return what the last answer of a look says of the address."""
    status = answer.status
    if status in REFUSING or status >= 500:
        pause = read_pause(answer.retry_after, now) if status in BUSY else timedelta()
        outcome = Outcome.REFUSED if status in REFUSING else Outcome.SERVER_ERROR
        return Finding(outcome, status, pause=pause)
    if status in (404, 410):
        return Finding(Outcome.NOT_FOUND, status)
    if not 200 <= status < 300:
        return Finding(Outcome.SENSELESS, status)
    if says_gone(answer.page, answer.charset):
        return Finding(Outcome.SAYS_GONE, status)
    return Finding(*judge_place(visit, status))


def judge_place(visit: Visit, status: int) -> tuple[WebLink.Outcome, int, str]:
    """Return whether an address that works works where it is."""
    if is_front(visit.address) and not is_front(visit.first):
        return Outcome.FRONT_PAGE, status, visit.address[:LONGEST_MOVED]
    if not visit.moved_to or len(visit.moved_to) > LONGEST_MOVED:
        return Outcome.WORKS, status, ""
    is_there = name_site(visit.moved_to) == name_site(visit.first)
    return Outcome.MOVED if is_there else Outcome.ELSEWHERE, status, visit.moved_to


def is_front(address: str) -> bool:
    parts = urlsplit(address)
    return not parts.query and bool(FRONT.fullmatch(parts.path))


def name_site(address: str) -> str:
    return name_host(address).removeprefix("www.")


def keep_fragment(target: str, first: str) -> str:
    """Return where a redirect leads, at the same place in the page, as browsers go there."""
    fragment = urldefrag(first).fragment
    return f"{target}#{fragment}" if fragment and "#" not in target else target


def read_pause(text: str, now: datetime) -> timedelta:
    """Return how long a server asks to be left alone (Retry-After); nothing if it is no time."""
    text = text.strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(timedelta(seconds=int(text)), LONGEST_PAUSE)
    try:
        pause = parsedate_to_datetime(text) - now
    except (TypeError, ValueError, OverflowError):  # TypeError: a time of no zone
        return timedelta()
    return max(timedelta(), min(pause, LONGEST_PAUSE))
