"""An import in a process of its own, which can be killed: prepared, confirmed, and what came of it.

`python -m tests.admin.importing.runs prepare 20` uploads a file of twenty rows, and maps them.
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

from programmes.models import Import, Programme
from tests.admin.importing.walking import confirm, map_columns, take_in

CURATOR = "importer"
NAME, PLACE = "Imported programme", "Quorvex"


def sign_in() -> Client:
    user, _made = User.objects.get_or_create(
        username=CURATOR, defaults={"is_staff": True, "is_superuser": True}
    )
    client = Client(raise_request_exception=True)
    client.force_login(user)
    return client


def write_rows(number: int, seed: str = "0") -> list[str]:
    """Return rows of new programmes, and one of a published record that gets a website.

    Those of another seed are other programmes.
    """
    known = Programme.objects.filter(state="published", website="").order_by("pk").first()
    rows = [
        f"{tell_apart(seed, one)} {NAME} {seed};Poland;https://p{one}-{seed}.example;"
        f"Universität {PLACE} {one % 7};{one + 100};2023"
        for one in range(number)
    ]
    return [*rows, f"{known.name};;https://known.example;;;"] if known else rows


def tell_apart(seed: str, number: int) -> str:
    """Return letters by which a name is like no other."""
    return sha256(f"{seed} {number}".encode()).hexdigest()[:20]


def prepare(number: str, seed: str) -> Any:
    client = sign_in()
    sheet = take_in(client, *write_rows(int(number), seed))
    map_columns(client, sheet)
    return sheet.pk


def make(key: str) -> Any:
    response = confirm(sign_in(), Import.objects.get(pk=int(key)))
    return response["Location"]


def tell(key: str, seed: str) -> Any:
    """Return how much there is of what an import writes."""
    sheet = Import.objects.get(pk=int(key))
    return {
        "records": Programme.objects.filter(name__endswith=f" {NAME} {seed}").count(),
        "rows": sheet.rows.filter(is_new=True).count(),
        "state": sheet.state,
        "has source": sheet.source is not None,
    }


def measure(number: str) -> Any:
    """Return how long the page of rows takes for a file of so many, in seconds, and megabytes."""
    client = sign_in()
    sheet = take_in(client, *write_rows(int(number)))
    map_columns(client, sheet)
    begun = time.monotonic()
    page = client.get(f"/admin/programmes/import/{sheet.pk}/rows/")
    took = time.monotonic() - begun
    assert page.status_code == 200
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": took, "megabytes": memory, "rows": len(page.context["rows"])}


if __name__ == "__main__":
    setup_test_environment()  # so that pages tell what they were drawn with
    command, *given = sys.argv[1:]
    done = {"prepare": prepare, "make": make, "tell": tell, "measure": measure}[command](*given)
    sys.stdout.write(json.dumps(done))
