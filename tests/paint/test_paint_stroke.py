import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scumble.document import FORMATS, SELECTION, TILE, Rect, edits
from scumble.paint import Brush, Dabs, Picture, Sample, Stroke

RED = (1.0, 0.0, 0.0)


@pytest.fixture(params=sorted(FORMATS))
def document(request):
    return make(request.param)


def make(name, background=None):
    return edits.new_document(600, 500, FORMATS[name], background=background, name="layer")


def draw(document, points, brush=None, surface=None, colour=RED, erase=False, dabs=None):
    """Commits a stroke through points (x, y[, pressure]); returns the rectangles that `add` gave."""
    surface = document.layers[0].surface if surface is None else surface
    with document.history.transaction("Brush stroke") as edit:
        stroke = Stroke(document, edit, surface, brush or Brush(), colour, erase, dabs)
        return [stroke.add(Sample(*point)) for point in points]


def alpha(document):
    pixels = document.surface(document.layers[0].surface).read(document.bounds)
    return pixels[..., document.format.alpha] / document.format.maximum


def test_a_tap_leaves_a_round_dab(document):
    draw(document, [(100.5, 80.5)], Brush(size=40, hardness=1.0))
    cover = alpha(document)
    assert cover[80, 100] == 1.0
    assert cover.sum() == pytest.approx(np.pi * 20**2, rel=0.01)
    ys, xs = np.nonzero(cover)
    assert (xs.min() + xs.max(), ys.min() + ys.max()) == (200, 160)
    assert xs.max() - xs.min() in (39, 40)
    assert np.array_equal(cover[60:101, 80:121], cover[60:101, 80:121].T)


def test_colours_are_premultiplied(document):
    draw(document, [(50, 50)], Brush(size=60, hardness=0.0), colour=(0.0, 1.0, 0.5))
    pixels = document.surface(document.layers[0].surface).read(document.bounds)
    red, green, blue, cover = (pixels[..., place] for place in document.format.order)
    assert not red.any()
    assert np.array_equal(green, cover)
    assert np.abs(blue.astype(int) * 2 - cover).max() <= document.format.maximum // 100


def test_a_stroke_that_crosses_itself_gets_no_darker(document):
    brush = Brush(size=30, hardness=1.0, opacity=0.5)
    draw(document, [(100, 100), (300, 300), (300, 100), (100, 300)], brush)
    assert alpha(document).max() == pytest.approx(0.5, abs=0.003)
    draw(document, [(100, 100), (300, 300)], brush)
    assert alpha(document).max() == pytest.approx(0.75, abs=0.005)


def test_flow_builds_up_towards_the_opacity(document):
    cover = []
    for passes in (1, 2, 40):
        draw(document, [(100, 100), (200, 100)] * passes, Brush(size=40, hardness=1.0, flow=0.02, opacity=0.8))
        cover.append(alpha(document)[100, 150])
        document.history.undo()
    assert cover[0] < cover[1] < cover[2] <= 0.8 + 0.003
    assert cover[2] == pytest.approx(0.8, abs=0.01)


def test_dabs_are_spaced_along_the_path(document):
    draw(document, [(50, 100), (550, 100)], Brush(size=20, hardness=1.0, spacing=2.0))
    row = alpha(document)[100] > 0.5
    starts = np.flatnonzero(row[1:] & ~row[:-1])
    assert len(starts) == 13
    assert set(np.diff(starts)) == {40}


def test_spacing_does_not_depend_on_how_many_samples_there_are(document):
    brush = Brush(size=30, hardness=0.5, spacing=0.3)
    draw(document, [(50, 100), (500, 100)], brush)
    few = alpha(document)
    document.history.undo()
    draw(document, [(50 + i * 4.5, 100) for i in range(101)], brush)
    assert np.abs(alpha(document) - few).max() < 0.05


def test_a_curve_passes_through_its_samples_without_corners(document):
    angles = np.linspace(0, 2 * np.pi, 13)
    draw(document, [(300 + 150 * np.cos(a), 250 + 150 * np.sin(a)) for a in angles], Brush(size=6, hardness=1.0))
    ys, xs = np.nonzero(alpha(document) > 0.5)
    radius = np.hypot(xs + 0.5 - 300, ys + 0.5 - 250)
    assert radius.min() > 140
    assert radius.max() < 160


def test_a_sharp_turn_stays_sharp(document):
    draw(document, [(100, 100), (200, 100), (100, 110)], Brush(size=4, hardness=1.0))
    assert np.flatnonzero(alpha(document).any(axis=0)).max() <= 203


@pytest.mark.parametrize(("corner", "near"), [(True, True), (False, False)])
def test_a_corner_that_is_asked_for_is_one_where_a_curve_would_bend(document, corner, near):
    brush = Brush(size=3, hardness=1.0, spacing=0.2)
    with document.history.transaction("Brush stroke") as edit:
        stroke = Stroke(document, edit, document.layers[0].surface, brush, RED)
        for x, y in ((100, 100), (250, 100)):
            stroke.add(Sample(x, y))
        if corner:
            stroke.turn()
        stroke.add(Sample(400, 250))
        stroke.end()
    ys, xs = np.nonzero(alpha(document))
    away = np.minimum(np.abs(ys - 100) + 1000 * (xs > 252), np.abs(xs - 250 - (ys - 100)) + 1000 * (xs < 248))
    assert bool(away.max() <= 4) is near


def test_pressure_scales_size_and_coverage(document):
    draw(document, [(100, 100, 1.0), (300, 100, 0.0)], Brush(size=40, hardness=1.0, pressure_size=True))
    heights = (alpha(document) > 0.5).sum(axis=0)
    assert heights[100] == pytest.approx(40, abs=2)
    assert heights[200] == pytest.approx(20, abs=3)
    assert 1 <= heights[295] <= 4
    document.history.undo()
    draw(document, [(100, 100, 1.0), (300, 100, 0.0)], Brush(size=20, hardness=1.0, pressure_opacity=True))
    cover = alpha(document)[100]
    assert cover[95] == 1.0
    assert cover[200] == pytest.approx(0.54, abs=0.06)


def test_smoothing_trails_the_hand(document):
    draw(document, [(100, 100), (200, 100), (200, 100)], Brush(size=10, hardness=1.0, smoothing=0.5))
    right = np.flatnonzero(alpha(document).any(axis=0)).max()
    assert 170 < right < 182


def test_erasing_takes_away_and_makes_nothing(document):
    draw(document, [(100, 100)], Brush(size=100, hardness=1.0))
    draw(document, [(100, 100)], Brush(size=40, hardness=1.0, opacity=0.25), erase=True)
    assert alpha(document)[100, 100] == pytest.approx(0.75, abs=0.003)
    tiles = set(document.surface(document.layers[0].surface).tiles)
    steps = document.history.names
    draw(document, [(500, 400)], Brush(size=40), erase=True)
    assert set(document.surface(document.layers[0].surface).tiles) == tiles
    assert document.history.names == steps


def test_only_touched_tiles_are_written(document):
    draw(document, [(TILE + 20, 20)], Brush(size=30))
    assert set(document.surface(document.layers[0].surface).tiles) == {(1, 0)}


def test_nothing_is_painted_outside_the_canvas(document):
    draw(document, [(590, 490), (700, 600), (-30, -30)], Brush(size=80))
    inside = document.surface(document.layers[0].surface).bounds()
    assert document.bounds.covers(inside)


def test_the_selection_limits(document):
    edits.select(document, Rect(100, 80, 40, 300), 255)
    edits.select(document, Rect(120, 80, 20, 300), 102, mode="subtract")
    draw(document, [(50, 100), (300, 100)], Brush(size=30, hardness=1.0))
    row = alpha(document)[100]
    assert not row[:100].any()
    assert not row[140:].any()
    assert row[110] == 1.0
    assert row[130] == pytest.approx(0.6, abs=0.003)


def test_painting_on_the_selection_adds_and_erasing_subtracts(document):
    edits.select(document, Rect(0, 0, 10, 10))
    draw(document, [(100, 100), (200, 100)], Brush(size=30, hardness=1.0), SELECTION, (1.0, 1.0, 1.0))
    assert document.selection.read(Rect(150, 100, 1, 1))[0, 0] == 255
    draw(document, [(150, 100)], Brush(size=10, hardness=1.0), SELECTION, erase=True)
    assert document.selection.read(Rect(150, 100, 1, 1))[0, 0] == 0
    assert document.selection.read(Rect(110, 100, 1, 1))[0, 0] == 255
    assert not document.surface(document.layers[0].surface).tiles


def test_a_mask_takes_the_luma_of_the_colour(document):
    layer = document.layers[0].id
    edits.add_mask(document, layer)
    mask = document.layer(layer).mask
    draw(document, [(100, 100)], Brush(size=30, hardness=1.0), mask, (0.0, 1.0, 0.0))
    assert document.surface(mask).read(Rect(100, 100, 1, 1))[0, 0] == round(0.587 * 255)
    draw(document, [(100, 100)], Brush(size=30, hardness=1.0), mask, erase=True)
    assert document.surface(mask).read(Rect(100, 100, 1, 1))[0, 0] == 0
    assert document.surface(mask).read(Rect(300, 300, 1, 1))[0, 0] == 255


def test_a_mask_takes_values_as_they_are(document):
    edits.add_mask(document, document.layers[0].id)
    mask = document.layers[0].mask
    values = Picture(document, mask, lambda part: np.full((part.height, part.width), 77, np.uint8))
    with document.history.transaction("Clone") as edit:
        stroke = Stroke(document, edit, mask, Brush(size=20, hardness=1.0), ink=values)
        stroke.add(Sample(50, 50))
        stroke.end()
    assert document.surface(mask).read(Rect(45, 45, 10, 10)).tolist() == np.full((10, 10), 77).tolist()
    assert (document.surface(mask).read(Rect(80, 80, 10, 10)) == 255).all()


def test_locked_layers_and_layers_of_locked_groups_refuse(document):
    layer = document.layers[0].id
    edits.set_layer(document, layer, "lock", locked=True)
    with pytest.raises(ValueError, match=r"“layer” is locked"):
        draw(document, [(100, 100)])
    edits.set_layer(document, layer, "unlock", locked=False)
    group = edits.add_group(document, "group")
    edits.move_layer(document, layer, parent=group, index=0)
    surface = document.paint_layer(layer).surface
    edits.set_layer(document, group, "lock", locked=True)
    with pytest.raises(ValueError, match=r"“group” is locked"):
        draw(document, [(100, 100)], surface=surface)
    assert not document.history.busy


def test_what_is_covered_already_is_not_painted_again(document):
    with document.history.transaction("stroke") as edit:
        stroke = Stroke(document, edit, document.layers[0].surface, Brush(size=200, hardness=1.0, spacing=0.05), RED)
        assert stroke.add(Sample(250, 250)).area > 0
        assert stroke.add(Sample(250, 251)).empty
        stroke.add(Sample(250, 300))
        told = stroke.add(Sample(250, 320))
    assert told.y >= TILE


def test_rolling_back_leaves_no_trace(document):
    edit = document.history.transaction("Brush stroke")
    Stroke(document, edit, document.layers[0].surface, Brush()).add(Sample(50, 50))
    edit.rollback()
    assert not document.surface(document.layers[0].surface).tiles


def test_two_strokes_in_one_transaction_add_up(document):
    with document.history.transaction("symmetry") as edit:
        strokes = [
            Stroke(document, edit, document.layers[0].surface, Brush(hardness=1.0, opacity=0.5), RED) for _ in range(2)
        ]
        for stroke in strokes:
            stroke.add(Sample(100, 100))
    assert alpha(document)[100, 100] == pytest.approx(0.75, abs=0.005)


def test_a_store_of_dabs_changes_nothing(document):
    points = [(50, 50, 0.2), (300, 120, 0.9), (100, 300, 0.4)]
    brush = Brush(size=33, hardness=0.4, pressure_size=True)
    draw(document, points, brush)
    fresh = alpha(document)
    document.history.undo()
    store = Dabs(budget=1)
    for _ in range(2):
        draw(document, points, brush, dabs=store)
        assert np.array_equal(alpha(document), fresh)
        document.history.undo()


coordinates = st.floats(-100, 700)
gestures = st.lists(st.tuples(coordinates, coordinates, st.floats(0, 1)), min_size=1, max_size=6)
brushes = st.builds(
    Brush,
    size=st.floats(1, 150),
    hardness=st.floats(0, 1),
    opacity=st.floats(0, 1),
    flow=st.floats(0.01, 1),
    spacing=st.floats(0.05, 3),
    pressure_size=st.booleans(),
    pressure_opacity=st.booleans(),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FORMATS)), gestures, brushes, st.booleans())
def test_strokes_repeat_stay_in_their_rectangles_and_keep_colours_under_alpha(name, points, brush, erase):
    document = make(name, (0.2, 0.6, 0.4) if erase else None)
    surface = document.layers[0].surface
    before = document.surface(surface).read(document.bounds)
    told = []
    document.changed.connect(lambda change: told.append(change.area))
    given_back = draw(document, points, brush, erase=erase)
    first = document.surface(surface).read(document.bounds)
    for rects in (given_back, told):
        outside = np.ones(first.shape[:2], bool)
        for rect in rects:
            outside[(rect & document.bounds).slices(document.bounds)] = False
        assert np.array_equal(first[outside], before[outside])
    assert (first <= first[..., document.format.alpha :][..., :1]).all()
    document.history.undo()
    assert np.array_equal(document.surface(surface).read(document.bounds), before)
    draw(document, points, brush, erase=erase)
    assert np.array_equal(document.surface(surface).read(document.bounds), first)


def test_a_thin_slanting_line_touches_little_of_the_rectangle_round_it():
    document = edits.new_document(2000, 2000, FORMATS["bgra8"], background=None, name="layer")
    told = []
    document.changed.connect(lambda change: told.append(change.area))
    surface = document.layers[0].surface
    with document.history.transaction("Line") as edit:
        stroke = Stroke(document, edit, surface, Brush(size=4, hardness=1.0), RED)
        stroke.add(Sample(10, 10))
        stroke.add(Sample(1990, 1990))
        stroke.end()
        during = [area for area in told if not area.empty]
        content = document.surface(surface).bounds()
        assert max(area.area for area in during) < content.area / 4
        around = during[0]
        for area in during:
            around = around | area
        assert around.covers(content)
