"""Leases: one run of a job at a time, and a killed one does not hold it for ever."""

from datetime import UTC, datetime, timedelta

import pytest

from programmes.models import Lease
from stemobs.curation.leases import LASTS, HeldElsewhere, Lost, hold_lease, take_lease

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 29, 2, tzinfo=UTC)


class Now:
    """A time of day that somebody moves."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment


def test_a_job_that_runs_is_not_begun_again_until_it_has_ended() -> None:
    now = Now()
    with hold_lease("watch", now):
        with pytest.raises(HeldElsewhere) as caught, hold_lease("watch", now):
            pass
        assert caught.value.lease.until == START + LASTS
        assert caught.value.lease.holder
        with hold_lease("another", now):
            pass
    lease = Lease.objects.get(name="watch")
    assert (lease.holder, lease.until, lease.ended_at) == ("", None, START)
    with hold_lease("watch", now):
        pass


def test_a_run_that_fails_gives_its_lease_back_and_has_not_ended() -> None:
    with pytest.raises(ZeroDivisionError), hold_lease("watch", Now()):
        raise ZeroDivisionError
    lease = Lease.objects.get(name="watch")
    assert (lease.holder, lease.until, lease.ended_at) == ("", None, None)


def test_the_lease_of_a_killed_run_ends_by_itself() -> None:
    take_lease("watch", "a killed process", START)
    with pytest.raises(HeldElsewhere):
        take_lease("watch", "the next", START + LASTS - timedelta(seconds=1))
    take_lease("watch", "the next", START + LASTS)
    assert Lease.objects.get(name="watch").holder == "the next"


def test_a_run_that_goes_on_renews_its_lease() -> None:
    now = Now()
    with hold_lease("watch", now) as lease:
        for _turn in range(10):
            now.moment += LASTS / 2
            lease.renew()
        with pytest.raises(HeldElsewhere):
            take_lease("watch", "the next", now())


def test_a_run_that_stood_still_does_not_go_on_beside_the_next_one() -> None:
    now = Now()
    with hold_lease("watch", now) as lease:
        now.moment += LASTS
        take_lease("watch", "the next", now())
        with pytest.raises(Lost):
            lease.renew()
    assert Lease.objects.get(name="watch").holder == "the next"
