"""Benchmarks: how fast the catalogue answers, compared with plain SQL, DRF and others.

`python -m benchmarks.run --help` lists the options. Nothing here is part of the site.
"""
