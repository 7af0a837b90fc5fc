"""Who publishes the catalogue, in which language, and under which licence its data are."""

NAME = "STEM Observatory"
LANGUAGE = "en"  # in which entries are written, ISO 639-1

LICENCE_NAME = "CC BY 4.0"
LICENCE_ID = "CC-BY-4.0"  # as SPDX lists it
LICENCE_ADDRESS = "https://creativecommons.org/licenses/by/4.0/"
