"""The plugins that there are, and the tools that can be used."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from scumble.api import ScumbleError, Tool
from scumble.plugins.discovery import InstalledPlugin, bundled_plugins, installed_plugin, linked_plugin
from scumble.plugins.store import Fault, State, Store

CRASH_MEMORY: Final = 600.0
"""Seconds for which a crash of a plugin is held against it."""


class Catalogue:
    """All plugins, found anew by `reload`. `folder` is where community plugins are installed; it need not exist.

    Window and engine each have one over the same folder; what one of them writes, the other sees after a reload.
    """

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.plugins: tuple[InstalledPlugin, ...] = ()
        self.reload()

    @property
    def folder(self) -> Path:
        """Where community plugins are installed."""
        return self.store.folder

    def reload(self) -> None:
        """Looks for plugins again. A plugin that is broken has a fault; the others are not touched by it."""
        links = self.store.links()
        found = bundled_plugins()
        found += [linked_plugin(folder, plugin) for plugin, folder in sorted(links.items())]
        found += [installed_plugin(plugin, folder) for plugin, folder in self.store.installed() if plugin not in links]
        self.plugins = tuple(_without_clashes(_with_state(found, self.store.state())))

    def tools(self) -> tuple[tuple[InstalledPlugin, Tool], ...]:
        """The tools of all plugins that can be used, each with its plugin."""
        return tuple((plugin, tool) for plugin in self.plugins for tool in plugin.tools)

    def generators(self) -> tuple[tuple[InstalledPlugin, Tool], ...]:
        """Those of them that make a layer or a picture."""
        return tuple((plugin, tool) for plugin, tool in self.tools() if tool.result != "adjustment")

    def adjustments(self) -> tuple[tuple[InstalledPlugin, Tool], ...]:
        """Those of them that change a layer in place."""
        return tuple((plugin, tool) for plugin, tool in self.tools() if tool.result == "adjustment")

    def find_tool(self, tool_id: str) -> tuple[InstalledPlugin, Tool]:
        """A tool and its plugin. Raises `ScumbleError` (`tool-unknown`), which names the tools there are."""
        for plugin, tool in self.tools():
            if tool.id == tool_id:
                return plugin, tool
        known = ", ".join(tool.id for _, tool in self.tools()) or "none"
        raise ScumbleError("tool-unknown", tool=tool_id, known=known)

    def find(self, plugin_id: str) -> InstalledPlugin:
        """A plugin by its id, or by the name of its distribution. Raises `ScumbleError` (`plugin-unknown`)."""
        for plugin in self.plugins:
            if plugin_id == plugin.id or (not plugin.bundled and plugin_id == plugin.name):
                return plugin
        raise ScumbleError("plugin-unknown", plugin=plugin_id)

    def sys_paths(self) -> list[str]:
        """The folders to append to `sys.path`, never to insert, so that no plugin hides a package of the host."""
        return [str(plugin.folder) for plugin in self.plugins if plugin.active and plugin.folder is not None]

    def enable(self, plugin_id: str) -> None:
        """Switches a plugin on and forgets its misbehaviour. Raises `ScumbleError` (`plugin-unknown`)."""
        self._write(self.store.state().without(self.find(plugin_id).id))

    def disable(self, plugin_id: str) -> None:
        """Switches a plugin off: its tools go. Raises `ScumbleError` (`plugin-unknown`)."""
        plugin, state = self.find(plugin_id), self.store.state()
        self._write(msgspec.structs.replace(state, disabled=state.disabled | {plugin.id}))

    def quarantine(self, plugin_id: str, reason: str) -> None:
        """Switches this version of a plugin off because it misbehaved; `reason` is a sentence for a person."""
        plugin, state = self.find(plugin_id), self.store.state()
        faults = {**state.faults, plugin.id: Fault(plugin.version, reason)}
        self._write(msgspec.structs.replace(state, faults=faults))

    def blame(self, plugin_id: str, reason: str, *, crashed: bool, now: float | None = None) -> bool:
        """Takes note that a plugin could not be imported or, `crashed`, took the engine down with it.

        It is switched off at once in the first case, and at the second crash within `CRASH_MEMORY` seconds. A bundled
        plugin never is: what ails it is the installation, and it must work again when that does. Returns whether it
        was. `now` is in seconds since the epoch.
        """
        plugin, state = self.find(plugin_id), self.store.state()
        if plugin.bundled:
            return False
        now = time.time() if now is None else now
        recent = tuple(then for then in state.crashes.get(plugin.id, ()) if 0 <= now - then < CRASH_MEMORY)
        if not crashed or recent:
            self.quarantine(plugin.id, reason)
            return True
        self._write(msgspec.structs.replace(state, crashes={**state.crashes, plugin.id: (now,)}))
        return False

    def forget(self, plugin_id: str) -> None:
        """Drops what is remembered of a plugin that is going away."""
        self._write(self.store.state().without(plugin_id))

    def _write(self, state: State) -> None:
        self.store.write_state(state)
        self.reload()


def _with_state(plugins: Iterable[InstalledPlugin], state: State) -> Iterable[InstalledPlugin]:
    for plugin in plugins:
        fault = state.faults.get(plugin.id)
        reason = fault.reason if fault and fault.version == plugin.version else ""
        yield replace(plugin, enabled=plugin.id not in state.disabled, fault=plugin.fault or reason)


def _without_clashes(plugins: Iterable[InstalledPlugin]) -> Iterable[InstalledPlugin]:
    """Faults each plugin that claims an id or a package of an earlier one, or a tool of one that is in use.

    Bundled plugins come first and keep their tools also while they are switched off.
    """
    ids: dict[str, InstalledPlugin] = {}
    packages: dict[str, InstalledPlugin] = {}
    tools: dict[str, InstalledPlugin] = {}
    for plugin in plugins:
        fault = plugin.fault or _clash(plugin, ids, packages, tools)
        checked = replace(plugin, fault=fault)
        ids.setdefault(plugin.id, checked)
        packages.setdefault(plugin.package, checked)
        if plugin.manifest and (checked.active or plugin.bundled):
            tools.update((tool.id, checked) for tool in plugin.manifest.tools)
        yield checked


def _clash(
    plugin: InstalledPlugin,
    ids: dict[str, InstalledPlugin],
    packages: dict[str, InstalledPlugin],
    tools: dict[str, InstalledPlugin],
) -> str:
    if plugin.id in ids:
        return f"The id “{plugin.id}” belongs to the plugin “{ids[plugin.id].title}”."
    if plugin.package in packages:
        return f"The package “{plugin.package}” belongs to the plugin “{packages[plugin.package].title}”."
    for tool in plugin.manifest.tools if plugin.manifest else ():
        if tool.id in tools:
            return f"The tool id “{tool.id}” belongs to the plugin “{tools[tool.id].title}”."
    return ""
