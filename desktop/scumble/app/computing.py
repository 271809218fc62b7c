"""How the engine is to compute, as a person has set it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from scumble.service import EngineSettings
from scumble.settings import Settings

AUTO: Final = "auto"

CHOICES: Final = ("engine.device", "engine.dtype", "engine.backend", "engine.threads", "engine.memory")
"""The settings that are meant; the engine starts anew when one changes."""


def computing(made: EngineSettings, settings: Settings) -> EngineSettings:
    """The engine's settings with the device, numbers, library, threads and thrift that a person wants."""
    return replace(
        made,
        device=_own(settings.text("engine.device")),
        dtype=_own(settings.text("engine.dtype")),
        backend=settings.text("engine.backend"),
        threads=int(settings.number("engine.threads")),
        frugal=settings.text("engine.memory") == "frugal",
    )


def _own(choice: str) -> str:
    return "" if choice == AUTO else choice
