import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scumble.document import FORMATS, NOWHERE, TILE, ChangeSet, Document, Rect, TileIndex, edits, tile_rect
from scumble.render import Compositor, flatten, flatten_tiles
from scumble.render.compositor import at_level, parts_at_level


def pixels_of(image, pixel_format):
    """A copy of an image's pixels in storage order."""
    memory = np.frombuffer(image.constBits(), pixel_format.dtype)
    return memory.reshape(TILE, image.bytesPerLine() // pixel_format.dtype.itemsize // 4, 4)[:, :TILE].copy()


def noise(document, rng, rect):
    straight = rng.integers(0, 256, (rect.height, rect.width, 4), dtype=np.uint8)
    return document.format.from_straight(straight)


@pytest.fixture(params=sorted(FORMATS))
def document(request):
    document = Document(700, 600, FORMATS[request.param])
    rng = np.random.default_rng(2)
    for rect in (document.bounds, Rect(200, 100, 300, 300)):
        edits.add_layer(document, "layer", pixels=noise(document, rng, rect), origin=(rect.x, rect.y))
    return document


def test_level_zero_is_the_flattened_picture(document):
    compositor = Compositor(document)
    for index in document.bounds.tiles():
        shown = pixels_of(compositor.image(index), document.format)
        assert np.array_equal(shown, flatten(document.snapshot(), tile_rect(index)))
    compositor.close()


def test_higher_levels_are_averages_of_the_premultiplied_picture(document):
    compositor = Compositor(document)
    whole = flatten(document.snapshot(), Rect(0, 0, 1024, 1024)).astype(float)
    for level in (1, 2):
        whole = whole.reshape(whole.shape[0] // 2, 2, whole.shape[1] // 2, 2, 4).mean(axis=(1, 3))
        for index in Rect(0, 0, 1024 >> level, 1024 >> level).tiles():
            shown = pixels_of(compositor.image(index, level), document.format).astype(float)
            expected = whole[tile_rect(index).slices(Rect(0, 0, 1024 >> level, 1024 >> level))]
            assert np.abs(shown - expected).max() <= level
    compositor.close()


def test_far_away_tiles_are_transparent(document):
    compositor = Compositor(document)
    assert not pixels_of(compositor.image((9, -3), 1), document.format).any()
    compositor.close()


def test_a_closed_compositor_hears_no_more(document):
    compositor = Compositor(document)
    compositor.close()
    compositor.image((0, 0))
    before = pixels_of(compositor.image((0, 0)), document.format)
    edits.remove_layer(document, document.layers[0].id)
    assert np.array_equal(pixels_of(compositor.image((0, 0)), document.format), before)


def test_few_tiles_are_kept_and_the_others_made_again(document):
    compositor = Compositor(document, budget=0)
    first = pixels_of(compositor.image((0, 0), 2), document.format)
    for index in Rect(0, 0, TILE * 6, TILE * 6).tiles():
        compositor.image(index)
    assert len(compositor._entries) == 16
    assert np.array_equal(pixels_of(compositor.image((0, 0), 2), document.format), first)
    compositor.close()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FORMATS)), st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=6))
def test_mended_tiles_equal_new_ones_at_every_level(name, seeds):
    document = Document(700, 600, FORMATS[name])
    kept = Compositor(document)
    surface = document.paint_layer(edits.add_layer(document, "layer")).surface
    edits.add_layer(
        document, "above", pixels=noise(document, np.random.default_rng(0), Rect(0, 0, 99, 99)), opacity=0.6
    )
    places = [((0, 0), 0), ((1, 1), 0), ((2, 1), 0), ((0, 0), 1), ((1, 1), 1), ((0, 0), 2)]
    for seed in seeds:
        rng = np.random.default_rng(seed)
        for index, level in places[: rng.integers(len(places) + 1)]:
            kept.image(index, level)
        x, y, width, height = (int(v) for v in rng.integers((-50, -50, 1, 1), (690, 590, 200, 200)))
        if rng.random() < 0.2:
            document.history.undo()
        with document.history.transaction("paint") as edit:
            edit.put(surface, Rect(x, y, width, height), noise(document, rng, Rect(x, y, width, height)))
    new = Compositor(document)
    for index, level in places:
        assert np.array_equal(
            pixels_of(kept.image(index, level), document.format), pixels_of(new.image(index, level), document.format)
        )
    kept.close()
    new.close()


def test_a_resized_canvas_is_drawn_anew(document):
    compositor = Compositor(document)
    compositor.image((2, 2))
    edits.set_structure(document, edits.replace(document.structure, width=600, height=560), "Canvas size")
    shown = pixels_of(compositor.image((2, 2)), document.format)
    assert not shown[48:].any()
    assert not shown[:, 88:].any()
    assert shown[:48, :88].any()
    compositor.close()


def test_tiles_make_up_the_picture(document):
    whole = np.zeros((600, 700, 4), document.format.dtype)
    for rect, pixels in flatten_tiles(document.snapshot()):
        whole[rect.slices(document.bounds)] = pixels
    assert np.array_equal(whole, flatten(document.snapshot(), document.bounds))


coordinates = st.integers(-2000, 2000)


def local_part(area: Rect, index: TileIndex, level: int) -> Rect:
    """The pixels of one tile of a level, in its own coordinates, that show a part of `area`."""
    place = tile_rect(index)
    part = at_level(area, level) & place
    return NOWHERE if part.empty else part.translated(-place.x, -place.y)


@given(st.builds(Rect, coordinates, coordinates, st.integers(1, 900), st.integers(1, 900)), st.integers(0, 4))
def test_parts_at_a_level_cover_what_changed(area, level):
    total = 0
    for index, part in parts_at_level(area, level):
        assert not part.empty
        assert Rect(0, 0, TILE, TILE).covers(part)
        assert local_part(area, index, level) == part
        total += part.area
    assert total == at_level(area, level).area
    assert local_part(area, (99, 99), level).empty


def test_a_change_elsewhere_spoils_nothing(document):
    compositor = Compositor(document)
    compositor.image((0, 0), 1)
    compositor.invalidate(ChangeSet(selected=Rect(0, 0, 9, 9), history=True))
    compositor.invalidate(ChangeSet(area=Rect(600, 550, 9, 9)))
    assert all(entry.stale.empty for (index, level), entry in compositor._entries.items() if index == (0, 0))
    compositor.close()


def test_a_stroke_is_seen_while_it_is_made_and_after_it(document):
    compositor = Compositor(document)
    surface = document.layers[0].surface
    edit = document.history.transaction("paint")
    for column in (10, 60):
        edit.put(surface, Rect(column, 20, 30, 30), np.zeros((30, 30, 4), document.format.dtype))
        shown = pixels_of(compositor.image((0, 0)), document.format)
        assert not shown[20:50, column : column + 30].any()
    edit.commit()
    assert np.array_equal(pixels_of(compositor.image((0, 0)), document.format), shown)
    document.history.undo()
    assert pixels_of(compositor.image((0, 0)), document.format)[20:50, 10:90].any()
    compositor.close()
