"""A draft with everything that a record can have, and the addresses at which it might show."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Model
from django.test import Client

from partnerships.models import GuideItem, Lineage, NationalPlatform, Organisation, Strategy
from programmes.models import Change, Programme, Source
from stemobs.workshop.answers import NEW_EACH_TIME
from tests import builders

WORD = "quokka"  # in every text of the draft
NEIGHBOUR, PARTNER = "jet-net-nl", "shell"  # a record and an organisation that the draft names

# One address of every kind, and those of the records that the draft names or would stand beside.
KINDS = (
    "/", f"/programmes/?q={WORD}", f"/programmes/{NEIGHBOUR}/",
    f"/programmes/{NEIGHBOUR}/history/", f"/programmes/{NEIGHBOUR}/history.atom",
    f"/programmes/{NEIGHBOUR}/history/?from={{revision}}",
    f"/programmes/{NEIGHBOUR}/@{{revision}}/", f"/api/v1/programmes/{NEIGHBOUR}/@{{revision}}/",
    f"/organisations/?q={WORD}",
    "/organisations/?type=chamber&country=LI", f"/organisations/{PARTNER}/", "/countries/li/",
    f"/search/suggestions/?q={WORD}", "/about/", "/insights/organisations/",
    "/sitemap.xml", "/sitemaps/organisations-1.xml", "/sitemaps/pages-1.xml",
    "/feeds/programmes.atom", "/feeds/findings.rss", "/feeds/withdrawn.rss",
    f"/programmes.csv?q={WORD}", f"/programmes/figures.csv?q={WORD}", "/catalogue.jsonld",
    f"/organisations/{PARTNER}.jsonld", f"/programmes/{NEIGHBOUR}.jsonld",
    "/api/v1/programmes/?facets=all&page_size=1", f"/api/v1/programmes/{NEIGHBOUR}/",
    "/api/v1/organisations/?page_size=1", f"/api/v1/organisations/?q={WORD}",
    f"/api/v1/organisations/{PARTNER}/", "/api/v1/sources/?page_size=1",
    "/api/v1/changes/?since={revision}", "/api/v1/evaluations/?page_size=1", "/health/ready",
)  # fmt: skip
# The addresses that the draft and all that is its own would have.
OWN = (
    f"/programmes/{WORD}-draft/", f"/programmes/{WORD}-old/", f"/programmes/{WORD}-draft/history/",
    f"/programmes/{WORD}-draft.jsonld", f"/programmes/{WORD}-draft.bib",
    f"/organisations/{WORD}-works/", f"/organisations/{WORD}-alias/",
    f"/organisations/{WORD}-works.jsonld", f"/api/v1/programmes/{WORD}-draft/",
    f"/api/v1/organisations/{WORD}-works/", f"/api/v1/organisations/{WORD}-alias/",
    *(f"/api/v1/sources/{WORD}-{what}/" for what in ("page", "further", "named", "claimed")),
)  # fmt: skip


class Answer(NamedTuple):
    """What readers get at an address, without what is new each time."""

    status: int
    tag: str | None
    changed: str | None
    digest: str


def ask(client: Client, addresses: Iterable[str]) -> dict[str, Answer]:
    return {address: ask_one(client, address) for address in addresses}


def ask_one(client: Client, address: str) -> Answer:
    response = client.get(address)
    body = NEW_EACH_TIME.sub(b"", response.getvalue())
    return Answer(
        response.status_code,
        response.get("ETag"),
        response.get("Last-Modified"),
        hashlib.sha256(body).hexdigest(),
    )


def make_source(what: str) -> Source:
    return Source.objects.create(
        slug=f"{WORD}-{what}", title=f"Quokka {what}", url=f"https://example.org/{WORD}/{what}"
    )


def make_draft() -> Programme:
    """Make a draft whose organisation, sources, picture, facts and lineage are its own."""
    public = Programme.objects.get(slug=NEIGHBOUR)
    draft = builders.make_programme(
        slug=f"{WORD}-draft", name="Quokka draft", summary="Quokkas.", state=Programme.State.DRAFT,
        countries=[builders.country("LI")], levels=[builders.level(3)], is_highlighted=True,
        kinds=[builders.kind("debates")], logo="drafts/quokka.png", logo_alt="A quokka",
    )  # fmt: skip
    organisation = make_organisation()
    sources = {what: make_source(what) for what in ("page", "further", "claimed")}
    page = {"source": sources["page"], "locator": "p. 4"}
    builders.make_name(draft, "Quokka’s other name")
    builders.make_former_slug(draft, f"{WORD}-old")
    builders.make_citation(draft, **page)
    builders.make_reach(draft, 4_500, **page)
    builders.make_evaluation(draft, finding="Quokka.").further_sources.add(sources["further"])
    builders.make_way_in(draft, **page).further_sources.add(sources["further"])
    builders.make_contact(draft, **page)
    builders.make_document(draft, url="https://example.org/quokka.pdf", **page)
    builders.make_story(draft, title="A quokka")
    builders.make_assessment(draft, **page)
    builders.make_claim(builders.make_discrepancy(draft), source=sources["claimed"])
    for partner in (organisation, Organisation.objects.get(slug=PARTNER)):
        builders.make_partnership(draft, partner, **page)
        builders.make_funding(draft, organisation=partner, note="Quokka money", **page)
    builders.make_lineage(from_programme=draft, to_programme=public, note="Quokka", **page)
    builders.make_lineage(from_programme=public, to_programme=draft, note="Quokka", **page)
    strategy = Strategy.objects.first()
    builders.make_lineage(from_strategy=strategy, to_programme=draft, note="Quokka", **page)
    NationalPlatform.objects.get(slug="luma-centre-finland").programmes.add(draft)
    GuideItem.objects.order_by("pk")[0].programmes.add(draft)
    return draft


def make_organisation() -> Organisation:
    """Make an organisation that is public by nothing, a part and the forerunner of public ones."""
    public = Organisation.objects.get(slug=PARTNER)
    organisation = builders.make_organisation(
        slug=f"{WORD}-works", name="Quokka Works", type="chamber", is_public=False,
        country=builders.country("LI"), parent=public, successor=public,
    )  # fmt: skip
    builders.make_organisation_name(organisation, name="Quokka alias", slug=f"{WORD}-alias")
    organisation.citations.create(position=1, source=make_source("named"))
    return organisation


def change_everything(draft: Programme) -> None:
    """Change the draft and each row that is its own."""
    draft.name = "Quokka draft, changed"
    draft.save()
    draft.countries.set([builders.country("NL")])
    for row in list_own_rows(draft):
        type(row)._base_manager.filter(pk=row.pk).update(id=row.pk)
    Organisation.objects.filter(slug=f"{WORD}-works").update(name="Quokka Industries")
    Source.objects.filter(slug__startswith=WORD).update(note="A quokka read it.")


def list_own_rows(draft: Programme) -> Iterable[Model]:
    for relation in Programme._meta.related_objects:
        if relation.one_to_many and relation.related_model.__name__ != "Programme":
            yield from relation.related_model._base_manager.filter(
                **{relation.remote_field.name: draft}
            )


def delete_everything(draft: Programme) -> None:
    draft.delete()
    Organisation.objects.filter(slug__startswith=WORD).delete()
    Source.objects.filter(slug__startswith=WORD).delete()
    assert not Lineage.objects.filter(note="Quokka").exists()


def read_again(revision: int, draft: Programme) -> None:
    """Let every process read the draft and its organisation, as if everything had to be read."""
    organisation = Organisation.objects.get(slug=f"{WORD}-works")
    for subject, row in (("programme", draft), ("organisation", organisation)):
        Change.objects.update_or_create(
            subject=subject, object_id=row.pk, defaults={"revision": revision}
        )
