"""Reads a partner's long file in a process of its own, so that its memory and time can be told.

`python -m tests.admin.importing.measuring 4990` takes in a file of so many rows.
"""

import json
import resource
import sys
import time
from hashlib import sha256
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.contrib.auth.models import User
from django.test import Client
from django.test.utils import setup_test_environment

from tests.admin.importing.walking import find_step, map_columns, take_in


def sign_in() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("importer"))
    return client


def write_rows(number: int) -> list[str]:
    """Return rows of new programmes, each of a name that is like no other."""
    names = (sha256(str(one).encode()).hexdigest()[:20] for one in range(number))
    return [
        f"{name} Robot Days;Poland;https://p{one}.example;"
        f"Universität Quorvex {one % 7};{one + 100};2023"
        for one, name in enumerate(names)
    ]


def measure(number: int) -> dict[str, Any]:
    """Return how long the page of rows takes for a file of so many, in seconds, and megabytes."""
    client = sign_in()
    sheet = take_in(client, *write_rows(number))
    map_columns(client, sheet)
    begun = time.monotonic()
    page = client.get(find_step(sheet, "rows"))
    took = time.monotonic() - begun
    assert page.status_code == 200
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": took, "megabytes": memory, "rows": len(page.context["rows"])}


if __name__ == "__main__":
    setup_test_environment()  # so that pages tell what they were drawn with
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]))))
