from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scumble.document import BGRA8, FORMATS, RGBA16, SELECTION, Rect, edits
from scumble.paint import Brush, Dabs, Sample, Smudge


@pytest.fixture(params=sorted(FORMATS))
def document(request):
    return make(FORMATS[request.param])


def make(pixel_format, width=400, height=300):
    """Black on the left, white in the middle, nothing on the right."""
    straight = np.zeros((height, width, 4), np.uint8)
    straight[:, :150] = (0, 0, 0, 255)
    straight[:, 150:280] = (255, 255, 255, 255)
    document = edits.new_document(width, height, pixel_format, background=None, name="layer")
    with document.history.transaction("put") as edit:
        edit.put(document.layers[0].surface, document.bounds, pixel_format.from_straight(straight))
    document.history.clear()
    return document


def smear(document, points, brush=None, strength=0.5, surface=None):
    surface = document.layers[0].surface if surface is None else surface
    with document.history.transaction("Smudge") as edit:
        finger = Smudge(document, edit, surface, brush or Brush(size=40, spacing=0.1), strength)
        rects = [finger.add(Sample(*point)) for point in points]
        return [*rects, finger.end()]


def straight(document):
    return document.format.to_straight(document.surface(document.layers[0].surface).read(document.bounds))


def test_paint_is_taken_along(document):
    smear(document, [(130, 100), (220, 100)], strength=0.5)
    row = straight(document)[100, :, 0]
    assert row[100] == 0
    assert row[165] < 60
    assert 120 < row[185] < 220
    assert (np.diff(row[150:235].astype(int)) >= -2).all()
    assert (straight(document)[:, :280, 3] == 255).all()
    assert (straight(document)[200] == straight(make(document.format))[200]).all()


def test_strength_says_how_far(document):
    reach = []
    for strength in (0.0, 0.4, 0.8, 1.0):
        smear(document, [(130, 100), (240, 100)], strength=strength)
        reach.append(int(np.count_nonzero(straight(document)[100, 150:280, 0] < 128)))
        if document.history.position:
            document.history.undo()
    assert reach[0] <= 1
    assert reach == sorted(reach)
    assert reach[3] > 80


def test_a_tap_and_a_stroke_over_one_colour_change_nothing(document):
    before = straight(document)
    smear(document, [(140, 100)])
    smear(document, [(40, 100), (100, 200), (60, 50)])
    assert np.array_equal(straight(document), before)


def test_clear_pixels_add_no_colour(document):
    smear(document, [(330, 100), (240, 100)])
    smear(document, [(240, 200), (330, 200)])
    seen = straight(document)
    assert 0 < seen[200, 310, 3] < 255
    assert 0 < seen[100, 250, 3] < 255
    partly = seen[:, 200:][seen[:, 200:, 3] > 8]
    assert (partly[:, :3] > 225).all()


def test_a_locked_alpha_keeps_every_bit_and_colours_move(document):
    smear(document, [(240, 200), (330, 200)], strength=0.8)
    edits.set_layer(document, document.layers[0].id, "lock", alpha_locked=True)
    surface = document.surface(document.layers[0].surface)
    before = surface.read(document.bounds)
    smear(document, [(130, 100), (300, 100)], strength=0.9)
    smear(document, [(130, 200), (350, 200)], strength=0.95)
    after = surface.read(document.bounds)
    place = document.format.alpha
    assert np.array_equal(after[..., place], before[..., place])
    assert (after <= after[..., place : place + 1]).all()
    assert straight(document)[100, 165, 0] < 60
    assert not after[100, 300].any()


def test_the_edge_of_the_canvas_takes_nothing_in(document):
    smear(document, [(5, 290), (100, 299), (140, 300), (60, 320)], strength=0.9)
    smear(document, [(-10, 20), (60, 20)], strength=0.9)
    assert (straight(document)[:, :280, 3] == 255).all()
    smear(document, [(-500, 20), (-400, 20)], strength=0.9)


def test_selection_mask_and_the_selection_itself(document):
    edits.select(document, Rect(100, 80, 80, 30), 255)
    before = straight(document)
    smear(document, [(130, 100), (220, 100)], strength=0.9)
    changed = (straight(document) != before).any(axis=2)
    assert changed.any()
    assert not changed[:, 180:].any()
    assert not changed[110:].any()
    smear(document, [(170, 90), (230, 90)], surface=SELECTION)
    assert 0 < document.selection.read(Rect(215, 90, 1, 1))[0, 0] < 255
    edits.deselect(document)
    edits.add_mask(document, document.layers[0].id)
    mask = document.layers[0].mask
    with document.history.transaction("hide") as edit:
        edit.put(mask, Rect(0, 0, 150, 300), np.zeros((300, 150), np.uint8))
    smear(document, [(130, 100), (220, 100)], surface=mask)
    assert 0 < document.surface(mask).read(Rect(180, 100, 1, 1))[0, 0] < 255


def test_pressure_and_undo(document):
    before = straight(document)
    brush = Brush(size=60, pressure_size=True, pressure_opacity=True, pressure_flow=True, roundness=0.5, follow=True)
    smear(document, [(130, 100, 0.0), (220, 100, 0.0)], brush)
    assert np.array_equal(straight(document), before)
    smear(document, [(130, 100, 0.5), (220, 100, 1.0)], brush, strength=0.9)
    assert not np.array_equal(straight(document), before)
    document.history.undo()
    assert np.array_equal(straight(document), before)


def test_locked_layers_refuse(document):
    edits.set_layer(document, document.layers[0].id, "lock", locked=True)
    with pytest.raises(ValueError, match="locked"):
        smear(document, [(130, 100)])


coordinates = st.floats(-60, 460)
gestures = st.lists(st.tuples(coordinates, coordinates, st.floats(0, 1)), min_size=2, max_size=5)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([BGRA8, RGBA16]), gestures, st.floats(0, 1), st.floats(4, 120), st.booleans())
def test_smudging_repeats_and_changes_nothing_outside_its_rectangles(pixel_format, points, strength, size, sized):
    document = make(pixel_format)
    surface = document.surface(document.layers[0].surface)
    before = surface.read(document.bounds)
    told = []
    document.changed.connect(lambda change: told.append(change.area))
    brush = Brush(size=size, hardness=0.5, spacing=0.2, pressure_size=sized)
    rects = smear(document, points, brush, strength)
    first = surface.read(document.bounds)
    for areas in (rects, told):
        outside = np.ones(first.shape[:2], bool)
        for rect in areas:
            outside[(rect & document.bounds).slices(document.bounds)] = False
        assert np.array_equal(first[outside], before[outside])
    place = document.format.alpha
    assert (first <= first[..., place : place + 1]).all()
    if document.history.position:
        document.history.undo()
    assert np.array_equal(surface.read(document.bounds), before)
    smear(document, points, brush, strength)
    assert np.array_equal(surface.read(document.bounds), first)


def test_8_and_16_bits_agree():
    found = []
    for pixel_format in (BGRA8, RGBA16):
        document = make(pixel_format)
        smear(document, [(130, 100), (220, 140), (140, 200), (330, 160)], strength=0.8)
        pixels = document.surface(document.layers[0].surface).read(document.bounds)
        found.append(pixels[..., list(pixel_format.order)] / pixel_format.maximum * 255)
    # Each dab rounds what it leaves, so that 8 bits drift by a fraction of a level with every one of them.
    assert np.abs(found[0] - found[1]).max() <= 3.0
    assert np.abs(found[0] - found[1]).mean() <= 0.05


def test_a_corner_is_kept_where_one_is_made():
    found = []
    for turns in (False, True):
        document = make(BGRA8)
        with document.history.transaction("Smudge") as edit:
            finger = Smudge(document, edit, document.layers[0].surface, Brush(size=10, hardness=1.0), 0.9)
            for point in ((100, 100), (200, 100)):
                finger.add(Sample(*point))
            if turns:
                finger.turn()
            finger.add(Sample(270, 150))
        found.append(straight(document))
    assert not np.array_equal(*found)


def test_a_store_of_dabs_is_used():
    store = Dabs()
    document = make(BGRA8)
    with document.history.transaction("Smudge") as edit:
        Smudge(document, edit, document.layers[0].surface, Brush(), dabs=store).add(Sample(100, 100))
    assert store._prints
