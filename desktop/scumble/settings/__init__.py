"""Settings declared as data; sparse overrides on disk."""
