"""Up to the working size and down again."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from scumble.document import BGRA8, RGBA16, PixelFormat
from scumble.generation.pictures import to_picture, to_stored


def drawn() -> np.ndarray:
    """Flat colours with hard edges, `(70, 90, 3)`."""
    image = Image.new("RGB", (90, 70), "#204060")
    pen = ImageDraw.Draw(image)
    pen.rectangle((10, 10, 40, 50), "#f0e0c0")
    pen.ellipse((45, 15, 80, 60), "#c02020")
    pen.line((0, 69, 89, 0), "#ffffff", 2)
    return np.array(image)


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16], ids=lambda value: value.name)
@pytest.mark.parametrize("size", [(112, 88), (128, 96), (160, 128), (512, 400)])
def test_enlarged_regions_come_back_without_a_halo(pixel_format: PixelFormat, size: tuple[int, int]) -> None:
    """Nothing is brighter or darker than what lay beside it, but for a twentieth of the range."""
    picture = drawn()
    large = to_picture(pixel_format.from_straight(picture), pixel_format, size)
    back = pixel_format.to_straight(to_stored(large, pixel_format, (90, 70)))[..., :3].astype(int)
    kernel = np.ones((3, 3), np.uint8)
    darkest, brightest = cv2.erode(picture, kernel), cv2.dilate(picture, kernel)
    assert (back - brightest).max() <= 12
    assert (darkest - back).max() <= 12
    assert np.abs(back - picture).mean() < 3.5
    flat = (darkest == brightest).all(axis=2)
    assert np.abs(back - picture)[flat].max() <= 12


def test_hard_edges_that_were_made_large_come_back_within_their_colours() -> None:
    picture = drawn()
    large = np.array(Image.fromarray(picture).resize((512, 400), Image.Resampling.NEAREST))
    back = BGRA8.to_straight(to_stored(large, BGRA8, (90, 70)))[..., :3]
    kernel = np.ones((3, 3), np.uint8)
    assert (back >= cv2.erode(picture, kernel)).all()
    assert (back <= cv2.dilate(picture, kernel)).all()


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16], ids=lambda value: value.name)
def test_what_is_opaque_stays_so_at_every_size(pixel_format: PixelFormat) -> None:
    """A filter's weights add up to not quite 1 at some sizes, and a trace of what lies below would shine through."""
    grey = np.full((100, 100, 3), 200, np.uint8)
    for side in (158, 229, 316, 371, 387):
        stored = to_stored(grey, pixel_format, (side, side))
        assert stored[..., pixel_format.alpha].min() == pixel_format.maximum, side
        seen = to_picture(pixel_format.from_straight(grey), pixel_format, (side, side), alpha=True)
        assert seen.shape[2] == 3, side
