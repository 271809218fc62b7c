from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from scumble.document import Rect
from scumble.ui.canvas.viewport import MARGIN, MAX_ZOOM, MIN_ZOOM, STEPS, Viewport

VIEW = Viewport((1000, 500), (800, 600))


@given(st.floats(0.02, 60), st.floats(0, 800), st.floats(0, 600), st.sampled_from([1.0, 1.5, 2.0]), st.floats(0.02, 60))
def test_the_point_under_the_cursor_stays(zoom, x, y, ratio, other):
    view = Viewport((20000, 20000), (800, 600), ratio=ratio).zoomed(zoom, QPointF(0, 0)).moved(-50, -50)
    anchor = QPointF(x, y)
    before = view.to_document(anchor)
    if not (0 <= before[0] <= 20000 and 0 <= before[1] <= 20000):
        return
    after = view.zoomed(other, anchor)
    assert after.zoom == pytest.approx(other)
    seen = after.to_view(*before)
    slack = 1.0 / ratio
    limited = after.origin[0] >= 800 - MARGIN - 1 or after.origin[1] >= 600 - MARGIN - 1
    shrunk = 20000 * after.scale + after.origin[0] <= MARGIN + 1 or 20000 * after.scale + after.origin[1] <= MARGIN + 1
    if not (limited or shrunk):
        assert abs(seen.x() - x) <= slack
        assert abs(seen.y() - y) <= slack


@given(st.floats(-1000, 2000), st.floats(-1000, 2000), st.floats(0.02, 60))
def test_to_view_and_back(x, y, zoom):
    view = VIEW.zoomed(zoom)
    back = view.to_document(view.to_view(x, y))
    assert back == pytest.approx((x, y), abs=1e-6)


def test_fit_shows_all_in_the_middle():
    fitted = VIEW.fitted()
    seen = fitted.to_view_rect(Rect(0, 0, 1000, 500))
    assert QRectF(0, 0, 800, 600).contains(seen)
    assert seen.center().x() == pytest.approx(400, abs=1)
    assert seen.center().y() == pytest.approx(300, abs=1)
    assert fitted.fitted_width().to_view_rect(Rect(0, 0, 1000, 500)).width() == pytest.approx(752)


def test_zoom_has_limits_and_steps():
    assert VIEW.zoomed(1e6).zoom == MAX_ZOOM
    assert VIEW.zoomed(1e-6).zoom == MIN_ZOOM
    view = VIEW.zoomed(1.0)
    for expected in STEPS[STEPS.index(1) + 1 :]:
        view = view.stepped(1)
        assert view.zoom == pytest.approx(expected)
    assert view.stepped(1).zoom == MAX_ZOOM
    assert VIEW.zoomed(0.9).stepped(-1).zoom == pytest.approx(2 / 3)


def test_something_always_stays_in_sight():
    for dx, dy in ((1e5, 0), (-1e5, 0), (0, 1e5), (0, -1e5)):
        assert not VIEW.moved(dx, dy).visible.empty


def test_100_percent_is_a_screen_pixel_a_pixel():
    view = Viewport((100, 100), (400, 400), ratio=2.0).zoomed(1.0)
    assert view.scale == 0.5
    assert view.resized((200, 200), 1.0).scale == 1.0


def test_rectangles_of_the_view_hold_whole_pixels():
    view = VIEW.zoomed(3.0).moved(-1e4, -1e4).moved(300, 300)
    rect = Rect(7, 5, 11, 13)
    assert view.to_document_rect(view.to_view_rect(rect)) == rect
