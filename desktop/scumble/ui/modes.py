"""The tools that have the canvas to themselves until they are applied or given up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from scumble.api import ScumbleError
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.canvas.mode import CanvasMode
from scumble.ui.crop import CropMode, CropSettings
from scumble.ui.cropbar import CropBar
from scumble.ui.options import OptionsBar
from scumble.ui.reshaping import reshape
from scumble.ui.transform import Settings, TransformMode
from scumble.ui.transformbar import TransformBar
from scumble.ui.window import MainWindow

Maker: TypeAlias = Callable[[Canvas], CanvasMode]
"""Begins a mode on a canvas. Raises `ScumbleError` where it cannot be."""


class Modes(QObject):
    """Begins a mode when its tool is taken, and takes the tool before it again when it has ended.

    `begun` carries each mode that begins.
    """

    begun = Signal(object)

    def __init__(self, window: MainWindow, makers: Mapping[str, Maker]) -> None:
        super().__init__(window)
        self._window = window
        self._makers = makers
        self._before = window.tools.tool
        self._mode: CanvasMode | None = None
        window.tools.tool_changed.connect(self._on_tool)
        window.session_changed.connect(self._on_session)

    @property
    def mode(self) -> CanvasMode | None:
        """The mode that there is."""
        return self._mode

    def _on_tool(self, tool: str) -> None:
        if self._mode is not None:
            self._mode.finish()
        if tool not in self._makers:
            self._before = tool
        else:
            self._begin(tool)

    def _begin(self, tool: str) -> None:
        canvas = self._window.canvas
        if canvas is None:
            self._return_soon()
            return
        canvas.session.settle()
        try:
            mode = self._makers[tool](canvas)
        except ScumbleError as error:
            self._window.show_error(error)
            self._return_soon()
            return
        self._mode = mode
        mode.ended.connect(lambda: self._on_ended(mode))
        canvas.setFocus()
        self.begun.emit(mode)

    def _on_session(self) -> None:
        """A mode whose document is out of sight comes to its end by itself."""
        if self._mode is not None and self._mode.canvas is not self._window.canvas:
            self._mode = None
            self._return()

    def _on_ended(self, mode: CanvasMode) -> None:
        if self._mode is mode:
            self._mode = None
            self._return()

    def _return_soon(self) -> None:
        """Once everyone has heard of the tool that was taken."""
        QTimer.singleShot(0, self, self._return)

    def _return(self) -> None:
        if self._mode is None and self._window.tools.tool in self._makers:
            self._window.tools.set_tool(self._before)


def add_modes(window: MainWindow, options: OptionsBar) -> Modes:
    """Gives a window the tools that have the canvas to themselves, with their controls."""
    settings = Settings()
    bar = TransformBar(window.icons, settings)
    options.add_panel("transform", bar)

    def transform(canvas: Canvas) -> CanvasMode:
        mode = TransformMode(canvas, settings, window.background, window.theme)
        bar.follow(mode)
        return mode

    cropping = CropSettings()
    crop_bar = CropBar(window.icons, cropping)
    options.add_panel("crop", crop_bar)

    def crop(canvas: Canvas) -> CanvasMode:
        session = canvas.session
        mode = CropMode(canvas, cropping, window.theme, lambda wanted, step: reshape(window, session, wanted, step))
        crop_bar.follow(mode)
        return mode

    return Modes(window, {"transform": transform, "crop": crop})
