"""Descriptions of CSV files for programs: CSV on the Web (CSVW), the W3C's metadata vocabulary.

Each CSV file has its description at the same address with METADATA_ENDING, and names it in its Link
header. Programs then need not guess from the first rows what a column holds.
"""

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from stemobs.encoding import to_json
from stemobs.exports.tables import Column, Table, Type
from stemobs.publisher import LANGUAGE, LICENCE_ADDRESS, NAME

CONTENT_TYPE = "application/csvm+json"
METADATA_ENDING = "-metadata.json"
LONGEST_QUERY = 300  # letters of a query that the Link header repeats; some proxies refuse more
DATATYPES = {
    Type.NUMBER: "decimal", Type.YEAR: "integer", Type.BOOLEAN: "boolean", Type.DATE: "date",
    Type.TIME: "datetime", Type.ADDRESS: "anyURI",
}  # fmt: skip
SEPARATOR = "; "
Node = dict[str, Any]


def describe_file(url: str, title: Any, schema: Node) -> bytes:
    """Return the description of the CSV file at `url`, an address or a name beside it, as JSON."""
    described = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": LANGUAGE}],
        "url": url,
        "dc:title": str(title),
        "dc:publisher": NAME,
        "dc:license": {"@id": LICENCE_ADDRESS},
        "dialect": {"encoding": "utf-8", "header": True, "delimiter": ",", "doubleQuote": True},
        "tableSchema": schema,
    }
    return to_json(described)


def describe_table(table: Table) -> Node:
    """Return the schema of a table: its columns, and the one that identifies a row."""
    columns = [describe_column(column) for column in table.columns]
    key = {"primaryKey": table.key} if table.key else {}
    return {"columns": columns, **key}


def describe_column(column: Column) -> Node:
    described = {
        "name": column.name,
        "titles": column.name,
        "dc:description": str(column.meaning),
        "datatype": DATATYPES.get(column.type, "string"),
    }
    if column.type is Type.CODES:
        described["separator"] = SEPARATOR
    return described


def describe_cells(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Node:
    """Return the schema of lines with a header; a column of whole numbers only is `integer`."""
    lines = list(rows)
    return {
        "columns": [
            {
                "name": f"column_{number}",
                "titles": title,
                "datatype": find_datatype([line[number - 1] for line in lines]),
            }
            for number, title in zip(count(1), header, strict=False)
        ]
    }


def find_datatype(cells: Iterable[Any]) -> str:
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds == {int}:
        return "integer"
    return "decimal" if kinds and kinds <= {int, float} else "string"


def link_to_metadata(path: str, query: str = "") -> str:
    """Return the Link header of a CSV file, which leads to its description.

    The description repeats the query, so that it is of the very file; a long query is left out.
    """
    more = f"?{query}" if query and len(query) <= LONGEST_QUERY else ""
    return f'<{path}{METADATA_ENDING}{more}>; rel="describedby"; type="{CONTENT_TYPE}"'
