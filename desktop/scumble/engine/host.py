"""The plugin host: imports the runtime of a plugin on first use, and calls the hook of that plugin alone."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pluggy

from scumble.api import PROJECT, JobContext, ScumbleError, Tool, ToolJob, ToolResult, hooks
from scumble.engine.faults import is_out_of_memory, out_of_memory, reason, report
from scumble.engine.results import checked_result
from scumble.plugins import Catalogue, InstalledPlugin
from scumble.protocol import InFlight


class PluginHost:
    """Every plugin has a plugin manager of its own, so that a call can reach no other. For one thread."""

    def __init__(self, catalogue: Catalogue, scratch: Path) -> None:
        self._catalogue = catalogue
        self._scratch = scratch
        self._managers: dict[str, pluggy.PluginManager] = {}
        self._extend_path()

    def find(self, plugin_id: str, tool_id: str) -> tuple[InstalledPlugin, Tool]:
        """A tool of a plugin. Raises `ScumbleError` (`plugin-unknown`, `plugin-import-failed`, `tool-unknown`)."""
        plugin = self._plugin(plugin_id)
        if plugin.fault:
            raise ScumbleError("plugin-import-failed", plugin=plugin.title, reason=plugin.fault)
        for tool in plugin.tools:
            if tool.id == tool_id:
                return plugin, tool
        raise ScumbleError("tool-unknown", tool=tool_id, known=", ".join(tool.id for tool in plugin.tools))

    def run(self, plugin: InstalledPlugin, tool: Tool, job: ToolJob, context: JobContext) -> ToolResult:
        """Calls the plugin and checks what it returns.

        Raises `ScumbleError`: what the plugin raises itself, or `plugin-import-failed`, `plugin-failed`,
        `plugin-bad-result`, `out-of-memory`.
        """
        manager = self._managers.get(plugin.id) or self._load(plugin, job)
        try:
            with InFlight(plugin.id, "scumble_run_tool", job.id).held(self._scratch):
                results = manager.hook.scumble_run_tool(tool=tool.id, job=job, context=context)
        except ScumbleError:
            raise
        except BaseException as error:
            if is_out_of_memory(error):
                raise out_of_memory(job, error) from error
            raise ScumbleError(
                "plugin-failed", plugin=plugin.title, reason=reason(error), details=report(error)
            ) from error
        return checked_result(results[0] if results else None, tool, job, plugin.title)

    def _plugin(self, plugin_id: str) -> InstalledPlugin:
        try:
            plugin = self._catalogue.find(plugin_id)
        except ScumbleError:
            self._catalogue.reload()
            self._extend_path()
            plugin = self._catalogue.find(plugin_id)
        if not plugin.enabled:
            raise ScumbleError("plugin-unknown", plugin=plugin_id)
        return plugin

    def _extend_path(self) -> None:
        # appended, so that no plugin can hide a package of the host's
        sys.path += [folder for folder in self._catalogue.sys_paths() if folder not in sys.path]
        importlib.invalidate_caches()

    def _load(self, plugin: InstalledPlugin, job: ToolJob) -> pluggy.PluginManager:
        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(hooks)
        try:
            with InFlight(plugin.id, "import", job.id).held(self._scratch):
                module = importlib.import_module(plugin.runtime)
            _check_origin(module, plugin)
            manager.register(module, plugin.id)
            manager.check_pending()
            if not manager.get_hookcallers(module):
                raise ImportError(f"{plugin.runtime} implements no hook")
        except BaseException as error:
            raise ScumbleError(
                "plugin-import-failed", plugin=plugin.title, reason=reason(error), details=report(error)
            ) from error
        self._managers[plugin.id] = manager
        return manager


def _check_origin(module: ModuleType, plugin: InstalledPlugin) -> None:
    if plugin.folder is None:
        return
    if not Path(module.__file__ or "").resolve().is_relative_to(plugin.folder.resolve()):
        raise ImportError(f"{plugin.runtime} was found in another place, {module.__file__}")
