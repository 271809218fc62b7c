"""Dabs, strokes, fills: samples in, tile edits out."""
