"""Watches over plugins: one that misbehaves is switched off."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from scumble.api import ScumbleError
from scumble.plugins import Catalogue
from scumble.service import Failure, ModelService


class PluginGuard(QObject):
    """Tells the catalogue what the service says of plugins. `switched_off` carries the id and title of one that was."""

    switched_off = Signal(str, str)

    def __init__(self, service: ModelService, catalogue: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        service.plugin_faulted.connect(self._on_fault)

    @Slot(str, object)
    def _on_fault(self, plugin: str, failure: Failure) -> None:
        try:
            off = self._catalogue.blame(plugin, str(failure), crashed=failure.code == "engine-died")
        except ScumbleError:
            return  # it was removed meanwhile
        if off:
            self.switched_off.emit(plugin, self._catalogue.find(plugin).title)
