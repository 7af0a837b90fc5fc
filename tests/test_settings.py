"""Tests of the settings: what they say by environment variables, and how a site starts."""

import json
import os
import runpy
import shutil
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured

from tests.servers import collect_static_files

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
KEY = "k" * 50
PRODUCTION = {
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": "stem.example",
    "SITE_URL": "https://stem.example",
}
START = "import django; django.setup()"
# The settings refuse what is wrong in them before anything else is imported.
READ = "from django.conf import settings; settings.DEBUG"


def run(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh Python process with exactly these environment variables."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=complete(environment),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def complete(environment: dict[str, str]) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "stemobs.settings",
        "DATABASE_URL": "sqlite://:memory:",
        **environment,
    }


def settings_of(environment: dict[str, str], *names: str) -> dict[str, Any]:
    """Return the values of the named settings with exactly these environment variables, as JSON.

    The file is run anew in this process, which takes a hundredth of the time of a fresh one.
    """
    with patch.dict(os.environ, complete(environment), clear=True):
        found = {**vars(global_settings), **runpy.run_path(str(ROOT / "stemobs/settings.py"))}
    return json.loads(json.dumps({name: found[name] for name in names}))


def find_refusal(environment: dict[str, str]) -> str:
    """Return what somebody reads who starts the site with settings that it refuses."""
    with pytest.raises(ImproperlyConfigured) as refused:
        settings_of(environment)
    return "".join(traceback.format_exception(refused.value))


def test_debug_is_off_unless_asked_for() -> None:
    assert settings_of(PRODUCTION, "DEBUG") == {"DEBUG": False}


@pytest.mark.parametrize("name", PRODUCTION)
def test_without_debug_the_site_refuses_to_start_without_a_required_variable(name: str) -> None:
    refusal = find_refusal({key: value for key, value in PRODUCTION.items() if key != name})
    assert f"Set {name} to" in refusal


@pytest.mark.parametrize("name", PRODUCTION)
def test_an_empty_required_variable_is_refused_like_a_missing_one(name: str) -> None:
    assert f"Set {name} to" in find_refusal({**PRODUCTION, name: ""})


def test_a_secret_key_of_49_characters_is_too_short_and_one_of_50_is_not() -> None:
    assert "Set SECRET_KEY to" in run(READ, {**PRODUCTION, "SECRET_KEY": KEY[1:]}).stderr
    assert run(READ, PRODUCTION).returncode == 0


def test_the_error_for_a_short_secret_key_does_not_show_the_key() -> None:
    finished = run(READ, {**PRODUCTION, "SECRET_KEY": "tell-nobody", "SITE_URL": ""})
    assert "tell-nobody" not in finished.stderr + finished.stdout


def test_with_debug_the_secret_key_suffices_and_only_local_hosts_are_allowed() -> None:
    found = settings_of({"DEBUG": "true", "SECRET_KEY": KEY}, "ALLOWED_HOSTS", "SITE_URL")
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert found["SITE_URL"] == "http://127.0.0.1:8000"


def test_an_https_site_url_makes_cookies_and_transport_secure() -> None:
    assert settings_of(
        PRODUCTION,
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS",
        "CSRF_TRUSTED_ORIGINS",
    ) == {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SESSION_COOKIE_NAME": "__Host-sessionid",
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 0,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": False,
        "CSRF_TRUSTED_ORIGINS": ["https://stem.example"],
    }


def test_an_http_site_url_keeps_cookies_insecure_so_that_signing_in_works() -> None:
    found = settings_of(
        {**PRODUCTION, "SITE_URL": "http://localhost:8000"},
        "SESSION_COOKIE_SECURE",
        "SESSION_COOKIE_NAME",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
    )
    assert list(found.values()) == [False, "sessionid", False, 0]


@pytest.mark.parametrize("address", ["https://stem.example", "http://stem.example"])
def test_cookies_are_never_readable_by_scripts(address: str) -> None:
    found = settings_of(
        {**PRODUCTION, "SITE_URL": address},
        "SESSION_COOKIE_HTTPONLY",
        "CSRF_COOKIE_HTTPONLY",
        "SESSION_COOKIE_SAMESITE",
        "CSRF_COOKIE_SAMESITE",
    )
    assert list(found.values()) == [True, True, "Lax", "Lax"]


def test_a_slash_at_the_end_of_site_url_is_removed() -> None:
    found = settings_of({**PRODUCTION, "SITE_URL": "https://stem.example/"}, "SITE_URL")
    assert found == {"SITE_URL": "https://stem.example"}


def test_the_forwarded_protocol_is_trusted_only_if_its_header_is_configured() -> None:
    name = "SECURE_PROXY_SSL_HEADER"
    assert settings_of(PRODUCTION, name) == {name: None}
    declared = {**PRODUCTION, "TRUSTED_PROXY_PROTO_HEADER": "HTTP_X_FORWARDED_PROTO"}
    assert settings_of(declared, name) == {name: ["HTTP_X_FORWARDED_PROTO", "https"]}


def test_sqlite_connections_use_the_configured_pragmas(tmp_path: Path) -> None:
    code = (
        f"{START}; from django.db import connection; cursor = connection.cursor()\n"
        "for name in ('journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout'):\n"
        "    print(name, cursor.execute(f'PRAGMA {name}').fetchone()[0])"
    )
    finished = run(
        code, {**PRODUCTION, "DATABASE_URL": f"sqlite:///{tmp_path / 'pragmas.sqlite3'}"}
    )
    pragmas = dict(line.split() for line in finished.stdout.splitlines())
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": "2",  # SQLite's number for FULL
        "foreign_keys": "1",
        "busy_timeout": "5000",
    }


def test_a_transaction_on_sqlite_takes_the_write_lock_at_once(tmp_path: Path) -> None:
    code = (
        f"import sqlite3; {START}; from django.db import connection, transaction\n"
        "with transaction.atomic():\n"
        "    other = sqlite3.connect(connection.settings_dict['NAME'], timeout=0)\n"
        "    try:\n"
        "        other.execute('BEGIN IMMEDIATE')\n"
        "    except sqlite3.OperationalError as error:\n"
        "        print(error)\n"
    )
    finished = run(code, {**PRODUCTION, "DATABASE_URL": f"sqlite:///{tmp_path / 'lock.sqlite3'}"})
    assert finished.stdout == "database is locked\n", finished.stderr


def test_postgresql_connections_have_timeouts() -> None:
    environment = {**PRODUCTION, "DATABASE_URL": "postgres:///stemobs?host=/nowhere&user=stemobs"}
    options = settings_of(environment, "DATABASES")["DATABASES"]["default"]["OPTIONS"]
    assert options["connect_timeout"] == 2
    for limit in (
        "statement_timeout=5000",
        "lock_timeout=3000",
        "idle_in_transaction_session_timeout=10000",
    ):
        assert limit in options["options"]


PRIMARY = "postgres:///site?host=/run/one&user=site"


@pytest.mark.parametrize("pooler", ["", "transaction"])
def test_replicas_have_the_settings_of_the_primary_and_are_only_read(pooler: str) -> None:
    found = settings_of(
        {
            **PRODUCTION,
            "DATABASE_URL": PRIMARY,
            "DATABASE_REPLICA_URLS": "postgres:///site?host=/run/two&user=site, postgres://u:p@h/x",
            "DATABASE_POOLER": pooler,
        },
        "DATABASES",
        "DATABASE_REPLICAS",
    )
    primary, first, second = found["DATABASES"].values()
    assert found["DATABASE_REPLICAS"] == ["replica0", "replica1"]
    assert (first["OPTIONS"]["host"], second["HOST"]) == ("/run/two", "h")
    assert first["TEST"]["MIRROR"] == "default"
    place = "local" if pooler else "options"
    assert "default_transaction_read_only" in first["OPTIONS"].pop(place)
    assert "default_transaction_read_only" not in primary["OPTIONS"].pop(place)
    assert {**first["OPTIONS"], "host": "/run/one"} == primary["OPTIONS"]


@pytest.mark.parametrize(
    ("primary", "replicas"),
    [
        ("sqlite:////data/db.sqlite3", PRIMARY),
        (PRIMARY, "sqlite:////data/secret-db.sqlite3"),
        (PRIMARY, f"{PRIMARY},mysql://u:secret@h/x"),
        (PRIMARY, "secret"),
    ],
)
def test_replicas_of_anything_but_postgresql_are_refused_by_name(
    primary: str, replicas: str
) -> None:
    environment = {"DATABASE_URL": primary, "DATABASE_REPLICA_URLS": replicas}
    refusal = find_refusal({**PRODUCTION, **environment})
    assert "Set DATABASE_REPLICA_URLS to" in refusal
    assert "secret" not in refusal


def test_every_variable_that_the_settings_read_is_documented() -> None:
    files = ("stemobs/settings.py", "stemobs/databases/configuration.py")
    text = "".join((ROOT / file).read_text() for file in files)
    names = {part.split('"')[1] for part in text.split("env.")[1:] if '("' in part.split(",")[0]}
    assert {"SECRET_KEY", "SITE_URL", "STATIC_ROOT", "DATABASE_URL"} <= names
    documented = (ROOT / "docs/operations.md").read_text()
    assert {name for name in names if f"`{name}`" not in documented} == set()


@pytest.mark.parametrize(
    "rate", ["600", "600/week", "0/min", "-1/s", "a lot", "600/min/h", "10000/d"]
)
def test_an_invalid_rate_limit_is_refused(rate: str) -> None:
    assert "Set API_RATE to" in find_refusal({**PRODUCTION, "API_RATE": rate})


def test_an_empty_rate_limit_is_allowed() -> None:
    assert settings_of({**PRODUCTION, "API_RATE": ""}, "API_RATE") == {"API_RATE": ""}


def test_the_default_rate_limit_is_the_one_in_the_documentation() -> None:
    assert settings_of(PRODUCTION, "API_RATE") == {"API_RATE": "600/min"}
    documentation = (ROOT / "docs/api.md").read_text()
    assert "600 times a minute" in documentation
    assert 'RateLimit-Policy: "client";q=600;w=60' in documentation


def test_hsts_is_a_choice_and_off_unless_it_is_chosen() -> None:
    names = ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD")
    assert [*settings_of(PRODUCTION, *names).values()] == [0, False, False]
    chosen = {"HSTS_SECONDS": "31536000", "HSTS_INCLUDE_SUBDOMAINS": "true", "HSTS_PRELOAD": "true"}
    assert [*settings_of({**PRODUCTION, **chosen}, *names).values()] == [31_536_000, True, True]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("SITE_URL", "https://stem.example/stem", "an address without a path"),
        ("SITE_URL", "https://stem.example/?a=b", "an address without a path"),
        ("SITE_URL", "https://ada@stem.example", "Set SITE_URL to the public address"),
        ("SITE_URL", "stem.example", "Set SITE_URL to the public address"),
        ("SITE_URL", "ftp://stem.example", "Set SITE_URL to the public address"),
        ("SITE_URL", "https://stem.example:port", "Set SITE_URL to the public address"),
        ("SITE_URL", "https://straße.example", "in punycode"),
        ("CACHE_URL", "redis://127.0.0.1:6379/1", "Set CACHE_URL to filecache://FOLDER"),
        ("CACHE_URL", "memcache://127.0.0.1:11211", "Set CACHE_URL to filecache://FOLDER"),
        ("TRUSTED_PROXIES", "nginx", "Set TRUSTED_PROXIES to a whole number"),
        ("TRUSTED_PROXIES", "-1", "Set TRUSTED_PROXIES to a whole number"),
        ("TRUSTED_PROXY_PROTO_HEADER", "X-Forwarded-Proto", "HTTP_X_FORWARDED_PROTO"),
        ("ANSWERS_KEPT", "-1", "Set ANSWERS_KEPT to a whole number"),
        ("CARDS_KEPT", "many", "Set CARDS_KEPT to a whole number"),
        ("HSTS_SECONDS", "a year", "Set HSTS_SECONDS to a whole number"),
        ("HSTS_PRELOAD", "true", "Set HSTS_PRELOAD only with"),
        ("LOG_LEVEL", "loud", "Set LOG_LEVEL to one of"),
        ("LOG_FORMAT", "xml", "Set LOG_FORMAT to line or json"),
        ("METRICS", "everybody", "Set METRICS to addresses or networks"),
        ("DRAFTS_ROOT", f"{ROOT}/media/drafts", "Set DRAFTS_ROOT to a folder outside MEDIA_ROOT"),
    ],
)
def test_a_value_that_cannot_work_is_refused_at_start_with_its_name(
    name: str, value: str, reason: str
) -> None:
    assert reason in find_refusal({**PRODUCTION, name: value})


def test_names_of_hosts_beyond_ascii_become_punycode_as_browsers_send_them() -> None:
    polish = {
        "SITE_URL": "https://Przykład.example:443",
        "ALLOWED_HOSTS": "przykład.example, b.example",
    }
    assert settings_of({**PRODUCTION, **polish}, "SITE_URL", "ALLOWED_HOSTS") == {
        "SITE_URL": "https://xn--przykad-rjb.example",
        "ALLOWED_HOSTS": ["xn--przykad-rjb.example", "b.example"],
    }


def test_the_check_before_a_start_names_static_files_that_were_not_collected(
    tmp_path: Path,
) -> None:
    code = (
        f"{START}; from stemobs.http.checks import find_stale_static_files as find; print(find())"
    )
    folder = tmp_path / "static"
    shutil.copytree(collect_static_files(), folder)
    environment = {**PRODUCTION, "STATIC_ROOT": str(folder)}
    assert run(code, environment).stdout == "[]\n"
    (folder / "icons.svg").unlink()
    assert run(code, environment).stdout == "['icons.svg']\n"
    (folder / "staticfiles.json").unlink()
    assert run(code, environment).stdout.count("'") > 100


REFUSED = {
    "CONTACT_EMAIL": "stemobs.E004",
    "TRUSTED_PROXY_PROTO_HEADER": "stemobs.E009",
    "DATABASE_URL": "stemobs.E010",
}
READY = {
    **PRODUCTION,
    "CONTACT_EMAIL": "editors@stem.example",
    "TRUSTED_PROXY_PROTO_HEADER": "HTTP_X_FORWARDED_PROTO",
    "DATABASE_URL": "sqlite://:memory:",
    "LOG_FORMAT": "json",
}
CHECK = """
import django; django.setup()
from django.core.checks import ERROR, run_checks
found = run_checks(include_deployment_checks=True)
print(*sorted(one.id for one in found if one.level >= ERROR and one.hint))
"""


def test_the_check_before_a_start_refuses_what_cannot_work_and_says_what_to_do() -> None:
    ready = {**READY, "STATIC_ROOT": collect_static_files()}
    assert run(CHECK, ready).stdout == "\n"
    nothing = {**READY, **dict.fromkeys(REFUSED, "")}
    assert run(CHECK, nothing).stdout == f"stemobs.E001 {' '.join(REFUSED.values())}\n"


PROBES = {
    "HTTP/1.0 without a host": "SERVER_NAME='10.0.0.7'",
    "the address of a machine": "HTTP_HOST='10.0.0.7:8000'",
}


@pytest.mark.parametrize("probe", PROBES)
def test_probes_are_answered_by_plain_http_whatever_the_host(probe: str) -> None:
    code = (
        f"{START}; from django.test import Client\n"
        "for path in ('/health/live', '/health/ready'):\n"
        f"    print(Client().get(path, {PROBES[probe]}).status_code)"
    )
    assert run(code, {**PRODUCTION, "LOG_LEVEL": "CRITICAL"}).stdout == "200\n503\n"
