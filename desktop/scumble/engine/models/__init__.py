"""Model files: finding them, reading what they are, loading them. Importing this package does not import torch."""

from scumble.engine.models.library import ModelLibrary, default_folders

__all__ = ["ModelLibrary", "default_folders"]
