"""Finding plugins by the metadata of wheels and by static project files. Nothing of a plugin is imported."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from scumble.api import Manifest, ScumbleError, Tool
from scumble.plugins.manifest import MANIFEST, read_manifest

GROUP: Final = "scumble.plugins"
"""The group of entry points by which a distribution says that it holds a plugin."""

HOST: Final = "scumble"
"""The distribution whose entry points are the bundled plugins."""

Origin = Literal["bundled", "installed", "link"]
"""Where a plugin comes from: the program itself, the plugins' folder, or a developer's working folder."""

_MAX_PROJECT = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledPlugin:
    """A plugin that was found. `manifest` is None when it is not valid; `fault` then says why.

    `id` is the manifest's, or the best name there is for a plugin without one; `name` is the distribution's.
    `folder` is what has to be on `sys.path` for the package to be found, None for a bundled plugin.
    """

    id: str
    name: str
    version: str
    package: str
    origin: Origin
    folder: Path | None = None
    manifest: Manifest | None = None
    enabled: bool = True
    fault: str = ""

    @property
    def bundled(self) -> bool:
        """Whether it came with the program."""
        return self.origin == "bundled"

    @property
    def active(self) -> bool:
        """Whether its tools can be used."""
        return self.enabled and not self.fault and self.manifest is not None

    @property
    def title(self) -> str:
        """What a person calls it."""
        return self.manifest.plugin.title if self.manifest else self.name

    @property
    def runtime(self) -> str:
        """The module that the engine imports; empty without a manifest."""
        return self.manifest.plugin.runtime if self.manifest else ""

    @property
    def tools(self) -> tuple[Tool, ...]:
        """Its tools; none while it cannot be used."""
        return self.manifest.tools if self.manifest and self.active else ()


def bundled_plugins() -> list[InstalledPlugin]:
    """The program's own plugins; the module finder says where they lie, because that is what will be imported."""
    try:
        host = importlib.metadata.distribution(HOST)
    except importlib.metadata.PackageNotFoundError:
        return []
    return [_bundled(host, point.value) for point in host.entry_points.select(group=GROUP)]


def _bundled(host: importlib.metadata.Distribution, package: str) -> InstalledPlugin:
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    places = list(spec.submodule_search_locations or ()) if spec else []
    path = Path(places[0]) / MANIFEST if places else Path(package, MANIFEST)
    return _plugin(path, package=package, name=host.name, version=host.version, origin="bundled")


def installed_plugin(plugin: str, folder: Path) -> InstalledPlugin:
    """The plugin that was installed into a folder of its own; `plugin` is the id that the folder stands for."""
    try:
        distribution, package = plugin_distribution(folder)
    except ScumbleError as error:
        return InstalledPlugin(
            id=plugin, name=plugin, version=folder.name, package="", origin="installed", folder=folder, fault=str(error)
        )
    metadata = distribution.metadata
    return _plugin(
        folder / package / MANIFEST,
        package=package,
        name=metadata["Name"],
        version=metadata["Version"],
        origin="installed",
        folder=folder,
        expected=plugin,
    )


def plugin_distribution(folder: Path) -> tuple[importlib.metadata.Distribution, str]:
    """The one distribution in a folder that holds a plugin, and its package.

    Raises `ScumbleError` (`manifest-invalid`) when there is none, more than one, or an entry point that is not a
    top-level package.
    """
    found = [
        (distribution, point.value)
        for distribution in importlib.metadata.distributions(path=[str(folder)])
        for point in distribution.entry_points.select(group=GROUP)
    ]
    package = sole_package(value for _, value in found)
    return found[0][0], package


def sole_package(values: Iterable[str]) -> str:
    """The package that the entry points name. Raises `ScumbleError` (`manifest-invalid`) unless it is exactly one."""
    packages = list(values)
    if not packages:
        raise ScumbleError("manifest-invalid", reason=f"it has no entry point in the group “{GROUP}”")
    if len(packages) > 1:
        raise ScumbleError(
            "manifest-invalid", reason=f"it has {len(packages)} entry points in the group “{GROUP}”, but may have one"
        )
    if not packages[0].isidentifier():
        raise ScumbleError(
            "manifest-invalid", reason=f"its entry point “{packages[0]}” is not the name of a top-level package"
        )
    return packages[0]


def linked_plugin(folder: Path, plugin: str = "") -> InstalledPlugin:
    """The plugin in a developer's working folder, by its static `pyproject.toml`; no build step is run.

    The package lies in the folder itself or in `src`.
    """
    try:
        project = _project(folder / "pyproject.toml")
        package = sole_package(_entry_points(project))
    except ScumbleError as error:
        name = plugin or folder.name
        return InstalledPlugin(
            id=name, name=folder.name, version="", package="", origin="link", folder=folder, fault=str(error)
        )
    source = next((place for place in (folder / "src", folder) if (place / package).is_dir()), folder)
    return _plugin(
        source / package / MANIFEST,
        package=package,
        name=str(project.get("name", folder.name)),
        version=str(project.get("version", "")),
        origin="link",
        folder=source,
        expected=plugin,
    )


def _project(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_PROJECT)
    except OSError:
        raise ScumbleError("manifest-invalid", reason=f"the folder “{path.parent}” has no pyproject.toml") from None
    try:
        project = tomllib.loads(raw.decode()).get("project")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ScumbleError("manifest-invalid", reason=f"pyproject.toml: {error}") from None
    if not isinstance(project, dict):
        raise ScumbleError("manifest-invalid", reason="pyproject.toml has no table [project]")
    return project


def _entry_points(project: Mapping[str, Any]) -> list[str]:
    groups = project.get("entry-points", {})
    points = groups.get(GROUP, {}) if isinstance(groups, dict) else {}
    return [str(value) for value in points.values()] if isinstance(points, dict) else []


def _plugin(
    path: Path,
    *,
    package: str,
    name: str,
    version: str,
    origin: Origin,
    folder: Path | None = None,
    expected: str = "",
) -> InstalledPlugin:
    manifest, fault = None, ""
    try:
        manifest = read_manifest(path, package)
    except ScumbleError as error:
        fault = str(error)
    found = manifest.plugin.id if manifest else expected or package
    if expected and found != expected:
        fault = f"Its id was “{expected}” when it was installed and is now “{found}”. Install it again."
    return InstalledPlugin(
        id=expected or found,
        name=name,
        version=version,
        package=package,
        origin=origin,
        folder=folder,
        manifest=manifest,
        fault=fault,
    )
