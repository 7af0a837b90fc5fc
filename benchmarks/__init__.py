"""Measures how fast the catalogue answers, beside other ways of answering the same questions.

`python -m benchmarks.run --help` says how. Nothing here is part of the site.
"""
