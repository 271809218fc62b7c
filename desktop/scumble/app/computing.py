"""How the engine is to compute, as a person has set it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from scumble.service import EngineSettings
from scumble.settings import Settings

CHOICES: Final = (
    "engine.device",
    "engine.dtype",
    "engine.backend",
    "engine.attention",
    "engine.threads",
    "engine.memory",
    "engine.safety",
)
"""The settings that are meant; the engine starts anew when one changes."""


def computing(made: EngineSettings, settings: Settings) -> EngineSettings:
    """The engine's settings with the device, numbers, library, attention, threads and thrift that a person wants."""
    return replace(
        made,
        device=settings.own("engine.device"),
        dtype=settings.own("engine.dtype"),
        backend=settings.text("engine.backend"),
        attention=settings.own("engine.attention"),
        threads=int(settings.number("engine.threads")),
        thrift=settings.own("engine.memory"),
        safety=settings.flag("engine.safety"),
    )
