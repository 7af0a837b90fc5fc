"""Tests of the health checks /health/live and /health/ready."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from stemobs.catalogue.catalogue import get_current_catalogue

ROOT = Path(__file__).parent.parent.parent


def test_live_answers_without_the_database(client: Client) -> None:
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"live": True})


@pytest.mark.django_db
def test_ready_answers_with_the_revision_if_the_catalogue_is_loaded(client: Client) -> None:
    response = client.get("/health/ready")
    ready = {"ready": True, "revision": get_current_catalogue().revision}
    assert (response.status_code, response.json()) == (200, ready)


def test_ready_is_503_with_retry_after_without_static_files() -> None:
    code = (
        "import django; django.setup(); from django.test import Client\n"
        "answer = Client().get('/health/ready')\n"
        "print(answer.status_code, answer.headers['Retry-After'], answer.json())"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "stemobs.settings",
        "DATABASE_URL": "sqlite://:memory:",
        "SECRET_KEY": "k" * 50,
        "SITE_URL": "http://testserver",
        "ALLOWED_HOSTS": "testserver",
        "LOG_LEVEL": "CRITICAL",
    }
    finished = subprocess.run(
        [sys.executable, "-c", code],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert finished.stdout == (
        "503 5 {'ready': False, 'reason': 'The static files are not those of this release.'}\n"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_health_checks_are_no_store(client: Client, address: str) -> None:
    assert "no-store" in client.get(address).headers["Cache-Control"]


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_health_checks_refuse_post(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
