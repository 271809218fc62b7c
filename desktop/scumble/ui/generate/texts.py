"""What the window says about time."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def duration(seconds: float) -> str:
    """How long something will still take, in words."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return QCoreApplication.translate("generate", "%n s left", None, max(whole, 1))
    return QCoreApplication.translate("generate", "%n min left", None, (whole + 30) // 60)
