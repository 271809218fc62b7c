"""Finding layers: a field for a part of the name, and a choice of what kind they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from scumble.document import Group, Layer, LayerId, PaintLayer
from scumble.ui.icons import Icons
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.widgets import search_field

KINDS: Final[tuple[tuple[str, Callable[[Layer], bool]], ...]] = (
    (QT_TRANSLATE_NOOP("layers", "All kinds"), lambda _layer: True),
    (QT_TRANSLATE_NOOP("layers", "Paint layers"), lambda layer: isinstance(layer, PaintLayer)),
    (QT_TRANSLATE_NOOP("layers", "Groups"), lambda layer: isinstance(layer, Group)),
    (QT_TRANSLATE_NOOP("layers", "With a mask"), lambda layer: layer.mask is not None),
    (QT_TRANSLATE_NOOP("layers", "Clipped"), lambda layer: layer.clip),
    (QT_TRANSLATE_NOOP("layers", "Generated"), lambda layer: getattr(layer, "recipe", None) is not None),
    (QT_TRANSLATE_NOOP("layers", "Hidden"), lambda layer: not layer.visible),
    (QT_TRANSLATE_NOOP("layers", "Locked"), lambda layer: layer.locked),
)
"""The kinds of layers that can be looked for: what they are called, and which they are."""


class LayerFilter(QWidget):
    """`changed` says that other layers are looked for."""

    changed = Signal()

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        self.field = search_field(
            self.tr("Find layers"),
            self.tr("Find layers by name"),
            self.tr("Show only layers with this in their name"),
            icons.icon("search"),
        )
        self.field.installEventFilter(self)
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Kind of layers"))
        self.kind.setToolTip(self.tr("Show only layers of this kind"))
        for text, _ in KINDS:
            self.kind.addItem(QCoreApplication.translate("layers", text))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.field, 3)
        row.addWidget(self.kind, 2)
        self.kind.setMinimumContentsLength(6)
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.field.textChanged.connect(lambda _text: self.changed.emit())
        self.kind.currentIndexChanged.connect(lambda _row: self.changed.emit())

    @property
    def idle(self) -> bool:
        """Whether every layer is to be shown."""
        return not self.field.text().strip() and self.kind.currentIndex() == 0

    def found(self, layers: tuple[Layer, ...]) -> set[LayerId]:
        """The layers that are looked for, and the groups round them."""
        found: set[LayerId] = set()
        for layer in layers:
            inner = self.found(layer.children) if isinstance(layer, Group) else set()
            if inner or self._fits(layer):
                found |= {layer.id, *inner}
        return found

    def _fits(self, layer: Layer) -> bool:
        wanted = self.field.text().strip().casefold()
        return wanted in layer.name.casefold() and KINDS[self.kind.currentIndex()][1](layer)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape empties the field."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.field.clear()
            return True
        return super().eventFilter(watched, event)
