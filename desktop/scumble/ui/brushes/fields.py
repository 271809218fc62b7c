"""The settings of a brush as data: in which section each stands, how it is called and shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scumble.paint.brush import MAX_ROPE, MIN_ROUNDNESS
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.toolstate import MAX_SIZE, MIN_SIZE


@dataclass(frozen=True, slots=True)
class Amount:
    """A field of `scumble.paint.Brush` that is a number, shown times `scale`; `curve` as in `SliderField`."""

    field: str
    text: str
    low: float
    high: float
    unit: str = "%"
    scale: float = 100.0
    curve: float = 1.0


@dataclass(frozen=True, slots=True)
class Switch:
    """A field that is on or off."""

    field: str
    text: str
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """A field that is on or off, and `<field>_curve`, which says how strongly."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """A section of the dock; `tip` puts the editor of the tip's shape at its end."""

    id: str
    title: str
    rows: tuple[Amount | Switch | Response, ...]
    tip: bool = False


GROUPS: Final = (
    Group(
        "tip",
        QT_TRANSLATE_NOOP("brush", "Tip"),
        (
            Amount("size", QT_TRANSLATE_NOOP("brush", "Size"), MIN_SIZE, MAX_SIZE, "px", 1.0, 3.0),
            Amount("hardness", QT_TRANSLATE_NOOP("brush", "Hardness"), 0, 100),
            Amount("roundness", QT_TRANSLATE_NOOP("brush", "Roundness"), MIN_ROUNDNESS * 100, 100),
            Amount("angle", QT_TRANSLATE_NOOP("brush", "Angle"), -180, 180, "°", 1.0),
        ),
        tip=True,
    ),
    Group(
        "stroke",
        QT_TRANSLATE_NOOP("brush", "Stroke"),
        (
            Amount("spacing", QT_TRANSLATE_NOOP("brush", "Spacing"), 2, 500, curve=3.0),
            Amount("smoothing", QT_TRANSLATE_NOOP("brush", "Smoothing"), 0, 95),
            Amount("rope", QT_TRANSLATE_NOOP("brush", "Rope"), 0, MAX_ROPE, "px", 1.0, 2.0),
            Amount("scatter", QT_TRANSLATE_NOOP("brush", "Scatter"), 0, 1000, curve=3.0),
            Amount("size_jitter", QT_TRANSLATE_NOOP("brush", "Vary size"), 0, 100),
            Amount("angle_jitter", QT_TRANSLATE_NOOP("brush", "Vary angle"), 0, 180, "°", 1.0),
            Switch(
                "follow",
                QT_TRANSLATE_NOOP("brush", "The stroke turns the tip"),
                QT_TRANSLATE_NOOP("brush", "The tip points to where the stroke goes"),
            ),
        ),
    ),
    Group(
        "paint",
        QT_TRANSLATE_NOOP("brush", "Paint"),
        (
            Amount("opacity", QT_TRANSLATE_NOOP("brush", "Opacity"), 0, 100),
            Amount("flow", QT_TRANSLATE_NOOP("brush", "Flow"), 1, 100),
            Switch(
                "build_up",
                QT_TRANSLATE_NOOP("brush", "Build up"),
                QT_TRANSLATE_NOOP("brush", "A stroke that crosses itself gets darker; otherwise it is one wash"),
            ),
        ),
    ),
    Group(
        "pen",
        QT_TRANSLATE_NOOP("brush", "Pen"),
        (
            Response("pressure_size", QT_TRANSLATE_NOOP("brush", "Pressure changes the size")),
            Response("pressure_opacity", QT_TRANSLATE_NOOP("brush", "Pressure changes the opacity")),
            Response("pressure_flow", QT_TRANSLATE_NOOP("brush", "Pressure changes the flow")),
            Response("tilt_size", QT_TRANSLATE_NOOP("brush", "Tilt changes the size")),
            Response("tilt_opacity", QT_TRANSLATE_NOOP("brush", "Tilt changes the opacity")),
            Response("tilt_flow", QT_TRANSLATE_NOOP("brush", "Tilt changes the flow")),
            Switch(
                "tilt_angle",
                QT_TRANSLATE_NOOP("brush", "Tilt turns the tip"),
                QT_TRANSLATE_NOOP("brush", "The tip points to where the pen leans"),
            ),
        ),
    ),
)
"""In the order of the dock. Every field of a brush is in it, curves with what they belong to."""
