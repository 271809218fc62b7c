"""Parts of several pictures made one by strokes: whole coverage is bit for bit, the rest is mixed."""

from __future__ import annotations

import numpy as np
import pytest

from scumble.document import BGRA8, RGBA16
from scumble.paint import Brush, Sample
from scumble.paint.together import Together

SIZE = (70, 300)


def pictures(pixel_format, count=3):
    random = np.random.default_rng(5)
    top = int(np.iinfo(pixel_format.dtype).max)
    straight = [random.integers(0, top, (*SIZE, 4), pixel_format.dtype, endpoint=True) for _ in range(count)]
    return [pixel_format.from_straight(picture) for picture in straight]


@pytest.fixture(params=[BGRA8, RGBA16], ids=lambda value: value.name)
def pixel_format(request):
    return request.param


def dot(together, source, x, y, size=40.0, **brush):
    together.begin(source, Brush(size=size, hardness=1.0, **brush)).add(Sample(x, y))
    together.end()


def test_at_first_it_is_the_first(pixel_format):
    made = pictures(pixel_format)
    together = Together(made, pixel_format)
    assert (together.pixels == made[0]).all()
    assert not together.touched


def test_a_stroke_puts_another_in_its_place_transparency_too(pixel_format):
    made = pictures(pixel_format)
    together = Together(made, pixel_format)
    dot(together, 1, 50, 35)
    dot(together, 2, 250, 35)
    found = together.pixels
    for picture, x in ((made[1], 50), (made[2], 250)):
        assert (found[25:45, x - 10 : x + 10] == picture[25:45, x - 10 : x + 10]).all()
    assert (found[:, 100:200] == made[0][:, 100:200]).all()
    assert together.touched
    dot(together, 0, 50, 35, size=50.0)
    assert (together.pixels[:, :200] == made[0][:, :200]).all()


def test_half_the_opacity_is_the_mean(pixel_format):
    made = pictures(pixel_format, 2)
    together = Together(made, pixel_format)
    dot(together, 1, 50, 35, opacity=0.5)
    mean = (made[0].astype(float) + made[1]) / 2
    tolerance = 1 + 0.003 * np.iinfo(pixel_format.dtype).max
    assert np.abs(together.pixels[30:40, 45:55] - mean[30:40, 45:55]).max() <= tolerance


def test_strokes_are_undone_one_by_one_and_the_pictures_stay_as_they_were():
    made = pictures(BGRA8)
    before = [picture.copy() for picture in made]
    together = Together(made, BGRA8)
    dot(together, 1, 50, 35)
    first = together.pixels
    dot(together, 2, 60, 35)
    together.document.history.undo()
    assert (together.pixels == first).all()
    together.document.history.undo()
    assert (together.pixels == made[0]).all()
    assert not together.touched
    assert all((picture == kept).all() for picture, kept in zip(made, before, strict=True))


def test_pictures_of_different_sizes_do_not_fit():
    with pytest.raises(ValueError, match="not of one size"):
        Together([np.zeros((8, 8, 4), np.uint8), np.zeros((8, 9, 4), np.uint8)], BGRA8)
