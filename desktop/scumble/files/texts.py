"""Texts of strangers, made so that files and messages can hold them."""

from __future__ import annotations


def whole(text: str) -> str:
    """The text with “?” for halves of characters, which JSON and the names of files can smuggle in."""
    return text.encode("utf-8", "replace").decode()
