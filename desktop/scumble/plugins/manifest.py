"""Reading and checking a plugin's manifest, `scumble.toml`. Nothing of the plugin is imported."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from scumble.api import API_VERSION, FILL_MODES, MAX_REACH, UNDERS, Manifest, Param, ScumbleError, Tool
from scumble.plugins.params import RANDOM_SEED, bounds, check_value

MANIFEST: Final = "scumble.toml"
"""The name of the manifest inside a plugin's package."""

MAX_BYTES: Final = 256 * 1024
"""The longest manifest that is read."""

PERMISSIONS: Final = ("network", "files", "subprocess", "native-code", "ui-code")
"""What a plugin may ask for."""

RESERVED: Final = frozenset({"feather", "grow", "help", "image", "mask", "model", "open-raster", "out"})
"""Names that the program keeps for itself; no parameter, and no input of kind `picture`, may have one."""

_PLUGIN_ID = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+")
_TOOL_ID = re.compile(r"[a-z][a-z0-9-]*")
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_MAX_ID = 100
_MAX_ITEMS = 100


def read_manifest(path: Path, package: str) -> Manifest:
    """The manifest of a top-level package, checked. Raises `ScumbleError` (`manifest-invalid`) with the reason."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _invalid(f"the package “{package}” holds no {MANIFEST}") from None
    except OSError as error:
        raise _invalid(f"{MANIFEST} cannot be read ({error.strerror})") from None
    return parse_manifest(raw, package)


def parse_manifest(raw: bytes, package: str) -> Manifest:
    """The same from the bytes of the file."""
    if len(raw) > MAX_BYTES:
        raise _invalid(f"{MANIFEST} is longer than {MAX_BYTES // 1024} KiB")
    try:
        manifest = msgspec.toml.decode(raw, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _invalid(f"{MANIFEST}: {error}") from None
    for problem in _problems(manifest, package):
        raise _invalid(problem)
    return manifest


def _invalid(reason: str) -> ScumbleError:
    return ScumbleError("manifest-invalid", reason=reason)


def _problems(manifest: Manifest, package: str) -> Iterator[str]:
    plugin = manifest.plugin
    if not _PLUGIN_ID.fullmatch(plugin.id) or len(plugin.id) > _MAX_ID:
        yield f"“{plugin.id}” is not an id of the form org.example.name, in small letters"
    if not plugin.title.strip():
        yield "the plugin has no title"
    yield from _api_problems(plugin.requires_api)
    if not _inside(plugin.runtime, package):
        yield f"the runtime “{plugin.runtime}” lies outside the plugin's own package “{package}”"
    for name in manifest.permissions:
        if name not in PERMISSIONS:
            yield f"there is no permission “{name}”; the permissions are {', '.join(PERMISSIONS)}"
    if len(manifest.tools) > _MAX_ITEMS:
        yield f"it has more than {_MAX_ITEMS} tools"
    seen: set[str] = set()
    for tool in manifest.tools:
        if tool.id in seen:
            yield f"two tools have the id “{tool.id}”"
        seen.add(tool.id)
        for problem in _tool_problems(tool):
            yield f"tool “{tool.id}”: {problem}"


def _api_problems(wanted: str) -> Iterator[str]:
    try:
        matches = SpecifierSet(wanted).contains(API_VERSION)
    except InvalidSpecifier:
        yield f"requires-api “{wanted}” is not a version range"
        return
    if not matches:
        yield f"it needs version {wanted} of the plugin interface, but this Scumble has {API_VERSION}"


def _inside(runtime: str, package: str) -> bool:
    parts = runtime.split(".")
    return parts[0] == package and all(part.isidentifier() for part in parts)


def _tool_problems(tool: Tool) -> Iterator[str]:
    if not _TOOL_ID.fullmatch(tool.id) or len(tool.id) > _MAX_ID:
        yield "an id has small letters, digits and hyphens only"
    if not tool.title.strip():
        yield "it has no title"
    if len(tool.inputs) > _MAX_ITEMS or len(tool.params) > _MAX_ITEMS:
        yield f"it has more than {_MAX_ITEMS} inputs or parameters"
    names = [option_name(each.name) for each in tool.inputs]
    for each in tool.inputs:
        if each.kind == "picture" and option_name(each.name) in RESERVED:
            yield f"the name “{each.name}” is taken; choose another for the picture"
    for name in names:
        if names.count(name) > 1:
            yield f"two inputs are called “{name}”"
    if tool.result == "masked-layer" and not any(each.kind == "selection" for each in tool.inputs):
        yield "its result is a masked layer, but it has no input of kind selection"
    if tool.light and tool.model:
        yield "a light tool needs no model"
    if tool.two_passes and not tool.model:
        yield "a tool without a model works in one pass"
    yield from _adjustment_problems(tool)
    for name in [*(each.name for each in tool.inputs), *tool.params]:
        if not _NAME.fullmatch(name):
            yield f"“{name}” is not a name in small letters, digits, hyphens and underscores"
    for name, param in tool.params.items():
        if option_name(name) in names or option_name(name) in RESERVED:
            yield f"the name “{name}” is taken; choose another for the parameter"
        for problem in _param_problems(param):
            yield f"parameter “{name}”: {problem}"


def _adjustment_problems(tool: Tool) -> Iterator[str]:
    reaches = [param for param in tool.params.values() if param.reach]
    if tool.result != "adjustment":
        if tool.alpha or tool.menu or tool.shortcut or reaches:
            yield "only an adjustment has alpha, menu, shortcut or reach"
        return
    if tool.model:
        yield "an adjustment needs no model"
    if [each.kind for each in tool.inputs] != ["layer"] or tool.inputs[0].optional:
        yield "an adjustment has one input, of kind layer"
    if any(param.type in ("prompt", "seed", "size") for param in tool.params.values()):
        yield "an adjustment has no prompt, seed or size"
    if not all(_reach_is_bounded(param) for param in reaches):
        yield f"a reach is at least 0, of a number from 0 on, and at most {MAX_REACH} pixels"


def _reach_is_bounded(param: Param) -> bool:
    low, high = bounds(param)
    return param.type in ("number", "integer") and low >= 0 and 0 < param.reach * high <= MAX_REACH


def option_name(name: str) -> str:
    """The name of a parameter or an input as the command line shows it."""
    return name.replace("_", "-")


def _param_problems(param: Param) -> Iterator[str]:
    if not param.title.strip():
        yield "it has no title"
    if param.type == "enum" and (not param.choices or len(set(param.choices)) < len(param.choices)):
        yield "an enum needs choices, each once"
    if param.type != "enum" and param.choices:
        yield "only an enum has choices"
    known = {"mode": FILL_MODES, "under": UNDERS}.get(param.ui)
    if known is not None and (param.type != "enum" or not set(param.choices) <= set(known)):
        yield f"with ui = “{param.ui}” it is an enum whose choices are among {', '.join(known)}"
    if (param.type == "file") != bool(param.kind):
        yield "a file, and nothing else, has a kind"
    if param.labels and len(param.labels) != (1 if param.type == "file" else len(param.choices)):
        yield "there must be as many labels as choices"
    limits = [each for each in (param.minimum, param.maximum, param.step) if each is not None]
    if limits and param.type not in ("number", "integer", "seed", "size"):
        yield "only numbers have a minimum, a maximum or a step"
    if not all(math.isfinite(each) for each in limits):
        yield "minimum, maximum and step are plain numbers"
    if param.step is not None and param.step <= 0:
        yield "a step is above 0"
    low, high = bounds(param)
    if low > high:
        yield "the minimum is above the maximum"
    yield from _default_problems(param)


def _default_problems(param: Param) -> Iterator[str]:
    text = param.type in ("text", "prompt", "enum", "file", "colour", "curve", "levels")
    if isinstance(param.default, str) != text or isinstance(param.default, bool) != (param.type == "boolean"):
        yield f"the default {param.default!r} is not of type {param.type}"
        return
    if param.type == "seed" and param.default == RANDOM_SEED:
        return
    try:
        check_value(param, param.default)
    except ScumbleError as error:
        yield f"the default does not fit: {error}"
