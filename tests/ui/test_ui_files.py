"""Opening, saving and exporting in the real window: progress, calling off, choices and what is told."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

import scumble.ui.saving as saving
from scumble.api import Cancelled
from scumble.document import BGRA8, Rect
from scumble.document.edits import new_document
from scumble.files import Choices, export_document, open_document
from scumble.ui.actions import file as file_actions
from scumble.ui.dialogs.export import ExportDialog
from scumble.ui.exporting import remembered
from scumble.ui.startpage import StartPage
from scumble.ui.work import WorkBar

DATA = Path(__file__).parents[1] / "files" / "data"


def bar_of(program):
    return program.window.findChild(WorkBar)


def texts(program):
    return [note.text for note in program.window.messages.notes]


@pytest.fixture
def dialog(program, session, tmp_path):
    """Opens the export dialog for an ending."""

    def opened(ending):
        program.files._export_to(session, tmp_path / f"out.{ending}")
        return program.window.findChildren(ExportDialog)[-1]

    return opened


# Choices


def test_an_export_as_it_was_chosen(qtbot, program, dialog, tmp_path):
    asked = dialog("jpg")
    qtbot.waitUntil(lambda: "about" in asked.file_size.text())
    first = asked.file_size.text()
    asked.progressive.click()
    asked.quality.field.setValue(10)
    assert asked.choices == Choices(quality=10, progressive=True)
    qtbot.waitUntil(lambda: asked.file_size.text() != first)
    asked.accept()
    path = tmp_path / "out.jpg"
    qtbot.waitUntil(lambda: path.exists() and not program.files.saver.busy)
    with Image.open(path) as image:
        assert image.info["progressive"]


def test_choices_are_remembered_for_each_format(qtbot, program, dialog, tmp_path):
    asked = dialog("webp")
    asked.lossless.click()
    assert not asked.quality.isEnabled()
    asked.accept()
    qtbot.waitUntil(lambda: (tmp_path / "out.webp").exists() and not program.files.saver.busy)
    again = dialog("webp")
    assert again.lossless.isChecked()
    other = dialog("png")
    assert other.choices == Choices()
    other.reject()
    again.reject()
    qtbot.waitUntil(lambda: program.window.background.busy == 0)


def test_broken_memory_of_choices_gives_the_defaults(program):
    from scumble.files import FORMATS

    program.window.memory.keep_blob("export.JPEG", b"{]")
    assert remembered(program.window.memory, FORMATS[2], 77) == Choices(quality=77)


@pytest.mark.parametrize(
    ("ending", "shown"),
    [
        ("png", {"compression", "metadata", "recipes"}),
        ("jpg", {"quality", "progressive", "matte", "metadata", "recipes"}),
        ("webp", {"quality", "lossless", "metadata", "recipes"}),
        ("tif", {"metadata", "recipes"}),
        ("bmp", {"matte"}),
    ],
)
def test_only_what_the_format_knows_is_asked(qtbot, program, dialog, ending, shown):
    asked = dialog(ending)
    names = ("quality", "compression", "lossless", "progressive", "matte", "metadata", "recipes")
    assert {name for name in names if getattr(asked, name).isVisible()} == shown
    for name in shown:
        control = getattr(asked, name)
        assert control.accessibleName() or control.findChildren(type(control)) or hasattr(control, "text") or name
    asked.reject()
    qtbot.waitUntil(lambda: program.window.background.busy == 0)


def test_photoshop_is_written_without_questions_and_opens_with_its_layers(qtbot, program, session, tmp_path):
    path = tmp_path / "out.psd"
    program.files._export_to(session, path)
    qtbot.waitUntil(lambda: path.exists() and not program.files.saver.busy)
    assert not program.window.findChildren(ExportDialog)
    program.files.open_paths([path])
    qtbot.waitUntil(lambda: len(program.window.sessions) == 2)
    opened = program.window.sessions[1]
    assert [layer.name for layer in opened.document.layers] == ["Background"]
    assert opened.path is None  # so that Save asks for a file that keeps everything
    assert opened.source == path


def test_what_an_export_could_not_hold_is_told(qtbot, program, session, tmp_path):
    with session.document.history.transaction("hole") as edit:
        edit.put(session.surface, Rect(0, 0, 9, 9), np.zeros((9, 9, 4), np.uint8))
    program.files.export_now(session, tmp_path / "a.jpg", Choices())
    qtbot.waitUntil(lambda: texts(program) == ["JPEG knows no transparency, so the picture was put on white."])


# What is told of a file


def test_many_remarks_become_one_list(qtbot, program, tmp_path):
    program.files._tell(Path("a.psd"), [f"thing {number}" for number in range(5)])
    assert texts(program) == ["5 things in “a.psd” are not as they were in the file."]
    program.files._tell(Path("a.psd"), ["one thing"])
    assert texts(program)[1:] == ["one thing"]


# Calling off


class Gate:
    """Holds a worker at its next step until it is told to go on."""

    def __init__(self, call, monkeypatch, module, name):
        self.reached, self.go = threading.Event(), threading.Event()

        def held(*args, progress, **more):
            def step(done, total):
                self.reached.set()
                assert self.go.wait(10)
                progress(done, total)

            return call(*args, progress=step, **more)

        monkeypatch.setattr(module, name, held)


@pytest.fixture
def held_save(monkeypatch):
    return Gate(saving.save_document, monkeypatch, saving, "save_document")


@pytest.fixture
def held_open(monkeypatch):
    return Gate(file_actions.open_document, monkeypatch, file_actions, "open_document")


def test_a_save_that_takes_long_shows_how_far_it_is(qtbot, program, session, tmp_path, held_save):
    path = tmp_path / "a.ora"
    program.files._write(session, path, lambda: None)
    qtbot.waitUntil(held_save.reached.is_set)
    bar = bar_of(program)
    qtbot.waitUntil(bar.isVisible)
    assert [work.title for work in bar.works] == ["Saving a.ora"]
    held_save.go.set()
    qtbot.waitUntil(lambda: not program.files.saver.busy)
    assert not bar.isVisible()
    assert path.exists()
    assert not session.modified


@pytest.mark.parametrize("how", ["button", "escape"])
def test_a_save_that_is_called_off_leaves_the_old_file(qtbot, program, session, tmp_path, held_save, how):
    path = tmp_path / "a.ora"
    path.write_bytes(b"the old one")
    program.files._write(session, path, lambda: pytest.fail("it was not saved"))
    qtbot.waitUntil(held_save.reached.is_set)
    bar = bar_of(program)
    qtbot.waitUntil(bar.isVisible)
    if how == "button":
        bar.button.click()
    else:
        QTest.keyClick(program.window.canvas, Qt.Key.Key_Escape)
    held_save.go.set()
    qtbot.waitUntil(lambda: not program.files.saver.busy)
    assert path.read_bytes() == b"the old one"
    assert list(tmp_path.glob("*.tmp")) == []
    assert session.path is None
    assert not bar.isVisible()
    assert texts(program) == []
    held_save.go.set()
    saved = []
    program.files.saver.save(session, path, saved.append, pytest.fail)
    qtbot.waitUntil(lambda: bool(saved))
    assert open_document(path).document.width == 400


def test_an_open_that_is_called_off_leaves_nothing(qtbot, program, held_open):
    program.files.open_paths([DATA / "gimp.psd"])
    qtbot.waitUntil(held_open.reached.is_set)
    bar = bar_of(program)
    qtbot.waitUntil(bar.isVisible)
    assert [work.title for work in bar.works] == ["Opening gimp.psd"]
    QTest.keyClick(program.window, Qt.Key.Key_Escape)
    held_open.go.set()
    qtbot.waitUntil(lambda: program.window.background.busy == 0)
    assert program.window.sessions == ()
    assert program.window.memory.recent == ()
    assert texts(program) == []
    assert not bar.isVisible()


def test_a_save_can_be_called_off_while_it_flattens(qtbot, program, session, tmp_path):
    failed = []
    work = program.files.saver.save(session, tmp_path / "a.ora", pytest.fail, failed.append)
    work.cancel()
    qtbot.waitUntil(lambda: bool(failed))
    assert isinstance(failed[0], Cancelled)
    assert not program.files.saver.busy
    assert list(tmp_path.iterdir()) == [tmp_path / "config", tmp_path / "data"] or not (tmp_path / "a.ora").exists()


def test_escape_is_left_to_others_when_nothing_is_under_way(program, session):
    bar = bar_of(program)
    QTest.keyClick(program.window, Qt.Key.Key_Escape)
    assert bar.works == ()


def test_formats_in_the_file_dialogs(program, session):
    program.files.export(session)
    (asked,) = program.window.findChildren(QFileDialog)
    assert "Photoshop (*.psd)" in asked.nameFilters()
    asked.reject()
    program.files.save_as(session)
    asked = program.window.findChildren(QFileDialog)[-1]
    assert asked.nameFilters() == ["OpenRaster (*.ora)"]
    asked.reject()


# Recent files


def colours_of(icon):
    image = icon.pixmap(40, 40).toImage()
    return image.pixelColor(image.width() // 2, image.height() // 2).getRgb()


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "a.psd", "a.ora"])
def test_recent_files_are_seen_on_the_start_page(qtbot, program, tmp_path, name):
    document = new_document(60, 40, BGRA8, background=(1.0, 0.0, 0.0), name="a")
    export_document(document.snapshot(), tmp_path / name)
    program.files.open_paths([tmp_path / name])
    qtbot.waitUntil(lambda: bool(program.window.sessions))
    program.window.drop_session(program.window.sessions[0])
    (button,) = program.window.findChild(StartPage)._buttons.values()
    qtbot.waitUntil(lambda: colours_of(button.icon())[3] == 255)
    red, green, blue, _ = colours_of(button.icon())
    assert red > 240
    assert max(green, blue) < 15
    assert (button.text().strip(), button.accessibleName()) == (name, name)
    menu = program.window.menus["recent"]
    menu.aboutToShow.emit()
    assert colours_of(menu.actions()[0].icon())[0] > 240


def test_a_recent_file_that_cannot_be_read_is_listed_all_the_same(qtbot, program, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"no picture")
    page = program.window.findChild(StartPage)
    page.show_recent([path, tmp_path / "gone.png"])
    qtbot.waitUntil(lambda: program.window.background.busy == 0)
    assert [button.text().strip() for button in page._buttons.values()] == ["broken.png", "gone.png"]
    assert all(not button.icon().isNull() for button in page._buttons.values())
