"""Style transfer, as a plugin of Scumble."""
