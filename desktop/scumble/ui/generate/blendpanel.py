"""Blending a generated layer anew: sliders that act at once, the seam inspector, and the proof of what did not change.

A drag is one open transaction. What it needs is computed when the pointer comes near the sliders, on another thread,
so that the first frame comes as soon as the others.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from scumble.api import ScumbleError
from scumble.document import Document, LayerId, PaintLayer, Recipe, Tile, Transaction
from scumble.document.layers import find, update
from scumble.document.seals import planes_of
from scumble.generation import Blend, Reblend, Standing, renew, standing
from scumble.ui.background import Background
from scumble.ui.generate.edge import EdgeSliders
from scumble.ui.generate.witness import Witness
from scumble.ui.icons import Icons
from scumble.ui.section import Section
from scumble.ui.session import DocumentSession
from scumble.ui.widgets import tool_button

FRAME_MS: Final = 0
"""What a slider shows is made once the events that wait are over, so that several moves are one."""


class BlendPanel(QWidget):
    """What can be changed of the active layer without the model. `changed` says that the layer looks otherwise,
    `inspected` that the seam is to be shown or not."""

    changed = Signal()
    inspected = Signal(bool)

    def __init__(self, icons: Icons, background: Background, witness: Witness, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background, self._witness = background, witness
        self._session: DocumentSession | None = None
        self._layer: PaintLayer | None = None
        self._work: tuple[Reblend, int] | None = None
        self._found: tuple[Recipe, list[Tile | None], Standing] | None = None
        self._edit: Transaction | None = None
        self._later = QTimer(self, singleShot=True, interval=FRAME_MS)
        self._later.timeout.connect(self._show_blend)
        self.edge = EdgeSliders()
        self.edge.moved.connect(self._on_moved)
        self.edge.opacity_moved.connect(self._on_opacity)
        self.edge.pressed.connect(self._begin)
        self.edge.released.connect(self._end)
        self.why = QLabel()
        self.why.setObjectName("hint")
        self.why.setWordWrap(True)
        self.anew = QPushButton(self.tr("Take the result as it was made"))
        self.anew.setToolTip(self.tr("Replaces what was painted on this layer; it can be undone"))
        self.anew.clicked.connect(self._renew)
        self.inspect = tool_button(
            icons.icon("seam"), self.tr("Seam inspector: how visible the edge is"), checkable=True
        )
        self.inspect.toggled.connect(self.inspected)
        self.seam = QLabel()
        self.seam.setObjectName("muted")
        self.proof = QLabel()
        self.proof.setObjectName("muted")
        self.proof.setTextFormat(Qt.TextFormat.PlainText)
        self._tick = QLabel()
        self._tick.setPixmap(icons.pixmap("apply", 14, self.devicePixelRatio()))
        self.seen = QLabel()
        self.seen.setPixmap(icons.pixmap("eye", 14, self.devicePixelRatio()))
        witness.proved.connect(self._show_proof)
        self._lay_out(icons)

    @property
    def blending(self) -> bool:
        """Whether a slider is being dragged."""
        return self._edit is not None

    def follow(self, session: DocumentSession | None, layer: PaintLayer | None) -> None:
        """Shows a generated layer, the active one of a session; None where there is none."""
        if session is not self._session:
            self._work = None
        self._session, self._layer = session, layer
        made = layer.recipe if layer is not None else None
        self.setVisible(made is not None and made.crop is not None)
        if session is None or layer is None or made is None:
            self._work = self._found = None
            return
        found = self._look(session.document, layer, made)
        self.edge.show_blend(Blend.of(made.blend), layer.opacity)
        self._show_standing(found)
        self._show_proof()

    def _look(self, document: Document, layer: PaintLayer, made: Recipe) -> Standing:
        """How the layer stands: found anew once a tile of it in the box is another, as that takes all of its pixels."""
        surfaces = [document.surface(surface) for surface in planes_of(layer).values()]
        tiles = [surface.tiles.get(index) for surface in surfaces for index in made.box.tiles()]
        if self._found is None or self._found[0] is not made or self._found[1] != tiles:
            self._found = made, tiles, standing(document, layer)
        return self._found[2]

    def finish(self) -> None:
        """Ends a drag as if the slider had been let go."""
        if self._edit is not None:
            self._end()

    def enterEvent(self, event: QEnterEvent) -> None:
        """The sliders are about to be used."""
        super().enterEvent(event)
        self.prepare()

    def prepare(self) -> None:
        """Computes what every setting shares, on another thread."""
        if self._edit is None and self._session is not None and not self._session.document.history.busy:
            work = self._ready()
            if work is not None:
                self._background.run(work.warm, lambda _: None, lambda _: None)

    def show_seam(self, text: str) -> None:
        """Says how visible the seam is; nothing when empty."""
        self.seam.setText(text)
        self.seam.setVisible(bool(text))

    # Blending

    def _ready(self) -> Reblend | None:
        """The work on the layer as it is now, from before where nothing has happened since."""
        if self._session is None or self._layer is None or self._layer.mask is None:
            return None
        made, document = self._layer.recipe, self._session.document
        if made is None or made.selection is None or made.crop is None:
            return None
        if self._work is None or self._work[1] != document.revision or self._work[0].layer_id != self._layer.id:
            self._work = Reblend(document, self._layer.id, self._witness.flatten), document.revision
            self._show_standing(self._work[0].standing)
        return self._work[0]

    def _begin(self) -> None:
        if self._session is None or self._layer is None or self._edit is not None:
            return
        self._session.settle()
        self._ready()
        self._edit = self._session.document.history.transaction(self.tr("Blend"))
        self._session.begin_interaction(self._commit)

    def _end(self) -> None:
        if self._edit is not None and self._session is not None:
            self._session.end_interaction()
            self._commit()

    def _commit(self) -> None:
        """Ends the open transaction: exactly what the sliders show, proved, as one step; none where nothing differs."""
        edit, self._edit = self._edit, None
        self._later.stop()
        if edit is None or not edit.open or self._session is None or self._layer is None:
            return
        document, work = self._session.document, self._work[0] if self._work is not None else None
        blend = self.edge.blend()
        blended = work is not None and blend != work.blend
        if not blended and document.paint_layer(self._layer.id).opacity == self._layer.opacity:
            edit.rollback()
            return
        try:
            if work is not None and blended:
                work.finish(edit, blend)
                self._witness.prove(document, self._layer.id)
        except ScumbleError:  # the witness has said it
            edit.rollback()
            self._work = None
        else:
            edit.commit()
            self._work = (work, document.revision) if work is not None else None
        self.changed.emit()

    def _on_moved(self, _blend: Blend) -> None:
        if self._edit is not None:
            self._later.start() if not self._later.isActive() else None
            return
        self._once(self._show_blend)

    def _on_opacity(self, opacity: float) -> None:
        if self._edit is not None:
            self._show_opacity(opacity)
        else:
            self._once(lambda: self._show_opacity(opacity))

    def _once(self, act: Callable[[], None]) -> None:
        """A step of its own: a key, the wheel, a number typed."""
        self._begin()
        if self._edit is not None:
            act()
            self._end()

    def _show_blend(self) -> None:
        if self._edit is not None and self._edit.open and self._work is not None:
            self._work[0].show(self._edit, self.edge.blend())
            self.changed.emit()

    def _show_opacity(self, opacity: float) -> None:
        if self._edit is None or self._session is None or self._layer is None or self._layer.recipe is None:
            return
        document = self._session.document
        tree = update(document.layers, self._layer.id, opacity=opacity)
        self._edit.set_structure(document.structure.with_layers(tree), self._layer.recipe.box)

    def _renew(self) -> None:
        if self._session is not None and self._layer is not None:
            self._session.settle_then(partial(self._renew_layer, self._session.document, self._layer.id))

    def _renew_layer(self, document: Document, layer_id: LayerId) -> None:
        if find(document.layers, layer_id) is None:
            return
        with suppress(ScumbleError), document.history.transaction(self.tr("Result as it was made")) as edit:
            renew(edit, document, layer_id, self._witness.flatten)
            self._witness.prove(document, layer_id)
        self.changed.emit()

    # What is shown

    def _show_standing(self, found: Standing) -> None:
        reasons = {
            "turned": self.tr("This layer was turned or bent, so that its selection no longer fits."),
            "unmasked": self.tr("This layer has no mask that could be made anew."),
            "mask-painted": self.tr("The mask was painted on. It stays as it is."),
            "painted": self.tr("The layer was painted on. Its colours stay as they are."),
            "alone": self.tr("Nothing lies below round the selection that colours could be matched to."),
        }
        self.edge.allow(mask=not found.mask, pixels=not found.pixels)
        texts = dict.fromkeys(reasons[reason] for reason in (found.mask, found.pixels) if reason)
        self.why.setText(" ".join(texts))
        self.why.setVisible(bool(texts))
        self.anew.setVisible(found.mask == "mask-painted" or found.pixels == "painted")

    def _show_proof(self) -> None:
        found = seen = None
        if self._session is not None and self._layer is not None:
            found = self._witness.proof_of(self._session.document, self._layer.id)
            seen = self._witness.seen_of(self._session.document, self._layer.id)
        for part in (self._tick, self.proof):
            part.setVisible(found is not None)
        if found is not None:
            self.proof.setText(self.tr("{count} px changed outside").format(count=found.changed))
            tip = self.tr(
                "{count} pixels changed outside its edge. Counted before the step was made: {compared} pixels of this "
                "layer, and every other layer"
            )
            self.proof.setToolTip(tip.format(count=found.changed, compared=f"{found.compared:,}"))
        self.seen.setVisible(found is not None and seen is not None)
        if seen is not None:
            tip = self.tr("The picture was looked at too: {compared} pixels near the edge are as they were")
            self.seen.setToolTip(tip.format(compared=f"{seen.compared:,}"))
            self.seen.setAccessibleName(self.seen.toolTip())

    def _lay_out(self, icons: Icons) -> None:
        body = QWidget()
        inside = QVBoxLayout(body)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        inside.addWidget(self.edge)
        inside.addWidget(self.why)
        inside.addWidget(self.anew)
        self.section = Section(self.tr("Blending"), body, icons)
        for part in (self._tick, self.proof, self.seen, self.inspect):
            self.section.row.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.section)
        column.addWidget(self.seam)
        self.seam.hide()
