"""The view turned and mirrored: every mapping, every pixel, everything that is drawn above."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPainterPath, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from scumble.document import Document, Rect
from scumble.document.edits import add_layer, select
from scumble.generation import Region
from scumble.render import Budget, Compositor, flatten
from scumble.tools import Band
from scumble.ui.canvas.marks import paint_band
from scumble.ui.canvas.outline import SelectionOutline
from scumble.ui.canvas.tiles import ViewTiles
from scumble.ui.canvas.viewport import MARGIN, Viewport
from scumble.ui.generate.overlays import ContextOverlay, PictureOverlay, Seen
from scumble.ui.theme import load_theme

ANGLES = st.one_of(st.sampled_from([0.0, 90.0, 180.0, 270.0]), st.floats(0, 359.9))
ZOOMS = st.floats(0.05, 40)
POINTS = st.tuples(st.floats(-500, 2500), st.floats(-500, 2500))


def view(angle, mirrored=False, zoom=1.0, ratio=1.0, extent=(1000, 500), size=(800, 600)):
    made = Viewport(extent, size, 1 / ratio, ratio=ratio).zoomed(zoom)
    made = made.centred_on(extent[0] / 2, extent[1] / 2).turned_to(angle)
    return made.flipped() if mirrored else made


@limits(deadline=None)
@given(ANGLES, st.booleans(), ZOOMS, st.sampled_from([1.0, 1.5, 2.0]), POINTS)
def test_to_view_and_back_however_it_is_turned(angle, mirrored, zoom, ratio, point):
    made = view(angle, mirrored, zoom, ratio)
    assert made.to_document(made.to_view(*point)) == pytest.approx(point, abs=1e-5)


@limits(deadline=None)
@given(ANGLES, st.booleans(), ZOOMS, POINTS)
def test_the_transform_is_the_mapping(angle, mirrored, zoom, point):
    made = view(angle, mirrored, zoom)
    seen, mapped = made.to_view(*point), made.transform.map(QPointF(*point))
    assert (seen.x(), seen.y()) == pytest.approx((mapped.x(), mapped.y()), abs=1e-4)
    turned = made.turning.map(made.upright.to_view(*point))
    assert (seen.x(), seen.y()) == pytest.approx((turned.x(), turned.y()), abs=1e-4)


@limits(deadline=None)
@given(ANGLES, st.booleans(), ZOOMS, st.floats(0, 359))
def test_turning_holds_the_middle(angle, mirrored, zoom, other):
    made = view(angle, mirrored, zoom)
    turned = made.turned_to(other)
    slack = 1.5 / made.scale
    assert turned.to_document(turned.centre) == pytest.approx(made.to_document(made.centre), abs=slack)
    assert turned.zoom == pytest.approx(made.zoom)


@limits(deadline=None)
@given(ANGLES, st.booleans(), ZOOMS)
def test_a_mirror_in_a_mirror_is_the_view_itself(angle, mirrored, zoom):
    made = view(angle, mirrored, zoom)
    back = made.flipped().flipped()
    assert back.mirrored == made.mirrored
    assert back.angle == pytest.approx(made.angle, abs=1e-5)
    assert back.to_view(3, 4).x() == pytest.approx(made.to_view(3, 4).x(), abs=2.0)


def test_a_mirror_swaps_left_and_right_as_seen():
    for angle in (0.0, 30.0, 90.0):
        made = view(angle)
        left, right = made.to_view(100, 200), made.flipped().to_view(100, 200)
        assert left.x() - 400 == pytest.approx(400 - right.x(), abs=1.0)
        assert left.y() == pytest.approx(right.y(), abs=1.0)


@limits(deadline=None)
@given(ANGLES, st.booleans(), ZOOMS, st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_some_of_the_picture_stays_in_sight(angle, mirrored, zoom, dx, dy):
    made = view(angle, mirrored, zoom).moved(dx, dy)
    outline = QPainterPath()
    outline.addPolygon(made.to_view_polygon(Rect(0, 0, 1000, 500)))
    inside = QPainterPath()
    inside.addRect(QRectF(MARGIN / 2, MARGIN / 2, 800 - MARGIN, 600 - MARGIN))
    assert outline.intersects(inside) or zoom * 500 < 2 * MARGIN


@limits(deadline=None)
@given(ANGLES, st.booleans(), ZOOMS)
def test_fitting_a_turned_picture_shows_all_of_it(angle, mirrored, zoom):
    fitted = view(angle, mirrored, zoom).fitted()
    assert QRectF(-1, -1, 802, 602).contains(fitted.to_view_rect(Rect(0, 0, 1000, 500)))


@limits(deadline=None)
@given(ANGLES, st.booleans(), ZOOMS, st.integers(0, 700), st.integers(0, 500))
def test_screen_rectangles_hold_what_they_come_from(angle, mirrored, zoom, x, y):
    made = view(angle, mirrored, zoom)
    part = QRect(x, y, 40, 30)
    back = made.from_screen_rect(made.to_screen_rect(part))
    assert back.adjusted(-1e-3, -1e-3, 1e-3, 1e-3).contains(QRectF(part))
    document = made.to_document_rect(QRectF(part))
    for corner in (part.topLeft(), part.bottomRight()):
        at = made.to_document(QPointF(corner))
        assert document.expanded(1).contains(*at)


# Pixels

PART = QRect(0, 0, 640, 480)


@pytest.fixture
def document():
    """Smooth, so that two ways of scaling it differ little; and no symmetry could hide a wrong turn."""
    document = Document(620, 430)
    y, x = np.mgrid[0:430, 0:620]
    straight = np.empty((430, 620, 4), np.uint8)
    straight[..., 0] = x * 255 // 620
    straight[..., 1] = y * 255 // 430
    straight[..., 2] = (128 + 100 * np.sin(x / 40) * np.cos(y / 30)).astype(np.uint8)
    straight[..., 3] = 255
    add_layer(document, "smooth", pixels=document.format.from_straight(straight))
    return document


@pytest.fixture
def compositor(document):
    compositor = Compositor(document)
    yield compositor
    compositor.close()


def of(document, angle, mirrored=False, zoom=1.0, ratio=1.0):
    extent = (document.width, document.height)
    return view(angle, mirrored, zoom, ratio, extent, (PART.width(), PART.height()))


def shown(tiles, viewport, region=None):
    tiles.complete(viewport, PART)
    image = QImage(PART.size() * viewport.ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(viewport.ratio)
    image.fill(QColor("magenta"))
    with QPainter(image) as painter:
        for part in region or (PART,):
            assert tiles.draw(painter, viewport, part, Budget()).isEmpty()
    return image


def array(image):
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    values = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return values[..., :3].astype(int).copy()


def expected(document, viewport):
    """The whole picture drawn once through the view's transform."""
    pixels = flatten(document.snapshot(), document.bounds)
    picture = QImage(pixels.data, 620, 430, pixels.strides[0], QImage.Format.Format_ARGB32_Premultiplied)
    image = QImage(PART.size() * viewport.ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(viewport.ratio)
    image.fill(QColor("magenta"))
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setTransform(viewport.transform, True)
        painter.drawImage(0, 0, picture)
    return array(image)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("angle", [0.0, 15.0, 90.0, 137.0, 180.0, 270.0, 333.0])
@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.5])
def test_the_picture_is_turned_with_every_pixel_in_its_place(document, compositor, angle, mirrored, zoom, ratio):
    viewport = of(document, angle, mirrored, zoom, ratio)
    found = array(shown(ViewTiles(document, compositor, load_theme()), viewport))
    wanted = expected(document, viewport)
    ground = (wanted == (255, 0, 255)).all(axis=-1), (found == (255, 0, 255)).all(axis=-1)
    inside = ~ground[0] & ~ground[1]
    assert (ground[0] != ground[1]).mean() < 0.012  # the edge may differ by a pixel
    assert np.abs(found - wanted)[inside].mean() < 2.5
    assert np.percentile(np.abs(found - wanted)[inside], 99.9) < 14


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("angle", [0.0, 90.0, 180.0, 270.0])
def test_quarter_turns_and_mirrors_move_pixels_and_mix_none(document, compositor, angle, mirrored):
    viewport = of(document, angle, mirrored)
    found = array(shown(ViewTiles(document, compositor, load_theme()), viewport))
    pixels = flatten(document.snapshot(), document.bounds)[..., :3].astype(int)
    for x, y in ((100, 100), (310, 215), (400, 140), (255, 255), (256, 256), (511, 257)):
        seen = viewport.to_view(x + 0.5, y + 0.5)
        column, row = math.floor(seen.x()), math.floor(seen.y())
        if 0 <= column < PART.width() and 0 <= row < PART.height():
            assert list(found[row, column]) == list(pixels[y, x]), (x, y)


def test_no_seam_is_seen_between_tiles(document, compositor):
    """One colour stays one colour, however it is turned."""
    with document.history.transaction("flat") as edit:
        colour = document.format.solid(0.2, 0.6, 0.4)
        edit.put(document.layers[0].surface, document.bounds, np.full((430, 620, 4), colour, np.uint8))
    for angle in (3.0, 30.0, 45.0, 77.7):
        viewport = of(document, angle, zoom=1.7)
        found = array(shown(ViewTiles(document, compositor, load_theme()), viewport))
        inside = found[200:280, 280:360]
        assert (inside == inside[0, 0]).all(), angle
        assert len({tuple(pixel) for pixel in found.reshape(-1, 3)}) <= 2


@pytest.mark.parametrize("angle", [0.0, 25.0, 90.0])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_part_is_painted_as_in_the_whole(document, compositor, angle, mirrored):
    tiles, viewport = ViewTiles(document, compositor, load_theme()), of(document, angle, mirrored, 1.3)
    whole = shown(tiles, viewport)
    cuts = [0, 100, 313, 480]
    parts = [QRect(0, top, 320, bottom - top) for top, bottom in pairwise(cuts)]
    parts += [QRect(320, top, 320, bottom - top) for top, bottom in pairwise(cuts)]
    apart = np.abs(array(shown(tiles, viewport, parts)) - array(whole))
    # Smoothing begins anew with every row of a part, and rounds a little differently there; so does the picture's edge.
    assert (apart.max(axis=-1) > (3 if viewport.crooked else 0)).sum() <= (10 if viewport.crooked else 0)


@pytest.mark.parametrize("angle", [0.0, 20.0, 180.0, 301.0])
@pytest.mark.parametrize("zoom", [0.4, 1.0, 3.0])
def test_what_is_told_to_be_changed_holds_all_that_looks_different(document, compositor, angle, zoom):
    tiles, viewport = ViewTiles(document, compositor, load_theme()), of(document, angle, True, zoom)
    tiles.show_quick_mask(True)
    before = array(shown(tiles, viewport))
    told = []
    document.changed.connect(lambda change: told.append(tiles.invalidate(change)))
    area = Rect(300, 200, 23, 17)
    with document.history.transaction("spot") as edit:
        edit.put(document.layers[0].surface, area, np.full((17, 23, 4), 255, np.uint8))
    select(document, area, np.full((17, 23), 200, np.uint8))
    differing = (array(shown(tiles, viewport)) != before).any(axis=-1)
    assert differing.any()
    region = QRegion()
    for rect in told:
        region += viewport.from_screen_rect(rect).adjusted(-2, -2, 2, 2).toAlignedRect()
    rows, columns = np.nonzero(differing)
    assert all(region.contains(QPoint(int(x), int(y))) for x, y in zip(columns, rows, strict=True))


# What is drawn above

RED = QColor("red")


def paper():
    image = QImage(PART.size(), QImage.Format.Format_RGB32)
    image.fill(RED)
    return image


def near(image, point, reach=2):
    """The colours round a point of the view."""
    x, y = round(point.x()), round(point.y())
    return {
        image.pixelColor(x + dx, y + dy).name() for dx in range(-reach, reach + 1) for dy in range(-reach, reach + 1)
    }


@pytest.mark.parametrize(("angle", "mirrored"), [(0.0, False), (30.0, False), (90.0, True), (200.0, True)])
def test_the_ants_run_round_the_turned_selection(document, angle, mirrored):
    select(document, Rect(250, 180, 120, 60))
    outline, viewport, image = SelectionOutline(document), of(document, angle, mirrored), paper()
    with QPainter(image) as painter:
        painter.setClipRect(PART)
        outline.paint(painter, viewport)
    for x, y in ((250, 210), (370, 210), (310, 180), (310, 240)):
        seen = viewport.to_view(x, y)
        assert near(image, seen) != {RED.name()}, (x, y)
        assert outline.region(viewport).contains(seen.toPoint())
    for x, y in ((310, 210), (230, 210), (310, 260)):
        assert near(image, viewport.to_view(x, y)) == {RED.name()}, (x, y)


@pytest.mark.parametrize(("angle", "mirrored"), [(0.0, False), (30.0, False), (90.0, True)])
def test_bands_lie_where_the_document_is(document, angle, mirrored):
    viewport, image = of(document, angle, mirrored), paper()
    with QPainter(image) as painter:
        paint_band(painter, Band.box(Rect(250, 180, 120, 60)), viewport)
        paint_band(painter, Band(((260.0, 190.0), (360.0, 230.0)), oval=True), viewport)
    for x, y in ((250, 210), (370, 210), (310, 180), (310, 240), (260, 210), (310, 190), (310, 230)):
        assert near(image, viewport.to_view(x, y)) != {RED.name()}, (x, y)
    assert near(image, viewport.to_view(310, 210)) == {RED.name()}


@pytest.mark.parametrize(("angle", "mirrored"), [(0.0, False), (45.0, False), (180.0, True)])
def test_previews_and_the_context_lie_where_the_document_is(document, angle, mirrored):
    viewport, image = of(document, angle, mirrored), paper()
    overlay = PictureOverlay()
    overlay._image = QImage(8, 6, QImage.Format.Format_ARGB32_Premultiplied)
    overlay._image.fill(QColor("blue"))
    overlay._box = Rect(280, 190, 80, 60)
    with QPainter(image) as painter:
        overlay.paint(painter, viewport)
    assert near(image, viewport.to_view(320, 220)) == {QColor("blue").name()}
    assert near(image, viewport.to_view(284, 194), 1) == {QColor("blue").name()}
    assert near(image, viewport.to_view(270, 220)) == {RED.name()}
    context = ContextOverlay(load_theme())
    path = QPainterPath()
    path.addRect(QRectF(250, 180, 120, 60))
    context.show(Seen(Region(Rect(0, 0, 640, 400), (640, 400)), "", path))
    image = paper()
    with QPainter(image) as painter:
        painter.setClipRect(PART)
        context._paint_affected(painter, viewport)
    assert near(image, viewport.to_view(250, 210)) != {RED.name()}
    assert near(image, viewport.to_view(310, 210)) == {RED.name()}


# The real window


def seen(program, x, y):
    canvas = program.window.canvas
    canvas.complete()
    image = canvas.grab().toImage()
    place = canvas.viewport.to_view(x, y).toPoint()
    return image.pixelColor(place).lightness()


@pytest.mark.parametrize(("angle", "mirrored"), [(0.0, True), (30.0, False), (90.0, False), (222.0, True)])
def test_one_paints_where_the_pointer_is(program, session, hand, picture, angle, mirrored):
    canvas = program.window.canvas
    canvas.set_viewport(canvas.viewport.turned_to(angle))
    if mirrored:
        canvas.set_viewport(canvas.viewport.flipped())
    program.window.tools.change_brush(size=20, hardness=1.0)
    hand.drag((100, 80), (180, 80))
    values = picture(session)
    assert values[80, 140, 0] == 0
    assert values[80, 220, 0] == 255
    assert values[110, 140, 0] == 255
    canvas._hover_at(None)
    assert seen(program, 140, 80) == 0
    assert seen(program, 140, 110) == 255


def test_keys_turn_and_mirror_and_set_upright(program, session, hand):
    canvas = program.window.canvas
    hand.key(Qt.Key.Key_6)
    assert canvas.viewport.angle == 15.0
    hand.key(Qt.Key.Key_4)
    hand.key(Qt.Key.Key_4)
    assert canvas.viewport.angle == 345.0
    hand.do("view.mirror")
    assert canvas.viewport.mirrored
    hand.key(Qt.Key.Key_5)
    assert canvas.viewport.angle == 0.0
    hand.do("view.mirror")
    assert not canvas.viewport.turned
    assert session.document.history.names == ()


def drag(canvas, *points, keys=Qt.KeyboardModifier.NoModifier):
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(canvas, left, keys, points[0])
    for point in points[1:]:
        at = QPointF(point)
        QApplication.sendEvent(canvas, QMouseEvent(QEvent.Type.MouseMove, at, canvas.mapToGlobal(at), left, left, keys))
    QTest.mouseRelease(canvas, left, keys, points[-1])


def test_shift_and_space_turn_by_dragging(program, session, hand):
    canvas = program.window.canvas
    middle = canvas.viewport.centre.toPoint()
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    shift = Qt.KeyboardModifier.ShiftModifier
    drag(canvas, middle + QPoint(100, 0), middle + QPoint(100, 100), middle + QPoint(0, 100), keys=shift)
    assert canvas.viewport.angle == pytest.approx(90.0, abs=0.6)
    ctrl = Qt.KeyboardModifier.ControlModifier
    drag(canvas, middle + QPoint(100, 0), middle + QPoint(100, 24), keys=shift | ctrl)
    assert canvas.viewport.angle == pytest.approx(105.0)
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert session.document.history.names == ()


def test_quarter_turned_thin_ground_is_painted(program, session, hand):
    """Nothing of the frame before is left beside a turned picture."""
    canvas = program.window.canvas
    canvas.set_viewport(canvas.viewport.turned_to(45.0))
    canvas.complete()
    image = canvas.grab().toImage()
    ground = program.window.theme.colour("canvas").name()
    corner = canvas.viewport.to_view(-20, -20).toPoint()
    assert image.pixelColor(corner).name() == ground
    assert image.pixelColor(2, 2).name() == ground
