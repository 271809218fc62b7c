"""A soft glow, as a plugin of Scumble."""
