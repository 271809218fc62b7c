"""Puts the adjustments into the window: a menu made from the manifests, and the panel that is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from scumble.api import ParamValue, ScumbleError, Tool
from scumble.plugins import Catalogue, InstalledPlugin
from scumble.service import ModelService
from scumble.ui.adjust.panel import AdjustPanel
from scumble.ui.adjust.run import AdjustRun
from scumble.ui.background import Background
from scumble.ui.commands import Command
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow

REPEAT: Final = Command(
    "adjust.repeat",
    QT_TRANSLATE_NOOP("commands", "&Repeat the last adjustment"),
    icon="again",
    shortcuts=("Ctrl+F",),
    tip=QT_TRANSLATE_NOOP("commands", "Repeat the last adjustment with the same values"),
)

SECTIONS: Final = ("colour", "detail", "")
"""The parts of the menu, in their order."""


class Adjustments(QObject):
    """A child of its window. Values are remembered, tool by tool, for as long as it lives."""

    def __init__(self, window: MainWindow, service: ModelService, catalogue: Catalogue) -> None:
        super().__init__(window)
        self._window, self._service, self._catalogue = window, service, catalogue
        self._background = Background(self)
        self._tools: dict[str, tuple[InstalledPlugin, Tool]] = {}
        self._values: dict[str, dict[str, ParamValue]] = {}
        self._last = ""
        self.panel: AdjustPanel | None = None
        self.menu = QMenu(self.tr("&Adjust"), window)
        repeat = Command(REPEAT.id, REPEAT.text, REPEAT.icon, REPEAT.shortcuts, REPEAT.tip, self._can_repeat)
        self._repeat = window.commands.add(repeat, self.repeat)
        self._add_menu()
        self.reload()
        window.session_changed.connect(self._on_session)
        window.closed.connect(self._on_closed)

    def reload(self) -> None:
        """The catalogue has other tools."""
        self._tools = {tool.id: (plugin, tool) for plugin, tool in self._catalogue.adjustments()}
        if self.panel is not None and self.panel.tool.id not in self._tools:
            self.panel.reject()
        known = {command.id for command in self._window.commands}
        for _, tool in self._tools.values():
            if _command_id(tool.id) not in known:
                self._window.commands.add(self._command(tool), self._opener(tool.id))
        self._fill()

    def open(self, tool_id: str) -> AdjustPanel | None:
        """Opens the panel of a tool with the values it had last; one without values is applied at once."""
        found = self._tools.get(tool_id)
        if found is None:
            return None
        if found[1].params:
            return self._begin(tool_id, self._values.get(tool_id, {}), unseen=False)
        return self._begin(tool_id, {}, unseen=True)

    def repeat(self) -> AdjustPanel | None:
        """Applies the last adjustment again, with the same values, without asking."""
        if self._last not in self._tools:
            return None
        return self._begin(self._last, self._values.get(self._last, {}), unseen=True)

    def _begin(self, tool_id: str, values: Mapping[str, ParamValue], *, unseen: bool) -> AdjustPanel | None:
        window, session = self._window, self._window.session
        if self.panel is not None:
            self.panel.reject()
        if session is None:
            return None
        session.settle()
        plugin, tool = self._tools[tool_id]
        canvas = window.canvas_of(session)
        self._service.get_light_ready()
        run = AdjustRun(session, canvas, self._service, self._background, plugin, tool)
        panel = AdjustPanel(run, tool, canvas, self._background, window.theme, window.icons, window)
        self.panel = panel
        panel.closed.connect(lambda made: self._on_panel_closed(panel, made))
        panel.refused.connect(self._on_refused)
        if unseen:
            panel.begin_unseen(values)
        else:
            panel.begin(values)
        return panel

    def _on_panel_closed(self, panel: AdjustPanel, made: bool) -> None:
        if made:
            self._last = panel.tool.id
            self._values[panel.tool.id] = panel.values()
        if self.panel is panel:
            self.panel = None
        self._window.commands.refresh(self._window.session)
        if self._window.canvas is not None:
            self._window.canvas.setFocus()

    def _on_refused(self, error: ScumbleError) -> None:
        self._window.show_error(error)

    def _on_session(self, _session: DocumentSession | None) -> None:
        if self.panel is not None:
            self.panel.reject()

    def _on_closed(self) -> None:
        if self.panel is not None:
            self.panel.reject()
        self._background.close()

    # The menu

    def _add_menu(self) -> None:
        menus = self._window.menus
        before = menus.get("tools") or menus.get("generate") or menus.get("docks")
        if before is not None:
            self._window.menuBar().insertMenu(before.menuAction(), self.menu)
        else:
            self._window.menuBar().addMenu(self.menu)
        menus["adjust"] = self.menu

    def _fill(self) -> None:
        self.menu.clear()
        self.menu.addAction(self._repeat)
        for section in SECTIONS:
            self.menu.addSeparator()
            for _, tool in self._tools.values():
                if tool.menu == section:
                    self.menu.addAction(self._window.commands.action(_command_id(tool.id)))
        self._window.commands.refresh(self._window.session)

    def _command(self, tool: Tool) -> Command:
        """The command of a tool. A key that the window has another use for is not given away."""
        taken = {QKeySequence(keys).toString() for command in self._window.commands for keys in command.shortcuts}
        wanted = QKeySequence(tool.shortcut).toString()
        text = tool.title.replace("&", "&&") + ("…" if tool.params else "")
        return Command(
            _command_id(tool.id),
            text,
            tool.icon,
            (wanted,) if wanted and wanted not in taken else (),
            tool.summary,
            self._offered(tool.id),
        )

    def _opener(self, tool_id: str) -> Callable[[], object]:
        return lambda: self.open(tool_id)

    def _offered(self, tool_id: str) -> Callable[[DocumentSession | None], bool]:
        """It can be chosen while its plugin is there, and something to adjust."""
        return lambda session: tool_id in self._tools and session is not None and session.surface is not None

    def _can_repeat(self, session: DocumentSession | None) -> bool:
        return self._last in self._tools and session is not None and session.surface is not None


def install(window: MainWindow, service: ModelService, catalogue: Catalogue) -> Adjustments:
    """Gives a window its adjustments. To be called once, after what generates."""
    return Adjustments(window, service, catalogue)


def _command_id(tool_id: str) -> str:
    return "adjust." + tool_id.removeprefix("adjust-")
