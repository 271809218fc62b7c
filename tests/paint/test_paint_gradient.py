from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scumble.document import BGRA8, FORMATS, RGBA16, SELECTION, Rect, edits
from scumble.paint import Gradient, GradientInk, Shape, fill

RED, BLUE, WHITE, BLACK = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
SIZE = (600, 300)


@pytest.fixture(params=sorted(FORMATS))
def document(request):
    return edits.new_document(*SIZE, FORMATS[request.param], background=None, name="layer")


def lay(document, gradient, opacity=1.0, surface=None):
    surface = document.layers[0].surface if surface is None else surface
    with document.history.transaction("Gradient") as edit:
        ink = GradientInk(document, surface, gradient)
        return fill(document, edit, surface, opacity=opacity, ink=ink)


def straight(document):
    """Straight RGBA in 0…255, of the whole picture."""
    stored = document.surface(document.layers[0].surface).read(document.bounds)
    return document.format.to_straight(stored, document.format.dtype) / document.format.maximum * 255


def test_a_linear_gradient_runs_along_its_line(document):
    lay(document, Gradient(Shape.LINEAR, (100, 50), (500, 50), RED, BLUE))
    seen = straight(document)
    assert (seen[:, :100] == (255, 0, 0, 255)).all()
    assert (seen[:, 500:] == (0, 0, 255, 255)).all()
    assert seen[:, 300].mean(axis=0) == pytest.approx((127.5, 0, 127.5, 255), abs=0.5)
    # It stands across its line.
    assert np.abs(seen[0] - seen[-1]).max() <= 1.01


def test_the_line_may_slant_and_the_colours_run_down_it(document):
    lay(document, Gradient(Shape.LINEAR, (200, 100), (300, 200), BLACK, WHITE))
    seen = straight(document)[..., 0]
    assert seen[150, 250] == pytest.approx(127.5, abs=2)
    assert seen[200, 200] == pytest.approx(127.5, abs=2)
    assert seen[100, 300] == pytest.approx(127.5, abs=2)


def test_the_other_shapes(document):
    seen = {}
    for shape in Shape:
        lay(document, Gradient(shape, (300, 150), (400, 150), BLACK, WHITE))
        seen[shape] = straight(document)[..., 0]
    assert seen[Shape.REFLECTED][150, 250] == pytest.approx(seen[Shape.REFLECTED][150, 349], abs=1.1)
    assert seen[Shape.REFLECTED][10, 300] <= 2
    assert seen[Shape.LINEAR][150, 250] == 0
    for x, y in ((350, 150), (250, 150), (300, 200), (300, 100)):
        assert seen[Shape.RADIAL][y, x] == pytest.approx(127.5, abs=2.5)
    assert seen[Shape.RADIAL][150, 450] == 255
    for (x, y), part in {(350, 149): 0.0, (300, 100): 0.25, (250, 149): 0.5, (299, 200): 0.75}.items():
        assert seen[Shape.CONICAL][y, x] / 255 == pytest.approx(part, abs=0.02)


def test_fading_to_nothing_lets_what_is_below_show(document):
    lay(document, Gradient(Shape.LINEAR, (100, 0), (500, 0), RED))
    seen = straight(document)
    assert seen[:, 300, 3].mean() == pytest.approx(127.5, abs=0.5)
    assert not seen[:, 500:].any()
    assert (seen[:, 100:480, 0][seen[:, 100:480, 3] > 60] > 250).all()
    with document.history.transaction("white") as edit:
        fill(document, edit, document.layers[0].surface, WHITE)
    lay(document, Gradient(Shape.LINEAR, (100, 0), (500, 0), RED))
    assert straight(document)[:, 300].mean(axis=0) == pytest.approx((255, 127.5, 127.5, 255), abs=0.5)


def test_opacity_and_selection_limit(document):
    edits.select(document, Rect(0, 0, 600, 100), 255)
    edits.select(document, Rect(0, 50, 600, 50), 127, mode="subtract")
    covered = lay(document, Gradient(Shape.LINEAR, (100, 0), (500, 0), RED, BLUE), opacity=0.5)
    seen = straight(document)
    assert covered == Rect(0, 0, 600, 100)
    assert not seen[100:].any()
    assert seen[:50, :, 3].mean() == pytest.approx(127.5, abs=0.6)
    assert seen[50:100, :, 3].mean() == pytest.approx(64, abs=0.6)


def test_there_are_no_bands():
    document = edits.new_document(1200, 64, BGRA8, background=None, name="layer")
    lay(document, Gradient(Shape.LINEAR, (0, 0), (1200, 0), (0.4, 0.4, 0.4), (0.45, 0.45, 0.45)))
    grey = document.surface(document.layers[0].surface).read(document.bounds)[..., 0].astype(float)
    exact = (0.4 + 0.05 * (np.arange(1200) + 0.5) / 1200) * 255
    assert np.abs(grey - exact).max() < 1.0
    # Over small neighbourhoods the mean is the true value, which undithered steps miss by up to half a level.
    means = grey.reshape(64, 75, 16).mean(axis=(0, 2))
    assert np.abs(means - exact.reshape(75, 16).mean(axis=1)).max() < 0.06


def test_flat_ends_of_whole_levels_have_no_noise():
    document = edits.new_document(300, 300, BGRA8, background=None, name="layer")
    grey = 51 / 255
    lay(document, Gradient(Shape.LINEAR, (100, 0), (200, 0), (grey, grey, grey), WHITE))
    seen = document.surface(document.layers[0].surface).read(document.bounds)
    assert (seen[:, :100, :3] == 51).all()
    assert (seen[:, 200:] == 255).all()


def test_masks_take_the_luma_and_a_locked_alpha_stays(document):
    edits.add_mask(document, document.layers[0].id)
    mask = document.layers[0].mask
    lay(document, Gradient(Shape.LINEAR, (100, 0), (500, 0), WHITE, BLACK), surface=mask)
    values = document.surface(mask).read(document.bounds)
    assert (values[:, :100] == 255).all()
    assert not values[:, 500:].any()
    assert values[:, 300].mean() == pytest.approx(127.5, abs=1)
    lay(document, Gradient(Shape.LINEAR, (100, 0), (500, 0), WHITE), surface=SELECTION)
    assert document.selection.read(Rect(300, 0, 1, 300)).mean() == pytest.approx(127.5, abs=1)
    edits.deselect(document)
    with document.history.transaction("soft") as edit:
        soft = np.full((100, 600, 4), 90, document.format.dtype) * (document.format.maximum // 255)
        edit.put(document.layers[0].surface, Rect(0, 0, 600, 100), soft)
    edits.set_layer(document, document.layers[0].id, "lock", alpha_locked=True)
    surface = document.surface(document.layers[0].surface)
    before = surface.read(document.bounds)
    lay(document, Gradient(Shape.LINEAR, (100, 0), (500, 0), RED, BLUE))
    after = surface.read(document.bounds)
    place = document.format.alpha
    assert np.array_equal(after[..., place], before[..., place])
    assert straight(document)[50, 50] == pytest.approx((255, 0, 0, 90), abs=1)
    assert not after[100:].any()


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([BGRA8, RGBA16]),
    st.sampled_from(list(Shape)),
    st.tuples(st.floats(-50, 350), st.floats(-50, 250)),
    st.tuples(st.floats(-50, 350), st.floats(-50, 250)),
    st.tuples(*[st.floats(0, 1)] * 3),
    st.none() | st.tuples(*[st.floats(0, 1)] * 3),
    st.floats(0, 1),
)
def test_a_gradient_is_near_its_formula_over_what_was_there(pixel_format, shape, start, end, first, last, opacity):
    document = edits.new_document(300, 200, pixel_format, background=(0.2, 0.7, 0.4), name="layer")
    gradient = Gradient(shape, start, end, first, last)
    lay(document, gradient, opacity)
    far = gradient.at(document.bounds).astype(float)[..., None]
    assert far.min() >= 0
    assert far.max() <= 1
    colour = np.array(first) + (np.array(last or first) - first) * far
    cover = (1 - far if last is None else 1.0) * opacity
    exact = np.array((0.2, 0.7, 0.4)) * (1 - cover) + colour * cover
    stored = document.surface(document.layers[0].surface).read(document.bounds)
    top = pixel_format.maximum
    # The ground and the coverage are rounded to half a level each, and the noise moves by up to one.
    assert np.abs(stored[..., list(pixel_format.order[:3])] - exact * top).max() <= 2.0
    assert (stored[..., pixel_format.alpha] == top).all()
