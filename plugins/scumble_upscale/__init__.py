"""Upscaling, as a plugin of Scumble."""
