"""Settings declared as data; sparse overrides on disk."""

from scumble.settings.declared import SETTINGS, Setting, Value, find
from scumble.settings.memory import Memory
from scumble.settings.models import ModelNote, ModelNotes, own_folders
from scumble.settings.store import Settings, write_atomically

__all__ = [
    "SETTINGS",
    "Memory",
    "ModelNote",
    "ModelNotes",
    "Setting",
    "Settings",
    "Value",
    "find",
    "own_folders",
    "write_atomically",
]
