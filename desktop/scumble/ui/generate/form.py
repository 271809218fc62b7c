"""A form made from a tool's manifest: the same for our tools and for a stranger's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from scumble.api import Param, ParamValue, Picture, Tool
from scumble.generation.modes import begun
from scumble.ui.generate.aspect import AspectField
from scumble.ui.generate.channels import ChannelStack
from scumble.ui.generate.curvefield import CurveField
from scumble.ui.generate.fields import (
    BooleanField,
    ColourField,
    EnumField,
    Field,
    FileField,
    NumberField,
    SeedField,
    SizeField,
    TextField,
)
from scumble.ui.generate.histogram import Counts
from scumble.ui.generate.inputs import PictureField
from scumble.ui.generate.levelsfield import LevelsField
from scumble.ui.generate.modes import AutoField, ModeField
from scumble.ui.generate.prompt import PromptField
from scumble.ui.icons import Icons
from scumble.ui.session import DocumentSession
from scumble.ui.theme import Theme

TITLE_WIDTH = 92
"""The least width of the column of titles."""


class ParamForm(QWidget):
    """`values` and `pictures` are what the tool is given. `count_wanted` carries a field and its text."""

    changed = Signal()
    refused = Signal(object)
    count_wanted = Signal(object, str)

    def __init__(self, tool: Tool, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tool = tool
        self.fields: dict[str, Field] = {}
        self.aspect: AspectField | None = None
        self.picture_fields: dict[str, PictureField] = {}
        self._theme, self._icons = theme, icons
        self._stacks: dict[str, ChannelStack] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        plain, self._advanced = _Rows(), _Rows()
        for given in tool.inputs:
            if given.kind == "picture":
                self._add_picture(plain, given.name)
        for name, param in tool.params.items():
            self._add(self._advanced if param.advanced else plain, name, param)
            if param.type == "size" and self.aspect is None:
                self.aspect = self._aspect(plain)
        self._layout.addWidget(plain)
        self.more = QToolButton()
        self._fold(self._advanced)

    def values(self) -> dict[str, ParamValue]:
        """What every control shows."""
        return {name: field.value() for name, field in self.fields.items()}

    def set_values(self, values: Mapping[str, ParamValue]) -> None:
        """Shows other values; names that the tool does not have are passed over."""
        for name, value in values.items():
            if name in self.fields:
                self.fields[name].set_value(value)

    def defaults(self) -> dict[str, ParamValue]:
        """The values that the manifest gives."""
        return {name: param.default for name, param in self.tool.params.items()}

    def reset(self) -> None:
        """Shows the defaults."""
        self.set_values(self.defaults())

    def pictures(self) -> dict[str, Picture]:
        """The pictures that were chosen, by the names of the inputs."""
        chosen = {name: field.picture() for name, field in self.picture_fields.items()}
        return {name: picture for name, picture in chosen.items() if picture is not None}

    def set_pictures(self, pictures: Mapping[str, Picture]) -> None:
        """Chooses pictures, by the names of the inputs."""
        for name, picture in pictures.items():
            if name in self.picture_fields:
                self.picture_fields[name].choose_picture(picture)

    def show_counts(self, counts: Counts | None) -> None:
        """Draws a histogram behind curves and levels."""
        for field in self.fields.values():
            if isinstance(field, CurveField | LevelsField):
                field.show_counts(counts)

    @property
    def wants_counts(self) -> bool:
        """Whether there is a field with a histogram."""
        return bool(self._stacks)

    def show_files(self, names: Mapping[str, Sequence[str]]) -> None:
        """Offers the files of weights that there are, by kind."""
        for field in self.fields.values():
            if isinstance(field, FileField):
                field.show_files(names.get(field.param.kind, ()))

    def set_session(self, session: DocumentSession | None) -> None:
        """Offers the layers of another document."""
        for field in self.picture_fields.values():
            field.set_session(session)

    def show_seeds(self, params: Mapping[str, ParamValue]) -> None:
        """Shows the seeds that a job got."""
        for name, field in self.fields.items():
            if isinstance(field, SeedField) and name in params:
                field.show_used(int(params[name]))

    def show_count(self, text: str, count: int, limit: int) -> None:
        """Hands a count of tokens to the fields that asked."""
        for field in self.prompts():
            field.show_count(text, count, limit)

    def prompts(self) -> list[PromptField]:
        """The fields whose tokens are counted."""
        return [field for field in self.fields.values() if isinstance(field, PromptField)]

    def _add_picture(self, rows: _Rows, name: str) -> None:
        given = next(given for given in self.tool.inputs if given.name == name)
        field = PictureField(given, self._theme, self._icons)
        field.changed.connect(self.changed)
        field.refused.connect(self.refused)
        self.picture_fields[name] = field
        rows.add_wide(given.title or given.name, field)

    def _add(self, rows: _Rows, name: str, param: Param) -> None:
        field = make_field(param, self._theme, self._icons, name)
        field.changed.connect(self.changed)
        self.fields[name] = field
        if isinstance(field, CurveField | LevelsField):
            if param.type not in self._stacks:
                self._stacks[param.type] = ChannelStack()
                rows.add_bare(self._stacks[param.type])
            self._stacks[param.type].add(param.title, field)
            return
        if isinstance(field, ModeField):
            field.picked.connect(lambda mode: self.set_values(begun(self.tool, mode)))
        if isinstance(field, PromptField):
            field.count_wanted.connect(lambda text, asking=field: self.count_wanted.emit(asking, text))
        if field.wide:
            rows.add_wide(param.title, field)
        else:
            rows.add(param.title, field)

    def _aspect(self, rows: _Rows) -> AspectField | None:
        """Proportions, once there are a width and a height."""
        lengths = [field for field in self.fields.values() if isinstance(field, SizeField)]
        if len(lengths) != 2:
            return None
        aspect = AspectField(*lengths)
        rows.add(self.tr("Proportions"), aspect)
        return aspect

    def _fold(self, rows: _Rows) -> None:
        self.more.setText(self.tr("More settings"))
        self.more.setAutoRaise(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setArrowType(Qt.ArrowType.RightArrow)
        self.more.clicked.connect(lambda: self.unfold(self._advanced.isHidden()))
        self._layout.addWidget(self.more)
        self._layout.addWidget(rows)
        rows.hide()
        self.more.setVisible(rows.count > 0)

    def add_advanced(self, title: str, widget: QWidget) -> None:
        """Puts a control of the window's own among those that are folded away."""
        self._advanced.add(title, widget)
        self.more.show()

    def unfold(self, unfolded: bool) -> None:
        """Shows the settings that are folded away, or hides them."""
        self.more.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)
        self._advanced.setVisible(unfolded)


class _Rows(QWidget):
    """Titles on the left, controls on the right; wide controls under their titles."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnMinimumWidth(0, TITLE_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self.count = 0

    def add(self, title: str, widget: QWidget) -> None:
        """A row."""
        self._grid.addWidget(_title(title, widget), self.count, 0)
        self._grid.addWidget(widget, self.count, 1)
        self.count += 1

    def add_bare(self, widget: QWidget) -> None:
        """A row without a title."""
        self._grid.addWidget(widget, self.count, 0, 1, 2)
        self.count += 1

    def add_wide(self, title: str, widget: QWidget) -> None:
        """Two rows."""
        self._grid.addWidget(_title(title, widget), self.count, 0, 1, 2)
        self._grid.addWidget(widget, self.count + 1, 0, 1, 2)
        self.count += 2


def make_field(param: Param, theme: Theme, icons: Icons, name: str = "") -> Field:
    """The control for a parameter; `name` is the manifest's."""
    match param.type:
        case "curve":
            return CurveField(param, name, theme)
        case "levels":
            return LevelsField(param, name, theme)
        case "prompt":
            return PromptField(param, theme)
        case "seed":
            return SeedField(param, icons)
        case "size":
            return SizeField(param)
        case "boolean":
            return BooleanField(param)
        case "colour":
            return ColourField(param)
        case "enum" if param.ui == "mode":
            return ModeField(param, icons)
        case "enum":
            return AutoField(param) if param.ui == "under" else EnumField(param)
        case "file":
            return FileField(param)
        case "text":
            return TextField(param)
        case _:
            return NumberField(param)


def _title(text: str, widget: QWidget) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setToolTip(widget.toolTip())
    label.setBuddy(widget)
    return label
