"""Dabs, strokes, fills: samples in, tile edits out."""

from scumble.paint.brush import Brush, Sample
from scumble.paint.curve import Curve
from scumble.paint.dabs import Dabs
from scumble.paint.fill import clear, fill
from scumble.paint.gradient import Gradient, GradientInk, Shape
from scumble.paint.ink import Ink, Picture
from scumble.paint.likeness import TileSource, surface_source
from scumble.paint.regions import Region, similar
from scumble.paint.smudge import Smudge
from scumble.paint.stroke import Stroke

__all__ = [
    "Brush",
    "Curve",
    "Dabs",
    "Gradient",
    "GradientInk",
    "Ink",
    "Picture",
    "Region",
    "Sample",
    "Shape",
    "Smudge",
    "Stroke",
    "TileSource",
    "clear",
    "fill",
    "similar",
    "surface_source",
]
