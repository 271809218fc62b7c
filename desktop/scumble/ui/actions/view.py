"""Zoom, turning, and what is seen round the picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QToolBar, QWidget

from scumble.ui.canvas.canvas import Canvas
from scumble.ui.canvas.viewport import TURN, Viewport
from scumble.ui.commands import Command, with_document
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow

COMMANDS: tuple[tuple[Command, Callable[[Canvas], object]], ...] = (
    (
        Command(
            "view.in",
            QT_TRANSLATE_NOOP("commands", "Zoom &in"),
            "zoom-in",
            ("Ctrl++", "+", "Ctrl+="),
            "",
            with_document,
        ),
        lambda canvas: canvas.set_viewport(canvas.viewport.stepped(1)),
    ),
    (
        Command("view.out", QT_TRANSLATE_NOOP("commands", "Zoom &out"), "zoom-out", ("Ctrl+-", "-"), "", with_document),
        lambda canvas: canvas.set_viewport(canvas.viewport.stepped(-1)),
    ),
    (
        Command("view.100", QT_TRANSLATE_NOOP("commands", "&100 %"), "zoom-100", ("1", "Ctrl+1"), "", with_document),
        lambda canvas: canvas.set_viewport(canvas.viewport.zoomed(1.0)),
    ),
    (
        Command("view.fit", QT_TRANSLATE_NOOP("commands", "&Fit"), "fit", ("2", "Ctrl+0"), "", with_document),
        lambda canvas: canvas.fit_by(Viewport.fitted),
    ),
    (
        Command("view.width", QT_TRANSLATE_NOOP("commands", "Fit &width"), "", ("3",), "", with_document),
        lambda canvas: canvas.fit_by(Viewport.fitted_width),
    ),
    (
        Command(
            "view.turn-left",
            QT_TRANSLATE_NOOP("commands", "Turn view &left"),
            "rotate-left",
            ("4",),
            QT_TRANSLATE_NOOP("commands", "Turn the view left by 15°; the picture stays as it is"),
            with_document,
        ),
        lambda canvas: canvas.set_viewport(canvas.viewport.turned_to(canvas.viewport.angle - TURN)),
    ),
    (
        Command(
            "view.turn-right",
            QT_TRANSLATE_NOOP("commands", "Turn view &right"),
            "rotate-right",
            ("6",),
            QT_TRANSLATE_NOOP("commands", "Turn the view right by 15°; the picture stays as it is"),
            with_document,
        ),
        lambda canvas: canvas.set_viewport(canvas.viewport.turned_to(canvas.viewport.angle + TURN)),
    ),
    (
        Command("view.upright", QT_TRANSLATE_NOOP("commands", "View &upright"), "upright", ("5",), "", with_document),
        lambda canvas: canvas.set_viewport(canvas.viewport.turned_to(0.0)),
    ),
    (
        Command(
            "view.mirror",
            QT_TRANSLATE_NOOP("commands", "&Mirror view"),
            "mirror",
            ("Ctrl+Shift+H",),
            QT_TRANSLATE_NOOP("commands", "Show the picture as in a mirror; the picture stays as it is"),
            with_document,
        ),
        lambda canvas: canvas.set_viewport(canvas.viewport.flipped()),
    ),
)

GRID = Command(
    "view.pixel-grid",
    QT_TRANSLATE_NOOP("commands", "Pixel &grid"),
    tip=QT_TRANSLATE_NOOP("commands", "Lines between the pixels from 800 % on"),
    checkable=True,
)
FULL = Command(
    "view.full-screen", QT_TRANSLATE_NOOP("commands", "F&ull screen"), "fullscreen", ("F11",), checkable=True
)
ONLY = Command(
    "view.canvas-only",
    QT_TRANSLATE_NOOP("commands", "&Canvas only"),
    "",
    ("Tab",),
    QT_TRANSLATE_NOOP("commands", "Hide all but the picture, and show it again"),
    with_document,
    checkable=True,
)


def add_view_commands(window: MainWindow) -> None:
    """Adds them."""

    def on_canvas(act: Callable[[Canvas], object]) -> Callable[[], None]:
        def handler() -> None:
            if window.canvas is not None:
                act(window.canvas)

        return handler

    for command, act in COMMANDS:
        window.commands.add(replace(command, interrupts=False), on_canvas(act))
    _add_grid(window)
    full = window.commands.add(
        FULL, lambda: window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)
    )
    full.setChecked(window.isFullScreen())
    bare = BareCanvas(window)
    only = window.commands.add(ONLY, bare.toggle)
    # The Tab key belongs to the canvas alone: elsewhere it goes from field to field.
    only.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)

    def on_opened(session: DocumentSession) -> None:
        window.canvas_of(session).addAction(only)

    window.session_opened.connect(on_opened)
    window.closing.connect(bare.end)  # so that what is round the picture is there again at the next start
    window.session_changed.connect(lambda session: bare.end() if session is None else None)


def _add_grid(window: MainWindow) -> None:
    settings = window.settings
    action = window.commands.add(GRID, lambda: settings.set("view.pixel-grid", not settings.flag("view.pixel-grid")))

    def show(canvas: Canvas) -> None:
        canvas.show_grid(settings.flag("view.pixel-grid"))

    def on_setting(name: str) -> None:
        if name == "view.pixel-grid":
            action.setChecked(settings.flag(name))
            for session in window.sessions:
                show(window.canvas_of(session))

    action.setChecked(settings.flag("view.pixel-grid"))
    settings.connect(on_setting)
    window.session_opened.connect(lambda session: show(window.canvas_of(session)))


class BareCanvas:
    """The window with nothing but the picture, until it is asked for the rest again."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._hidden: list[QWidget] = []
        self._in_front: list[QDockWidget] = []

    def toggle(self) -> None:
        """Hides what is round the picture, or shows what was hidden."""
        if self._hidden:
            self.end()
            return
        window = self._window
        # Keys of a menu that is hidden do nothing, unless the window knows them too.
        window.addActions([window.commands.action(command.id) for command in window.commands])
        around: list[QWidget] = [*window.findChildren(QDockWidget), *window.findChildren(QToolBar)]
        around += [window.menuBar(), window.statusBar(), window.tabs]
        self._in_front = [dock for dock in window.findChildren(QDockWidget) if not dock.visibleRegion().isEmpty()]
        self._hidden = [widget for widget in around if widget.isVisibleTo(window)]
        for widget in self._hidden:
            widget.hide()
        window.commands.action(ONLY.id).setChecked(True)

    def end(self) -> None:
        """Shows what was hidden."""
        hidden, self._hidden = self._hidden, []
        for widget in hidden:
            widget.show()
        for dock in self._in_front if hidden else ():
            dock.raise_()
        self._window.commands.action(ONLY.id).setChecked(False)
