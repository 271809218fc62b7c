"""The seam inspector: shows on the canvas how visible the edge of the active generated layer is, and says it."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, QTimer

from scumble.api import Mask
from scumble.document import ChangeSet, PaintLayer, PixelFormat, Pixels, Rect
from scumble.generation.reblend import as_it_is
from scumble.generation.seam import AROUND, Seam, seam_of
from scumble.render import flatten
from scumble.ui.canvas.canvas import Canvas
from scumble.ui.commands import Command
from scumble.ui.generate.blendpanel import BlendPanel
from scumble.ui.generate.seamoverlay import SeamOverlay
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow

SEAM = Command(
    "generate.seam", QT_TRANSLATE_NOOP("commands", "&Seam inspector"), icon="seam", checkable=True, interrupts=False
)

WAIT_MS: Final = 90
"""Without a change before the seam is measured anew, so that it does not hold up a drag."""


class SeamInspector(QObject):
    """Watches the current document while it is switched on."""

    def __init__(self, window: MainWindow, panel: BlendPanel) -> None:
        super().__init__(window)
        self._window, self._panel = window, panel
        self.overlay = SeamOverlay()
        self._session: DocumentSession | None = None
        self._canvas: Canvas | None = None
        self._round = 0
        self._timer = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._timer.timeout.connect(self._measure)
        self.action = window.commands.add(SEAM, lambda: panel.inspect.setChecked(not panel.inspect.isChecked()))
        panel.inspected.connect(self._switch)
        window.session_changed.connect(self._follow)
        window.session_closed.connect(self._forget)

    @property
    def on(self) -> bool:
        """Whether it is switched on."""
        return self._panel.inspect.isChecked()

    def _switch(self, on: bool) -> None:
        self.action.setChecked(on)
        self._follow(self._window.session)

    def _follow(self, session: DocumentSession | None) -> None:
        """Leaves one document and watches another; none while it is switched off."""
        self._leave()
        if session is not None and self.on:
            self._session, self._canvas = session, self._window.canvas_of(session)
            session.changed.connect(self._on_changed)
            self._canvas.add_overlay(self.overlay)
            self._timer.start()

    def _forget(self, session: DocumentSession) -> None:
        if session is self._session:
            self._session = self._canvas = None
            self._timer.stop()

    def _leave(self) -> None:
        self._timer.stop()
        self._round += 1
        self._panel.show_seam("")
        self.overlay.clear()
        if self._session is not None and self._canvas is not None:
            self._session.changed.disconnect(self._on_changed)
            self._canvas.remove_overlay(self.overlay)
        self._session = self._canvas = None

    def _on_changed(self, change: ChangeSet) -> None:
        if change.structure or change.active or change.history or not change.area.empty:
            self._timer.start()

    def _measure(self) -> None:
        """Takes what is seen round the layer's edge; it is measured on another thread."""
        self._round += 1
        session = self._session
        layer = session.document.active if session is not None else None
        if session is None or not isinstance(layer, PaintLayer) or layer.recipe is None or layer.mask is None:
            self._show(self._round, Rect(0, 0, 0, 0), None)
            return
        document = session.document
        mask_bounds = document.surface(layer.mask).bounds() & layer.recipe.box
        area = mask_bounds.expanded(AROUND + 1) & document.bounds
        if area.empty:
            self._show(self._round, area, None)
            return
        mask, stored = document.surface(layer.mask).read(area), flatten(as_it_is(document), area)
        work = partial(_measured, document.format, stored, mask)
        self._window.background.run(work, partial(self._show, self._round, area), lambda _: None)

    def _show(self, asked: int, area: Rect, seam: Seam | None) -> None:
        if asked != self._round or self._canvas is None:
            return
        before = self.overlay.box
        if seam is None:
            self.overlay.clear()
            self._panel.show_seam(QCoreApplication.translate("seam", "This layer has no seam to inspect."))
        else:
            self.overlay.show(seam, area)
            self._panel.show_seam(words_of(seam))
        self._canvas.update_area(before | self.overlay.box)


def _measured(pixel_format: PixelFormat, stored: Pixels, mask: Mask) -> Seam:
    straight = pixel_format.to_straight(stored)[..., :3]
    return seam_of(straight.astype(np.float32) / np.float32(255), mask)


def words_of(seam: Seam) -> str:
    """The figure."""
    text = QCoreApplication.translate("seam", "Seam {step} ΔE (surroundings {around})")
    return text.format(step=f"{seam.step:.1f}", around=f"{seam.around:.1f}")
