"""Search engines as contenders. Each runs in a Python of its own, which has neither Django nor us.

So what stands here needs the standard library and the engine alone.
"""
