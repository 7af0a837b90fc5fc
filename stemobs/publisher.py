"""Who publishes the catalogue, in which language, and under which licence its data are."""

NAME = "STEM Observatory"
LANGUAGE = "en"  # the language in which entries are written, as an ISO 639-1 code

LICENCE_NAME = "CC BY 4.0"
LICENCE_ID = "CC-BY-4.0"  # the identifier in the SPDX licence list
LICENCE_ADDRESS = "https://creativecommons.org/licenses/by/4.0/"
