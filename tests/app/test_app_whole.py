"""The whole program, with its engine and the starter model, in a window of 1280 × 800: one face, not many panels."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTabBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from scumble.app.window import Program, build
from scumble.document import Document, Rect
from scumble.document.edits import add_layer, select
from scumble.plugins import Catalogue
from scumble.settings.paths import Paths
from scumble.ui.generate import Generation
from scumble.ui.generate.toolpicker import ToolPicker
from scumble.ui.mnemonics import letter_of
from scumble.ui.palette.entries import entries

WIDTH, HEIGHT = 1280, 800

TALLEST = 740
"""A menu is not to be scrolled on a screen of 800 pixels, of which a panel takes some."""

CONTROLS = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QAbstractItemView, QPlainTextEdit)

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support", extend=True)


@pytest.fixture(scope="module")
def program(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    home = tmp_path_factory.mktemp("home")
    made = build(Paths(home / "data", home / "config", home / "cache"))
    made.window.resize(WIDTH, HEIGHT)
    made.window.show()
    made.finish()
    generation = made.generation
    assert generation is not None
    wait(lambda: bool(generation.dock.models), "the models")
    made.window.settings.set("files.autosave-minutes", 0)  # its thread would seem to be left behind, too
    made.window.resize(WIDTH, HEIGHT)
    begun: list[object] = []  # a thread that a test would seem to leave behind
    made.window.background.run(lambda: None, begun.append, begun.append)
    wait(lambda: bool(begun), "the thread of the window")
    yield made
    made.close()
    made.window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def generation(program: Program) -> Generation:
    """What generates, over a new picture of which a part is selected."""
    found = program.generation
    assert found is not None
    document = Document(256, 256)
    pixels = np.random.default_rng(5).integers(60, 200, (256, 256, 4), np.uint8)
    pixels[..., 3] = 255
    add_layer(document, "Ground", pixels=pixels)
    document.history.clear()
    program.window.open_document(document, None, "Picture")
    select(document, Rect(96, 96, 64, 56))
    found.dock.pick("inpaint")
    assert found.dock.form is not None
    found.dock.form.set_values({**found.dock.form.defaults(), "steps": 1})
    return found


def wait(until: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, f"{what} did not happen"
        QCoreApplication.processEvents()
        time.sleep(0.002)


def generated(generation: Generation) -> None:
    """Generates, and applies what comes."""
    before = len(generation.candidates.offered)
    generation.generate()
    assert generation.board.jobs
    wait(lambda: not generation.board.jobs and len(generation.candidates.offered) > before, "the picture")
    generation.candidates.apply(generation.candidates.offered[-1])


def in_sight(widget: QWidget, window: QWidget) -> bool:
    """Whether all of a widget is seen, not scrolled away and not covered by a neighbour."""
    corners = (QPoint(1, 1), QPoint(widget.width() - 2, widget.height() - 2))
    whole = widget.visibleRegion().boundingRect() == widget.rect()
    return whole and all(window.rect().contains(widget.mapTo(window, corner)) for corner in corners)


def named(widget: QWidget) -> bool:
    spoken = QAccessible.queryAccessibleInterface(widget)
    return bool(widget.accessibleName() or (spoken is not None and spoken.text(QAccessible.Text.Name).strip()))


def inner(widget: QWidget) -> bool:
    """A part that Qt has made for a control of its own."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QAbstractSpinBox | QComboBox):
            return True
        above = above.parentWidget()
    made_by_qt = widget.objectName().startswith(("qt_", "ScrollLeft", "ScrollRight"))
    return made_by_qt or widget.inherits("QScrollBar") or widget.inherits("QHeaderView")


def nameless(root: QWidget) -> list[str]:
    return [
        f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
        for widget in root.findChildren(QWidget)
        if isinstance(widget, CONTROLS) and not inner(widget) and not named(widget)
    ]


def test_no_key_has_two_meanings(program: Program) -> None:
    commands = program.window.commands
    keys = [(keys.toString(), one.id) for one in commands for keys in commands.action(one.id).shortcuts()]
    for key in {key for key, _ in keys}:
        assert len({name for other, name in keys if other == key}) == 1, (key, keys)


def test_every_command_is_found_in_the_palette(program: Program) -> None:
    listed = {entry.action.objectName() for entry in entries(program.window)}
    assert {command.id for command in program.window.commands} <= listed


def test_no_menu_is_longer_than_a_small_screen_and_its_letters_differ(program: Program) -> None:
    for menu in program.window.menuBar().findChildren(QMenu) + list(program.window.menus.values()):
        menu.aboutToShow.emit()
        assert menu.sizeHint().height() <= TALLEST, menu.title()
        letters = [letter for action in menu.actions() if (letter := letter_of(action.text()))]
        assert len(letters) == len(set(letters)), menu.title()


def test_with_a_generated_layer_active_the_form_stays_in_sight(program: Program, generation: Generation) -> None:
    generated(generation)
    QApplication.processEvents()
    assert generation.recipe.isVisible()
    form = generation.dock.form
    assert form is not None
    for part in (*(form.fields[name] for name in ("mode", "prompt", "strength", "steps")), generation.dock.button):
        assert in_sight(part, program.window), part
    assert not generation.recipe.blend.edge.isVisible()
    generation.recipe.blend.section.heading.click()
    assert generation.recipe.blend.edge.isVisible()
    assert program.window.memory.number("blending", 0) == 1
    generation.recipe.blend.section.heading.click()
    assert program.window.memory.number("blending", 1) == 0


def test_the_tools_stand_in_equal_cells(program: Program, generation: Generation) -> None:
    buttons = list(generation.dock.picker.buttons.values())
    assert len({button.y() for button in buttons}) == 1
    fit(buttons)


def test_in_a_narrow_place_the_tools_stand_in_two_rows(program: Program, qtbot: QtBot) -> None:
    assert program.generation is not None
    picker = ToolPicker(program.window.icons)
    qtbot.addWidget(picker)
    picker.set_tools(Catalogue(program.paths.plugins).generators())
    picker.resize(240, 200)
    picker.show()
    QApplication.processEvents()
    assert len({button.y() for button in picker.buttons.values()}) == 2
    fit(list(picker.buttons.values()))


def fit(buttons: list[QToolButton]) -> None:
    """Asserts that all are about as wide, and that their words fit."""
    widths = [button.width() for button in buttons]
    assert max(widths) - min(widths) <= 1
    for button in buttons:
        metrics = button.fontMetrics()
        widest = max(metrics.horizontalAdvance(line) for line in button.text().replace("&&", "&").split("\n"))
        assert widest <= button.width() - 2, button.text()


def test_the_button_says_what_will_happen_and_the_history_what_did(program: Program, generation: Generation) -> None:
    form, button = generation.dock.form, generation.dock.button
    assert form is not None
    wait(lambda: button.text() == "Fill selection", "the word of a plain fill")
    for mode, word in (("remove", "Remove"), ("replace", "Replace background"), ("vary", "Vary")):
        form.set_values({"mode": mode})
        wait(lambda word=word: button.text() == word, word)  # type: ignore[misc]  # the loop's word, at the time
    form.set_values({"mode": "auto", "strength": 0.5})
    wait(lambda: button.text() == "Refine", "what Automatic stands for")
    form.set_values({"mode": "remove", "strength": 0.4})
    generated(generation)
    session = program.window.session
    assert session is not None
    assert session.document.history.names[-1] == "Remove"
    assert generation.recipe.title.text() == "Remove"
    assert program.window.status.currentMessage() == "Applied · 0 pixels changed outside"


def test_the_window_fits_on_a_small_screen_and_begins_with_a_button(program: Program) -> None:
    assert program.window.minimumSizeHint().height() <= 720
    for session in program.window.sessions:
        program.window.drop_session(session)
    button = program.window.focusWidget()
    assert isinstance(button, QPushButton)
    assert button.text().startswith("New")


def test_who_has_said_nothing_is_told_so_before_the_model_draws_anything(
    program: Program, generation: Generation
) -> None:
    dock = generation.dock
    dock.pick("txt2img")
    assert dock.form is not None
    dock.form.set_values({"prompt": ""})
    wait(lambda: "Say what the picture shows" in dock.hint.text(), "the advice")
    dock.form.set_values({"prompt": "a calm sea"})
    wait(dock.hint.isHidden, "the end of the advice")
    dock.pick("inpaint")


def test_every_control_has_a_name_whatever_is_shown(program: Program, generation: Generation) -> None:
    """With a generated layer, a region, blending and more settings unfolded, and live painting switched on."""
    generated(generation)
    generation.regions.command.trigger()
    generation.recipe.blend.section.set_shown(True)
    assert generation.dock.form is not None
    generation.dock.form.unfold(True)
    generation.acts.show_results()
    program.window.commands.action("generate.live").trigger()
    assert generation.live_panel.isVisible()
    for dock in program.window.findChildren(QDockWidget):
        dock.show()
        dock.raise_()
        QApplication.processEvents()
    assert nameless(program.window) == []
    generation.live.stop()
    generation.recipe.blend.section.set_shown(False)


def test_the_context_is_told_in_two_short_lines(program: Program, generation: Generation) -> None:
    line = generation.contexts.line
    wait(lambda: line.isVisible() and "MB" in line.forecast.text(), "the forecast")
    assert line.text.text().startswith("Context ")
    assert line.text.fontMetrics().horizontalAdvance(line.text.text()) <= line.text.width()
    assert line.height() <= 60
    assert "The model sees it as" in line.text.toolTip()
    assert line.buttons.isVisible()
    assert line.text.focusPolicy() == Qt.FocusPolicy.NoFocus


def unfolded(program: Program, generation: Generation) -> None:
    """Everything of generating in sight: a candidate, a generated layer, a region, the results."""
    generated(generation)
    generation.generate()
    wait(lambda: not generation.board.jobs and bool(generation.candidates.offered), "a candidate")
    generation.candidates.show(generation.candidates.offered[-1])
    assert generation.dock.form is not None
    generation.dock.form.unfold(True)
    generation.recipe.blend.section.set_shown(True)
    generation.regions.add()
    generation.acts.show_results()
    program.window.activateWindow()
    QApplication.processEvents()


def stops(root: QWidget) -> list[QWidget]:
    """What a person can come to with the Tab key."""
    return [
        widget
        for widget in root.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and widget.isEnabled()
        and widget.window() is root.window()
        and widget.focusProxy() is None
        and not isinstance(widget, QScrollArea)
        and not (isinstance(widget, QTabBar) and widget.count() == 0)  # of docks that have gone elsewhere
    ]


def look(widget: QWidget) -> bytes:
    QApplication.processEvents()
    image = widget.grab().toImage()
    return bytes(image.constBits())


def test_the_tab_key_comes_to_everything_that_generates(program: Program, generation: Generation) -> None:
    unfolded(program, generation)
    next(iter(generation.dock.picker.buttons.values())).setFocus(Qt.FocusReason.TabFocusReason)
    reached: list[QWidget] = []
    while (now := QApplication.focusWidget()) is not None and now not in reached:
        reached.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    for panel in (generation.dock, generation.strip, generation.acts.results):
        assert panel is not None
        missed = [stop for stop in stops(panel) if stop not in reached and not stop.objectName().startswith("qt_")]
        assert not missed, missed
    order = [place.accessibleName() or getattr(place, "text", str)() for place in reached]
    wanted = ["Model", "Models…", "Mode", "Prompt", "Strength", "Add region", "Blending", "Live painting", "Options"]
    places = [order.index(name) for name in wanted]
    assert places == sorted(places), list(zip(wanted, places, strict=True))


@pytest.mark.parametrize("theme", ["dark", "light", "contrast"])
def test_what_has_the_keys_shows_it(program: Program, generation: Generation, theme: str) -> None:
    unfolded(program, generation)
    program.window.settings.set("ui.theme", theme)
    canvas = program.window.canvas
    assert canvas is not None
    unmarked = []
    for widget in stops(program.window):
        canvas.setFocus()
        before = look(widget)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        empty = isinstance(widget, QAbstractItemView) and widget.model().rowCount() == 0
        if widget.hasFocus() and widget is not canvas and not empty and look(widget) == before:
            unmarked.append(f"{type(widget).__name__} {widget.accessibleName()}")
    program.window.settings.set("ui.theme", "dark")
    assert not unmarked
