"""Zoom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from scumble.ui.canvas.canvas import Canvas
from scumble.ui.canvas.viewport import Viewport
from scumble.ui.commands import Command, with_document
from scumble.ui.marking import QT_TRANSLATE_NOOP
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
