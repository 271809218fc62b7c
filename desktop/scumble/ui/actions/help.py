"""Settings, diagnostics, about."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox

from scumble import __version__
from scumble.ui.commands import Command
from scumble.ui.dialogs.preferences import PreferencesDialog
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.window import MainWindow

ABOUT_WIDTH, NO_BREAK = 84, "\N{NO-BREAK SPACE}"
"""A message box is as wide as its first line."""

TAIL = 100
"""Lines of the log that diagnostics hold."""


def _text(text: str) -> str:
    return QCoreApplication.translate("help", text)


def diagnostics(window: MainWindow, log: Path | None) -> str:
    """What a developer wants to know: versions, screens, open documents, the end of the log. Nothing leaves."""
    screens = [
        f"{screen.name()} {screen.size().width()}×{screen.size().height()} @ {screen.devicePixelRatio():g}"
        for screen in QGuiApplication.screens()
    ]
    documents = [
        f"{session.document.width}×{session.document.height}, {len(session.document.layers)} layers, "
        f"{session.document.memory >> 20} MiB"
        for session in window.sessions
    ]
    lines = [
        f"Scumble {__version__}",
        f"Python {sys.version.split()[0]}, Qt {qVersion()}, {QGuiApplication.platformName()}",
        f"{platform.platform()}",
        f"Screens: {'; '.join(screens)}",
        f"Documents: {'; '.join(documents) or 'none'}",
        *(fact() for fact in window.facts),
        "",
        *_tail(log),
    ]
    return "\n".join(lines)


def _tail(log: Path | None) -> list[str]:
    if log is None:
        return []
    try:
        return log.read_text("utf-8", errors="replace").splitlines()[-TAIL:]
    except OSError as error:
        return [f"The log cannot be read: {error}"]


def show_about(window: MainWindow) -> None:
    """What the program is."""
    box = QMessageBox(window)
    box.setWindowTitle(_text("About Scumble"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"Scumble {__version__}".ljust(ABOUT_WIDTH, NO_BREAK))
    box.setInformativeText(
        _text(
            "An offline image editor in which generation is one more brush. Nothing leaves this machine.\n\n"
            "Free software under the Apache License 2.0."
        )
    )
    box.finished.connect(box.deleteLater)
    box.open()


def add_help_commands(window: MainWindow, log: Path | None) -> None:
    """Adds them."""

    def preferences() -> None:
        dialog = PreferencesDialog(window.settings, window, window.remarks)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def copy() -> None:
        QGuiApplication.clipboard().setText(diagnostics(window, log))
        window.status.showMessage(_text("The diagnostics are on the clipboard."), 4000)

    recent: list[str] = []  # the commands that were chosen in the palette, the last first

    def palette() -> None:
        from scumble.ui.palette.dialog import CommandPalette  # noqa: PLC0415  # after the first paint

        shown = CommandPalette(window, recent)
        shown.show()
        shown.field.setFocus()

    def shortcuts() -> None:
        from scumble.ui.dialogs.shortcuts import ShortcutsDialog  # noqa: PLC0415  # after the first paint

        dialog = ShortcutsDialog(window.commands, window.keymap, window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    table: tuple[tuple[Command, Callable[[], None]], ...] = (
        (Command("app.settings", QT_TRANSLATE_NOOP("commands", "&Settings…"), "settings", ("Ctrl+,",)), preferences),
        (
            Command("app.shortcuts", QT_TRANSLATE_NOOP("commands", "&Keyboard shortcuts…"), "keyboard"),
            shortcuts,
        ),
        (
            Command(
                "app.palette",
                QT_TRANSLATE_NOOP("commands", "&Find a command…"),
                "search",
                ("Ctrl+Shift+P",),
                QT_TRANSLATE_NOOP("commands", "Find a command by a few of its letters"),
            ),
            palette,
        ),
        (Command("help.diagnostics", QT_TRANSLATE_NOOP("commands", "Copy &diagnostics")), copy),
        (Command("help.about", QT_TRANSLATE_NOOP("commands", "&About Scumble")), lambda: show_about(window)),
    )
    for command, handler in table:
        window.commands.add(command, handler)
