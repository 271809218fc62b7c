"""The model files that a person has: the dialog that manages them, and what prompts and the window know of them."""

from scumble.ui.models.install import Models, install
from scumble.ui.models.shelf import own_folders

__all__ = ["Models", "install", "own_folders"]
