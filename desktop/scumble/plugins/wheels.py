"""Looking into a wheel before anything of it is unpacked."""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.metadata
import platform
import stat
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import sys_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from scumble.api import Manifest, ScumbleError
from scumble.plugins.discovery import GROUP, sole_package
from scumble.plugins.manifest import MANIFEST, MAX_BYTES, parse_manifest

MAX_FILES: Final = 20_000
"""The most files that a wheel may hold."""

MAX_UNPACKED: Final = 1 << 30
"""The most bytes that a wheel may unpack to."""

MAX_RATIO: Final = 100
"""The most bytes out of one byte in, where it unpacks to more than `RATIO_FROM` bytes."""

RATIO_FROM: Final = 64 << 20

_HOOKS = ("sitecustomize", "usercustomize")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that holds nothing forbidden. `plugins` are the packages that it offers as plugins."""

    path: Path
    name: str
    version: str
    requires: tuple[Requirement, ...]
    plugins: tuple[str, ...]


def refused(source: str, reason: str) -> ScumbleError:
    """The error for something that is not installed; `reason` completes “was not installed, because …”."""
    return ScumbleError("plugin-refused", source=source, reason=reason)


def inspect(path: Path) -> Wheel:
    """What a wheel holds. Raises `ScumbleError` (`plugin-refused`) when it is unsafe or does not fit this Python."""
    source = path.name
    try:
        name, version, _, tags = parse_wheel_filename(source)
    except InvalidWheelFilename:
        raise refused(source, "its name is not that of a wheel") from None
    if tags.isdisjoint(sys_tags()):
        raise refused(source, "it is made for another system or another version of Python")
    try:
        with zipfile.ZipFile(path) as archive:
            for reason in _problems(archive.infolist()):
                raise refused(source, reason)
            wheel = _metadata(path, archive)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, UnicodeDecodeError):
        raise refused(source, "it is damaged or not a wheel") from None
    if canonicalize_name(wheel.name) != name or wheel.version != str(version):
        raise refused(source, "the name and version inside are not those of the file")
    return wheel


def manifest_of(wheel: Wheel) -> tuple[str, Manifest]:
    """The package and the manifest of a plugin's wheel. Raises `ScumbleError` (`plugin-refused`)."""
    try:
        package = sole_package(wheel.plugins)
        with zipfile.ZipFile(wheel.path) as archive:
            try:
                with archive.open(f"{package}/{MANIFEST}") as file:
                    raw = file.read(MAX_BYTES + 1)
            except KeyError:
                raise refused(wheel.path.name, f"its package “{package}” holds no {MANIFEST}") from None
        return package, parse_manifest(raw, package)
    except ScumbleError as error:
        if error.code != "manifest-invalid":
            raise
        raise refused(wheel.path.name, error.params["reason"]) from None


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hides_host(name: str, place: Path | None = None) -> bool:
    """Whether a top-level module of that name is Python's or the host's; `place` is the one that is meant to have it.

    The working folder does not count: a developer runs the program beside their own package.
    """
    if name in sys.stdlib_module_names:
        return True
    here = str(Path.cwd())
    spec = importlib.machinery.PathFinder.find_spec(name, [path for path in sys.path if path not in ("", here)])
    if spec is None:
        return False
    places = [Path(each).resolve() for each in spec.submodule_search_locations or ()]
    return place is None or place.resolve() not in places


def _problems(members: list[zipfile.ZipInfo]) -> Iterator[str]:
    if len(members) > MAX_FILES:
        yield f"it holds more than {MAX_FILES} files"
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and unpacked > MAX_RATIO * packed):
        yield f"it would unpack to {unpacked >> 20} MiB"
    seen: set[str] = set()
    tops: set[str] = set()
    for member in members:
        name = member.filename
        if _leads_outside(name) or stat.S_ISLNK(member.external_attr >> 16):
            yield f"the file “{name}” in it leads outside its folder"
        if name.casefold() in seen:
            yield f"it holds the file “{name}” twice"
        seen.add(name.casefold())
        top = _top_level(PurePosixPath(name))
        if top is None:
            yield f"the file “{name}” in it would be put outside its folder"
        elif top.endswith(".pth") or top.split(".")[0] in _HOOKS:
            yield f"the file “{name}” in it would run whenever Python starts"
        else:
            tops.add(top)
    for top in sorted(tops):
        module = top.split(".")[0]
        if not top.endswith((".dist-info", ".libs")) and module.isidentifier() and hides_host(module):
            yield f"its package “{module}” would hide one of the same name that Scumble or Python uses"


def _leads_outside(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name


def _top_level(path: PurePosixPath) -> str | None:
    """The name that a file has on `sys.path`; None for one that the wheel wants elsewhere, such as a script."""
    if not path.parts[0].endswith(".data"):
        return path.parts[0]
    if len(path.parts) > 2 and path.parts[1] in ("purelib", "platlib"):
        return path.parts[2]
    return None


def _metadata(path: Path, archive: zipfile.ZipFile) -> Wheel:
    source = path.name
    infos = {name.split("/")[0] for name in archive.namelist() if name.split("/")[0].endswith(".dist-info")}
    if len(infos) != 1:
        raise refused(source, "it is damaged or not a wheel")
    distribution = importlib.metadata.PathDistribution(zipfile.Path(archive, f"{infos.pop()}/"))
    name = distribution.metadata["Name"] or ""
    try:
        version = str(Version(distribution.metadata["Version"] or ""))
        requires = tuple(Requirement(line) for line in distribution.requires or ())
        python = SpecifierSet(distribution.metadata["Requires-Python"] or "")
    except (InvalidRequirement, InvalidSpecifier, InvalidVersion) as error:
        raise refused(source, f"its metadata cannot be read ({str(error).splitlines()[0]})") from None
    if not python.contains(platform.python_version(), prereleases=True):
        raise refused(source, f"it needs Python {python}, and this is {platform.python_version()}")
    for requirement in requires:
        if requirement.url:
            raise refused(source, f"it wants “{requirement.name}” from an address of its own")
    plugins = tuple(point.value for point in distribution.entry_points.select(group=GROUP))
    return Wheel(path, name, version, requires, plugins)
