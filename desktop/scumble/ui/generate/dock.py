"""The generate dock: which tool, its form, the button, what is under way, how the active layer was made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from scumble.api import ModelInfo, ParamValue, Suits, Tool
from scumble.plugins import Catalogue, InstalledPlugin
from scumble.settings import Memory
from scumble.ui.generate.beyondline import BeyondLine
from scumble.ui.generate.edge import EdgeFields
from scumble.ui.generate.enginestate import EngineLine
from scumble.ui.generate.examples import starter_words
from scumble.ui.generate.fields import calm
from scumble.ui.generate.form import ParamForm
from scumble.ui.generate.generator import Wish
from scumble.ui.generate.message import InlineMessage
from scumble.ui.generate.suits import SuitLine
from scumble.ui.generate.toolpicker import ToolPicker
from scumble.ui.generate.words import Words, WordsMenus
from scumble.ui.icons import Icons
from scumble.ui.messages import error_text
from scumble.ui.session import DocumentSession
from scumble.ui.theme import Theme
from scumble.ui.widgets import tab_stops

NARROWEST, WIDTH = 260, 316
"""The least and the usual width of the dock, in device-independent pixels."""

SHORTEST = 120
"""The least width of the choice of a model."""

MEMORY = "generate"
"""What the values of the forms are remembered under."""


class GenerateDock(QWidget):
    """`generate` is the press of the button; `changed` says that `wish` may say something else.

    `count_wanted` carries the model and a text whose tokens are to be counted.
    """

    generate = Signal()
    changed = Signal()
    count_wanted = Signal(str, str)

    def __init__(
        self, catalogue: Catalogue, theme: Theme, icons: Icons, memory: Memory, words: Words | None = None
    ) -> None:
        super().__init__()
        self._catalogue, self._theme, self._icons, self._memory = catalogue, theme, icons, memory
        self._words = words
        self._menus: dict[str, WordsMenus] = {}
        self._forms: dict[str, tuple[ParamForm, EdgeFields]] = {}
        self._remembered = _remembered(memory)
        self._session: DocumentSession | None = None
        self._models: tuple[ModelInfo, ...] = ()
        self._files: Mapping[str, Sequence[str]] = {}
        self._tool: tuple[InstalledPlugin, Tool] | None = None
        self.picker = ToolPicker(icons)
        self.picker.picked.connect(self.pick)
        self.model = QComboBox()
        self.model.setAccessibleName(self.tr("Model"))
        self.model.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.model.currentIndexChanged.connect(self._on_model)
        self.model.setPlaceholderText(self.tr("Waiting for the engine…"))
        self.model.setMinimumWidth(SHORTEST)  # else its placeholder would make the dock wide
        calm(self.model)
        self.suits = SuitLine()
        self.suits.wanted.connect(lambda values: self.form.set_values(values) if self.form else None)
        self.beyond = BeyondLine(starter_words())
        self.changed.connect(self._look_at_suits)
        self.message = InlineMessage(icons)
        self.hint = QLabel()
        self.hint.setObjectName("hint")
        self.hint.setWordWrap(True)
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.hide()
        self.engine = EngineLine(theme)
        self._lay_out()
        self.reload()

    @property
    def tool(self) -> Tool | None:
        """The tool that is picked."""
        return self._tool[1] if self._tool is not None else None

    @property
    def form(self) -> ParamForm | None:
        """Its form; None also while that is being made."""
        made = self._forms.get(self._tool[1].id) if self._tool is not None else None
        return made[0] if made is not None else None

    @property
    def menus(self) -> WordsMenus | None:
        """The menus under its prompt."""
        return self._menus.get(self._tool[1].id) if self._tool is not None else None

    @property
    def chosen_model(self) -> ModelInfo | None:
        """The model that is chosen; None where there is none."""
        index = self.model.currentIndex()
        return self._models[index] if 0 <= index < len(self._models) else None

    @property
    def models(self) -> tuple[ModelInfo, ...]:
        """The models that there are to choose from."""
        return self._models

    def wish(self) -> Wish | None:
        """What the dock asks for; None without a tool."""
        if self._tool is None:
            return None
        plugin, tool = self._tool
        form, edge = self._forms[tool.id]
        model = self.chosen_model if tool.model else None
        return Wish(plugin, tool, form.values(), form.pictures(), model, edge.chosen())

    def pick(self, tool_id: str) -> None:
        """Shows another tool's form."""
        found = next(((plugin, tool) for plugin, tool in self._catalogue.generators() if tool.id == tool_id), None)
        if found is None:
            return
        self.remember()
        self.message.hide()
        self._tool = found
        self.picker.pick(tool_id)
        form = self._form_of(found[1])
        for other, _ in self._forms.values():
            other.setVisible(other is form)
        self._model_row.setVisible(found[1].model)
        self.name_act(found[1].title)
        self.order_tabs()
        self._recount()
        self.changed.emit()

    def order_tabs(self) -> None:
        """The Tab key goes from the top of the dock to its end."""
        stops: list[QWidget] = [
            *self.picker.buttons.values(),
            *tab_stops(self._model_row),
            self.suits.button,
            self.beyond.button,
        ]
        if self.form is not None:
            stops += tab_stops(self.form)
        for column in (self.extra, self.before, self.button_row):
            for place in range(column.count()):
                item = column.itemAt(place)
                part = item.widget() if item is not None else None
                stops += tab_stops(part) if part is not None else []
        for first, second in pairwise(stops):
            QWidget.setTabOrder(first, second)

    def reload(self) -> None:
        """The catalogue has other tools."""
        tools = self._catalogue.generators()
        self.picker.set_tools(tools)
        for tool_id, (form, _) in list(self._forms.items()):
            if all(tool.id != tool_id or tool != form.tool for _, tool in tools):
                self._values.removeWidget(form)
                form.deleteLater()
                del self._forms[tool_id]
        wanted = [self.tool.id] if self.tool is not None else [str(self._remembered.get("tool", ""))]
        known = [tool.id for _, tool in tools]
        self._tool = None
        self.button.setEnabled(bool(tools))
        if known:
            # Who opens the program for the first time has no picture yet: what needs none comes first.
            needless = [tool.id for _, tool in tools if not tool.inputs] or known
            self.pick(wanted[0] if wanted[0] in known else needless[0])

    def set_session(self, session: DocumentSession | None) -> None:
        """Another document is the current one."""
        self._session = session
        for form, _ in self._forms.values():
            form.set_session(session)

    def set_models(self, models: Sequence[ModelInfo]) -> None:
        """The models that the engine has found; the chosen one stays if it is among them."""
        wanted = self.chosen_model.id if self.chosen_model else str(self._remembered.get("model", ""))
        self._models = tuple(models)
        self.model.setPlaceholderText(self.tr("No model on this machine"))
        self.model.blockSignals(True)
        self.model.clear()
        for place, model in enumerate(self._models):
            self.model.addItem(model.title)
            tip = self.tr("{family}, trained at {side} px").format(family=model.family, side=model.native)
            self.model.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self.model.setCurrentIndex(next((i for i, model in enumerate(self._models) if model.id == wanted), 0))
        self.model.blockSignals(False)
        self._on_model()

    def set_files(self, names: Mapping[str, Sequence[str]]) -> None:
        """The names of the files of weights that a tool can ask for, by kind."""
        self._files = names
        for form, _ in self._forms.values():
            form.show_files(names)

    def set_loras(self, loras: Mapping[str, Suits]) -> None:
        """The LoRAs for which a model wants other settings."""
        self.suits.loras = loras
        self._look_at_suits()

    def advise(self, text: str) -> None:
        """Says what is to be done before the tool can work; nothing when empty."""
        self.hint.setText(text)
        self.hint.setVisible(bool(text))

    def name_act(self, title: str) -> None:
        """Says on the button what it would do."""
        self.button.setText(title.replace("&", "&&"))

    def choose_model(self, model_id: str) -> None:
        """Chooses a model, if it is among them."""
        for place, model in enumerate(self._models):
            if model.id == model_id:
                self.model.setCurrentIndex(place)

    def show_count(self, model: str, text: str, count: int, limit: int) -> None:
        """A count of tokens has come."""
        if self.form is not None and self.chosen_model is not None and model == self.chosen_model.id:
            self.form.show_count(text, count, limit)

    def remember(self) -> None:
        """Keeps every form's values for the next start."""
        for tool_id, (form, edge) in self._forms.items():
            self._remembered[tool_id] = {**form.values(), **{f"edge.{k}": v for k, v in edge.values().items()}}
        if self.tool is not None:
            self._remembered["tool"] = self.tool.id
        if self.chosen_model is not None:
            self._remembered["model"] = self.chosen_model.id
        self._memory.keep_blob(MEMORY, json.dumps(self._remembered).encode())

    # Parts

    def _lay_out(self) -> None:
        self._model_row = QWidget()
        row = QHBoxLayout(self._model_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        title = QLabel(self.tr("Model"))
        title.setMinimumWidth(92)
        title.setBuddy(self.model)
        row.addWidget(title)
        row.addWidget(self.model, 1)
        inside = QWidget()
        self._values = QVBoxLayout(inside)
        self._values.setContentsMargins(10, 4, 10, 8)
        self._values.setSpacing(8)
        for widget in (self._model_row, self.suits, self.beyond):
            self._values.addWidget(widget)
        self.extra = QVBoxLayout()
        self._values.addLayout(self.extra)
        self._values.addStretch(1)
        scroll = _Column()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        foot = QVBoxLayout()
        foot.setContentsMargins(10, 6, 10, 8)
        foot.setSpacing(6)
        self.before = QVBoxLayout()
        foot.addLayout(self.before)
        foot.addWidget(self.message)
        foot.addWidget(self.hint)
        foot.addLayout(self._button_row())
        self.under_way = QVBoxLayout()
        foot.addLayout(self.under_way)
        foot.addWidget(self.engine)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        line = QFrame()
        line.setFixedHeight(1)
        line.setObjectName("rule")
        head = QVBoxLayout()
        head.setContentsMargins(10, 8, 10, 4)
        head.addWidget(self.picker)
        column.addLayout(head)
        for widget, stretch in ((scroll, 1), (line, 0)):
            column.addWidget(widget, stretch)
        column.addLayout(foot)

    def _button_row(self) -> QHBoxLayout:
        self.button = QPushButton(self.tr("Generate"))
        self.button.setProperty("primary", True)
        self.button.setMinimumHeight(34)
        self.button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.button.setToolTip(self.tr("Generate  (Ctrl+Return)"))
        self.button.clicked.connect(self.generate)
        self.options = QToolButton()
        self.options.setIcon(self._icons.icon("more"))
        self.options.setToolTip(self.tr("Options"))
        self.options.setAccessibleName(self.tr("Options"))
        self.options.setAutoRaise(True)
        self.options.setStyleSheet("QToolButton::menu-indicator { image: none; width: 0; }")
        self.options.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button_row = QHBoxLayout()
        self.button_row.addWidget(self.button, 1)
        self.button_row.addWidget(self.options)
        return self.button_row

    def _form_of(self, tool: Tool) -> ParamForm:
        if tool.id not in self._forms:
            form, edge = ParamForm(tool, self._theme, self._icons), EdgeFields()
            values = self._remembered.get(tool.id)
            if isinstance(values, dict):
                form.set_values({name: value for name, value in values.items() if _plain(value)})
                edge.set_values({k: values[f"edge.{k}"] for k in edge.spins if f"edge.{k}" in values})
            if tool.result == "masked-layer":
                for spin in edge.spins.values():
                    form.add_advanced(spin.accessibleName(), spin)
                    spin.valueChanged.connect(self.changed)
            if self._words is not None and (prompts := form.prompts()):
                self._menus[tool.id] = WordsMenus(self._words, prompts[0])
            form.show_files(self._files)
            form.set_session(self._session)
            form.changed.connect(self.changed)
            form.refused.connect(lambda error: self.message.say(error_text(error.code, error.params), error.details))
            form.count_wanted.connect(self._on_count_wanted)
            self._suit(form)
            self._forms[tool.id] = form, edge
            self._values.insertWidget(self._values.indexOf(self.beyond) + 1, form)
        return self._forms[tool.id][0]

    def _on_model(self) -> None:
        for form, _ in self._forms.values():
            self._suit(form)
        self._recount()
        self.changed.emit()

    def _suit(self, form: ParamForm) -> None:
        """Tells a form what the chosen model was trained at."""
        model = self.chosen_model
        if form.aspect is not None:
            form.aspect.native = model.native if model is not None and form.tool.model else 0

    def _look_at_suits(self) -> None:
        if self.form is not None:
            for line in (self.suits, self.beyond):
                line.look(self.tool, self.form.values(), self.chosen_model)

    def _recount(self) -> None:
        if self.form is not None:
            for field in self.form.prompts():
                field.recount()

    def _on_count_wanted(self, _field: object, text: str) -> None:
        if self.chosen_model is not None:
            self.count_wanted.emit(self.chosen_model.id, text)


class _Column(QScrollArea):
    """Scrolls up and down only: it is never narrower than what it holds."""

    def minimumSizeHint(self) -> QSize:
        """As wide as the content and its scroll bar."""
        content = self.widget()
        inside = content.minimumSizeHint().width() if content else 0
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        return QSize(max(inside + bar, NARROWEST), 120)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What it holds may have come to need more room than there is: the dock is told."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        """A little wider than it must be."""
        return QSize(max(self.minimumSizeHint().width(), WIDTH), 600)


def _remembered(memory: Memory) -> dict[str, object]:
    try:
        found = json.loads(memory.blob(MEMORY) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _plain(value: ParamValue | object) -> bool:
    return isinstance(value, str | int | float | bool)
