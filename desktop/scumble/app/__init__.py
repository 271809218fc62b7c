"""Builds everything and ties it together, with or without a window."""
