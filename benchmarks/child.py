"""Sets up Django and runs `main` of a module: `python -m benchmarks.child MODULE ARGUMENTS`."""

import sys
from importlib import import_module

import django

if __name__ == "__main__":
    django.setup()
    import_module(sys.argv[1]).main(*sys.argv[2:])
