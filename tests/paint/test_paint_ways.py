"""What strokes do besides the plain one: build up, keep alpha, turn, stray; and what holds for all of them."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scumble.document import BGRA8, FORMATS, RGBA16, SELECTION, Rect, edits
from scumble.paint import Brush, Sample, Stroke, clear, fill
from scumble.paint.ink import Picture
from scumble.paint.mix import coat_over, narrowed, over, times, tinted

RED, BLUE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)


def make(pixel_format, background=None):
    return edits.new_document(400, 300, pixel_format, background=background, name="layer")


@pytest.fixture(params=sorted(FORMATS))
def document(request):
    return make(FORMATS[request.param])


def draw(document, points, brush, colour=RED, surface=None, **options):
    surface = document.layers[0].surface if surface is None else surface
    with document.history.transaction("Brush stroke") as edit:
        stroke = Stroke(document, edit, surface, brush, colour, **options)
        for point in points:
            stroke.add(Sample(*point))
        stroke.end()


def stored(document, surface=None):
    return document.surface(document.layers[0].surface if surface is None else surface).read(document.bounds)


def alpha(document):
    return stored(document)[..., document.format.alpha] / document.format.maximum


def lock_alpha(document):
    edits.set_layer(document, document.layers[0].id, "lock", alpha_locked=True)


def test_building_up_lays_coat_over_coat(document):
    brush = Brush(size=40, hardness=1.0, opacity=0.5, flow=0.4, build_up=True, spacing=1.0)
    taps = []
    with document.history.transaction("taps") as edit:
        stroke = Stroke(document, edit, document.layers[0].surface, brush, RED)
        for step in range(4):
            stroke.add(Sample(100, 100 + (0 if step % 2 == 0 else 40)))
            taps.append(alpha(document)[115, 100])
    # A dab's coat is a fifth, and what shows through is multiplied.
    for found, coats in zip(taps, (1, 1, 2, 2), strict=True):
        assert found == pytest.approx(1 - 0.8 ** max(coats, 1), abs=0.17)
    assert taps[-1] > taps[0] + 0.1


def test_a_thin_coat_builds_up_all_the_same(document):
    brush = Brush(size=30, hardness=1.0, flow=0.002, build_up=True, spacing=0.05)
    draw(document, [(100, 100), (200, 100)] * 30, brush)
    assert alpha(document)[100, 150] > 0.5


def test_building_up_exceeds_the_opacity_and_a_wash_does_not(document):
    points = [(100, 100), (200, 100), (100, 100), (200, 100)]
    draw(document, points, Brush(size=40, hardness=1.0, opacity=0.3))
    assert alpha(document).max() == pytest.approx(0.3, abs=0.003)
    document.history.undo()
    draw(document, points, Brush(size=40, hardness=1.0, opacity=0.3, build_up=True))
    assert alpha(document)[100, 150] > 0.95


def test_pressure_thins_every_coat(document):
    options = {"size": 40, "hardness": 1.0, "build_up": True, "spacing": 0.5, "flow": 0.5}
    found = []
    for name in ("pressure_opacity", "pressure_flow"):
        draw(document, [(100, 100, 0.5), (200, 100, 0.5)], Brush(**options, **{name: True}))
        found.append(alpha(document)[100, 150])
        document.history.undo()
    draw(document, [(100, 100), (200, 100)], Brush(**{**options, "flow": 0.25}))
    assert found == pytest.approx([alpha(document)[100, 150]] * 2, abs=0.01)


def test_flow_by_pressure_in_a_wash_approaches_the_opacity(document):
    brush = Brush(size=40, hardness=1.0, pressure_flow=True)
    draw(document, [(100, 100, 0.1)], brush)
    assert alpha(document)[100, 100] == pytest.approx(0.1, abs=0.02)
    draw(document, [(100, 200, 1.0)], brush)
    assert alpha(document)[200, 100] == 1.0


def test_a_flat_brush_draws_thick_and_thin(document):
    brush = Brush(size=40, hardness=1.0, roundness=0.1, angle=0.0)
    draw(document, [(100, 50), (100, 250)], brush)
    across = np.count_nonzero(alpha(document)[150] > 0.5)
    document.history.undo()
    draw(document, [(50, 100), (350, 100)], brush)
    along = np.count_nonzero(alpha(document)[:, 200] > 0.5)
    assert across == pytest.approx(40, abs=1)
    assert along == pytest.approx(4, abs=1)
    document.history.undo()
    draw(document, [(50, 100), (350, 100)], Brush(size=40, hardness=1.0, roundness=0.1, angle=90.0, follow=True))
    assert np.count_nonzero(alpha(document)[:, 200] > 0.5) == pytest.approx(40, abs=1)


def test_a_tap_with_a_following_brush_leaves_its_dab(document):
    draw(document, [(100, 100)], Brush(size=40, hardness=1.0, roundness=0.1, follow=True))
    assert alpha(document)[100, 115] == 1.0


def test_alpha_lock_moves_colours_and_no_alpha(document):
    draw(document, [(50, 100), (350, 100)], Brush(size=80, hardness=0.0, opacity=0.7))
    before = stored(document)
    lock_alpha(document)
    draw(document, [(200, 20), (200, 280)], Brush(size=60, hardness=0.5), BLUE)
    after = stored(document)
    place = document.format.alpha
    assert np.array_equal(after[..., place], before[..., place])
    assert (after <= after[..., place : place + 1]).all()
    straight = document.format.to_straight(after)
    assert tuple(straight[100, 200, :3]) == (0, 0, 255)
    assert not after[20, 200].any()
    assert set(document.surface(document.layers[0].surface).tiles) <= {(0, 0), (1, 0)}
    with pytest.raises(ValueError, match="transparency"):
        draw(document, [(200, 100)], Brush(), erase=True)
    assert not document.history.busy


def test_alpha_lock_is_of_the_colours_and_not_of_mask_or_selection(document):
    lock_alpha(document)
    edits.add_mask(document, document.layers[0].id)
    mask = document.layers[0].mask
    draw(document, [(100, 100)], Brush(), surface=mask, erase=True)
    assert document.surface(mask).read(Rect(100, 100, 1, 1))[0, 0] == 0
    draw(document, [(100, 100)], Brush(), (1.0, 1.0, 1.0), SELECTION)
    assert document.selection.tiles


def test_filling_keeps_a_locked_alpha_and_clearing_is_refused(document):
    draw(document, [(50, 100), (350, 100)], Brush(size=80, hardness=0.0, opacity=0.7))
    before = stored(document)
    lock_alpha(document)
    with document.history.transaction("fill") as edit:
        fill(document, edit, document.layers[0].surface, BLUE)
    place = document.format.alpha
    assert np.array_equal(stored(document)[..., place], before[..., place])
    assert not stored(document)[..., document.format.order[0]].any()
    assert document.format.to_straight(stored(document))[100, 200, 2] == 255
    for limit in (False, True):
        if limit:
            edits.select(document, Rect(0, 0, 200, 200))
        with pytest.raises(ValueError, match="transparency"), document.history.transaction("clear") as edit:
            clear(document, edit, document.layers[0].surface)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_over_and_tinted_are_the_sums_they_say(dtype):
    pixel_format = BGRA8 if dtype == np.uint8 else RGBA16
    rng = np.random.default_rng(1)
    top = pixel_format.maximum
    below, paint = (pixel_format.from_straight(rng.integers(0, top + 1, (150, 130, 4)).astype(dtype)) for _ in range(2))
    cover = rng.integers(0, top + 1, (150, 130)).astype(dtype)
    cover[0], cover[1] = 0, top
    laid = paint * (cover[..., None] / top)
    rest = 1 - laid[..., 3:] / top
    assert np.abs(times(paint, cover) - laid).max() <= 0.501
    found = over(below, paint, cover, 3)
    assert np.abs(found - (laid + below * rest)).max() <= 1.6
    assert (found <= found[..., 3:]).all()
    assert np.array_equal(found[0], below[0])
    kept = tinted(below, paint, cover, 3)
    exact = laid * (below[..., 3:] / top) + below * rest
    assert np.abs(kept - exact)[..., :3].max() <= 2.1
    assert np.array_equal(kept[..., 3], below[..., 3])
    assert (kept <= kept[..., 3:]).all()
    assert np.array_equal(kept[0], below[0])


def test_a_coat_leaves_no_room_unless_it_is_none():
    covered = np.repeat(np.arange(0, 65536, 257, dtype=np.uint16)[:, None], 256, axis=1)
    coat = np.repeat(np.arange(0, 65536, 257, dtype=np.uint16)[None, :], 256, axis=0)
    before = covered.astype(float)
    coat_over(covered, coat)
    exact = 65535 * (1 - (1 - before / 65535) * (1 - coat / 65535))
    assert np.abs(covered - exact).max() <= 1
    assert np.array_equal(covered[:, 0], before[:, 0])
    assert (covered[:, -1] == 65535).all()
    assert (covered[:-1, 1:] > before[:-1, 1:]).all()


def test_narrowing_rounds_to_nearest():
    values = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    assert np.array_equal(narrowed(values), np.rint(values / 257).astype(np.uint8))


def test_a_picture_as_ink_is_laid_over_and_on_masks_as_grey(document):
    paper = np.zeros((300, 400, 4), np.uint8)
    paper[:, :200] = (255, 255, 255, 255)
    paper[:, 200:300] = (0, 0, 0, 128)
    paint = document.format.from_straight(paper)
    surface = document.layers[0].surface

    def ink(target):
        return Picture(document, target, lambda part: paint[part.slices(document.bounds)])

    draw(document, [(20, 100), (390, 100)], Brush(size=30, hardness=1.0), ink=ink(surface))
    straight = document.format.to_straight(stored(document))
    assert tuple(straight[100, 100]) == (255, 255, 255, 255)
    assert tuple(straight[100, 250]) == (0, 0, 0, 128)
    assert not straight[100, 350].any()
    edits.add_mask(document, document.layers[0].id)
    mask = document.layers[0].mask
    draw(document, [(20, 100), (390, 100)], Brush(size=30, hardness=1.0), surface=mask, ink=ink(mask))
    assert document.surface(mask).read(document.bounds)[100, [100, 250, 350]].tolist() == [255, 127, 255]


def test_ten_thousand_samples_in_a_second_are_painted_in_less(document):
    brush = Brush(size=20, spacing=0.1, pressure_size=True, tilt_angle=True, roundness=0.5, build_up=True, flow=0.2)
    turns = [step / 10_000 * math.tau for step in range(10_000)]
    samples = [Sample(200 + 20 * math.cos(t), 150 + 20 * math.sin(t), 0.5, 0.0, 30, 10) for t in turns]
    with document.history.transaction("fast") as edit:
        stroke = Stroke(document, edit, document.layers[0].surface, brush)
        start = time.process_time()
        for sample in samples:
            stroke.add(sample)
        spent = time.process_time() - start
    assert alpha(document).max() > 0.1
    assert spent < 3.0


nothing = float("nan")


def test_samples_that_are_no_numbers_leave_no_trace(document):
    brush = Brush(size=30, pressure_size=True, tilt_opacity=True, tilt_angle=True, roundness=0.5)
    wild = (nothing, float("inf"), -float("inf"))
    with document.history.transaction("stroke") as edit:
        stroke = Stroke(document, edit, document.layers[0].surface, brush)
        for x in wild:
            for y in wild:
                assert stroke.add(Sample(x, y, nothing, nothing, nothing, nothing)).empty
        stroke.end()
    assert document.history.names == ("layer",) or not document.surface(document.layers[0].surface).tiles


coordinates = st.floats(-60, 460)
gestures = st.lists(
    st.tuples(coordinates, coordinates, st.floats(0, 1), st.just(0.0), st.floats(-60, 60), st.floats(-60, 60)),
    min_size=1,
    max_size=5,
)
brushes = st.builds(
    Brush,
    size=st.floats(1, 120),
    hardness=st.floats(0, 1),
    opacity=st.floats(0, 1),
    flow=st.floats(0.01, 1),
    spacing=st.floats(0.08, 2),
    roundness=st.sampled_from([0.02, 0.3, 1.0]),
    angle=st.floats(-180, 180),
    follow=st.booleans(),
    build_up=st.booleans(),
    scatter=st.sampled_from([0.0, 1.0]),
    angle_jitter=st.sampled_from([0.0, 90.0]),
    size_jitter=st.sampled_from([0.0, 0.5]),
    rope=st.sampled_from([0.0, 20.0]),
    pressure_size=st.booleans(),
    pressure_flow=st.booleans(),
    pressure_opacity=st.booleans(),
    tilt_size=st.booleans(),
    tilt_angle=st.booleans(),
)
SLOW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(st.sampled_from(sorted(FORMATS)), gestures, brushes, st.booleans(), st.booleans())
def test_every_stroke_repeats_and_keeps_to_selection_and_reach(name, points, brush, locked, erase):
    document = make(FORMATS[name], (0.2, 0.6, 0.4) if erase or locked else None)
    edits.select(document, Rect(40, 30, 250, 200), 255)
    edits.select(document, Rect(60, 50, 90, 90), 90, mode="intersect" if brush.follow else "replace")
    if locked:
        lock_alpha(document)
    before = stored(document)
    draw(document, points, brush, erase=erase and not locked)
    first = stored(document)
    place = document.format.alpha
    selected = document.selection.read(document.bounds) > 0
    assert np.array_equal(first[~selected], before[~selected])
    assert (first <= first[..., place : place + 1]).all()
    if locked:
        assert np.array_equal(first[..., place], before[..., place])
    away = brush.size * (0.5 + brush.scatter) + 2
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    # A curve between samples bulges by no more than its chord is long.
    bulge = max(math.hypot(max(xs) - min(xs), max(ys) - min(ys)) / 3, 0) + away
    grid_y, grid_x = np.mgrid[0:300, 0:400]
    far = (grid_x < min(xs) - bulge) | (grid_x > max(xs) + bulge) | (grid_y < min(ys) - bulge)
    assert np.array_equal(first[far], before[far])
    if document.history.names[-1:] == ("Brush stroke",):
        document.history.undo()
    assert np.array_equal(stored(document), before)
    draw(document, points, brush, erase=erase and not locked)
    assert np.array_equal(stored(document), first)


@SLOW
@given(gestures, brushes, st.booleans())
def test_8_and_16_bits_agree(points, brush, erase):
    found = []
    for pixel_format in (BGRA8, RGBA16):
        document = make(pixel_format, (0.2, 0.6, 0.4) if erase else None)
        draw(document, points, brush, (0.8, 0.2, 0.6), erase=erase)
        ordered = stored(document)[..., list(pixel_format.order)]
        found.append(ordered / pixel_format.maximum * 255)
    assert np.abs(found[0] - found[1]).max() <= 1.01
