"""What the canvas shows while it has no time to draw all, and that it comes to the same in the end."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest

from scumble.document import Document, Rect
from scumble.document.edits import add_layer, select
from scumble.render import Budget, Compositor
from scumble.ui.canvas import view as view_module
from scumble.ui.canvas.tiles import ViewTiles
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.theme import load_theme

PART = QRect(0, 0, 640, 480)
ZOOMS = [0.2, 0.25, 0.4, 0.5, 0.75, 1.0, 1.5, 2.0, 5.0]


@pytest.fixture
def document():
    document = Document(1300, 1100)
    rng = np.random.default_rng(3)
    for number in range(2):
        straight = rng.integers(0, 256, (1100, 1300, 4), dtype=np.uint8)
        add_layer(document, f"noise {number}", pixels=document.format.from_straight(straight))
    return document


@pytest.fixture
def compositor(document):
    compositor = Compositor(document)
    yield compositor
    compositor.close()


def tiles_of(document, compositor):
    return ViewTiles(document, compositor, load_theme("dark"))


def view(document, zoom, ratio=1.0):
    return Viewport((document.width, document.height), (640, 480), 1 / ratio, ratio=ratio).zoomed(zoom)


def draw(tiles, viewport, seconds=0.0):
    """A frame and what is missing in it."""
    image = QImage(PART.size() * viewport.ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(viewport.ratio)
    image.fill(QColor("magenta"))
    with QPainter(image) as painter:
        unfinished = tiles.draw(painter, viewport, PART, Budget(seconds))
    return image, unfinished


def finished(tiles, viewport):
    tiles.complete(viewport, PART)
    image, unfinished = draw(tiles, viewport)
    assert unfinished.isEmpty()
    return image


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("zoom", ZOOMS)
def test_frames_without_time_end_with_every_pixel_of_a_full_one(document, compositor, zoom, ratio):
    tiles, viewport = tiles_of(document, compositor), view(document, zoom, ratio)
    frames = 0
    while True:
        image, unfinished = draw(tiles, viewport)
        frames += 1
        if unfinished.isEmpty():
            break
        assert frames < 400
    assert frames > 1
    fresh = Compositor(document)
    assert image == finished(tiles_of(document, fresh), viewport)
    fresh.close()


@pytest.mark.parametrize("zoom", ZOOMS)
def test_panning_shows_what_a_new_view_would(document, compositor, zoom):
    tiles, viewport = tiles_of(document, compositor), view(document, zoom)
    finished(tiles, viewport)
    for _ in range(3):
        viewport = viewport.moved(-37.0, 23.0)
        panned = finished(tiles, viewport)
    assert panned == finished(tiles_of(document, compositor), viewport)


def test_a_coarser_picture_stands_in_after_zooming(document, compositor):
    tiles = tiles_of(document, compositor)
    colour = document.format.solid(0.0, 1.0, 0.0)
    with document.history.transaction("green") as edit:
        edit.put(document.layers[1].surface, document.bounds, np.full((1100, 1300, 4), colour, np.uint8))
    finished(tiles, view(document, 0.25))
    tiles._compositor._entries = type(compositor._entries)(
        (key, entry) for key, entry in compositor._entries.items() if key[1] == 2
    )
    image, unfinished = draw(tiles, view(document, 1.0))
    assert not unfinished.isEmpty()
    assert image.pixelColor(600, 440) == QColor(0, 255, 0)


def test_the_ground_is_shown_where_nothing_is_known(document, compositor):
    image, _ = draw(tiles_of(document, compositor), view(document, 1.0))
    assert image.pixelColor(630, 470) == load_theme("dark").colour("canvas")


@pytest.mark.parametrize("zoom", [0.4, 1.0, 1.5])
def test_a_change_without_time_shows_the_picture_before_it(document, compositor, zoom):
    tiles, viewport = tiles_of(document, compositor), view(document, zoom)
    before = finished(tiles, viewport)
    document.changed.connect(tiles.invalidate)
    with document.history.transaction("wide") as edit:
        edit.put(document.layers[1].surface, document.bounds, np.zeros((1100, 1300, 4), np.uint8))
    image, unfinished = draw(tiles, viewport)
    last = viewport.from_screen_rect(viewport.to_screen_rect(PART)).toAlignedRect().bottomRight()
    assert unfinished.contains(last)
    assert image.pixel(last) == before.pixel(last)
    assert finished(tiles, viewport) == finished(tiles_of(document, compositor), viewport)


@pytest.mark.parametrize("zoom", ZOOMS)
def test_what_is_told_to_be_changed_holds_all_that_looks_different(document, compositor, zoom):
    tiles, viewport = tiles_of(document, compositor), view(document, zoom)
    tiles.show_quick_mask(True)
    before = finished(tiles, viewport)
    told: list[Rect] = []
    document.changed.connect(lambda change: told.append(tiles.invalidate(change)))
    middle = viewport.visible
    area = Rect(middle.x + middle.width // 2, middle.y + middle.height // 2, 17, 13)
    with document.history.transaction("spot") as edit:
        edit.put(document.layers[1].surface, area, np.full((13, 17, 4), 255, np.uint8))
    select(document, area, np.full((13, 17), 200, np.uint8))
    after = finished(tiles, viewport)
    assert after != before
    with QPainter(before) as painter:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        for rect in told:
            shown = viewport.from_screen_rect(rect)
            painter.drawImage(shown, after, shown)
    assert after == before


def test_screen_rectangles_go_there_and_back():
    for ratio in (1.0, 1.5, 2.0):
        viewport = Viewport((900, 700), (640, 480), 1 / ratio, ratio=ratio).zoomed(0.7, QPointF(13, 17))
        for part in (QRect(0, 0, 640, 480), QRect(11, 7, 5, 3)):
            back = viewport.from_screen_rect(viewport.to_screen_rect(part))
            assert back.adjusted(-1e-6, -1e-6, 1e-6, 1e-6).contains(part.toRectF())
            assert back.width() < part.width() + 2


def test_the_canvas_goes_on_by_itself(program, session, monkeypatch):
    monkeypatch.setattr(view_module, "FRAME", 0.0)
    canvas = program.window.canvas
    canvas.set_viewport(canvas.viewport.zoomed(1.5))
    for _ in range(100):
        QTest.qWait(5)
        if all(baked.stale.empty for baked in canvas._tiles._baked.values()):
            break
    shown = canvas.grab().toImage()
    canvas._tiles._baked.clear()
    session.compositor._entries.clear()
    canvas.complete()
    assert canvas.grab().toImage() == shown
