"""Widgets: window, canvas, docks, dialogs."""
