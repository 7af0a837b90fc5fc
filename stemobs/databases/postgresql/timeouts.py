"""Whether PostgreSQL's timeouts are in force outside of transactions."""

from typing import Any

WITHOUT_TIMEOUT = (
    "Statements outside of transactions have no timeout. Set statement_timeout for the role with "
    "which the site signs in to PostgreSQL."
)


def read_statement_timeout(connection: Any) -> str:
    """Return the timeout of a statement outside of a transaction; "0" if there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])
