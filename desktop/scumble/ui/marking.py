"""Marks texts for translation where they are data."""

from __future__ import annotations


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """The text itself. Qt's tool that gathers texts looks for this name; PySide's own has no type to speak of."""
    return text
