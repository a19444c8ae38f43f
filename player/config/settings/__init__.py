"""The settings of every part: frozen, with defaults, units and ranges; config/loader.py reads them.

Each part's are a module, so that a process loads those it needs and no more.
"""
