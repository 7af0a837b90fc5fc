"""The catalogue as a catalogue of data: DCAT 3, with what DCAT-AP asks of European ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from stemobs.addresses import absolute
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.triggers import Moment
from stemobs.exports.files import FIGURE_FORMATS, FORMATS
from stemobs.exports.linked.nodes import Node, node
from stemobs.exports.linked.pages import publisher
from stemobs.publisher import LANGUAGE, LICENCE_ADDRESS

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
ZIP = "application/zip"
EU = "http://publications.europa.eu/resource/authority"
IANA = "https://www.iana.org/assignments/media-types"
TITLE = _("STEM Observatory: programmes of schools and industry")
ABOUT = _(
    "An open catalogue of partnerships between schools and industry for STEM education in Europe,"
    " every fact with its source."
)


class Archive(Protocol):
    """The newest public dump as one file: its name, its size in bytes, its state and digest."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def sha256(self) -> str: ...

    @property
    def moment(self) -> Moment: ...


@dataclass(frozen=True)
class Distribution:
    """One form in which a body of data can be had."""

    ending: str
    address: str
    content_type: str
    archive: Archive | None = None

    @property
    def media_type(self) -> str:
        return self.content_type.partition(";")[0]


@dataclass(frozen=True)
class Dataset:
    """A body of data: what it holds, in which state, where a person reads it, and its forms."""

    name: str
    moment: Moment
    title: Any
    description: Any
    page: str
    api: str
    files: tuple[Distribution, ...]

    @property
    def address(self) -> str:
        return f"{home()}#{self.name}"


def home() -> str:
    return absolute(reverse("catalogue-data"))


def datasets(catalogue: Catalogue, archive: Archive | None) -> list[Dataset]:
    """Return the bodies of data that are as the catalogue is now, and the dump, as it was."""
    moment = catalogue.moment
    return [
        Dataset(
            "programmes",
            moment,
            _("Programmes"),
            _("One row is one programme: what it is, where and for whom, how it was evaluated."),
            absolute(reverse("programmes")),
            absolute(reverse("api-programmes-list")),
            files("programmes", FORMATS),
        ),
        Dataset(
            "figures",
            moment,
            _("Reach and funding of programmes"),
            _("One row is one counted figure or one statement on money, with its source."),
            absolute(reverse("programmes")),
            "",
            files("figures", FIGURE_FORMATS),
        ),
        Dataset(
            "organisations",
            moment,
            _("Organisations"),
            _("Who takes part in programmes: names, type, seat and roles."),
            absolute(reverse("organisations")),
            absolute(reverse("api-organisations-list")),
            (),
        ),
        *([dump(archive)] if archive else []),
    ]


def dump(archive: Archive) -> Dataset:
    address = absolute(reverse("dump-file", args=[archive.name]))
    return Dataset(
        "dump",
        archive.moment,
        _("The whole catalogue"),
        _(
            "Everything that readers can see, in one archive: every row as a line of JSON,"
            " spreadsheets, and pictures, each with the licence that its programme names."
        ),
        f"{absolute(reverse('about-data'))}#dump",
        "",
        (Distribution("zip", address, ZIP, archive),),
    )


def files(name: str, formats: Mapping[str, Any]) -> tuple[Distribution, ...]:
    return tuple(
        Distribution(ending, absolute(reverse(f"{name}-{ending}")), how.content_type)
        for ending, how in formats.items()
    )


# --- As DCAT -------------------------------------------------------------------------------------


def as_dcat(catalogue: Catalogue, archive: Archive | None) -> Node:
    """Return the whole description as a document."""
    found = datasets(catalogue, archive)
    described = {
        **common(catalogue.moment, TITLE, ABOUT),
        "foaf:homepage": at(absolute("/")),
        "dct:license": at(LICENCE_ADDRESS),
        "dct:spatial": at(f"{EU}/continent/EUROPE"),
        "dcat:themeTaxonomy": at(f"{EU}/data-theme"),
        "dcat:dataset": [dataset(one) for one in found],
        "dcat:service": service(found),
    }
    return {"@context": CONTEXT, "@id": f"{home()}#catalogue", "@type": "dcat:Catalog", **described}


def common(moment: Moment, title: Any, description: Any) -> Node:
    """Return what holds for the catalogue as for each of its bodies of data."""
    return {
        "dct:title": english(title),
        "dct:description": english(description),
        "dct:publisher": {
            "@id": publisher()["@id"],
            "@type": "foaf:Organization",
            "foaf:name": publisher()["name"],
        },
        "dct:language": at(f"{EU}/language/ENG"),
        "dct:modified": typed(moment.changed_at.isoformat(), "dateTime"),
        "dcat:version": str(moment.number),
    }


def dataset(one: Dataset) -> Node:
    forms = [distribution(one, file) for file in one.files]
    return {
        "@id": one.address,
        "@type": "dcat:Dataset",
        **common(one.moment, one.title, one.description),
        "dct:identifier": one.address,
        "dct:accessRights": at(f"{EU}/access-right/PUBLIC"),
        "dct:spatial": at(f"{EU}/continent/EUROPE"),
        "dcat:theme": at(f"{EU}/data-theme/EDUC"),
        "dcat:landingPage": at(one.page),
        "dcat:distribution": [*forms, *by_api(one)],
    }


def distribution(one: Dataset, file: Distribution) -> Node:
    """Return a form as a file; only registered media types have an address."""
    is_registered = not file.media_type.startswith("application/x-")
    kind = {"dcat:mediaType": at(f"{IANA}/{file.media_type}")} if is_registered else {}
    return {
        "@id": f"{one.address}-{file.ending}",
        "@type": "dcat:Distribution",
        "dct:title": english(file.ending.upper()),
        "dct:format": {"@type": "dct:MediaTypeOrExtent", "rdfs:label": file.media_type},
        "dct:license": at(LICENCE_ADDRESS),
        "dcat:accessURL": at(file.address),
        "dcat:downloadURL": at(file.address),
        **(packed(file.archive) if file.archive else kind),
    }


def packed(archive: Archive) -> Node:
    """Return what tells whether a download is whole; the type of what it unpacks to is not one."""
    return {
        "dcat:packageFormat": at(f"{IANA}/{ZIP}"),
        "dcat:byteSize": typed(str(archive.size), "nonNegativeInteger"),
        "dct:modified": typed(archive.moment.changed_at.isoformat(), "dateTime"),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": at(f"{CONTEXT['spdx']}checksumAlgorithm_sha256"),
            "spdx:checksumValue": typed(archive.sha256, "hexBinary"),
        },
    }


def by_api(one: Dataset) -> list[Node]:
    if not one.api:
        return []
    return [
        {
            "@id": f"{one.address}-api",
            "@type": "dcat:Distribution",
            "dct:title": english("API"),
            "dct:license": at(LICENCE_ADDRESS),
            "dcat:accessURL": at(one.api),
            "dcat:mediaType": at(f"{IANA}/application/json"),
            "dcat:accessService": at(f"{home()}#api"),
        }
    ]


def service(found: list[Dataset]) -> Node:
    return {
        "@id": f"{home()}#api",
        "@type": "dcat:DataService",
        "dct:title": english(_("The API of the STEM Observatory")),
        "dct:license": at(LICENCE_ADDRESS),
        "dcat:landingPage": at(absolute(reverse("api-docs"))),
        "dcat:endpointURL": at(absolute(reverse("api-root"))),
        "dcat:endpointDescription": at(absolute(reverse("api-schema"))),
        "dcat:servesDataset": [at(one.address) for one in found if one.api],
    }


def at(address: str) -> Node:
    return {"@id": address}


def english(text: Any) -> Node:
    return {"@value": str(text), "@language": LANGUAGE}


def typed(value: str, kind: str) -> Node:
    return {"@value": value, "@type": f"xsd:{kind}"}


# --- As schema.org has it ------------------------------------------------------------------------


def as_schema(catalogue: Catalogue, archive: Archive | None) -> Node:
    """Return the same for search engines, which look for data by schema.org's terms."""
    return node(
        "DataCatalog",
        f"{home()}#catalogue",
        name=str(TITLE),
        description=str(ABOUT),
        url=absolute(reverse("about-data")),
        license=LICENCE_ADDRESS,
        publisher=publisher(),
        dateModified=catalogue.moment.changed_at,
        version=str(catalogue.revision),
        dataset=[body(one) for one in datasets(catalogue, archive)],
    )


def body(one: Dataset) -> Node:
    return node(
        "Dataset",
        one.address,
        name=str(one.title),
        description=str(one.description),
        url=one.page,
        license=LICENCE_ADDRESS,
        creator=publisher(),
        dateModified=one.moment.changed_at,
        version=str(one.moment.number),
        isAccessibleForFree=True,
        distribution=[download(file) for file in one.files],
    )


def download(file: Distribution) -> Node:
    archive = file.archive
    return node(
        "DataDownload",
        contentUrl=file.address,
        encodingFormat=file.media_type,
        contentSize=f"{archive.size} B" if archive else "",
        sha256=archive.sha256 if archive else "",
    )
