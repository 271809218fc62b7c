"""The commands as the palette lists them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from scumble.ui.palette.fuzzy import score
from scumble.ui.palette.reasons import reason
from scumble.ui.window import MainWindow

PATH = 0.35
"""How much a match in the path of the menu counts, beside one in the text."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One line: `path` is the menu that it stands in, `keys` its shortcuts as they are written, `why` says what keeps
    a disabled one from being chosen."""

    action: QAction
    text: str
    path: str
    keys: str
    why: str

    @property
    def enabled(self) -> bool:
        """Whether it can be chosen now."""
        return self.action.isEnabled()


def entries(window: MainWindow) -> list[Entry]:
    """Every command, and every other line of the menus, such as docks and recent files."""
    commands = {window.commands.action(command.id): command for command in window.commands}
    paths = dict(_paths(window))
    found = []
    for action in dict.fromkeys((*commands, *paths)):
        command = commands.get(action)
        disabled = command is not None and not action.isEnabled()
        why = reason(command, window.session) if command is not None and disabled else ""
        found.append(Entry(action, plain(action.text()), paths.get(action, ""), keys_of(action), why))
    return [entry for entry in found if entry.text]


def matching(found: list[Entry], wanted: str, recent: list[str]) -> list[Entry]:
    """The entries that a few letters name, the best first; those that can be chosen before those that cannot.

    Without letters: what was chosen last comes first.
    """
    if not wanted.strip():
        order = {name: place for place, name in enumerate(recent)}
        return sorted(found, key=lambda entry: (not entry.enabled, order.get(entry.action.objectName(), len(order))))
    ranked = []
    for entry in found:
        here, around = score(wanted, entry.text), score(wanted, f"{entry.path} {entry.text}")
        values = [value for value in (here, around * PATH if around is not None else None) if value is not None]
        best = max(values, default=None)
        if best is not None:
            ranked.append((not entry.enabled, -best, entry.text, entry))
    return [entry for *_, entry in sorted(ranked, key=lambda item: item[:3])]


def plain(text: str) -> str:
    """A text of a menu without the marks for its keys."""
    return text.split("\t")[0].replace("&&", "\0").replace("&", "").replace("\0", "&")


def keys_of(action: QAction) -> str:
    """The shortcuts of an action as they are written on this system."""
    form = QKeySequence.SequenceFormat.NativeText
    return ", ".join(keys.toString(form) for keys in action.shortcuts())


def _paths(window: MainWindow) -> Iterator[tuple[QAction, str]]:
    for action in window.menuBar().actions():
        menu = action.menu()
        if isinstance(menu, QMenu):
            yield from _inside(menu, plain(menu.title()))


def _inside(menu: QMenu, path: str) -> Iterator[tuple[QAction, str]]:
    for action in menu.actions():
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from _inside(inner, f"{path} › {plain(inner.title())}")
        elif not action.isSeparator():
            yield action, path
