"""Settings declared as data; sparse overrides on disk."""

from scumble.settings.declared import SETTINGS, Setting, Value, find
from scumble.settings.memory import Memory
from scumble.settings.notes import ModelNote, ModelNotes
from scumble.settings.store import Settings, write_atomically

__all__ = ["SETTINGS", "Memory", "ModelNote", "ModelNotes", "Setting", "Settings", "Value", "find", "write_atomically"]
