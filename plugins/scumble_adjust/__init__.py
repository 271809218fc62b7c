"""Adjustments of what is there: tones, colours, sharpness, grain. Needs no torch."""
