"""Constants: the publisher's name, the language of entries, and the licence of the data."""

NAME = "STEM Observatory"
LANGUAGE = "en"  # the language in which entries are written, as an ISO 639-1 code

LICENCE_NAME = "CC BY 4.0"
LICENCE_ID = "CC-BY-4.0"  # the identifier in the SPDX licence list
LICENCE_ADDRESS = "https://creativecommons.org/licenses/by/4.0/"
