import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from scumble.document import Rect
from scumble.generation import Blend, Region
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.generate.overlays import OUTLINE_POINTS, ContextOverlay, Seen, affected_path
from scumble.ui.theme import load_theme

SHARP = Blend(0, 0)


@pytest.fixture
def ragged():
    return np.random.default_rng(8).integers(0, 2, (300, 400), np.uint8) * 255


def test_a_simple_outline_keeps_every_corner():
    selection = np.zeros((300, 400), np.uint8)
    selection[20:51, 33:78] = 255
    path = affected_path(selection, SHARP, Rect(100, 200, 400, 300))
    assert path.boundingRect() == QRectF(133, 220, 45, 31)


def test_a_ragged_outline_has_few_corners_and_still_holds_everything(ragged):
    path = affected_path(ragged, SHARP, Rect(0, 0, 400, 300))
    assert path.elementCount() < 2 * OUTLINE_POINTS
    rows, columns = np.nonzero(ragged)
    assert path.boundingRect().contains(QRectF(columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1))


def test_a_part_of_the_outline_looks_as_it_does_in_the_whole(qapp):
    selection = np.zeros((300, 400), np.uint8)
    for left in range(10, 380, 40):
        selection[30:270, left : left + 20] = 255
    box = Rect(0, 0, 400, 300)
    overlay = ContextOverlay(load_theme())
    overlay.show(Seen(Region(box, (400, 300)), "", affected_path(selection, SHARP, box)))
    view = Viewport((400, 300), (500, 400)).zoomed(1.0)
    part = QRectF(130, 90, 150, 120).toRect()
    shots = []
    for clip in (QRectF(0, 0, 500, 400).toRect(), part):
        image = QImage(500, 400, QImage.Format.Format_RGB32)
        image.fill(QColor("red"))
        with QPainter(image) as painter:
            painter.setClipRect(clip)
            overlay.paint(painter, view)
        shots.append(image)
    assert shots[0].copy(part) == shots[1].copy(part)
    blank = QImage(part.size(), QImage.Format.Format_RGB32)
    blank.fill(QColor("red"))
    assert shots[1].copy(part) != blank
    assert shots[1].pixelColor(5, 5) == QColor("red")
