"""Terms of controlled vocabularies in the description of the data, mostly of the EU's.

Each is told with its class and its vocabulary, so that a program can check the description without
reading the vocabularies, as the shapes of DCAT-AP do.
"""

from typing import Any

from stemobs.publisher import LANGUAGE, LICENCE_ADDRESS

EU = "http://publications.europa.eu/resource/authority"
IANA = "https://www.iana.org/assignments/media-types"
LICENCE_TYPES = "http://purl.org/adms/licencetype"
# No vocabulary of kinds of publishers has one that says no more than this.
ORGANISATION = "https://schema.org/Organization"
OPENAPI = "https://spec.openapis.org/oas/v3.1.0"
# The box around Europe, from the Azores to the Urals and from Crete to Franz Josef Land, and its
# middle, as longitudes and latitudes.
EUROPE_BOX = "POLYGON((-31.3 34.8,69.1 34.8,69.1 81.9,-31.3 81.9,-31.3 34.8))"
EUROPE_MIDDLE = "POINT(18.9 58.35)"
# The names of the EU's authority tables, and of the terms in them that the description needs.
TABLES = {
    "access-right": "Access right", "continent": "Continent", "data-theme": "Data theme",
    "file-type": "File type", "frequency": "Frequency", "language": "Language",
    "planned-availability": "Planned availability",
}  # fmt: skip
TERMS = {
    "PUBLIC": "public", "EUROPE": "Europe", "EDUC": "Education, culture and sport",
    "IRREG": "irregular", "ENG": "English", "STABLE": "stable", "CSV": "CSV", "XLSX": "XLSX",
    "JSON": "JSON", "JSON_LD": "JSON-LD", "ZIP": "ZIP",
}  # fmt: skip
Node = dict[str, Any]


def make_english_text(text: Any) -> Node:
    return {"@value": str(text), "@language": LANGUAGE}


def refer_to_address(address: str) -> Node:
    return {"@id": address}


def refer_to_thing(address: str, kind: str) -> Node:
    return {"@id": address, "@type": kind}


def refer_to_page(address: str) -> Node:
    return refer_to_thing(address, "foaf:Document")


def refer_to_scheme(address: str, title: str) -> Node:
    return {
        **refer_to_thing(address, "skos:ConceptScheme"),
        "dct:title": make_english_text(title),
    }


def refer_to_concept(address: str, name: str, scheme: Node | None = None, *kinds: str) -> Node:
    """Return a concept with its name, its vocabulary and further classes."""
    told = {
        "@id": address,
        "@type": ["skos:Concept", *kinds],
        "skos:prefLabel": make_english_text(name),
    }
    return {**told, "skos:inScheme": scheme} if scheme else told


def refer_to_eu_table(table: str) -> Node:
    return refer_to_scheme(f"{EU}/{table}", TABLES[table])


def refer_to_eu_term(table: str, code: str, *kinds: str) -> Node:
    """Return a term of one of the EU's authority tables, such as the language `ENG`."""
    scheme = refer_to_eu_table(table)
    return refer_to_concept(f"{EU}/{table}/{code}", TERMS[code], scheme, *kinds)


def refer_to_media_type(media_type: str) -> Node:
    return refer_to_thing(f"{IANA}/{media_type}", "dct:MediaType")


def refer_to_licence() -> Node:
    """Return the licence, which asks for attribution only."""
    scheme = refer_to_scheme(f"{LICENCE_TYPES}/1.0", "Licence type")
    kind = refer_to_concept(f"{LICENCE_TYPES}/Attribution", "Attribution", scheme)
    return {**refer_to_thing(LICENCE_ADDRESS, "dct:LicenseDocument"), "dct:type": kind}


def refer_to_organisation() -> Node:
    return refer_to_concept(ORGANISATION, "Organisation")


def refer_to_europe() -> Node:
    return {
        **refer_to_eu_term("continent", "EUROPE", "dct:Location"),
        "dcat:bbox": {"@value": EUROPE_BOX, "@type": "gsp:wktLiteral"},
        "dcat:centroid": {"@value": EUROPE_MIDDLE, "@type": "gsp:wktLiteral"},
    }
