from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy import array_equal as same
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QMessageBox,
    QSlider,
    QToolButton,
)

from scumble.api import ScumbleError
from scumble.files import Choices, open_document
from scumble.ui.dialogs.new_picture import NewPicture, NewPictureDialog


def wait_for_files(program, qtbot):
    qtbot.waitUntil(lambda: not program.files.saver.busy and not program.window.background.busy, timeout=10_000)


def box() -> QMessageBox:
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible())


def answer(button: QMessageBox.StandardButton) -> None:
    QTest.mouseClick(box().button(button), Qt.MouseButton.LeftButton)


@pytest.fixture
def saved(program, session, hand, tmp_path, qtbot) -> Path:
    hand.drag((50, 50), (150, 50))
    path = tmp_path / "picture.ora"
    session.path = path
    hand.do("file.save")
    wait_for_files(program, qtbot)
    assert not session.modified
    return path


def test_it_starts_empty_and_useful(program):
    window = program.window
    assert window.session is None
    assert window.commands.action("file.new").isEnabled()
    for name in ("file.save", "edit.undo", "layer.add", "view.fit", "select.all"):
        assert not window.commands.action(name).isEnabled()
    assert window.windowTitle() == "Scumble"


def test_new_picture_by_its_dialog(program, qtbot):
    program.window.commands.action("file.new").trigger()
    dialog = program.window.findChild(NewPictureDialog)
    dialog.width_field.setValue(320)
    dialog.height_field.setValue(200)
    dialog.background.setCurrentIndex(2)
    assert dialog.preset.currentIndex() == 0
    dialog.accept()
    document = program.window.session.document
    assert (document.width, document.height) == (320, 200)
    assert not document.surface(program.window.session.surface).tiles
    assert not program.window.session.modified


def test_save_and_open_again(program, session, hand, saved, picture, qtbot):
    before = picture(session)
    hand.do("file.close")
    assert program.window.session is None
    program.files.open_paths([saved])
    wait_for_files(program, qtbot)
    again = program.window.session
    assert again.path == saved
    assert same(picture(again), before)
    assert program.window.memory.recent == (saved,)
    program.files.open_paths([saved])
    assert len(program.window.sessions) == 1


def test_saving_takes_what_was_there_when_it_was_asked_for(program, session, hand, tmp_path, picture, qtbot):
    hand.drag((50, 50), (150, 50))
    before = picture(session)
    session.path = tmp_path / "a.ora"
    hand.do("file.save")
    hand.drag((50, 200), (150, 200))
    wait_for_files(program, qtbot)
    assert session.modified
    document = open_document(session.path).document
    from scumble.render import flatten

    assert same(flatten(document.snapshot(), document.bounds), before)


def test_a_failed_save_says_so_and_keeps_everything(program, session, hand, tmp_path, qtbot):
    hand.drag((50, 50), (150, 50))
    (tmp_path / "folder").write_text("not a folder")
    session.path = tmp_path / "folder" / "a.ora"
    hand.do("file.save")
    wait_for_files(program, qtbot)
    assert session.modified
    assert program.window.messages.notes


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp", ".tif"])
def test_export(program, session, hand, tmp_path, qtbot, ending):
    hand.drag((50, 50), (150, 50))
    path = tmp_path / f"flat{ending}"
    program.files.export_now(session, path, Choices(quality=90))
    wait_for_files(program, qtbot)
    image = QImage(str(path)) if ending in (".png", ".jpg") else None
    if image is not None:
        assert (image.width(), image.height()) == (400, 300)
        assert image.pixelColor(100, 50).lightness() < 30
    else:
        assert open_document(path).document.width == 400
    assert session.modified


def test_save_as_asks_for_a_file(program, session, hand, tmp_path, qtbot):
    hand.do("file.save")
    dialog = program.window.findChild(QFileDialog)
    assert dialog.isVisible()
    dialog.fileSelected.emit(str(tmp_path / "named.ora"))
    dialog.reject()
    wait_for_files(program, qtbot)
    assert session.path == tmp_path / "named.ora"
    assert program.window.tabs.tabText(0) == "named.ora"


def test_dropping_files_opens_them(program, saved, qtbot):
    program.window.drop_session(program.window.session)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(saved))])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    program.window.dropEvent(event)
    wait_for_files(program, qtbot)
    assert program.window.session.path == saved


def test_what_is_no_picture_is_told_calmly(program, tmp_path, qtbot):
    path = tmp_path / "notes.png"
    path.write_text("this is text")
    program.files.open_paths([path])
    wait_for_files(program, qtbot)
    assert program.window.session is None
    assert len(program.window.messages.notes) == 1
    program.window.messages.notes[0].dismiss()
    assert program.window.messages.notes == ()


def test_unsaved_changes_are_asked_about(program, session, hand):
    hand.drag((50, 50), (150, 50))
    assert program.window.tabs.tabText(0).startswith("•")
    hand.do("file.close")
    answer(QMessageBox.StandardButton.Cancel)
    assert program.window.session is session
    hand.do("file.close")
    answer(QMessageBox.StandardButton.Discard)
    assert program.window.session is None


def test_tabs_keep_their_views(program, session, hand):
    window = program.window
    window.canvas.set_viewport(window.canvas.viewport.zoomed(3.0))
    other = program.files.create(NewPicture(64, 64, None))
    assert window.session is other
    assert window.canvas.viewport.zoom == 4.0
    window.tabs.setCurrentIndex(0)
    assert window.session is session
    assert window.canvas.viewport.zoom == pytest.approx(3.0)
    window.tabs.moveTab(0, 1)
    assert window.sessions == (other, session)
    assert window.session is session


def test_clipboard_there_and_back(program, session, hand, picture):
    hand.do("layer.add")
    program.window.tools.set_foreground((1.0, 0.0, 0.0))
    program.window.tools.change_brush(hardness=0.0)
    hand.drag((100, 100), (150, 120))
    hand.do("tool.select")
    hand.drag((90, 90), (160, 140))
    before = picture(session)
    hand.do("edit.cut")
    assert same(picture(session)[95:135, 95:155], np.full((40, 60, 4), 255, np.uint8))
    hand.do("edit.paste")
    assert session.document.active.name == "Pasted 1"
    assert np.abs(picture(session).astype(int) - before).max() <= 1
    assert session.document.history.names[-2:] == ("Cut", "Paste")


def test_a_picture_of_another_program_is_pasted_in_the_middle(program, session, hand):
    image = QImage(20, 10, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.blue)
    QGuiApplication.clipboard().setImage(image)
    hand.do("edit.paste")
    bounds = session.document.surface(session.surface).bounds()
    assert (bounds.x, bounds.y, bounds.width, bounds.height) == (190, 145, 20, 10)


def test_copy_merged_takes_all_that_is_seen(program, session, hand):
    hand.do("layer.add")
    hand.do("select.all")
    hand.do("edit.copy-merged")
    image = QGuiApplication.clipboard().image()
    assert image.pixelColor(10, 10).getRgb() == (255, 255, 255, 255)


def test_clear_and_fill_keep_to_the_selection(program, session, hand, picture):
    program.window.tools.set_foreground((0.0, 1.0, 0.0))
    hand.do("tool.select")
    hand.drag((100, 100), (200, 200))
    hand.do("edit.fill")
    assert tuple(picture(session)[150, 150]) == (0, 255, 0, 255)
    assert tuple(picture(session)[50, 50]) == (255, 255, 255, 255)
    hand.do("edit.clear")
    assert picture(session)[150, 150, 3] == 0
    hand.do("select.invert")
    hand.do("edit.clear")
    assert not picture(session).any()
    for _ in range(4):
        hand.do("edit.undo")
    assert tuple(picture(session)[150, 150]) == (255, 255, 255, 255)


def test_the_zoom_field_and_the_zoom_keys(program, session, hand):
    window = program.window
    window.status.zoom.setCurrentText("250 %")
    window.status.zoom.lineEdit().returnPressed.emit()
    assert window.canvas.viewport.zoom == pytest.approx(2.5)
    hand.key(Qt.Key.Key_1)
    assert window.canvas.viewport.zoom == 1.0
    hand.key(Qt.Key.Key_2)
    assert window.canvas.viewport == window.canvas.viewport.fitted()
    window.status.zoom.setCurrentText("nonsense")
    window.status.zoom.lineEdit().returnPressed.emit()
    assert "%" in window.status.zoom.currentText()


def test_the_status_bar_follows_the_pointer(program, session, hand, qtbot):
    hand.move(123.5, 45.5, button=Qt.MouseButton.NoButton)
    qtbot.waitUntil(lambda: program.window.status._place.text() in ("123, 45", "124, 46"))
    assert program.window.status._size.text() == "400 × 300"


def test_errors_have_details_and_are_not_repeated(program):
    for _ in range(3):
        program.window.show_error(ScumbleError("internal", where="a test", details="the report"))
    notes = program.window.messages.notes
    assert len(notes) == 1
    button = next(b for b in notes[0].findChildren(QAbstractButton) if "Details" in b.text())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert program.window.messages.notes == ()


def test_everything_to_click_has_a_name(program, session):
    window = program.window
    for button in window.findChildren(QToolButton):
        if button.isVisible() and not button.parent().inherits("QTabBar"):
            assert button.accessibleName() or button.toolTip() or button.text(), button
    for kind in (QSlider, QComboBox):
        for widget in window.findChildren(kind):
            if widget.isVisible():
                assert widget.accessibleName(), widget


def test_no_shortcut_is_given_twice(program):
    seen: dict[str, str] = {}
    for command in program.window.commands:
        for keys in program.window.commands.action(command.id).shortcuts():
            assert keys.toString() not in seen, (command.id, seen[keys.toString()])
            seen[keys.toString()] = command.id


def test_every_icon_that_is_named_is_there(program):
    for command in program.window.commands:
        if command.icon:
            assert not program.window.icons.icon(command.icon).isNull(), command.icon
            assert not program.window.icons.pixmap(command.icon, 24, 2.0).isNull()


def test_the_arrangement_is_remembered(start):
    program = start()
    history = next(dock for dock in program.window.findChildren(object) if dock.objectName() == "history")
    history.hide()
    program.close()
    again = start()
    QTest.qWait(20)
    dock = next(dock for dock in again.window.findChildren(object) if dock.objectName() == "history")
    assert dock.isHidden()


def test_autosave_offers_what_a_crash_left(start, paths, qtbot, tmp_path):
    code = f"""
import os, sys
from pathlib import Path
from scumble.files import Autosave
from scumble.document import BGRA8
from scumble.document.edits import new_document
kept = Autosave(Path({str(paths.autosave)!r}))
document = new_document(64, 48, BGRA8, background=(1.0, 0.0, 0.0), name="Red")
kept.save("a", document.snapshot(), title="Lost").result()
os._exit(9)
"""
    subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    program = start()
    notes = program.window.messages.notes
    assert len(notes) == 1
    assert "Lost" in notes[0].text
    recover = next(b for b in notes[0].findChildren(QAbstractButton) if b.text() == "Recover")
    QTest.mouseClick(recover, Qt.MouseButton.LeftButton)
    wait_for_files(program, qtbot)
    session = program.window.session
    assert (session.document.width, session.document.height) == (64, 48)
    assert session.modified
    program.close()


def test_autosave_writes_what_changed_and_clears_up(program, session, hand, paths, qtbot):
    program.autosaver.save_now()
    assert not list(paths.autosave.glob("*.ora"))
    hand.drag((50, 50), (150, 50))
    program.autosaver.save_now()
    qtbot.waitUntil(lambda: len(list(paths.autosave.glob("*.ora"))) == 1, timeout=10_000)
    program.window.drop_session(session)
    qtbot.waitUntil(lambda: not list(paths.autosave.glob("*.ora")), timeout=10_000)


def test_diagnostics_are_copied(program, session, hand):
    hand.do("help.diagnostics")
    text = QGuiApplication.clipboard().text()
    assert "Scumble" in text
    assert "400×300" in text


def test_the_settings_dialog_changes_settings(program):
    from scumble.ui.dialogs.preferences import PreferencesDialog

    program.window.commands.action("app.settings").trigger()
    dialog = program.window.findChild(PreferencesDialog)
    dialog.fields["files.autosave-minutes"].setValue(7)
    dialog.fields["generate.apply"].setChecked(True)
    assert program.window.settings.number("files.autosave-minutes") == 7
    assert program.window.settings.flag("generate.apply")
    dialog.reject()


def test_the_window_never_imports_torch(tmp_path):
    code = """
import sys
from pathlib import Path
from scumble.app.window import build
from scumble.settings.paths import Paths
root = Path(sys.argv[1])
program = build(Paths(root / "a", root / "b", root / "c"), service=False)
program.window.show()
program.finish()
program.app.processEvents()
heavy = {"torch", "diffusers", "transformers", "safetensors"} & set(sys.modules)
program.close()
sys.exit(f"imported: {heavy}" if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_a_small_picture_is_shown_enlarged_by_a_whole_factor(program):
    zooms = []
    for side in (64, 200, 5000):
        program.files.create(NewPicture(side, side, (1.0, 1.0, 1.0)))
        QTest.qWait(10)
        zooms.append(program.window.canvas.viewport.zoom)
    assert zooms[0] == 4.0
    assert zooms[1] in (2.0, 3.0)
    assert zooms[2] < 1.0


def test_a_message_shows_markup_as_it_is(program):
    note = program.window.messages.show_message("A plugin called <b>bold</b>")
    label = next(label for label in note.findChildren(QLabel) if label.text())
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_the_window_fits_on_a_small_screen(program):
    program.window.resize(1024, 700)
    QTest.qWait(20)
    assert program.window.width() == 1024


def test_a_fitted_picture_stays_fitted_until_one_zooms(program, session, hand):
    window = program.window
    hand.do("view.fit")
    window.resize(1000, 640)
    QTest.qWait(20)
    assert window.canvas.viewport == window.canvas.viewport.fitted()
    hand.do("view.in")
    zoom = window.canvas.viewport.zoom
    window.resize(1280, 800)
    QTest.qWait(20)
    assert window.canvas.viewport.zoom == zoom


def test_nothing_moves_under_a_stroke(program, session, hand):
    window = program.window
    hand.do("view.fit")
    hand.press(100, 100)
    before = window.canvas.viewport.to_view(100, 100)
    window.resize(1000, 640)
    QTest.qWait(20)
    assert window.canvas.viewport.to_view(100, 100) == before
    hand.release(100, 100)
