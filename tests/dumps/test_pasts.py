"""History in dumps: whoever loads one tells the past of every record as the site that wrote it."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from programmes.models import Country, Edit, Programme, Revision, Source, Version
from stemobs.catalogue.editing import edit
from stemobs.catalogue.states.moments import find_next_beginning, is_lost, read_latest_moment
from stemobs.curation.writers import find_last_changer, find_writer
from stemobs.dumps.dump import write_dump
from stemobs.dumps.manifest import name_file
from stemobs.dumps.past import HISTORY
from stemobs.dumps.restore import clear_catalogue
from stemobs.entries.history.withholding import withhold
from stemobs.workshop.answers import NEW_EACH_TIME
from tests.builders import (
    make_citation,
    make_claim,
    make_discrepancy,
    make_lineage,
    make_programme,
    make_reach,
    make_source,
)
from tests.catalogue.marks import begin_another_transaction, number
from tests.dumps.signing import sign
from tests.hostile import make_small_catalogue

OTHER = UUID(int=0)
NUMBER = re.compile(rb"/changes/[0-9a-f]+")  # of an edit, in the identity of an entry of a feed

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
    write(anna, "One less.", lambda: draft.countries.remove(Country.objects.get(code="BE")))
    write(ben, "Gone.", lambda: change(draft, state="withdrawn", withdrawn_reason="Gone."))
    write(anna, "Secretly.", lambda: change(draft, summary="While it was withdrawn."))
    write(ben, "Back.", lambda: change(draft, state="published", withdrawn_reason=""))
    write(ben, "Made from it.", lambda: make_lineage(from_programme=one, to_programme=draft))
    begin_another_transaction()
    withhold(draft, slip, ben, "A slip.")
    return draft


def list_addresses(programme: Programme, last: int) -> Iterator[str]:
    home = f"/programmes/{programme.slug}"
    yield from (f"{home}/history/", f"{home}/history.atom")
    yield f"{home}/history/?from={last - 2}&to={last}"
    for revision in sorted({*Edit.objects.values_list("revision", flat=True)} - {None})[-16:]:
        yield f"/api/v1{home}/@{revision}/"


def list_all_addresses(last: int) -> list[str]:
    """Return the addresses of the past of all published records."""
    programmes = Programme.objects.published().order_by("pk")
    return [one for programme in programmes for one in list_addresses(programme, last)]


def ask_all(client: Client, addresses: list[str]) -> dict[str, tuple[int, bytes]]:
    answers = {}
    for address in addresses:
        response = client.get(address)
        answers[address] = response.status_code, NEW_EACH_TIME.sub(b"", response.getvalue())
    return answers


def read_past(folder: Path) -> dict[str, bytes]:
    return {name_file(model): (folder / name_file(model)).read_bytes() for model in HISTORY}


def load(folder: Path, *options: str) -> None:
    begin_another_transaction()
    call_command("load_dump", folder, *options, verbosity=0)
    begin_another_transaction()


def start_anew(moment: Any) -> None:
    """Leave an empty catalogue of another history that is not as far as the dump."""
    clear_catalogue(replace=True)
    User.objects.all().delete()
    Edit.objects.filter(revision__gt=1).update(revision=1)
    Revision.objects.update(number=moment.number - 1, history=OTHER)


def read_files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_every_answer_on_the_past_is_the_same_after_a_move(tmp_path: Path, client: Client) -> None:
    programme = make_past()
    moment = read_latest_moment(connection)
    addresses = list_all_addresses(moment.number)
    before = ask_all(client, addresses)
    folder = write_dump(tmp_path / "1", is_private=True)
    start_anew(moment)
    load(folder)
    assert read_latest_moment(connection).number == find_next_beginning(moment.number)
    assert ask_all(client, addresses) == before
    assert {status for status, _body in before.values()} >= {200, 404, 410}
    names = dict(User.objects.values_list("pk", "username"))
    writer, changer = find_writer(programme.pk), find_last_changer(programme.pk)
    assert (names[writer or 0], names[changer or 0]) == ("anna", "ben")
    assert not User.objects.filter(is_active=True).exists()


@pytest.mark.trial
def test_readers_are_told_the_same_of_the_past_after_a_public_dump_was_loaded(
    tmp_path: Path, client: Client
) -> None:
    make_past()
    moment = read_latest_moment(connection)
    addresses = list_all_addresses(moment.number)
    before = ask_all(client, addresses)
    folder = write_dump(tmp_path / "1")
    start_anew(moment)
    load(folder)
    for address, (status, body) in ask_all(client, addresses).items():
        assert status == before[address][0], address
        assert NUMBER.sub(b"", body) == NUMBER.sub(b"", before[address][1]), address
    assert not User.objects.exists()
    Revision.objects.update(number=moment.number, history=moment.history)
    for kind in (Edit.Kind.ENDED, Edit.Kind.DUMP):
        Edit.objects.filter(kind=kind).latest("pk").delete()
    assert read_past(write_dump(tmp_path / "2")) == read_past(folder)


def test_a_public_dump_has_nothing_of_the_past_that_readers_did_not_see(tmp_path: Path) -> None:
    make_past()
    written = b"".join(read_past(write_dump(tmp_path)).values())
    hidden = (b"anna", b"ben", b"Begun.", b"Counted.", b"Renamed.", b"Secretly.", b"a slip\"",
              b"While it was withdrawn.")  # fmt: skip
    assert not [one for one in hidden if one in written]
    shown = (b"Good.", b"Mended.", b"One less.", b"Gone.", b"Back.", b"Withheld: A slip.")
    assert not [one for one in shown if one not in written]


def test_a_public_dump_tells_of_a_row_since_readers_see_it_and_of_no_draft(tmp_path: Path) -> None:
    make_small_catalogue()
    one = Programme.objects.get(slug="one")
    source = write(None, "", lambda: Source.objects.create(slug="s", title="Quokka"))
    write(None, "", lambda: change(source, title="Wombat"))
    draft = write(None, "", lambda: make_programme(slug="d", name="Quokka", state="draft"))
    write(None, "", lambda: make_citation(draft, source=source))
    tie = write(None, "", lambda: make_lineage(from_programme=one, to_programme=draft))
    write(None, "Quokka", lambda: change(draft, name="Wombat"))
    write(None, "Quokka", lambda: change(one, curators_note="Quokka"))
    write(None, "Quokka", lambda: change(one, curators_note=""))
    gone = write(None, "Quokka", lambda: make_programme(slug="g", name="Numbat"))
    write(None, "Quokka", lambda: change(gone, state="withdrawn", withdrawn_reason="Why."))
    write(None, "Shown.", lambda: change(draft, state="published"))
    write(None, "", lambda: change(source, title="Emu"))
    write(None, "Left.", lambda: change(tie, note="Emu"))
    rows = read_past(write_dump(tmp_path))
    assert b"Quokka" not in b"".join(rows.values())
    versions = [json.loads(line) for line in rows[name_file(Version)].splitlines()]
    edits = [json.loads(line) for line in rows[name_file(Edit)].splitlines()]
    assert not [row for row in versions if row["programme_id"] == gone.pk]
    [published] = [row["id"] for row in edits if row["reason"] == "Shown."]
    begun = {(row["model"], row["object_id"], row["operation"]): row for row in versions}
    for row in (source, tie):
        key = row._meta.label_lower, row.pk
        assert begun[*key, "I"]["edit_id"] == published
        assert begun[*key, "U"]["edit_id"] > published
    assert begun["programmes.programme", draft.pk, "U"]["was"] == {"id": draft.pk, "state": "draft"}
    assert [row["id"] for row in edits] == [*range(1, len(edits) + 1)]
    assert [row["id"] for row in versions] == [*range(1, len(versions) + 1)]


def test_a_public_dump_tells_nothing_of_a_relation_while_one_of_its_ends_was_hidden(
    tmp_path: Path,
) -> None:
    make_small_catalogue()
    one = Programme.objects.get(slug="one")
    draft = write(None, "", lambda: make_programme(slug="d", name="Wombat", state="draft"))
    tie = write(None, "", lambda: make_lineage(from_programme=one, to_programme=draft))
    write(None, "", lambda: change(tie, note="Quokka"))
    write(None, "", lambda: change(one, state="withdrawn", withdrawn_reason="Why."))
    write(None, "", lambda: change(draft, state="published"))
    write(None, "", lambda: change(tie, note="Emu"))
    write(None, "", lambda: change(one, state="published", withdrawn_reason=""))
    assert b"Quokka" not in b"".join(read_past(write_dump(tmp_path)).values())


def test_a_public_dump_tells_of_a_shared_row_what_edits_left_and_not_their_steps(
    tmp_path: Path,
) -> None:
    make_small_catalogue()
    draft = write(None, "", lambda: make_programme(slug="d", name="Wombat", state="draft"))
    source = write(None, "", lambda: Source.objects.create(slug="s", title="Quokka"))
    write(None, "", lambda: make_citation(draft, source=source))
    titles = ("Emu", "Quokka", "Numbat")

    def publish() -> None:
        change(draft, state="published")
        for title in titles:
            change(source, title=title)

    write(None, "", publish)
    write(None, "", lambda: [change(source, title=title) for title in ("Quokka", "Koala")])
    written = b"".join(read_past(write_dump(tmp_path)).values())
    assert b"Quokka" not in written
    assert b"Numbat" in written


def test_a_public_dump_gives_no_reason_of_what_readers_do_not_see(tmp_path: Path) -> None:
    make_small_catalogue()
    one = Programme.objects.get(slug="one")
    for reason, fields in {"Quokka": {"curators_note": "A."}, "Emu": {"summary": "B."}}.items():
        told = {**fields, "changed_at": timezone.now()}
        write(None, reason, partial(change, one, **told))
    written = b"".join(read_past(write_dump(tmp_path)).values())
    assert b"Quokka" not in written
    assert b"Emu" in written


def test_what_came_with_a_dump_can_be_withheld(tmp_path: Path, client: Client) -> None:
    programme = make_past()
    slip = {"name": "Another slip", "year_start": 2002}
    write(None, "Typed.", lambda: change(programme, **slip))
    state = f"/api/v1/programmes/p/@{number()}/"
    write(None, "Mended.", lambda: change(programme, name="Name", year_start=2001))
    moment, folder = read_latest_moment(connection), write_dump(tmp_path, is_private=True)
    start_anew(moment)
    load(folder)
    assert client.get(state).json()["name"] == slip["name"]
    typed = Edit.objects.get(reason="Typed.")
    withhold(Programme.objects.get(slug="p"), typed, None, "Another.")
    assert client.get(state).status_code == 410
    kept = Version.objects.filter(model="programmes.programme").values_list("was", flat=True)
    assert not [was for was in kept if was and slip.items() & was.items()]


def test_a_catalogue_that_loads_its_own_dump_begins_another_history_for_drafts_may_differ(
    tmp_path: Path,
) -> None:
    make_past()
    moment = read_latest_moment(connection)
    folder = write_dump(tmp_path / "1", is_private=True)
    write(None, "", lambda: make_programme(slug="d", state="draft"))
    assert read_latest_moment(connection) == moment
    load(folder, "--replace")
    now = read_latest_moment(connection)
    assert (now.number, now.history != moment.history) == (find_next_beginning(moment.number), True)
    before, after = read_files(folder), read_files(write_dump(tmp_path / "2", is_private=True))
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed - {"manifest.json", "README.txt", "SHA256SUMS"} == {"programmes.edit.ndjson"}


def test_no_number_stands_for_two_states_where_two_sites_go_on_from_one_dump(
    tmp_path: Path, client: Client
) -> None:
    programme = make_past()
    start = read_latest_moment(connection)
    first = write_dump(tmp_path / "1", is_private=True)
    write(None, "", lambda: change(programme, name="There first"))
    there = number()
    later = write_dump(tmp_path / "2", is_private=True)
    start_anew(start)
    load(first)
    write(None, "", lambda: change(programme, name="Here first"))
    here = number()
    load(later, "--replace")
    now = read_latest_moment(connection)
    assert now.number == find_next_beginning(here)
    assert now.history not in (start.history, OTHER.hex)
    assert is_lost(here)
    assert client.get(f"/api/v1/programmes/p/@{here}/").status_code == 404
    assert client.get(f"/api/v1/programmes/p/@{there}/").json()["name"] == "There first"


def test_a_private_dump_has_names_of_accounts_and_nothing_else_of_them(tmp_path: Path) -> None:
    make_past()
    folder = write_dump(tmp_path, is_private=True)
    assert b'"user":"anna"' in (folder / name_file(Edit)).read_bytes()
    written = b"".join(read_files(folder).values())
    assert not [one for one in (b"anna@example.org", b"Anna") if one in written]


def test_a_catalogue_that_was_further_begins_another_history_and_keeps_cited_states(
    tmp_path: Path, client: Client
) -> None:
    programme = make_past()
    then = read_latest_moment(connection)
    cited = f"/api/v1/programmes/p/@{then.number}/"
    before = client.get(cited).json()
    folder = write_dump(tmp_path, is_private=True)
    write(None, "", lambda: change(programme, name="Lost"))
    lost = number()
    load(folder, "--replace")
    now = read_latest_moment(connection)
    assert now.number == find_next_beginning(lost)
    assert now.history != then.history
    assert client.get(cited).json() == before
    assert client.get(f"/api/v1/programmes/p/@{lost}/").status_code == 404
    assert Edit.objects.filter(kind=Edit.Kind.DUMP, revision=now.number).count() == 1
    assert make_programme().pk > programme.pk


HOSTILE: list[tuple[Any, str, Any, str]] = [
    (Version, "model", "auth.user", "model: there is no such model in the history."),
    (Version, "was", {"id": 1}, "was: a row that was inserted has no content before"),
    (Version, "edit_id", 10**9, "edit_id: there is no edit with the id 1000000000."),
    (Version, "operation", "X", "operation: 'X': Value 'X' is not a valid choice."),
    (Edit, "kind", "x", "kind: 'x': Value 'x' is not a valid choice."),
    (Edit, "revision", None, "revision: None is of another type."),
    (Edit, "user", "a b", "user: Enter a valid username."),
]


def test_a_faulty_line_of_the_history_is_named_and_nothing_is_loaded(tmp_path: Path) -> None:
    Version.objects.all().delete()
    make_small_catalogue()
    Version.objects.exclude(operation="I").delete()
    folder = write_dump(tmp_path, is_private=True)
    clear_catalogue(replace=True)
    versions = Version.objects.count()
    for model, column, value, expected in HOSTILE:
        file = folder / name_file(model)
        kept = file.read_bytes()
        first, *others = kept.splitlines(keepends=True)
        row = json.dumps({**json.loads(first), column: value}, separators=(",", ":"))
        file.write_bytes(b"".join([row.encode() + b"\n", *others]))
        sign(folder)
        with pytest.raises(CommandError) as caught:
            load(folder)
        assert f"Nothing was loaded. {name_file(model)}, line 1: {expected}" in str(caught.value)
        file.write_bytes(kept)
    assert (Programme.objects.count(), Version.objects.count()) == (0, versions)
