"""Scumble: an offline image editor in which generation is one more brush."""

__version__ = "0.1.0"
