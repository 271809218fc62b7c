"""Where the program keeps what is a person's own: by the custom of the system, or all under one folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import platformdirs

HOME: Final = "SCUMBLE_HOME"
"""The environment variable that puts everything under one folder: for tests, and for a stick."""

_NAME = "scumble"


@dataclass(frozen=True, slots=True)
class Paths:
    """The program's folders, which need not exist.

    `data` is worth a backup, `config` holds settings, `cache` can be deleted at any time.
    """

    data: Path
    config: Path
    cache: Path

    @property
    def settings(self) -> Path:
        """What a person has set."""
        return self.config / "settings.json"

    @property
    def plugins(self) -> Path:
        """Community plugins, and what is known of all plugins."""
        return self.data / "plugins"

    @property
    def models(self) -> Path:
        """Models that a person has put in place."""
        return self.data / "models"

    @property
    def model_notes(self) -> Path:
        """What a person has said about models."""
        return self.data / "models.json"

    @property
    def brushes(self) -> Path:
        """Brush presets that a person has made or changed."""
        return self.data / "brushes"

    @property
    def palettes(self) -> Path:
        """Palettes that a person has made or changed."""
        return self.data / "palettes"

    @property
    def thumbnails(self) -> Path:
        """Pictures of brush presets."""
        return self.cache / "brushes"

    @property
    def autosave(self) -> Path:
        """Unsaved work, for the next start after a crash."""
        return self.data / "autosave"

    @property
    def logs(self) -> Path:
        """Logs, and reports of crashes."""
        return self.cache / "logs"


def standard_paths(environment: Mapping[str, str] = os.environ) -> Paths:
    """The folders for this person: under `SCUMBLE_HOME` where it is set, else where the system wants them."""
    home = environment.get(HOME)
    if home:
        root = Path(home).expanduser().absolute()
        return Paths(root / "data", root / "config", root / "cache")
    system = platformdirs.PlatformDirs(_NAME, appauthor=False)
    return Paths(system.user_data_path, system.user_config_path, system.user_cache_path)
