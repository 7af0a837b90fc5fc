"""Tests of deploy/: what it names exists, and each file of it is documented."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from stemobs.databases.configuration import POSTGRESQL_LIMITS
from tests.deploying.units import DEPLOY, ROOT, UNITS, Unit, list_units, read_environment

pytestmark = pytest.mark.once

OPERATIONS = (ROOT / "docs/operations.md").read_text()
SERVICES = list_units("*.service")
TIMERS = list_units("*.timer")
MANAGE = ["/srv/environment/bin/python", "manage.py"]
# Read by gunicorn, not by the settings.
OF_GUNICORN = {"WEB_CONCURRENCY"}


def name(value: Unit | Path) -> str:
    return value.file.name if isinstance(value, Unit) else str(value.relative_to(ROOT))


@pytest.mark.parametrize("unit", SERVICES, ids=name)
def test_each_service_runs_a_command_that_exists_as_the_account_of_the_site(unit: Unit) -> None:
    assert unit.get("Service", "User") == "stem"
    assert unit.get("Service", "WorkingDirectory") == "/srv/stem"
    assert unit.get("Service", "EnvironmentFile") == "/etc/stem-observatory.env"
    for command in unit.commands:
        if "gunicorn" not in command[0]:
            assert command[:2] == MANAGE
            assert command[2] in get_commands()


@pytest.mark.parametrize("unit", SERVICES, ids=name)
def test_each_service_that_fails_is_told_but_not_the_one_that_tells(unit: Unit) -> None:
    told = "" if "@" in unit.file.name else "stem-failed@%n.service"
    assert unit.get("Unit", "OnFailure") == told


def test_a_site_that_is_always_started_again_is_given_up_at_last_so_that_it_is_told() -> None:
    site = Unit(UNITS / "stem-site.service")
    assert site.get("Service", "Restart") == "always"
    tries, pause = (int(site.get(*key)) for key in (("Unit", "StartLimitBurst"),
                                                    ("Service", "RestartSec")))  # fmt: skip
    assert site.get("Unit", "StartLimitIntervalSec") == "5min"
    assert tries * pause < 300


def test_each_timer_starts_a_service_and_catches_up_on_what_was_missed() -> None:
    own = {unit.file.stem for unit in SERVICES if "@" not in unit.file.name} - {"stem-site"}
    assert {unit.file.stem for unit in TIMERS} == own
    assert {unit.get("Timer", "Persistent") for unit in TIMERS} == {"true"}
    assert all(unit.get("Timer", "OnCalendar") for unit in TIMERS)


def test_each_service_may_write_where_the_settings_say_that_data_lie() -> None:
    written = Unit(UNITS / "stem-site.service").get("Service", "ReadWritePaths").split()
    settings = read_environment((DEPLOY / "stem-observatory.env").read_text())
    places = {re.sub(r"^\w+:/*(?=/)|\?.*", "", value) for key, value in settings.items()
              if key.endswith("_ROOT") or key in ("DATABASE_URL", "CACHE_URL")}  # fmt: skip
    assert len(places) == 7
    assert [place for place in places if not place.startswith(tuple(written))] == []
    assert [place for place in written if f" {place}" not in OPERATIONS] == []


def test_each_variable_of_the_environment_file_is_a_documented_setting() -> None:
    settings = read_environment((DEPLOY / "stem-observatory.env").read_text())
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", OPERATIONS, flags=re.M))
    assert settings.keys() - OF_GUNICORN <= documented
    assert settings.pop("SECRET_KEY") == ""
    assert all(settings.values())


@pytest.mark.parametrize(
    "file", sorted(file for file in DEPLOY.rglob("*") if file.is_file()), ids=name
)
def test_each_file_of_deploy_is_documented(file: Path) -> None:
    places = [file, *file.parents]
    named = [f"`{name(place)}{'/' if place.is_dir() else ''}`" for place in places[:-1]
             if place.is_relative_to(DEPLOY) and place != DEPLOY]  # fmt: skip
    assert any(one in OPERATIONS for one in named)
    assert file.suffix != ".timer" or f"`{file.name}`" in OPERATIONS


def test_the_roles_of_postgresql_have_the_limits_that_the_site_sets_for_itself() -> None:
    text = (DEPLOY / "postgresql/roles.sql").read_text()
    for role in ("stem", "stem_reader"):
        set_ = dict(re.findall(rf"ALTER ROLE {role} SET (\w+) = '?(\w+?)'?;", text))
        seconds = {key: value.replace("s", "000") for key, value in set_.items()}
        assert seconds == POSTGRESQL_LIMITS


@pytest.mark.parametrize("file", sorted((DEPLOY / "postgresql").glob("*.conf")), ids=name)
def test_each_setting_of_postgresql_stands_once_with_a_value(file: Path) -> None:
    lines = [line for line in file.read_text().splitlines() if line and line[0] != "#"]
    names = [re.fullmatch(r"(\w+) = [\w-]+", line)[1] for line in lines]  # type: ignore[index]  # one that does not match fails the test
    assert len(names) == len(set(names)) > 2
