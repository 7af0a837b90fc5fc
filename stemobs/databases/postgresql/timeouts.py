"""Whether the settings are in force with which connections to PostgreSQL are made."""

from typing import Any

# A setting without a meaning. Where it is missing, a pooler has dropped it with all others.
DIRECT = "stemobs.direct"
WITHOUT_TIMEOUT = (
    "Statements outside of transactions have no timeout. Set statement_timeout for the role with "
    "which the site signs in to PostgreSQL."
)
WITHOUT_SETTINGS = (
    "A pooler before PostgreSQL keeps away the settings of connections. "
    "Set DATABASE_POOLER=transaction."
)
SETTINGS = f"SELECT current_setting('statement_timeout'), current_setting('{DIRECT}', true)"


def find_missing_settings(connection: Any) -> str:
    """Return what is missing outside of transactions, for those who run the site; "" if nothing."""
    with connection.connection.cursor() as cursor:
        cursor.execute(SETTINGS)
        timeout, direct = cursor.fetchone()
    if DIRECT in connection.settings_dict["OPTIONS"].get("options", ""):
        return "" if direct == "on" else WITHOUT_SETTINGS
    return WITHOUT_TIMEOUT if timeout == "0" else ""
