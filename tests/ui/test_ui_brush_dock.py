"""The brush dock in the real window: every field, the tip, the preview, and what a restart brings back."""

from __future__ import annotations

import dataclasses
import math
import time

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget

from scumble.paint import Brush, Curve
from scumble.ui.brushes.fields import GROUPS, Amount, Response
from scumble.ui.brushes.library import bundled_presets
from scumble.ui.brushes.stroke import advance, draw_stroke
from scumble.ui.brushes.tip import RADIUS, SIDE

LEFT = Qt.MouseButton.LeftButton
INK = (0.9, 0.9, 0.9)


def brush_dock(program):
    outer = program.window.findChild(QDockWidget, "brush")
    outer.raise_()
    QTest.qWait(20)
    return outer.widget()


@pytest.fixture
def dock(program):
    return brush_dock(program)


@pytest.fixture
def tools(program):
    return program.window.tools


def settled(dock, qtbot):
    qtbot.waitUntil(lambda: not dock.preview.drawing, timeout=5000)
    return dock.preview.image


def picture(brush, size=None, ratio=1.0, tool="brush"):
    size = size or QSize(200, 64)
    image = advance(draw_stroke(brush, size, ratio, INK, tool), 60.0)
    assert image is not None
    return image


def ink(image: QImage) -> float:
    """How much is covered, as a part of the picture."""
    small = image.convertToFormat(QImage.Format.Format_Alpha8)
    total = sum(sum(bytes(small.constScanLine(y))[: small.width()]) for y in range(small.height()))
    return total / 255 / small.width() / small.height()


def test_every_field_of_a_brush_has_its_control():
    rows = [row for group in GROUPS for row in group.rows]
    shown = {row.field for row in rows} | {f"{row.field}_curve" for row in rows if isinstance(row, Response)}
    assert shown == {field.name for field in dataclasses.fields(Brush)}
    assert len(rows) == len({row.field for row in rows})


def test_every_slider_reaches_both_ends_of_its_field(dock, tools):
    for row in (row for group in GROUPS for row in group.rows if isinstance(row, Amount)):
        slider = dock.sliders[row.field]
        for value in (row.low, row.high):
            slider.field.setValue(value)
            assert getattr(tools.brush, row.field) == pytest.approx(value / row.scale), row.field


def test_sliders_boxes_and_curves_show_the_brush(dock, tools):
    bent = Curve(((0.0, 0.2), (0.5, 0.9), (1.0, 1.0)))
    tools.change_brush(scatter=2.0, angle=-90.0, build_up=True, tilt_flow=True, tilt_flow_curve=bent)
    assert dock.sliders["scatter"].value == 200
    assert dock.sliders["angle"].value == -90
    assert dock.boxes["build_up"].isChecked()
    assert dock.curves["tilt_flow"].isVisibleTo(dock)
    assert dock.curves["tilt_flow"].points == bent.points
    assert not dock.curves["tilt_size"].isVisibleTo(dock)
    tools.set_tool("eraser")
    assert not dock.boxes["build_up"].isChecked()


def test_a_curve_is_bent_by_hand(dock, tools):
    dock.boxes["pressure_size"].click()
    editor = dock.curves["pressure_size"]
    QTest.qWait(20)
    QTest.mouseClick(editor, LEFT, pos=editor.place_of((0.5, 0.9)).toPoint())
    assert len(tools.brush.pressure_size_curve.points) == 3
    assert tools.brush.pressure_size_curve.points[1] == pytest.approx((0.5, 0.9), abs=0.03)


def test_a_double_click_on_a_label_resets_the_field(dock, tools):
    tools.change_brush(size=300.0, hardness=0.1)
    QTest.mouseDClick(dock.labels["size"], LEFT)
    assert tools.brush.size == 24.0
    assert tools.brush.hardness == 0.1
    tools.change_brush(pressure_flow=True, pressure_flow_curve=Curve(((0.0, 1.0), (1.0, 0.0))))
    dock.reset("pressure_flow")
    assert (tools.brush.pressure_flow, tools.brush.pressure_flow_curve) == (False, Curve())


# The tip


def test_the_tip_is_turned_and_flattened_by_dragging(dock, tools):
    tip = dock.tip
    tools.change_brush(roundness=0.5, angle=0.0)
    QTest.mousePress(tip, LEFT, pos=tip.end_of("angle").toPoint())
    QTest.mouseMove(tip, QPoint(SIDE // 2, 5))
    QTest.mouseRelease(tip, LEFT, pos=QPoint(SIDE // 2, 5))
    assert tools.brush.angle == pytest.approx(90, abs=1)
    assert tools.brush.roundness == 0.5
    short = tip.end_of("roundness")
    QTest.mousePress(tip, LEFT, pos=short.toPoint())
    centre = QPointF(SIDE / 2, SIDE / 2)
    QTest.mouseMove(tip, (centre + (short - centre) * 0.4).toPoint())
    QTest.mouseRelease(tip, LEFT, pos=QPoint(1, 1))
    assert tools.brush.roundness == pytest.approx(0.2, abs=1.5 / RADIUS)
    assert tools.brush.angle == pytest.approx(90, abs=1)


def test_the_tip_takes_keys_and_says_what_it_is(dock, tools):
    QTest.keyClick(dock.tip, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(dock.tip, Qt.Key.Key_Down)
    assert (tools.brush.angle, tools.brush.roundness) == (15.0, 0.99)
    assert dock.tip.accessibleDescription() == "Angle 15°, roundness 99 %"
    for _ in range(30):
        QTest.keyClick(dock.tip, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClick(dock.tip, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert tools.brush.roundness == 0.02
    assert -180 <= tools.brush.angle <= 180


def test_the_tip_that_is_drawn_leans_as_a_dab_does(dock, tools):
    """What the editor shows and what the engine paints lean to the same side."""
    from scumble.document import BGRA8, PaintLayer
    from scumble.document.edits import new_document
    from scumble.paint import Sample, Stroke
    from scumble.paint.dabs import Dabs

    tools.change_brush(roundness=0.3, angle=40.0, hardness=1.0)
    shown = dock.tip.grab().toImage()
    document = new_document(SIDE, SIDE, BGRA8, background=None, name="")
    assert isinstance(document.active, PaintLayer)
    with document.history.transaction("") as edit:
        brush = dataclasses.replace(tools.brush, size=2 * RADIUS)
        Stroke(document, edit, document.active.surface, brush, dabs=Dabs()).add(Sample(SIDE / 2, SIDE / 2))
    dab = document.surface(document.active.surface).read(document.bounds)[..., 3]
    for turn in (40, 130):
        reach = RADIUS * 0.7
        x = round(SIDE / 2 + math.cos(math.radians(turn)) * reach)
        y = round(SIDE / 2 - math.sin(math.radians(turn)) * reach)
        assert (shown.pixelColor(x - 2, y + 3).lightness() > 120) == (dab[y + 3, x - 2] > 128) == (turn == 40)


# The preview


def test_the_preview_is_a_stroke_of_the_engine(dock, tools, qtbot):
    settled(dock, qtbot)
    tools.change_brush(size=30.0, pressure_size=True)
    image = settled(dock, qtbot)
    expected = picture(
        tools.brush,
        dock.preview.size(),
        dock.preview.devicePixelRatioF(),
    )
    assert ink(image) == pytest.approx(ink(expected), rel=0.01)
    before = ink(image)
    tools.change_brush(opacity=0.3)
    assert ink(settled(dock, qtbot)) == pytest.approx(before * 0.3, rel=0.1)


def test_the_preview_of_the_eraser_takes_away(dock, tools, qtbot):
    before = ink(settled(dock, qtbot))
    tools.set_tool("eraser")
    image = settled(dock, qtbot)
    assert image.pixelColor(0, 0).alpha() == 255
    assert 1 - ink(image) == pytest.approx(before, rel=0.6)


def test_the_preview_is_drawn_in_slices_while_the_slider_moves(dock, tools, qtbot):
    tools.change_brush(size=3.0, spacing=0.02)
    settled(dock, qtbot)
    longest, begun = 0.0, time.perf_counter()
    drawing = draw_stroke(tools.brush, QSize(268, 72), 2.0, INK)
    slices = 0
    while True:
        begun = time.perf_counter()
        done = advance(drawing, 0.004)
        longest = max(longest, time.perf_counter() - begun)
        slices += 1
        if done is not None:
            break
    assert slices > 2
    # A slice is as long as asked for and one place of the hand more; the machine of a test may be slow.
    assert longest < 0.1


def test_many_changes_are_drawn_once(dock, tools, qtbot, monkeypatch):
    import scumble.ui.brushes.preview as module

    settled(dock, qtbot)
    begun = []
    real = module.draw_stroke
    monkeypatch.setattr(
        module, "draw_stroke", lambda brush, *rest, **named: (begun.append(brush), real(brush, *rest, **named))[1]
    )
    for size in range(10, 60):
        tools.change_brush(size=float(size))
    settled(dock, qtbot)
    assert begun[-1].size == 59.0
    assert len(begun) <= 2


@pytest.mark.parametrize("name", sorted(bundled_presets()))
def test_every_bundled_brush_leaves_paint_and_stays_in_its_picture(qapp, name):
    preset = bundled_presets()[name]
    image = picture(preset.brush, QSize(124, 42), tool=preset.tool)
    covered = ink(image)
    assert 0.015 < (1 - covered if preset.tool == "eraser" else covered) < 0.7


def test_smudging_goes_through_stripes(qapp):
    plain, smudged = (picture(Brush(size=size, hardness=0.9), tool="smudge") for size in (1.0, 30.0))
    assert ink(plain) == pytest.approx(0.5, abs=0.06)
    grey = [0 < smudged.pixelColor(x, 32).alpha() < 255 for x in range(200)]
    assert sum(grey) > 30


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_pictures_are_sharp_on_every_screen(qapp, ratio):
    image = picture(Brush(), QSize(100, 40), ratio)
    assert (image.width(), image.height()) == (round(100 * ratio), round(40 * ratio))
    assert image.devicePixelRatio() == ratio


@pytest.mark.parametrize(
    "brush", [Brush(size=2000.0, scatter=10.0), Brush(size=1.0, spacing=10.0), Brush(flow=0.01), Brush(roundness=0.02)]
)
def test_extreme_brushes_can_be_drawn(qapp, brush):
    assert picture(brush, QSize(80, 30)).width() == 80


def test_a_drawing_that_is_given_up_leaves_nothing(qapp):
    drawing = draw_stroke(Brush(), QSize(80, 30), 1.0, INK)
    next(drawing)
    drawing.close()
    assert advance(draw_stroke(Brush(), QSize(80, 30), 1.0, INK), 10.0) is not None


# Sections, and a restart


def test_sections_fold_away(dock):
    section = dock.sections["stroke"]
    assert dock.sliders["spacing"].isVisibleTo(dock)
    section.heading.click()
    assert not dock.sliders["spacing"].isVisibleTo(dock)
    assert not section.shown


def test_a_restart_brings_the_brush_of_every_tool_back(start, qtbot):
    program = start()
    tools, dock = program.window.tools, brush_dock(program)
    tools.change_brush(size=77.0, roundness=0.25, angle=-30.0, pressure_size=True, follow=True)
    tools.change_brush(pressure_size_curve=Curve(((0.0, 0.1), (0.4, 0.9), (1.0, 1.0))))
    tools.set_tool("eraser")
    tools.change_brush(hardness=0.05, build_up=True)
    brushes = dict(tools.brushes)
    dock.sections["tip"].set_shown(False)
    program.close()
    again = start()
    assert dict(again.window.tools.brushes) == brushes
    assert not brush_dock(again).sections["tip"].shown
    assert brush_dock(again).sections["pen"].shown


def test_a_drag_of_a_slider_writes_the_file_once(program, dock, tools, paths, qtbot):
    QTest.qWait(50)
    written = []
    real = program.window.memory.keep_blob
    program.window.memory.keep_blob = lambda name, value: (written.append(name), real(name, value))
    for size in range(20, 60):
        dock.sliders["size"].slider.setValue(size * 5)
    assert written == []
    qtbot.waitUntil(lambda: "painting" in written, timeout=5000)
    assert written.count("painting") == 1
