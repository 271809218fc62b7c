"""The live picture against the real one: with the pixels where they are, elsewhere, and at several zooms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QColorSpace, QImage

from scumble.document import BGRA8, RGBA16, BlendMode, Document, Rect, find, tile_rect
from scumble.document import homography as h
from scumble.document.edits import add_group, add_layer, add_mask, move_layer, select, set_layer, translate
from scumble.document.lift import lift, put_down
from scumble.paint.transform import Resampling, along, transformed
from scumble.render import Budget, flatten, screen
from scumble.render.live import LivePicture
from scumble.render.plan import plan
from scumble.render.profile import Profile

SIZE = (300, 280)


def noise(height, width, pixel_format, seed):
    rng = np.random.default_rng(seed)
    return pixel_format.from_straight(rng.integers(0, 256, (height, width, 4)).astype(np.uint8))


def scene(pixel_format=BGRA8, modes=(BlendMode.NORMAL,) * 4, clip=False, through=False, opacity=1.0):
    """Four layers, the third in a group with a fourth; the second is what moves."""
    document = Document(*SIZE, pixel_format)
    ids = []
    for number, mode in enumerate(modes):
        pixels = noise(200, 220, pixel_format, number)
        ids.append(add_layer(document, f"{number}", pixels=pixels, origin=(20 * number, 15 * number), mode=mode))
    set_layer(document, ids[2], "x", clip=clip, opacity=opacity)
    group = add_group(document, "Group", above=ids[3])
    move_layer(document, ids[3], parent=group, index=0)
    set_layer(document, group, "x", isolated=not through)
    document.activate(ids[1])
    return document, ids


def seen(live, zoom=1.0):
    """The whole live picture as stored pixels."""
    width, height = round(SIZE[0] * zoom), round(SIZE[1] * zoom)
    whole = Rect(0, 0, width, height)
    out = None
    for index in whole.tiles():
        image = live.image(index, zoom, Budget())
        deep = image.format() == QImage.Format.Format_RGBA64_Premultiplied
        pixels = np.frombuffer(image.constBits(), np.uint16 if deep else np.uint8).reshape(256, 256, 4)
        if out is None:
            out = np.zeros((height, width, 4), pixels.dtype)
        place = tile_rect(index)
        part = place & whole
        out[part.slices(whole)] = pixels[part.slices(place)]
    return out


def off(one, other):
    return np.abs(one.astype(int) - other.astype(int))


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16], ids=lambda made: made.name)
@pytest.mark.parametrize("mode", [BlendMode.NORMAL, BlendMode.MULTIPLY, BlendMode.LUMINOSITY])
@pytest.mark.parametrize("through", [False, True])
def test_unmoved_it_is_the_picture(pixel_format, mode, through):
    document, _ = scene(pixel_format, (BlendMode.NORMAL, mode, mode, mode), through=through)
    live = LivePicture(document, lift(document, [document.active]))
    scale = pixel_format.maximum // 255
    assert off(seen(live), flatten(document.snapshot(), document.bounds)).max() <= 3 * scale


@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize("moving", range(4))
@pytest.mark.parametrize("masked", [False, True])
def test_moved_it_is_what_moving_makes(clip, moving, masked):
    document, ids = scene(modes=(BlendMode.NORMAL, BlendMode.SCREEN, BlendMode.NORMAL, BlendMode.NORMAL), clip=clip)
    document.activate(ids[moving])
    if masked:
        select(document, Rect(40, 40, 120, 120))
        add_mask(document, ids[moving])
        select(document, document.bounds, 0)
    live = LivePicture(document, lift(document, [document.active]))
    seen(live)
    live.move(h.translation(33, -21))
    shown = seen(live)
    with document.history.transaction("Move") as edit:
        translate(edit, document, document.active, 33, -21)
    assert off(shown, flatten(document.snapshot(), document.bounds)).max() <= 3


@settings(max_examples=20, deadline=None)
@given(st.integers(-90, 90), st.integers(-90, 90), st.integers(-40, 40))
def test_it_draws_anew_no_less_than_what_changed(dx, dy, angle):
    document, _ = scene()
    select(document, Rect(60, 50, 70, 60))
    live = LivePicture(document, lift(document, [document.active]))
    fresh = LivePicture(document, lift(document, [document.active]))
    matrix = h.rotation(angle, (95, 80)) @ h.translation(dx, dy)
    seen(live)
    before = seen(live)
    changed = live.move(matrix)
    fresh.move(matrix)
    after = seen(live)
    assert (after == seen(fresh)).all()
    same = np.ones(after.shape[:2], bool)
    same[(changed & document.bounds).slices(document.bounds)] = False
    assert (after[same] == before[same]).all()


def test_what_was_cut_out_leaves_a_hole_and_lies_on_the_rest():
    document, _ = scene()
    select(document, Rect(60, 50, 70, 60))
    lifted = lift(document, [document.active])
    live = LivePicture(document, lifted)
    matrix = h.translation(40, 30)
    live.move(matrix)
    shown = seen(live)
    made = transformed(lifted, matrix, Resampling.BILINEAR, document.bounds)
    with document.history.transaction("Move") as edit:
        put_down(edit, document, lifted, made, along(matrix))
    assert off(shown, flatten(document.snapshot(), document.bounds)).max() <= 3


@pytest.mark.parametrize("zoom", [0.5, 0.33, 0.125, 2.0])
def test_at_other_zooms_it_is_the_picture_scaled(zoom):
    document = Document(*SIZE)
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    smooth = np.stack([x * 255 / SIZE[0], y * 255 / SIZE[1], x * 0 + 90, x * 0 + 255], -1).astype(np.uint8)
    add_layer(document, "Below", pixels=BGRA8.from_straight(smooth))
    add_layer(document, "Above", pixels=BGRA8.from_straight(255 - smooth[:150, :150] // 2), origin=(60, 60))
    live = LivePicture(document, lift(document, [document.active]))
    live.move(h.translation(8, 16))
    shown = seen(live, zoom)
    with document.history.transaction("Move") as edit:
        translate(edit, document, document.active, 8, 16)
    whole = flatten(document.snapshot(), document.bounds)
    rows = np.minimum(((np.arange(shown.shape[0]) + 0.5) / zoom).astype(int), SIZE[1] - 1)
    columns = np.minimum(((np.arange(shown.shape[1]) + 0.5) / zoom).astype(int), SIZE[0] - 1)
    wanted = whole[np.ix_(rows, columns)]
    # Edges may be off by what a pixel of the screen covers; everything else is smooth.
    assert np.percentile(off(shown, wanted), 95) <= 3 + 2 / zoom


def test_without_time_there_is_no_picture_and_with_it_there_is():
    document, _ = scene()
    live = LivePicture(document, lift(document, [document.active]))
    budget = Budget(0.0)
    made = [live.image(index, 1.0, budget) for index in document.bounds.tiles()]
    assert [image is not None for image in made] == [True, False, False, False]
    for index in document.bounds.tiles():
        assert live.image(index, 1.0, Budget()) is not None
    live.move(h.translation(1, 1))
    budget = Budget(0.0)
    budget.grant()
    assert all(live.image(index, 1.0, budget) is not None for index in document.bounds.tiles())


def surfaces(document, *ids):
    return frozenset(document.paint_layer(layer).surface for layer in ids)


def test_the_plan_joins_all_that_stands_still():
    document, ids = scene()
    made = plan(document.layers, surfaces(document, ids[1]))
    assert [len(made.stills.get(getattr(layer, "surface", None), ())) for layer in made.layers] == [1, 0, 2]
    assert made.layers[1] == find(document.layers, ids[1])


def test_the_plan_keeps_what_meets_the_moving_in_a_mode_of_its_own():
    document, ids = scene(modes=(BlendMode.MULTIPLY, BlendMode.NORMAL, BlendMode.MULTIPLY, BlendMode.NORMAL))
    made = plan(document.layers, surfaces(document, ids[1]))
    assert [layer.mode for layer in made.layers] == [
        BlendMode.NORMAL,
        BlendMode.NORMAL,
        BlendMode.MULTIPLY,
        BlendMode.NORMAL,
    ]


def test_the_plan_keeps_what_is_clipped_apart_from_the_rest():
    document, ids = scene(clip=True)
    made = plan(document.layers, surfaces(document, ids[1]))
    assert [layer.clip for layer in made.layers] == [False, False, True, False]


def test_the_plan_goes_into_a_group_that_holds_what_moves():
    document, ids = scene()
    made = plan(document.layers, surfaces(document, ids[3]))
    below, group = made.layers
    assert len(made.stills[below.surface]) == 3
    assert [layer.id for layer in group.children] == [ids[3]]


def test_looked_at_from_elsewhere_it_is_drawn_anew():
    document, _ = scene()
    live = LivePicture(document, lift(document, [document.active]))
    live.move(h.translation(7, 5))
    near = seen(live)
    far = seen(live, 0.5)
    other = LivePicture(document, lift(document, [document.active]))
    other.move(h.translation(7, 5))
    assert np.array_equal(far, seen(other, 0.5))
    assert np.array_equal(seen(live), near)
    assert h.unmoved(h.inverse(live.matrix) @ h.translation(7, 5))
    assert [layer.id for layer in live.lifted.layers] == [document.active.id]


def test_a_mask_stays_where_what_is_selected_moves_away_below_it():
    document, ids = scene()
    select(document, Rect(60, 60, 100, 90))
    add_mask(document, ids[1])
    select(document, Rect(40, 40, 80, 80))
    lifted = lift(document, [document.active])
    live = LivePicture(document, lifted)
    live.move(h.translation(20, 10))
    shown = seen(live)
    matrix = h.translation(20, 10)
    made = transformed(lifted, matrix, Resampling.BILINEAR, document.bounds)
    with document.history.transaction("Move") as edit:
        put_down(edit, document, lifted, made, along(matrix))
    assert off(shown, flatten(document.snapshot(), document.bounds)).max() <= 3
    tiles = live._planes[document.layer(ids[1]).mask]
    assert set(tiles) == {(0, 0), (1, 0), (0, 1), (1, 1)}
    assert len(tiles) == 4


def test_a_layer_too_large_to_be_held_looks_the_same(monkeypatch):
    document, _ = scene()
    pictures = []
    for held in (None, 0):
        if held is not None:
            monkeypatch.setattr(screen, "HELD", held)
        live = LivePicture(document, lift(document, [document.active]))
        live.move(h.rotation(20, (100, 100)))
        pictures.append(seen(live))
    assert off(*pictures).max() <= 1


@pytest.mark.parametrize("zoom", [1.0, 0.4])
@pytest.mark.parametrize("angle", [0, 25])
@pytest.mark.parametrize("cut", [False, True])
def test_drawn_at_one_go_it_is_the_same(zoom, angle, cut):
    document, _ = scene()
    if cut:
        select(document, Rect(60, 50, 70, 60))
    one, other = (LivePicture(document, lift(document, [document.active])) for _ in range(2))
    other.expect(Rect(0, 0, round(SIZE[0] * zoom), round(SIZE[1] * zoom)))
    for shift in (0, 17, -40):
        matrix = h.rotation(angle, (95, 80)) @ h.translation(shift, shift // 2)
        one.move(matrix)
        other.move(matrix)
        assert off(seen(one, zoom), seen(other, zoom)).max() <= 1


def test_it_is_in_the_colours_of_the_screen():
    document, _ = scene()
    live = LivePicture(document, lift(document, [document.active]))
    plain = seen(live)
    wide = bytes(QColorSpace(QColorSpace.NamedColorSpace.AdobeRgb).iccProfile().data())
    shown = LivePicture(document, live.lifted)
    shown.profile = Profile(wide)
    made = seen(shown)
    assert off(made[..., 3], plain[..., 3]).max() <= 1
    assert off(made, shown.profile.converted(plain, document.format)).max() <= 1
    assert off(made, plain).max() > 5


def test_where_all_is_opaque_is_known_once_it_is_drawn():
    document = Document(600, 300)
    opaque = np.full((300, 600, 4), 255, np.uint8)
    add_layer(document, "Below", pixels=opaque)
    document.activate(add_layer(document, "Spot", pixels=opaque[:50, :50]))
    live = LivePicture(document, lift(document, [document.active]))
    assert not live.opaque((0, 0))
    assert live.image((0, 0), 1.0, Budget()) is not None
    live.expect(Rect(0, 0, 600, 300))
    assert live.image((2, 0), 1.0, Budget()) is not None
    assert live.opaque((0, 0))
    assert not live.opaque((2, 0))
