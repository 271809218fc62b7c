"""`scumble plugin`: install, list, switch and remove plugins."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from scumble.cli.report import reported
from scumble.plugins import Catalogue, InstalledPlugin, install, remove, rollback
from scumble.settings.paths import standard_paths


@reported
def main(arguments: Sequence[str]) -> int:
    """Runs one of the commands for plugins; returns the exit code."""
    options = _parser().parse_args(arguments)
    catalogue = Catalogue(standard_paths().plugins)
    match options.action:
        case "list":
            _list(catalogue, options.json)
        case "install":
            plugin = install(
                catalogue,
                options.source,
                index=options.index or "",
                find_links=options.find_links,
                offline=options.index is None,
            )
            _say(_described(plugin), _as_data(plugin), options.json)
        case "remove":
            plugin = catalogue.find(options.plugin)
            remove(catalogue, options.plugin)
            _say(f"{plugin.title} was removed.", {"id": plugin.id, "removed": True}, options.json)
        case _:
            _switch(catalogue, options)
    return 0


def _switch(catalogue: Catalogue, options: argparse.Namespace) -> None:
    if options.action == "enable":
        catalogue.enable(options.plugin)
        told = "is switched on"
    elif options.action == "disable":
        catalogue.disable(options.plugin)
        told = "is switched off"
    else:
        told = f"is back at version {rollback(catalogue, options.plugin).version}"
    plugin = catalogue.find(options.plugin)
    _say(f"{plugin.title} {told}.", _as_data(plugin), options.json)


def _list(catalogue: Catalogue, as_json: bool) -> None:
    if as_json:
        print(json.dumps([_as_data(plugin) for plugin in catalogue.plugins], indent=2))
        return
    for plugin in catalogue.plugins:
        tools = ", ".join(tool.id for tool in plugin.manifest.tools) if plugin.manifest else "no tools"
        print(f"{plugin.id:<28} {plugin.version or '-':<9} {plugin.origin:<9} {_condition(plugin):<4} {tools}")
        if plugin.fault:
            print(f"    {plugin.fault}")


def _described(plugin: InstalledPlugin) -> str:
    """What was installed, what it gives, and what it asks for."""
    lines = [f"{plugin.title} {plugin.version} is {'linked' if plugin.origin == 'link' else 'installed'}."]
    lines += [f"  scumble run {tool.id} --help" for tool in plugin.tools]
    permissions = plugin.manifest.permissions if plugin.manifest else {}
    lines += [f"  It asks for {name}: {permission.reason}" for name, permission in permissions.items()]
    if not plugin.enabled:
        lines.append("  It is switched off.")
    return "\n".join(lines)


def _condition(plugin: InstalledPlugin) -> str:
    if plugin.fault:
        return "bad"
    return "on" if plugin.enabled else "off"


def _as_data(plugin: InstalledPlugin) -> dict[str, object]:
    return {
        "id": plugin.id,
        "title": plugin.title,
        "name": plugin.name,
        "version": plugin.version,
        "origin": plugin.origin,
        "enabled": plugin.enabled,
        "fault": plugin.fault,
        "folder": str(plugin.folder) if plugin.folder else "",
        "tools": [tool.id for tool in plugin.manifest.tools] if plugin.manifest else [],
    }


def _say(sentence: str, data: dict[str, object], as_json: bool) -> None:
    print(json.dumps(data, indent=2) if as_json else sentence)


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print what happened as JSON")
    parser = argparse.ArgumentParser(prog="scumble plugin", description="Plugins bring tools.", allow_abbrev=False)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    adding = actions.add_parser("install", parents=[common], help="install a plugin; nothing of it is run")
    adding.add_argument("source", help="a wheel, a working folder, or a name")
    adding.add_argument(
        "--find-links", action="append", type=Path, default=[], metavar="FOLDER", help="look for wheels there as well"
    )
    adding.add_argument(
        "--index", metavar="URL", help="ask this index too; without it, nothing is looked up outside this machine"
    )
    actions.add_parser("list", parents=[common], help="list all plugins")
    for action, purpose in (
        ("enable", "switch a plugin on"),
        ("disable", "switch a plugin off: its tools go"),
        ("remove", "take a plugin away"),
        ("rollback", "go back to the version before"),
    ):
        actions.add_parser(action, parents=[common], help=purpose).add_argument("plugin", help="its id or name")
    return parser
