from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scumble.document import BGRA8, RGBA16, SELECTION, Document, Recipe, Rect
from scumble.document import homography as h
from scumble.document.edits import add_group, add_layer, add_mask, select
from scumble.document.lift import lift, put_down
from scumble.paint import transform as module
from scumble.paint.transform import Resampling, along, transformed

ALL = list(Resampling)
FORMATS = [BGRA8, RGBA16]
WIDE = Rect(-600, -600, 1800, 1800)


def noise(height, width, pixel_format=BGRA8, seed=0, opaque=False):
    rng = np.random.default_rng(seed)
    straight = rng.integers(0, 256, (height, width, 4)).astype(np.uint8)
    if opaque:
        straight[..., 3] = 255
    return pixel_format.from_straight(straight)


def document_of(pixels, origin=(0, 0), size=(400, 300), pixel_format=BGRA8):
    document = Document(*size, pixel_format)
    add_layer(document, "Layer", pixels=pixels, origin=origin)
    document.history.clear()
    return document


def perform(document, matrix, resampling=Resampling.BICUBIC):
    """The whole edit, as one step."""
    lifted = lift(document, [document.active])
    made = transformed(lifted, matrix, resampling, document.bounds)
    with document.history.transaction("Transform") as edit:
        put_down(edit, document, lifted, made, along(matrix))


def colours(document, rect=WIDE):
    return document.surface(document.active.surface).read(rect)


def state(document):
    """Every bit of every surface."""
    return {
        (surface, index): tile.pixels.tobytes()
        for surface, plane in document.snapshot().planes.items()
        for index, tile in plane.items()
    }


@pytest.mark.parametrize("pixel_format", FORMATS, ids=lambda made: made.name)
@pytest.mark.parametrize("resampling", ALL)
def test_the_identity_changes_not_one_bit(resampling, pixel_format):
    document = document_of(noise(200, 300, pixel_format), (-40, 90), pixel_format=pixel_format)
    before = state(document)
    perform(document, h.identity(), resampling)
    assert state(document) == before


@settings(max_examples=25, deadline=None)
@given(st.integers(-700, 700), st.integers(-700, 700), st.sampled_from(ALL))
def test_moves_by_whole_pixels_lose_nothing(dx, dy, resampling):
    pixels = noise(90, 130)
    document = document_of(pixels, (100, 50))
    perform(document, h.translation(dx, dy), resampling)
    moved = document.surface(document.active.surface)
    assert moved.bounds() == Rect(100 + dx, 50 + dy, 130, 90)
    assert (moved.read(Rect(100 + dx, 50 + dy, 130, 90)) == pixels).all()


@pytest.mark.parametrize("pixel_format", FORMATS, ids=lambda made: made.name)
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_quarter_turns_lose_nothing(quarters, pixel_format):
    pixels = noise(70, 300, pixel_format, opaque=True)
    document = document_of(pixels, (20, 30), pixel_format=pixel_format)
    matrix = h.rotation(90 * quarters, (20, 30))
    perform(document, matrix)
    turned = np.rot90(pixels, -quarters)
    place = h.bounds_of(matrix, Rect(20, 30, 300, 70))
    assert (place.height, place.width) == turned.shape[:2]
    assert (document.surface(document.active.surface).read(place) == turned).all()
    perform(document, h.inverse(matrix))
    assert (document.surface(document.active.surface).read(Rect(20, 30, 300, 70)) == pixels).all()


@pytest.mark.parametrize(("sx", "sy"), [(-1, 1), (1, -1), (-1, -1)])
def test_flips_lose_nothing(sx, sy):
    pixels = noise(60, 41)
    document = document_of(pixels, (10, 270))
    perform(document, h.scaling(sx, sy, (30.5, 300)))
    assert (document.surface(document.active.surface).read(Rect(10, 270, 41, 60)) == pixels[::sy, ::sx]).all()


def reference(pixels, matrix, size, origin):
    """Bilinear interpolation of premultiplied values in plain numpy, 0 outside; in the range of the dtype."""
    back = np.linalg.inv(matrix)
    y, x = np.mgrid[0 : size[1], 0 : size[0]] + 0.5
    u, v, w = np.einsum("ij,jhw->ihw", back, np.stack([x + 0, y + 0, np.ones_like(x)]))
    u, v = u / w - origin[0] - 0.5, v / w - origin[1] - 0.5
    padded = np.pad(pixels.astype(np.float64), ((1, 2), (1, 2), (0, 0)))
    u = np.clip(u, -1, pixels.shape[1]) + 1
    v = np.clip(v, -1, pixels.shape[0]) + 1
    left, top = np.floor(u).astype(int), np.floor(v).astype(int)
    a, b = (u - left)[..., None], (v - top)[..., None]
    upper = padded[top, left] * (1 - a) + padded[top, left + 1] * a
    lower = padded[top + 1, left] * (1 - a) + padded[top + 1, left + 1] * a
    return upper * (1 - b) + lower * b


BENDS = {
    "moved by a fraction": h.translation(0.3, -7.6),
    "turned": h.rotation(21.0, (150, 100)),
    "enlarged": h.scaling(1.7, 2.2, (60, 40)),
    "slanted": h.shear(0.4, 0.0, (0, 100)),
    "in perspective": h.onto(Rect(60, 40, 120, 90), [(20, 30), (260, 10), (320, 250), (70, 200)]),
}


@pytest.mark.parametrize("pixel_format", FORMATS, ids=lambda made: made.name)
@pytest.mark.parametrize("name", BENDS)
def test_bilinear_is_what_plain_arithmetic_gives(name, pixel_format):
    pixels = noise(90, 120, pixel_format, seed=3)
    document = document_of(pixels, (60, 40), pixel_format=pixel_format)
    perform(document, BENDS[name], Resampling.BILINEAR)
    wanted = reference(pixels, BENDS[name], (400, 300), (60, 40))
    seen = colours(document, document.bounds).astype(np.float64)
    scale = pixel_format.maximum / 255
    # Enough for an OpenCV that knows 1/32 of a pixel only, and far too little for being off by half of one.
    assert np.abs(seen - wanted).mean() < 1.0 * scale
    assert np.abs(seen - wanted).max() < 16 * scale


@pytest.mark.parametrize(
    ("resampling", "method"),
    [
        (Resampling.NEAREST, Image.Resampling.NEAREST),
        (Resampling.BILINEAR, Image.Resampling.BILINEAR),
        (Resampling.BICUBIC, Image.Resampling.BICUBIC),
    ],
)
def test_a_turn_looks_as_pillow_turns_it(resampling, method):
    ramp = np.linspace(0, 255, 200)
    smooth = np.stack([np.tile(ramp, (150, 1)), np.tile(ramp[:150, None], (1, 200)), np.full((150, 200), 90.0)], -1)
    straight = np.dstack([smooth, np.full((150, 200), 255)]).astype(np.uint8)
    document = document_of(BGRA8.from_straight(straight), (100, 75))
    matrix = h.rotation(30, (200, 150))
    perform(document, matrix, resampling)
    seen = BGRA8.to_straight(colours(document, document.bounds))
    back = h.inverse(matrix)
    full = Image.new("RGBA", (400, 300))
    full.paste(Image.fromarray(straight), (100, 75))
    turned = np.asarray(full.transform((400, 300), Image.Transform.AFFINE, tuple(back[:2].ravel()), method))
    inner = turned[..., 3] == 255
    inner &= np.roll(inner, 6, 0) & np.roll(inner, -6, 0) & np.roll(inner, 6, 1) & np.roll(inner, -6, 1)
    assert inner.sum() > 15000
    difference = np.abs(seen.astype(int) - turned.astype(int))[inner]
    assert np.percentile(difference, 99) <= 3


def test_enlarged_by_nearest_every_pixel_is_a_square():
    pixels = noise(20, 30, seed=5)
    document = document_of(pixels, (10, 10))
    perform(document, h.scaling(4, 4, (10, 10)), Resampling.NEAREST)
    seen = document.surface(document.active.surface).read(Rect(10, 10, 120, 80))
    assert (seen == pixels.repeat(4, 0).repeat(4, 1)).all()


@pytest.mark.parametrize("resampling", [Resampling.BILINEAR, Resampling.BICUBIC, Resampling.LANCZOS])
@pytest.mark.parametrize("factor", [2, 3, 5, 12])
def test_shrunk_every_pixel_counts(factor, resampling):
    pixels = noise(240, 240, seed=9, opaque=True)
    document = document_of(pixels, (0, 0), size=(240, 240))
    perform(document, h.scaling(1 / factor, 1 / factor), resampling)
    side = 240 // factor
    means = pixels.reshape(side, factor, side, factor, 4).mean((1, 3))
    seen = colours(document, Rect(0, 0, side, side)).astype(float)
    inner = slice(1, -1)
    error = np.abs(seen - means)[inner, inner, :3]
    # One pixel picked out of each block would be off by more than a whole standard deviation.
    assert error.mean() < 0.6 * np.std(pixels[..., :3]) / factor
    assert abs(seen[inner, inner, :3].mean() - means[inner, inner, :3].mean()) < 2


@pytest.mark.parametrize("resampling", ALL)
@pytest.mark.parametrize("pixel_format", FORMATS, ids=lambda made: made.name)
@pytest.mark.parametrize("name", BENDS)
def test_no_colour_is_brighter_than_its_alpha(name, pixel_format, resampling):
    document = document_of(noise(90, 120, pixel_format), (60, 40), pixel_format=pixel_format)
    perform(document, BENDS[name], resampling)
    seen = colours(document)
    assert (seen[..., :3] <= seen[..., 3:]).all()
    assert seen.any()


@pytest.mark.parametrize("resampling", [Resampling.BICUBIC, Resampling.LANCZOS])
def test_a_flat_colour_has_no_bright_rim_where_it_ends(resampling):
    pixels = np.empty((100, 100, 4), np.uint8)
    pixels[:] = BGRA8.solid(0.6, 0.4, 0.2)
    document = document_of(pixels, (100, 100))
    perform(document, h.rotation(20, (150, 150)) @ h.scaling(1.4, 1.4, (150, 150)), resampling)
    seen = BGRA8.to_straight(colours(document))
    solid = seen[..., 3] >= 200
    assert np.abs(seen[solid][:, :3].astype(int) - (153, 102, 51)).max() <= 2


def test_edges_are_smooth():
    pixels = np.full((100, 100, 4), 255, np.uint8)
    document = document_of(pixels, (100, 100))
    perform(document, h.rotation(30, (150, 150)))
    alpha = colours(document)[..., 3]
    assert len(np.unique(alpha)) > 50
    assert abs(alpha.sum() / 255 - 100 * 100) < 100


def test_a_mask_and_a_group_go_along():
    document = Document(400, 300)
    group = add_group(document, "Group")
    layer = add_layer(document, "Inside", pixels=noise(80, 80), origin=(60, 60))
    select(document, Rect(70, 70, 30, 30))
    add_mask(document, layer)
    select(document, document.bounds, 0)
    document.activate(group)
    perform(document, h.translation(25, -10))
    inside = document.paint_layer(layer)
    assert document.surface(inside.surface).bounds() == Rect(85, 50, 80, 80)
    assert document.surface(inside.mask).bounds() == Rect(95, 60, 30, 30)


def test_only_what_is_selected_is_transformed_and_the_selection_with_it():
    pixels = noise(300, 400, opaque=True)
    document = document_of(pixels)
    select(document, Rect(50, 60, 100, 80))
    before = colours(document, document.bounds)
    perform(document, h.translation(150, 0))
    after = colours(document, document.bounds)
    assert not after[60:140, 50:150].any()
    assert (after[60:140, 200:300] == before[60:140, 50:150]).all()
    same = np.ones((300, 400), bool)
    same[60:140, 50:150] = same[60:140, 200:300] = False
    assert (after[same] == before[same]).all()
    assert document.selection_bounds == Rect(200, 60, 100, 80)


def test_pixels_outside_the_selection_stay_when_it_is_turned():
    pixels = noise(300, 400, opaque=True)
    document = document_of(pixels)
    select(document, Rect(50, 60, 100, 80))
    lifted = lift(document, [document.active])
    matrix = h.rotation(33, (100, 100))
    before = colours(document, document.bounds)
    perform(document, matrix)
    after = colours(document, document.bounds)
    touched = Rect(50, 60, 100, 80) | h.bounds_of(matrix, lifted.bounds).expanded(4)
    same = np.ones((300, 400), bool)
    same[touched.slices(document.bounds)] = False
    assert same.any()
    assert (after[same] == before[same]).all()
    assert (colours(document)[..., 3] <= 255).all()


def test_the_selection_never_leaves_the_canvas():
    document = document_of(noise(300, 400))
    select(document, Rect(300, 200, 100, 100))
    perform(document, h.translation(50, 60))
    inside = document.selection.read(document.bounds)
    assert document.selection.bounds() == Rect(350, 260, 50, 40)
    assert inside.any()


def test_a_soft_selection_takes_a_part_and_leaves_the_rest():
    pixels = noise(100, 100, opaque=True)
    document = document_of(pixels, size=(300, 100))
    soft = np.tile(np.linspace(0, 255, 100).astype(np.uint8), (100, 1))
    select(document, Rect(0, 0, 100, 100), soft)
    lifted = lift(document, [document.active])
    plane = lifted.planes[document.active.surface]
    whole = plane.tiles[0, 0].pixels.astype(int) + plane.rest[0, 0].pixels
    assert (whole[:100, :100] == pixels).all()
    perform(document, h.translation(150, 0))
    seen = colours(document, document.bounds)
    assert np.abs(seen[:, 150:250, 3].astype(int) - soft).max() <= 1
    assert np.abs(seen[:, :100, 3].astype(int) - (255 - soft)).max() <= 1


@pytest.mark.parametrize("name", BENDS)
def test_undo_brings_back_every_bit_and_redo_does_it_again(name):
    document = document_of(noise(200, 300), (-40, 90))
    add_mask(document, document.active.id)
    select(document, Rect(20, 100, 150, 60), np.full((60, 150), 130, np.uint8))
    before = state(document)
    perform(document, BENDS[name])
    after = state(document)
    assert after != before
    document.history.undo()
    assert state(document) == before
    document.history.redo()
    assert state(document) == after


def test_what_lies_far_outside_is_not_kept_when_resampled():
    document = document_of(noise(300, 400))
    perform(document, h.scaling(20, 20, (200, 150)), Resampling.BILINEAR)
    inside = module.room_round(document.bounds)
    assert inside.covers(document.surface(document.active.surface).bounds())
    assert document.surface(document.active.surface).read(document.bounds)[..., 3].all()


def test_a_layer_too_large_for_one_array_is_read_piece_by_piece(monkeypatch):
    document = document_of(noise(300, 400), size=(400, 300))
    matrix = h.rotation(17, (200, 150)) @ h.scaling(0.4, 0.7)
    lifted = lift(document, [document.active])
    whole = transformed(lifted, matrix, Resampling.BICUBIC, document.bounds)
    monkeypatch.setattr(module, "GATHERED", 1)
    pieces = transformed(lifted, matrix, Resampling.BICUBIC, document.bounds)
    for surface, tiles in whole.items():
        assert set(tiles) == set(pieces[surface])
        for index, tile in tiles.items():
            assert np.abs(tile.pixels.astype(int) - pieces[surface][index].pixels).max() <= 1


def test_progress_rises_to_the_end_and_stops_the_work_by_raising():
    document = document_of(noise(300, 400))
    lifted = lift(document, [document.active])
    parts = []
    transformed(lifted, h.rotation(5, (200, 150)), Resampling.BILINEAR, document.bounds, parts.append)
    assert parts == sorted(parts)
    assert parts[-1] == 1.0

    def stop(_part):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        transformed(lifted, h.rotation(5, (200, 150)), Resampling.BILINEAR, document.bounds, stop)


def test_lifting_changes_nothing_and_shares_whole_tiles():
    document = document_of(noise(300, 400))
    before = state(document)
    lifted = lift(document, [document.active])
    assert state(document) == before
    plane = lifted.planes[document.active.surface]
    assert all(tile is document.surface(document.active.surface).tiles[index] for index, tile in plane.tiles.items())
    assert SELECTION not in lifted.planes
    assert lifted.bounds == Rect(0, 0, 400, 300)


def recipe(box):
    return Recipe(
        tool="t",
        plugin="p",
        params={"prompt": "a lake"},
        box=box,
        selection=np.full((box.height, box.width), 255, np.uint8),
    )


def test_a_recipe_follows_moves_and_scales():
    box = Rect(10, 20, 60, 40)
    moved = along(h.translation(5, 6))(recipe(box))
    assert moved.box == Rect(15, 26, 60, 40)
    assert moved.selection is not None
    larger = along(h.scaling(2, 3, (10, 20)))(recipe(box))
    assert larger.box == Rect(10, 20, 120, 120)
    assert larger.selection.shape == (120, 120)


def test_a_recipe_of_what_was_turned_keeps_its_words_and_can_no_longer_be_blended():
    turned = along(h.rotation(30, (40, 40)))(recipe(Rect(10, 20, 60, 40)))
    assert turned.params == {"prompt": "a lake"}
    assert turned.selection is None
    assert turned.box == h.bounds_of(h.rotation(30, (40, 40)), Rect(10, 20, 60, 40))


def test_the_recipe_of_a_layer_goes_along_within_the_step():
    document = Document(200, 200)
    box = Rect(10, 20, 60, 40)
    add_layer(document, "Made", pixels=noise(40, 60), origin=(10, 20), recipe=recipe(box))
    perform(document, h.translation(5, 6))
    assert document.active.recipe.box == Rect(15, 26, 60, 40)
    document.history.undo()
    assert document.active.recipe.box == box
