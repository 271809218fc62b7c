"""stack.xml, the layer tree of an OpenRaster file, as plain elements. Source: OpenRaster specification 0.0.6.

Names keep their prefixes as they were written, so that what other programs add comes out as it went in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from scumble.api import ScumbleError
from scumble.document import BlendMode
from scumble.files.limits import Limits

NAMESPACE: Final = "urn:x-scumble:openraster"
VERSION: Final = "1"
"""Of our own additions to the format."""

_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ALIASES: Final = {
    "svg:add": BlendMode.ADD,
    "src-over": BlendMode.NORMAL,
    "krita:hue": BlendMode.HUE,
    "krita:saturation": BlendMode.SATURATION,
    "krita:color": BlendMode.COLOR,
    "krita:luminize": BlendMode.LUMINOSITY,
    "krita:exclusion": BlendMode.EXCLUSION,
}
_WRITTEN: Final = {BlendMode.EXCLUSION: "krita:exclusion"}


@dataclass(slots=True, eq=False)
class Node:
    """An element with its attributes and children; text between elements is not kept."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        """An attribute."""
        return self.attributes.get(name, default)

    def number(self, name: str, default: float) -> float:
        """An attribute as a finite number; the default where it is none."""
        try:
            value = float(self.attributes[name])
        except (KeyError, ValueError):
            return default
        return value if abs(value) < 1e9 else default

    def integer(self, name: str, default: int = 0) -> int:
        """An attribute as a whole number."""
        return int(self.number(name, default))


def blend_mode(name: str) -> BlendMode | None:
    """The blend mode of a composite-op; None where we have none like it."""
    if name in _ALIASES:
        return _ALIASES[name]
    return next((mode for mode in BlendMode if mode.value == name), None)


def composite_op(mode: BlendMode) -> str:
    """What a blend mode is written as: the name that Krita knows, where it does not know the one of the
    specification."""
    return _WRITTEN.get(mode, mode.value)


def parse(data: bytes, path: Path, limits: Limits) -> Node:
    """The root element. Raises `file-truncated` for what is not XML, `file-unsafe` for entities and endless trees."""
    builder = _Builder(path, limits)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.StartDoctypeDeclHandler = builder.doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise ScumbleError("file-truncated", path=path, reason="its stack.xml is not whole") from error
    if builder.root is None:
        raise ScumbleError("file-truncated", path=path, reason="its stack.xml is not whole")
    return builder.root


def serialise(root: Node) -> bytes:
    """The element as a UTF-8 document. Characters that XML cannot hold become U+FFFD."""
    lines = ["<?xml version='1.0' encoding='UTF-8'?>"]
    _write(root, lines, 0)
    return ("\n".join(lines) + "\n").encode()


def _write(node: Node, lines: list[str], depth: int) -> None:
    attributes = "".join(f" {name}={_quoted(value)}" for name, value in node.attributes.items())
    space = " " * depth
    if not node.children:
        lines.append(f"{space}<{node.tag}{attributes}/>")
        return
    lines.append(f"{space}<{node.tag}{attributes}>")
    for child in node.children:
        _write(child, lines, depth + 1)
    lines.append(f"{space}</{node.tag}>")


def _quoted(value: str) -> str:
    return quoteattr(_ILLEGAL.sub("\ufffd", value))


class _Builder:
    """Collects elements as the parser meets them, within the limits."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self._open: list[Node] = []
        self._count = 0
        self.root: Node | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        node = Node(tag, attributes)
        self._count += 1
        if self._count > self._limits.layers:
            raise self._unsafe(f"it has more than {self._limits.layers} layers")
        if len(self._open) >= self._limits.depth:
            raise self._unsafe(f"its groups are nested more than {self._limits.depth} deep")
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, tag: str) -> None:
        self._open.pop()

    def doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> None:
        raise self._unsafe("its stack.xml declares a document type")

    def _unsafe(self, reason: str) -> ScumbleError:
        return ScumbleError("file-unsafe", path=self._path, reason=reason)
