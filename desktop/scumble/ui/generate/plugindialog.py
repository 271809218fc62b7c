"""The plugins: what they are, what they ask for, on and off, installed from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from scumble.api import ScumbleError
from scumble.plugins import Catalogue, InstalledPlugin
from scumble.plugins.installer import install, remove
from scumble.ui.background import Background
from scumble.ui.generate.message import InlineMessage
from scumble.ui.icons import Icons
from scumble.ui.messages import error_text
from scumble.ui.theme import Theme


class PluginDialog(QDialog):
    """`changed` says that other plugins are in use, so that the engine must begin anew."""

    changed = Signal()

    def __init__(
        self, catalogue: Catalogue, background: Background, theme: Theme, icons: Icons, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._background = background
        self._busy = False
        self._icons = icons
        self.setWindowTitle(self.tr("Plugins"))
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Plugins"))
        self.list.setIconSize(QSize(20, 20))
        self.list.setMinimumWidth(230)
        self.list.currentRowChanged.connect(self._show)
        self.message = InlineMessage(icons)
        self.install_button = QPushButton(self.tr("Install from a file…"))
        self.install_button.setAutoDefault(False)
        self.install_button.clicked.connect(self._ask_for_file)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.install_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self._close_button = buttons.button(QDialogButtonBox.StandardButton.Close)
        self._middle = QWidget()
        middle = QHBoxLayout(self._middle)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addWidget(self.list)
        middle.addWidget(self._details(), 1)
        column = QVBoxLayout(self)
        column.addWidget(self._middle, 1)
        column.addWidget(self._busy_row())
        column.addWidget(self.message)
        column.addWidget(buttons)
        self.resize(720, 460)
        self._fill()

    def install_file(self, path: Path) -> None:
        """Installs a wheel on another thread, or says why not. Nothing of it is run."""
        folder = self._catalogue.folder
        # A catalogue of its own: this one belongs to the window's thread.
        self._work(
            lambda: install(Catalogue(folder), str(path)).id, self.tr("Installing {name}…").format(name=path.name)
        )

    def choose(self, plugin_id: str) -> None:
        """Looks at a plugin, if it is among them."""
        if plugin_id:
            self._fill(plugin_id)

    @property
    def busy(self) -> bool:
        """Whether something is being installed or removed; meanwhile nothing else can be done here."""
        return self._busy

    def reject(self) -> None:
        """Closes, unless something is being installed or removed."""
        if not self._busy:
            super().reject()

    def _busy_row(self) -> QWidget:
        self.busy_text = QLabel()
        self.busy_text.setTextFormat(Qt.TextFormat.PlainText)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setAccessibleName(self.tr("Working"))
        self._busy_bar = QWidget()
        row = QHBoxLayout(self._busy_bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.busy_text)
        row.addWidget(bar, 1)
        self._busy_bar.hide()
        return self._busy_bar

    def _work(self, work: Callable[[], str], doing: str) -> None:
        """Does something that takes a while; `work` returns the id of the plugin to look at then."""
        self.message.hide()
        self.busy_text.setText(doing)
        self._set_busy(True)
        self._background.run(work, self._done, self._failed)

    def _done(self, plugin_id: str) -> None:
        self._set_busy(False)
        self._catalogue.reload()
        self._fill(plugin_id)
        self.changed.emit()

    def _failed(self, error: ScumbleError) -> None:
        self._set_busy(False)
        self.message.say(error_text(error.code, error.params), error.details)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self._busy_bar.setVisible(busy)
        for widget in (self._middle, self.install_button, self._close_button):
            widget.setEnabled(not busy)

    def _details(self) -> QScrollArea:
        self.title = QLabel()
        font = self.title.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        self.title.setFont(font)
        self.source, self.summary, self.tools = QLabel(), QLabel(), QLabel()
        self.permissions, self.fault = QLabel(), QLabel()
        self.source.setObjectName("muted")
        self.fault.setObjectName("fault")
        self.enabled = QCheckBox(self.tr("In use"))
        self.enabled.clicked.connect(self._switch)
        self.remove_button = QPushButton(self.tr("Remove…"))
        self.remove_button.setAutoDefault(False)
        self.remove_button.clicked.connect(self._ask_to_remove)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setSpacing(10)
        for label in (self.title, self.source, self.summary, self.fault):
            column.addWidget(label)
        column.addWidget(self.enabled)
        for label in (self.tools, self.permissions):
            column.addWidget(label)
        for label in (self.title, self.source, self.summary, self.fault, self.tools, self.permissions):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addStretch(1)
        column.addWidget(self.remove_button, 0, Qt.AlignmentFlag.AlignLeft)
        scroll = QScrollArea()
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        return scroll

    def _fill(self, chosen: str = "") -> None:
        chosen = chosen or (self.current.id if self.current is not None else "")
        self.list.blockSignals(True)
        self.list.clear()
        for plugin in self._catalogue.plugins:
            item = QListWidgetItem(self._icons.icon("warning" if plugin.fault else "plugin"), plugin.title)
            if not plugin.active:
                item.setForeground(
                    self.palette().color(self.palette().ColorGroup.Disabled, self.palette().ColorRole.Text)
                )
            self.list.addItem(item)
        self.list.blockSignals(False)
        ids = [plugin.id for plugin in self._catalogue.plugins]
        self.list.setCurrentRow(ids.index(chosen) if chosen in ids else 0)
        self._show()

    @property
    def current(self) -> InstalledPlugin | None:
        """The plugin that is looked at."""
        row = self.list.currentRow()
        return self._catalogue.plugins[row] if 0 <= row < len(self._catalogue.plugins) else None

    def _show(self) -> None:
        plugin = self.current
        if plugin is None:
            return
        about = plugin.manifest.plugin if plugin.manifest else None
        self.title.setText(plugin.title)
        self.source.setText(self._origin(plugin))
        self.summary.setText(about.summary if about else "")
        self.summary.setVisible(bool(self.summary.text()))
        self.fault.setText(plugin.fault)
        self.fault.setVisible(bool(plugin.fault))
        self.enabled.setChecked(plugin.enabled and not plugin.fault)
        self.enabled.setEnabled(plugin.manifest is not None)
        names = ", ".join(tool.title for tool in plugin.manifest.tools) if plugin.manifest else ""
        self.tools.setText(self.tr("Tools: {names}").format(names=names))
        self.tools.setVisible(bool(names))
        self.permissions.setText(self._permissions(plugin))
        self.remove_button.setVisible(not plugin.bundled)

    def _origin(self, plugin: InstalledPlugin) -> str:
        where = {
            "bundled": self.tr("comes with Scumble"),
            "installed": self.tr("installed"),
            "link": self.tr("a working folder: {folder}").format(folder=plugin.folder),
        }[plugin.origin]
        return f"{plugin.id} · {plugin.version} · {where}"

    def _permissions(self, plugin: InstalledPlugin) -> str:
        asked = plugin.manifest.permissions if plugin.manifest else {}
        lines = [f"• {name}: {permission.reason}" for name, permission in asked.items()]
        text = self.tr("It asks for:") if lines else self.tr("It asks for no permissions.")
        text = "\n".join([text, *lines])
        if plugin.bundled:
            return text
        warning = self.tr(
            "A plugin is a program: while it is in use it can do what you can do on this machine. "
            "Use only those whose makers you trust."
        )
        return f"{text}\n\n{warning}"

    def _switch(self, on: bool) -> None:
        plugin = self.current
        if plugin is None:
            return
        try:
            (self._catalogue.enable if on else self._catalogue.disable)(plugin.id)
        except ScumbleError as error:
            self.message.say(error_text(error.code, error.params), error.details)
        except OSError as error:
            self.message.say(self.tr("The change could not be kept: {reason}.").format(reason=error.strerror))
        self._fill(plugin.id)
        self.changed.emit()

    def _ask_for_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Install a plugin"), "", self.tr("Plugins (*.whl)"))
        if name:
            self.install_file(Path(name))

    def _ask_to_remove(self) -> None:
        plugin = self.current
        if plugin is None:
            return
        box = QMessageBox(self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(self.tr("Remove the plugin “{title}”?").format(title=plugin.title))
        box.setInformativeText(self.tr("Layers that it made stay as they are."))
        box.setStandardButtons(QMessageBox.StandardButton.Cancel)
        box.addButton(self.tr("Remove"), QMessageBox.ButtonRole.AcceptRole).setObjectName("remove")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.accepted.connect(lambda: self.remove_plugin(plugin.id))
        box.open()

    def remove_plugin(self, plugin_id: str) -> None:
        """Takes an installed plugin away on another thread, or says why not."""
        folder, title = self._catalogue.folder, self._catalogue.find(plugin_id).title

        def work() -> str:
            remove(Catalogue(folder), plugin_id)
            return ""

        self._work(work, self.tr("Removing {name}…").format(name=title))
