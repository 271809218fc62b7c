"""Text to image, as a plugin of Scumble."""
