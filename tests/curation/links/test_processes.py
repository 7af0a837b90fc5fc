"""Runs of the link check as processes: two at once, killed ones, and how much memory one takes."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from stemobs.curation.links.checking import Manners
from tests.curation.links.behaviours import HTML
from tests.curation.links.webs import Behaviour, Talk, serve
from tests.servers import ROOT, seeded_site, wait_until

pytestmark = pytest.mark.slow
HELD = 75
BUDGET = "60s"


@pytest.fixture(scope="module")
def environment(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker
) -> Iterator[dict[str, str]]:
    """Environment variables of a site with a migrated and seeded database."""
    folder = tmp_path_factory.mktemp("links")
    with seeded_site(folder, django_db_blocker, "http://127.0.0.1") as settings:
        yield settings


def begin(environment: dict[str, str], *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.curation.links.runs", *command],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def do(environment: dict[str, str], *command: str) -> str:
    said, complaint = (process := begin(environment, *command)).communicate()
    assert process.returncode == 0, complaint
    return said


def read_links(environment: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(do(environment, "tell"))
    return found


def serve_numbers(behave: Behaviour, number: int) -> Any:
    return serve({f"/{one}": behave for one in range(number)})


def answer_late(talk: Talk) -> None:
    talk.web.ended.wait(0.1)
    talk.answer("404 Not Found")


def test_two_runs_are_never_under_way_at_once(environment: dict[str, str]) -> None:
    def wait(talk: Talk) -> None:
        talk.web.ended.wait()

    with serve_numbers(wait, 1) as web:
        do(environment, "prepare", str(web.port), "1", "1")
        first = begin(environment, "check", "5", BUDGET)
        wait_until(lambda: web.asked, "the first run asks")
        second = begin(environment, "check", "5", BUDGET)
        said, complaint = second.communicate()
        assert (second.returncode, said) == (HELD, "")
        assert "Another run looks at links now" in complaint
        assert first.poll() is None
    said, complaint = first.communicate()
    assert first.returncode == 0, complaint
    assert "1 addresses looked at." in said
    assert len(web.asked) == 1
    # The lease was given back.
    assert "0 addresses looked at." in do(environment, "check", "5", BUDGET)


@pytest.mark.trial
def test_a_killed_run_loses_only_what_was_under_way_and_the_next_one_goes_on(
    environment: dict[str, str],
) -> None:
    number = 60
    with serve_numbers(answer_late, number) as web:
        do(environment, "prepare", str(web.port), str(number), str(number))
        run = begin(environment, "check", "5", BUDGET)
        wait_until(lambda: len(web.asked) >= number / 2, "half of them are asked")
        run.kill()
        run.communicate()
        links, asked = read_links(environment), len(web.asked)
        looked = [link for link in links if link["looked_at"]]
        assert asked < number == len(links)
        assert asked - Manners().threads <= len(looked) <= asked
        for link in links:
            whole = (link["outcome"], link["status"], link["failures"])
            assert whole == (("not-found", 404, 1) if link["looked_at"] else ("", None, 0))
        refused = begin(environment, "check", "5", BUDGET)
        refused.communicate()
        assert refused.returncode == HELD
        do(environment, "end_lease")
        assert f"{number - len(looked)} addresses looked at." in do(
            environment, "check", "5", BUDGET
        )
        times = Counter(path for _moment, _host, path in web.asked)
        assert len(times) == number
        assert sum(times.values()) - number <= Manners().threads
    assert all(link["looked_at"] for link in read_links(environment))


@pytest.mark.trial
def test_five_hundred_addresses_take_less_than_a_hundred_megabytes(
    environment: dict[str, str],
) -> None:
    def answer(talk: Talk) -> None:
        talk.answer("200 OK", HTML, body="<title>A page</title>" + "a" * 100_000)

    with serve_numbers(answer, 500) as web:
        do(environment, "prepare", str(web.port), "500", "250")
        said = do(environment, "check", "5", "20m")
    assert "500 addresses looked at." in said
    assert int(re.findall(r"Used: (\d+) kB", said)[0]) < 100_000
