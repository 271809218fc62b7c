"""The underlined letters of a menu: each of them means one line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QAction


def letter_of(text: str) -> str:
    """The letter that is underlined in a text, in lower case; empty where there is none."""
    place = _place(text)
    return text[place + 1].casefold() if 0 <= place < len(text) - 1 else ""


def make_distinct(actions: Sequence[QAction]) -> None:
    """Underlines another letter, or none, where an earlier line has the same already."""
    taken: set[str] = set()
    for action in actions:
        letter = letter_of(action.text())
        if letter and letter in taken:
            action.setText(_with_another(action.text(), taken))
            letter = letter_of(action.text())
        taken.add(letter)


def _place(text: str) -> int:
    return text.replace("&&", "  ").find("&")


def _with_another(text: str, taken: set[str]) -> str:
    place = _place(text)
    bare = text[:place] + text[place + 1 :]
    for at, character in enumerate(bare):
        starts = at == 0 or bare[at - 1] == " "
        if starts and character.isalnum() and character.casefold() not in taken:
            return f"{bare[:at]}&{bare[at:]}"
    for at, character in enumerate(bare):
        if character.isalnum() and character.casefold() not in taken:
            return f"{bare[:at]}&{bare[at:]}"
    return bare
