"""What the window says about errors, jobs and the engine."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from scumble.api import MESSAGES, ScumbleError, sentence


def spoken(code: str, params: Mapping[str, str]) -> str:
    """The sentence for an error in the person's language."""
    template = MESSAGES.get(code)
    translated = QCoreApplication.translate("errors", template) if template else None
    return sentence(code, dict(params), translated)


def spoken_error(error: ScumbleError) -> str:
    """The sentence for a raised error."""
    return spoken(error.code, error.params)


def duration(seconds: float) -> str:
    """How long something will still take, in words."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return QCoreApplication.translate("generate", "%n s left", None, max(whole, 1))
    return QCoreApplication.translate("generate", "%n min left", None, (whole + 30) // 60)
