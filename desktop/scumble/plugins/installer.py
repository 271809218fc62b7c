"""Putting community plugins in place and taking them away. The host's packages are never touched.

A plugin's wheel, and the wheels that it needs beyond the host's packages, are unpacked into a folder of their own,
which is moved into place when it is complete.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

from scumble.api import Manifest, ScumbleError
from scumble.plugins.catalogue import Catalogue
from scumble.plugins.discovery import InstalledPlugin, linked_plugin
from scumble.plugins.resolver import Sources, check_host, fetch, unpack
from scumble.plugins.wheels import Wheel, hides_host, inspect, manifest_of, refused

_STAGING: Final = ".staging-"


def install(
    catalogue: Catalogue,
    source: str,
    *,
    index: str = "",
    find_links: Sequence[Path] = (),
    offline: bool = True,
) -> InstalledPlugin:
    """Installs a wheel file, links a developer's working folder, or installs by name from folders or an index.

    Nothing of the plugin is run. The version before is kept for `rollback`. Raises `ScumbleError`: `plugin-refused`,
    `plugin-conflict` or `file-not-found`; then everything is as it was.
    """
    path = Path(source).expanduser()
    if path.is_dir():
        return _link(catalogue, path.absolute())
    folders = tuple(folder.absolute() for folder in find_links)
    if path.suffix == ".whl" and "://" not in source:
        if not path.is_file():
            raise ScumbleError("file-not-found", path=source)
        wheel = inspect(path)
        _check_plugin(catalogue, wheel)
        check_host(path.name, wheel.requires)
        return _install(catalogue, path.name, str(path.absolute()), Sources((*folders, path.absolute().parent)))
    if path.is_file():
        raise refused(source, "it is not a wheel (.whl), and building one from sources would run code")
    _check_name(source, folders, offline)
    return _install(catalogue, source, source, Sources(folders, index, offline))


def remove(catalogue: Catalogue, plugin_id: str) -> None:
    """Takes a developer's link, or an installed plugin with all its versions, away.

    Raises `ScumbleError`: `plugin-unknown`, or `plugin-refused` for one that came with the program.
    """
    plugin = catalogue.find(plugin_id)
    if plugin.bundled:
        raise ScumbleError("plugin-bundled", plugin=plugin.title)
    if plugin.origin == "link":
        links = catalogue.store.links()
        links.pop(plugin.id, None)
        catalogue.store.write_links(links)
    else:
        home = catalogue.folder / plugin.id
        # Without the pointer the plugin is gone at once, even if a file of it is held open on Windows.
        (home / "current").unlink(missing_ok=True)
        shutil.rmtree(home, ignore_errors=True)
    catalogue.forget(plugin.id)


def rollback(catalogue: Catalogue, plugin_id: str) -> InstalledPlugin:
    """Puts the version before in use. Raises `ScumbleError`: `plugin-unknown` or `plugin-no-rollback`."""
    plugin = catalogue.find(plugin_id)
    current = catalogue.store.current(plugin.id)
    others = [path for path in _versions(catalogue, plugin.id) if path.name != current]
    if plugin.origin != "installed" or not others:
        raise ScumbleError("plugin-no-rollback", plugin=plugin.title)
    catalogue.store.set_current(plugin.id, others[0].name)
    catalogue.reload()
    return catalogue.find(plugin.id)


def _link(catalogue: Catalogue, folder: Path) -> InstalledPlugin:
    plugin = linked_plugin(folder)
    if plugin.manifest is None or plugin.fault or plugin.folder is None:
        raise refused(folder.name, plugin.fault.partition("not valid: ")[2].rstrip(".") or plugin.fault)
    _check_clashes(catalogue, folder.name, plugin.package, plugin.manifest)
    if hides_host(plugin.package, plugin.folder / plugin.package):
        raise refused(folder.name, _hiding(plugin.package))
    catalogue.store.write_links({**catalogue.store.links(), plugin.id: folder})
    catalogue.reload()
    return catalogue.find(plugin.id)


def _hiding(package: str) -> str:
    return f"its package “{package}” would hide one of the same name that Scumble or Python uses"


def _check_name(source: str, folders: Sequence[Path], offline: bool) -> None:
    try:
        requirement = Requirement(source)
    except InvalidRequirement:
        raise refused(source, "it is neither a wheel, nor a folder, nor the name of a plugin") from None
    if requirement.url:
        raise refused(source, "addresses are not accepted; save the wheel first and install the file")
    if offline and not folders:
        raise refused(
            source, "there is no such file or folder; to install by name, say where from (--index or --find-links)"
        )


def _install(catalogue: Catalogue, source: str, target: str, sources: Sources) -> InstalledPlugin:
    catalogue.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=catalogue.folder, prefix=_STAGING, ignore_cleanup_errors=True) as name:
        work = Path(name)
        wheels = [inspect(path) for path in fetch(source, target, sources, work)]
        plugins = [wheel for wheel in wheels if wheel.plugins]
        if len(plugins) != 1:
            raise refused(source, "it brings another plugin along" if plugins else _no_plugin(wheels))
        manifest = _check_plugin(catalogue, plugins[0])
        stage = work / "stage"
        unpack(source, [wheel.path for wheel in wheels], stage, work)
        _put_in_place(catalogue, stage, manifest.plugin.id, plugins[0].version)
    catalogue.reload()
    return catalogue.find(manifest.plugin.id)


def _no_plugin(wheels: Sequence[Wheel]) -> str:
    if not wheels:
        return "it is already one of the packages that Scumble itself uses"
    return "it has no entry point in the group “scumble.plugins”"


def _check_plugin(catalogue: Catalogue, wheel: Wheel) -> Manifest:
    package, manifest = manifest_of(wheel)
    _check_clashes(catalogue, wheel.path.name, package, manifest)
    return manifest


def _check_clashes(catalogue: Catalogue, source: str, package: str, manifest: Manifest) -> None:
    for other in catalogue.plugins:
        if other.id == manifest.plugin.id:
            if other.bundled:
                raise refused(source, f"its id “{other.id}” belongs to a plugin that came with Scumble")
            continue
        if other.package == package:
            raise refused(source, f"its package “{package}” belongs to the plugin “{other.title}”")
        taken = {tool.id for tool in other.manifest.tools} if other.manifest else set()
        for tool in manifest.tools:
            if tool.id in taken:
                raise refused(source, f"its tool “{tool.id}” has the id of a tool of “{other.title}”")


def _put_in_place(catalogue: Catalogue, stage: Path, plugin_id: str, version: str) -> None:
    home = catalogue.folder / plugin_id
    home.mkdir(exist_ok=True)
    before = catalogue.store.current(plugin_id)
    place = home / version
    if place.exists():
        place.rename(stage.with_name("replaced"))
    stage.rename(place)
    catalogue.store.set_current(plugin_id, version)
    for old in _versions(catalogue, plugin_id):
        if old.name not in (version, before):
            shutil.rmtree(old, ignore_errors=True)


def _versions(catalogue: Catalogue, plugin_id: str) -> list[Path]:
    home = catalogue.folder / plugin_id
    return sorted(path for path in home.iterdir() if path.is_dir()) if home.is_dir() else []
