"""Pieces of an adjustment: what the tool sees, what comes of it, and that nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scumble.api import Input, Param, Tool
from scumble.document import BGRA8, RGBA16, TILE, Document, Rect, tile_rect
from scumble.document.edits import add_layer, add_mask, select, set_layer
from scumble.generation.adjust import (
    Block,
    block_input,
    block_tiles,
    blocks,
    ground_of,
    job_for,
    margin_of,
    put_tiles,
    tiles_to_adjust,
)

FORMATS = pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16], ids=["8", "16"])
PLAIN = Tool(id="t", title="T", result="adjustment", model=False, inputs=(Input(name="image", kind="layer"),))
WIDE = Tool(
    id="w",
    title="W",
    result="adjustment",
    model=False,
    alpha=True,
    inputs=(Input(name="image", kind="layer"),),
    params={"r": Param(type="number", title="R", default=0.0, minimum=0.0, maximum=100.0, reach=2.0)},
)


def document_with(pixel_format, width=600, height=500, *, opaque=False, seed=0):
    rng = np.random.default_rng(seed)
    straight = rng.integers(0, pixel_format.maximum + 1, (height, width, 4)).astype(pixel_format.dtype)
    if opaque:
        straight[..., 3] = pixel_format.maximum
    straight[:40] = 0
    document = Document(width, height, pixel_format)
    add_layer(document, "Ground", pixels=pixel_format.from_straight(straight))
    document.history.clear()
    return document


def stored(document):
    return document.surface(document.active.surface).read(document.bounds.expanded(300))


def adjust(document, how, tool=PLAIN, params=None, surface=None, level=0):
    """Adjusts everything by a function of straight RGBA."""
    surface = surface or document.active.surface
    ground, margin = ground_of(document, surface, tool), margin_of(tool, params or {})
    with document.history.transaction("Adjust") as edit:
        for block in blocks(tiles_to_adjust(ground, margin), margin, level):
            job = job_for("j", "p", tool, params or {}, ground, block)
            put_tiles(edit, surface, block_tiles(ground, block, how(job.inputs["image"], job)))


def same(pixels, _job):
    return pixels.copy()


def opposite(pixels, _job):
    made = pixels.copy()
    made[..., :3] = np.iinfo(pixels.dtype).max - made[..., :3]
    return made


@FORMATS
@pytest.mark.parametrize("opaque", [False, True])
def test_a_tool_that_does_nothing_changes_nothing_bit_for_bit(pixel_format, opaque):
    document = document_with(pixel_format, opaque=opaque)
    before = stored(document)
    adjust(document, same)
    assert np.array_equal(stored(document), before)
    adjust(document, same, WIDE, {"r": 9.0})
    assert np.array_equal(stored(document), before)


@FORMATS
def test_a_tool_gets_straight_pixels_of_the_documents_depth(pixel_format):
    document = document_with(pixel_format)
    seen = []
    adjust(document, lambda pixels, job: seen.append((pixels.dtype, job.size, job.origin, job.scale)) or pixels)
    assert seen == [(pixel_format.dtype, (768, 512), (0, 0), 1.0)]


@FORMATS
def test_undo_restores_bit_for_bit_and_it_is_one_step(pixel_format):
    document = document_with(pixel_format)
    before = stored(document)
    adjust(document, opposite)
    assert not np.array_equal(stored(document), before)
    assert document.history.names == ("Adjust",)
    document.history.undo()
    assert np.array_equal(stored(document), before)


@FORMATS
def test_alpha_stays_whatever_the_tool_returns(pixel_format):
    document = document_with(pixel_format)
    before = stored(document)[..., pixel_format.alpha]
    adjust(document, lambda pixels, _job: np.full_like(pixels, 7))
    assert np.array_equal(stored(document)[..., pixel_format.alpha], before)


def test_alpha_changes_where_the_tool_may_and_the_layer_lets_it():
    document = document_with(BGRA8)
    adjust(document, lambda pixels, _job: np.full_like(pixels, 7), WIDE, {"r": 0.0})
    assert (document.surface(document.active.surface).read(document.bounds)[40:, :, 3] == 7).all()
    document.history.undo()
    set_layer(document, document.active.id, "Lock", alpha_locked=True)
    before = stored(document)[..., 3]
    adjust(document, lambda pixels, _job: np.full_like(pixels, 7), WIDE, {"r": 0.0})
    assert np.array_equal(stored(document)[..., 3], before)


@FORMATS
@settings(max_examples=12, deadline=None)
@given(x=st.integers(-20, 500), y=st.integers(-20, 400), width=st.integers(1, 300), height=st.integers(1, 300))
def test_outside_the_selection_not_a_pixel_changes(pixel_format, x, y, width, height):
    document = document_with(pixel_format, 520, 420)
    area = Rect(x, y, width, height) & document.bounds
    if area.empty:
        return
    select(document, area)
    before = stored(document)
    adjust(document, opposite)
    after = stored(document)
    inside = area.slices(document.bounds.expanded(300))
    kept = np.ones(before.shape[:2], bool)
    kept[inside] = False
    assert np.array_equal(after[kept], before[kept])
    straight = opposite(pixel_format.to_straight(before[inside], pixel_format.dtype), None)
    assert np.array_equal(after[inside], pixel_format.from_straight(straight))


def test_a_half_selected_pixel_goes_half_way():
    document = document_with(BGRA8, 300, 300, opaque=True)
    mask = np.zeros((300, 300), np.uint8)
    mask[:, 100:200], mask[:, 200:] = 128, 255
    select(document, document.bounds, mask)
    before = document.surface(document.active.surface).read(document.bounds).astype(int)
    adjust(document, opposite)
    after = document.surface(document.active.surface).read(document.bounds).astype(int)
    assert np.array_equal(after[40:, :100], before[40:, :100])
    assert np.array_equal(after[40:, 200:, :3], 255 - before[40:, 200:, :3])
    expected = before + (255 - 2 * before) * 128 / 255
    assert np.abs(after - expected)[40:, 100:200, :3].max() <= 0.5 + 1e-4


def test_pixels_beyond_the_canvas_are_adjusted_with_the_layer():
    document = Document(300, 200, BGRA8)
    pixels = np.full((100, 900, 4), 255, np.uint8)
    add_layer(document, "Wide", pixels=pixels, origin=(-400, 20))
    adjust(document, opposite)
    made = document.surface(document.active.surface).read(Rect(-400, 20, 900, 100))
    assert (made == (0, 0, 0, 255)).all()


def test_a_mask_is_a_grey_picture_and_black_where_it_is_empty():
    document = document_with(BGRA8, 300, 300)
    add_mask(document, document.active.id)
    mask = document.active.mask
    with document.history.transaction("Hide") as edit:
        edit.clear(mask)
    seen = []

    def how(pixels, job):
        seen.append(pixels)
        return opposite(pixels, job)

    layer = stored(document)
    adjust(document, how, surface=mask)
    assert all((pixels[..., :3] == 0).all() and (pixels[..., 3] == 255).all() for pixels in seen)
    assert (document.surface(mask).read(document.bounds) == 255).all()
    assert not document.surface(mask).read(Rect(300, 300, 200, 200)).any()
    assert np.array_equal(stored(document), layer)


def test_colours_that_a_tool_gives_a_mask_become_their_luma():
    document = document_with(BGRA8, 100, 100)
    add_mask(document, document.active.id)

    def red(pixels, _job):
        made = pixels.copy()
        made[..., :3] = (255, 0, 0)
        return made

    adjust(document, red, surface=document.active.mask)
    assert (document.surface(document.active.mask).read(document.bounds) == round(255 * 0.2126)).all()


def test_a_blur_reads_beyond_its_block_and_the_edge_goes_on():
    document = document_with(BGRA8, 300, 300, opaque=True)
    ground = ground_of(document, document.active.surface, WIDE)
    block = Block(tile_rect((0, 0)), ((0, 0),), 70)
    seen = block_input(ground, block)
    assert seen.shape == (TILE + 140, TILE + 140, 4)
    plain = BGRA8.to_straight(document.surface(document.active.surface).read(Rect(0, 0, 300, 300)))
    columns = np.clip(np.arange(-70, 326), 0, 299)
    assert np.array_equal(seen, plain[columns][:, columns])


def test_what_spreads_reaches_tiles_that_were_empty():
    document = Document(1024, 512, BGRA8)
    add_layer(document, "Dot", pixels=np.full((20, 20, 4), 255, np.uint8), origin=(250, 100))
    adjust(document, lambda pixels, _job: np.full_like(pixels, 9), WIDE, {"r": 10.0})
    assert document.surface(document.active.surface).read(Rect(300, 100, 1, 1))[0, 0, 3] == 9
    assert not document.surface(document.active.surface).read(Rect(800, 0, 100, 100)).any()


@pytest.mark.parametrize("margin", [0, 30, 700])
def test_blocks_hold_each_tile_once_and_lie_on_a_fixed_grid(margin):
    tiles = frozenset((x, y) for x in range(-3, 19) for y in range(-2, 9))
    found = list(blocks(tiles, margin))
    assert sorted(index for block in found for index in block.tiles) == sorted(tiles)
    part = frozenset(index for index in tiles if index[0] >= 0)
    whole_blocks = {block.tiles: block.rect for block in found}
    for block in blocks(part, margin):
        assert not set(block.tiles) <= set().union(*map(set, whole_blocks)) - tiles
        if block.tiles in whole_blocks:
            assert block.rect == whole_blocks[block.tiles]


@pytest.mark.parametrize("level", [1, 2, 4])
def test_from_afar_the_picture_is_smaller_and_alike(level):
    document = Document(1000, 700, BGRA8)
    ramp = np.linspace(0, 255, 1000).astype(np.uint8)
    pixels = np.full((700, 1000, 4), 255, np.uint8)
    pixels[..., :3] = ramp[None, :, None]
    add_layer(document, "Ramp", pixels=pixels)
    sizes = []

    def how(seen, job):
        sizes.append((job.size, job.scale))
        return opposite(seen, job)

    adjust(document, how, level=level)
    assert sizes == [((1024 >> level, 768 >> level), 1 / (1 << level))]
    made = document.surface(document.active.surface).read(document.bounds)
    assert np.abs(made[..., :3].astype(int) - (255 - pixels[..., :3])).max() <= (1 << level) * 255 // 1000 + 1
    assert (made[..., 3] == 255).all()


@pytest.mark.parametrize("size", [(1024, 512), (1001, 507), (9, 5)])
def test_from_afar_the_edge_goes_on_too(size):
    width, height = size
    document = Document(width, height, BGRA8)
    add_layer(document, "White", pixels=np.full((height, width, 4), 255, np.uint8))
    ground = ground_of(document, document.active.surface, WIDE)
    for level in (1, 3, 4):
        for block in blocks(tiles_to_adjust(ground, 70), 70, level):
            seen = block_input(ground, block)
            assert seen.shape[:2] == (block.area.height >> level, block.area.width >> level)
            assert (seen == 255).all()


def test_from_afar_the_selection_still_holds_to_the_pixel():
    document = document_with(BGRA8, 700, 500)
    select(document, Rect(101, 99, 333, 222))
    before = stored(document)
    adjust(document, opposite, level=3)
    kept = np.ones(before.shape[:2], bool)
    kept[Rect(101, 99, 333, 222).slices(document.bounds.expanded(300))] = False
    assert np.array_equal(stored(document)[kept], before[kept])
    assert np.array_equal(stored(document)[..., 3], before[..., 3])


def test_a_ground_is_the_same_until_its_pixels_or_the_selection_change():
    document = document_with(BGRA8)
    first = ground_of(document, document.active.surface, PLAIN)
    assert first.same(ground_of(document, document.active.surface, PLAIN))
    select(document, Rect(0, 0, 9, 9))
    second = ground_of(document, document.active.surface, PLAIN)
    assert not first.same(second)
    adjust(document, opposite)
    assert not second.same(ground_of(document, document.active.surface, PLAIN))


def test_an_open_edit_is_not_seen():
    document = document_with(BGRA8)
    surface = document.active.surface
    with document.history.transaction("Open") as edit:
        edit.write(surface, (0, 0))[...] = 1
        ground = ground_of(document, surface, PLAIN)
        assert not ground.tiles[0, 0].pixels.flags.writeable
        edit.rollback()
