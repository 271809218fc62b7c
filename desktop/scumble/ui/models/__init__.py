"""The model files that a person has: the dialog that manages them, and what prompts and the window know of them."""

from scumble.ui.models.install import Models, install

__all__ = ["Models", "install"]
