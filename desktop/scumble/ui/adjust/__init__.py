"""Adjustments in the window: their menu, the panel with its values, and the run that shows and applies them."""
