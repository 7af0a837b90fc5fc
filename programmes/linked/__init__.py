"""Facts as linked data: schema.org's terms, and those of Dublin Core where schema.org has none.

What is not known stays out; what is inferred is told like what is stated, for only the API tells
the basis of each part. A thing is not the page about it: it has the page's address with `#this`,
and what is true of the entry, such as when it changed, stands in its `mainEntityOfPage`.
"""

from programmes.linked.nodes import (
    CONTENT_TYPE,
    CONTEXT,
    LANGUAGE,
    LICENCE,
    Node,
    document,
    node,
    to_script,
)
from programmes.linked.pages import breadcrumbs, collection, of_figure, publisher, site, web_page
from programmes.linked.partners import of_guide, of_organisation, of_platform, of_strategy
from programmes.linked.programmes import of_entry, of_row
from programmes.linked.terms import country_page, names_of

__all__ = [
    "CONTENT_TYPE",
    "CONTEXT",
    "LANGUAGE",
    "LICENCE",
    "Node",
    "breadcrumbs",
    "collection",
    "country_page",
    "document",
    "names_of",
    "node",
    "of_entry",
    "of_figure",
    "of_guide",
    "of_organisation",
    "of_platform",
    "of_row",
    "of_strategy",
    "publisher",
    "site",
    "to_script",
    "web_page",
]
