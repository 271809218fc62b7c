import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.document import FORMATS, SELECTION, TILE, Rect, edits
from scumble.paint import Brush, Dabs, Region, clear, fill
from scumble.paint.dabs import render_dab
from scumble.paint.mix import depth_table, mix


@pytest.fixture(params=sorted(FORMATS))
def document(request):
    return edits.new_document(300, 280, FORMATS[request.param], background=None, name="layer")


def run(document, operation, *args, surface=None):
    surface = document.layers[0].surface if surface is None else surface
    with document.history.transaction("fill") as edit:
        operation(document, edit, surface, *args)
    return document.surface(surface).read(document.bounds)


def test_without_a_selection_all_is_filled_and_cleared(document):
    pixels = run(document, fill, (0.0, 1.0, 0.0))
    assert (pixels == document.format.solid(0.0, 1.0, 0.0)).all()
    assert document.surface(document.layers[0].surface).bounds() == document.bounds
    assert not run(document, clear).any()
    assert not document.surface(document.layers[0].surface).tiles


def test_the_selection_limits_filling_and_clearing(document):
    edits.select(document, Rect(250, 5, 20, 20), 255)
    edits.select(document, Rect(260, 5, 10, 20), 127, mode="subtract")
    pixels = run(document, fill, (1.0, 1.0, 1.0))
    assert set(document.surface(document.layers[0].surface).tiles) == {(0, 0), (1, 0)}
    assert (pixels[10, 255] == document.format.maximum).all()
    assert pixels[10, 265, 3] / document.format.maximum == pytest.approx(128 / 255, abs=0.003)
    assert np.count_nonzero(pixels) == 4 * 400
    edits.select(document, Rect(250, 5, 5, 5))
    pixels = run(document, clear)
    assert not pixels[5:10, 250:255].any()
    assert pixels[10, 250].all()


def test_opacity_and_masks(document):
    pixels = run(document, fill, (1.0, 0.0, 0.0), 0.5)
    assert pixels[0, 0, document.format.alpha] / document.format.maximum == pytest.approx(0.5, abs=0.003)
    chosen = run(document, fill, (1.0, 1.0, 1.0), surface=SELECTION)
    assert chosen.min() == 255
    edits.add_mask(document, document.layers[0].id)
    assert run(document, fill, (0.0, 0.0, 0.0), surface=document.layers[0].mask).max() == 0


def test_a_region_and_the_selection_limit_filling_together(document):
    half = np.zeros((TILE, TILE), np.uint8)
    half[:100, :100] = 255
    half[100, :100] = 128
    region = Region({(0, 0): half})
    layer = document.layers[0].surface
    with document.history.transaction("fill") as edit:
        assert fill(document, edit, layer, (1.0, 1.0, 1.0), region=region)
    cover = document.surface(layer).read(document.bounds)[..., document.format.alpha] / document.format.maximum
    assert set(document.surface(layer).tiles) == {(0, 0)}
    assert np.count_nonzero(cover) == 101 * 100
    assert cover[100, 50] == pytest.approx(128 / 255, abs=0.003)
    edits.select(document, Rect(50, 0, 250, 280))
    with document.history.transaction("clear") as edit:
        clear(document, edit, layer)
        fill(document, edit, layer, (1.0, 1.0, 1.0), region=region)
    after = document.surface(layer).read(document.bounds)[..., document.format.alpha] / document.format.maximum
    assert np.array_equal(after, cover)
    edits.select(document, Rect(270, 0, 30, 280))
    with document.history.transaction("fill") as edit:
        assert fill(document, edit, layer, (1.0, 0.0, 0.0), region=region).empty


def test_locked_layers_refuse(document):
    edits.set_layer(document, document.layers[0].id, "lock", locked=True)
    for operation in (fill, clear):
        with pytest.raises(ValueError, match="locked"):
            run(document, operation)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_mixing_rounds_to_the_nearest(dtype):
    top = np.iinfo(dtype).max
    rng = np.random.default_rng(0)
    below = rng.integers(0, top + 1, (64, 64, 4)).astype(dtype)
    coverage = rng.integers(0, top + 1, (64, 64)).astype(dtype)
    coverage[0], coverage[1] = 0, top
    colour = np.array([0, top, top // 3, top // 2], dtype)
    amount = coverage[..., None] / top
    exact = below + (colour.astype(float) - below) * amount
    assert np.abs(mix(below, colour, coverage) - exact).max() <= 0.5 + 1e-6
    assert np.array_equal(mix(below, colour, coverage)[0], below[0])
    assert (mix(below, colour, coverage)[1] == colour).all()


def test_a_depth_table_reaches_both_ends():
    assert depth_table(np.dtype(np.uint8)).tolist() == list(range(256))
    assert depth_table(np.dtype(np.uint16))[[0, 1, 255]].tolist() == [0, 257, 65535]


@given(st.floats(1, 300), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_dab_falls_from_its_centre_and_fits_its_square(size, hardness, x, y):
    dab = render_dab(size, hardness, x, y)
    side = dab.shape[0]
    assert dab.shape == (side, side)
    assert side % 2 == 1
    middle = dab[side // 2].astype(int)
    top = int(middle.argmax())
    assert middle[side // 2] >= middle.max() * 0.8
    assert (np.diff(middle[: top + 1]) >= 0).all()
    assert (np.diff(middle[top:]) <= 0).all()
    # A wholly soft disc holds 0.3 of a hard one: the integral of the smoothstep over it.
    assert 0.25 <= dab.sum() / 255 / (np.pi * size**2 / 4) <= 1.3
    assert side <= size + 4


def test_dabs_follow_the_point_within_a_pixel():
    dabs = Dabs()
    centres = []
    for x in np.arange(10.0, 12.0, 0.25):
        place, dab = dabs.place(x + 0.1, 20.0, 9.0, 0.5)
        columns = np.arange(place.x, place.right) + 0.5
        centres.append(float((dab.sum(axis=0) * columns).sum() / dab.sum()))
    assert np.diff(centres) == pytest.approx(0.25, abs=0.02)
    place, dab = dabs.place(10.1, 20.0, 9.0, 0.5)
    assert dabs.place(10.2, 20.0, 9.0, 0.5)[1] is dab
    assert dabs.place(-3.0, -3.0, 9.0, 0.5)[0].contains(-3.0, -3.0)


@pytest.mark.parametrize(
    "wrong",
    [{"size": 0}, {"size": 3000}, {"hardness": 2}, {"opacity": -1}, {"flow": 0}, {"spacing": 0}, {"smoothing": 1}],
)
def test_a_brush_out_of_range_is_refused(wrong):
    with pytest.raises(ValueError, match="range"):
        Brush(**wrong)
