"""Older steps are compressed by a thread, and nobody can tell but by the memory."""

import threading

import numpy as np
import pytest
import zstandard

from scumble.document import FORMATS, TILE, Document, Rect, Tile, edits
from scumble.document.packing import Edit, Packer, pack, unpack

WHOLE = TILE * TILE * 4


@pytest.fixture(params=sorted(FORMATS))
def document(request):
    document = Document(TILE * 3, TILE * 2, FORMATS[request.param])
    straight = np.random.default_rng(0).integers(0, 256, (TILE * 2, TILE * 3, 4), dtype=np.uint8)
    edits.add_layer(document, "noise", pixels=document.format.from_straight(straight))
    document.history.clear()
    return document


def dot(document, number, x=20):
    """A small change, as of a brush."""
    pixels = np.full((20, 30, 4), number, document.format.dtype)
    with document.history.transaction(f"dot {number}") as edit:
        edit.put(document.layers[0].surface, Rect(x + number, 40, 30, 20), pixels)


def pixels(document):
    return document.surface(document.layers[0].surface).read(document.bounds)


def test_older_steps_take_little_room_and_the_latest_are_swapped(document):
    document.history.raw = 2 * WHOLE * document.format.dtype.itemsize
    states = [pixels(document)]
    for number in range(1, 6):
        dot(document, number)
        states.append(pixels(document))
    document.history.settle()
    sizes = [edit.size for edit in document.history._undo]
    assert sizes[3:] == [WHOLE * document.format.dtype.itemsize] * 2
    # A hundredth of the tile was touched; noise cannot be compressed.
    assert all(0 < size < WHOLE * document.format.dtype.itemsize / 50 for size in sizes[:3])
    assert document.history.size == sum(sizes)
    kept = document.history._undo[-1].tiles[document.layers[0].surface][0, 0]
    document.history.undo()
    assert document.surface(document.layers[0].surface).tiles[0, 0] is kept
    for before in reversed(states[:-2]):
        document.history.undo()
        assert np.array_equal(pixels(document), before)
    for after in states[1:]:
        document.history.redo()
        assert np.array_equal(pixels(document), after)


def test_brought_back_tiles_are_read_only_and_their_own(document):
    document.history.raw = 0
    for number in (1, 2):
        dot(document, number)
    document.history.settle()
    document.history.go_to(0)
    tile = document.surface(document.layers[0].surface).tiles[0, 0]
    assert tile.frozen
    with pytest.raises(ValueError, match="read-only"):
        tile.pixels[0, 0] = 1
    dot(document, 9)
    document.history.undo()
    assert tile is document.surface(document.layers[0].surface).tiles[0, 0]


def test_the_budget_counts_what_is_left_after_packing():
    document = Document(TILE, TILE, budget=3 * WHOLE)
    noise = np.random.default_rng(0).integers(0, 256, (TILE, TILE, 4), dtype=np.uint8)
    edits.add_layer(document, "noise", pixels=document.format.from_straight(noise))
    document.history.raw = 0
    for number in range(40):
        dot(document, number)
        document.history.settle()
    assert len(document.history.names) == 41


def test_steps_undone_are_packed_as_well(document):
    document.history.raw = 0
    for number in range(1, 6):
        dot(document, number)
    last = pixels(document)
    document.history.go_to(0)
    document.history.settle()
    assert sum(bool(edit.packed) for edit in document.history._redo) == 4
    document.history.go_to(5)
    assert np.array_equal(pixels(document), last)


def test_a_surface_that_only_a_packed_step_knows_stays(document):
    document.history.raw = 0
    layer = edits.add_layer(document, "other", pixels=np.full((9, 9, 4), 5, document.format.dtype))
    surface = document.paint_layer(layer).surface
    with document.history.transaction("rub") as edit:
        edit.clear(surface)
    dot(document, 1)
    document.history.settle()
    edits.remove_layer(document, layer)
    document.collect()
    document.history.go_to(1)
    assert document.surface(surface).bounds() == Rect(0, 0, 9, 9)


def test_the_next_step_is_unpacked_before_it_is_asked_for(document):
    document.history.raw = 0
    for number in range(1, 5):
        dot(document, number)
    document.history.settle()
    assert document.history._undo[-2].packed
    document.history.undo()
    document.history.settle()
    ready = document.history._undo[-1]
    assert not ready.packed
    tile = ready.tiles[document.layers[0].surface][0, 0]
    document.history.undo()
    assert document.surface(document.layers[0].surface).tiles[0, 0] is tile


def test_a_step_that_changed_nothing_of_a_tile_takes_next_to_nothing():
    tile = Tile(np.full((TILE, TILE), 7, np.uint8))
    packed = pack(tile, tile.copy(), zstandard.ZstdCompressor())
    assert len(packed.data) < 50
    assert np.array_equal(unpack(packed, tile, zstandard.ZstdDecompressor()).pixels, tile.pixels)


def test_the_thread_ends_with_its_work(document):
    document.history.raw = 0
    for number in (1, 2, 3):
        dot(document, number)
    document.history.settle()
    assert "scumble-history" not in [thread.name for thread in threading.enumerate()]


def test_an_edit_that_was_taken_is_left_alone():
    packer = Packer()
    tile = Tile(np.ones((TILE, TILE), np.uint8))
    edit = Edit("step", tiles={0: {(0, 0): tile}}, after={0: {(0, 0): None}})
    packer.take(edit)
    packer.add([edit])
    packer.wait()
    assert edit.tiles == {0: {(0, 0): tile}}
    assert not edit.packed


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("left", [True, False])
def test_a_tile_comes_back_from_what_took_its_place(name, left):
    rng = np.random.default_rng(1)
    dtype = FORMATS[name].dtype
    before = Tile(rng.integers(0, 250, (TILE, TILE, 4)).astype(dtype))
    after = before.copy() if left else None
    if after is not None:
        after.pixels[5:20, 7:90] = 3
    packed = pack(before, after, zstandard.ZstdCompressor())
    again = unpack(packed, after, zstandard.ZstdDecompressor())
    assert np.array_equal(again.pixels, before.pixels)
    assert again.pixels.dtype == dtype
    assert (len(packed.data) < before.pixels.nbytes / 10) == left
