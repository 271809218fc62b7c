"""Inpainting, as a plugin of Scumble."""
