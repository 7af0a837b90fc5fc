"""The description of the site's data for data portals: DCAT 3 and DCAT-AP, and schema.org.

It is served at /catalogue.jsonld and lists the data sets and the files and API that hold them.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.db.models import Min
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from programmes.models import Programme
from stemobs.addresses import build_absolute_url
from stemobs.catalogue.catalogue import Catalogue
from stemobs.catalogue.states.moments import Moment
from stemobs.exports.files import FIGURE_FORMATS, FORMATS
from stemobs.exports.linked.nodes import Node, make_node
from stemobs.exports.linked.pages import describe_publisher
from stemobs.exports.terms import (
    OPENAPI,
    make_english_text,
    refer_to_address,
    refer_to_eu_table,
    refer_to_eu_term,
    refer_to_europe,
    refer_to_licence,
    refer_to_media_type,
    refer_to_organisation,
    refer_to_page,
    refer_to_thing,
)
from stemobs.publisher import LICENCE_ADDRESS, NAME

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "gsp": "http://www.opengis.net/ont/geosparql#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
ZIP = "application/zip"
# The EU's names of file types, by the ending of a file; JSON lines have none but that of JSON.
FILE_TYPES = {
    "csv": "CSV", "xlsx": "XLSX", "ndjson": "JSON", "jsonld": "JSON_LD", "zip": "ZIP",
}  # fmt: skip
KEYWORDS = (_("STEM"), _("education"), _("schools"), _("industry"), _("careers"), _("Europe"))
TITLE = _("STEM Observatory: programmes of schools and industry")
ABOUT = _(
    "An open catalogue of partnerships between schools and industry for STEM education in Europe,"
    " every fact with its source."
)


class OfferedArchive(Protocol):
    """The archive of the newest public dump: file name, size in bytes, SHA-256, state it holds.

    stemobs.dumps.archive.Archive has these; this package must not import it.
    """

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
    """One file format in which a data set can be downloaded (dcat:Distribution)."""

    ending: str
    address: str
    content_type: str
    archive: OfferedArchive | None = None
    about: Any = ""  # what the file is good for

    @property
    def media_type(self) -> str:
        return self.content_type.partition(";")[0]


@dataclass(frozen=True)
class Dataset:
    """A data set (dcat:Dataset): title, state, the page that shows it, its API and its files.

    `api` is "" where the API does not have the data.
    """

    name: str
    moment: Moment
    title: Any
    description: Any
    page: str
    api: str
    files: tuple[Distribution, ...]

    @property
    def address(self) -> str:
        return f"{build_catalogue_url()}#{self.name}"


def build_catalogue_url() -> str:
    return build_absolute_url(reverse("catalogue-data"))


def list_datasets(catalogue: Catalogue, archive: OfferedArchive | None) -> list[Dataset]:
    """Return the data sets of the current catalogue, and the dump in its own, older state."""
    moment = catalogue.moment
    return [
        Dataset(
            "programmes",
            moment,
            _("Programmes"),
            _("One row is one programme: what it is, where and for whom, how it was evaluated."),
            build_absolute_url(reverse("programmes")),
            build_absolute_url(reverse("api-programmes-list")),
            list_distributions("programmes", FORMATS),
        ),
        Dataset(
            "figures",
            moment,
            _("Reach and funding of programmes"),
            _("One row is one counted figure or one statement on money, with its source."),
            build_absolute_url(reverse("programmes")),
            "",
            list_distributions("figures", FIGURE_FORMATS),
        ),
        Dataset(
            "evaluations",
            moment,
            _("Evaluations of programmes"),
            _("One row is one evaluation: its design, who stood behind it, and what it found."),
            build_absolute_url(reverse("evidence")),
            build_absolute_url(reverse("api-evaluations-list")),
            list_distributions("evaluations", FIGURE_FORMATS),
        ),
        make_field_dataset(moment),
        Dataset(
            "organisations",
            moment,
            _("Organisations"),
            _("Who takes part in programmes: names, type, seat and roles."),
            build_absolute_url(reverse("organisations")),
            build_absolute_url(reverse("api-organisations-list")),
            (),
        ),
        *([make_dump_dataset(archive)] if archive else []),
    ]


def make_field_dataset(moment: Moment) -> Dataset:
    return Dataset(
        "field-studies",
        moment,
        _("Studies of the whole field"),
        _("One row is one study of many schemes together: its design and what it found."),
        f"{build_absolute_url(reverse('evidence'))}#field",
        "",
        list_distributions("field-studies", {"csv": FORMATS["csv"]}),
    )


def make_dump_dataset(archive: OfferedArchive) -> Dataset:
    address = build_absolute_url(reverse("dump-file", args=[archive.name]))
    return Dataset(
        "dump",
        archive.moment,
        _("The whole catalogue"),
        _(
            "Everything that readers can see, in one archive: every row as a line of JSON,"
            " spreadsheets, and pictures, each with the licence that its programme names."
        ),
        f"{build_absolute_url(reverse('about-data'))}#dump",
        "",
        (Distribution("zip", address, ZIP, archive, _("The archive of the newest dump.")),),
    )


def list_distributions(name: str, formats: Mapping[str, Any]) -> tuple[Distribution, ...]:
    return tuple(
        Distribution(
            ending,
            build_absolute_url(reverse(f"{name}-{ending}")),
            how.content_type,
            about=how.purpose,
        )
        for ending, how in formats.items()
    )


# --- As DCAT -------------------------------------------------------------------------------------


def describe_as_dcat(catalogue: Catalogue, archive: OfferedArchive | None) -> Node:
    """Return the description of the catalogue and all its data sets as a JSON-LD document."""
    found, span = list_datasets(catalogue, archive), read_span()
    described = {
        **describe_common_facts(catalogue.moment, TITLE, ABOUT),
        **span.describe_issue(),
        "foaf:homepage": refer_to_page(build_absolute_url("/")),
        "dct:license": refer_to_licence(),
        "dct:spatial": refer_to_europe(),
        "dcat:themeTaxonomy": refer_to_eu_table("data-theme"),
        "dcat:dataset": [describe_dataset(one, span) for one in found],
        "dcat:service": describe_service(found),
    }
    return {
        "@context": CONTEXT,
        "@id": f"{build_catalogue_url()}#catalogue",
        "@type": "dcat:Catalog",
        **described,
    }


def describe_common_facts(moment: Moment, title: Any, description: Any) -> Node:
    """Return the properties that the catalogue and each data set have alike."""
    return {
        "dct:title": make_english_text(title),
        "dct:description": make_english_text(description),
        "dct:publisher": {
            "@id": describe_publisher()["@id"],
            "@type": ["foaf:Agent", "foaf:Organization"],
            "dct:type": refer_to_organisation(),
            "foaf:name": describe_publisher()["name"],
        },
        "dcat:contactPoint": describe_contact(),
        "dct:accrualPeriodicity": refer_to_eu_term("frequency", "IRREG", "dct:Frequency"),
        "dct:language": refer_to_eu_term("language", "ENG", "dct:LinguisticSystem"),
        "dct:modified": make_typed_value(
            moment.changed_at.isoformat(timespec="seconds"), "dateTime"
        ),
        "dcat:version": str(moment.number),
    }


def describe_contact() -> Node:
    """Return whom to ask: the page that says so, and the address in the settings, if any."""
    mail = settings.SECURITY_CONTACT
    return {
        "@id": f"{build_absolute_url('/')}#contact",
        "@type": ["vcard:Kind", "vcard:Organization"],
        "vcard:fn": NAME,
        "vcard:hasURL": refer_to_address(build_absolute_url(reverse("about"))),
        **({"vcard:hasEmail": refer_to_address(mail)} if mail.startswith("mailto:") else {}),
    }


@dataclass(frozen=True)
class CoveredTime:
    """Since when there are entries, and the year in which the first of their programmes began.

    Both are None in a catalogue without an entry that says so.
    """

    issued: datetime.datetime | None
    first_year: int | None

    def describe_issue(self) -> Node:
        if self.issued is None:
            return {}
        return {"dct:issued": make_typed_value(self.issued.date().isoformat(), "date")}

    def describe_period(self, moment: Moment) -> Node:
        """Return the years that a data set is about: until the day of its state."""
        if self.first_year is None:
            return {}
        end = moment.changed_at.date().isoformat()
        return {
            "dct:temporal": {
                "@type": "dct:PeriodOfTime",
                "dcat:startDate": make_typed_value(f"{self.first_year:04}", "gYear"),
                "dcat:endDate": make_typed_value(end, "date"),
            }
        }


def read_span() -> CoveredTime:
    dated = Programme.objects.published()
    found = dated.aggregate(issued=Min("created_at"), first=Min("year_start"))
    return CoveredTime(found["issued"], found["first"])


def describe_dataset(one: Dataset, span: CoveredTime) -> Node:
    forms = [describe_distribution(one, file) for file in one.files]
    return {
        "@id": one.address,
        "@type": "dcat:Dataset",
        **describe_common_facts(one.moment, one.title, one.description),
        **span.describe_period(one.moment),
        "dct:identifier": one.address,
        "dcat:keyword": [make_english_text(word) for word in KEYWORDS],
        "dct:accessRights": refer_to_eu_term("access-right", "PUBLIC", "dct:RightsStatement"),
        "dct:spatial": refer_to_europe(),
        "dcat:theme": refer_to_eu_term("data-theme", "EDUC"),
        "dcat:landingPage": refer_to_page(one.page),
        "dcat:distribution": [*forms, *describe_api_access(one)],
    }


def describe_distribution(one: Dataset, file: Distribution) -> Node:
    """Return a downloadable file as dcat:Distribution.

    Types that begin with “application/x-” are not registered with IANA and have no address there.
    """
    is_registered = not file.media_type.startswith("application/x-")
    kind = {"dcat:mediaType": refer_to_media_type(file.media_type)} if is_registered else {}
    return {
        "@id": f"{one.address}-{file.ending}",
        "@type": "dcat:Distribution",
        "dct:title": make_english_text(file.ending.upper()),
        "dct:description": make_english_text(file.about),
        "dct:format": refer_to_file_type(FILE_TYPES[file.ending]),
        "dcatap:availability": refer_to_eu_term("planned-availability", "STABLE"),
        "dct:license": refer_to_licence(),
        "dcat:accessURL": refer_to_address(file.address),
        "dcat:downloadURL": refer_to_address(file.address),
        **(describe_packing(file.archive) if file.archive else kind),
    }


def describe_packing(archive: OfferedArchive) -> Node:
    """Return package format, size and checksum of the dump's archive, to check a download against.

    There is no dcat:mediaType, because the archive unpacks to files of several types.
    """
    return {
        "dcat:packageFormat": refer_to_media_type(ZIP),
        "dcat:byteSize": make_typed_value(str(archive.size), "nonNegativeInteger"),
        "dct:modified": make_typed_value(
            archive.moment.changed_at.isoformat(timespec="seconds"), "dateTime"
        ),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": refer_to_address(f"{CONTEXT['spdx']}checksumAlgorithm_sha256"),
            "spdx:checksumValue": make_typed_value(archive.sha256, "hexBinary"),
        },
    }


def describe_api_access(one: Dataset) -> list[Node]:
    if not one.api:
        return []
    return [
        {
            "@id": f"{one.address}-api",
            "@type": "dcat:Distribution",
            "dct:title": make_english_text("API"),
            "dct:description": make_english_text(_("The rows in pages, chosen by parameters.")),
            "dct:format": refer_to_file_type("JSON"),
            "dcatap:availability": refer_to_eu_term("planned-availability", "STABLE"),
            "dct:license": refer_to_licence(),
            "dcat:accessURL": refer_to_address(one.api),
            "dcat:mediaType": refer_to_media_type("application/json"),
            "dcat:accessService": refer_to_address(f"{build_catalogue_url()}#api"),
        }
    ]


def describe_service(found: list[Dataset]) -> Node:
    return {
        "@id": f"{build_catalogue_url()}#api",
        "@type": "dcat:DataService",
        "dct:title": make_english_text(_("The API of the STEM Observatory")),
        "dct:description": make_english_text(_("Reads the catalogue; it needs no key.")),
        "dct:publisher": refer_to_address(describe_publisher()["@id"]),
        "dct:accessRights": refer_to_eu_term("access-right", "PUBLIC", "dct:RightsStatement"),
        "dcat:contactPoint": describe_contact(),
        "dcat:theme": refer_to_eu_term("data-theme", "EDUC"),
        "dcat:keyword": [make_english_text(word) for word in KEYWORDS],
        "dct:license": refer_to_licence(),
        "dcat:landingPage": refer_to_page(build_absolute_url(reverse("api-docs"))),
        "dct:conformsTo": refer_to_thing(OPENAPI, "dct:Standard"),
        "dcat:endpointURL": refer_to_address(build_absolute_url(reverse("api-root"))),
        "dcat:endpointDescription": refer_to_address(build_absolute_url(reverse("api-schema"))),
        "dcat:servesDataset": [refer_to_address(one.address) for one in found if one.api],
    }


def refer_to_file_type(name: str) -> Node:
    return refer_to_eu_term("file-type", name, "dct:MediaTypeOrExtent")


def make_typed_value(value: str, kind: str) -> Node:
    return {"@value": value, "@type": f"xsd:{kind}"}


# --- As schema.org -------------------------------------------------------------------------------


def describe_as_schema_org(catalogue: Catalogue, archive: OfferedArchive | None) -> Node:
    """Return the catalogue and its data sets in schema.org's terms, which search engines read."""
    return make_node(
        "DataCatalog",
        f"{build_catalogue_url()}#catalogue",
        name=str(TITLE),
        description=str(ABOUT),
        url=build_absolute_url(reverse("about-data")),
        license=LICENCE_ADDRESS,
        publisher=describe_publisher(),
        dateModified=catalogue.moment.changed_at,
        version=str(catalogue.revision),
        dataset=[describe_schema_org_dataset(one) for one in list_datasets(catalogue, archive)],
    )


def describe_schema_org_dataset(one: Dataset) -> Node:
    return make_node(
        "Dataset",
        one.address,
        name=str(one.title),
        description=str(one.description),
        url=one.page,
        license=LICENCE_ADDRESS,
        creator=describe_publisher(),
        dateModified=one.moment.changed_at,
        version=str(one.moment.number),
        isAccessibleForFree=True,
        distribution=[describe_download(file) for file in one.files],
    )


def describe_download(file: Distribution) -> Node:
    archive = file.archive
    return make_node(
        "DataDownload",
        contentUrl=file.address,
        encodingFormat=file.media_type,
        contentSize=f"{archive.size} B" if archive else "",
        sha256=archive.sha256 if archive else "",
    )
