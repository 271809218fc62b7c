"""Keeping Qt's harmless remarks off the terminal."""

from __future__ import annotations

import sys

from PySide6.QtCore import QMessageLogContext, QtMsgType, qFormatLogMessage, qInstallMessageHandler

HARMLESS = "This plugin does not support propagateSizeHints()"
"""Qt's remark at every window that is shown where there is no window manager to tell its sizes to."""


def hush() -> None:
    """Keeps Qt's harmless remark of the offscreen platform off the terminal; all else is still written to stderr."""

    def write(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if text != HARMLESS and sys.stderr is not None:
            sys.stderr.write(qFormatLogMessage(kind, context, text) + "\n")

    qInstallMessageHandler(write)
