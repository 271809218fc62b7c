"""How the active layer was made, and what can still be changed about it without the model."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from scumble.document import ChangeSet, PaintLayer, Recipe
from scumble.generation.modes import title_of
from scumble.plugins import Catalogue
from scumble.ui.background import Background
from scumble.ui.generate.blendpanel import BlendPanel
from scumble.ui.generate.joblist import Elided
from scumble.ui.generate.remakebar import RemakeBar
from scumble.ui.generate.witness import Witness
from scumble.ui.icons import Icons
from scumble.ui.session import DocumentSession
from scumble.ui.widgets import tool_button

LONGEST = 400
"""How much of a prompt the tooltip shows."""


class RecipePanel(QWidget):
    """Hidden unless the active layer was generated. `use` carries the layer; `remake` the layer, a `Way`, and the
    parameters that are to be others."""

    remake = Signal(object, object, object)
    use = Signal(object)

    def __init__(
        self,
        catalogue: Catalogue,
        icons: Icons,
        background: Background,
        witness: Witness,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._session: DocumentSession | None = None
        self._layer: PaintLayer | None = None
        self.title = Elided("")
        self.title.setObjectName("heading")
        self.facts = Elided("")
        self.facts.setObjectName("muted")
        self.bar = RemakeBar(icons)
        self.use_button = tool_button(icons.icon("form"), self.tr("Put its settings into the form"))
        self.bar.wanted.connect(lambda way, changes: self.remake.emit(self._layer, way, changes))
        self.use_button.clicked.connect(lambda: self.use.emit(self._layer))
        self.blend = BlendPanel(icons, background, witness)
        self.edge = self.blend.edge
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.title)
        words.addWidget(self.facts)
        head = QHBoxLayout()
        head.addLayout(words, 1)
        head.setSpacing(2)
        for button in (*self.bar.buttons, self.use_button):
            head.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self.bar)
        layout.addWidget(self.blend)
        self.hide()

    def set_session(self, session: DocumentSession | None) -> None:
        """Follows another document."""
        if self._session is not None and self._session is not session:
            self.blend.finish()
            self._session.changed.disconnect(self._on_changed)
            self._session.stale_changed.disconnect(self._show)
        if session is not None and session is not self._session:
            session.changed.connect(self._on_changed)
            session.stale_changed.connect(self._show)
        self._session = session
        self._show()

    def forget_session(self, session: DocumentSession) -> None:
        """A document is being closed."""
        if session is self._session:
            self.set_session(None)

    def _on_changed(self, change: ChangeSet) -> None:
        if (change.active or change.structure) and not self.blend.blending:
            self._show()

    def _show(self) -> None:
        active = self._session.document.active if self._session is not None else None
        made = active.recipe if isinstance(active, PaintLayer) else None
        self._layer = active if isinstance(active, PaintLayer) and made is not None else None
        self.setVisible(made is not None)
        self.blend.follow(self._session, self._layer)
        if made is None or self._layer is None:
            return
        known = next((tool for _, tool in self._catalogue.tools() if tool.id == made.tool), None)
        title = title_of(known, made.params) if known is not None else made.tool
        self.title.setText(title)
        self.title.setToolTip(self.tr("The active layer was made with “{tool}”").format(tool=title))
        self.facts.setText(self._facts(made))
        words = " ".join(str(made.params.get("prompt", "")).split())
        self.facts.setToolTip("\n".join(part for part in (words[:LONGEST], self._facts(made)) if part))
        stale = self._session is not None and self._layer.id in self._session.stale
        self.bar.show_recipe(made, known, stale=stale)
        self.use_button.setEnabled(known is not None)

    def _facts(self, made: Recipe) -> str:
        parts = []
        if "seed" in made.params:
            parts.append(self.tr("seed {seed}").format(seed=made.params["seed"]))
        if made.crop is not None:
            parts.append(f"{made.crop.shape[1]} × {made.crop.shape[0]}")
        if made.model:
            parts.append(made.model)
        return " · ".join(parts)
