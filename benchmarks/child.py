"""Runs `main` of a module of this package with the project set up: `… benchmarks.child MODULE`."""

import sys
from importlib import import_module

import django

if __name__ == "__main__":
    django.setup()
    import_module(sys.argv[1]).main(*sys.argv[2:])
