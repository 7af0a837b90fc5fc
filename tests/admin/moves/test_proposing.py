"""A merger that somebody may not make alone waits for a second person, as it was chosen."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from programmes.models import Edit, ProposedMerger
from stemobs.curation.roles import Role
from tests import builders
from tests.admin.drafting import read_messages
from tests.admin.forms import address
from tests.admin.moves.mergers import OpenMerger, find_address, make_two
from tests.catalogue.marks import begin_another_transaction, number
from tests.curation.people import change_as, make_person, sign_in

pytestmark = pytest.mark.django_db
Proposed = ProposedMerger.State


@pytest.fixture
def people(settings: LazySettings, db: None) -> dict[str, Client]:
    """Two who may publish, and one who may not, where a second person approves."""
    settings.FOUR_EYES = True
    roles = {"cora": Role.CURATOR, "rita": Role.REVIEWER, "ruth": Role.REVIEWER}
    return {name: sign_in(make_person(role, name)) for name, role in roles.items()}


def send(client: Client, stays: Any, goes: Any, **answers: Any) -> ProposedMerger:
    """Send the merger of two rows to review."""
    form = OpenMerger(client, stays, goes)
    assert form.page.context["may_propose"]
    form.choose(**answers)
    done = form.send("_propose", stay=str(stays.pk), reason="Same website.")
    assert done.status_code == 302, form.refusals
    assert "Sent to review." in read_messages(done)
    return ProposedMerger.objects.latest("pk")


def decide(client: Client, proposed: ProposedMerger, button: str, **data: str) -> Any:
    """Do what a button does on the page of a proposed merger, as it is shown now."""
    page: Any = client.get(address(proposed, "change"))
    shown = page.context["page"]
    seen = {"drawn": shown.seen} if shown else {}
    answer = client.post(address(proposed, "change"), {**seen, **data, button: "1"})
    proposed.refresh_from_db()
    return answer


def test_what_a_curator_chose_is_merged_once_somebody_else_approves_it(
    people: dict[str, Client],
) -> None:
    stays, goes = make_two()
    begin_another_transaction()
    revision = number()
    form = OpenMerger(people["cora"], stays, goes)
    assert "a reviewer publishes them" in form.page.context["refusal"]
    form.send("_propose", reason="Same website.")
    assert "Please choose for 2 facts" in form.refusals
    first = send(people["cora"], stays, goes, status=goes, levels="keep")
    proposed = send(people["cora"], stays, goes, status=goes, levels="leave")
    first.refresh_from_db()
    assert (first.state, number()) == (Proposed.DROPPED, revision)
    goes.refresh_from_db()
    assert goes.is_public
    # It waits on the desks of those who may approve it, and of who sent it.
    for name in ("cora", "rita"):
        assert address(proposed, "change") in people[name].get(reverse("admin:index")).text
    contributor = sign_in(make_person(Role.CONTRIBUTOR))
    assert contributor.get(address(proposed, "change")).status_code == 403
    assert decide(people["cora"], proposed, "_approve").status_code == 403
    assert "Say in a sentence why" in decide(people["rita"], proposed, "_return").text
    assert people["rita"].get(address(ProposedMerger)).status_code == 200
    done = decide(people["rita"], proposed, "_approve")
    assert done.headers["Location"] == address(stays, "change")
    begin_another_transaction()
    made = Edit.objects.filter(kind=Edit.Kind.CURATOR).latest("pk")
    assert str(made.user) == "cora"
    stays.refresh_from_db()
    goes.refresh_from_db()
    assert (goes.merged_into, stays.status) == (stays, "completed")
    assert [*stays.levels.values_list("code", flat=True)] == [2]
    assert (proposed.state, proposed.decided_by.username) == (Proposed.DONE, "rita")
    assert decide(people["ruth"], proposed, "_approve").status_code == 409


def test_what_was_changed_since_is_asked_anew_and_who_sent_it_may_take_it_back(
    people: dict[str, Client],
) -> None:
    stays, goes = make_two()
    change_as(User.objects.get(username="rita"), stays, region="Oslo")
    proposed = send(people["rita"], stays, goes, status=goes, levels="keep", region=stays)
    assert decide(people["rita"], proposed, "_approve").status_code == 403
    page = people["ruth"].get(address(proposed, "change"))
    change_as(None, stays, status="planned")
    overtaken = people["ruth"].post(
        address(proposed, "change"), {"drawn": page.context["page"].seen, "_approve": "1"}
    )
    assert "after you had opened this page" in overtaken.text
    assert "somebody has to choose anew" in overtaken.text
    assert find_address(*page.context["page"].records) in overtaken.text
    assert "Please choose for 1 fact" in decide(people["ruth"], proposed, "_approve").text
    assert decide(people["ruth"], proposed, "_return", comment="Look again.").status_code == 302
    assert (proposed.state, proposed.comment) == (Proposed.RETURNED, "Look again.")
    # It is on the desk of who sent it, and leads to the page as it was filled in.
    assert list_returned(people["rita"]) == [(proposed.pk, "Look again.")]
    assert list_returned(people["cora"]) == []
    shown = people["rita"].get(address(proposed, "change"))
    assert "Look again." in shown.text
    mending = people["rita"].get(shown.context["mending"])
    assert "ruth returned it:" in mending.text
    asked = [one.label for one in mending.context["open_questions"]]
    assert (asked, mending.context["page"].reason) == (["Status"], "Same website.")
    again = send(people["cora"], stays, goes, status=goes, levels="keep", region=stays)
    assert (again.follows, list_returned(people["rita"])) == (proposed, [])
    assert address(again, "change") in people["rita"].get(address(proposed, "change")).text
    # Whoever sends the same once more is told who was first, and nothing waits twice.
    form = OpenMerger(people["rita"], stays, goes)
    form.choose(status=goes, levels="keep", region=stays)
    told = read_messages(form.send("_propose", stay=str(stays.pk), reason="Same website."))
    assert "This was sent to review already, by cora. It is not sent again." in told
    assert ProposedMerger.objects.latest("pk") == again
    assert decide(people["ruth"], again, "_drop").status_code == 302
    assert again.state == Proposed.WAITING
    assert decide(people["cora"], again, "_drop").status_code == 302
    assert again.state == Proposed.DROPPED


def list_returned(client: Client) -> list[tuple[int, str]]:
    """Return what the desk says was returned, and what was said of it."""
    desk: Any = client.get(reverse("admin:index"))
    return [(one.pk, one.said) for one in desk.context["desk"].returned]


def test_the_same_goes_for_sources_and_what_is_gone_can_only_be_returned(
    people: dict[str, Client],
) -> None:
    one, other = (builders.make_source(slug=name, is_public=True) for name in ("one", "other"))
    form = {"title": one, "url": one}
    proposed = send(people["cora"], one, other, **form)
    second = send(people["cora"], other, one, title=other, url=other)
    proposed.refresh_from_db()
    assert proposed.state == Proposed.DROPPED
    assert decide(people["ruth"], second, "_approve").status_code == 302
    assert other.former_slugs.get().slug == "one"
    third = builders.make_source(slug="third", is_public=True)
    proposed = send(people["cora"], third, other, title=third, url=third)
    third.delete()
    page = people["ruth"].get(address(proposed, "change"))
    assert "One of the two is not there any more" in page.text
    assert decide(people["ruth"], proposed, "_approve").status_code == 409
    assert decide(people["ruth"], proposed, "_return", comment="Gone.").status_code == 302
    returned = people["cora"].get(address(proposed, "change"))
    assert "so they cannot be merged" in returned.text
    assert "send it again" not in returned.text
    assert decide(people["cora"], proposed, "_drop").status_code == 302
    assert (proposed.state, proposed.comment) == (Proposed.DROPPED, "Gone.")
    assert list_returned(people["cora"]) == []
