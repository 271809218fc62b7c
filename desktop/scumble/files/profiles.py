"""The profile of sRGB, for files whose readers would otherwise guess."""

from __future__ import annotations

from typing import Final

from PIL import ImageCms

_DATE: Final = slice(24, 36)
"""Where a profile says when it was made. Source: ICC.1:2022, 7.2."""


def srgb_profile() -> bytes:
    """An ICC profile of sRGB, the same bytes every time."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_DATE] = (2000).to_bytes(2, "big") + bytes((0, 1, 0, 1)) + bytes(6)
    return bytes(profile)
