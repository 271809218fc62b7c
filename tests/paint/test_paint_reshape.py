from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scumble.document import BGRA8, RGBA16, Document, Recipe, Rect
from scumble.document.edits import add_layer, add_mask, select
from scumble.paint import reshape as r
from scumble.paint.transform import Resampling
from scumble.render import flatten

SMOOTH = [Resampling.BILINEAR, Resampling.BICUBIC, Resampling.LANCZOS]


def noise(height, width, pixel_format=BGRA8, seed=0, opaque=False):
    straight = np.random.default_rng(seed).integers(0, 256, (height, width, 4)).astype(np.uint8)
    if opaque:
        straight[..., 3] = 255
    return pixel_format.from_straight(straight)


def scene(pixel_format=BGRA8, width=320, height=270):
    """Two layers, one reaching outside, the other with a mask; a selection."""
    document = Document(width, height, pixel_format)
    add_layer(document, "Below", pixels=noise(height, width, pixel_format, opaque=True))
    top = add_layer(document, "Top", pixels=noise(100, 120, pixel_format, 1), origin=(-30, 200))
    select(document, Rect(0, 210, 60, 40))
    add_mask(document, top)
    select(document, Rect(5, 6, 70, 80))
    document.history.clear()
    return document


def picture(document):
    return flatten(document.snapshot(), document.bounds)


def state(document):
    return document.structure, {
        (surface, index): tile.pixels.tobytes()
        for surface, plane in document.snapshot().planes.items()
        for index, tile in plane.items()
    }


def perform(document, reshape):
    r.apply(document, reshape, "Reshape")


FORMATS = pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16], ids=lambda made: made.name)


@FORMATS
@pytest.mark.parametrize("quarters", [1, 2, 3, -1])
def test_quarter_turns_are_what_numpy_makes(pixel_format, quarters):
    document = scene(pixel_format)
    before, chosen = picture(document), document.selection.read(document.bounds)
    perform(document, r.rotate_quarters(document.structure, quarters))
    assert (picture(document) == np.rot90(before, -quarters)).all()
    assert (document.selection.read(document.bounds) == np.rot90(chosen, -quarters)).all()
    perform(document, r.rotate_quarters(document.structure, -quarters))
    assert (picture(document) == before).all()


@FORMATS
@pytest.mark.parametrize("across", [True, False])
def test_flips_are_what_numpy_makes(pixel_format, across):
    document = scene(pixel_format)
    before = picture(document)
    perform(document, r.flip(document.structure, across=across))
    assert (picture(document) == (before[:, ::-1] if across else before[::-1])).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(-50, 300), st.integers(-50, 250), st.integers(1, 400), st.integers(1, 400), st.booleans())
def test_a_crop_shows_what_was_there(x, y, width, height, keep):
    document = scene()
    before = flatten(document.snapshot(), document.bounds)
    rect = Rect(x, y, width, height)
    perform(document, r.crop(rect, keep_outside=keep))
    assert (document.width, document.height) == (width, height)
    after = picture(document)
    both = rect & Rect(0, 0, 320, 270)
    if not both.empty:
        seen = after[both.slices(rect)]
        inside = before[both.slices(Rect(0, 0, 320, 270))]
        assert (seen == inside).all()
    chosen = document.selection.bounds()
    assert document.bounds.covers(chosen)


def test_what_a_crop_keeps_comes_back_and_what_it_cuts_does_not():
    for keep in (True, False):
        document = scene()
        before = picture(document)
        perform(document, r.crop(Rect(50, 60, 100, 90), keep_outside=keep))
        perform(document, r.crop(Rect(-50, -60, 320, 270), keep_outside=True))
        same = (picture(document) == before).all()
        assert same == keep
        inside = Rect(50, 60, 100, 90).slices(document.bounds)
        assert (picture(document)[inside] == before[inside]).all()


@pytest.mark.parametrize("anchor", [(0, 0), (0.5, 0.5), (1, 1), (0, 1)])
@pytest.mark.parametrize("size", [(420, 371), (101, 90)])
def test_the_picture_goes_where_the_anchor_says(anchor, size):
    document = scene()
    before = picture(document)
    perform(document, r.resize_canvas(document.structure, *size, anchor))
    after = picture(document)
    dx, dy = (int(np.floor((new - old) * part + 0.5)) for new, old, part in zip(size, (320, 270), anchor, strict=True))
    place = Rect(dx, dy, 320, 270)
    part = place & document.bounds
    assert (after[part.slices(document.bounds)] == before[part.slices(place)]).all()
    assert document.width, document.height == size
    if size[0] > 320:
        assert place.covers(document.bounds) is False
        assert dx == round((size[0] - 320) * anchor[0])


@FORMATS
@pytest.mark.parametrize("resampling", SMOOTH)
@pytest.mark.parametrize("size", [(640, 540), (160, 135), (333, 100), (50, 700)])
def test_a_resized_picture_keeps_its_edges_opaque(pixel_format, resampling, size):
    document = Document(320, 270, pixel_format)
    add_layer(document, "Below", pixels=noise(270, 320, pixel_format, opaque=True))
    perform(document, r.resize_picture(document.structure, *size, resampling))
    assert (document.width, document.height) == size
    assert (picture(document)[..., 3] == pixel_format.maximum).all()
    assert document.surface(document.active.surface).bounds() == document.bounds


@pytest.mark.parametrize(
    ("resampling", "method"),
    [(Resampling.BILINEAR, Image.Resampling.BILINEAR), (Resampling.BICUBIC, Image.Resampling.BICUBIC)],
)
@pytest.mark.parametrize("size", [(480, 405), (960, 810), (160, 135), (107, 90)])
def test_a_resized_picture_looks_as_pillow_makes_it(resampling, method, size):
    y, x = np.mgrid[0:270, 0:320]
    waves = np.stack([127 + 120 * np.sin(x / 15), 127 + 120 * np.cos(y / 19), (x + y) % 200 * 0 + 90], -1)
    straight = np.dstack([waves, np.full((270, 320), 255)]).astype(np.uint8)
    document = Document(320, 270)
    add_layer(document, "Below", pixels=BGRA8.from_straight(straight))
    perform(document, r.resize_picture(document.structure, *size, resampling))
    wanted = np.asarray(Image.fromarray(straight).resize(size, method)).astype(int)
    seen = BGRA8.to_straight(picture(document)).astype(int)
    assert np.abs(seen - wanted).max() <= 8
    assert np.abs(seen - wanted).mean() <= 1.5


def test_enlarged_by_nearest_every_pixel_is_a_square():
    document = scene()
    before = picture(document)
    perform(document, r.resize_picture(document.structure, 960, 810, Resampling.NEAREST))
    assert (picture(document) == before.repeat(3, 0).repeat(3, 1)).all()


def test_turned_by_any_angle_nothing_of_the_canvas_is_lost():
    document = Document(200, 100)
    pixels = np.empty((100, 200, 4), np.uint8)
    pixels[:] = BGRA8.solid(1, 1, 1)
    add_layer(document, "Below", pixels=pixels)
    perform(document, r.rotate(document.structure, 30, Resampling.BICUBIC, enlarge=True))
    assert (document.width, document.height) == (224, 187)
    assert abs(picture(document)[..., 3].sum() / 255 - 20000) < 150
    same = Document(200, 100)
    add_layer(same, "Below", pixels=pixels)
    perform(same, r.rotate(same.structure, 30, Resampling.BICUBIC, enlarge=False))
    assert (same.width, same.height) == (200, 100)
    assert not picture(same)[0, 0].any()


@pytest.mark.parametrize(
    "make",
    [
        lambda s: r.crop(Rect(10, 20, 100, 90), keep_outside=False),
        lambda s: r.resize_canvas(s, 500, 300, (0.5, 0.5)),
        lambda s: r.flip(s, across=True),
        lambda s: r.rotate_quarters(s, 1),
        lambda s: r.rotate(s, 12, Resampling.BILINEAR, enlarge=True),
        lambda s: r.resize_picture(s, 100, 90, Resampling.LANCZOS, 300),
    ],
)
def test_each_is_one_step_and_undo_brings_back_every_bit(make):
    document = scene()
    before = state(document)
    perform(document, make(document.structure))
    after = state(document)
    assert document.history.names == ("Reshape",)
    document.history.undo()
    assert state(document) == before
    document.history.redo()
    assert state(document) == after


def test_resolution_alone_changes_no_pixel():
    document = scene()
    before = picture(document)
    perform(document, r.resize_picture(document.structure, 320, 270, Resampling.BICUBIC, 300.0))
    assert document.structure.dpi == 300.0
    assert (picture(document) == before).all()
    assert document.history.names == ("Reshape",)


def test_no_change_makes_no_step():
    document = scene()
    perform(document, r.crop(document.bounds, keep_outside=True))
    assert document.history.names == ()


def test_impossible_sizes_are_refused():
    with pytest.raises(ValueError, match="not possible"):
        r.crop(Rect(0, 0, 0, 5), keep_outside=True)
    with pytest.raises(ValueError, match="not possible"):
        r.crop(Rect(0, 0, 40000, 5), keep_outside=True)


def test_recipes_go_along():
    document = Document(200, 200)
    recipe = Recipe(tool="t", plugin="p", box=Rect(10, 20, 60, 40))
    add_layer(document, "Made", pixels=noise(40, 60), origin=(10, 20), recipe=recipe)
    perform(document, r.crop(Rect(5, 5, 100, 100), keep_outside=True))
    assert document.active.recipe.box == Rect(5, 15, 60, 40)
    perform(document, r.resize_picture(document.structure, 200, 200, Resampling.BICUBIC))
    assert document.active.recipe.box == Rect(10, 30, 120, 80)


def test_the_work_tells_how_far_it_is_and_can_be_stopped():
    document = scene()
    parts = []
    reshape = r.resize_picture(document.structure, 700, 500, Resampling.BICUBIC)
    r.reshaped(document.snapshot(), reshape, parts.append)
    assert parts == sorted(parts)
    assert parts[-1] == 1.0

    def stop(_part):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        r.reshaped(document.snapshot(), reshape, stop)


def masked(values, origin=(0, 0)):
    """A document of 300 × 200 with a white layer behind a mask of these values."""
    document = Document(300, 200)
    layer = add_layer(document, "White", pixels=BGRA8.from_straight(np.full((200, 300, 4), 255, np.uint8)))
    add_mask(document, layer)
    mask = document.layer(layer).mask
    with document.history.transaction("Mask") as edit:
        edit.clear(mask)
        edit.put(mask, Rect(*origin, values.shape[1], values.shape[0]), values)
    return document, mask


def test_a_mask_goes_on_as_at_its_edge_where_the_canvas_grows():
    values = np.random.default_rng(4).integers(0, 256, (200, 300)).astype(np.uint8)
    document, mask = masked(values)
    before = state(document)
    perform(document, r.resize_canvas(document.structure, 1000, 900, (0.5, 1)))
    expected = np.pad(values, ((700, 0), (350, 350)), mode="edge")
    assert (document.surface(mask).read(document.bounds) == expected).all()
    document.history.undo()
    assert state(document) == before


def test_a_mask_that_shows_all_shows_what_is_painted_on_new_canvas_and_costs_no_memory():
    document, mask = masked(np.full((200, 300), 255, np.uint8))
    perform(document, r.crop(Rect(-800, -10, 2100, 1900), keep_outside=True))
    assert (document.surface(mask).read(document.bounds) == 255).all()
    tiles = document.surface(mask).tiles
    assert len({id(tile) for tile in tiles.values()}) < len(tiles) / 2


def test_a_mask_stays_as_it_is_where_it_knows_what_lies_outside_or_where_nothing_is_new():
    values = np.full((200, 340), 200, np.uint8)
    document, mask = masked(values, (-20, 0))
    perform(document, r.resize_canvas(document.structure, 500, 200, (0, 0)))
    assert (document.surface(mask).read(document.bounds)[:, 320:] == 0).all()
    for width, right in ((100, 290), (400, 400)):
        document, mask = masked(np.full((200, 300), 9, np.uint8))
        perform(document, r.crop(Rect(10, 10, width, 100), keep_outside=True))
        assert document.surface(mask).bounds() == Rect.from_edges(-10, -10, right, 190)
