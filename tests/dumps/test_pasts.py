"""History in dumps: whoever loads one tells the past of every record as the site that wrote it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client

from programmes.models import Country, Edit, Programme, Redaction, Version
from stemobs.catalogue.editing import edit
from stemobs.catalogue.moments import read_latest_moment
from stemobs.curation.writers import find_last_changer, find_writer
from stemobs.dumps.dump import write_dump
from stemobs.dumps.restore import clear_catalogue
from stemobs.entries.history.withholding import withhold
from stemobs.workshop.answers import NEW_EACH_TIME
from tests.builders import (
    make_claim,
    make_discrepancy,
    make_lineage,
    make_programme,
    make_reach,
    make_source,
)
from tests.catalogue.marks import begin_another_transaction
from tests.hostile import make_small_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("emptied")]


def write(user: User | None, reason: str, work: Any) -> Any:
    """Do something as an edit of its own; return what it gives."""
    begin_another_transaction()
    with edit(Edit.Kind.CURATOR, user, reason):
        return work()


def change(row: Any, **fields: Any) -> None:
    type(row)._base_manager.filter(pk=row.pk).update(**fields)


def make_past() -> Programme:
    """Make a record with a past of every kind; return it."""
    anna = User.objects.create(username="anna", email="anna@example.org", first_name="Anna")
    ben = User.objects.create(username="ben")
    one = make_small_catalogue()
    source = make_source()
    draft = write(anna, "Begun.", lambda: make_programme(slug="p", name="Draft", state="draft"))
    figure = write(anna, "Counted.", lambda: make_reach(draft, "40.50", source=source))
    write(ben, "Good.", lambda: change(draft, state="published"))
    write(ben, "Renamed.", lambda: change(draft, name="Name with a slip", year_start=2001))
    slip = Edit.objects.latest("pk")
    write(anna, "Mended.", lambda: change(draft, name="Name"))
    write(anna, "", lambda: draft.countries.set(Country.objects.all()))
    write(ben, "A newer one.", lambda: change(figure, superseded_by=make_reach(draft, "55.00")))
    write(None, "", lambda: change(source, title="Another title"))
    write(anna, "", lambda: make_claim(make_discrepancy(draft), source=source))
    write(ben, "Made from it.", lambda: make_lineage(from_programme=one, to_programme=draft))
    write(anna, "One less.", lambda: draft.countries.remove(Country.objects.get(code="BE")))
    write(ben, "Gone.", lambda: change(draft, state="withdrawn", withdrawn_reason="Gone."))
    write(anna, "Secretly.", lambda: change(draft, summary="While it was withdrawn."))
    write(ben, "Back.", lambda: change(draft, state="published", withdrawn_reason=""))
    begin_another_transaction()
    withhold(draft, slip, ben, "A slip.")
    return draft


def list_addresses(programme: Programme, last: int) -> Iterator[str]:
    home, first = f"/programmes/{programme.slug}", min(Edit.objects.values_list("revision"))[0]
    yield from (f"{home}/history/", f"{home}/history.atom", f"/api/v1{home}/?as_of=2026-11-28")
    for revision in range(max(first, last - 40), last + 1):
        yield f"/api/v1{home}/@{revision}/"
        yield f"{home}/history/?from={revision}&to={last}"


def ask_all(client: Client, last: int) -> dict[str, tuple[int, bytes]]:
    """Return all that readers get of the past of all published records."""
    answers = {}
    for programme in Programme.objects.published().order_by("pk"):
        for address in list_addresses(programme, last):
            response = client.get(address)
            answers[address] = response.status_code, NEW_EACH_TIME.sub(b"", response.getvalue())
    return answers


def load(folder: Path, *options: str) -> None:
    begin_another_transaction()
    call_command("load_dump", folder, *options, verbosity=0)
    begin_another_transaction()


def start_anew() -> None:
    """Leave an empty catalogue that is not as far as the dump."""
    clear_catalogue(replace=True)
    for model in (Version, Redaction):
        model._base_manager.all().delete()
    User.objects.all().delete()
    call_command("rebuild_index", verbosity=0)


def start_as_new(moment: Any) -> None:
    from programmes.models import Revision

    start_anew()
    Edit.objects.update(revision=1)
    Revision.objects.update(number=moment.number - 1, history="0" * 32)


def read_files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_every_answer_on_the_past_is_the_same_after_a_move(tmp_path: Path, client: Client) -> None:
    programme = make_past()
    moment = read_latest_moment(connection)
    before = ask_all(client, moment.number)
    folder = write_dump(tmp_path / "1", is_private=True)
    start_as_new(moment)
    load(folder)
    assert read_latest_moment(connection) == moment
    assert ask_all(client, moment.number) == before
    assert {status for status, _body in before.values()} >= {200, 404, 410}
    assert read_files(write_dump(tmp_path / "2", is_private=True)) == read_files(folder)
    names = dict(User.objects.values_list("pk", "username"))
    writer, changer = find_writer(programme.pk), find_last_changer(programme.pk)
    assert (names[writer or 0], names[changer or 0]) == ("anna", "anna")
    assert not User.objects.filter(is_active=True).exists()
