"""Brush presets: files, library, and the dock in the real window."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QInputDialog, QMenu

from scumble.api import ScumbleError
from scumble.paint import Brush, Curve
from scumble.ui.brushes.library import bundled_presets
from scumble.ui.brushes.preset import (
    CATEGORIES,
    SUFFIX,
    Preset,
    brush_from,
    brush_values,
    read_preset,
    write_preset,
)
from scumble.ui.brushes.thumbnails import Thumbnails
from scumble.ui.shelf import bundled_files
from scumble.ui.theme import load_theme
from scumble.ui.toolbox import FACES

LEFT = Qt.MouseButton.LeftButton


def presets_dock(program):
    outer = program.window.findChild(QDockWidget, "presets")
    outer.raise_()
    QTest.qWait(30)
    return outer.widget()


@pytest.fixture
def dock(program):
    return presets_dock(program)


@pytest.fixture
def tools(program):
    return program.window.tools


def take(dock, name):
    dock.grid.set_current(name)
    QTest.qWait(10)
    index = dock.grid.presets.index(dock.grid.presets.names.index(name))
    dock.grid.scrollTo(index)
    QTest.mouseClick(dock.grid.viewport(), LEFT, pos=dock.grid.visualRect(index).center())


def answer(text):
    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QInputDialog) and w.isVisible())
    dialog.setTextValue(text)
    dialog.accept()
    QTest.qWait(10)


def menu_of(dock, name):
    menu = QMenu()
    dock._fill(menu, name)
    return menu


def choose(dock, name, start):
    menu = menu_of(dock, name)
    action = next(action for action in menu.actions() if action.text().startswith(start))
    assert action.isEnabled(), start
    action.trigger()


def own_files(paths):
    return sorted(file.name for file in paths.brushes.glob("*")) if paths.brushes.is_dir() else []


# Files

parts = st.floats(0.0, 1.0, allow_nan=False)
curves = st.builds(
    lambda start, inner, end: Curve(((0.0, start), *sorted({x: (x, y) for x, y in inner}.values()), (1.0, end))),
    parts,
    st.lists(st.tuples(st.floats(0.01, 0.99), parts), max_size=4),
    parts,
)
brushes = st.builds(
    Brush,
    size=st.floats(1.0, 2000.0),
    hardness=parts,
    roundness=st.floats(0.02, 1.0),
    angle=st.floats(-180, 180),
    scatter=st.floats(0, 10),
    build_up=st.booleans(),
    pressure_size=st.booleans(),
    pressure_size_curve=curves,
    tilt_flow_curve=curves,
)


@given(brushes, st.sampled_from(sorted(CATEGORIES)), st.sampled_from(["brush", "eraser", "mask"]))
def test_what_is_written_is_read(brush, category, tool):
    preset = Preset("A “name” ü", brush, category, tool)
    assert read_preset(write_preset(preset), "x") == preset


def test_only_what_differs_is_written():
    assert brush_values(Brush()) == {}
    assert brush_values(Brush(size=5.0)) == {"size": 5.0}
    assert brush_from({"size": 5, "a field of tomorrow": 1}) == Brush(size=5.0)


def changed(**values):
    document = json.loads(write_preset(Preset("P", Brush())))
    return json.dumps({**document, **values}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[1, 2]",
        b"\xff\xfe\x00",
        b'{"format": "something else"}',
        b"[" * 100_000,
        b" " * (1 << 19),
        changed(version=99),
        changed(version="1"),
        changed(name=""),
        changed(name=3),
        changed(brush=None),
        changed(brush={"size": -3}),
        changed(brush={"size": "large"}),
        changed(brush={"size": 1e400}),
        changed(brush={"pressure_size_curve": {"points": [[0, 0]]}}),
        changed(brush={"pressure_size_curve": {"points": [[1, 0], [0, 1]]}}),
    ],
)
def test_what_is_no_preset_is_refused_with_one_sentence(data):
    with pytest.raises(ScumbleError) as caught:
        read_preset(data, "odd.scumblebrush")
    assert caught.value.code == "preset-broken"
    assert "odd.scumblebrush" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_what_is_only_unknown_is_put_up_with():
    preset = read_preset(changed(category="of tomorrow", tool=7, extra=1), "x")
    assert (preset.category, preset.tool) == ("own", "brush")


def test_bundled_presets_are_different_and_fit_their_tools():
    presets = bundled_presets()
    assert len(presets) >= 16
    assert len({preset.brush for preset in presets.values()}) == len(presets)
    assert len({preset.name for preset in presets.values()}) == len(presets)
    used = {preset.category for preset in presets.values()}
    assert {"smudge", "pencil", "ink", "paint", "airbrush", "texture", "eraser", "mask"} <= used
    for name, preset in presets.items():
        assert preset.tool in FACES or preset.tool == "smudge", name
    known = {field.name for field in dataclasses.fields(Brush)}
    import tomllib

    for category, data in bundled_files("brushes", ".toml").items():
        assert category in CATEGORIES
        for table in tomllib.loads(data.decode())["preset"]:
            assert set(table["brush"]) <= known, table["id"]
            assert set(table) <= {"id", "name", "tool", "brush"}


# Choosing


def test_a_click_takes_tool_and_brush_in_hand(dock, tools):
    take(dock, "soft-eraser")
    assert tools.tool == "eraser"
    assert tools.brush == bundled_presets()["soft-eraser"].brush
    take(dock, "charcoal")
    assert tools.tool == "brush"
    assert tools.brush == bundled_presets()["charcoal"].brush
    assert dock.name.text() == "Charcoal"
    tools.set_tool("eraser")
    assert dock.name.text() == "Soft eraser"


def test_the_first_brushes_are_presets(dock, tools):
    assert dock.name.text() == "Round"
    tools.set_tool("mask")
    assert dock.name.text() == "Mask brush"
    tools.set_tool("move")
    assert dock.name.text() == "Round"


def test_a_changed_brush_is_marked_and_comes_back(dock, tools):
    take(dock, "flat")
    assert not dock.reload.isEnabled()
    tools.change_brush(size=99.0)
    assert dock.name.text() == "• Flat"
    assert dock.save.isEnabled()
    QTest.mouseClick(dock.reload, LEFT)
    assert tools.brush == bundled_presets()["flat"].brush
    assert dock.name.text() == "Flat"


def test_the_key_goes_back_and_forth(program, session, hand, dock, tools):
    take(dock, "ink-pen")
    take(dock, "soft-eraser")
    program.window.canvas.setFocus()
    hand.key(Qt.Key.Key_Comma)
    assert (tools.tool, dock.name.text()) == ("brush", "Ink pen")
    hand.key(Qt.Key.Key_Comma)
    assert (tools.tool, dock.name.text()) == ("eraser", "Soft eraser")


def test_search_and_categories(dock):
    dock.search.setText("pen")
    names = {dock.grid.presets.data(dock.grid.presets.index(row)) for row in range(dock.grid.presets.rowCount())}
    assert {"Ink pen", "Technical pen", "Brush pen", "Pencil"} <= names
    assert "Airbrush" not in names
    dock.search.setText("PEN technical")
    assert dock.grid.presets.names == ("technical-pen",)
    dock.search.setText("no such")
    assert dock.empty.isVisible()
    assert not dock.grid.isVisible()
    dock.search.clear()
    dock.categories.setCurrentIndex(dock.categories.findData("airbrush"))
    dock.categories.activated.emit(dock.categories.currentIndex())
    assert dock.grid.presets.names == ("airbrush", "fine-airbrush")
    assert not dock.empty.isVisible()


def test_keys_walk_and_take(dock, tools):
    dock.grid.set_current("pencil")
    QTest.keyClick(dock.grid, Qt.Key.Key_Right)
    QTest.keyClick(dock.grid, Qt.Key.Key_Return)
    assert dock.name.text() == "Soft pencil"
    QTest.keyClick(dock.grid, Qt.Key.Key_Down)
    QTest.keyClick(dock.grid, Qt.Key.Key_Return)
    assert dock.name.text() == "Charcoal"


# A person's own


def test_saving_renaming_overwriting_and_deleting(dock, tools, paths):
    tools.change_brush(size=61.0, scatter=0.5)
    dock.search.setText("airbrush")
    QTest.mouseClick(dock.save_as, LEFT)
    answer("  Rain   drops ")
    assert own_files(paths) == [f"own-rain-drops{SUFFIX}"]
    name = "own-rain-drops"
    assert dock.name.text() == "Rain drops"
    assert name in dock.grid.presets.names
    tools.change_brush(size=70.0)
    QTest.mouseClick(dock.save, LEFT)
    assert read_preset((paths.brushes / f"{name}{SUFFIX}").read_bytes(), "").brush.size == 70.0
    assert dock.name.text() == "Rain drops"
    choose(dock, name, "Rename")
    answer("Hail")
    assert dock.name.text() == "Hail"
    choose(dock, name, "Delete")
    assert own_files(paths) == []
    assert dock.name.text() == "No preset"
    assert tools.brush.size == 70.0


def test_two_of_one_name_are_two(dock, paths):
    for _ in range(2):
        dock.ask_save_as()
        answer("Same")
    assert own_files(paths) == [f"own-same-2{SUFFIX}", f"own-same{SUFFIX}"]


def test_one_that_came_along_is_changed_and_reset(dock, tools, paths):
    take(dock, "pencil")
    tools.change_brush(size=9.0)
    dock.overwrite()
    assert own_files(paths) == [f"pencil{SUFFIX}"]
    take(dock, "flat")
    take(dock, "pencil")
    assert tools.brush.size == 9.0
    choose(dock, "pencil", "Reset")
    assert own_files(paths) == []
    QTest.mouseClick(dock.reload, LEFT)
    assert tools.brush == bundled_presets()["pencil"].brush
    menu = menu_of(dock, "pencil")
    reset = next(action for action in menu.actions() if "Reset" in action.text())
    assert not reset.isEnabled()


def test_a_preset_is_moved_to_another_category(dock, paths):
    dock.ask_save_as()
    answer("Blot")
    menu = menu_of(dock, "own-blot")
    sub = next(action.menu() for action in menu.actions() if action.text() == "Category")
    assert [action.text() for action in sub.actions() if action.isChecked()] == ["Mine"]
    next(action for action in sub.actions() if action.text() == "Ink").trigger()
    assert read_preset((paths.brushes / f"own-blot{SUFFIX}").read_bytes(), "").category == "ink"
    dock.search.setText("ink")
    assert "own-blot" in dock.grid.presets.names


def test_export_and_import(program, dock, tools, tmp_path, paths):
    out = tmp_path / f"out{SUFFIX}"
    dock._library.write("brush-pen", out)
    broken = tmp_path / f"broken{SUFFIX}"
    broken.write_text("{")
    dock.import_files([str(broken), str(out), str(tmp_path / "none")])
    notes = [note.text for note in program.window.messages.notes]
    assert any("broken" in note for note in notes)
    assert any("none" in note for note in notes)
    assert own_files(paths) == [f"own-brush-pen{SUFFIX}"]
    assert tools.brush == bundled_presets()["brush-pen"].brush


def test_a_disk_that_refuses_changes_nothing(program, dock, tools, paths):
    paths.brushes.parent.mkdir(parents=True, exist_ok=True)
    paths.brushes.write_text("in the way")
    count = len(dock.grid.presets.names)
    dock.ask_save_as()
    answer("Lost")
    assert len(dock.grid.presets.names) == count
    assert dock.name.text() == "Round"
    assert any("could not be kept" in note.text for note in program.window.messages.notes)


def test_fields_are_reset_to_the_preset(program, dock, tools):
    take(dock, "calligraphy")
    tools.change_brush(roundness=0.9)
    settings = program.window.findChild(QDockWidget, "brush").widget()
    settings.reset("roundness")
    assert tools.brush.roundness == bundled_presets()["calligraphy"].brush.roundness


# A restart


def test_a_restart_brings_presets_choice_and_changes_back(start, paths):
    program = start()
    dock, tools = presets_dock(program), program.window.tools
    tools.change_brush(size=33.0, angle=12.0)
    dock.ask_save_as()
    answer("Kept")
    take(dock, "charcoal")
    tools.change_brush(size=50.0)
    tools.set_tool("eraser")
    take(dock, "soft-eraser")
    program.close()
    again = start()
    dock, tools = presets_dock(again), again.window.tools
    assert "own-kept" in dock.grid.presets.names
    assert dock.name.text() == "• Charcoal"
    assert tools.brush.size == 50.0
    tools.set_tool("eraser")
    assert dock.name.text() == "Soft eraser"
    take(dock, "own-kept")
    assert (tools.tool, tools.brush.size, tools.brush.angle) == ("brush", 33.0, 12.0)


def test_broken_presets_are_told_of_and_left_alone(start, paths):
    paths.brushes.mkdir(parents=True)
    (paths.brushes / f"bad{SUFFIX}").write_bytes(b"\x00")
    (paths.brushes / f"pencil{SUFFIX}").write_bytes(b"{}")
    program = start()
    dock = presets_dock(program)
    notes = [note.text for note in program.window.messages.notes]
    assert any(f"bad{SUFFIX}" in note for note in notes)
    assert any(f"pencil{SUFFIX}" in note for note in notes)
    take(dock, "pencil")
    assert program.window.tools.brush == bundled_presets()["pencil"].brush
    assert (paths.brushes / f"bad{SUFFIX}").read_bytes() == b"\x00"


def test_a_preset_of_a_tool_that_is_not_there_is_not_shown(start, paths):
    paths.brushes.mkdir(parents=True)
    (paths.brushes / f"own-x{SUFFIX}").write_bytes(write_preset(Preset("Of tomorrow", Brush(), "own", "hologram")))
    assert "own-x" not in presets_dock(start()).grid.presets.names


# Pictures


def test_pictures_are_drawn_in_idle_time_and_kept(qapp, qtbot, tmp_path):
    preset = Preset("P", Brush(size=20.0))
    first = Thumbnails(tmp_path / "cache", load_theme(), QSize(124, 42))
    assert first.get(preset, 2.0) is None
    with qtbot.waitSignal(first.made, timeout=5000):
        pass
    drawn = first.get(preset, 2.0)
    assert drawn is not None
    assert drawn.devicePixelRatio() == 2.0
    assert first.waiting == 0
    assert len(list((tmp_path / "cache").iterdir())) == 1
    second = Thumbnails(tmp_path / "cache", load_theme(), QSize(124, 42))
    kept = second.get(preset, 2.0)
    assert kept is not None
    assert kept.toImage().pixelColor(124, 42) == drawn.toImage().pixelColor(124, 42)
    assert second.get(dataclasses.replace(preset, brush=Brush(size=21.0)), 2.0) is None
    assert second.get(dataclasses.replace(preset, name="Another name"), 2.0) is not None
    assert second.get(preset, 1.0) is None


def test_a_broken_picture_is_drawn_again(qapp, qtbot, tmp_path):
    preset = Preset("P", Brush())
    first = Thumbnails(tmp_path, load_theme(), QSize(60, 20))
    first.get(preset, 1.0)
    qtbot.waitUntil(lambda: first.waiting == 0)
    next(tmp_path.iterdir()).write_bytes(b"no picture")
    second = Thumbnails(tmp_path, load_theme(), QSize(60, 20))
    assert second.get(preset, 1.0) is None
    qtbot.waitUntil(lambda: second.get(preset, 1.0) is not None)


def test_a_cache_that_cannot_be_written_is_done_without(qapp, qtbot, tmp_path):
    (tmp_path / "file").write_text("in the way")
    made = Thumbnails(tmp_path / "file" / "cache", load_theme(), QSize(60, 20))
    made.get(Preset("P", Brush()), 1.0)
    qtbot.waitUntil(lambda: made.get(Preset("P", Brush()), 1.0) is not None)


def test_old_pictures_are_let_go(qapp, qtbot, tmp_path, monkeypatch):
    import scumble.ui.brushes.thumbnails as module

    monkeypatch.setattr(module, "MOST", 3)
    for number in range(8):
        (tmp_path / f"{number}.png").write_bytes(b"x")
    made = Thumbnails(tmp_path, load_theme(), QSize(60, 20))
    made.get(Preset("P", Brush()), 1.0)
    qtbot.waitUntil(lambda: made.waiting == 0)
    assert len(list(tmp_path.glob("*.png"))) == 4


def test_all_the_pictures_come_while_the_dock_is_seen(dock, qtbot):
    names = dock.grid.presets.names
    assert len(names) >= 16
    delegate = dock.grid.itemDelegate()
    qtbot.waitUntil(lambda: delegate._thumbnails.waiting == 0, timeout=20_000)
    shown = dock.grid.grab().toImage()
    assert len({shown.pixelColor(x, y).rgb() for x in range(0, shown.width(), 3) for y in range(0, 150, 3)}) > 10
