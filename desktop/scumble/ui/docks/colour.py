"""The colour dock: a chooser of three kinds, the two colours, a hex field, recent colours, a palette."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QRegularExpression, QSignalBlocker, QSize
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QRegularExpressionValidator
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from scumble.files.palette import Swatch
from scumble.ui.colours.channels import ChannelSliders
from scumble.ui.colours.mixer import Mixer, hex_name, to_qcolor
from scumble.ui.colours.palettepanel import PalettePanel
from scumble.ui.colours.palettes import Palettes
from scumble.ui.colours.square import HueSquare
from scumble.ui.colours.swatches import SwatchView
from scumble.ui.colours.wheel import HueWheel
from scumble.ui.icons import Icons
from scumble.ui.notebook import Notebook
from scumble.ui.shelf import Attempt
from scumble.ui.theme import Theme
from scumble.ui.toolstate import RECENT, ToolState
from scumble.ui.widgets import tool_button

KINDS = ("wheel", "square", "sliders")
"""The choosers, in the order of their buttons."""


class ColourDock(QWidget):
    """Chooses the foreground; the background by swapping."""

    def __init__(
        self, tools: ToolState, theme: Theme, icons: Icons, palettes: Palettes, notebook: Notebook, attempt: Attempt
    ) -> None:
        super().__init__()
        self._tools = tools
        self._notebook = notebook
        self.mixer = Mixer(self)
        self.square = HueSquare(self.mixer, theme)
        self.wheel = HueWheel(self.mixer, theme)
        self.sliders = ChannelSliders(self.mixer, theme)
        self.palette_panel = PalettePanel(palettes, tools, theme, icons, attempt)
        self._choosers = QStackedWidget()
        for chooser in (self.wheel, self.square, self.sliders):
            self._choosers.addWidget(chooser)
        self.recent = SwatchView(theme, self.tr("Recent colours"), "", columns=RECENT)
        self.recent.setFixedHeight(24)
        self.recent.chosen.connect(tools.set_foreground)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._choosers, 3)
        column.addLayout(self._controls(theme, icons))
        column.addWidget(self.recent)
        column.addWidget(self.palette_panel, 2)
        tools.colours_changed.connect(self._show)
        self.mixer.mixed.connect(tools.set_foreground)
        self.show_chooser(notebook.text("chooser", KINDS[0]))
        self._show()

    def show_chooser(self, kind: str) -> None:
        """Shows one of the choosers, and remembers which."""
        number = KINDS.index(kind) if kind in KINDS else 0
        self._choosers.setCurrentIndex(number)
        with QSignalBlocker(self.kinds):
            self.kinds.buttons()[number].setChecked(True)
        self._notebook.keep("chooser", KINDS[number])

    def _controls(self, theme: Theme, icons: Icons) -> QHBoxLayout:
        tools = self._tools
        self.kinds = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(2)
        self.pair = ColourPair(tools, theme)
        row.addWidget(self.pair)
        row.addSpacing(4)
        swap = tool_button(icons.icon("swap"), self.tr("Swap the colours  (X)"))
        swap.clicked.connect(tools.swap_colours)
        reset = tool_button(icons.icon("reset"), self.tr("Black and white  (D)"))
        reset.clicked.connect(tools.reset_colours)
        row.addWidget(swap)
        row.addWidget(reset)
        row.addStretch(1)
        names = tuple(zip(KINDS, (self.tr("Wheel"), self.tr("Square"), self.tr("Sliders of HSV and RGB")), strict=True))
        buttons = [tool_button(icons.icon(f"colour-{kind}"), name, checkable=True) for kind, name in names]
        for (kind, _name), button in zip(names, buttons, strict=True):
            button.clicked.connect(lambda _checked=False, chosen=kind: self.show_chooser(chosen))
            self.kinds.addButton(button)
            row.addWidget(button)
        for button in (swap, reset, *buttons):
            button.setIconSize(QSize(16, 16))
        row.addSpacing(4)
        self.hex = QLineEdit()
        self.hex.setValidator(QRegularExpressionValidator(QRegularExpression("#?[0-9a-fA-F]{0,6}"), self.hex))
        self.hex.setFixedWidth(72)
        self.hex.setAccessibleName(self.tr("Colour as six hexadecimal digits"))
        self.hex.setToolTip(self.tr("Colour as six hexadecimal digits"))
        self.hex.editingFinished.connect(self._typed)
        row.addWidget(self.hex)
        return row

    def _show(self) -> None:
        self.mixer.show(self._tools.foreground)
        with QSignalBlocker(self.hex):
            self.hex.setText(hex_name(self._tools.foreground))
        self.recent.show_swatches(tuple(Swatch(colour) for colour in self._tools.recent))

    def _typed(self) -> None:
        text = self.hex.text().lstrip("#")
        if len(text) == 3:
            text = "".join(letter * 2 for letter in text)
        if len(text) == 6:
            red, green, blue = bytes.fromhex(text)
            self._tools.set_foreground((red / 255, green / 255, blue / 255))
        self._show()


class ColourPair(QWidget):
    """Foreground over background; a click on the background swaps them."""

    def __init__(self, tools: ToolState, theme: Theme) -> None:
        super().__init__()
        self._tools = tools
        self._line = theme.colour("border")
        self.setFixedSize(44, 32)
        self.setToolTip(self.tr("Foreground and background colour"))
        self.setAccessibleName(self.tr("Foreground and background colour"))
        tools.colours_changed.connect(self._on_changed)
        self._on_changed()

    def _on_changed(self) -> None:
        self.setAccessibleDescription(f"{hex_name(self._tools.foreground)}, {hex_name(self._tools.background)}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the two."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._line, 1))
        for place, colour in (
            (QRectF(16.5, 9.5, 26, 22), self._tools.background),
            (QRectF(0.5, 0.5, 26, 22), self._tools.foreground),
        ):
            painter.setBrush(to_qcolor(colour))
            painter.drawRoundedRect(place, 3, 3)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The background was clicked."""
        if not QRectF(0, 0, 27, 23).contains(event.position()):
            self._tools.swap_colours()
