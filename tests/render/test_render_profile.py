"""Colours of a document on a screen: by way of its profile, and back."""

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColorSpace, QImage

from scumble.document import FORMATS
from scumble.render.profile import Profile, understood


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


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_stored_pixels_are_converted_and_stay_premultiplied(name):
    pixel_format = FORMATS[name]
    rng = np.random.default_rng(0)
    stored = pixel_format.from_straight(rng.integers(0, 256, (30, 21, 4), dtype=np.uint8))
    before = stored.copy()
    made = Profile(WIDE).converted(stored, pixel_format)
    assert np.array_equal(stored, before)
    assert np.array_equal(made[..., 3], stored[..., 3])
    assert (made[..., :3] <= made[..., 3:]).all()
    assert not np.array_equal(made, stored)
    plain = Profile(b"").converted(stored, pixel_format)
    assert np.array_equal(plain, stored)
    assert plain is not stored


def test_what_is_understood_is_an_rgb_profile():
    assert understood(WIDE)
    assert understood(SRGB)
    assert not understood(b"")
    assert not understood(b"x" * 300)


def test_a_screen_of_its_own_profile_gets_its_own_numbers():
    wide = Profile(b"", WIDE)
    assert wide.converts
    red, green, blue = wide.to_screen((1.0, 0.0, 0.0))
    assert red == pytest.approx(0.86, abs=0.02)
    assert (green, blue) == pytest.approx((0.0, 0.0), abs=0.02)
    assert wide.from_screen((red, green, blue)) == pytest.approx((1.0, 0.0, 0.0), abs=0.02)
    assert not Profile(WIDE, WIDE).converts
    assert Profile(WIDE, b"nonsense").converts
