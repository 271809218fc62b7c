"""Reads OpenRaster: ours bit for bit, those of Krita, MyPaint and GIMP as they look there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec

from scumble.api import ScumbleError
from scumble.document import (
    FIRST_FRAME,
    FORMATS,
    RGBA16,
    SELECTION,
    BlendMode,
    Document,
    Frame,
    Group,
    Layer,
    LayerId,
    PaintLayer,
    PixelFormat,
    Recipe,
    RegionPrompt,
    SavedSelection,
    Structure,
    Surface,
    SurfaceId,
    Transaction,
)
from scumble.document.pixels import BGRA8
from scumble.files import planes
from scumble.files.archive import Archive, DamagedEntry
from scumble.files.limits import Allowance, Limits
from scumble.files.notes import Note, Opened, Progress, no_progress
from scumble.files.openraster_write import MIMETYPE
from scumble.files.plan import BAKED, KEPT, KEPT_SELECTION, REGION
from scumble.files.planes import Plane
from scumble.files.png import PngError, read_header
from scumble.files.recipes import RecipeError, read_recipe
from scumble.files.stack import Node, blend_mode, parse

_FURTHEST: Final = 1 << 20
"""How far from the canvas a layer may lie, in pixels."""

_KNOWN: Final = frozenset(
    (
        *("name", "src", "x", "y", "opacity", "visibility", "composite-op", "edit-locked", "selected", "isolation"),
        *("version", "w", "h", "xres", "yres", "xmlns:scumble"),
    )
)
_OURS: Final = "scumble:"
_MADE_ANEW: Final = frozenset(("mimetype", "stack.xml", "mergedimage.png", "Thumbnails/thumbnail.png", KEPT))


def read_openraster(path: Path, limits: Limits | None = None, progress: Progress = no_progress) -> Opened:
    """Reads a file. Raises `file-not-image`, `file-truncated`, `file-unsafe`, `file-too-large`, or `Cancelled`."""
    bounds = limits or Limits()
    with Archive(path, bounds) as archive:
        return _Reader(archive, bounds).read(progress)


class _Reader:
    def __init__(self, archive: Archive, limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        self._path = archive.path
        self._allowance = Allowance(archive.path, limits.tiles)
        self._notes: list[Note] = []
        self._used: set[str] = set(_MADE_ANEW)
        self._kept: dict[str, dict[str, str]] = {}
        self._pictures: dict[tuple[Node, str], Future[Plane]] = {}
        self._active: LayerId | None = None
        self._icc = b""

    def read(self, progress: Progress) -> Opened:
        root = self._root()
        width, height = root.integer("w"), root.integer("h")
        self._limits.check_size(self._path, width, height)
        stack = next((child for child in root.children if child.tag == "stack"), Node("stack"))
        document = Document(width, height, self._format(root, stack))
        document.key = _key(root) or document.key
        with ThreadPoolExecutor(2, thread_name_prefix="scumble-decode") as pool:
            try:
                self._start(pool, root, stack, document.format)
                for done, picture in enumerate(tuple(self._pictures.values())):
                    progress(done, len(self._pictures))
                    picture.exception()
                with document.history.transaction("Open") as edit:
                    layers = self._layers(document, edit, stack)
                    self._select(edit, root)
                    structure = self._structure(document, root, layers)
                    edit.set_structure(replace(structure, selections=self._selections(edit, root)))
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
        progress(len(self._pictures), len(self._pictures))
        if self._active is not None:
            document.activate(self._active)
        document.history.clear()
        return Opened(document, tuple(self._notes))

    def _root(self) -> Node:
        archive = self._archive
        try:
            kind = archive.read("mimetype", 64) if "mimetype" in archive else MIMETYPE
            if kind.strip() != MIMETYPE or not ("mimetype" in archive or "stack.xml" in archive):
                raise ScumbleError("file-not-image", path=self._path)
            if "stack.xml" in archive and archive.size("stack.xml") > self._limits.xml:
                raise ScumbleError("file-unsafe", path=self._path, reason="its stack.xml is too long")
            root = parse(archive.read("stack.xml"), self._path, self._limits)
        except DamagedEntry as error:
            raise ScumbleError("file-truncated", path=self._path, reason=str(error)) from error
        if root.tag != "image":
            raise ScumbleError("file-truncated", path=self._path, reason="its stack.xml holds no image")
        return root

    def _format(self, root: Node, stack: Node) -> PixelFormat:
        """The format that the file asks for; 16 bits where a layer of another program has them."""
        asked = FORMATS.get(root.get("scumble:format"))
        if asked is not None:
            return asked
        return RGBA16 if any(self._is_deep(node) for node in _elements(stack)) else BGRA8

    def _is_deep(self, node: Node) -> bool:
        try:
            return node.tag == "layer" and read_header(self._archive.read(node.get("src"), 33)).depth == 16
        except (DamagedEntry, PngError):
            return False

    def _start(self, pool: ThreadPoolExecutor, root: Node, stack: Node, pixel_format: PixelFormat) -> None:
        """Has every picture of the file decoded."""
        for node in _elements(stack):
            if node.tag == "layer":
                name, x, y = self._source(node), _offset(node, "x"), _offset(node, "y")
                self._pictures[node, "src"] = pool.submit(self._colour, name, x, y, pixel_format)
        for node in (root, *_kept_selections(root), *_elements(stack)):
            for attribute in ("scumble:mask", "scumble:selection"):
                if name := node.get(attribute):
                    self._used.add(name)
                    x, y = _offset(node, f"{attribute}-x"), _offset(node, f"{attribute}-y")
                    self._pictures[node, attribute] = pool.submit(self._mask, name, x, y)

    def _source(self, node: Node) -> str:
        """The entry with a layer's own pixels: beside the one for other programs, unless they have changed that."""
        standard, own = node.get("src"), node.get("scumble:source")
        self._used.update((standard, own))
        if not own:
            return standard
        if standard in self._archive and f"{self._archive.crc(standard):08x}" == node.get(BAKED):
            return own
        self._used.add(node.attributes.pop("scumble:mask", ""))
        node.attributes.pop("scumble:clip", None)
        self._notes.append(Note.of("note-edited-elsewhere", layer=node.get("name")))
        return standard

    def _colour(self, name: str, x: int, y: int, pixel_format: PixelFormat) -> Plane:
        return planes.decode_colour(self._png(name), x, y, pixel_format, self._allowance)

    def _mask(self, name: str, x: int, y: int) -> Plane:
        return planes.decode_mask(self._png(name), x, y, self._allowance)

    def _png(self, name: str) -> bytes:
        """An entry that is a PNG picture of bearable size."""
        header = read_header(self._archive.read(name, 33))
        self._limits.check_size(self._path, header.width, header.height)
        return self._archive.read(name)

    def _layers(self, document: Document, edit: Transaction, stack: Node) -> tuple[Layer, ...]:
        found = []
        for node in reversed(stack.children):
            if node.tag in ("layer", "stack"):
                found.append(self._layer(document, edit, node))
            else:
                self._notes.append(Note.of("note-layer-kind", layer=node.get("name") or node.tag))
        return tuple(found)

    def _layer(self, document: Document, edit: Transaction, node: Node) -> Layer:
        children = self._layers(document, edit, node) if node.tag == "stack" else ()
        common = self._common(document, edit, node)
        if node.get("selected") == "true":
            self._active = common["id"]
        if unknown := {name: value for name, value in node.attributes.items() if _is_unknown(name)}:
            self._kept[str(common["id"])] = unknown
        if node.tag == "stack":
            return Group(**common, children=children, isolated=node.get("isolation", "auto") == "isolate")
        surface = Surface.for_colour(document.format)
        plane = self._decoded(node, "src", "note-layer-damaged")
        if plane is not None:
            surface.tiles, self._icc = plane.tiles, self._icc or plane.icc
        locked = node.get("scumble:alpha-locked") == "true"
        return PaintLayer(**common, surface=edit.add_surface(surface), recipe=self._recipe(node), alpha_locked=locked)

    def _common(self, document: Document, edit: Transaction, node: Node) -> dict[str, Any]:
        mode = blend_mode(node.get("composite-op", BlendMode.NORMAL.value))
        if mode is None:
            self._notes.append(Note.of("note-mode-unknown", layer=node.get("name"), mode=node.get("composite-op")))
        return {
            "id": document.new_layer_id(),
            "name": node.get("name"),
            "visible": node.get("visibility") != "hidden",
            "opacity": min(max(node.number("opacity", 1.0), 0.0), 1.0),
            "mode": mode or BlendMode.NORMAL,
            "locked": node.get("edit-locked") == "true",
            "mask": self._layer_mask(edit, node),
            "mask_enabled": node.get("scumble:mask-enabled") != "false",
            "clip": node.get("scumble:clip") == "true",
        }

    def _layer_mask(self, edit: Transaction, node: Node) -> SurfaceId | None:
        return _mask_surface(edit, self._decoded(node, "scumble:mask", "note-mask-damaged"))

    def _selections(self, edit: Transaction, root: Node) -> tuple[SavedSelection, ...]:
        found = {}
        for node in _kept_selections(root):
            surface = _mask_surface(edit, self._decoded(node, "scumble:selection", "note-selection-damaged"))
            if surface is not None:
                found[node.get("name")] = surface, _region(node)
        return tuple(SavedSelection(name, *given) for name, given in found.items())

    def _select(self, edit: Transaction, root: Node) -> None:
        plane = self._decoded(root, "scumble:selection", "note-selection-damaged")
        for index, tile in ({} if plane is None else plane.tiles).items():
            edit.write(SELECTION, index)[:] = tile.pixels

    def _decoded(self, node: Node, attribute: str, remark: str) -> Plane | None:
        """A picture of an element; None, with a note, where it is damaged."""
        future = self._pictures.get((node, attribute))
        if future is None or attribute not in node.attributes:
            return None
        return self._or_note(remark, node, future.result)

    def _or_note(self, remark: str, node: Node, read: Callable[[], Plane]) -> Plane | None:
        try:
            return read()
        except (DamagedEntry, PngError) as error:
            self._notes.append(Note.of(remark, layer=node.get("name"), reason=error))
            return None

    def _recipe(self, node: Node) -> Recipe | None:
        name = node.get("scumble:recipe")
        if not name:
            return None
        self._used.add(name)
        try:
            recipe, entries = read_recipe(self._archive.read(name, self._limits.xml), self._kept_whole)
        except (RecipeError, DamagedEntry, PngError) as error:
            self._notes.append(Note.of("note-recipe-unreadable", layer=node.get("name"), reason=error))
            return None
        self._used.update(entries)
        return recipe

    def _kept_whole(self, name: str) -> bytes:
        """A picture of a recipe, which takes memory wherever it is empty, too."""
        data = self._png(name)
        header = read_header(data)
        self._allowance.spend(header.width * header.height * 4 * max(header.depth // 8, 1))
        return data

    def _structure(self, document: Document, root: Node, layers: tuple[Layer, ...]) -> Structure:
        if unknown := {name: value for name, value in root.attributes.items() if _is_unknown(name)}:
            self._kept["image"] = unknown
        dpi = root.number("xres", 72.0)
        return replace(
            document.structure,
            layers=layers,
            icc=self._profile(root) or (b"" if "scumble:version" in root.attributes else self._icc),
            dpi=dpi if dpi > 0 else 72.0,
            frame=_frame(root),
            extras=self._extras(),
        )

    def _profile(self, root: Node) -> bytes:
        name = root.get("scumble:profile")
        self._used.add(name)
        try:
            return self._archive.read(name) if name else b""
        except DamagedEntry:
            return b""

    def _extras(self) -> dict[str, bytes]:
        """Every entry that nothing of ours was made of, as far as there is room for it."""
        extras: dict[str, bytes] = {}
        room = self._limits.extras
        for name in self._archive.names:
            if name in self._used:
                continue
            room -= self._archive.size(name)
            try:
                if room < 0:
                    raise DamagedEntry
                extras[name] = self._archive.read(name)
            except DamagedEntry:
                self._notes.append(Note.of("note-extras-dropped", name=name))
        if self._kept:
            extras[KEPT] = msgspec.json.encode(self._kept)
        return extras


def _mask_surface(edit: Transaction, plane: Plane | None) -> SurfaceId | None:
    if plane is None:
        return None
    surface = Surface.for_mask()
    surface.tiles = plane.tiles
    return edit.add_surface(surface)


def _region(node: Node) -> RegionPrompt | None:
    """What a kept selection asks for, where it is a region."""
    if REGION not in node.attributes:
        return None
    strength = min(max(node.number(f"{REGION}-strength", 1.0), 0.0), 1.0)
    prompt, negative = node.get(f"{REGION}-prompt"), node.get(f"{REGION}-negative")
    return RegionPrompt(prompt, negative, strength, node.get(REGION) != "off")


def _key(root: Node) -> str:
    """The name that no other document has; empty where it is none of ours."""
    key = root.get("scumble:key")
    return key if re.fullmatch("[0-9a-f]{32}", key) else ""


def _frame(root: Node) -> Frame:
    """What leads from the first canvas to this one; nothing does where it makes no sense."""
    try:
        a, b, c, d, e, f = (float(part) for part in root.get("scumble:frame").split())
    except ValueError:
        return FIRST_FRAME
    sane = all(abs(part) < _FURTHEST for part in (a, b, c, d, e, f)) and abs(a * e - b * d) > 1e-6
    return (a, b, c, d, e, f) if sane else FIRST_FRAME


def _kept_selections(root: Node) -> list[Node]:
    return [child for child in root.children if child.tag == KEPT_SELECTION]


def _elements(stack: Node) -> Iterator[Node]:
    """All elements inside a stack."""
    for child in stack.children:
        yield child
        if child.tag == "stack":
            yield from _elements(child)


def _is_unknown(attribute: str) -> bool:
    return attribute not in _KNOWN and not attribute.startswith(_OURS)


def _offset(node: Node, name: str) -> int:
    return min(max(node.integer(name), -_FURTHEST), _FURTHEST)
