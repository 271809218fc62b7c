"""Colours of a document on a screen: by way of its profile, and back."""

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColorSpace, QImage

from scumble.render.profile import Profile


def icc(space):
    return bytes(QColorSpace(space).iccProfile().data())


WIDE = icc(QColorSpace.NamedColorSpace.AdobeRgb)
SRGB = icc(QColorSpace.NamedColorSpace.SRgb)


@pytest.mark.parametrize("data", [b"", b"nonsense", b"\0" * 200, SRGB, WIDE[:-4]])
def test_srgb_and_what_is_no_profile_convert_nothing(data):
    profile = Profile(data)
    assert not profile.converts
    assert profile.to_screen((0.2, 0.4, 0.6)) == (0.2, 0.4, 0.6)
    assert profile.from_screen((0.2, 0.4, 0.6)) == (0.2, 0.4, 0.6)
    image = QImage(4, 4, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0xFF336699)
    assert profile.shown(image, QRect(1, 1, 2, 2)) == image.copy(1, 1, 2, 2)


def test_a_wide_profile_converts_and_comes_back():
    profile = Profile(WIDE)
    assert profile.converts
    red, green, blue = profile.to_screen((0.5, 0.6, 0.55))
    assert red < 0.49
    assert profile.from_screen((red, green, blue)) == pytest.approx((0.5, 0.6, 0.55), abs=0.01)
    assert profile.to_screen((0.0, 1.0, 0.0)) == pytest.approx((0.0, 1.0, 0.0), abs=0.01)
    assert profile.to_screen((0.5, 0.5, 0.5)) == pytest.approx((0.5, 0.5, 0.5), abs=0.01)


def test_an_image_is_shown_in_a_new_one():
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[...] = (100, 150, 50, 255)
    image = QImage(pixels.data, 8, 8, 32, QImage.Format.Format_ARGB32_Premultiplied)
    shown = Profile(WIDE).shown(image, QRect(2, 2, 3, 4))
    assert (shown.width(), shown.height()) == (3, 4)
    colour = shown.pixelColor(1, 1)
    assert (colour.redF(), colour.greenF(), colour.blueF()) == pytest.approx(
        Profile(WIDE).to_screen((50 / 255, 150 / 255, 100 / 255)), abs=0.01
    )
    assert (pixels == (100, 150, 50, 255)).all()
