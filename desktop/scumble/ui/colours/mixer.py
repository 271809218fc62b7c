"""The colour that is being mixed. Every chooser of the dock shows this one and changes it."""

from __future__ import annotations

import colorsys

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from scumble.tools import Colour


def to_qcolor(colour: Colour) -> QColor:
    """A straight colour of 0…1 as Qt has it."""
    return QColor.fromRgbF(*colour)


def from_qcolor(colour: QColor) -> Colour:
    """And back, in whole steps of 8 bits."""
    return colour.red() / 255, colour.green() / 255, colour.blue() / 255


def whole(colour: Colour) -> tuple[int, int, int]:
    """A colour in whole steps of 8 bits."""
    red, green, blue = (round(min(max(part, 0.0), 1.0) * 255) for part in colour)
    return red, green, blue


def hex_name(colour: Colour) -> str:
    """A colour as `#` and six hexadecimal digits."""
    return "#{:02x}{:02x}{:02x}".format(*whole(colour))


class Mixer(QObject):
    """Hue, saturation and value, each 0…1. A grey has no hue and black no saturation: both stay where they were.

    `changed` says that it shows another colour; `mixed` carries the colour, in whole steps of 8 bits, and comes only
    when a person has changed it here.
    """

    changed = Signal()
    mixed = Signal(tuple)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hue, self._saturation, self._value = 0.0, 0.0, 0.0

    @property
    def hue(self) -> float:
        """0 is red, a third green, two thirds blue; below 1."""
        return self._hue

    @property
    def saturation(self) -> float:
        """0 is grey."""
        return self._saturation

    @property
    def value(self) -> float:
        """0 is black."""
        return self._value

    @property
    def colour(self) -> Colour:
        """The colour, in whole steps of 8 bits."""
        red, green, blue = whole(colorsys.hsv_to_rgb(self._hue, self._saturation, self._value))
        return red / 255, green / 255, blue / 255

    def show(self, colour: Colour) -> None:
        """Takes a colour over from elsewhere. The one that is mixed already moves nothing, however it is rounded."""
        if whole(colour) != whole(self.colour):
            self._take(colour)
            self.changed.emit()

    def mix(self, hue: float | None = None, saturation: float | None = None, value: float | None = None) -> None:
        """A person changes some of the three; they are brought into their ranges."""
        if hue is not None:
            self._hue = min(max(hue, 0.0), 0.99999)
        if saturation is not None:
            self._saturation = min(max(saturation, 0.0), 1.0)
        if value is not None:
            self._value = min(max(value, 0.0), 1.0)
        self._tell()

    def turn(self, by: float) -> None:
        """A person turns the hue, on past red."""
        self.mix(hue=(self._hue + by) % 1.0)

    def mix_rgb(self, colour: Colour) -> None:
        """A person changes red, green or blue."""
        self._take(colour)
        self._tell()

    def _take(self, colour: Colour) -> None:
        hue, saturation, value = colorsys.rgb_to_hsv(*colour)
        if saturation > 0.0:
            self._hue = hue
        if value > 0.0:
            self._saturation = saturation
        self._value = value

    def _tell(self) -> None:
        self.changed.emit()
        self.mixed.emit(self.colour)
