"""Choosing colours: the mixer, its choosers, palettes."""
